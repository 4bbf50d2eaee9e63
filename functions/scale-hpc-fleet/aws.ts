/**
 * Reads and writes AWS for `scale-hpc-fleet`. Behind it, in `aws/`: launch templates and their `settings`, the `ladder`, the queue of
 * `jobs`, the `nodes`, what a launch meets (`fabric`), what brings data (`staging`), what the ledger keeps (`records`), and the
 * `changes`; compute environments of AWS Batch (`batch`), and head nodes of ParallelClusters (`cluster`).
 */

import type { JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import type { RequestDelivery } from '../../shared/kernel/triggers/request.ts';
import type { SpotNoticeDelivery } from '../../shared/kernel/triggers/spot-notice.ts';
import { isEnvironment, locateEnvironments, observeEnvironment, type SeenEnvironment } from './aws/batch.ts';
import { isHeadNode, locateClusters, meantClusters, observeCluster, type SeenCluster } from './aws/cluster.ts';
import { readFabric } from './aws/fabric.ts';
import { jobsOf } from './aws/jobs.ts';
import { ladderOf } from './aws/ladder.ts';
import { queueOfNode, readNodes, withProtection } from './aws/nodes.ts';
import { ownGroupsOf } from './aws/own-groups.ts';
import { attestedOf, recordsOf } from './aws/records.ts';
import { stagingOf } from './aws/staging.ts';
import { arnOf, idOf, isNamed, nameOf, readTemplate, settingsOf, taggedTemplates } from './aws/templates.ts';
import { topologyOf } from './aws/topology.ts';
import {
  failuresIn,
  keyOf,
  LAUNCH,
  needsFabric,
  nodesToAsk,
  type Ask,
  type Facts,
  type GangRecord,
  type Rung,
  type Settings,
} from './decide.ts';
import { BadInputError } from '../../shared/kernel/errors.ts';

export { apply } from './aws/changes.ts';

/** What starts a run. JSON. */
export type Request = {
  /** A fleet by the id, name or ARN of its launch template, a compute environment by its name or ARN, a cluster by its name or its head node; `null`: every one. */
  readonly target: string | null;
  readonly ask: Ask;
};

/** What the schedule asks for. */
export const TICK: Request = { target: null, ask: { kind: 'scale' } };

/** What a Spot notice asks for: the fleet that the instance is of is found by its tags. */
export function ofNotice({ instanceId }: SpotNoticeDelivery): Request {
  return { target: null, ask: { kind: 'notice', node: instanceId } };
}

/** The params of a person's request. */
interface PersonParams {
  readonly action?: 'scale' | 'end' | 'park' | 'unpark' | undefined;
  readonly gang?: string | undefined;
}

/** @throws BadInputError where it is not said which gang of which fleet is to go */
export function ofPerson({ action = 'scale', gang }: PersonParams, delivery: RequestDelivery): Request {
  const { target, requestedBy } = delivery;
  if (action === 'scale') {
    if (gang !== undefined) throw new BadInputError('params.gang', 'only the action end is about one gang');
    return { target: target ?? null, ask: { kind: 'scale', by: requestedBy ?? 'somebody' } };
  }
  if (action !== 'end') {
    if (gang !== undefined) throw new BadInputError('params.gang', 'only the action end is about one gang');
    if (target === undefined)
      throw new BadInputError('target', 'say which cluster: by its name, or its head node by id, Name or ARN');
    return { target, ask: { kind: action, by: requestedBy ?? 'somebody' } };
  }
  if (target === undefined)
    throw new BadInputError('target', 'say of which fleet: its launch template, by id, name or ARN');
  if (gang === undefined)
    throw new BadInputError('params.gang', 'say which gang: the id behind scale-hpc-fleet/ in its tag runbook:run');
  return { target, ask: { kind: 'end', gang, by: requestedBy ?? 'somebody' } };
}

/** Facts as they are seen here; the kernel adds what it knows. */
export type SeenFleet = Observed<Facts>;

/** The same of each kind of target. */
export type Seen = SeenFleet | SeenEnvironment | SeenCluster;

/**
 * The fleets, compute environments and clusters that are meant; of a notice, the fleet that the node is of, if it is any's; of the schedule, all.
 * Only a fleet has gangs that a person can end, and only a cluster partitions.
 */
export async function locate({ target, ask }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const queue = ask.kind === 'notice' ? await queueOfNode(ask.node, io) : undefined;
  if (queue === null) return [];
  if (ask.kind === 'park' || ask.kind === 'unpark') return meantClusters(target, io);
  const [fleets, environments, clusters] = await Promise.all([
    taggedTemplates(io),
    ask.kind === 'scale' ? locateEnvironments(target, io) : [],
    ask.kind === 'scale' ? locateClusters(target, io) : [],
  ]);
  const named = target === null ? fleets : fleets.filter((template) => isNamed(template, target, io));
  const meant = queue === undefined ? named : named.filter((template) => settingsOf(template).queue === queue);
  return [...meant.map((template) => ({ target: arnOf(template, io) })), ...environments, ...clusters];
}

const NO_SETTINGS: Settings = {
  queue: null,
  nodesPerJob: 1,
  idleSeconds: 'auto',
  ladder: null,
  maxNodes: 0,
  attestSeconds: null,
  stageIn: null,
  problems: [],
};

const NOTHING_SEEN = {
  jobs: null,
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
  fabric: null,
  staging: null,
} satisfies Partial<SeenFleet>;

/** Reads all about one of them. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  if (isHeadNode(target)) return observeCluster(target, request.ask, io);
  return isEnvironment(target) ? observeEnvironment(target, io) : observeFleet(target, request, io);
}

async function observeFleet(target: string, { ask }: Request, io: Io): Promise<SeenFleet> {
  const fleets = await taggedTemplates(io);
  const found = fleets.find((each) => arnOf(each, io) === target);
  const asking = { kind: 'fleet' as const, ask, run: io.run, seed: io.token('gangs'), askedInRun: 0, rivals: [] };
  const unseen = { ...asking, ...NOTHING_SEEN };
  if (found === undefined) return { ...unseen, template: null, settings: NO_SETTINGS, ladder: { fault: 'no fleet' } };
  const settings = settingsOf(found);
  const { queue } = settings;
  const [template, ladder, jobs, kept] = await Promise.all([
    readTemplate(found, io),
    ladderOf(settings, io),
    queue === null ? null : jobsOf(queue, io),
    recordsOf(found),
  ]);
  const others = fleets.filter((each) => each !== found && settingsOf(each).queue === queue);
  const seenNodes = await readNodes(queue, kept.gangs, new Set(others.map(idOf)), io);
  const { nodes, places, lingering } = seenNodes;
  const [topology, ownGroups, attested, staging] = await Promise.all([
    topologyOf(kept.gangs, nodes, io),
    ownGroupsOf(queue, { ladder, gangs: kept.gangs, lingering }, io),
    attestedOf(kept.gangs, nodes, settings),
    stagingOf({ settings, template, jobs, gangs: kept.gangs }, io),
  ]);
  const grouped = new Set(ownGroups.map(({ gang }) => gang));
  const tokens = new Set(nodes.map(({ clientToken }) => clientToken));
  const isMeant = (id: string): boolean => ask.kind === 'end' && ask.gang === id;
  const gangs = kept.gangs.filter(
    ({ id, state }) => state !== 'over' || tokens.has(id) || grouped.has(id) || isMeant(id),
  );
  const asked = nodesToAsk({ ask, jobs, nodes, gangs, settings }, io.now());
  const rivals = [...others.map(nameOf), ...seenNodes.clusters];
  const askedInRun = kept.gangs.filter(({ run }) => run === io.run).length;
  const own = 'rungs' in ladder ? ladder.rungs : [];
  const memory = ofRungs([...own, ...gangs.map(({ rung }) => rung)], kept.memory);
  const failures = failuresIn(kept.gangs, template.version, io.now());
  const spareEnds = spareEndsOf(kept.gangs);
  const seen = {
    ...unseen,
    template,
    settings,
    ladder,
    jobs,
    ...kept,
    gangs,
    memory,
    rivals,
    askedInRun,
  };
  const beside = { places, topology, ownGroups, attested, failures, spareEnds, staging };
  const isMissing = own.length > 0 && needsFabric({ ask, jobs, nodes, gangs, settings }, io.now());
  const [guarded, fabric] = await Promise.all([
    withProtection(nodes, asked, io),
    isMissing ? readFabric(template, own, io) : null,
  ]);
  return { ...seen, ...beside, nodes: guarded, fabric };
}

/** Ends that a look keeps: of fifty gangs the times are kept since when they are too many. */
const MOST_ENDS = 50;

function spareEndsOf(gangs: readonly GangRecord[]): readonly string[] {
  const ended = gangs.filter(({ state }) => state === 'ending' || state === 'over');
  return ended
    .flatMap(({ spareAt }) => spareAt ?? [])
    .toSorted()
    .slice(-MOST_ENDS);
}

/** Of what all fleets remember what concerns this one: what a look keeps is bounded. */
function ofRungs(rungs: readonly Rung[], memory: Facts['memory']): Facts['memory'] {
  const keys = new Set(rungs.map(keyOf));
  return Object.fromEntries(Object.entries(memory).filter(([key]) => keys.has(key)));
}

const RUNBOOK = 'scale-hpc-fleet';

/** The request that takes a gang away again that was just asked for: of several each has its own, by the id in the reason. */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const [gang, second] = plan.flatMap(({ call, input }) => (call === LAUNCH ? input['ClientToken'] : []));
  return typeof gang !== 'string' || second !== undefined
    ? undefined
    : { runbook: RUNBOOK, target, params: { action: 'end', gang } };
}

/** What is launched or ended shows late, and the next look judges it by what it finds. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
