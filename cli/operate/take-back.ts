/** The line that has a runbook take its own run back, as every command offers it. */

import type { JsonObject } from '../../shared/kernel/decision.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { idOf } from '../results.ts';
import type { Guarded } from '../show.ts';
import { inStack, nextLine } from './command-line.ts';
import type { Place, Stack } from './place.ts';
import { each, readOr, tried } from './reading.ts';
import { recordOf } from './show/record.ts';

/** Of a world they are those of the account that it was read from: whoever pastes them changes that. */
export function bareCalls({ kind }: Pick<Place, 'kind'>): string {
  return kind === 'world'
    ? 'call by call, in the account that this world is of; nothing guards them'
    : 'call by call; nothing guards them';
}

type Key = Pick<RunResult, 'runbook' | 'run' | 'target'>;

/** The request that takes a run back, as its record has it; `undefined`: it has none. */
export function takeBackRequest({ target = '', ...key }: Key, body: JsonObject): JsonObject | undefined {
  return recordOf({ ...key, target, at: '' }, body).undoRequest;
}

/** What takes each of these results back, by their records. */
export async function guardedIn<T extends Key>(
  place: Place,
  stack: Stack,
  results: readonly T[],
): Promise<(result: T) => Guarded | undefined> {
  const home = inStack(place, stack.prefix);
  const found = await each(results, async (result): Promise<[T, Guarded | undefined]> => {
    const { runbook, run, target = '' } = result;
    const body = readOr(await tried(() => stack.book.read({ runbook, run, target })), undefined);
    const request = body === undefined ? undefined : takeBackRequest(result, body);
    const meant = results.length > 1 && target !== '' ? `${run}/${idOf(target)}` : run;
    const line = request === undefined ? undefined : nextLine(home, 'undo', meant);
    const intro = 'to take it back, paste:';
    return [result, line === undefined ? undefined : { line, intro, bare: `or ${bareCalls(place)}` }];
  });
  const known = new Map(found);
  return (result) => known.get(result);
}
