/** What the writes of a run came to: which took effect, and whether any did so more often than without faults. */

import { FOR_ALL, type PermittedSurplus, type Rules } from '../equivalence.ts';
import { isOfOwnState } from '../../simulator/engine/own-state.ts';
import {
  called,
  type FaultKind,
  type FaultPlan,
  type LoggedRequest,
  type SimulationResult,
} from '../../simulator/engine/run-types.ts';

/** A minute of throttled checkpoints repeats a step that often: after 1, 2, 4, 8, 16 and 32 s. */
const REPEATS_IN_A_MINUTE = 6;
const NO_EFFECT: ReadonlySet<FaultKind> = new Set([
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'lock-conflict',
  'died-before',
  'refused',
]);
/** After these the sender hears of an error, and the effect happened. */
const DONE_ALL_THE_SAME: ReadonlySet<FaultKind> = new Set(['reply-lost', 'effect-throws']);

/** What the sender hears of instead; any other error is the service's own refusal. */
const LOST_ANSWERS: ReadonlySet<string> = new Set(['TimeoutError', 'TypeError']);

/** Whether a write was carried out by the service, whatever its sender heard of it. */
export function tookEffect({ kind, fault, error }: LoggedRequest): boolean {
  if (kind !== 'write' || (fault !== undefined && NO_EFFECT.has(fault))) return false;
  if (error === undefined || error === 'AbortError') return true;
  return fault !== undefined && DONE_ALL_THE_SAME.has(fault) && LOST_ANSWERS.has(error);
}

/** What passes by itself within the time-out of the message: nobody is told of it. */
const PASSING: ReadonlySet<string> = new Set([
  'sqs:ReceiveMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:ChangeMessageVisibilityBatch',
]);

/** Whether a change of the account is to be told. */
export function isToBeTold(request: LoggedRequest): boolean {
  return changesTheAccount(request) && tookEffect(request) && !PASSING.has(request.call);
}

/** Whether a request changes the account: not the ledger, not a checkpoint, not an outcome event. */
export function changesTheAccount({ call, kind }: LoggedRequest): boolean {
  return kind === 'write' && !/^(?:ledger|events):/u.test(call) && !isOfOwnState(call);
}

/** How often each mutating call took effect, by its words: `ec2:StopInstances in us-east-1`. */
type Counts = ReadonlyMap<string, number>;

/** How often each mutating call of each runbook took effect; calls from outside Lambda stand under no name. */
export type Effects = ReadonlyMap<string, Counts>;

/** Counts the writes of a run that took effect. */
export function effects({ requests, invocations }: Pick<SimulationResult, 'requests' | 'invocations'>): Effects {
  const counts = new Map<string, Map<string, number>>();
  for (const request of requests.filter(tookEffect)) {
    const runbook = invocations[request.invocation]?.runbook ?? '';
    const own = counts.get(runbook) ?? new Map<string, number>();
    const call = called(request);
    own.set(call, (own.get(call) ?? 0) + 1);
    counts.set(runbook, own);
  }
  return counts;
}

/** What a plan gives calls occasion to repeat. */
interface Occasion {
  readonly faults: number;
  readonly duplicates: number;
  /** Whether nothing keeps concurrent runs apart. */
  readonly isLedgerLost: boolean;
}

function occasionOf({ points, duplicates, ledgerLost, leasesGrantedToAll }: FaultPlan): Occasion {
  const repeats = points.map(({ kind }) => (kind === 'throttled-for-a-minute' ? REPEATS_IN_A_MINUTE : 1));
  // A ledger that is throttled for a minute is lost for the run that asks it then; one that grants everything keeps nobody apart.
  const isThrottled = points.some(({ kind }) => kind === 'throttled-for-a-minute');
  return {
    faults: repeats.reduce((sum, count) => sum + count, 0),
    duplicates: duplicates.length,
    isLedgerLost: ledgerLost || leasesGrantedToAll || isThrottled,
  };
}

/** How many more than the usual a permit allows. */
function permittedMore(
  { perFault, againPerDuplicate, againWithoutLedger }: PermittedSurplus,
  { faults, duplicates, isLedgerLost }: Occasion,
  usual: number,
  abreast: number,
): number {
  // Each of the events that nothing keeps apart may come twice.
  const times = (1 + againPerDuplicate * duplicates) * (1 + (isLedgerLost ? againWithoutLedger : 0));
  return perFault * faults * abreast + (times - 1) * Math.max(usual, 1);
}

/** What a disturbed run is measured by. */
export interface Measure {
  readonly plan: FaultPlan;
  /** What is permitted to a runbook beyond what is permitted to all. */
  readonly rulesOf: (runbook: string) => Rules;
  /** Targets that one run has side by side. */
  readonly abreast: number;
}

/** Mutating calls that took effect more often than without faults, beyond the surplus permitted to the runbook that sent them. */
export function surplus(without: Effects, withFaults: Effects, { plan, rulesOf, abreast }: Measure): string[] {
  const occasion = occasionOf(plan);
  return [...withFaults].flatMap(([runbook, counts]) => {
    const permits = [...rulesOf(runbook).surplus, ...FOR_ALL.surplus];
    return [...counts].flatMap(([effect, count]) => {
      // What is permitted is so in every Region.
      const [call = ''] = effect.split(' ');
      const service = call.split(':')[0] ?? '';
      const permit = permits.find((one) => one.call === call || one.call === `${service}:*`);
      const usual = without.get(runbook)?.get(effect) ?? 0;
      const more = permit === undefined ? 0 : permittedMore(permit, occasion, usual, abreast);
      return count <= usual + more
        ? []
        : [`${effect} took effect ${count} times, ${usual} times without faults; permitted are ${more} more`];
    });
  });
}
