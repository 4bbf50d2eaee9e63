/** What interests of several runbooks look at: the requests of a runbook, and promises that each of them makes. */

import type { Interest, Given, Watch } from './interest.ts';
import { outcomesTold } from '../records.ts';
import { changesTheAccount, tookEffect } from '../explorer/effects.ts';
import type { Shape } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';

/** A reading of the kill switch is used for so long; what left before may still take effect a moment later. */
const SWITCH_SECONDS = 10;

/** The requests of a runbook that change the account, whatever they came to. */
export function changesBy(end: SimulationEnd, runbook: string): readonly LoggedRequest[] {
  return end.requests.filter(
    (request) => changesTheAccount(request) && end.invocations[request.invocation]?.runbook === runbook,
  );
}

/** A run ends this soon after its last deed, or it is a durable one that goes on. */
const TELLING_SECONDS = 120;

/** The same, less those of runs that still went on when the world's time was up: what they did, they had yet to tell. */
export function finishedChangesBy(end: SimulationEnd, given: Given, runbook: string): readonly LoggedRequest[] {
  const open = new Set(end.executions.filter(({ endedAt }) => endedAt === undefined).map(({ input }) => input));
  return changesBy(end, runbook).filter(({ at, invocation }) => {
    const isOfOpenRun = open.has(JSON.stringify(end.invocations[invocation]?.event));
    return !isOfOpenRun && given.endMs - Date.parse(at) > TELLING_SECONDS * 1_000;
  });
}

/** What people were told of outcomes: events on the bus, and the log lines that stand where no event could be sent. */
export function tellings(end: SimulationEnd): readonly Shape[] {
  return [...outcomesTold(end.world), ...end.results.map(({ result }): Shape => ({ ...result }))];
}

/** The ids in a member of a request that is a list of them. */
export function idsIn(input: Shape, member: string): readonly string[] {
  const value = input[member];
  return Array.isArray(value) ? value.map(String) : [];
}

/**
 * Whether an instance is being stopped at this moment because the runbook asked for it: only the log of requests knows whose
 * doing a stop is, for its outcome is told later, or never where the run dies.
 */
export function isStoppedBy(
  runbook: string,
  instanceId: string,
  sent: readonly LoggedRequest[],
  nowMs: number,
): boolean {
  return sent.some(
    (request) =>
      request.runbook === runbook &&
      request.call === 'ec2:StopInstances' &&
      request.answeredAt !== undefined &&
      Date.parse(request.answeredAt) === nowMs &&
      tookEffect(request) &&
      idsIn(request.input, 'InstanceIds').includes(instanceId),
  );
}

/** An interest that an invariant of the drills holds already; `excused`: not at this moment, for it was not the runbook's doing. */
export function watching(
  { check }: Watcher,
  excused: (given: Given, nowMs: number) => boolean,
): (given: Given) => Watch {
  return (given: Given): Watch => {
    const memory: { [key: string]: unknown } = {};
    return (world, told, sent) => {
      const found = check(world, memory, told, sent);
      return excused(given, world.clock.now()) ? undefined : found;
    };
  };
}

/** The invariant of this name. Throws for one that there is not. */
export function named(watchers: readonly Watcher[], name: string): Watcher {
  const found = watchers.find((watcher) => watcher.name === name);
  if (found === undefined) throw new Error(`there is no invariant ${name}`);
  return found;
}

/**
 * A promise of each page: while the switch is on nothing is changed.
 * @param without what the page says of a run that cannot read the switch
 */
export function nothingWhileSwitchedOff(runbook: string, quotes: string, without: 'proceeds' | 'refuses'): Interest {
  return {
    name: 'nothing-while-switched-off',
    quotes,
    end: (end, given) => {
      const blind = without === 'proceeds' ? blindInvocations(end) : new Set<number>();
      // A switch that is in a lost ledger cannot be read.
      return (given.case.surroundings.ledgerLost ? [] : changesBy(end, runbook))
        .filter(({ at, invocation }) => !blind.has(invocation) && isLongSwitchedOff(given, Date.parse(at)))
        .map(({ call, at }) => `${call} was sent at ${at}, more than ${SWITCH_SECONDS} s after the switch was thrown`);
    },
  };
}

/** Invocations that asked for the switch and were not told. */
function blindInvocations({ requests }: SimulationEnd): ReadonlySet<number> {
  const unanswered = requests.filter(({ call, error }) => call === 'ledger:switches' && error !== undefined);
  return new Set(unanswered.map(({ invocation }) => invocation));
}

function isLongSwitchedOff(given: Given, atMs: number): boolean {
  return given.isSwitchedOff(atMs) && given.isSwitchedOff(atMs - SWITCH_SECONDS * 1_000);
}

function isDry(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'dryRun' in event && event.dryRun === true;
}

/** A promise of each page: who only asks for the plan changes nothing. */
export function dryRunsChangeNothing(runbook: string, quotes: string): Interest {
  return {
    name: 'dry-runs-change-nothing',
    quotes,
    end: (end) =>
      changesBy(end, runbook)
        .filter(({ invocation }) => isDry(end.invocations[invocation]?.event))
        .map(({ call, at }) => `${call} was sent at ${at} by a dry run`),
  };
}
