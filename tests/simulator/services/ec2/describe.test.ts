import { describe, expect, it } from 'vitest';
import { list, part, text } from '../../../../simulator/services/ec2/state.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal, type Ec2World } from './ec2-world.ts';

/** Ids of all pages, page by page. */
function pages({ call }: Ec2World, operation: string, size: number, idsOf: (answer: Shape) => unknown[]): unknown[][] {
  const seen: unknown[][] = [];
  let token: string | undefined;
  do {
    const answer = call(operation, { MaxResults: size, ...(token === undefined ? {} : { NextToken: token }) });
    seen.push(idsOf(answer));
    token = text(answer, 'NextToken');
  } while (token !== undefined);
  return seen;
}

function instancesOf(answer: Shape): Shape[] {
  return list(answer, 'Reservations').flatMap((reservation) => list(reservation, 'Instances'));
}

function instanceIds(answer: Shape): unknown[] {
  return instancesOf(answer).map((instance) => instance['InstanceId']);
}

function numbered(count: number): Shape[] {
  return Array.from({ length: count }, (_, index) => ({ InstanceId: `i-${index}` }));
}

describe('DescribeInstances', () => {
  it('gives Dates, the shape of the SDK, and none of the simulator’s own members', () => {
    const { call } = ec2World({
      Instances: [{ InstanceId: 'i-1', LaunchTime: '2026-01-01T00:00:00+00:00', DisableApiStop: true }],
    });
    const answer = call('DescribeInstances', { InstanceIds: ['i-1'] });
    const [reservation = {}] = list(answer, 'Reservations');
    expect(reservation['OwnerId']).toBe('111122223333');
    expect(reservation['ReservationId']).toMatch(/^r-/);
    const [instance = {}] = instancesOf(answer);
    expect(instance).toMatchObject({
      InstanceId: 'i-1',
      LaunchTime: new Date('2026-01-01T00:00:00Z'),
      State: { Code: 16, Name: 'running' },
    });
    expect(Object.keys(instance)).not.toContain('DisableApiStop');
    expect(Object.keys(instance)).not.toContain('ReservationId');
  });

  it('gives copies', () => {
    const { call, record } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    const [instance = {}] = instancesOf(call('DescribeInstances'));
    part(instance, 'State')['Name'] = 'stopped';
    const [entry = {}] = list(list(instance, 'NetworkInterfaces')[0], 'PrivateIpAddresses');
    entry['Primary'] = false;
    expect(instance).toMatchObject({
      State: { Name: 'stopped' },
      NetworkInterfaces: [{ PrivateIpAddresses: [{ Primary: false }] }],
    });
    expect(record('Instances')).toMatchObject({
      State: { Name: 'running' },
      NetworkInterfaces: [{ PrivateIpAddresses: [{ Primary: true }] }],
    });
  });

  it('keeps the instances of a reservation together', () => {
    const { call } = ec2World({
      Reservations: [{ ReservationId: 'r-1', Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }] }],
      Instances: [{ InstanceId: 'i-3' }],
    });
    expect(call('DescribeInstances', { InstanceIds: ['i-1', 'i-2'] })['Reservations']).toHaveLength(1);
    expect(instanceIds(call('DescribeInstances'))).toEqual(['i-3', 'i-1', 'i-2']);
  });

  it('filters', () => {
    const { call } = ec2World({
      Instances: [
        {
          InstanceId: 'i-1',
          Tags: [{ Key: 'runbook:vip', Value: 'web' }],
          SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'web' }],
          InstanceType: 'm7g.large',
        },
        {
          InstanceId: 'i-2',
          State: { Name: 'stopped' },
          Placement: { AvailabilityZone: 'eu-west-1b' },
          Tags: [{ Key: 'runbook:vip', Value: 'mail*' }],
        },
        { InstanceId: 'i-3', InstanceLifecycle: 'spot', PrivateIpAddress: '10.0.0.99' },
      ],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-1', PublicIp: '203.0.113.50' }],
    });
    const by = (Name: string, ...Values: string[]): unknown[] =>
      instanceIds(call('DescribeInstances', { Filters: [{ Name, Values }] }));
    expect(by('tag:runbook:vip', 'web')).toEqual(['i-1']);
    expect(by('tag:runbook:vip', String.raw`mail?`)).toEqual(['i-2']);
    expect(by('tag:runbook:vip', '*')).toEqual(['i-1', 'i-2']);
    expect(by('tag-key', 'runbook:vip')).toEqual(['i-1', 'i-2']);
    expect(by('instance-id', 'i-2', 'i-3')).toEqual(['i-2', 'i-3']);
    expect(by('instance-state-name', 'stopped', 'stopping')).toEqual(['i-2']);
    expect(by('instance-state-code', '80')).toEqual(['i-2']);
    expect(by('availability-zone', 'eu-west-1b')).toEqual(['i-2']);
    expect(by('instance.group-name', 'web')).toEqual(['i-1']);
    expect(by('tag:runbook:vip', 'we?', 'x')).toEqual(['i-1']);
    expect(by('tag:runbook:vip', String.raw`mail\*`)).toEqual(['i-2']);
    expect(by('tag:runbook:vip', 'web?')).toEqual(['i-1']);
    expect(by('tag:runbook:vip', String.raw`mail\?`)).toEqual([]);
    expect(by('instance-type', 'm7g.*')).toEqual(['i-1']);
    expect(by('instance-type', 'm7gxlarge')).toEqual([]);
    expect(by('instance-lifecycle', 'spot')).toEqual(['i-3']);
    expect(by('private-ip-address', '10.0.0.99')).toEqual(['i-3']);
    expect(by('ip-address', '203.0.113.50')).toEqual(['i-1']);
    expect(by('network-interface.addresses.association.public-ip', '203.0.113.50')).toEqual(['i-1']);
    expect(refusal(() => by('hypervisor', 'xen'))).toBe('not simulated: ec2:DescribeInstances filter hypervisor');
    expect(refusal(() => by('constructor', 'xen'))).toBe('not simulated: ec2:DescribeInstances filter constructor');
    expect(refusal(() => by('instance-id'))).toBe(
      'not simulated: ec2:DescribeInstances filter instance-id without values',
    );
  });

  it('names unknown and malformed ids', () => {
    const { call } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(refusal(() => call('DescribeInstances', { InstanceIds: ['i-1', 'i-8'] }))).toBe(
      "InvalidInstanceID.NotFound: The instance ID 'i-8' does not exist",
    );
    expect(refusal(() => call('DescribeInstances', { InstanceIds: ['i-1', 'i-xyz'] }))).toBe(
      'InvalidInstanceID.Malformed: Invalid id: "i-xyz"',
    );
  });

  it('comes in pages', () => {
    expect(pages(ec2World({ Instances: numbered(12) }), 'DescribeInstances', 5, instanceIds)).toEqual([
      ['i-0', 'i-1', 'i-2', 'i-3', 'i-4'],
      ['i-5', 'i-6', 'i-7', 'i-8', 'i-9'],
      ['i-10', 'i-11'],
    ]);
  });

  it('has no empty last page', () => {
    expect(pages(ec2World({ Instances: numbered(10) }), 'DescribeInstances', 5, instanceIds)).toHaveLength(2);
  });

  it('refuses page sizes and tokens that the API refuses', () => {
    const { call } = ec2World({ Instances: numbered(12) });
    expect(refusal(() => call('DescribeInstances', { MaxResults: 4 }))).toMatch(
      /^InvalidParameterValue: Value \( 4 \) for parameter maxResults is invalid/,
    );
    expect(refusal(() => call('DescribeInstances', { MaxResults: 1001 }))).toMatch(/^InvalidParameterValue/);
    expect(refusal(() => call('DescribeInstances', { MaxResults: 5, InstanceIds: ['i-1'] }))).toMatch(
      /^InvalidParameterCombination/,
    );
    expect(refusal(() => call('DescribeInstances', { NextToken: '5' }))).toMatch(/^InvalidNextToken/);
    const { NextToken } = call('DescribeInstances', { MaxResults: 5 });
    expect(refusal(() => call('DescribeVolumes', { NextToken }))).toMatch(/^InvalidNextToken/);
  });
});

