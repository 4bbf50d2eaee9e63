/** A tick of the schedule looks after every group of an account, however many there are, by one shared look. */

import { describe, expect, it } from 'vitest';
import { handler } from '../../../functions/carry-volumes/handler.ts';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { deployed } from '../../../rehearsal/functions.ts';
import { NO_FAULTS, type FaultPlan } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';

const TICK = {
  version: '0',
  id: '89d1a02d-5ec7-412e-82f5-13505f849b41',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '111122223333',
  time: '2026-11-22T08:00:00Z',
  region: 'eu-west-1',
  resources: ['arn:aws:scheduler:eu-west-1:111122223333:schedule/default/runbook-carry-volumes'],
  detail: '{}',
};

interface Size {
  /** Groups of one instance, each with its volume, in order. */
  readonly groups: number;
  /** Instances of one more group, which carries a set although it wants them all. */
  readonly several?: number;
  readonly snapshotsEach?: number;
}

function hexId(prefix: string, index: number): string {
  return `${prefix}-${index.toString(16).padStart(17, '0')}`;
}

function worldOf({ groups, several = 0, snapshotsEach = 0 }: Size): object {
  const all = Array.from({ length: groups + several }, (_none, index) => {
    const name = index < groups ? `db${index}` : 'fleet';
    return { name, instanceId: hexId('i', index + 1), volumeId: hexId('vol', index + 1) };
  });
  const names = [...new Set(all.map(({ name }) => name))];
  const sets = (name: string) => [{ Key: 'runbook:volumes', Value: name }];
  const devices = [{ Key: 'runbook:device', Value: '/dev/sdf' }];
  return {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      Subnets: [{ SubnetId: 'subnet-1', AvailabilityZone: 'eu-west-1a', VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
      Instances: all.map(({ name, instanceId }) => ({
        InstanceId: instanceId,
        Placement: { AvailabilityZone: 'eu-west-1a' },
        SubnetId: 'subnet-1',
        Tags: sets(name),
      })),
      Volumes: all.map(({ name, instanceId, volumeId }) => ({
        VolumeId: volumeId,
        AvailabilityZone: 'eu-west-1a',
        Attachments: [{ InstanceId: instanceId, Device: '/dev/sdf', DeleteOnTermination: false }],
        Tags: [...sets(name), ...devices, { Key: 'runbook:run', Value: `carry-volumes/${instanceId}` }],
      })),
      Snapshots: all.slice(0, groups).flatMap(({ name, volumeId }, index) =>
        Array.from({ length: snapshotsEach }, (_none, count) => ({
          SnapshotId: hexId('snap', index * snapshotsEach + count),
          VolumeId: volumeId,
          StartTime: new Date(Date.parse('2026-11-21T00:00:00Z') - count * 3_600_000).toISOString(),
          Tags: [...sets(name), ...devices],
        })),
      ),
    },
    'auto-scaling': {
      AutoScalingGroups: names.map((name) => {
        const members = all.filter((each) => each.name === name);
        return {
          AutoScalingGroupName: name,
          MinSize: members.length,
          MaxSize: members.length,
          DesiredCapacity: members.length,
          AvailabilityZones: ['eu-west-1a'],
          VPCZoneIdentifier: 'subnet-1',
          Instances: members.map(({ instanceId }) => ({ InstanceId: instanceId, LifecycleState: 'InService' })),
          InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
          Tags: [{ Key: 'runbook:volumes', Value: name, PropagateAtLaunch: true }],
        };
      }),
      LifecycleHooks: names.flatMap((name) =>
        ['LAUNCHING', 'TERMINATING'].map((transition) => ({
          AutoScalingGroupName: name,
          LifecycleHookName: `carry-volumes-${transition.toLowerCase()}`,
          LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
          HeartbeatTimeout: 900,
          DefaultResult: 'ABANDON',
        })),
      ),
    },
  };
}

function tick(size: Size, faults: FaultPlan = NO_FAULTS): Promise<SimulationEnd> {
  return simulate({
    world: worldOf(size),
    events: [{ event: TICK, afterMs: 0 }],
    functions: [deployed(handler)],
    seed: 1,
    faults,
    runForMs: 0,
    environment: DEPLOYED_ENVIRONMENT,
    watchers: [],
  });
}

/** How often each reading of AWS was asked for. */
function readsOf({ requests }: SimulationEnd): { readonly [call: string]: number } {
  const counts: { [call: string]: number } = {};
  for (const { call } of requests)
    if (/^(?:ec2|autoscaling):Describe/u.test(call)) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

/** How often each code came out. */
function codesOf({ results }: SimulationEnd): { readonly [code: string]: number } {
  const counts: { [code: string]: number } = {};
  for (const { result } of results) {
    const [code = ''] = result.reason.split(':');
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

describe('a tick over many groups', () => {
  it('looks after each of 210 groups by a few pages and one request a group', async () => {
    const end = await tick({ groups: 210, snapshotsEach: 12 });
    expect(end.error).toBeUndefined();
    expect(codesOf(end)).toEqual({ 'in-order': 210 });
    expect(readsOf(end)).toEqual({
      // Twice what names the groups: more than a glance looks at.
      'autoscaling:DescribeAutoScalingGroups': 9,
      'autoscaling:DescribeLifecycleHooks': 210,
      'ec2:DescribeAvailabilityZones': 1,
      'ec2:DescribeInstances': 1,
      'ec2:DescribeSnapshots': 3,
      'ec2:DescribeVolumes': 3,
    });
  });

  it('takes a group of 300 instances for what it is, and reads none of them one by one', async () => {
    const end = await tick({ groups: 2, several: 300 });
    expect(end.error).toBeUndefined();
    expect(codesOf(end)).toEqual({ 'in-order': 2, 'not-one-instance': 1 });
    expect(readsOf(end)).toEqual({
      'autoscaling:DescribeAutoScalingGroups': 2,
      'autoscaling:DescribeLifecycleHooks': 3,
      'ec2:DescribeAvailabilityZones': 1,
      'ec2:DescribeInstances': 1,
      'ec2:DescribeSnapshots': 1,
      'ec2:DescribeVolumes': 2,
    });
  });

  async function throttling(groups: number, call: string): Promise<FaultPlan> {
    const quiet = await tick({ groups });
    const request = quiet.requests.find((each) => each.call === call)?.index ?? -1;
    return { ...NO_FAULTS, points: [{ request, kind: 'throttled' }] };
  }

  it('is begun anew, by steps of its own, where the hooks of one group could not be read', async () => {
    const end = await tick({ groups: 3 }, await throttling(3, 'autoscaling:DescribeLifecycleHooks'));
    expect(codesOf(end)).toEqual({ 'in-order': 3 });
    expect(readsOf(end)['autoscaling:DescribeLifecycleHooks']).toBe(6);
    expect(readsOf(end)['ec2:DescribeVolumes']).toBe(4);
  });

  it('is begun anew, once for all, where nothing could be read', async () => {
    const end = await tick({ groups: 40 }, await throttling(40, 'ec2:DescribeSnapshots'));
    expect(codesOf(end)).toEqual({ 'in-order': 40 });
    expect(readsOf(end)['ec2:DescribeSnapshots']).toBe(2);
  });
});
