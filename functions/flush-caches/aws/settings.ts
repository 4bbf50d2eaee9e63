/** What the tags of a distribution set. */

import { settingsReader, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import { readSpellings, UNSAID, type Spellings } from '../decide.ts';

/** Says which bucket stands behind origins whose names do not: an access point's alias, a domain of one's own. */
export const BUCKET_TAG = 'runbook:flush-bucket';

/** How changes of objects become paths. */
export interface Settings {
  readonly spellings: Spellings;
  /** More paths than this become wildcards; `null`: only where there are more than one request may have. */
  readonly collapseAbove: number | null;
  /** One line for each tag that cannot be read. */
  readonly problems: readonly string[];
}

/** Reads the settings. What cannot be read is said, and counts as not said: nobody is to see old content for a slip. */
export function readSettings(id: string, tags: ReadonlyMap<string, string>): Settings {
  const { read, problems } = settingsReader(id, tags);
  return {
    spellings: read('runbook:flush-index', UNSAID, readSpellings, 'names and ends, as index.html .html, or none'),
    collapseAbove: read<number | null>(
      'runbook:flush-collapse',
      null,
      wholeNumber,
      'a whole number of at most six digits',
    ),
    problems,
  };
}
