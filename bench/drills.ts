/** API calls and dependent round trips of every drill, ledger and checkpoints included. */

import { join } from 'node:path';
import { ROOT } from '../build/cloudformation.ts';
import { discoverFunctions } from '../rehearsal/functions.ts';
import { loadDrills, runDrill } from '../rehearsal/drill.ts';
import { isOfOwnState } from '../simulator/engine/own-state.ts';
import { NO_FAULTS, type LoggedRequest } from '../simulator/engine/run-types.ts';

/** Figures of one drill. */
export interface DrillFigures {
  readonly name: string;
  readonly invocations: number;
  readonly reads: number;
  readonly writes: number;
  /** Longest chain of requests, each of which had to wait for the one before, in any one invocation. */
  readonly depth: number;
  /** Round trips that had to end before the first write to the account (not the ledger, not a checkpoint); `undefined`: nothing was written. */
  readonly tripsBeforeFirstWrite: number | undefined;
}

function isBookKeeping({ call }: LoggedRequest): boolean {
  return (
    call.startsWith('ledger:') || call.startsWith('dynamodb:') || isOfOwnState(call) || call === 'events:PutEvents'
  );
}

/** Counts the requests of one run. */
function countRequests(requests: readonly LoggedRequest[]): Omit<DrillFigures, 'name' | 'invocations'> {
  const first = requests.find((request) => request.kind === 'write' && !isBookKeeping(request));
  return {
    reads: requests.filter(({ kind }) => kind === 'read').length,
    writes: requests.filter(({ kind }) => kind === 'write').length,
    depth: Math.max(0, ...requests.map(({ depth }) => depth)),
    tripsBeforeFirstWrite: first === undefined ? undefined : first.depth - 1,
  };
}

/** Runs every drill once, without faults, and counts. Throws when one cannot be run to its end. */
export async function measureDrills(): Promise<DrillFigures[]> {
  const functions = await discoverFunctions(join(ROOT, 'functions'));
  const figures: DrillFigures[] = [];
  for (const drill of loadDrills(join(ROOT, 'drills'))) {
    const { result } = await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS });
    if (result.error !== undefined) throw result.error;
    figures.push({ name: drill.name, invocations: result.invocations.length, ...countRequests(result.requests) });
  }
  return figures;
}
