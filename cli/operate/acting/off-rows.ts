/** What a kill switch is to say when somebody turns it off that is off already, or is going to be. Pure. */

import { switchStanding, type DatedSwitch } from '../row-standing.ts';

/** Whether what stands there stops all that the other one would. */
function covers(standing: DatedSwitch, asked: DatedSwitch): boolean {
  const { from = '', until } = standing;
  const beginsInTime = Date.parse(from || standing.at) <= Date.parse(asked.from ?? asked.at);
  const lastsLongEnough =
    until === undefined || (asked.until !== undefined && Date.parse(asked.until) <= Date.parse(until));
  return beginsInTime && lastsLongEnough;
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  return Date.parse(one) < Date.parse(other) ? one : other;
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  return Date.parse(one) > Date.parse(other) ? one : other;
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
