import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

const ARN = 'arn:aws:batch:eu-west-1:111122223333';
const RESOURCES = { instanceTypes: ['hpc7a.96xlarge'], maxvCpus: 768 };

function environment(name: string, more: Shape = {}): Shape {
  return { computeEnvironmentName: name, computeResources: { ...RESOURCES }, ...more };
}

function gang(jobId: string, numNodes: number, more: Shape = {}): Shape {
  return { jobId, jobQueue: 'cfd', nodeProperties: { numNodes, mainNode: 0 }, ...more };
}

function begin(batch: Shape): ServiceWorld {
  return serviceWorld({
    ec2: { InstanceTypes: [{ InstanceType: 'hpc7a.96xlarge', VCpuInfo: { DefaultVCpus: 192 } }] },
    batch: {
      computeEnvironments: [environment('a')],
      jobQueues: [{ jobQueueName: 'cfd', computeEnvironmentOrder: [{ computeEnvironment: 'a' }] }],
      ...batch,
    },
  });
}

function warm({ call }: ServiceWorld, computeResources: Shape, computeEnvironment = 'a'): Shape {
  return call('batch:UpdateComputeEnvironment', { computeEnvironment, computeResources });
}

/** What it shows of the first environment. */
function scaleOf({ world }: ServiceWorld): unknown {
  const [first] = world.records('batch', 'computeEnvironments');
  return first?.['computeResources'];
}

function statusOf({ call }: ServiceWorld, id: string): unknown {
  const { jobs } = call('batch:DescribeJobs', { jobs: [id] });
  return Array.isArray(jobs) ? jobs.map(({ status }: Shape) => status)[0] : undefined;
}

describe('what is described', () => {
  it('has what a file leaves out, by name or ARN, and leaves out what is not there', () => {
    const { call } = begin({});
    const found = call('batch:DescribeComputeEnvironments', {
      computeEnvironments: ['b', `${ARN}:compute-environment/a`],
    });
    expect(found).toEqual({
      computeEnvironments: [
        {
          computeEnvironmentName: 'a',
          computeEnvironmentArn: `${ARN}:compute-environment/a`,
          type: 'MANAGED',
          state: 'ENABLED',
          status: 'VALID',
          tags: {},
          computeResources: { ...RESOURCES, type: 'EC2', minvCpus: 0, desiredvCpus: 0 },
        },
      ],
    });
    expect(call('batch:DescribeJobQueues', { jobQueues: ['cfd', 'other'] })).toEqual({
      jobQueues: [
        {
          jobQueueName: 'cfd',
          jobQueueArn: `${ARN}:job-queue/cfd`,
          state: 'ENABLED',
          status: 'VALID',
          priority: 1,
          tags: {},
          computeEnvironmentOrder: [{ order: 1, computeEnvironment: `${ARN}:compute-environment/a` }],
        },
      ],
    });
  });

  it('goes by pages', () => {
    const { call } = begin({ computeEnvironments: [environment('a'), environment('b')] });
    const first = call('batch:DescribeComputeEnvironments', { maxResults: 1 });
    expect(first).toMatchObject({ computeEnvironments: [{ computeEnvironmentName: 'a' }], nextToken: '1' });
    const second = call('batch:DescribeComputeEnvironments', { maxResults: 1, nextToken: '1' });
    expect(second).toMatchObject({ computeEnvironments: [{ computeEnvironmentName: 'b' }] });
    expect(second).not.toHaveProperty('nextToken');
  });
});

