/** Which faults can strike which request of a run. */

import { isOfOwnState } from '../../simulator/engine/own-state.ts';
import { changesTheAccount, tookEffect } from './effects.ts';
import type { FaultKind, FaultPoint, LoggedRequest, SimulationResult } from '../../simulator/engine/run-types.ts';

/** How long an older copy of the world can still be read; see the fault `stale-read`. */
const STALE_MS = 60_000;
/** A request that is sent this long after the one before it stands behind a wait. */
const PATIENT_MS = 1_000;

const READ_FAULTS: readonly FaultKind[] = ['throttled', 'throttled-for-a-minute', 'failed-before', 'died-before'];
const WRITE_FAULTS: readonly FaultKind[] = [
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'reply-lost',
  'died-before',
  'died-after',
];
const CHECKPOINT_FAULTS: readonly FaultKind[] = ['throttled', 'died-before', 'died-after'];
/** Writes of the ledger that can lose to another run's; a release that loses has nothing to hand back. */
const CONTESTED: ReadonlySet<string> = new Set(['ledger:acquire', 'ledger:renew']);

function isCheckpoint({ call }: LoggedRequest): boolean {
  return call === 'lambda:CheckpointDurableExecution';
}

function canBeStale(request: LoggedRequest, all: readonly LoggedRequest[]): boolean {
  if (request.kind !== 'read' || /^(?:ledger|lambda):/u.test(request.call)) return false;
  const at = Date.parse(request.at);
  return all.some(
    (write) =>
      write.index < request.index &&
      changesTheAccount(write) &&
      tookEffect(write) &&
      at - Date.parse(write.at) <= STALE_MS,
  );
}

/** A role may have lost its right to any write but the checkpoints of its own host and the telling of an outcome. */
function canBeRefused(request: LoggedRequest): boolean {
  return changesTheAccount(request) || request.call.startsWith('ledger:');
}

function writeFaults(request: LoggedRequest): readonly FaultKind[] {
  return [
    ...WRITE_FAULTS,
    ...(CONTESTED.has(request.call) ? (['lock-conflict'] as const) : []),
    ...(request.inParts === true ? (['entry-failed'] as const) : []),
    ...(canBeRefused(request) ? (['refused'] as const) : []),
  ];
}

/** The faults that can strike a request, whatever run it is of. */
export function faultsOf(request: LoggedRequest, all: readonly LoggedRequest[]): readonly FaultKind[] {
  if (isCheckpoint(request)) return CHECKPOINT_FAULTS;
  if (request.kind === 'write') return writeFaults(request);
  return canBeStale(request, all) ? [...READ_FAULTS, 'stale-read'] : READ_FAULTS;
}

/** A name of a lease's holder, as the ledger's requests have it: `run|target`. */
function ownerIn({ input }: LoggedRequest): string | undefined {
  const lease: unknown = input['lease'];
  const owner: unknown = typeof lease === 'object' && lease !== null ? Reflect.get(lease, 'owner') : input['owner'];
  return typeof owner === 'string' ? owner : undefined;
}

/**
 * The requests at which a lease could be lost behind a run's back: sent while its runbook holds one, and renewing it or first
 * after a wait. Between two requests without a wait no lease runs out.
 */
export function requestsUnderLease({ requests, invocations }: SimulationResult): ReadonlySet<number> {
  const held = new Map<string, Set<string>>();
  const lastAt = new Map<string, number>();
  const found = new Set<number>();
  for (const request of requests) {
    const runbook = invocations[request.invocation]?.runbook ?? '';
    const leases = held.get(runbook) ?? new Set<string>();
    held.set(runbook, leases);
    const at = Date.parse(request.at);
    const isPatient = at - (lastAt.get(runbook) ?? at) >= PATIENT_MS;
    const isOurs =
      !request.call.startsWith('events:') && !isOfOwnState(request.call) && request.call !== 'ledger:release';
    if (leases.size > 0 && isOurs && (isPatient || request.call === 'ledger:renew')) found.add(request.index);
    const owner = ownerIn(request) ?? '';
    if (request.call === 'ledger:acquire') leases.add(owner);
    if (request.call === 'ledger:release') leases.delete(owner);
    lastAt.set(runbook, Date.parse(request.answeredAt ?? request.at));
  }
  return found;
}

/** What an exploration tries at each request, besides what can strike any. */
export interface Reach {
  readonly underLease: ReadonlySet<number>;
  /** An exception in any effect: of the kernel, whatever the runbook. */
  readonly isOfTheKernel: boolean;
}

/** Everything that can go wrong at a request of a run. */
export function pointsAt(request: LoggedRequest, all: readonly LoggedRequest[], reach: Reach): readonly FaultPoint[] {
  const { index } = request;
  const kinds: readonly FaultKind[] = [
    ...faultsOf(request, all),
    ...(reach.isOfTheKernel && !isCheckpoint(request) ? (['effect-throws'] as const) : []),
    ...(reach.underLease.has(index) ? (['lease-stolen'] as const) : []),
  ];
  const moves = request.moves ?? [];
  return [
    ...kinds.map((kind) => ({ request: index, kind })),
    ...moves.map((move) => ({ request: index, kind: 'world-moves' as const, move })),
  ];
}
