/** What a kill switch is to say when somebody turns it off that is off already, or is going to be. Pure. */

import { heldSpan, writtenMs } from '../../../shared/kernel/ledger/rules.ts';
import { switchStanding, type DatedSwitch } from '../row-standing.ts';

/** Whether what stands there stops all that the other one would. What has no times that it could end by stops always. */
function covers(standing: DatedSwitch, asked: DatedSwitch): boolean {
  const span = heldSpan(standing);
  if (span === undefined) return true;
  const endsMs = asked.until === undefined ? Number.POSITIVE_INFINITY : writtenMs(asked.until);
  return span.beginsMs <= writtenMs(asked.from ?? asked.at) && span.endsMs >= endsMs;
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  return writtenMs(one) < writtenMs(other) ? one : other;
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  return writtenMs(one) > writtenMs(other) ? one : other;
}

/**
 * The row to be written; `undefined`: what stands there does all of it. A scope has one row, and off never shortens: from the earlier
 * beginning to the later end, for to stop too long is mended by a word, and to stop too little is not.
 */
export function rowToWrite(
  asked: DatedSwitch,
  standing: DatedSwitch | undefined,
  isReplaced: boolean,
): DatedSwitch | undefined {
  const isOver = standing === undefined || switchStanding(standing, asked.at) === 'over';
  if (isOver || isReplaced) return asked;
  if (covers(standing, asked)) return undefined;
  const { from: _from, until: _until, ...row } = asked;
  const isOnNow = switchStanding(standing, asked.at) === 'stopping';
  const from = isOnNow ? undefined : earlier(asked.from, standing.from);
  const until = later(asked.until, standing.until);
  return { ...row, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}
