/** What one look costs in a large account, quiet and in a disaster: simulated time, requests and pages, real seconds. */

import { join } from 'node:path';
import { DEPLOYED_ENVIRONMENT } from '../rehearsal/drill.ts';
import { discoverFunctions } from '../rehearsal/functions.ts';
import { isOfOwnState } from '../simulator/engine/own-state.ts';
import { NO_FAULTS, type LoggedRequest } from '../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../simulator/engine/simulation.ts';

const FUNCTIONS = join(import.meta.dirname, '..', 'functions');
export const NOW = '2026-11-22T08:00:00Z';
const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
/** Ticks of the schedule that are watched: one that acts, and those that go on. Addresses are looked at each minute, groups every five. */
const TICKS = 3;
const MINUTES_OF_A_TICK: { readonly [runbook: string]: number } = { 'reassign-elastic-ip': 1, 'carry-volumes': 5 };

/** An account, and whose tick is watched in it. */
interface Account {
  readonly name: string;
  readonly runbook: string;
  readonly world: object;
}

/** Figures of the ticks in an account. */
export interface AccountFigures {
  readonly name: string;
  /** The longest run beside what it may take, seconds of simulated time. */
  readonly longestSeconds: number;
  readonly timeoutSeconds: number;
  /** Of the first tick. */
  readonly calls: number;
  readonly pages: number;
  readonly ledger: number;
  /** Of all ticks. */
  readonly acted: number;
  readonly told: number;
  /** Real time a tick. */
  readonly tookSeconds: number;
}

function tags(entries: { readonly [key: string]: string }): object[] {
  return Object.entries(entries).map(([Key, Value]) => ({ Key, Value }));
}

function idOf(kind: string, index: number): string {
  return `${kind}-0${index.toString(16).padStart(16, '0')}`;
}

function publicIp(index: number): string {
  return `203.${index >> 8}.113.${index & 255}`;
}

/** A fleet of gangs of four, whose queue is empty: nothing is launched, nothing to be ended. */
export function fleetAtRest(): object {
  const subnet = idOf('subnet', 1);
  return {
    now: NOW,
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      Subnets: [{ SubnetId: subnet, AvailabilityZone: ZONES[0], VpcId: idOf('vpc', 1), CidrBlock: '10.0.0.0/20' }],
      LaunchTemplates: [
        {
          LaunchTemplateId: idOf('lt', 1),
          LaunchTemplateName: 'cfd-4',
          Tags: tags({ 'runbook:hpc-queue': 'cfd-4', 'runbook:nodes-per-job': '4', 'runbook:ladder': '/hpc/cfd' }),
          LaunchTemplateData: { ImageId: idOf('ami', 1) },
        },
      ],
    },
    ssm: {
      Parameters: [
        {
          Name: '/hpc/cfd',
          Value: JSON.stringify([{ instanceType: 'hpc7a.96xlarge', subnetId: subnet, placementGroup: 'cfd-a' }]),
        },
      ],
    },
    sqs: { Queues: [{ QueueName: 'cfd-4', Messages: [] }] },
  };
}

/** Elastic IPs of names of five, each on an instance of its name; `down` of the holders have failed. */
export function addressesOn(addresses: number, instances: number, down: number): object {
  const names = Math.ceil(addresses / 5);
  const nameOf = (index: number): string => `web-${index % names}`;
  return {
    now: NOW,
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      Instances: Array.from({ length: instances }, (_none, index) => ({
        InstanceId: idOf('i', index),
        Placement: { AvailabilityZone: ZONES[index % ZONES.length] },
        State: { Name: index < down ? 'stopped' : 'running' },
        Tags: tags({ 'runbook:vip': nameOf(index) }),
      })),
      Addresses: Array.from({ length: addresses }, (_none, index) => ({
        AllocationId: idOf('eipalloc', index),
        PublicIp: publicIp(index),
        InstanceId: idOf('i', index),
        Tags: tags({ 'runbook:vip': nameOf(index) }),
      })),
    },
  };
}

