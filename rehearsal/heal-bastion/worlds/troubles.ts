/** What happens to generated fleets: hosts that die in every way, zones that go dark, what load balancers say by themselves, and people. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Happening } from '../../worlds/case.ts';
import { chance, mostly, moments, pickOf, sometimes, zoneAt } from '../../worlds/pieces.ts';
import { registeredIn, TAG, type Fleet, type Host } from './fleets.ts';

const KINDS = [
  'sshd',
  'machine',
  'system',
  'volumes',
  'stopped',
  'terminated',
  'zone',
  'shift',
  'elb',
  'unavailable',
  'unread',
  'all-sshd',
  'desired',
  'suspended',
  'untagged',
  'fleet-untagged',
  'deregistered',
  'sessions',
  'standby-gone',
  'taken-away',
  'put-aside',
] as const;
type Kind = (typeof KINDS)[number];

const aTrouble = fc.record({
  kind: mostly<Kind>(
    'sshd',
    [8, 'machine'],
    [3, 'system'],
    [3, 'volumes'],
    [3, 'stopped'],
    [5, 'terminated'],
    [4, 'zone'],
    [5, 'shift'],
    [4, 'elb'],
    [4, 'unavailable'],
    [5, 'unread'],
    [5, 'all-sshd'],
    [4, 'desired'],
    [2, 'suspended'],
    [2, 'untagged'],
    [2, 'fleet-untagged'],
    [3, 'deregistered'],
    [6, 'sessions'],
    [2, 'standby-gone'],
    [9, 'taken-away'],
    [6, 'put-aside'],
  ),
  which: fc.nat(2),
  whom: fc.nat(30),
  /** It is over so many seconds later, or comes and goes. */
  lasts: sometimes(25, fc.integer({ min: 15, max: 1_200 })),
  isAgain: chance(20),
  /** How a person takes away who has failed for so long: whoever is out may be out for an hour. */
  taken: fc.record({
    by: mostly<'standby' | 'detached' | 'stopped' | 'terminated'>(
      'standby',
      [30, 'detached'],
      [20, 'stopped'],
      [20, 'terminated'],
    ),
    after: mostly(900, [30, 300], [30, 2_400]),
  }),
});

type Trouble = typeof aTrouble extends fc.Arbitrary<infer T> ? T : never;

/** Draws what happens. */
export const troubles = sometimes(85, moments(aTrouble, { within: 1_500, count: 4, most: 2 })).map(
  (some) => some ?? [],
);

type Drawn = typeof troubles extends fc.Arbitrary<infer D> ? D : never;

type Step = readonly [then: Happening['set'], after?: Happening['set']];

const dead = (...ids: readonly string[]): Step => [
  Object.fromEntries(ids.map((id) => [`ec2/Instances/${id}/Serves`, false])),
  Object.fromEntries(ids.map((id) => [`ec2/Instances/${id}/Serves`, true])),
];

function targetPath({ arn }: Fleet, id: string): string {
  return `elastic-load-balancing-v2/TargetHealth/${arn}/${id}`;
}

function impaired(id: string, check: string): Step {
  const path = `ec2/InstanceStatuses/${id}/${check}/Status`;
  return [{ [path]: 'impaired' }, { [path]: 'ok' }];
}

function ofHost(kind: Kind, fleet: Fleet, { id, zone }: Host): Step | undefined {
  const [state, target] = [`ec2/Instances/${id}/State/Name`, targetPath(fleet, id)];
  const said = (health: Shape): Step => [{ [target]: health }, { [target]: 'healthy' }];
  const zonePath = `ec2/AvailabilityZones/${zoneAt(zone)}/State`;
  const override = `${target}/AdministrativeOverride`;
  const all: { readonly [K in Kind]?: Step } = {
    sshd: dead(id),
    machine: impaired(id, 'InstanceStatus'),
    system: impaired(id, 'SystemStatus'),
    volumes: impaired(id, 'AttachedEbsStatus'),
    stopped: [{ [state]: 'stopped' }, { [state]: 'running' }],
    terminated: [{ [state]: 'terminated' }],
    zone: [{ [zonePath]: 'unavailable' }, { [zonePath]: 'available' }],
    shift: [
      { ...dead(id)[0], [override]: { State: 'zonal_shift_active' } },
      { ...dead(id)[1], [override]: null },
    ],
    elb: said({ State: 'unhealthy', Reason: 'Elb.InternalError' }),
    unavailable: said({ State: 'unavailable' }),
    untagged: [{ [`ec2/Instances/${id}/Tags/${TAG}`]: null }],
    deregistered: [{ [target]: null }],
    sessions: [
      { [`ssm/Documents/count-${fleet.letter}/Sessions/Hosts/${id}`]: 3 },
      { [`ssm/Documents/count-${fleet.letter}/Sessions/Hosts/${id}`]: 0 },
    ],
  };
  return all[kind];
}

