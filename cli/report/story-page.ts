/** `runbook show RUN --html FILE`. */

import { callerText } from '../operate/header.ts';
import type { Place } from '../operate/place.ts';
import type { Story } from '../operate/show/story.ts';
import { wholeMoment } from '../operate/times.ts';
import { reasonParts } from '../results.ts';
import { storyReport } from './of-story.ts';
import { reportPage } from './page.ts';
import { receiptOfEndings } from './rehearsed.ts';

/** How the page is made. */
export interface StoryPageOptions {
  readonly place: Place;
  /** Bodies of messages and user data are shown. */
  readonly isShown: boolean;
  /** The folder of the drills. */
  readonly drills: string;
}

function placeText({ kind, account, alias, region, file }: Place): string {
  if (kind === 'world') return `${file ?? '?'}, ${account} ${region}`;
  return `${account}${alias === null ? '' : ` (${alias})`} ${region}`;
}

/** The page of a run. */
export function storyPage(story: Story, { place, isShown, drills }: StoryPageOptions): string {
  const endings = story.records.map(({ runbook, outcome, reason }) => ({
    runbook,
    outcome,
    code: reasonParts(reason)[0],
  }));
  // A world is run by the sources of this very tree.
  const receipt = receiptOfEndings(story.found.stack.version, endings, drills, place.kind === 'world');
  const report = storyReport(story, { place, receipt, isShown });
  const hidden = isShown ? '' : ' Bodies of messages and user data are left out.';
  return reportPage(
    {
      title: `${report.title}: ${report.verdict.over}`,
      kind: place.kind === 'world' ? 'WORLD' : 'LIVE',
      place: placeText(place),
      footer: `Written by runbook show for ${callerText(place.caller)}, as of ${wholeMoment(place.now())}.${hidden}`,
    },
    report,
  );
}
