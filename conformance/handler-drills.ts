/** The incidents that are played with the deployed bundles, and where moto cannot go on. */

import type { HandlerDrill } from './handlers.ts';
import { ACCOUNT, REGION, type Seed, type SeedGroup, type SeedVolume } from './scenario.ts';

function ec2StateChange(instanceId: string, state: string, at: string): object {
  return {
    version: '0',
    id: '7bf73129-1428-4cd3-a780-95db273d1602',
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: ACCOUNT,
    time: at,
    region: REGION,
    resources: [`arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instanceId}`],
    detail: { 'instance-id': instanceId, state },
  };
}

const VIP = { 'runbook:vip': 'web' };
const SET = { 'runbook:volumes': 'db' };

const GROUP: SeedGroup = {
  name: 'db',
  min: 1,
  max: 1,
  members: ['successor'],
  tags: SET,
  hooks: [
    { name: 'carry-volumes-launch', transition: 'autoscaling:EC2_INSTANCE_LAUNCHING', heartbeatSeconds: 900 },
    { name: 'carry-volumes-terminate', transition: 'autoscaling:EC2_INSTANCE_TERMINATING', heartbeatSeconds: 900 },
  ],
};

function dataVolume(
  zone: SeedVolume['zone'],
  { tags = {}, ...more }: Pick<SeedVolume, 'key' | 'on' | 'tags'> = {},
): SeedVolume {
  return {
    zone,
    iops: 4_000,
    throughput: 250,
    tags: { ...SET, Name: 'db-data', 'runbook:device': '/dev/sdf', ...tags },
    ...more,
  };
}

function lifecycleAction(kind: 'launch' | 'terminate', instanceId: string, at: string): object {
  return {
    version: '0',
    id: '2f6a1c0e-8d53-4b9a-9a41-5c7e0d3b1f62',
    'detail-type': `EC2 Instance-${kind} Lifecycle Action`,
    source: 'aws.autoscaling',
    account: ACCOUNT,
    time: at,
    region: REGION,
    resources: [
      `arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:4e1c7b2a-93d5-4f60-8b7e-2a6c9d0f1e38:autoScalingGroupName/${GROUP.name}`,
    ],
    detail: {
      LifecycleActionToken: '8a1f0c3d-52b7-4e96-9d40-6b7c2e1f5a01',
      AutoScalingGroupName: GROUP.name,
      LifecycleHookName: `carry-volumes-${kind}`,
      EC2InstanceId: instanceId,
      LifecycleTransition:
        kind === 'launch' ? 'autoscaling:EC2_INSTANCE_LAUNCHING' : 'autoscaling:EC2_INSTANCE_TERMINATING',
      Origin: kind === 'launch' ? 'EC2' : 'AutoScalingGroup',
      Destination: kind === 'launch' ? 'AutoScalingGroup' : 'EC2',
    },
  };
}

function asked(action: 'carry' | 'sweep'): () => object {
  return () => ({ runbook: 'carry-volumes', target: GROUP.name, params: { action } });
}

const FLEET = { 'runbook:bastion': 'ops' };

/** Bastion hosts of a group behind a network load balancer. */
function bastions(...members: readonly string[]): Seed {
  return {
    group: { name: 'bastion', min: 1, max: 3, members, tags: FLEET },
    networks: ['edge'],
    targetGroups: { ops: { port: 22, behind: 'edge', hasMembers: true, tags: FLEET } },
  };
}

function replaced(host: string): (id: (name: string) => string) => object {
  return (id) => ({ runbook: 'heal-bastion', target: 'ops', params: { action: 'replace', host: id(host) } });
}

/** Of a departure long ago, to an instance that neither world knows any more. */
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const FORMER = 'carry-volumes/i-0fffffffffffffff0';