function hookOf(index: number, way: string): object {
  return {
    AutoScalingGroupName: `db-${index}`,
    LifecycleHookName: `carry-volumes-${way.toLowerCase()}`,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${way}`,
    NotificationMetadata: 'carry-volumes',
    HeartbeatTimeout: 900,
    DefaultResult: 'ABANDON',
  };
}

/** Groups of one instance that has its volume. */
export function groupsOf(count: number): object {
  const all = Array.from({ length: count }, (_none, index) => index);
  const set = { 'runbook:volumes': 'data', 'runbook:device': '/dev/sdf' };
  return {
    now: NOW,
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      Instances: all.map((index) => ({
        InstanceId: idOf('i', index),
        Placement: { AvailabilityZone: 'eu-west-1a' },
        State: { Name: 'running' },
        Tags: tags({ 'runbook:volumes': `set-${index}` }),
      })),
      Volumes: all.map((index) => ({
        VolumeId: idOf('vol', index),
        AvailabilityZone: 'eu-west-1a',
        Size: 8,
        VolumeType: 'gp3',
        Attachments: [
          { InstanceId: idOf('i', index), Device: '/dev/sdf', State: 'attached', DeleteOnTermination: false },
        ],
        Tags: tags({ ...set, 'runbook:volumes': `set-${index}` }),
      })),
    },
    'auto-scaling': {
      AutoScalingGroups: all.map((index) => ({
        AutoScalingGroupName: `db-${index}`,
        MinSize: 1,
        MaxSize: 1,
        DesiredCapacity: 1,
        AvailabilityZones: ['eu-west-1a'],
        Instances: [{ InstanceId: idOf('i', index), LifecycleState: 'InService' }],
        InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
        Tags: tags({ 'runbook:volumes': `set-${index}` }).map((tag) => ({ ...tag, PropagateAtLaunch: true })),
      })),
      LifecycleHooks: all.flatMap((index) => ['LAUNCHING', 'TERMINATING'].map((way) => hookOf(index, way))),
    },
  };
}

const ACCOUNTS: readonly Account[] = [
  { name: '1 address, 2 instances', runbook: 'reassign-elastic-ip', world: addressesOn(1, 2, 0) },
  { name: '1,000 addresses, 5,000 instances', runbook: 'reassign-elastic-ip', world: addressesOn(1_000, 5_000, 0) },
  { name: 'the same, 51 holders down', runbook: 'reassign-elastic-ip', world: addressesOn(1_000, 5_000, 51) },
  { name: 'the same, 200 holders down', runbook: 'reassign-elastic-ip', world: addressesOn(1_000, 5_000, 200) },
  { name: '1 group', runbook: 'carry-volumes', world: groupsOf(1) },
  { name: '201 groups', runbook: 'carry-volumes', world: groupsOf(201) },
];

function isOfAws({ call }: LoggedRequest): boolean {
  return !call.startsWith('ledger:') && !isOfOwnState(call);
}

function secondsOf(invocation: number, requests: readonly LoggedRequest[]): number {
  const times = requests
    .filter((request) => request.invocation === invocation)
    .flatMap(({ at, answeredAt }) => [Date.parse(at), Date.parse(answeredAt ?? at)]);
  return times.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / 1_000;
}

function figuresOf({ name }: Account, end: SimulationEnd, timeoutSeconds: number, seconds: number): AccountFigures {
  const { invocations, requests, results } = end;
  const first = requests.filter(({ invocation }) => invocation === 0);
  const calls = first.filter(isOfAws);
  return {
    name,
    longestSeconds: Math.max(...invocations.map(({ index }) => secondsOf(index, requests))),
    timeoutSeconds,
    calls: calls.length,
    pages: calls.filter(({ input }) => 'NextToken' in input && input['NextToken'] !== undefined).length,
    ledger: first.filter(({ call }) => call.startsWith('ledger:')).length,
    acted: results.filter(({ result }) => result.outcome === 'done').length,
    told: results.filter(({ result }) => result.outcome === 'refused' || result.outcome === 'failed').length,
    tookSeconds: seconds / invocations.length,
  };
}

/** Watches three ticks in each account. */
export async function measureAccounts(): Promise<readonly AccountFigures[]> {
  const functions = await discoverFunctions(FUNCTIONS);
  const figures: AccountFigures[] = [];
  for (const account of ACCOUNTS) {
    const own = functions.filter(({ summary }) => summary.name === account.runbook);
    const began = performance.now();
    const end = await simulate({
      world: account.world,
      events: [],
      functions: own,
      seed: 1,
      faults: NO_FAULTS,
      runForMs: TICKS * (MINUTES_OF_A_TICK[account.runbook] ?? 1) * 60_000,
      environment: DEPLOYED_ENVIRONMENT,
      watchers: [],
    });
    if (end.error !== undefined) throw end.error;
    const timeoutSeconds = own[0]?.summary.timeoutSeconds ?? 0;
    figures.push(figuresOf(account, end, timeoutSeconds, (performance.now() - began) / 1_000));
  }
  return figures;
}