describe('jobs', () => {
  it('are listed by queue and state, of an unnamed state the running ones', () => {
    const { call } = begin({ jobs: [gang('1', 2), gang('2', 1, { status: 'RUNNING' })] });
    expect(call('batch:ListJobs', { jobQueue: 'cfd', jobStatus: 'RUNNABLE' })).toMatchObject({
      jobSummaryList: [{ jobId: '1', jobName: '1', nodeProperties: { numNodes: 2 }, createdAt: 1_795_334_400_000 }],
    });
    expect(call('batch:ListJobs', { jobQueue: 'cfd' })).toMatchObject({ jobSummaryList: [{ jobId: '2' }] });
    expect(() => call('batch:ListJobs', { jobQueue: 'other' })).toThrow('Job queue other does not exist');
    expect(() => call('batch:ListJobs', { jobQueue: 'cfd', filters: [] })).toThrow('not simulated');
  });

  it('begin whole as soon as there is room, run as long as they are said to, and leave it', () => {
    const account = begin({ jobs: [gang('1', 4, { RunsSeconds: 300, StartsSeconds: 10 })] });
    warm(account, { minvCpus: 768 });
    expect(statusOf(account, '1')).toBe('STARTING');
    account.pass(10);
    expect(statusOf(account, '1')).toBe('RUNNING');
    warm(account, { minvCpus: 0 });
    account.pass(299);
    expect(scaleOf(account)).toMatchObject({ minvCpus: 0, desiredvCpus: 768 });
    account.pass(1);
    expect(statusOf(account, '1')).toBe('SUCCEEDED');
    expect(scaleOf(account)).toMatchObject({ minvCpus: 0, desiredvCpus: 0 });
  });

  it('wait for one another in their order, and find instances of Batch itself after two minutes', () => {
    const account = begin({ jobs: [gang('1', 4, { RunsSeconds: 60 }), gang('2', 1, { RunsSeconds: 60 })] });
    account.pass(119);
    expect(statusOf(account, '1')).toBe('RUNNABLE');
    account.pass(1);
    expect([statusOf(account, '1'), statusOf(account, '2')]).toEqual(['STARTING', 'RUNNABLE']);
    expect([...account.world.assumed].join()).toContain('batch: asks for instances two minutes after');
  });

  it('stay as they are where nobody says how long they run, and in an environment that cannot hold them', () => {
    const account = begin({ jobs: [gang('1', 4), gang('2', 5, { RunsSeconds: 60 })] });
    warm(account, { minvCpus: 768 });
    account.pass(600);
    expect([statusOf(account, '1'), statusOf(account, '2')]).toEqual(['RUNNABLE', 'RUNNABLE']);
  });

  it('come by a script', () => {
    const account = begin({});
    warm(account, { minvCpus: 384 });
    account.pass(5);
    account.set('batch/jobs/9', gang('9', 2, { RunsSeconds: 60 }));
    expect(statusOf(account, '9')).toBe('STARTING');
  });
});

describe('UpdateComputeEnvironment', () => {
  it('takes desiredvCpus along, is UPDATING for seconds, and takes nothing meanwhile', () => {
    const account = begin({});
    expect(warm(account, { minvCpus: 384 }, `${ARN}:compute-environment/a`)).toEqual({
      computeEnvironmentName: 'a',
      computeEnvironmentArn: `${ARN}:compute-environment/a`,
    });
    expect(scaleOf(account)).toMatchObject({ minvCpus: 384, desiredvCpus: 384 });
    expect(() => warm(account, { minvCpus: 0 })).toThrow('Cannot update, resource is being modified.');
    account.pass(5);
    warm(account, { minvCpus: 0 });
    expect(scaleOf(account)).toMatchObject({ minvCpus: 0, desiredvCpus: 384 });
    account.pass(5);
    expect(scaleOf(account)).toMatchObject({ minvCpus: 0, desiredvCpus: 0 });
  });

  it.each<[string, Shape, string]>([
    ['more than maxvCpus', { minvCpus: 769 }, 'minvCpus should be less than or equal to maxvCpus'],
    ['fewer desiredvCpus', { desiredvCpus: 100 }, 'Manually scaling down compute environment is not supported'],
    [
      'another type',
      { instanceTypes: ['c7i.48xlarge'] },
      'not simulated: batch:UpdateComputeEnvironment instanceTypes',
    ],
  ])('refuses %s', (_what, wanted, message) => {
    const set = environment('a', { computeResources: { ...RESOURCES, minvCpus: 192 } });
    expect(() => warm(begin({ computeEnvironments: [set] }), wanted)).toThrow(message);
  });

  it('refuses what is not there, and what Batch does not manage', () => {
    expect(() => warm(begin({}), { minvCpus: 0 }, 'b')).toThrow('b does not exist');
    const own = environment('a', { type: 'UNMANAGED', computeResources: undefined });
    expect(() => warm(begin({ computeEnvironments: [own] }), { minvCpus: 0 })).toThrow('UNMANAGED');
  });
});
