/** What people have at stake in being told: that a job waits, and that nodes stand that nobody knows. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { diaryOf, type Spell } from './diary.ts';
import { RUNBOOK } from './scene.ts';

/** When people were told to look at a fleet, or that nothing is done for it: milliseconds. */
function attentionTo({ lines }: SimulationEnd, fleet: string): readonly number[] {
  return lines.flatMap((line) => {
    if (!line.includes(`launch-template/${fleet}"`) || !/"(?:Attention|Refused|Failed)":1/u.test(line)) return [];
    const read: unknown = JSON.parse(line);
    const header = isRecord(read) ? read['_aws'] : undefined;
    const isOurs = isRecord(read) && read['Runbook'] === RUNBOOK && isRecord(header);
    return isOurs && typeof header['Timestamp'] === 'number' ? [header['Timestamp']] : [];
  });
}

function untold(end: SimulationEnd, given: Given, what: Spell['what'], seconds: number): readonly Spell[] {
  return diaryOf(given)
    .all()
    .filter((spell) => spell.what === what && spell.untilMs - spell.fromMs >= given.allowing(seconds) * 1_000)
    .filter(({ fleet, fromMs, untilMs }) => !attentionTo(end, fleet).some((ms) => ms >= fromMs && ms <= untilMs));
}

function minutes({ fromMs, untilMs }: Spell): number {
  return Math.floor((untilMs - fromMs) / 60_000);
}

/** Half an hour from the first refusal, which comes once a count has settled. */
const DRY_SECONDS = 1_800 + 300;

/** So long a fleet may have something else to say. */
const UNKNOWN_SECONDS = 2_400;

/** What people have at stake in being told. */
export const OF_TELLING: readonly Interest[] = [
  {
    name: 'people-are-told-of-jobs-that-wait',
    quotes: 'people are told once that has lasted half an hour',
    end: (end, given) =>
      untold(end, given, 'short', DRY_SECONDS).map(
        (spell) => `a job of ${spell.fleet} waited for ${minutes(spell)} minutes, and nobody was told`,
      ),
  },
  {
    name: 'people-are-told-of-strangers',
    quotes: "instances with the fleet's tag that no gang of the ledger knows",
    end: (end, given) =>
      untold(end, given, 'strangers', UNKNOWN_SECONDS).map(
        (spell) => `nodes of no gang stood for ${minutes(spell)} minutes beside ${spell.fleet}, and nobody was told`,
      ),
  },
];
