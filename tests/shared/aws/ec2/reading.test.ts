/** What is made of EC2's and Auto Scaling's records of an instance. */

import type { Instance, InstanceNetworkInterface } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import {
  checksOf,
  instanceFacts,
  membershipOf,
  publicAddressOf,
  scheduledEventsOf,
  stateOf,
  tagsOf,
} from '../../../../shared/aws/ec2/reading.ts';

const BESIDE = { checks: { system: 'ok' }, membership: null, zones: new Map() } as const;

function card(id: string, change: Partial<InstanceNetworkInterface> = {}): InstanceNetworkInterface {
  return {
    NetworkInterfaceId: id,
    PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.7', Primary: true }],
    Attachment: { Status: 'attached', NetworkCardIndex: 0, DeviceIndex: 0 },
    ...change,
  };
}

function running(cards: InstanceNetworkInterface[], change: Partial<Instance> = {}): Instance {
  return {
    InstanceId: 'i-0a1',
    State: { Name: 'running' },
    Placement: { AvailabilityZone: 'eu-west-1a' },
    NetworkInterfaces: cards,
    ...change,
  };
}

/** The record with a word in it that the SDK does not know yet. */
function saying<T extends object>(record: T, member: string, word: string): T {
  Reflect.set(record, member, word);
  return record;
}

function interfacesOf(cards: InstanceNetworkInterface[]): readonly string[] {
  return instanceFacts(running(cards), BESIDE).slots.map(({ interfaceId }) => interfaceId);
}

describe('the private addresses of an instance', () => {
  it('are none on an interface that is on its way off, or off, or that a service manages', () => {
    expect(
      interfacesOf([
        card('eni-going', { Attachment: { Status: 'detaching', DeviceIndex: 0 } }),
        card('eni-gone', { Attachment: { Status: 'detached', DeviceIndex: 1 } }),
        card('eni-unknown', { Attachment: saying({ DeviceIndex: 1 }, 'Status', 'quarantined') }),
        card('eni-theirs', { Operator: { Managed: true } }),
        card('eni-coming', { Attachment: { Status: 'attaching', DeviceIndex: 3 } }),
        card('eni-ours', { Operator: { Managed: false }, Attachment: { Status: 'attached', DeviceIndex: 2 } }),
      ]),
    ).toEqual(['eni-ours', 'eni-coming']);
  });

  it('are those of the first card and device first, and the primary one of each first', () => {
    const { slots } = instanceFacts(
      running([
        card('eni-card-1', { Attachment: { Status: 'attached', NetworkCardIndex: 1, DeviceIndex: 0 } }),
        card('eni-1', {
          Attachment: { Status: 'attached', DeviceIndex: 1 },
          PrivateIpAddresses: [
            { PrivateIpAddress: '10.0.0.8', Primary: false },
            { PrivateIpAddress: '10.0.0.9', Primary: false },
            { PrivateIpAddress: '10.0.0.7', Primary: true },
          ],
        }),
      ]),
      BESIDE,
    );
    expect(
      slots.map(({ interfaceId, privateIp, isPrimary, ordinal }) => [interfaceId, privateIp, isPrimary, ordinal]),
    ).toEqual([
      ['eni-1', '10.0.0.7', true, 0],
      ['eni-1', '10.0.0.8', false, 0],
      ['eni-1', '10.0.0.9', false, 1],
      ['eni-card-1', '10.0.0.7', true, 0],
    ]);
  });

  it('carry an Elastic IP, or one of Amazon’s own, which gives way', () => {
    const on = (IpOwnerId: string): InstanceNetworkInterface =>
      card('eni-1', {
        PrivateIpAddresses: [
          { PrivateIpAddress: '10.0.0.7', Primary: true, Association: { PublicIp: '203.0.113.1', IpOwnerId } },
        ],
      });
    expect(instanceFacts(running([on('amazon')]), BESIDE).slots).toMatchObject([
      { elasticIp: null, amazonIp: '203.0.113.1' },
    ]);
    expect(instanceFacts(running([on('111122223333')]), BESIDE).slots).toMatchObject([
      { elasticIp: '203.0.113.1', amazonIp: null },
    ]);
  });
});

describe('an instance', () => {
  it('has no status checks once it does not run, whatever was read just before', () => {
    expect(instanceFacts(running([]), BESIDE).checks).toEqual({ system: 'ok' });
    expect(instanceFacts(running([], { State: { Name: 'stopping' } }), BESIDE).checks).toBeNull();
  });

  it('is not judged without its state, or in one that nobody knows', () => {
    expect(() => stateOf({ InstanceId: 'i-1' })).toThrow("i-1.State.Name: missing in AWS's answer");
    expect(() => stateOf({ InstanceId: 'i-1', State: saying({}, 'Name', 'hibernated') })).toThrow(
      "i-1.State.Name: 'hibernated' is no state this runbook knows",
    );
  });

  it('is not judged without its zone', () => {
    expect(() => instanceFacts(running([], { Placement: {} }), BESIDE)).toThrow('i-0a1.Placement.AvailabilityZone');
    expect(instanceFacts(running([], { Placement: {} }), { ...BESIDE, zoneUnsaid: '' })).toMatchObject({
      zone: '',
      borderGroup: '',
    });
  });

  it('is in the border group that its zone says, else in its Region’s, if its zone is an ordinary one', () => {
    const group = (AvailabilityZone: string, zones = new Map()): string =>
      instanceFacts(running([], { Placement: { AvailabilityZone } }), { ...BESIDE, zones }).borderGroup;
    expect(group('eu-west-1a')).toBe('eu-west-1');
    expect(group('us-east-1-wl1-bos-wlz-1')).toBe('');
    expect(group('us-west-2-lax-1a')).toBe('');
    expect(group('eu-west-1a', new Map([['eu-west-1a', { NetworkBorderGroup: 'there' }]]))).toBe('there');
  });

  it('is Spot as its request says, and of unknown kind where that was not read', () => {
    const spot = (spotType?: string): string =>
      instanceFacts(running([], { InstanceLifecycle: 'spot' }), { ...BESIDE, spotType }).spot;
    expect([spot('one-time'), spot('persistent'), spot(), spot('fleet')]).toEqual([
      'one-time',
      'persistent',
      'unknown',
      'unknown',
    ]);
    expect(instanceFacts(running([]), { ...BESIDE, spotType: 'one-time' }).spot).toBe('no');
  });
});

