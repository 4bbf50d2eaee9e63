import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { list } from '../../../../simulator/services/ec2/state.ts';
import { refusal, pair } from './ec2-world.ts';

describe('DescribeAddresses', () => {
  function ids(answer: Shape): unknown[] {
    return list(answer, 'Addresses').map((address) => address['AllocationId']);
  }

  it('finds by id, by public address and by filters', () => {
    const { call, record } = pair();
    record('Addresses', 1)['Tags'] = [{ Key: 'runbook:vip', Value: 'web' }];
    const by = (Name: string, ...Values: string[]): unknown[] =>
      ids(call('DescribeAddresses', { Filters: [{ Name, Values }] }));
    expect(ids(call('DescribeAddresses'))).toEqual(['eipalloc-1', 'eipalloc-2']);
    expect(ids(call('DescribeAddresses', { AllocationIds: ['eipalloc-2'] }))).toEqual(['eipalloc-2']);
    expect(ids(call('DescribeAddresses', { PublicIps: ['203.0.113.10'] }))).toEqual(['eipalloc-1']);
    expect(by('allocation-id', 'eipalloc-2')).toEqual(['eipalloc-2']);
    expect(by('public-ip', '203.0.113.1?')).toEqual(['eipalloc-1', 'eipalloc-2']);
    expect(by('instance-id', 'i-a')).toEqual(['eipalloc-1']);
    expect(by('network-interface-id', 'eni-a')).toEqual(['eipalloc-1']);
    expect(by('private-ip-address', '10.0.0.10')).toEqual(['eipalloc-1']);
    expect(by('tag:runbook:vip', 'web')).toEqual(['eipalloc-2']);
    expect(by('tag-key', 'runbook:*')).toEqual(['eipalloc-2']);
    expect(by('tag:runbook:vip', 'mail')).toEqual([]);
    expect(
      ids(
        call('DescribeAddresses', {
          Filters: [
            { Name: 'instance-id', Values: ['i-a', 'i-b'] },
            { Name: 'tag-key', Values: ['runbook:vip'] },
          ],
        }),
      ),
    ).toEqual([]);
  });

  it('names all ids it does not know', () => {
    const { call } = pair();
    expect(
      refusal(() => call('DescribeAddresses', { AllocationIds: ['eipalloc-1', 'eipalloc-8', 'eipalloc-9'] })),
    ).toBe("InvalidAllocationID.NotFound: The allocation IDs 'eipalloc-8, eipalloc-9' do not exist");
    expect(refusal(() => call('DescribeAddresses', { PublicIps: ['203.0.113.99'] }))).toBe(
      "InvalidAddress.NotFound: Address '203.0.113.99' not found.",
    );
  });

  it('gives copies', () => {
    const { call, record } = pair();
    const [address = {}] = list(call('DescribeAddresses'), 'Addresses');
    expect(address['InstanceId']).toBe('i-a');
    address['InstanceId'] = 'i-z';
    const { Tags: tags } = address;
    if (Array.isArray(tags)) tags.push({ Key: 'x', Value: 'y' });
    expect(tags).toHaveLength(1);
    expect(record('Addresses')).toMatchObject({ InstanceId: 'i-a', Tags: [] });
  });

  it('ends the run at a filter that is not modelled', () => {
    const { call } = pair();
    expect(refusal(() => call('DescribeAddresses', { Filters: [{ Name: 'carrier-ip', Values: ['x'] }] }))).toBe(
      'not simulated: ec2:DescribeAddresses filter carrier-ip',
    );
  });
});

describe('a scripted move', () => {
  it('to another instance, off, and away has the consequences of the calls', () => {
    const { change, record, world } = pair();
    expect(change('ec2/Addresses/eipalloc-1/InstanceId', 'i-b')).toBe(true);
    expect(record('Instances', 1)['PublicIpAddress']).toBe('203.0.113.10');
    expect(change('ec2/Addresses/eipalloc-2/NetworkInterfaceId', 'eni-b')).toBe(true);
    expect(record('Addresses')['InstanceId']).toBeUndefined();
    expect(change('ec2/Addresses/eipalloc-2/InstanceId', null)).toBe(true);
    expect(world.records('ec2', 'NetworkInterfaces').map((eni) => eni['Association'])).toEqual([undefined, undefined]);
    change('ec2/Addresses/eipalloc-1/InstanceId', 'i-a');
    expect(change('ec2/Addresses/eipalloc-1', null)).toBe(false);
    expect(record('Instances')['PublicIpAddress']).toBeUndefined();
  });

  it('names the path of what cannot be', () => {
    const { change } = pair();
    expect(refusal(() => change('ec2/Addresses/eipalloc-1/InstanceId', 'i-z'))).toBe(
      'ec2/Addresses/eipalloc-1/InstanceId: there is no instance with an interface i-z',
    );
    expect(refusal(() => change('ec2/Addresses/eipalloc-1/AssociationId', 'eipassoc-1'))).toContain(
      'ec2/Addresses/eipalloc-1/AssociationId: set InstanceId',
    );
  });
});
