/** What must hold at every moment where heal-bastion takes out and ends hosts: each of its requests is judged as the account stood before it. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { find, list, part, show, stateOf, text } from '../../simulator/services/ec2/state.ts';
import { soFar } from '../so-far.ts';

const ELB = 'elastic-load-balancing-v2';

/** Calls by which a host stops to serve. */
const TAKES_AWAY: ReadonlySet<string> = new Set([
  'autoscaling:EnterStandby',
  'autoscaling:TerminateInstanceInAutoScalingGroup',
  'ec2:TerminateInstances',
  'elasticloadbalancing:DeregisterTargets',
]);

/** A host as it stood at the last moment. */
interface Standing {
  readonly id: string;
  readonly group: string;
  /** ELB's words of its targets, by target group. */
  readonly states: { readonly [targetGroup: string]: string };
  readonly lifecycleState: string;
}

function isStanding(value: unknown): value is Standing {
  return isRecord(value) && typeof value['id'] === 'string' && isRecord(value['states']);
}

function statesOf(world: World): ReadonlyMap<string, { readonly [targetGroup: string]: string }> {
  const found = new Map<string, { [targetGroup: string]: string }>();
  for (const group of world.data[ELB]?.['TargetHealth'] ?? []) {
    for (const target of list(group, 'TargetHealthDescriptions')) {
      const id = show(part(target, 'Target')['Id']);
      const states = found.get(id) ?? {};
      states[show(group['TargetGroupArn'])] = show(part(target, 'TargetHealth')['State']);
      found.set(id, states);
    }
  }
  return found;
}

function standingIn(world: World): readonly Standing[] {
  const states = statesOf(world);
  const members = (world.data['auto-scaling']?.['AutoScalingGroups'] ?? []).flatMap((group) =>
    list(group, 'Instances').map((member) => [show(member['InstanceId']), { group, member }] as const),
  );
  const memberships = new Map(members);
  return [...new Set([...states.keys(), ...memberships.keys()])].map((id) => ({
    id,
    group: show(memberships.get(id)?.group['AutoScalingGroupName'] ?? ''),
    states: states.get(id) ?? {},
    lifecycleState: show(memberships.get(id)?.member['LifecycleState'] ?? ''),
  }));
}

/** Hosts that a request is about. */
function hostsOf({ input }: LoggedRequest): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(input['InstanceIds']) ? input['InstanceIds'] : [];
  return [...list(input, 'Targets').map(({ Id: id }) => id), ...ids, input['InstanceId']].flatMap((id) =>
    typeof id === 'string' ? [id] : [],
  );
}

interface Judged {
  readonly request: LoggedRequest;
  readonly host: string;
  /** How all stood before it. */
  readonly before: readonly Standing[];
  readonly world: World;
}

/** Requests of this runbook that take a host away: a long log is not searched again for each moment. */
const takings = soFar<LoggedRequest, LoggedRequest[]>(
  () => [],
  (own, request) => {
    if (request.runbook === 'heal-bastion' && TAKES_AWAY.has(request.call)) own.push(request);
  },
);

/** Judges each request of this runbook that takes a host away, once, when it has taken effect. */
function eachTaking(name: string, fault: (judged: Judged) => string | undefined): Watcher {
  return {
    name,
    check: (world, memory, _told, sent = []) => {
      const known: unknown = memory['before'];
      const before = Array.isArray(known) ? known.filter(isStanding) : standingIn(world);
      const seen = Number(memory['seen'] ?? 0);
      const fresh = takings(sent).slice(seen);
      // One that is under way is judged when it is answered.
      const open = fresh.findIndex(({ answeredAt }) => answeredAt === undefined);
      const judged = open < 0 ? fresh : fresh.slice(0, open);
      memory['seen'] = seen + judged.length;
      memory['before'] = standingIn(world);
      const faults = judged
        .filter(({ error }) => error === undefined)
        .flatMap((request) =>
          hostsOf(request).flatMap((host) => {
            const found = fault({ request, host, before, world });
            return found === undefined ? [] : [`${request.call} of ${host}: ${found}`];
          }),
        );
      return faults.length === 0 ? undefined : faults.join(', ');
    },
  };
}

const lastHealthy = eachTaking('never-the-last-healthy-bastion', ({ host, before }) => {
  const own = before.find(({ id }) => id === host);
  const healthyIn = Object.entries(own?.states ?? {}).flatMap(([group, state]) => (state === 'healthy' ? [group] : []));
  const alone = healthyIn.find((group) => before.every(({ id, states }) => id === host || states[group] !== 'healthy'));
  return alone === undefined ? undefined : `nobody else is healthy in ${alone}`;
});

/** Its group is bringing it, or ending it. */
const MOVING = /^(?:Pending|Terminating)/u;
/** Somebody has put it there: that person's, and no replacement, though it may drain yet. */
const ASIDE = /^(?:Entering)?Standby$/u;

/** What is left of a member that somebody has ended, once its group has let go of it, is a registration that goes by itself. */
function isOver(world: World, { id, group }: Standing): boolean {
  return group === '' && stateOf(find(world, 'Instances', id) ?? {}) === 'terminated';
}

const oneAtATime = eachTaking('one-replacement-at-a-time', ({ request, host, before, world }) => {
  // What is only kept is not replaced.
  if (request.call === 'autoscaling:EnterStandby') return undefined;
  const own = before.find(({ id }) => id === host);
  const groups = new Set(Object.keys(own?.states ?? {}));
  const isNear = ({ group, states }: Standing): boolean =>
    (own !== undefined && own.group !== '' && group === own.group) ||
    Object.keys(states).some((one) => groups.has(one));
  const moving = before.filter(
    (each) =>
      each.id !== host &&
      isNear(each) &&
      !ASIDE.test(each.lifecycleState) &&
      !isOver(world, each) &&
      (MOVING.test(each.lifecycleState) || Object.values(each.states).some((state) => state === 'draining')),
  );
  return moving.length === 0 ? undefined : `${moving.map(({ id }) => id).join(', ')} comes or goes already`;
});

function isTagged(record: Shape | undefined): boolean {
  return record !== undefined && list(record, 'Tags').some(({ Key: key }) => key === 'runbook:bastion');
}

const onlyTagged = eachTaking('only-tagged-bastions-end', ({ request, host, before, world }) => {
  const { group = '' } = before.find(({ id }) => id === host) ?? {};
  const groups = world.data['auto-scaling']?.['AutoScalingGroups'] ?? [];
  const ofGroup = groups.find((one) => text(one, 'AutoScalingGroupName') === group);
  const targetGroups = world.data[ELB]?.['TargetGroups'] ?? [];
  const arn = request.input['TargetGroupArn'];
  if (arn !== undefined)
    return isTagged(targetGroups.find((one) => one['TargetGroupArn'] === arn))
      ? undefined
      : `${show(arn)} is not tagged`;
  return isTagged(ofGroup) || isTagged(find(world, 'Instances', host))
    ? undefined
    : 'neither it nor its group is tagged';
});

const ENDS: ReadonlySet<string> = new Set([
  'autoscaling:TerminateInstanceInAutoScalingGroup',
  'ec2:TerminateInstances',
]);

const asideIsLeft = eachTaking('who-stands-aside-is-left', ({ request, host, before }) => {
  const { lifecycleState = '' } = before.find(({ id }) => id === host) ?? {};
  return ENDS.has(request.call) && ASIDE.test(lifecycleState) ? 'a person has put it into standby' : undefined;
});

/** The invariants of heal-bastion. */
export const INVARIANTS: readonly Watcher[] = [lastHealthy, oneAtATime, onlyTagged, asideIsLeft];
