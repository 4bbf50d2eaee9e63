/** A fleet of three bastions in three zones, and what is decided on it. */

import {
  decide,
  type BastionLimits,
  type Count,
  type FleetFacts,
  type Group,
  type Host,
  type TargetGroup,
  type TargetHealth,
} from '../../../functions/heal-bastion/decide.ts';
import type { Decision, History, Json, JsonObject, Refusal } from '../../../shared/kernel/decision.ts';

const NOW = '2026-11-30T09:00:00.000Z';
export const TARGET = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/bastion/73e2d6bc24d8a067';

/** So many seconds before now. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

const LIMITS: BastionLimits = {
  maxAgeSeconds: 900,
  maxTargets: 20,
  cooldownSeconds: 0,
  maxActionsPerWindow: 3,
  windowSeconds: 3_600,
  maxLooks: 8,
  maxWaitSeconds: 10_800,
  maxCalls: 4,
  maxBootSeconds: 600,
  doubtSeconds: 90,
  groupSeconds: 600,
  drainSeconds: 150,
  maxSessionSeconds: 3_600,
  maxReplacementSeconds: 1_200,
  retryEndSeconds: 21_600,
};

/** A target that serves, but for what is said. */
export function target(more: Partial<TargetHealth> = {}): TargetHealth {
  return { port: 22, state: 'healthy', reason: null, isShifted: false, ...more };
}

/** Targets in which something is wrong, by what Elastic Load Balancing says. */
export const FAILS = [target({ state: 'unhealthy', reason: 'Target.FailedHealthChecks' })];
export const INITIAL = [target({ state: 'initial', reason: 'Elb.RegistrationInProgress' })];
export const DRAINS = [target({ state: 'draining', reason: 'Target.DeregistrationInProgress' })];

export const IMPAIRED = { system: 'ok', instance: 'impaired' } as const;

/** A host that has served for long, by the letter of its zone; its id is that letter after `i-`. */
export function host(letter: string, more: Partial<Host> = {}): Host {
  return {
    id: `i-${letter}`,
    state: 'running',
    launchedAt: ago(86_400),
    zone: `eu-west-1${letter}`,
    zoneState: 'unknown',
    borderGroup: '',
    checks: { system: 'ok', instance: 'ok' },
    spot: 'no',
    membership: member('InService'),
    slots: [],
    isTagged: false,
    targets: [target()],
    ofOtherGroup: null,
    lastIn: [],
    untoldIn: [],
    drainsIn: [],
    ...more,
  };
}

/** What its group says of a host. */
export function member(lifecycleState: string): NonNullable<Host['membership']> {
  return { group: 'bastion', lifecycleState, healthy: true, volumeSet: null, mayBeFenced: false };
}

/** A host that no group launches. */
export function alone(letter: string, more: Partial<Host> = {}): Host {
  return host(letter, { membership: null, isTagged: true, ...more });
}

/** An instance of the fleet's name that stands by. */
export function standby(letter: string, more: Partial<Host> = {}): Host {
  return alone(letter, { targets: [], ...more });
}

export const GROUP: Group = {
  name: 'bastion',
  isTagged: true,
  checksByElb: false,
  checksByEbs: false,
  goneTargetGroups: [],
  graceSeconds: 180,
  minSize: 1,
  desired: 3,
  zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  suspended: [],
  members: 3,
  isWeighted: false,
};

export const TARGET_GROUP: TargetGroup = {
  name: 'targetgroup/bastion/73e2d6bc24d8a067',
  fleet: 'ops',
  targetType: 'instance',
  healthySeconds: 30,
  checks: { intervalSeconds: 10, unhealthyThreshold: 2, healthyThreshold: 3 },
  resetsUnhealthy: true,
  drainsSeconds: 300,
  resetsDrainedAfterSeconds: null,
  balancer: {
    name: 'net/bastion/50dc6c495c0c9188',
    zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
    isCrossZone: false,
  },
};

const TICK = { kind: 'look', by: 'the schedule', isTick: true } as const;
export const ALARM = { kind: 'look', by: 'alarm bastion-unhealthy', isTick: false } as const;

/** A person who wants a host replaced. */
export function asked(letter: string, why = ''): FleetFacts['ask'] {
  return { kind: 'replace', host: `i-${letter}`, by: 'kim', why };
}

interface Change extends Partial<Omit<FleetFacts, 'targetGroup' | 'history' | 'groups'>> {
  /** Members of the target group that are otherwise; `null`: there is none. */
  readonly targetGroup?: Partial<TargetGroup> | null;
  /** Members of its group that are otherwise; `null`: there is none. */
  readonly group?: Partial<Group> | null;
  readonly groups?: readonly Group[];
  /** What is remembered; by default nothing is. */
  readonly memory?: { readonly [key: string]: string };
  readonly history?: FleetFacts['history'];
  /** What was announced. */
  readonly note?: JsonObject;
}

/** What is known of the fleet. */
function factsOf({ targetGroup = {}, group = {}, groups, memory = {}, history, note, ...more }: Change): FleetFacts {
  const own = group === null ? [] : [{ ...GROUP, ...group }];
  const pending = note === undefined ? {} : { pending: { intent: 'as noted', at: NOW, note } };
  const known: History = { epoch: 1, actions: [], memory, ...pending };
  return {
    target: TARGET,
    ask: TICK,
    run: 'run-1',
    begunAt: NOW,
    targetGroup: targetGroup === null ? null : { ...TARGET_GROUP, ...targetGroup },
    unavailable: null,
    hosts: [host('a'), host('b'), host('c')],
    groups: groups ?? own,
    network: null,
    counting: { documents: [], counts: {} },
    history: history ?? known,
    ...more,
  };
}

/** What is decided of a fleet in which this is otherwise. */
export function decided(change: Change = {}): Decision {
  return decide(factsOf(change), LIMITS, NOW);
}

/** Since when hosts are bad, by their letter, as the memory keeps it. */
export function since(seconds: number, ...letters: readonly string[]): { readonly [key: string]: string } {
  return Object.fromEntries(letters.map((letter) => [`since:i-${letter}`, ago(seconds)]));
}

/** What the runbook notes of a host that it takes out, so many seconds ago. */
export function taken(letter: string, seconds: number, more: JsonObject = {}): JsonObject {
  return {
    host: `i-${letter}`,
    group: 'bastion',
    isByGroup: true,
    ports: [22],
    outAt: ago(seconds),
    run: 'run-1',
    isAsked: false,
    wasHealthy: true,
    askedAt: null,
    endedAt: null,
    inRow: 1,
    ...more,
  };
}

/** A count that was asked for so many seconds ago. */
export function count(seconds: number, more: Partial<Count> = {}): Count {
  return { requestedAt: ago(seconds), status: 'Success', sessions: 0, ...more };
}

/** What AWS, or the ledger, would not do in this run. */
export function saidNo(call: string, input: JsonObject = {}, more: Partial<Refusal> = {}): Refusal {
  return {
    call,
    input,
    meaning: 'refused',
    name: 'OperationNotPermitted',
    message: 'it is protected',
    at: NOW,
    ...more,
  };
}

export const WINDOW_FULL = saidNo('ledger:acquire', {}, { name: 'window' });

/** What a decision comes to in two words. */
export function told({ kind, code }: Decision): string {
  return `${kind} ${code}`;
}

/** The calls of a plan with their inputs; of what plans nothing there are none. */
export function planned(decision: Decision): readonly (readonly [string, Json])[] {
  return decision.kind === 'act' ? decision.plan.map(({ call, input }) => [call, input]) : [];
}
