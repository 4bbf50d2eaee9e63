/** The place as every `--json` names it. */

import type { Place } from './place.ts';

/** Where a document is from. */
export type PlaceJson = Pick<Place, 'kind' | 'account' | 'alias' | 'region' | 'caller' | 'file'> & {
  readonly now: string;
};

/** What is written of a place. */
export function placeAsJson({ kind, account, alias, region, caller, file, now }: Place): PlaceJson {
  return { kind, account, alias, region, caller, file, now: now() };
}
