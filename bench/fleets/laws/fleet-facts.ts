/** The facts of `scale-hpc-fleet`, made from the model: the one place that follows when they get a new member. Pure. */

import { createHash } from 'node:crypto';
import {
  nodesToAsk,
  type Fabric,
  type Facts,
  type Node,
  type Rung,
  type Settings,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import type { History, Refusal } from '../../../shared/kernel/decision.ts';
import type { Model, ModelNode } from '../model.ts';
import type { Kept } from './fleet-ledger.ts';

/** The day on which a trace begins. */
const BEGINNING_MS = Date.parse('2026-01-05T00:00:00.000Z');

/** ISO 8601 of a second of the model. */
export function timeOf(seconds: number): string {
  return new Date(BEGINNING_MS + seconds * 1_000).toISOString();
}

/** The id of an instance. */
export function instanceId({ number }: Pick<ModelNode, 'number'>): string {
  return `i-${number.toString(16).padStart(17, '0')}`;
}

/** What a run knows besides the model. */
export interface RunState {
  readonly run: string;
  readonly size: number;
  readonly maxNodes: number;
  readonly idleSeconds: Settings['idleSeconds'];
  readonly kept: Kept;
  readonly history: History;
  readonly refusals: readonly Refusal[];
  readonly askedInRun: number;
}

/** A rung in each zone, in the order of the zones; all fleets have the same, so that they share what is remembered of them. */
export function rungsOf({ zones }: Pick<Model, 'zones'>): readonly Rung[] {
  return zones.map((zone) => ({
    instanceType: 'hpc7a.96xlarge',
    subnetId: `subnet-${zone}`,
    zone,
    placementGroup: `group-${zone}`,
    market: 'on-demand',
    reservation: null,
  }));
}

/** The id of a fleet's launch template. */
export function templateOf(size: number): string {
  return `lt-${String(size).padStart(17, '0')}`;
}

type BareFacts = Omit<Facts, 'ask' | 'run' | 'seed' | 'askedInRun' | 'jobs' | 'nodes' | 'gangs' | 'history'>;

/** Nothing is wrong or lacking, as far as it is known before a launch: what the pools have shows in what EC2 refuses. */
function fabricOf(rungs: readonly Rung[]): Fabric {
  const subnets = rungs.map(
    ({ subnetId }) => [subnetId, { vpcId: 'vpc-0123456789abcdef0', freeAddresses: null }] as const,
  );
  const type = {
    vcpus: null,
    usage: null,
    strategies: null,
    hasEna: true,
    hasEfa: true,
    maxEfaInterfaces: null,
    cards: null,
  };
  return {
    image: { state: 'available', platform: 'Linux/UNIX' },
    groups: [],
    types: Object.fromEntries(rungs.map(({ instanceType }) => [instanceType, type])),
    offered: rungs.map(({ instanceType, zone }) => `${instanceType}/${zone}`),
    subnets: Object.fromEntries(subnets),
    placementGroups: Object.fromEntries(
      rungs.map(({ placementGroup, zone }) => [
        placementGroup ?? '',
        { strategy: 'cluster', state: 'available', zones: [zone] },
      ]),
    ),
    reservations: {},
    quotas: {},
  };
}

/** What of the facts is set, or is nothing here: what decisions get to know of besides is added to it. */
export function bareFacts(
  zones: Pick<Model, 'zones'>,
  { size, maxNodes, idleSeconds }: Pick<RunState, 'size' | 'maxNodes' | 'idleSeconds'>,
): BareFacts {
  const queue = `jobs-${size}`;
  const rungs = rungsOf(zones);
  return {
    kind: 'fleet',
    template: {
      id: templateOf(size),
      name: queue,
      version: '1',
      interfaces: [],
      groups: [],
      imageId: 'ami-0123456789abcdef0',
      says: { market: null, reservation: null, placement: {}, isProtected: false },
    },
    settings: {
      queue,
      nodesPerJob: size,
      idleSeconds,
      ladder: '/bench/ladder',
      maxNodes,
      attestSeconds: null,
      stageIn: null,
      problems: [],
    },
    ladder: { rungs },
    places: [],
    topology: {},
    attested: {},
    failures: [],
    spareEnds: [],
    ownGroups: [],
    fabric: fabricOf(rungs),
    staging: null,
    rivals: [],
    unreadable: [],
    oddLeases: [],
    memory: {},
    leases: {},
  };
}

/** An instance as EC2 shows it: rank 0 is protected from before a job is received until it is done. */
function shown(node: ModelNode, token: string, launchIndex: number, now: number): Node {
  return {
    id: instanceId(node),
    state: node.upAt <= now ? 'running' : 'pending',
    clientToken: token,
    launchIndex,
    isProtected: launchIndex === 0 && node.job !== null,
  };
}

/** The nodes of all gangs, by the ids of these. */
export type Gangs = ReadonlyMap<string, readonly ModelNode[]>;

/** Facts of a look, and how many nodes it asked whether they are protected. */
export function factsOf(
  model: Model,
  gangs: Gangs,
  state: RunState,
): { readonly facts: Facts; readonly asked: number } {
  const { run, size, kept, history, refusals, askedInRun } = state;
  const { waiting, atWork } = model.queue(size);
  const all = kept.gangs.flatMap(({ id }) =>
    (gangs.get(id) ?? []).flatMap((node, index) => (node.endedAt === null ? [shown(node, id, index, model.now)] : [])),
  );
  const jobs = { visible: waiting.length, inFlight: atWork };
  const { settings } = bareFacts(model, state);
  const known = { ask: { kind: 'scale' }, jobs, nodes: all, gangs: kept.gangs, settings } as const;
  const asked = nodesToAsk(known, timeOf(model.now));
  const facts: Facts = {
    ...bareFacts(model, state),
    ...kept,
    spareEnds: kept.gangs.flatMap(({ spareAt }) => spareAt ?? []),
    ...known,
    nodes: all.map((node) => (asked.has(node.id) ? node : { ...node, isProtected: null })),
    history,
    run,
    seed: createHash('sha256').update(`${run} ${size}`).digest('hex').slice(0, 32),
    askedInRun,
    ...(refusals.length === 0 ? {} : { refusals }),
  };
  return { facts, asked: asked.size };
}
