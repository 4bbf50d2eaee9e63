import { describe, expect, it } from 'vitest';
import { ec2 } from '../../../../simulator/services/ec2/ec2.ts';
import { ec2World, refusal } from './ec2-world.ts';

describe('CreateTags', () => {
  it('adds to and overwrites on all named resources', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-1', Tags: [{ Key: 'a', Value: '1' }] }],
      Addresses: [{ AllocationId: 'eipalloc-1' }],
      NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1' }],
    });
    expect(
      call('CreateTags', { Resources: ['i-1', 'eipalloc-1', 'eni-1'], Tags: [{ Key: 'a', Value: '2' }, { Key: 'b' }] }),
    ).toEqual({});
    const tags = [
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '' },
    ];
    expect(record('Instances')['Tags']).toEqual(tags);
    expect(record('Addresses')['Tags']).toEqual(tags);
    expect(record('NetworkInterfaces')['TagSet']).toEqual(tags);
  });

  it('stops at fifty tags of the user, on no resource then', () => {
    const full = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    const { call, record } = ec2World({
      Instances: [
        { InstanceId: 'i-1' },
        { InstanceId: 'i-2', Tags: [...full, { Key: 'aws:autoscaling:groupName', Value: 'g' }] },
      ],
    });
    expect(
      refusal(() => call('CreateTags', { Resources: ['i-1', 'i-2'], Tags: [{ Key: 'one-more', Value: '' }] })),
    ).toBe('TagLimitExceeded: The maximum number of Tags for a resource has been reached.');
    expect(record('Instances')['Tags']).toEqual([]);
    call('CreateTags', { Resources: ['i-2'], Tags: [{ Key: 'k0', Value: 'changed' }] });
    expect(record('Instances', 1)['Tags']).toHaveLength(51);
  });

  it('refuses reserved, empty and overlong keys, overlong values', () => {
    const { call } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    const tag = (Key: string, Value = ''): string =>
      refusal(() => call('CreateTags', { Resources: ['i-1'], Tags: [{ Key, Value }] }));
    expect(tag('aws:x')).toBe(
      "InvalidParameterValue: Value ( aws:x ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use",
    );
    expect(tag('')).toMatch(/^InvalidParameterValue/);
    expect(tag('k'.repeat(129))).toMatch(/^InvalidParameterValue/);
    expect(tag('k', 'v'.repeat(257))).toMatch(/^InvalidParameterValue/);
    call('CreateTags', { Resources: ['i-1'], Tags: [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }] });
  });

  it('names what it does not know', () => {
    const { call } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    const on = (...Resources: string[]): string =>
      refusal(() => call('CreateTags', { Resources, Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(on('i-1', 'i-9')).toBe("InvalidInstanceID.NotFound: The instance ID 'i-9' does not exist");
    expect(on('eipalloc-9')).toBe("InvalidElasticIpID.NotFound: The elasticIp ID 'eipalloc-9' does not exist");
    expect(on('what-9')).toBe("InvalidID: The ID 'what-9' is not valid");
    expect(on()).toMatch(/^MissingParameter/);
    expect(refusal(() => call('CreateTags', { Resources: ['i-1'], Tags: [] }))).toMatch(/^MissingParameter/);
  });
});

describe('DeleteTags', () => {
  const TAGGED = {
    Instances: [
      {
        InstanceId: 'i-1',
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '' },
          { Key: 'aws:x', Value: '3' },
        ],
      },
    ],
  };

  it('goes by key, and by value where one is given', () => {
    const { call, record } = ec2World(TAGGED);
    call('DeleteTags', {
      Resources: ['i-1'],
      Tags: [{ Key: 'a', Value: '2' }, { Key: 'b', Value: '' }, { Key: 'absent' }],
    });
    expect(record('Instances')['Tags']).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'aws:x', Value: '3' },
    ]);
    call('DeleteTags', { Resources: ['i-1'], Tags: [{ Key: 'a' }] });
    expect(record('Instances')['Tags']).toEqual([{ Key: 'aws:x', Value: '3' }]);
  });

  it('without tags deletes all of the user', () => {
    const { call, record } = ec2World(TAGGED);
    call('DeleteTags', { Resources: ['i-1'] });
    expect(record('Instances')['Tags']).toEqual([{ Key: 'aws:x', Value: '3' }]);
  });

  it('refuses reserved keys', () => {
    const { call } = ec2World(TAGGED);
    expect(refusal(() => call('DeleteTags', { Resources: ['i-1'], Tags: [{ Key: 'aws:x' }] }))).toMatch(
      /^InvalidParameterValue/,
    );
  });
});

