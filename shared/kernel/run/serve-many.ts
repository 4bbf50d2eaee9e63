/** Serves more targets than a durable execution has operations for, as many as there is room for; the rest is named, and left to the next run. */

import type { Host } from '../hosts/host.ts';
import { reportLeft } from '../report/left.ts';
import type { RunEnd } from '../report/result.ts';
import type { Place, RunContext } from './context.ts';
import { roomIn } from './room.ts';
import { makeRounds } from './rounds.ts';
import { endOf, runAll } from './serve.ts';
import type { TargetEnd } from './target-run.ts';

/** Serves them, in their order. */
export async function serveMany<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
): Promise<RunEnd> {
  const isTooMany = fitting(host, places).length < places.length;
  const { results, others } = isTooMany ? await makeRounds(context, host, places) : { results: [], others: places };
  const { ends, left } = await runInWaves(context, host, others);
  const targets = left.map((place) => place.located.target);
  const named = left.length === 0 ? [] : await reportLeft({ ...context, host }, targets, others.length - left.length);
  const { failure, results: own } = endOf(ends);
  return { results: [...results, ...own, ...named], failure };
}

/** The first of them that there is room for at the same time; one is always tried. */
function fitting<Seen extends object>(host: Host, places: readonly Place<Seen>[]): readonly Place<Seen>[] {
  let room = roomIn(host);
  const tooMany = places.findIndex(({ operations }, index) => {
    room -= operations;
    return room < 0 && index > 0;
  });
  return tooMany === -1 ? places : places.slice(0, tooMany);
}

interface Waves<Seen extends object> {
  readonly ends: readonly TargetEnd[];
  readonly left: readonly Place<Seen>[];
}

/**
 * Runs on as many targets as there is room for at the same time; and when they have ended on more, with the operations that they
 * did not need, until there is no room for a whole run.
 */
async function runInWaves<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
): Promise<Waves<Seen>> {
  const ends: TargetEnd[] = [];
  let left = places;
  for (let wave = 0; left.length > 0; wave += 1) {
    const [first] = left;
    const hasRoom = roomIn(host) >= (first?.operations ?? 0);
    if (wave > 0 && !hasRoom) break;
    const served = fitting(host, left);
    ends.push(...(await runAll(context, host, wave === 0 ? 'targets' : `targets:${wave}`, served)));
    left = left.slice(served.length);
  }
  return { ends, left };
}
