/** Instances: their states, checks, zones, and what they are asked for by. */

import {
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeSpotInstanceRequestsCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Place, Scenario, Seed } from '../scenario.ts';

const ONE: Seed = { instances: { web: { zone: 'a', tags: { Name: 'web' } } } };

async function awaitState({ ec2, id, until }: Place, name: string, state: string): Promise<void> {
  await until(`${name} is ${state}`, async () => {
    const answer = await ec2(new DescribeInstancesCommand({ InstanceIds: [id(name)] }));
    return answer?.Reservations?.[0]?.Instances?.[0]?.State?.Name === state;
  });
}

async function look({ ec2, id }: Place): Promise<void> {
  await ec2(new DescribeInstancesCommand({ InstanceIds: [id('web')] }));
  await ec2(new DescribeInstanceStatusCommand({ InstanceIds: [id('web')] }));
  await ec2(new DescribeInstanceStatusCommand({ InstanceIds: [id('web')], IncludeAllInstances: true }));
}

export const instanceScenarios: readonly Scenario[] = [
  {
    name: 'an instance stops and starts again',
    seed: ONE,
    play: async (place) => {
      const web = { InstanceIds: [place.id('web')] };
      await look(place);
      await place.ec2(new StopInstancesCommand(web));
      await awaitState(place, 'web', 'stopped');
      await look(place);
      await place.ec2(new StopInstancesCommand(web));
      await place.ec2(new StartInstancesCommand(web));
      await awaitState(place, 'web', 'running');
      await place.ec2(new DescribeInstancesCommand(web));
      await place.ec2(new StartInstancesCommand(web));
    },
  },
  {
    name: 'an instance that holds an address keeps it when it stops and loses it when it is terminated',
    seed: { ...ONE, addresses: { vip: { on: 'web' } } },
    play: async (place) => {
      const web = { InstanceIds: [place.id('web')] };
      await place.ec2(new StopInstancesCommand(web));
      await awaitState(place, 'web', 'stopped');
      await place.ec2(new DescribeAddressesCommand({ AllocationIds: [place.id('vip')] }));
      await place.ec2(new TerminateInstancesCommand(web));
      await awaitState(place, 'web', 'terminated');
      await place.ec2(new DescribeAddressesCommand({ AllocationIds: [place.id('vip')] }));
      await place.ec2(new DescribeInstancesCommand(web));
    },
  },
  {
    name: 'a terminated instance neither stops nor starts, and is terminated once and for all',
    seed: ONE,
    play: async (place) => {
      const web = { InstanceIds: [place.id('web')] };
      await place.ec2(new TerminateInstancesCommand(web));
      await awaitState(place, 'web', 'terminated');
      await place.ec2(new StopInstancesCommand(web));
      await place.ec2(new StartInstancesCommand(web));
      await place.ec2(new TerminateInstancesCommand(web));
      await place.ec2(new DescribeInstanceStatusCommand(web));
    },
  },
  {
    name: 'requests about instances that cannot be',
    seed: ONE,
    play: async ({ ec2 }) => {
      for (const id of ['i-0ffffffffffffffff', 'web']) {
        await ec2(new DescribeInstancesCommand({ InstanceIds: [id] }));
        await ec2(new DescribeInstanceStatusCommand({ InstanceIds: [id] }));
        await ec2(new StopInstancesCommand({ InstanceIds: [id] }));
        await ec2(new StartInstancesCommand({ InstanceIds: [id] }));
        await ec2(new TerminateInstancesCommand({ InstanceIds: [id] }));
      }
    },
  },
  {
    name: 'one instance that is not there spoils the request for all of them',
    seed: ONE,
    play: async ({ ec2, id }) => {
      await ec2(new StopInstancesCommand({ InstanceIds: [id('web'), 'i-0ffffffffffffffff'] }));
      await ec2(new DescribeInstancesCommand({ InstanceIds: [id('web')] }));
    },
  },
  {
    name: 'instances are found by tags and states',
    seed: {
      instances: {
        active: { zone: 'a', tags: { 'runbook:vip': 'web' } },
        standby: { zone: 'b', tags: { 'runbook:vip': 'web' }, stopped: true },
        other: { zone: 'a' },
      },
    },
    play: async ({ ec2 }) => {
      await ec2(new DescribeInstancesCommand({ Filters: [{ Name: 'tag-key', Values: ['runbook:vip'] }] }));
      await ec2(
        new DescribeInstancesCommand({
          Filters: [
            { Name: 'tag:runbook:vip', Values: ['web'] },
            { Name: 'instance-state-name', Values: ['running'] },
          ],
        }),
      );
      await ec2(new DescribeInstancesCommand({ Filters: [{ Name: 'tag:runbook:vip', Values: ['mail', 'db'] }] }));
      await ec2(new DescribeInstancesCommand({ Filters: [{ Name: 'availability-zone', Values: ['eu-west-1b'] }] }));
    },
  },
  {
    name: 'a listing of instances comes in pages',
    seed: {
      instances: Object.fromEntries(
        Array.from({ length: 7 }, (_, index) => [`member-${index}`, { zone: 'a' as const }]),
      ),
    },
    play: async ({ ec2, fact, unnoted }) => {
      // Which of them come first is nobody's promise.
      const list = (NextToken?: string) =>
        unnoted(() => ec2(new DescribeInstancesCommand({ MaxResults: 5, NextToken })));
      const first = await list();
      fact('instances on the first page', first?.Reservations?.flatMap(({ Instances }) => Instances ?? []).length);
      fact('the first page has a successor', first?.NextToken !== undefined);
      const second = await list(first?.NextToken);
      fact('instances on the second page', second?.Reservations?.flatMap(({ Instances }) => Instances ?? []).length);
      fact('the second page has a successor', second?.NextToken !== undefined);
    },
  },
  {
    name: 'availability zones are named with their border group',
    seed: ONE,
    play: async ({ ec2 }) => {
      await ec2(new DescribeAvailabilityZonesCommand({}));
      await ec2(new DescribeAvailabilityZonesCommand({ ZoneNames: ['eu-west-1a'] }));
      await ec2(new DescribeAvailabilityZonesCommand({ ZoneNames: ['eu-west-1z'] }));
    },
  },
  {
    name: 'an account without Spot requests has none',
    seed: ONE,
    play: async ({ ec2, id }) => {
      await ec2(new DescribeSpotInstanceRequestsCommand({}));
      await ec2(new DescribeSpotInstanceRequestsCommand({ Filters: [{ Name: 'instance-id', Values: [id('web')] }] }));
      await ec2(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: ['sir-0fffffff'] }));
    },
  },
];
