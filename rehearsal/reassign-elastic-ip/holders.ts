/** Whether an instance is fit to hold an address, as the world shows it: the watchers' own judgement, not the runbook's. */

import { parseProbe } from '../../shared/kernel/probe.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import { find, part, text } from '../../simulator/services/ec2/state.ts';
import { probeNow } from '../../simulator/world/probes.ts';
import { groupMembers, tagOf } from '../records.ts';

const BAD_CHECK: ReadonlySet<string> = new Set(['impaired', 'insufficient-data']);

/** The state of an instance; `absent` for one that EC2 does not know. */
export function stateOf(world: World, instanceId: string | undefined): string {
  return text(part(find(world, 'Instances', instanceId), 'State'), 'Name') ?? 'absent';
}

function lifecycleStateOf(world: World, instanceId: string): string {
  const member = groupMembers(world).find((one) => one['InstanceId'] === instanceId);
  return text(member, 'LifecycleState') ?? '';
}

/** What speaks against an instance as holder: state, status checks, its group. */
export function flawOf(world: World, instanceId: string): string | undefined {
  const state = stateOf(world, instanceId);
  if (state !== 'running') return `${instanceId} is ${state}`;
  const status = find(world, 'InstanceStatuses', instanceId);
  for (const check of ['SystemStatus', 'InstanceStatus', 'AttachedEbsStatus']) {
    const value = text(part(status, check), 'Status') ?? 'not-applicable';
    if (BAD_CHECK.has(value)) return `${instanceId}: ${check} is ${value}`;
  }
  const lifecycle = lifecycleStateOf(world, instanceId);
  return lifecycle.startsWith('Terminating') ? `${instanceId} is ${lifecycle}` : undefined;
}

/** It is red, and its operators have not muted it. */
function isInAlarm(alarm: Shape): boolean {
  return alarm['StateValue'] === 'ALARM' && alarm['ActionsEnabled'] !== false;
}

const writtenOut = new WeakMap<Shape, string>();

/** What an alarm measures, as text: asked at every moment of a run, and it does not change. */
function measured(alarm: Shape): string {
  const known = writtenOut.get(alarm);
  if (known !== undefined) return known;
  const written = JSON.stringify([alarm['Dimensions'], alarm['Metrics']]);
  writtenOut.set(alarm, written);
  return written;
}

/** Whether an alarm is about the instance, and about something else than EC2's own metrics of it. */
function isOwnAlarmAbout(alarm: Shape, instanceId: string): boolean {
  const written = measured(alarm);
  const isAboutEc2 = text(alarm, 'Namespace') === 'AWS/EC2' || written.includes('"AWS/EC2"');
  return written.includes(instanceId) && !isAboutEc2;
}

function ownAlarms(world: World, instanceId: string): readonly Shape[] {
  return world.records('cloudwatch', 'MetricAlarms').filter((alarm) => isOwnAlarmAbout(alarm, instanceId));
}

/** Whether an alarm of the operator's own about the instance itself is raised, beyond doubt: no composite one, which may speak of others. */
export function isAlarmedItself(world: World, instanceId: string): boolean {
  return ownAlarms(world, instanceId).some(isInAlarm);
}

/** An alarm of the operator's own about the instance. EC2's own metrics are read directly, and an alarm on them lags behind. */
export function isAlarmed(world: World, instanceId: string): boolean {
  if (isAlarmedItself(world, instanceId)) return true;
  const own = ownAlarms(world, instanceId);
  const names = own.map((alarm) => String(alarm['AlarmName']));
  const isOverOwn = (composite: Shape): boolean => names.some((name) => String(composite['AlarmRule']).includes(name));
  return world.records('cloudwatch', 'CompositeAlarms').some((alarm) => isInAlarm(alarm) && isOverOwn(alarm));
}

/** Whether the instance answers the probe of the address, or the address has none. */
export function answersItsProbe(world: World, address: Shape, instanceId: string): boolean {
  const target = parseProbe(tagOf(address, 'runbook:probe') ?? '');
  if (target === undefined) return true;
  const key = `instance>${instanceId}:${target.port}`;
  const stated = world.records('probes', 'Probes').find((probe) => probe['Key'] === key);
  if (stated === undefined) return probeNow(world, text(address, 'PublicIp') ?? '', target) === 'ok';
  const answer = stated['Answer'];
  if (typeof answer !== 'number') return answer === 'ok';
  // Whoever answers HTTP with an error has accepted the connection: well for tcp, not for http.
  return target.scheme === 'tcp' || (answer >= 200 && answer < 400);
}
