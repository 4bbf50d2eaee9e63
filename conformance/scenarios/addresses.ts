/** Elastic IPs and the interfaces they sit on. */

import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DisassociateAddressCommand,
} from '@aws-sdk/client-ec2';
import type { Place, Scenario, Seed } from '../scenario.ts';

const PAIR: Seed = {
  instances: {
    active: { zone: 'a', tags: { 'runbook:vip': 'web' } },
    standby: { zone: 'b', tags: { 'runbook:vip': 'web' } },
  },
  addresses: { vip: { on: 'active', tags: { 'runbook:vip': 'web', Name: 'web' } } },
};

/** Where the address is, seen from all three sides. */
async function look({ ec2, id }: Place, ...instances: readonly string[]): Promise<void> {
  await ec2(new DescribeAddressesCommand({ AllocationIds: [id('vip')] }));
  for (const instance of instances) {
    await ec2(new DescribeInstancesCommand({ InstanceIds: [id(instance)] }));
    await ec2(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id(`${instance}.interface`)] }));
  }
}

async function associationOf({ ec2, id }: Place): Promise<string | undefined> {
  const answer = await ec2(new DescribeAddressesCommand({ AllocationIds: [id('vip')] }));
  return answer?.Addresses?.[0]?.AssociationId;
}

export const addressScenarios: readonly Scenario[] = [
  {
    name: 'an address that is allowed to be reassociated moves in one call, and both instances show it',
    seed: PAIR,
    play: async (place) => {
      await look(place, 'active', 'standby');
      const before = await associationOf(place);
      const moved = await place.ec2(
        new AssociateAddressCommand({
          AllocationId: place.id('vip'),
          InstanceId: place.id('standby'),
          AllowReassociation: true,
        }),
      );
      place.fact('a move makes a new association', moved?.AssociationId !== before);
      place.fact(
        'the move answers with the association that is described',
        moved?.AssociationId === (await associationOf(place)),
      );
      await look(place, 'active', 'standby');
    },
  },
  {
    name: 'an address moves to an interface and a private address',
    seed: PAIR,
    play: async (place) => {
      const target = { NetworkInterfaceId: place.id('standby.interface'), PrivateIpAddress: place.id('standby.ip') };
      await place.ec2(
        new AssociateAddressCommand({ AllocationId: place.id('vip'), ...target, AllowReassociation: true }),
      );
      await look(place, 'active', 'standby');
    },
  },
  {
    name: 'an address on another instance stays there when reassociation is not allowed',
    seed: PAIR,
    play: async (place) => {
      await place.ec2(
        new AssociateAddressCommand({
          AllocationId: place.id('vip'),
          InstanceId: place.id('standby'),
          AllowReassociation: false,
        }),
      );
      await look(place, 'active');
    },
  },
  {
    name: 'an address in a VPC moves when nothing is said about reassociation',
    seed: PAIR,
    play: async (place) => {
      await place.ec2(new AssociateAddressCommand({ AllocationId: place.id('vip'), InstanceId: place.id('standby') }));
      await look(place, 'standby');
    },
  },
  {
    name: 'associating again where the address is changes nothing',
    seed: PAIR,
    play: async (place) => {
      const before = await associationOf(place);
      const again = await place.ec2(
        new AssociateAddressCommand({
          AllocationId: place.id('vip'),
          InstanceId: place.id('active'),
          AllowReassociation: true,
        }),
      );
      place.fact('a repeat answers with the same association', again?.AssociationId === before);
      const bare = await place.ec2(
        new AssociateAddressCommand({
          AllocationId: place.id('vip'),
          InstanceId: place.id('active'),
          AllowReassociation: false,
        }),
      );
      place.fact(
        'a repeat without permission to reassociate answers with the same association',
        bare?.AssociationId === before,
      );
    },
  },
  {
    name: 'a second address displaces the first from a private address',
    seed: { ...PAIR, addresses: { vip: { on: 'active' }, other: {} } },
    play: async (place) => {
      await place.ec2(
        new AssociateAddressCommand({
          AllocationId: place.id('other'),
          InstanceId: place.id('active'),
          AllowReassociation: true,
        }),
      );
      await place.ec2(new DescribeAddressesCommand({ AllocationIds: [place.id('vip'), place.id('other')] }));
      await place.ec2(new DescribeInstancesCommand({ InstanceIds: [place.id('active')] }));
    },
  },
  {
    name: 'a free address is associated, disassociated, and is free again',
    seed: { instances: { active: { zone: 'a' } }, addresses: { vip: {} } },
    play: async (place) => {
      const made = await place.ec2(
        new AssociateAddressCommand({ AllocationId: place.id('vip'), InstanceId: place.id('active') }),
      );
      await look(place, 'active');
      await place.ec2(new DisassociateAddressCommand({ AssociationId: made?.AssociationId }));
      await look(place, 'active');
      await place.ec2(new DisassociateAddressCommand({ AssociationId: made?.AssociationId }));
    },
  },
  {
    name: 'an address sits on a stopped instance as well',
    seed: { instances: { active: { zone: 'a', stopped: true } }, addresses: { vip: {} } },
    play: async (place) => {
      await place.ec2(new AssociateAddressCommand({ AllocationId: place.id('vip'), InstanceId: place.id('active') }));
      await place.ec2(new DescribeAddressesCommand({ AllocationIds: [place.id('vip')] }));
    },
  },
  {
    name: 'requests about addresses that cannot be',
    seed: PAIR,
    play: async ({ ec2, id }) => {
      await ec2(new AssociateAddressCommand({ AllocationId: 'eipalloc-0ffffffffffffffff', InstanceId: id('standby') }));
      await ec2(new AssociateAddressCommand({ AllocationId: id('vip'), InstanceId: 'i-0ffffffffffffffff' }));
      await ec2(new AssociateAddressCommand({ AllocationId: id('vip'), NetworkInterfaceId: 'eni-0ffffffffffffffff' }));
      await ec2(new AssociateAddressCommand({ AllocationId: id('vip') }));
      await ec2(new AssociateAddressCommand({ InstanceId: id('standby') }));
      await ec2(
        new AssociateAddressCommand({
          AllocationId: id('vip'),
          NetworkInterfaceId: id('standby.interface'),
          PrivateIpAddress: '10.9.9.9',
          AllowReassociation: true,
        }),
      );
      await ec2(new DisassociateAddressCommand({ AssociationId: 'eipassoc-0ffffffffffffffff' }));
      await ec2(new DescribeAddressesCommand({ AllocationIds: ['eipalloc-0ffffffffffffffff'] }));
      await ec2(new DescribeAddressesCommand({ PublicIps: ['198.51.100.200'] }));
      await ec2(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ['eni-0ffffffffffffffff'] }));
    },
  },
  {
    name: 'addresses and interfaces are found by filters',
    seed: { ...PAIR, addresses: { vip: { on: 'active', tags: { 'runbook:vip': 'web' } }, other: {} } },
    play: async ({ ec2, id }) => {
      await ec2(new DescribeAddressesCommand({ Filters: [{ Name: 'tag-key', Values: ['runbook:vip'] }] }));
      await ec2(new DescribeAddressesCommand({ Filters: [{ Name: 'tag:runbook:vip', Values: ['web'] }] }));
      await ec2(new DescribeAddressesCommand({ Filters: [{ Name: 'tag:runbook:vip', Values: ['mail'] }] }));
      await ec2(new DescribeAddressesCommand({ Filters: [{ Name: 'instance-id', Values: [id('active')] }] }));
      await ec2(new DescribeAddressesCommand({ PublicIps: [id('vip.public')] }));
      await ec2(
        new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id('active')] }] }),
      );
    },
  },
];
