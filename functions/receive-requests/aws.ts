/** Reads and writes for `receive-requests`. Behind it, in `aws/`: what a run is started with (`requests`), and the `windows`. */

import { executionName, durableFunction, startExecution } from '../../shared/aws/lambda/start-execution.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { classify } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { openData } from '../../shared/kernel/ledger/data.ts';
import { DATA_WRITE, writeOf } from '../../shared/kernel/ledger/planned-write.ts';
import type { Request } from './aws/requests.ts';
import { leftWindows, openWindow, startOf, type LeftWindow } from './aws/windows.ts';
import { MOST_ATTEMPTS, type ChangesFacts, type StartFacts, type WindowFacts } from './decide.ts';

export { GATHERING, LOOK, requestOf, TICK, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<ChangesFacts> | Observed<StartFacts> | Observed<WindowFacts>;

/** What a person is answered about who asks where none is left. */
const NO_WINDOW = 'window/none';

/** A window's name as a target. */
function windowTarget(name: string): string {
  return `window/${name}`;
}

function windowSeen(left: LeftWindow | undefined, { run }: Io): Seen {
  if (left === undefined) return { kind: 'window', run, row: null, attempt: 0, start: null, isStarted: false };
  if ('fault' in left) throw left.fault;
  const { row, attempt, isStarted } = left;
  const start = attempt > MOST_ATTEMPTS ? null : startOf(row, attempt);
  return { kind: 'window', run, row, attempt, start, isStarted };
}

function windowLocated(left: LeftWindow, io: Io): Located<Seen> {
  const target = windowTarget(left.name);
  return 'fault' in left ? { target, fault: classify(left.fault) } : { target, facts: windowSeen(left, io) };
}

/** The bucket whose objects have changed, what a request is for; for the schedule the windows that are left. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  if (request.kind === 'changes') return [{ target: `arn:aws:s3:::${request.bucket}` }];
  if (request.kind === 'start')
    return [{ target: [request.request.runbook, request.request.target ?? []].flat().join('/') }];
  const left = await leftWindows(io);
  if (left.length === 0 && request.isAsked) return [{ target: NO_WINDOW, facts: windowSeen(undefined, io) }];
  return left.map((each) => windowLocated(each, io));
}

async function changesSeen({ bucket, changes }: Extract<Request, { kind: 'changes' }>, io: Io): Promise<Seen> {
  // By when the run began: a later look is to find what the one before it has written.
  const { attempt, ...seen } = await openWindow(bucket, changes, io.begunAt, io);
  return { kind: 'changes', bucket, run: io.run, ...seen, start: startOf(seen.window, attempt) };
}

/** Reads what the ledger has of it, and how its execution stands. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  if (request.kind === 'changes') return changesSeen(request, io);
  if (request.kind === 'start') {
    const { request: asked, delivery } = request;
    const start = {
      FunctionName: durableFunction(asked.runbook),
      DurableExecutionName: executionName(asked.runbook, asked.target ?? '', delivery),
      Payload: asked,
    };
    return { kind: 'start', start };
  }
  const left = await leftWindows(io);
  return windowSeen(
    left.find(({ name }) => windowTarget(name) === target),
    io,
  );
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'lambda:Invoke': startExecution,
};

/** Reads back what was written: this version, or one that somebody has written on top of it. What was started its own record tells. */
export async function verify(_target: string, plan: readonly PlannedCall[]): Promise<Verification> {
  for (const { call, input } of plan) {
    if (call !== DATA_WRITE) continue;
    const { partition, key, ifVersion } = writeOf(input);
    const item = await openData().read(partition, key);
    if ((item?.version ?? 0) <= ifVersion) return { ok: false, why: `${partition}/${key} is not there` };
  }
  return { ok: true };
}