function ofFleet(kind: Kind, fleet: Fleet, hosts: readonly Host[], { whom }: Trouble): Step | undefined {
  const size = fleet.members.filter(({ role }) => role === 'member').length;
  const group = `auto-scaling/AutoScalingGroups/${fleet.group}`;
  const unread = `elastic-load-balancing-v2/TargetHealth/${fleet.arn}/Unavailable`;
  const spare = fleet.members.find(({ role }) => role === 'standby');
  const isOfGroup = size > 0 && fleet.hosts !== 'group';
  const all: { readonly [K in Kind]?: Step | undefined } = {
    unread: [{ [unread]: true }, { [unread]: false }],
    'all-sshd': dead(...hosts.map(({ id }) => id)),
    desired: isOfGroup ? [{ [`${group}/DesiredCapacity`]: size + (whom % 2 === 0 ? 1 : -1) }] : undefined,
    suspended: isOfGroup ? [{ [`${group}/SuspendedProcesses`]: [{ ProcessName: 'ReplaceUnhealthy' }] }] : undefined,
    'fleet-untagged': [{ [`elastic-load-balancing-v2/TargetGroups/${fleet.arn}/Tags`]: [] }],
    'standby-gone': spare === undefined ? undefined : [{ [`ec2/Instances/${spare.id}/State/Name`]: 'stopped' }],
  };
  return all[kind];
}

/** It fails, and is taken away by hand while it is out. */
function takenAway(
  { taken: { by, after } }: Trouble,
  seconds: number,
  group: string,
  id: string,
): readonly Happening[] {
  const state = `auto-scaling/AutoScalingGroups/${group}/Instances/${id}/LifecycleState`;
  const machine = `ec2/Instances/${id}/State/Name`;
  const ways = {
    standby: { [state]: 'EnteringStandby' },
    detached: { [state]: 'Detaching' },
    stopped: { [machine]: 'stopped' },
    terminated: { [machine]: 'terminated' },
  };
  return [
    { seconds, set: dead(id)[0] },
    { seconds: seconds + after, set: ways[by] },
  ];
}

/** A person puts one that serves into standby, and may stop it there: it is looked at, or made larger. */
function putAside({ taken: { by, after } }: Trouble, seconds: number, group: string, id: string): readonly Happening[] {
  const state = `auto-scaling/AutoScalingGroups/${group}/Instances/${id}/LifecycleState`;
  const aside = { seconds, set: { [state]: 'EnteringStandby' } };
  const off = { seconds: seconds + after, set: { [`ec2/Instances/${id}/State/Name`]: 'stopped' } };
  return by === 'standby' ? [aside] : [aside, off];
}

function stepsOf(trouble: Trouble, seconds: number, fleets: readonly Fleet[]): readonly Happening[] {
  const { kind, which, whom, lasts, isAgain } = trouble;
  const [first] = fleets;
  const fleet = pickOf(fleets, which);
  if (fleet === undefined || first === undefined) return [];
  const hosts = registeredIn(fleet, first);
  const host = pickOf(hosts, whom);
  const group = host !== undefined && first.members.includes(host) ? first.group : fleet.group;
  if (kind === 'taken-away' && host !== undefined) return takenAway(trouble, seconds, group, host.id);
  if (kind === 'put-aside' && host !== undefined) return putAside(trouble, seconds, group, host.id);
  const step = ofFleet(kind, fleet, hosts, trouble) ?? (host === undefined ? undefined : ofHost(kind, fleet, host));
  if (step === undefined) return [];
  const [then, after] = step;
  const begins = [{ seconds, set: then }];
  if (after === undefined || lasts === undefined) return begins;
  const once = [...begins, { seconds: seconds + lasts, set: after }];
  return isAgain ? [...once, { seconds: seconds + 2 * lasts, set: then }] : once;
}

/** As steps of a script. */
export function happeningsOf(all: Drawn, fleets: readonly Fleet[]): readonly Happening[] {
  return all.flatMap(({ seconds, things }) =>
    things.flatMap(({ thing, lag }) => stepsOf(thing, seconds + lag, fleets)),
  );
}
