/** Fleets, gangs and facts as the tests of decisions have them. */

import type {
  Fabric,
  Facts,
  FleetLimits,
  GangRecord,
  LaunchWords,
  Node,
  Rung,
  Settings,
  Template,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import type { History } from '../../../shared/kernel/decision.ts';

export const NOW = '2026-11-22T08:00:00.000Z';

/** So many seconds before `NOW`. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

export const LIMITS: FleetLimits = {
  maxAgeSeconds: 300,
  maxTargets: 50,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 300,
  maxLooks: 10,
  maxWaitSeconds: 600,
  maxCalls: 60,
  maxGangs: 200,
  maxFactsBytes: 240_000,
  maxGangsAtOnce: 10,
  countLagSeconds: 60,
  unseenSeconds: 300,
  orphanSeconds: 600,
  keptSeconds: 600,
  maxFailures: 2,
  maxBootSeconds: 1_800,
  bootSeconds: 300,
  backOffSeconds: 55,
  maxBackOffSeconds: 955,
  drySeconds: 1_800,
  stageBackOffSeconds: 55,
  stageAgainSeconds: 3_600,
  maxStageAgainSeconds: 28_800,
  longStageSeconds: 14_400,
  untakenSeconds: 900,
  longBusySeconds: 3_600,
};

export const RUNG: Rung = {
  instanceType: 'hpc7a.96xlarge',
  subnetId: 'subnet-0a1b2c3d4e5f60718',
  zone: 'eu-west-1a',
  placementGroup: 'cfd-a',
  market: 'on-demand',
  reservation: null,
};

export const SETTINGS: Settings = {
  queue: 'cfd-4',
  nodesPerJob: 4,
  idleSeconds: 'auto',
  ladder: '/hpc/cfd',
  maxNodes: 256,
  attestSeconds: null,
  stageIn: null,
  problems: [],
};

export const TEMPLATE: Template = {
  id: 'lt-0c1d2e3f4a5b60718',
  name: 'cfd-4',
  version: '7',
  imageId: 'ami-0a1b2c3d4e5f60718',
  interfaces: [],
  groups: [],
  says: { market: null, reservation: null, placement: {}, isProtected: false },
};

/** An account in which nothing is wrong with these rungs, and nothing is lacking. */
export function fabricOf(rungs: readonly Rung[]): Fabric {
  const type: Fabric['types'][string] = {
    vcpus: 192,
    usage: ['on-demand', 'spot'],
    strategies: ['cluster', 'partition', 'spread'],
    hasEna: true,
    hasEfa: true,
    maxEfaInterfaces: 2,
    cards: { 0: 2, 1: 2 },
  };
  return {
    image: { state: 'available', platform: 'Linux/UNIX' },
    groups: [],
    types: Object.fromEntries(rungs.map(({ instanceType }) => [instanceType, type])),
    offered: rungs.map(({ instanceType, zone }) => `${instanceType}/${zone}`),
    subnets: Object.fromEntries(rungs.map(({ subnetId }) => [subnetId, { vpcId: 'vpc-1', freeAddresses: 4_000 }])),
    placementGroups: Object.fromEntries(
      rungs.flatMap(({ placementGroup }) =>
        placementGroup === null ? [] : [[placementGroup, { strategy: 'cluster', state: 'available', zones: [] }]],
      ),
    ),
    reservations: Object.fromEntries(
      rungs.flatMap(({ reservation, instanceType, zone, placementGroup }) =>
        reservation === null
          ? []
          : [
              [
                reservation,
                {
                  state: 'active',
                  instanceType,
                  zone,
                  placementGroup,
                  platform: 'Linux/UNIX',
                  tenancy: 'default',
                  isBlock: false,
                  available: 64,
                },
              ],
            ],
      ),
    ),
    quotas: {},
  };
}

/** An id of 32 hexadecimal digits. */
export function gangId(letter: string): string {
  return letter.repeat(32);
}

/** A gang of four that was asked for ten minutes ago, and came up after five. */
export function record(letter: string, more: Partial<GangRecord> = {}): GangRecord {
  return {
    id: gangId(letter),
    version: 2,
    state: 'up',
    nodes: 4,
    queue: 'cfd-4',
    rung: RUNG,
    launch: null,
    askedAt: ago(600),
    upAt: ago(300),
    why: null,
    keptAt: null,
    thinSince: null,
    failure: null,
    noticedAt: null,
    spareAt: null,
    run: 'run-1',
    ...more,
  };
}

/** What a launch is made of besides. */
export function words(seconds: number, more: Partial<LaunchWords> = {}): LaunchWords {
  return { templateVersion: '7', interfaces: [], sentAt: ago(seconds), ...more };
}

/** A gang that was asked for so many seconds ago, and is not up. */
export function launching(letter: string, seconds: number, more: Partial<GangRecord> = {}): GangRecord {
  const launch = words(seconds);
  return record(letter, { state: 'launching', version: 1, launch, askedAt: ago(seconds), upAt: null, ...more });
}

/** The nodes of a gang, one for each state; the first has launch index 0. Nobody protects them. */
export function nodesOf(letter: string, states: readonly string[], more: Partial<Node> = {}): readonly Node[] {
  return states.map((state, launchIndex) => ({
    id: `i-${letter}${launchIndex}`,
    state,
    clientToken: gangId(letter),
    launchIndex,
    isProtected: launchIndex === 0 ? false : null,
    ...more,
  }));
}

export const FOUR = ['running', 'running', 'running', 'running'] as const;

/** What earlier decisions remember. */
export function history(memory: History['memory'] = {}): History {
  return { epoch: 1, actions: [], memory };
}

/** A fleet without gangs, whose queue is empty. */
export function facts(more: Partial<Facts> = {}): Facts {
  const { ladder = { rungs: [RUNG] } } = more;
  return {
    history: history(),
    kind: 'fleet',
    ask: { kind: 'scale' },
    run: 'run-2',
    seed: '0123456789abcdef0123456789abcdef',
    askedInRun: 0,
    rivals: [],
    template: TEMPLATE,
    settings: SETTINGS,
    jobs: { visible: 0, inFlight: 0 },
    nodes: [],
    places: [],
    gangs: [],
    topology: {},
    attested: {},
    failures: [],
    spareEnds: [],
    ownGroups: [],
    unreadable: [],
    oddLeases: [],
    memory: {},
    leases: {},
    fabric: fabricOf('rungs' in ladder ? ladder.rungs : []),
    ladder,
    staging: null,
    ...more,
  };
}
