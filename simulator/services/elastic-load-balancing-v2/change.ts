/** Scripted changes of load balancers, target groups and their targets' health. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { Shape, World } from '../../engine/model.ts';
import { find, isShape, part, show, text } from '../ec2/state.ts';
import { completeBalancer } from './load-balancers.ts';
import { completeGroup, notePassage, noteSilence } from './complete.ts';
import { healthShape, lookAt, lookSoon, setHealth } from './health.ts';
import {
  allTargets,
  type Collection,
  COLLECTIONS,
  dropTarget,
  findRecord,
  idOf,
  portOf,
  SERVICE,
  targetsOf,
  type Target,
} from './state.ts';
import { deregister } from './targets.ts';

const STATES: ReadonlySet<unknown> = new Set([
  'draining',
  'healthy',
  'initial',
  'unavailable',
  'unhealthy',
  'unhealthy.draining',
  'unused',
]);

/** A target that a script calls `i-1`, or `i-1:22` where it is there by several ports. */
function demandTarget(world: World, group: Shape, name: string, at: string): Target {
  const [id, port] = name.split(':');
  const found = targetsOf(world, group).filter(
    (target) => idOf(target) === id && (port === undefined || portOf(target) === Number(port)),
  );
  const [first, second] = found;
  if (first === undefined) throw new BadInputError(at, `${name} is not registered at this time`);
  if (second !== undefined)
    throw new BadInputError(
      at,
      `${name} is there by several ports: write ${found.map((one) => `${name}:${portOf(one)}`).join(' or ')}`,
    );
  return first;
}

/** A state that is set as a world file gives it, with what it says of the instance. */
function setGiven(world: World, target: Target, health: Shape, at: string): void {
  const { State: state } = health;
  if (typeof state !== 'string' || !STATES.has(state))
    throw new BadInputError(at, `${show(state)} is not a state of a target`);
  if (state === 'draining') {
    deregister(world, target);
    return;
  }
  setHealth(world, target, healthShape(state, text(health, 'Reason'), text(health, 'Description')));
  const instance = find(world, 'Instances', idOf(target));
  if (state === 'healthy' || state.startsWith('unhealthy')) delete instance?.['Serves'];
  noteSilence(
    world,
    allTargets(world).filter((one) => idOf(one) === idOf(target)),
  );
  notePassage(world, target);
  lookAt(world, target);
}

function changeTarget(world: World, groupArn: string, path: readonly string[], value: unknown): boolean {
  const at = [SERVICE, 'TargetHealth', groupArn, ...path].join('/');
  const group = findRecord(world, 'TargetGroups', groupArn);
  const [name = '', member, ...inside] = path;
  if (group === undefined || name === '') throw new BadInputError(at, 'name a target: TARGET-GROUP-ARN/i-1/State');
  if (name === 'Unavailable') return false;
  const target = demandTarget(world, group, name, at);
  if (member === 'AdministrativeOverride' && inside.length === 0) {
    if (value === null) delete target.record[member];
    else target.record[member] = value;
  } else if (member === 'State') setGiven(world, target, { State: value }, at);
  else if (member === 'Reason')
    setGiven(world, target, { State: part(target.record, 'TargetHealth')['State'], Reason: value }, at);
  else if (member !== undefined)
    throw new BadInputError(
      at,
      'of a target set its State, its Reason, its AdministrativeOverride or the whole of its health',
    );
  else if (value === null) {
    setHealth(world, target, healthShape('unused', 'Target.NotRegistered'));
    dropTarget(world, target);
  } else setGiven(world, target, isShape(value) ? value : { State: value }, at);
  return true;
}

/** A record appears, or is replaced as a whole. */
function put(world: World, collection: Collection, key: string, value: Shape): void {
  const member = COLLECTIONS[collection];
  const record: Shape = { ...value, [member]: value[member] ?? key };
  const at = [SERVICE, collection, key].join('/');
  if (collection === 'LoadBalancers') completeBalancer(world, record, at);
  if (collection === 'TargetGroups') completeGroup(world, record, at);
  const all = world.records(SERVICE, collection);
  const index = all.findIndex((one) => one[member] === record[member]);
  if (index < 0) all.push(record);
  else all[index] = record;
  if (collection !== 'TargetGroups' || findRecord(world, 'TargetHealth', record[member]) !== undefined) return;
  world.records(SERVICE, 'TargetHealth').push({ TargetGroupArn: record[member], TargetHealthDescriptions: [] });
}

/** A load balancer or a target group appears, or is replaced as a whole; their members are set as they are, and targets looked at. */
export function changeElb(
  world: World,
  collection: string,
  key: string,
  path: readonly string[],
  value: unknown,
): boolean {
  lookSoon(world);
  if (collection === 'TargetHealth') return changeTarget(world, key, path, value);
  if (path.length > 0 || !isShape(value)) return false;
  if (collection !== 'LoadBalancers' && collection !== 'TargetGroups') return false;
  put(world, collection, key, value);
  return true;
}