describe('the other listings', () => {
  const FLEET = { Instances: numbered(7) };

  it('come in pages too', () => {
    const world = ec2World({
      ...FLEET,
      Volumes: numbered(7).map(({ InstanceId }) => ({
        VolumeId: `vol-${String(InstanceId)}`,
        Attachments: [{ InstanceId }],
      })),
      SpotInstanceRequests: numbered(7).map(({ InstanceId }) => ({
        SpotInstanceRequestId: `sir-${String(InstanceId)}`,
        InstanceId,
      })),
    });
    const sizes = (operation: string, member: string): number[] =>
      pages(world, operation, 5, (answer) => list(answer, member)).map((page) => page.length);
    expect(sizes('DescribeInstanceStatus', 'InstanceStatuses')).toEqual([5, 2]);
    expect(sizes('DescribeNetworkInterfaces', 'NetworkInterfaces')).toEqual([5, 2]);
    expect(sizes('DescribeVolumes', 'Volumes')).toEqual([5, 2]);
    expect(sizes('DescribeSpotInstanceRequests', 'SpotInstanceRequests')).toEqual([5, 2]);
  });

  it('of interfaces filters by attachment, address and type', () => {
    const { call, record } = ec2World({
      Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }],
      NetworkInterfaces: [
        {
          NetworkInterfaceId: 'eni-nat',
          InterfaceType: 'nat_gateway',
          RequesterManaged: true,
          TagSet: [{ Key: 'a', Value: 'b' }],
          Groups: [{ GroupId: 'sg-1', GroupName: 'nat' }],
        },
      ],
      Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-2' }],
    });
    const ids = (input: Shape): unknown[] =>
      list(call('DescribeNetworkInterfaces', input), 'NetworkInterfaces').map((eni) => eni['NetworkInterfaceId']);
    const by = (Name: string, ...Values: string[]): unknown[] => ids({ Filters: [{ Name, Values }] });
    const [first, second] = [
      record('NetworkInterfaces', 1)['NetworkInterfaceId'],
      record('NetworkInterfaces', 2)['NetworkInterfaceId'],
    ];
    expect(by('attachment.instance-id', 'i-1', 'i-2')).toEqual([first, second]);
    expect(by('attachment.device-index', '0')).toEqual([first, second]);
    expect(by('association.allocation-id', 'eipalloc-1')).toEqual([second]);
    expect(by('addresses.association.public-ip', '203.0.113.10')).toEqual([second]);
    expect(by('interface-type', 'nat_gateway')).toEqual(['eni-nat']);
    expect(by('requester-managed', 'true')).toEqual(['eni-nat']);
    expect(by('status', 'available')).toEqual(['eni-nat']);
    expect(by('group-name', 'nat')).toEqual(['eni-nat']);
    expect(by('tag:a', 'b')).toEqual(['eni-nat']);
    expect(by('vpc-id', String(record('Instances')['VpcId']))).toEqual(['eni-nat', first, second]);
    expect(ids({ NetworkInterfaceIds: ['eni-nat'] })).toEqual(['eni-nat']);
    expect(refusal(() => ids({ NetworkInterfaceIds: ['eni-0', 'eni-1'] }))).toBe(
      "InvalidNetworkInterfaceID.NotFound: The networkInterface IDs 'eni-0, eni-1' do not exist",
    );
  });

  it('of volumes filters by attachment and state', () => {
    const { call } = ec2World({
      Instances: [{ InstanceId: 'i-1' }],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdf' }] }, { VolumeId: 'vol-2' }],
    });
    const ids = (input: Shape): unknown[] =>
      list(call('DescribeVolumes', input), 'Volumes').map((volume) => volume['VolumeId']);
    expect(ids({ Filters: [{ Name: 'attachment.instance-id', Values: ['i-1'] }] })).toEqual(['vol-1']);
    expect(ids({ Filters: [{ Name: 'attachment.delete-on-termination', Values: ['false'] }] })).toEqual(['vol-1']);
    expect(ids({ Filters: [{ Name: 'status', Values: ['available'] }] })).toEqual(['vol-2']);
    expect(call('DescribeVolumes', { VolumeIds: ['vol-1'] })).toMatchObject({
      Volumes: [
        {
          State: 'in-use',
          Attachments: [{ InstanceId: 'i-1', State: 'attached', AttachTime: new Date('2026-11-21T08:00:00Z') }],
        },
      ],
    });
    expect(refusal(() => ids({ VolumeIds: ['vol-9'] }))).toBe(
      "InvalidVolume.NotFound: The volume 'vol-9' does not exist",
    );
  });

  it('of Spot requests finds the request of an instance', () => {
    const { call } = ec2World({
      Instances: [{ InstanceId: 'i-1', InstanceLifecycle: 'spot', SpotInstanceRequestId: 'sir-1' }],
    });
    expect(call('DescribeSpotInstanceRequests', { SpotInstanceRequestIds: ['sir-1'] })).toMatchObject({
      SpotInstanceRequests: [{ InstanceId: 'i-1', Type: 'one-time' }],
    });
    expect(call('DescribeSpotInstanceRequests', { Filters: [{ Name: 'instance-id', Values: ['i-2'] }] })).toEqual({
      SpotInstanceRequests: [],
    });
    expect(refusal(() => call('DescribeSpotInstanceRequests', { SpotInstanceRequestIds: ['sir-9'] }))).toMatch(
      /^InvalidSpotInstanceRequestID.NotFound/,
    );
  });

  it('of zones shows their state and leaves out those not opted in to', () => {
    const { call, change } = ec2World({
      AvailabilityZones: [
        { ZoneName: 'eu-west-1a' },
        { ZoneName: 'eu-west-1b' },
        { ZoneName: 'eu-west-1-lon-1a', OptInStatus: 'not-opted-in' },
      ],
    });
    change('ec2/AvailabilityZones/eu-west-1b/State', 'impaired');
    const names = (input: Shape): unknown[] =>
      list(call('DescribeAvailabilityZones', input), 'AvailabilityZones').map((zone) => zone['ZoneName']);
    expect(names({})).toEqual(['eu-west-1a', 'eu-west-1b']);
    expect(names({ AllAvailabilityZones: true })).toHaveLength(3);
    expect(names({ ZoneNames: ['eu-west-1a'] })).toEqual(['eu-west-1a']);
    expect(names({ ZoneIds: ['euw1-az2'] })).toEqual(['eu-west-1b']);
    expect(names({ Filters: [{ Name: 'state', Values: ['available'] }] })).toEqual(['eu-west-1a']);
    expect(refusal(() => names({ ZoneNames: ['eu-west-1z'] }))).toBe(
      'InvalidParameterValue: Invalid availability zone: [eu-west-1z]',
    );
  });
});
