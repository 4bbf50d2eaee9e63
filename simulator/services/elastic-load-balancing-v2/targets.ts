/** Targets come and go: by request, or because an Auto Scaling group has them register. */

import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { find, list, part, stateOf as stateOfInstance, text, zoneOf } from '../ec2/state.ts';
import { isCrossZone, msOfAttribute } from './attributes.ts';
import { healthShape, isNew, lookAt, setHealth, tell } from './health.ts';
import {
  API,
  checkedPort,
  demandGroup,
  dropTarget,
  findRecord,
  findTarget,
  healthRecord,
  idOf,
  invalid,
  numberIn,
  portOf,
  PREFIX,
  SERVICE,
  stateOf,
  targetsOf,
  type Target,
} from './state.ts';

/** Targets of a group that are instances: in each zone with cross-zone load balancing off, in all with it on. Source: load-balancer-limits.html (networks). */
const MOST_TARGETS = 500;
const TOO_MANY = `${PREFIX}: registering more than ${MOST_TARGETS} targets is a TooManyTargets`;

function invalidTarget(message: string): Error {
  return awsError('InvalidTargetException', message);
}

/** The instance of a target in a request. Source of the wordings: github.com/hashicorp/terraform-provider-aws/issues/16860 and 1022. */
function demandInstance(world: World, call: string, group: Shape, id: string): Shape {
  if (group['TargetType'] !== undefined && group['TargetType'] !== 'instance')
    throw new NotSimulatedError(`${call} of other targets than instances`);
  const instance = find(world, 'Instances', id);
  if (instance !== undefined) return instance;
  if (world.isMentionedOnly(id))
    throw new NotSimulatedError(`${call} of ${id}: the world file mentions it, but ec2.Instances does not hold it`);
  throw invalidTarget(`The following targets are not valid instances: '${id}'`);
}

function demandRegistrable(group: Shape, instance: Shape): void {
  const id = text(instance, 'InstanceId') ?? '';
  if (stateOfInstance(instance) !== 'running')
    throw invalidTarget(`The following targets are not in a running state and cannot be registered: '${id}'`);
  const [vpc, own] = [text(group, 'VpcId'), text(instance, 'VpcId')];
  if (vpc !== undefined && own !== undefined && vpc !== own)
    throw invalidTarget(`The following targets are not in the target group VPC '${vpc}': '${id}'`);
}

function demandRoom(world: World, group: Shape, added: readonly Shape[]): void {
  const zones = targetsOf(world, group).map((target) => zoneOf(find(world, 'Instances', idOf(target)) ?? {}));
  const all = [...zones, ...added.map(zoneOf)];
  const crowds = isCrossZone(world, group)
    ? [all.length]
    : [...new Set(all)].map((zone) => all.filter((each) => each === zone).length);
  if (crowds.every((size) => size <= MOST_TARGETS)) return;
  world.assume(TOO_MANY);
  throw awsError('TooManyTargetsException', `The target group can have at most ${MOST_TARGETS} targets`);
}

/** A target that crashes at each boot does not answer. */
function boot(world: World, target: Target): void {
  const instance = find(world, 'Instances', idOf(target));
  if (target.group['NewTargetsServe'] !== false || instance === undefined || !isNew(world, instance)) return;
  instance['Serves'] ??= false;
}

/** Registers an instance by a port; one that is draining comes back, any other that is there stays as it is. */
function register(world: World, group: Shape, id: string, port: number): void {
  const known = findTarget(world, group, id, port);
  if (known !== undefined) {
    if (stateOf(known) !== 'draining') return;
    setHealth(world, known, healthShape('initial'));
    lookAt(world, known);
    return;
  }
  let health = healthRecord(world, group['TargetGroupArn']);
  if (health === undefined) {
    health = { TargetGroupArn: group['TargetGroupArn'] };
    world.records(SERVICE, 'TargetHealth').push(health);
  }
  const record: Shape = { Target: { Id: id, Port: port }, TargetHealth: healthShape('initial') };
  const target: Target = { group, record };
  record['HealthCheckPort'] = String(checkedPort(target));
  health['TargetHealthDescriptions'] = [...list(health, 'TargetHealthDescriptions'), record];
  boot(world, target);
  tell(world, target);
  lookAt(world, target);
}

/** Takes a target off: it drains for the group's delay, unless it is of no use already. */
export function deregister(world: World, target: Target): void {
  const state = stateOf(target);
  if (state === 'draining') return;
  setHealth(world, target, healthShape('draining'));
  const delayMs = msOfAttribute(target.group, 'deregistration_delay.timeout_seconds');
  if (state === 'unused' || delayMs === 0) dropTarget(world, target);
  else lookAt(world, target);
}

