/** What can be wrong with a run under faults beside how it ended: silences, dead letters, deeds without the ledger. */

import { nameInArn } from '../../shared/aws/arn.ts';
import { isCounted } from '../alarms.ts';
import { codeOf } from '../expect.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { DeployedFunction, FaultKind, FaultPlan } from '../../simulator/engine/run-types.ts';
import type { TimedEvent } from '../../simulator/world/world-file.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import { changesTheAccount, tookEffect } from './effects.ts';
import { tellings, type Telling } from './told.ts';

/** A run given to Lambda is tried three times; fewer faults than that cannot use them up. */
const LAMBDA_ATTEMPTS = 3;

/**
 * Who acts says so, whatever happens to the run that acted. What a dead run was about stands in the ledger, beside its
 * lease: without either only the alarm on the function's errors tells of it. `given`: the text of the world before the run.
 */
export function silences(without: SimulationEnd, end: SimulationEnd, plan: FaultPlan, given: string): string[] {
  const isUnrecorded = plan.ledgerLost || plan.leasesGrantedToAll;
  if (isUnrecorded && end.invocations.some(({ ended }) => ended === 'died')) return [];
  const acted = without.results.filter(({ result }) => result.outcome === 'done');
  if (acted.length === 0) return [];
  const told = tellings(end);
  // What was launched or made in the run has another id in another run.
  const isMade = (target: unknown): boolean => typeof target === 'string' && !given.includes(`"${nameInArn(target)}"`);
  const isAbout = (one: Telling, target: unknown): boolean =>
    one.target === target || (isMade(target) && isMade(one.target));
  const untold = acted.filter(
    ({ result: { runbook, target } }) => !told.some((one) => one.runbook === runbook && isAbout(one, target)),
  );
  return untold.map(
    ({ result: { runbook, target, reason } }) =>
      `${runbook} said nothing of what it did to ${target ?? 'its target'} (${codeOf({ reason })}): no log line, record or event with another outcome than nothing`,
  );
}

/** Whether a schedule calls the function. */
export function isScheduled({ summary }: DeployedFunction): boolean {
  return summary.triggers.some(({ schedule }) => schedule !== undefined);
}

/** Whether a person asks, and nobody else: what is refused to him he has to ask for again. */
function isByHand(events: readonly TimedEvent[]): boolean {
  return events.length > 0 && events.every(({ event }) => isRecord(event) && typeof event['runbook'] === 'string');
}

/**
 * An event that used up its attempts, or was refused for want of the ledger, of a function that no schedule calls: nobody
 * is left to reach the goal, and an alarm has said so. Nor does a schedule ask for what a person was refused, where nothing was begun.
 */
export function isGivenUp(
  end: SimulationEnd,
  without: SimulationEnd,
  functions: readonly DeployedFunction[],
  events: readonly TimedEvent[],
): boolean {
  const dead = end.deadLetters.slice(without.deadLetters.length).map(({ runbook }) => runbook);
  const refused = end.results
    .filter(({ result }) => result.outcome === 'refused' && codeOf(result) === 'ledger-lost')
    .map(({ result }) => result.runbook);
  if (isByHand(events) && refused.length > 0) return true;
  const left = new Set([...dead, ...refused]);
  return functions.some((fn) => left.has(fn.summary.name) && !isScheduled(fn));
}

/** Events in the dead letters that the faults of the plan do not explain. */
export function deadLetters(
  end: SimulationEnd,
  without: SimulationEnd,
  plan: FaultPlan,
  functions: readonly DeployedFunction[],
): string[] {
  // What a runbook keeps in the ledger it cannot decide without: it fails, is tried again, and is buried at last.
  const needing = functions.filter(({ summary }) => summary.ledgerLost === 'refuse').map(({ summary }) => summary.name);
  const unexplained = end.deadLetters.filter(({ runbook }) => !plan.ledgerLost || !needing.includes(runbook));
  // An event that cannot be handled at all fails each time it is delivered.
  const known = without.deadLetters.length * (1 + plan.duplicates.length);
  if (unexplained.length <= known || plan.points.length >= LAMBDA_ATTEMPTS) return [];
  const [first] = unexplained.slice(known);
  return [
    `an event of ${first?.runbook ?? 'a runbook'} ended in the dead letters after ${plan.points.length} faults: ${first?.error ?? ''}`,
  ];
}

/** Events that ended in the dead letters although no run of the runbook has said that it failed. */
export function silentDeadLetters(end: SimulationEnd, without: SimulationEnd): string[] {
  const failed = new Set(tellings(end).flatMap(({ runbook, outcome }) => (outcome === 'failed' ? [runbook] : [])));
  const silent = end.deadLetters.slice(without.deadLetters.length).filter(({ runbook }) => !failed.has(runbook));
  return silent.map(
    ({ runbook, error }) => `an event of ${runbook} ended in the dead letters, and no outcome says why: ${error}`,
  );
}

