/** What a world file leaves out of target groups, their targets and listeners. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { Shape, World } from '../../engine/model.ts';
import { find, list, part, show, text } from '../ec2/state.ts';
import { healthShape } from './health.ts';
import { completeBalancer } from './load-balancers.ts';
import {
  balancerArn,
  checkedPort,
  findRecord,
  GROUP_ARN,
  healthRecord,
  idOf,
  portOf,
  reasonOf,
  recordsOf,
  SERVICE,
  stateOf,
  targetsOf,
  type Target,
} from './state.ts';
import { verdictOf } from './verdict.ts';

function isHttp(group: Shape): boolean {
  return group['Protocol'] === 'HTTP' || group['Protocol'] === 'HTTPS';
}

/** The load balancer of the listener that forwards to a group. */
function forwarding(world: World, group: Shape): readonly string[] {
  const arn = show(group['TargetGroupArn']);
  const listener = recordsOf(world, 'Listeners').find((one) =>
    JSON.stringify(one['DefaultActions'] ?? []).includes(arn),
  );
  return text(listener, 'LoadBalancerArn') === undefined ? [] : [show(listener?.['LoadBalancerArn'])];
}

/**
 * Adds what was left out of a target group.
 * @throws BadInputError for an ARN that is no target group's, a group without a port, a load balancer that is not there
 */
export function completeGroup(world: World, group: Shape, at: string): void {
  const [, name] = GROUP_ARN.exec(show(group['TargetGroupArn'])) ?? [];
  if (name === undefined)
    throw new BadInputError(
      `${at}.TargetGroupArn`,
      'must be arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID',
    );
  group['TargetGroupName'] ??= name;
  group['LoadBalancerArns'] ??= forwarding(world, group);
  const balancer = findRecord(world, 'LoadBalancers', balancerArn(group));
  if (balancer === undefined && balancerArn(group) !== undefined)
    world.gap({
      path: `${at}.LoadBalancerArns`,
      id: balancerArn(group) ?? '',
      message: `there is no ${balancerArn(group) ?? ''} in ${SERVICE}.LoadBalancers`,
    });
  if (world.isPasted) return;
  group['TargetType'] ??= 'instance';
  if (group['Port'] === undefined && group['TargetType'] !== 'lambda')
    throw new BadInputError(`${at}.Port`, 'is missing');
  const defaults: Shape = {
    Protocol: 'TCP',
    VpcId: balancer?.['VpcId'],
    // Source of the defaults: API_CreateTargetGroup.
    HealthCheckProtocol: isHttp(group) ? 'HTTP' : 'TCP',
    HealthCheckPort: 'traffic-port',
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: 30,
    HealthCheckTimeoutSeconds: group['Protocol'] === 'HTTP' ? 6 : 10,
    HealthyThresholdCount: 5,
    UnhealthyThresholdCount: 2,
    IpAddressType: 'ipv4',
  };
  for (const [member, value] of Object.entries(defaults)) if (value !== undefined) group[member] ??= value;
}

/** Members in service of Auto Scaling groups that name a target group: they are its targets where the world says nothing of it. */
function membersFor(world: World, group: Shape): readonly string[] {
  const arn = group['TargetGroupArn'];
  const scaled = (world.data['auto-scaling']?.['AutoScalingGroups'] ?? []).filter((one) => {
    const arns: unknown = one['TargetGroupARNs'];
    return Array.isArray(arns) && arns.includes(arn);
  });
  return scaled
    .flatMap((one) => list(one, 'Instances'))
    .filter((member) => member['LifecycleState'] === 'InService')
    .map((member) => show(member['InstanceId']));
}

/** A target that no file gives is as its checks find it. */
function deriveTargets(world: World, group: Shape): void {
  const TargetHealthDescriptions = membersFor(world, group).map((Id): Shape => ({ Target: { Id } }));
  world.records(SERVICE, 'TargetHealth').push({ TargetGroupArn: group['TargetGroupArn'], TargetHealthDescriptions });
  for (const target of targetsOf(world, group)) {
    completeTarget(target);
    const isSilent = verdictOf(world, target).kind === 'silent';
    target.record['TargetHealth'] = healthShape(isSilent ? 'unhealthy' : 'healthy');
  }
}