export const HANDLER_DRILLS: readonly HandlerDrill[] = [
  {
    runbook: 'reassign-elastic-ip',
    name: 'the holder of an address stops, its standby in another zone runs',
    seed: {
      instances: {
        active: { zone: 'a', tags: { ...VIP, 'runbook:vip-priority': '10' }, stopped: true },
        standby: { zone: 'b', tags: { ...VIP, 'runbook:vip-priority': '20' } },
      },
      addresses: { vip: { on: 'active', tags: VIP } },
    },
    events: [(id, at) => ec2StateChange(id('active'), 'stopped', at)],
  },
  {
    runbook: 'carry-volumes',
    name: 'an instance in service lacks its volume, which is unattached in its zone; a person asks',
    seed: { group: GROUP, volumes: { data: dataVolume('a') } },
    events: [asked('carry')],
    busyOnce: 'AttachVolume',
  },
  {
    runbook: 'carry-volumes',
    name: 'an instance in service lacks its encrypted volume, which is unattached in another zone; a person asks',
    seed: { keys: { key: { state: 'Enabled' } }, group: GROUP, volumes: { data: dataVolume('b', { key: 'key' }) } },
    events: [asked('carry')],
    busyOnce: 'CreateVolume',
  },
  {
    runbook: 'carry-volumes',
    name: 'an instance that stopped leaves with its volume, another takes its place in another zone; the events of both hooks come when nothing waits any more',
    seed: {
      instances: { leaver: { zone: 'b', tags: SET, stopped: true } },
      volumes: { data: dataVolume('b', { on: { instance: 'leaver', device: '/dev/sdf', deleteOnTermination: true } }) },
      group: GROUP,
    },
    events: [
      (id, at) => lifecycleAction('terminate', id('leaver'), at),
      (id, at) => lifecycleAction('launch', id('successor'), at),
    ],
    busyOnce: 'DetachVolume',
  },
  {
    runbook: 'carry-volumes',
    name: 'what was superseded long ago is swept, and the volume that took its place would be deleted with its instance; a person asks',
    seed: {
      group: GROUP,
      volumes: {
        data: dataVolume('a', { on: { instance: 'successor', device: '/dev/sdf', deleteOnTermination: true } }),
        former: dataVolume('b', { tags: { 'runbook:run': FORMER, 'runbook:superseded-at': LONG_AGO } }),
      },
      snapshots: {
        exact: { of: 'former', tags: { ...SET, 'runbook:device': '/dev/sdf', 'runbook:run': `${FORMER}/final` } },
        older: {
          of: 'former',
          tags: { ...SET, 'runbook:device': '/dev/sdf', 'runbook:run': FORMER, 'runbook:superseded-at': LONG_AGO },
        },
      },
    },
    events: [asked('sweep')],
    busyOnce: 'ModifyInstanceAttribute',
  },
  {
    runbook: 'heal-bastion',
    name: 'all hosts serve, though not in each zone; a person asks',
    seed: bastions('first', 'second'),
    events: [() => ({ runbook: 'heal-bastion', target: 'ops' })],
    busyOnce: 'DescribeInstances',
  },
  {
    runbook: 'heal-bastion',
    name: 'a person wants the last host that serves replaced',
    seed: bastions('last'),
    events: [replaced('last')],
    busyOnce: 'DescribeInstances',
  },
  {
    runbook: 'heal-bastion',
    name: 'a person wants one of two hosts replaced',
    seed: bastions('first', 'second'),
    events: [replaced('first')],
    isOnlyPlanned: true,
  },
];

/** Where moto cannot go on, by runbook; one that is played nowhere says here why. */
export const MOTO_ENDS: { readonly [runbook: string]: string } = {
  'block-address':
    'played nowhere: what it does is rows of its own table, and what is compared here is the account. It asks moto for what may never be blocked in the scenarios above; the contract of the data ledger is held by its own tests, on DynamoDB as dynalite plays it',
  'check-readiness': 'played nowhere: it changes nothing. Its calls are compared in the scenarios above',
  'deny-networks':
    'played nowhere, for the same reason as publish-blocklist. Its calls are compared in the scenarios above',
  'flush-caches':
    'played nowhere: it keeps in that table what it has sent, and in moto nothing is in progress. The calls that it sends are compared in the scenarios above',
  'heal-bastion':
    'played to where it would act. What it does takes its time on the clock of moto too, which is the real one: what is taken out drains for two and a half minutes, and its end is watched. In moto every target is healthy, so that nothing is found by itself. Its calls are compared in the scenarios above',
  'receive-requests':
    'played nowhere: what it does is rows of its own table and starts of functions by name, of which moto knows none',
  'prove-blocklist': 'played nowhere: it changes nothing. Its calls are compared in the scenarios above',
  'publish-blocklist':
    'played nowhere: it writes what stands in that table, which is empty here, so that it would have nothing to do. The calls that it sends are compared in the scenarios above; moto keeps none of the rules that make them difficult (addresses without host bits, ten thousand of them, one write a second)',
  'redrive-dead-letters':
    'played on ElasticMQ, below: in moto a dead letter does not say which queue it failed in. Its calls are compared in the scenarios above',
  'restrict-access':
    'played nowhere: it acts on what its note in that table says, which moto does not keep. The calls that it sends are compared in the scenarios above',
  'scale-hpc-fleet':
    'played nowhere: what it is about is room that AWS does not have, and moto has room for every launch',
  'carry-volumes':
    'played to where it answers its hooks. In moto no instance waits in a lifecycle hook, an unhealthy member is not replaced, and CompleteLifecycleAction and RecordLifecycleActionHeartbeat are missing. So events of hooks come when nothing waits any more, and what belongs to a wait is left to the drills: the answer, heartbeats, launches given up, a group that is held. Freezing is left to them too, since ListCommandInvocations is missing, and so is waiting for EC2: in moto a stop, a detachment, a snapshot and a volume are done at once',
};