/**
 * Failures that no alarm tells: a run that failed, a ledger that did not answer, an outcome that could not be published. An
 * event that could not be read is for the morning.
 */
export function unheard(end: SimulationEnd, { ledgerLost }: FaultPlan): string[] {
  const failed = end.results.filter(({ result }) => result.outcome === 'failed');
  const unreadable = failed.filter(({ result }) => codeOf(result) === 'bad-input');
  const isChoreLeft = end.lines.some((line) => line.includes('"message":"chore failed"'));
  // A run that has no target looks whether the ledger answers, and wants nothing of it.
  const hasTarget = end.results.some(({ result }) => result.target !== undefined);
  const asked = hasTarget && end.requests.some(({ call }) => call.startsWith('ledger:'));
  const pages = [
    ...(failed.length > unreadable.length ? ['a run that failed'] : []),
    ...(ledgerLost && asked ? ['a ledger that did not answer'] : []),
    ...(isChoreLeft ? ['what could not be told of a run'] : []),
  ];
  return [
    ...(pages.length > 0 && !isCounted(end, 'Page') ? pages.map((what) => `no alarm pages anybody for ${what}`) : []),
    ...(unreadable.length > 0 && !isCounted(end, 'Look') ? ['no alarm says that an event could not be read'] : []),
  ];
}

/** Invocations that ran out of time. */
export function overruns({ invocations }: SimulationEnd): string[] {
  return invocations
    .filter(({ ended }) => ended === 'timed-out')
    .map(({ runbook, index }) => `${runbook} ran out of time (invocation ${index}) instead of ending by itself`);
}

/** Targets that one run has side by side, at most. */
export function abreast({ results }: SimulationEnd): number {
  const targets = new Map<string, Set<string>>();
  for (const { result } of results)
    targets.set(result.run, (targets.get(result.run) ?? new Set()).add(result.target ?? ''));
  return Math.max(1, ...[...targets.values()].map(({ size }) => size));
}

/** Changes of the account by runbooks that refuse to act without their ledger. */
export function actedAllTheSame(end: SimulationEnd, refusing: ReadonlySet<string>): string[] {
  const writes = end.requests.filter(
    (request) => changesTheAccount(request) && refusing.has(end.invocations[request.invocation]?.runbook ?? ''),
  );
  return writes.map(
    ({ call, index }) => `${call} was sent without the ledger (request ${index}) by a runbook that refuses without it`,
  );
}

const ANOTHER_STORY: ReadonlySet<FaultKind> = new Set(['refused', 'world-moves']);

/** Whether a person is asked for every plan, and approves. */
export function isApproved({ approval }: Pick<FaultPlan, 'approval'>): boolean {
  return approval === 'given' || approval === 'twice';
}

/** Whether somebody says no, or the account is not the same any more: the end may be another than without faults. */
export function isAnotherStory({ points, approval }: FaultPlan): boolean {
  const isDenied = approval !== undefined && !isApproved({ approval });
  return isDenied || points.some(({ kind }) => ANOTHER_STORY.has(kind));
}

/** Leases that stand at the end of a run whose repeats and schedules are over: nobody can act until they expire. */
export function heldForEver({ ledger, world }: SimulationEnd): string[] {
  const now = world.clock.iso();
  const held = ledger.resources.filter(({ owner, until = '' }) => owner !== undefined && until > now);
  return held.map(({ resource, until = '' }) => `the lease on ${resource} is held at the end, until ${until}`);
}

/** Changes of the account that nobody approved of, where every plan needs it. */
export function unapproved({ requests }: SimulationEnd, { approval }: FaultPlan): string[] {
  if (approval === undefined || isApproved({ approval })) return [];
  const changes = requests.filter((request) => changesTheAccount(request) && tookEffect(request));
  return changes.map(({ call, index }) => `${call} was sent (request ${index}) and nobody had approved of it`);
}

function storyOf({ timeline, requests }: SimulationEnd): string {
  return JSON.stringify([timeline, requests.map(({ call, at, input }) => [call, at, input])]);
}

/** Two runs of the same seed that are not the same: comparing ends means something only if nothing but the faults makes a difference. */
export function unrepeatable(one: SimulationEnd, other: SimulationEnd): string[] {
  return storyOf(one) === storyOf(other)
    ? []
    : [
        'the same seed gave two different runs: something in the code reads the real clock, the real Math.random or state of the module',
      ];
}