function completeTarget(target: Target): void {
  const { record } = target;
  record['Target'] = { Id: idOf(target), Port: portOf(target), ...part(record, 'Target') };
  record['HealthCheckPort'] ??= String(checkedPort(target));
  const { Reason: reason, Description: description } = part(record, 'TargetHealth');
  record['TargetHealth'] = healthShape(
    stateOf(target),
    typeof reason === 'string' ? reason : undefined,
    typeof description === 'string' ? description : undefined,
  );
}

/** Targets of a file: each once, of instances that are there. */
function completeTargets(world: World, group: Shape, at: string): void {
  const seen = new Set<string>();
  for (const [index, target] of targetsOf(world, group).entries()) {
    const here = `${at}.TargetHealthDescriptions[${index}].Target.Id`;
    const id = idOf(target);
    if (id === '') throw new BadInputError(here, 'is missing');
    completeTarget(target);
    if (seen.has(`${id} ${portOf(target)}`)) throw new BadInputError(here, `${id} is there twice by one port`);
    seen.add(`${id} ${portOf(target)}`);
    const isInstance = (group['TargetType'] ?? 'instance') === 'instance';
    if (isInstance && find(world, 'Instances', id) === undefined)
      world.gap({ path: here, id, message: `there is no instance ${id} in ec2.Instances` });
  }
}

/** Without listeners a written world's groups each have one. */
function deriveListeners(world: World): void {
  if (world.isPasted || world.data[SERVICE]?.['Listeners'] !== undefined) return;
  for (const group of recordsOf(world, 'TargetGroups')) {
    const [balancer, arn] = [balancerArn(group), show(group['TargetGroupArn'])];
    if (balancer === undefined) continue;
    world.records(SERVICE, 'Listeners').push({
      ListenerArn: `${balancer.replace(':loadbalancer/', ':listener/')}/${arn.split('/').at(-1) ?? ''}`,
      LoadBalancerArn: balancer,
      Port: group['Port'],
      Protocol: group['Protocol'],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
    });
  }
}

/** What is given unhealthy and would be reached does not serve, by these ports. */
export function noteSilence(world: World, targets: readonly Target[]): void {
  const failing = targets.filter(
    (target) =>
      stateOf(target).startsWith('unhealthy') &&
      reasonOf(target).startsWith('Target.') &&
      verdictOf(world, target).kind === 'answers',
  );
  for (const id of new Set(failing.map(idOf))) {
    const instance = find(world, 'Instances', id);
    if (instance === undefined || instance['Serves'] !== undefined) continue;
    const dead = new Set(failing.filter((target) => idOf(target) === id).map(checkedPort));
    const alive = targets.filter((target) => idOf(target) === id && !dead.has(checkedPort(target))).map(checkedPort);
    instance['Serves'] = alive.length === 0 ? false : [...new Set(alive)];
  }
}

/** What is given healthy and would not be reached gets past what is in the way, until that changes. */
export function notePassage(world: World, target: Target): void {
  if (stateOf(target) !== 'healthy') return;
  const verdict = verdictOf(world, target);
  if (verdict.kind !== 'silent' || verdict.by === undefined) return;
  world.assume(
    'elasticloadbalancing: a target that is given as healthy is reached, whatever the rules say, until they change',
  );
  target.record['PassesBy'] = verdict.by;
}

function completeHealth(world: World): void {
  for (const [index, record] of recordsOf(world, 'TargetHealth').entries()) {
    const group = findRecord(world, 'TargetGroups', record['TargetGroupArn']);
    const at = `${SERVICE}.TargetHealth[${index}]`;
    if (group !== undefined) completeTargets(world, group, at);
    else
      world.gap({
        path: `${at}.TargetGroupArn`,
        id: show(record['TargetGroupArn']),
        message: `there is no ${show(record['TargetGroupArn'])} in ${SERVICE}.TargetGroups`,
      });
  }
}

/** Completes what the world file has left out. */
export function completeElb(world: World): void {
  for (const [index, record] of recordsOf(world, 'LoadBalancers').entries())
    completeBalancer(world, record, `${SERVICE}.LoadBalancers[${index}]`);
  const groups = recordsOf(world, 'TargetGroups');
  for (const [index, group] of groups.entries()) completeGroup(world, group, `${SERVICE}.TargetGroups[${index}]`);
  deriveListeners(world);
  completeHealth(world);
  for (const group of groups)
    if (!world.isPasted && healthRecord(world, group['TargetGroupArn']) === undefined) deriveTargets(world, group);
  const targets = groups.flatMap((group) => targetsOf(world, group));
  noteSilence(world, targets);
  for (const target of targets) notePassage(world, target);
}