describe('DescribeTags', () => {
  it('lists the tags of all resources, filtered and in pages', () => {
    const { call } = ec2World({
      Instances: [{ InstanceId: 'i-1', Tags: ['a', 'b', 'c', 'd', 'e'].map((Key) => ({ Key, Value: 'x' })) }],
      Addresses: [{ AllocationId: 'eipalloc-1', Tags: [{ Key: 'a', Value: 'y' }] }],
    });
    const address = { Key: 'a', ResourceId: 'eipalloc-1', ResourceType: 'elastic-ip', Value: 'y' };
    const by = (Name: string, ...Values: string[]): object => call('DescribeTags', { Filters: [{ Name, Values }] });
    expect(by('resource-id', 'eipalloc-1')).toEqual({ Tags: [address] });
    expect(by('resource-type', 'elastic-ip')).toEqual({ Tags: [address] });
    expect(by('value', 'y')).toEqual({ Tags: [address] });
    expect(by('key', 'a')).toEqual({
      Tags: [{ Key: 'a', ResourceId: 'i-1', ResourceType: 'instance', Value: 'x' }, address],
    });
    expect(by('tag:a', 'y')).toEqual({ Tags: [address] });
    const first = call('DescribeTags', { MaxResults: 5 });
    expect(first['Tags']).toHaveLength(5);
    expect(call('DescribeTags', { MaxResults: 5, NextToken: first['NextToken'] })).toEqual({ Tags: [address] });
  });
});

describe('the service', () => {
  it('says of each operation what it does and where that is documented', () => {
    expect(
      Object.entries(ec2.operations).filter(
        ([name, { source }]) => source !== `https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_${name}.html`,
      ),
    ).toEqual([]);
    expect(
      Object.entries(ec2.operations)
        .filter(([, { kind }]) => kind === 'write')
        .map(([name]) => name),
    ).toEqual([
      'ModifyManagedPrefixList',
      'CreateNetworkAclEntry',
      'ReplaceNetworkAclEntry',
      'DeleteNetworkAclEntry',
      'AuthorizeSecurityGroupIngress',
      'RevokeSecurityGroupIngress',
      'AssociateAddress',
      'DisassociateAddress',
      'StartInstances',
      'StopInstances',
      'TerminateInstances',
      'CreateTags',
      'DeleteTags',
      'CreateVolume',
      'DeleteVolume',
      'AttachVolume',
      'DetachVolume',
      'CreateSnapshot',
      'CreateSnapshots',
      'DeleteSnapshot',
      'CreatePlacementGroup',
      'DeletePlacementGroup',
      'RunInstances',
      'ModifyInstanceAttribute',
    ]);
  });

  it('keeps a state that is JSON', () => {
    const { call, pass, world } = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1' }],
    });
    call('AssociateAddress', { AllocationId: 'eipalloc-1', InstanceId: 'i-2' });
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(90);
    expect(JSON.parse(JSON.stringify(world.data))).toEqual(world.data);
  });

  it('begins again from its own end', () => {
    const first = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2', PublicIpAddress: '198.51.100.7' }],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1' }],
    });
    first.call('StopInstances', { InstanceIds: ['i-1'] });
    const state = structuredClone(first.world.data['ec2'] ?? {});
    expect(ec2.schema.safeParse(state).error).toBeUndefined();
    const second = ec2World(state);
    expect(second.world.data['ec2']).toEqual(state);
    second.pass(60);
    expect(second.states()).toEqual(['i-1 stopped']);
  });
});
