/** `runbook status`, and what `runbook` alone shows: is it over, what changed, must I act? */

import { indented, widthOf } from '../../layout.ts';
import { EXIT } from '../../results.ts';
import { paintFor, type CommandIo } from '../../terminal.ts';
import { ownVersion } from '../../../build/source-version.ts';
import { nextLine } from '../command-line.ts';
import type { Place } from '../place.ts';
import { placeAsJson } from '../place-as-json.ts';
import { schedulesOf } from '../schedules.ts';
import { readStack } from './readings.ts';
import { stackStatus, type StackStatus } from './stack-status.ts';
import { stackLines } from './status-text.ts';
import { shortsIn, verdictOf } from './verdict.ts';

/** Asks all stacks side by side. */
async function statuses(io: CommandIo, place: Place, own: string): Promise<readonly StackStatus[]> {
  const now = place.now();
  const functions = await io.functions();
  const schedules = schedulesOf(functions.map(({ summary }) => summary));
  return Promise.all(
    place.stacks.map(async (stack) =>
      stackStatus(stack, await readStack(stack, now), { now, ownVersion: own, schedules }),
    ),
  );
}

/** Prints how the stacks of a place stand. Ends with 0 when nobody has to act, and with 1 when somebody has, or it cannot be known. */
export async function status(io: CommandIo, place: Place, { json }: { readonly json: boolean }): Promise<number> {
  const own = ownVersion();
  const stacks = await statuses(io, place, own);
  const verdict = verdictOf(place, stacks);
  const code = verdict.act ? EXIT.failed : EXIT.ok;
  if (json) {
    io.stdout.write(`${JSON.stringify({ place: placeAsJson(place), stacks, verdict }, null, 2)}\n`);
    return code;
  }
  const paint = paintFor(io.stdout, io.env);
  const width = widthOf(io.stdout);
  const all = nextLine(place, 'runs', '--since', '24h');
  const telling = { now: place.now(), width, paint, shorts: shortsIn(stacks), all };
  // A world is never deployed.
  const how = { isNamed: stacks.length > 1, isLive: place.kind === 'live', ownVersion: own };
  const lines = stacks.flatMap((stack) => stackLines(telling, stack, how));
  const colour = verdict.act ? paint.red : verdict.over ? paint.green : paint.cyan;
  const conclusion = [
    ...indented(0, [verdict.text, colour], width),
    // To be pasted: it stays unbroken, whatever the width.
    ...(verdict.next === null ? [] : [`  ${verdict.next}`]),
  ];
  io.stdout.write(`${[...lines, '', ...conclusion].join('\n')}\n`);
  return code;
}
