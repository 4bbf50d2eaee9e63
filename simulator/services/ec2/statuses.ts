/** Status checks of instances and the state of zones. */

import type { Shape, World } from '../../engine/model.ts';
import {
  find,
  list,
  part,
  records,
  runtimeOf,
  schedule,
  stamp,
  stateOf,
  text,
  timeOfType,
  zoneIsDark,
  zoneOf,
} from './state.ts';

/**
 * From running to the end of `initializing`: both checks run each minute and need to pass.
 * Source (of the period): https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html; the length is assumed.
 */
const CHECKS_INITIALIZE_MS = 150_000;

/** After a dark zone has come back, what waited for it goes on after this time. Assumed. */
export const ZONE_RECOVERY_MS = 30_000;

/** Values of the three status checks of an instance; `not-applicable` unless it runs. */
export interface InstanceChecks {
  readonly system: string;
  readonly instance: string;
  readonly attachedEbs: string;
}

const MEMBERS = { system: 'SystemStatus', instance: 'InstanceStatus', attachedEbs: 'AttachedEbsStatus' } as const;

type Check = keyof typeof MEMBERS;

const CHECKS: readonly Check[] = ['system', 'instance', 'attachedEbs'];

/** The status member of a name in the API, e.g. `SystemStatus`. */
export function checkOf(member: string | undefined): Check | undefined {
  return CHECKS.find((check) => MEMBERS[check] === member);
}

/** What the one detail of a check says. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusDetails.html */
const DETAILS: { readonly [status: string]: string } = {
  ok: 'passed',
  impaired: 'failed',
  'insufficient-data': 'insufficient-data',
  initializing: 'initializing',
};

function summary(world: World, status: string, before: Shape): Shape {
  const detail = DETAILS[status];
  if (detail === undefined) return { Status: status };
  const since = text(list(before, 'Details')[0], 'ImpairedSince') ?? stamp(world);
  return {
    Status: status,
    Details: [{ Name: 'reachability', Status: detail, ...(status === 'impaired' ? { ImpairedSince: since } : {}) }],
  };
}

function statusRecord(world: World, instance: Shape): Shape {
  const id = text(instance, 'InstanceId') ?? '';
  const known = find(world, 'InstanceStatuses', id);
  if (known !== undefined) return known;
  const fresh: Shape = { InstanceId: id };
  records(world, 'InstanceStatuses').push(fresh);
  return fresh;
}

/** Sets status checks, with details and signal. The instance's state and zone in its status record are brought along. */
export function setChecks(world: World, instance: Shape, checks: Partial<InstanceChecks>): void {
  const record = statusRecord(world, instance);
  record['AvailabilityZone'] = zoneOf(instance);
  record['InstanceState'] = { ...part(instance, 'State') };
  let changed = false;
  for (const check of CHECKS) {
    const status = checks[check];
    const before = part(record, MEMBERS[check]);
    if (status === undefined || (before['Status'] === status && list(before, 'Details').length > 0)) continue;
    // Nobody was told a first value, so it is no change.
    changed ||= before['Status'] !== undefined && before['Status'] !== status;
    record[MEMBERS[check]] = summary(world, status, before);
  }
  if (changed) world.signal('status-changed', { instanceId: text(instance, 'InstanceId') ?? '' });
}

/** All three checks of a value, e.g. for an instance that stopped running. */
export function allChecks(status: string): InstanceChecks {
  return { system: status, instance: status, attachedEbs: status };
}

/** Status checks as CloudWatch and DescribeInstanceStatus see them; `not-applicable` for an unknown instance. */
export function statusOf(world: World, instanceId: string): InstanceChecks {
  const record = find(world, 'InstanceStatuses', instanceId);
  const status = (check: Check): string => text(part(record, MEMBERS[check]), 'Status') ?? 'not-applicable';
  return { system: status('system'), instance: status('instance'), attachedEbs: status('attachedEbs') };
}

/** Checks of an instance that began to run: initializing, then ok; none readable while its zone is dark. */
export function beginChecks(world: World, instance: Shape): void {
  const id = text(instance, 'InstanceId') ?? '';
  endChecks(world, id);
  setChecks(world, instance, allChecks('initializing'));
  const given = timeOfType(world, instance, 'InitializingSeconds');
  if (given === undefined)
    world.assume(`ec2: status checks initialize for ${CHECKS_INITIALIZE_MS / 1000} s after an instance begins to run`);
  const { checks } = runtimeOf(world);
  const finish = (): void => {
    checks.delete(id);
    const now = statusOf(world, id);
    const passed: { [C in Check]?: string } = {};
    for (const check of CHECKS) {
      if (now[check] === 'initializing') passed[check] = 'ok';
    }
    setChecks(world, instance, passed);
  };
  checks.set(id, world.clock.after(given ?? CHECKS_INITIALIZE_MS, finish));
  if (zoneIsDark(world, zoneOf(instance))) darkenInstance(world, instance);
}

/** Stops the initialization of checks, if one is under way. */
export function endChecks(world: World, instanceId: string): void {
  const { checks, beforeDark } = runtimeOf(world);
  checks.get(instanceId)?.();
  checks.delete(instanceId);
  beforeDark.delete(instanceId);
}

function darkenInstance(world: World, instance: Shape): void {
  const id = text(instance, 'InstanceId') ?? '';
  const { beforeDark } = runtimeOf(world);
  const { system, instance: reachable } = statusOf(world, id);
  if (!beforeDark.has(id)) beforeDark.set(id, { system, instance: reachable });
  setChecks(world, instance, { system: 'insufficient-data', instance: 'insufficient-data' });
}

function instancesIn(world: World, zone: string): Shape[] {
  return records(world, 'Instances').filter((instance) => zoneOf(instance) === zone);
}

/** The zone's hosts stop answering: checks of all that runs there read insufficient-data. */
export function darkenZone(world: World, zone: string): void {
  world.assume(
    'ec2: in a dark zone the status checks read insufficient-data, stops and terminations hang, launches are refused',
  );
  for (const instance of instancesIn(world, zone)) {
    if (stateOf(instance) === 'running') darkenInstance(world, instance);
  }
}

/** The zone is back: checks read what they read before, and stops that hung go on. */
export function lightZone(world: World, zone: string): void {
  const { beforeDark, held } = runtimeOf(world);
  for (const instance of instancesIn(world, zone)) {
    const id = text(instance, 'InstanceId') ?? '';
    const waiting = held.get(id);
    if (waiting !== undefined) schedule(world, instance, ZONE_RECOVERY_MS, waiting);
    const before = beforeDark.get(id);
    beforeDark.delete(id);
    if (stateOf(instance) !== 'running') continue;
    if (before?.instance === 'initializing') beginChecks(world, instance);
    else setChecks(world, instance, before ?? { system: 'ok', instance: 'ok' });
  }
}