describe('status checks', () => {
  it('are what EC2 says of each, and a suppressed one says nothing', () => {
    expect(
      checksOf({
        SystemStatus: { Status: 'ok' },
        InstanceStatus: { Status: 'impaired' },
        AttachedEbsStatus: saying({}, 'Status', 'suppressed'),
        ApplicationStatus: saying({}, 'Status', 'dancing'),
      }),
    ).toEqual({ system: 'ok', instance: 'impaired', attachedEbs: 'not-applicable', application: 'unknown' });
    expect(checksOf({})).toEqual({});
  });
});

describe('what EC2 has in mind', () => {
  it('is what is still ahead, the soonest first', () => {
    const at = (time: string): Date => new Date(time);
    expect(
      scheduledEventsOf({
        Events: [
          { Code: 'system-reboot', Description: '[Completed] done', NotBefore: at('2026-11-20T00:00:00Z') },
          { Code: 'instance-stop', Description: 'soon', NotBefore: at('2026-11-25T00:00:00Z') },
          { Code: 'instance-retirement', NotBefore: at('2026-11-23T00:00:00Z') },
          { Code: 'instance-reboot', Description: ' [Canceled] not any more' },
        ],
      }),
    ).toEqual([
      { code: 'instance-retirement', notBefore: '2026-11-23T00:00:00.000Z' },
      { code: 'instance-stop', notBefore: '2026-11-25T00:00:00.000Z' },
    ]);
  });
});

describe('a member of a group', () => {
  const member = {
    InstanceId: 'i-1',
    LifecycleState: 'InService',
    HealthStatus: 'Healthy',
    AvailabilityZone: 'a',
    LaunchConfigurationName: '',
    ProtectedFromScaleIn: false,
  } as const;
  const group = {
    AutoScalingGroupName: 'web',
    MinSize: 1,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 300,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: new Date(0),
  };

  it('is healthy by its group’s word alone, and may be fenced by its group’s tag alone', () => {
    expect(membershipOf(group, member)).toEqual({
      group: 'web',
      lifecycleState: 'InService',
      healthy: true,
      volumeSet: null,
      mayBeFenced: false,
    });
    expect(membershipOf(group, { ...member, HealthStatus: 'UNHEALTHY' }).healthy).toBe(false);
    const fenced = { ...group, Tags: [{ Key: 'runbook:fence-asg', Value: 'replace' }] };
    expect(membershipOf(fenced, member).mayBeFenced).toBe(true);
    const unsure = { ...group, Tags: [{ Key: 'runbook:fence-asg', Value: 'yes' }] };
    expect(membershipOf(unsure, member).mayBeFenced).toBe(false);
  });
});

describe('secondary addresses', () => {
  const instance = {
    InstanceId: 'i-1',
    State: { Name: 'running' },
    Placement: { AvailabilityZone: 'eu-west-1a' },
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-1',
        PrivateIpAddresses: [
          { PrivateIpAddress: '10.0.0.5', Primary: true },
          { PrivateIpAddress: '10.0.0.6', Primary: false },
        ],
      },
    ],
  } as const;
  const ofPods = (tags: readonly { readonly Key: string; readonly Value: string }[]): readonly boolean[] =>
    instanceFacts(
      {
        ...instance,
        NetworkInterfaces: [...instance.NetworkInterfaces].map((each) => ({
          ...each,
          PrivateIpAddresses: [...each.PrivateIpAddresses],
        })),
        Tags: [...tags],
      },
      { checks: null, membership: null, zones: new Map() },
    ).slots.map(({ isOfPod }) => isOfPod);

  it.each(['kubernetes.io/cluster/prod', 'eks:cluster-name', 'aws:eks:cluster-name'])(
    'of who is tagged %s are its pods’, the primary one is not',
    (key) => {
      expect(ofPods([{ Key: key, Value: 'owned' }])).toEqual([false, true]);
    },
  );

  it('of anybody else are its own', () => {
    expect(ofPods([{ Key: 'kubernetes.io/role', Value: 'node' }])).toEqual([false, false]);
  });
});

describe('a public address', () => {
  it('goes by what it is called where it is, and nothing is no name', () => {
    expect(publicAddressOf({ PublicIp: '', CustomerOwnedIp: '192.0.2.1' })).toBe('192.0.2.1');
    expect(publicAddressOf({ PublicIp: '', CarrierIp: '' })).toBeUndefined();
  });
});

describe('tags', () => {
  it('without a key are none; without a value they are empty', () => {
    expect([...tagsOf([{ Value: 'x' }, { Key: 'a' }, { Key: 'b', Value: 'c' }])]).toEqual([
      ['a', ''],
      ['b', 'c'],
    ]);
    expect(tagsOf(undefined).size).toBe(0);
  });
});
