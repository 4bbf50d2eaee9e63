/**
 * The first look of a tick, which all of its targets share: however many groups an account has, their volumes, snapshots and
 * instances are a few pages each. What cannot be asked for all at once (hooks, activities) is asked group by group, a few at a
 * time, and fails group by group. From its second look on every target reads for itself.
 *
 * It is read with the first target, and so after the ledger: what another run does from then on shows in the lease.
 */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { AvailabilityZone, Instance, Snapshot, Volume } from '@aws-sdk/client-ec2';
import { lastPartOf } from '../../../shared/aws/arn.ts';
import { readHooks } from '../../../shared/aws/auto-scaling/lifecycle.ts';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { bySet, hasMember, nameOf, SET, setOf, taggedGroups, waitingInPool } from './groups.ts';
import { instancesTagged, readInstances } from './instances.ts';
import { queueOf, type Queue } from './queue.ts';
import { idsAround, readActivities, readZones, snapshotsTagged, volumesTagged, type Round } from './round.ts';

/** Requests for single groups under way at the same time: fewer a second than Auto Scaling throttles at, and room for others. */
const AT_ONCE = 10;
/** Facts are no older than this when they are judged; an account of thousands is read in less. */
const FRESH_MS = 30_000;

/** What carries a set. */
type OfSet<T> = (set: string) => readonly T[];

interface Account {
  readonly readAtMs: number;
  readonly groups: readonly AutoScalingGroup[];
  readonly zones: readonly AvailabilityZone[];
  readonly groupsOf: OfSet<AutoScalingGroup>;
  readonly volumesOf: OfSet<Volume>;
  readonly snapshotsOf: OfSet<Snapshot>;
  readonly instances: ReadonlyMap<string, Instance>;
  /** Waiting on their way into a warm pool. */
  readonly pooled: readonly string[];
}

interface Shared {
  readonly account: Promise<Account>;
  /** Targets that have had their first look. */
  readonly served: Set<string>;
  readonly queue: Queue;
}

/** By the request of a run: it lives as long as the invocation. */
const looks = new WeakMap<object, Shared>();

/** The round of a target's first look in the run of a request; `undefined`: the target reads for itself. */
export async function sharedRound(request: object, target: string, io: Io): Promise<Round | undefined> {
  const shared = looks.get(request) ?? begin(request, io);
  if (shared.served.has(target)) return undefined;
  const account = await accountOf(request, shared);
  const isFresh = Date.parse(io.now()) - account.readAtMs <= FRESH_MS;
  const instanceId = target.includes(':instance/') ? lastPartOf(target) : null;
  const group = account.groups.find(
    (each) => each.AutoScalingGroupARN === target || (instanceId !== null && hasMember(each, instanceId)),
  );
  if (!isFresh || group === undefined) return undefined;
  const round = await roundOf(account, group, instanceId, shared.queue, io);
  shared.served.add(target);
  return round;
}

function begin(request: object, io: Io): Shared {
  const shared = { account: readAccount(io), served: new Set<string>(), queue: queueOf(AT_ONCE) };
  looks.set(request, shared);
  return shared;
}

/** What could not be read is read anew by whoever looks again first. */
async function accountOf(request: object, { account }: Shared): Promise<Account> {
  try {
    return await account;
  } catch (error) {
    if (looks.get(request)?.account === account) looks.delete(request);
    throw error;
  }
}

async function readAccount(io: Io): Promise<Account> {
  const readAtMs = Date.parse(io.now());
  const filter = { Name: 'tag-key', Values: [SET] };
  const [groups, zones, volumes, snapshots, tagged] = await Promise.all([
    taggedGroups(io),
    readZones(io),
    volumesTagged(filter, io),
    snapshotsTagged(filter, io),
    instancesTagged(SET, io),
  ]);
  const [groupsOf, volumesOf] = [bySet(groups), bySet(volumes)];
  const instances = new Map(tagged.map((instance) => [instance.InstanceId ?? '', instance]));
  const needed = groups.flatMap((group) => [...idsAround(allOfSet(group, groupsOf), volumesOf(setOf(group)), null)]);
  const untagged = new Set(needed.filter((id) => !instances.has(id)));
  const [others, pooled] = await Promise.all([readInstances(untagged, io), waitingInPool(groups, null, io)]);
  for (const instance of others) instances.set(instance.InstanceId ?? '', instance);
  return { readAtMs, groups, zones, groupsOf, volumesOf, snapshotsOf: bySet(snapshots), instances, pooled };
}

/** The group first, then the others that carry its set. */
function allOfSet(group: AutoScalingGroup, groupsOf: OfSet<AutoScalingGroup>): readonly AutoScalingGroup[] {
  return [group, ...groupsOf(setOf(group)).filter((other) => other !== group)];
}

/** Launches matter to whoever arrives, and to what was made for a launch and may be deleted. */
function needsActivities(volumes: readonly Volume[], instanceId: string | null): boolean {
  const isLeftOver = ({ Tags: tags }: Volume): boolean =>
    tagsOf(tags).has('runbook:superseded-at') && tagsOf(tags).get('runbook:run')?.endsWith('/copy') === true;
  return instanceId !== null || volumes.some(isLeftOver);
}

async function roundOf(
  account: Account,
  group: AutoScalingGroup,
  instanceId: string | null,
  queue: Queue,
  io: Io,
): Promise<Round> {
  const all = allOfSet(group, account.groupsOf);
  const volumes = account.volumesOf(setOf(group));
  const [hooks, activities] = await Promise.all([
    queue(() => readHooks([nameOf(group)], io)),
    needsActivities(volumes, instanceId) ? queue(() => readActivities(group, io)) : [],
  ]);
  return {
    group,
    sharers: all.slice(1),
    zones: account.zones,
    volumes,
    snapshots: account.snapshotsOf(setOf(group)),
    activities,
    hooks: hooks.get(nameOf(group)) ?? [],
    instances: [...idsAround(all, volumes, instanceId)].flatMap((id) => account.instances.get(id) ?? []),
    isPooled: instanceId !== null && account.pooled.includes(instanceId),
  };
}
