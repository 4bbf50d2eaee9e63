/** Builders of facts for the tests of `reassign-elastic-ip`: a healthy pair of instances, and what may change about them. */

import type { History } from '../../../shared/kernel/decision.ts';
import type { HookFacts } from '../../../shared/judgement/hooks.ts';
import type { Membership, PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import type {
  AddressFacts,
  AlarmFacts,
  Ask,
  ElasticIpLimits,
  EventTrigger,
  Facts,
  Machine,
  MoveAsk,
} from '../../../functions/reassign-elastic-ip/decide.ts';

export const NOW = '2026-11-22T08:00:00.000Z';

/** The moment so many seconds before `NOW`. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

export const LIMITS: ElasticIpLimits = {
  maxAgeSeconds: 900,
  cooldownSeconds: 300,
  maxBootSeconds: 900,
  doubtSeconds: 180,
  quarantineSeconds: 1_800,
  unledgeredSeconds: 900,
  echoSeconds: 30,
  baselineSeconds: 3_600,
  yieldSeconds: 45,
};

export const OK = { system: 'ok', instance: 'ok', attachedEbs: 'ok' } as const;
export const IMPAIRED = { system: 'ok', instance: 'impaired' } as const;
export const DARK = { system: 'insufficient-data', instance: 'insufficient-data' } as const;
export const BOOTING = { system: 'initializing', instance: 'initializing' } as const;

/** A free primary private address of a first interface. */
export function slot(interfaceId: string, privateIp: string, change: Partial<PrivateSlot> = {}): PrivateSlot {
  return {
    interfaceId,
    privateIp,
    networkCardIndex: 0,
    deviceIndex: 0,
    isPrimary: true,
    ordinal: 0,
    elasticIp: null,
    amazonIp: null,
    isOfPod: false,
    ...change,
  };
}

/** `i-a` in zone a, `i-b` in zone b, and so on; each with one interface and one free private address. */
export function machine(letter: string, change: Partial<Machine> = {}): Machine {
  return {
    id: `i-${letter}`,
    state: 'running',
    launchedAt: ago(86_400),
    zone: `eu-west-1${letter}`,
    zoneState: 'available',
    borderGroup: 'eu-west-1',
    checks: OK,
    spot: 'no',
    membership: null,
    slots: [slot(`eni-${letter}`, `10.0.${letter.charCodeAt(0)}.5`)],
    vip: 'web',
    outpost: null,
    priority: 100,
    quarantinedAt: null,
    volumesComplete: true,
    probe: 'none',
    scheduled: [],
    unreadable: null,
    ...change,
  };
}

export function membership(change: Partial<Membership> = {}): Membership {
  return {
    group: 'web-asg',
    lifecycleState: 'InService',
    healthy: true,
    volumeSet: null,
    mayBeFenced: false,
    ...change,
  };
}

/** On `i-a`, nothing asked for. */
export function address(change: Partial<AddressFacts> = {}): AddressFacts {
  return {
    allocationId: 'eipalloc-1',
    publicIp: '203.0.113.10',
    vip: 'web',
    borderGroup: 'eu-west-1',
    isCustomerOwned: false,
    association: { instanceId: 'i-a', interfaceId: 'eni-a', privateIp: '10.0.97.5' },
    wish: null,
    fence: 'none',
    probeTag: null,
    probe: 'none',
    failbackMinutes: null,
    movedAt: null,
    moves: 0,
    announcedTo: null,
    announcedFrom: null,
    announcedLoser: null,
    problems: [],
    ...change,
  };
}

export function history(change: Partial<History> = {}): History {
  return { epoch: 1, actions: [], memory: {}, ...change };
}

/** A person's wish to have it on `to`. */
export function moveTo(to: string, change: Partial<MoveAsk> = {}): MoveAsk {
  return { kind: 'move', to, privateIp: null, interface: null, force: false, ...change };
}

export function event(
  trigger: EventTrigger,
  instanceId = 'i-a',
  change: Partial<Extract<Ask, { kind: 'event' }>> = {},
): Ask {
  return { kind: 'event', trigger, instanceIds: [instanceId], raised: true, alarmNames: [], ...change };
}

export function serviceAlarm(instanceId: string, change: Partial<AlarmFacts> = {}): AlarmFacts {
  return { name: 'http-errors', kind: 'service', instanceIds: [instanceId], updatedAt: ago(60), ...change };
}

export function hook(
  transition: HookFacts['transition'],
  instanceId: string,
  change: Partial<HookFacts> = {},
): HookFacts {
  return { group: 'web-asg', hook: 'address', instanceId, transition, token: 'token-1', toWarmPool: false, ...change };
}

/** `i-a` holds the address and `i-b` stands by, both good; a reconcile with an empty history. */
export function facts(change: Partial<Facts> = {}): Facts {
  return {
    ask: { kind: 'reconcile' },
    address: address(),
    siblings: [],
    instances: [machine('a'), machine('b')],
    hooks: [],
    hookUnseen: false,
    alarms: [],
    history: history(),
    ...change,
  };
}
