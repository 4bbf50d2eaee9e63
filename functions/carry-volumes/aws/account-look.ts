/**
 * A look at the whole account, which the targets of a tick share: however many groups an account has, their volumes, snapshots
 * and instances are a few pages each. What cannot be asked for all at once (hooks, activities) is asked group by group, a few at
 * a time, and fails group by group.
 *
 * Shared is the first look of a run, and any other for which many targets come within one invocation, as after a minute of
 * throttling. Otherwise a target reads for itself. The look begins with the first target that needs it, and so after the ledger
 * was read: what another run does from then on shows in the lease.
 */

import type { Activity as ScalingActivity, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { AvailabilityZone, Instance, Snapshot, Volume } from '@aws-sdk/client-ec2';
import { readHooks } from '../../../shared/aws/auto-scaling/lifecycle.ts';
import { instancesBy, instancesNamed } from '../../../shared/aws/ec2/instances.ts';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import type { HookDescription } from '../../../shared/judgement/hooks.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { bySet, hasMember, instanceIdOf, nameOf, setOf, taggedGroups, waitingInPool } from './groups.ts';
import { SET } from './of-set.ts';
import { queueOf } from './queue.ts';
import { idsAround, readActivities, readZones, snapshotsTagged, volumesTagged, type Round } from './round.ts';

/** Requests for single groups under way at the same time: fewer a second than Auto Scaling throttles at, and room for others. */
const AT_ONCE = 10;
/** A look that began longer ago is nobody's any more; an account of thousands is read in less. */
const FRESH_MS = 30_000;

/** What carries a set. */
type OfSet<T> = (set: string) => readonly T[];

interface Account {
  readonly groups: readonly AutoScalingGroup[];
  readonly zones: readonly AvailabilityZone[];
  readonly groupsOf: OfSet<AutoScalingGroup>;
  readonly volumesOf: OfSet<Volume>;
  readonly snapshotsOf: OfSet<Snapshot>;
  readonly instances: ReadonlyMap<string, Instance>;
  /** Waiting on their way into a warm pool. */
  readonly pooled: readonly string[];
}

/** Targets that read for themselves, where the run is not at its first look: for fewer a look at everything is not worth it. */
const FEW = 5;

/** What an invocation knows of the looks at its targets. */
interface Looks {
  /** The run has just begun: all of its targets are about to be looked at. */
  isFirst: boolean;
  /** Targets that came for a look since the last shared one began, and had no share in it (any more). */
  readonly waiting: Set<string>;
  shared?: Shared | undefined;
}

interface Shared {
  readonly beganAtMs: number;
  readonly account: Promise<Account>;
  /** Targets that have had their share: the next look is another. */
  readonly served: Set<string>;
  /** Of one group, for it and its instances. */
  readonly hooksOf: Asked<ReadonlyMap<string, readonly HookDescription[]>>;
  readonly activitiesOf: Asked<readonly ScalingActivity[]>;
}

/** What is asked for one group, once. */
type Asked<T> = (group: AutoScalingGroup) => Promise<T>;

/** By the request of a run: it lives as long as the invocation. */
const looks = new WeakMap<object, Looks>();

function looksOf(request: object): Looks {
  const known = looks.get(request);
  if (known !== undefined) return known;
  const fresh: Looks = { isFirst: false, waiting: new Set() };
  looks.set(request, fresh);
  return fresh;
}

/** Says that a run has found its targets just now, and is about to look at them. */
export function expectAll(request: object): void {
  const own = looksOf(request);
  own.isFirst = true;
  own.shared = undefined;
}

/** The round of a target out of the shared look; `undefined`: the target reads for itself. */
export async function sharedRound(request: object, target: string, io: Io): Promise<Round | undefined> {
  const own = looksOf(request);
  const shared = lookFor(own, target, io);
  if (shared === undefined) return undefined;
  const account = await accountOf(own, shared);
  const instanceId = instanceIdOf(target);
  const group = account.groups.find(
    (each) => each.AutoScalingGroupARN === target || (instanceId !== null && hasMember(each, instanceId)),
  );
  if (group === undefined) return undefined;
  const round = await roundOf(account, shared, group, instanceId);
  shared.served.add(target);
  return round;
}

/** The look that is there, while the target has had no share in it; a new one where many wait for one. */
function lookFor(own: Looks, target: string, io: Io): Shared | undefined {
  const nowMs = Date.parse(io.now());
  const { shared } = own;
  if (shared !== undefined && !shared.served.has(target) && nowMs - shared.beganAtMs <= FRESH_MS) return shared;

  own.waiting.add(target);
  if (!own.isFirst && own.waiting.size <= FEW) return undefined;
  own.isFirst = false;
  own.waiting.clear();
  const next = begin(nowMs, io);
  own.shared = next;
  return next;
}

function begin(beganAtMs: number, io: Io): Shared {
  const queue = queueOf(AT_ONCE);
  return {
    beganAtMs,
    account: readAccount(io),
    served: new Set(),
    hooksOf: askedOnce((group) => queue(() => readHooks([nameOf(group)], io))),
    activitiesOf: askedOnce((group) => queue(() => readActivities(group, io))),
  };
}

/** What could not be read is read anew by whoever looks again first. */
async function accountOf(own: Looks, { account }: Shared): Promise<Account> {
  try {
    return await account;
  } catch (error) {
    if (own.shared?.account === account) {
      own.shared = undefined;
      own.isFirst = true;
    }
    throw error;
  }
}

/** What could not be read is asked for anew. */
function askedOnce<T>(ask: Asked<T>): Asked<T> {
  const answers = new Map<string, Promise<T>>();
  return async (group) => {
    const name = nameOf(group);
    const answer = answers.get(name) ?? ask(group);
    answers.set(name, answer);
    try {
      return await answer;
    } catch (error) {
      if (answers.get(name) === answer) answers.delete(name);
      throw error;
    }
  };
}

async function readAccount(io: Io): Promise<Account> {
  const [groups, zones, volumes, snapshots, tagged] = await Promise.all([
    taggedGroups(io),
    readZones(io),
    volumesTagged(null, io),
    snapshotsTagged(null, io),
    instancesBy([{ Name: 'tag-key', Values: [SET] }], io),
  ]);
  const [groupsOf, volumesOf] = [bySet(groups), bySet(volumes)];
  const instances = new Map(tagged.map((instance) => [instance.InstanceId ?? '', instance]));
  const needed = groups.flatMap((group) => [...idsAround(allOfSet(group, groupsOf), volumesOf(setOf(group)), null)]);
  const untagged = new Set(needed.filter((id) => !instances.has(id)));
  const [others, pooled] = await Promise.all([instancesNamed([...untagged], io), waitingInPool(groups, null, io)]);
  for (const instance of others) instances.set(instance.InstanceId ?? '', instance);
  return { groups, zones, groupsOf, volumesOf, snapshotsOf: bySet(snapshots), instances, pooled };
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
  { hooksOf, activitiesOf }: Shared,
  group: AutoScalingGroup,
  instanceId: string | null,
): Promise<Round> {
  const all = allOfSet(group, account.groupsOf);
  const volumes = account.volumesOf(setOf(group));
  const [hooks, activities] = await Promise.all([
    hooksOf(group),
    needsActivities(volumes, instanceId) ? activitiesOf(group) : [],
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
