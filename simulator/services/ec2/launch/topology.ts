/** Where instances are in the network. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ec2-instance-topology-works.html */

import { InstanceTopology$ } from '@aws-sdk/client-ec2';
import { awsError, type Operation, type Shape, type World } from '../../../engine/model.ts';
import { hashOf } from '../../../engine/world.ts';
import { filtered, page, read, strings, type FilterPaths } from '../filters.ts';
import { outputOf } from '../shape.ts';
import { demand, part, records, show, stateOf, text, zoneOf } from '../state.ts';

const output = outputOf(InstanceTopology$);

/** Instances or groups that one request names. Source: API_DescribeInstanceTopology. */
const MOST_NAMED = 100;

/** Families that EC2 tells the topology of; of others it says nothing. Source: the page above, "Prerequisites". */
const TOLD = /^(?:hpc|p[345]|g6e?\.|trn)/u;

const FILTERS: FilterPaths = { 'availability-zone': 'AvailabilityZone', 'instance-type': 'InstanceType' };

function nodeId(of: string): string {
  return `nn-${hashOf(of).toString(16).padStart(8, '0')}`;
}

function topologyOf(instance: Shape): Shape {
  const group = text(part(instance, 'Placement'), 'GroupName') ?? '';
  const zone = show(zoneOf(instance));
  const lowest = group === '' ? show(instance['InstanceId']) : group;
  return {
    InstanceId: instance['InstanceId'],
    InstanceType: instance['InstanceType'],
    ...(group === '' ? {} : { GroupName: group }),
    NetworkNodes: [nodeId(zone), nodeId(`${zone}/${group}`), nodeId(`${zone}/${group}/${lowest}`)],
    AvailabilityZone: zone,
  };
}

function describeInstanceTopology(input: Shape, world: World): object {
  const [ids, groups] = [strings(input, 'InstanceIds'), strings(input, 'GroupNames')];
  if (ids.length > MOST_NAMED || groups.length > MOST_NAMED)
    throw awsError('InvalidParameterValue', `At most ${MOST_NAMED} instances or groups can be named.`);
  world.assume('ec2: instances of one placement group are under one network node, whatever their number');
  const named = ids.length === 0 ? records(world, 'Instances') : demand(world, 'Instances', ids);
  const running = named.filter((instance) => stateOf(instance) === 'running');
  const told = running.filter((instance) => TOLD.test(show(instance['InstanceType']))).map(topologyOf);
  const inGroups = groups.length === 0 ? told : told.filter((one) => groups.includes(show(one['GroupName'])));
  const found = filtered('DescribeInstanceTopology', input, inGroups, FILTERS);
  const { items, rest } = page('DescribeInstanceTopology', input, found, 'InstanceIds', { least: 1, most: 100 });
  return { Instances: items.map(output), ...rest };
}

export const topologyOperations: { readonly [operation: string]: Operation } = {
  DescribeInstanceTopology: read('DescribeInstanceTopology', describeInstanceTopology),
};
