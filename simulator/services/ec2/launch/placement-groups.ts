/** Placement groups. */

import { PlacementGroup$ } from '@aws-sdk/client-ec2';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../../engine/model.ts';
import { refuseMembers, requestedTags } from '../ebs-state.ts';
import { filtered, read, strings, write, type FilterPaths } from '../filters.ts';
import { notPasted } from '../../listing.ts';
import { outputOf } from '../shape.ts';
import { find, part, records, remove, show, stateOf, text } from '../state.ts';

const output = outputOf(PlacementGroup$);

/** In a Region. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html (rules and limitations). */
const MOST_GROUPS = 500;

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html */
const LONGEST_NAME = 255;
const MOST_PARTITIONS = 7;

function arnOf(world: World, name: string): string {
  return `arn:aws:ec2:${world.region}:${world.account}:placement-group/${name}`;
}

function completed(world: World, group: Shape): void {
  const name = show(group['GroupName']);
  group['GroupId'] ??= world.id('pg');
  group['Strategy'] ??= 'cluster';
  group['State'] ??= 'available';
  group['GroupArn'] ??= arnOf(world, name);
  group['Tags'] ??= [];
}

/** Completes what a file leaves out. */
export function completePlacementGroups(world: World): void {
  const names = new Set<string>();
  for (const [index, group] of records(world, 'PlacementGroups').entries()) {
    const name = text(group, 'GroupName');
    if (name === undefined) throw new BadInputError(`ec2.PlacementGroups[${index}].GroupName`, 'is missing');
    if (names.has(name)) throw new BadInputError(`ec2.PlacementGroups[${index}].GroupName`, `${name} is there twice`);
    names.add(name);
    completed(world, group);
  }
}

function byName(world: World, name: string): Shape | undefined {
  return records(world, 'PlacementGroups').find((group) => group['GroupName'] === name);
}

/**
 * The group of a name or an id.
 * @throws `InvalidPlacementGroup.Unknown` (AwsError)
 */
export function groupOf(
  world: World,
  { name, id }: { readonly name?: string | undefined; readonly id?: string | undefined },
): Shape {
  const found = id === undefined ? byName(world, name ?? '') : find(world, 'PlacementGroups', id);
  if (found !== undefined) return found;
  if (world.isUnsaid('ec2', 'PlacementGroups'))
    throw notPasted('ec2:DescribePlacementGroups', `ec2.PlacementGroups of ${id ?? name ?? ''}`);
  throw awsError('InvalidPlacementGroup.Unknown', `The Placement Group '${id ?? name ?? ''}' is unknown.`);
}

/** The instances that are in a group: all but the terminated, stopped ones too. */
export function membersOf(world: World, group: Shape): Shape[] {
  return records(world, 'Instances').filter((instance) => {
    const placement = part(instance, 'Placement');
    const isIn = text(placement, 'GroupId') === group['GroupId'] || text(placement, 'GroupName') === group['GroupName'];
    return isIn && stateOf(instance) !== 'terminated';
  });
}

const FILTERS: FilterPaths = {
  'group-arn': 'GroupArn',
  'group-id': 'GroupId',
  'group-name': 'GroupName',
  'spread-level': 'SpreadLevel',
  state: 'State',
  strategy: 'Strategy',
};

function describePlacementGroups(input: Shape, world: World): object {
  const [names, ids] = [strings(input, 'GroupNames'), strings(input, 'GroupIds')];
  const named = [...names.map((name) => groupOf(world, { name })), ...ids.map((id) => groupOf(world, { id }))];
  const all = names.length + ids.length > 0 ? [...new Set(named)] : records(world, 'PlacementGroups');
  return { PlacementGroups: filtered('DescribePlacementGroups', input, all, FILTERS).map(output) };
}

function demandPartitions(input: Shape, strategy: string): void {
  const count = input['PartitionCount'];
  if (count === undefined) return;
  if (strategy !== 'partition')
    throw awsError(
      'InvalidParameterCombination',
      'The parameter PartitionCount may only be used with the partition strategy.',
    );
  if (typeof count !== 'number' || count < 1 || count > MOST_PARTITIONS)
    throw awsError('InvalidParameterValue', `Value (${show(count)}) for parameter PartitionCount is invalid.`);
}

function createPlacementGroup(input: Shape, world: World): object {
  refuseMembers('CreatePlacementGroup', input, ['LinkedGroupId', 'ParentGroupId', 'Operator', 'SpreadLevel']);
  const name = text(input, 'GroupName');
  const strategy = text(input, 'Strategy') ?? 'cluster';
  if (name === undefined) throw awsError('MissingParameter', 'The request must contain the parameter GroupName');
  if (name.length > LONGEST_NAME)
    throw awsError('InvalidParameterValue', `Value (${name}) for parameter GroupName is invalid.`);
  if (!['cluster', 'spread', 'partition'].includes(strategy))
    throw new NotSimulatedError(`ec2:CreatePlacementGroup Strategy ${strategy}`);
  demandPartitions(input, strategy);
  const Tags = requestedTags(input, 'placement-group');
  if (byName(world, name) !== undefined)
    throw awsError('InvalidPlacementGroup.Duplicate', `The Placement Group '${name}' already exists.`);
  if (records(world, 'PlacementGroups').length >= MOST_GROUPS)
    throw awsError(
      'PlacementGroupLimitExceeded',
      `You have reached the limit on the number of placement groups (${MOST_GROUPS}).`,
    );
  world.assume('ec2: a placement group is available at once, and gone at once when it is deleted');
  const partitions = strategy === 'partition' ? { PartitionCount: input['PartitionCount'] ?? MOST_PARTITIONS } : {};
  const group: Shape = {
    GroupName: name,
    Strategy: strategy,
    Tags,
    ...partitions,
    ...(strategy === 'spread' ? { SpreadLevel: 'rack' } : {}),
  };
  completed(world, group);
  records(world, 'PlacementGroups').push(group);
  return { PlacementGroup: output(group) };
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeletePlacementGroup.html; that of reservations: the page on placement groups. */
function deletePlacementGroup(input: Shape, world: World): object {
  const group = groupOf(world, { name: text(input, 'GroupName') });
  const isReserved = records(world, 'CapacityReservations').some(
    (each) => each['PlacementGroupArn'] === group['GroupArn'] && each['State'] === 'active',
  );
  if (isReserved || membersOf(world, group).length > 0)
    throw awsError(
      'InvalidPlacementGroup.InUse',
      `The placement group '${show(group['GroupName'])}' is in use and may not be deleted.`,
    );
  world.assume('ec2: a placement group is available at once, and gone at once when it is deleted');
  remove(world, 'PlacementGroups', group);
  return {};
}

export const placementGroupOperations: { readonly [operation: string]: Operation } = {
  DescribePlacementGroups: read('DescribePlacementGroups', describePlacementGroups),
  CreatePlacementGroup: write('CreatePlacementGroup', createPlacementGroup),
  DeletePlacementGroup: write('DeletePlacementGroup', deletePlacementGroup),
};