/** The targets of a request, each with the port that it names, or the group's. */
function wanted(input: Shape, group: Shape): readonly { id: string; port: number }[] {
  const targets = list(input, 'Targets');
  if (targets.length === 0) throw invalid('At least one target must be specified');
  return targets.map((target) => ({
    id: text(target, 'Id') ?? '',
    port: numberIn(target, 'Port', numberIn(group, 'Port', 0)),
  }));
}

/** All or none. */
function registerTargets(input: Shape, world: World): object {
  const call = `${PREFIX}:RegisterTargets`;
  const group = demandGroup(world, 'RegisterTargets', input['TargetGroupArn']);
  const targets = wanted(input, group);
  const instances = targets.map(({ id }) => demandInstance(world, call, group, id));
  for (const instance of instances) demandRegistrable(group, instance);
  demandKnownTargets(world, call, group);
  const added = instances.filter((_one, index) => {
    const target = targets[index];
    return target !== undefined && findTarget(world, group, target.id, target.port) === undefined;
  });
  demandRoom(world, group, added);
  for (const { id, port } of targets) register(world, group, id, port);
  return {};
}

/** @throws NotSimulatedError where a pasted world does not say who is registered */
export function demandKnownTargets(world: World, call: string, group: Shape): void {
  const arn = text(group, 'TargetGroupArn') ?? '';
  if (!world.isPasted || findRecord(world, 'TargetHealth', arn)?.['TargetHealthDescriptions'] !== undefined) return;
  throw new NotSimulatedError(
    `${call}: not pasted: who is registered with ${arn}; \`aws elbv2 describe-target-health --target-group-arn ${arn}\` prints it: write its output into "${SERVICE}": { "TargetHealth": [] } with the TargetGroupArn beside`,
  );
}

/** A target that was registered by a port of its own is only found by that; one that is not there is no error. Source: API_DeregisterTargets. */
function deregisterTargets(input: Shape, world: World): object {
  const call = `${PREFIX}:DeregisterTargets`;
  const group = demandGroup(world, 'DeregisterTargets', input['TargetGroupArn']);
  const targets = wanted(input, group);
  demandKnownTargets(world, call, group);
  for (const { id, port } of targets) {
    const target = findTarget(world, group, id, port);
    if (target !== undefined) deregister(world, target);
  }
  return {};
}

function groupsNamed(world: World, arns: readonly unknown[]): readonly Shape[] {
  return arns.map((arn) => findRecord(world, 'TargetGroups', arn)).filter((group) => group !== undefined);
}

/** Whether a target group is there. */
export function hasTargetGroup(world: World, arn: unknown): boolean {
  return findRecord(world, 'TargetGroups', arn) !== undefined;
}

/** Registers a member of an Auto Scaling group with those of its target groups that the world has. */
export function registerMember(world: World, arns: readonly unknown[], instanceId: string): void {
  for (const group of groupsNamed(world, arns)) register(world, group, instanceId, numberIn(group, 'Port', 0));
}

function registrationsOf(world: World, arns: readonly unknown[], instanceId: string): readonly Target[] {
  return groupsNamed(world, arns).flatMap((group) =>
    targetsOf(world, group).filter((target) => idOf(target) === instanceId && portOf(target) === group['Port']),
  );
}

/** Takes a member of an Auto Scaling group off its target groups; how many milliseconds the longest of them has it drain. */
export function deregisterMember(world: World, arns: readonly unknown[], instanceId: string): number {
  const targets = registrationsOf(world, arns, instanceId);
  for (const target of targets) deregister(world, target);
  const ends = targets.map(({ record }) => Date.parse(text(part(record, 'Turns'), 'At') ?? world.clock.iso()));
  return Math.max(0, ...ends.map((end) => end - world.clock.now()));
}

/** Whether one of a member's target groups finds it unhealthy. */
export function isUnhealthyMember(world: World, arns: readonly unknown[], instanceId: string): boolean {
  return registrationsOf(world, arns, instanceId).some((target) => stateOf(target).startsWith('unhealthy'));
}

function write(operation: string, run: Operation['run']): Operation {
  return { kind: 'write', grade: 'documented', source: `${API}${operation}.html`, run };
}

export const targetOperations: { readonly [operation: string]: Operation } = {
  RegisterTargets: write('RegisterTargets', registerTargets),
  DeregisterTargets: write('DeregisterTargets', deregisterTargets),
};
