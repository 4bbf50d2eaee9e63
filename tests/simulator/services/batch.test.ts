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

const TYPE = { InstanceType: 'hpc7a.96xlarge', VCpuInfo: { DefaultVCpus: 192 } };

function begin(batch: Shape, ec2: Shape = {}): ServiceWorld {
  return serviceWorld({
    ec2: { InstanceTypes: [TYPE], ...ec2 },
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

describe('what AWS would not place', () => {
  const sized = {
    InstanceTypes: [{ ...TYPE, MemoryInfo: { SizeInMiB: 1_000 }, GpuInfo: { Gpus: [{ Count: 4 }] } }],
  };
  const ask = (type: string, value: string): Shape => ({ resourceRequirements: [{ type, value }] });
  const pod = (resources: Shape, more: Shape = {}): Shape => ({
    eksProperties: { podProperties: { containers: [{ resources }], ...more } },
  });
  const task = (...containers: readonly Shape[]): Shape => ({ ecsProperties: { taskProperties: [{ containers }] } });
  const stateOf = (work: Shape, more: Shape = {}): unknown => {
    const nodeProperties = { numNodes: 2, nodeRangeProperties: [{ targetNodes: '0:', ...work }] };
    const account = begin({ jobs: [gang('1', 2, { RunsSeconds: 60, nodeProperties, ...more })] }, sized);
    warm(account, { minvCpus: 384 });
    return statusOf(account, '1');
  };

  it.each<[string, Shape, Shape]>([
    ['vCPUs', { container: ask('VCPU', '192') }, { container: ask('VCPU', '193') }],
    ['vCPUs, said in the older way', { container: { vcpus: 192 } }, { container: { vcpus: 193 } }],
    ['memory of what is installed', { container: ask('MEMORY', '968') }, { container: ask('MEMORY', '969') }],
    ['GPUs', { container: ask('GPU', '4') }, { container: ask('GPU', '5') }],
    ['vCPUs of two containers', task(ask('VCPU', '96'), ask('VCPU', '96')), task(ask('VCPU', '96'), ask('VCPU', '97'))],
    ['memory of a pod', pod({ requests: { memory: '968Mi' } }), pod({ limits: { memory: '969Mi' } })],
    [
      'vCPUs of a container before those of a pod',
      pod({ limits: { cpu: '100' } }, { initContainers: [{ resources: { limits: { cpu: '192' } } }] }),
      pod({ limits: { cpu: '100' } }, { initContainers: [{ resources: { limits: { cpu: '193' } } }] }),
    ],
    ['the type', { instanceTypes: ['hpc7a.96xlarge'] }, { instanceTypes: ['c7i.48xlarge'] }],
  ])('waits for %s', (_what, enough, tooMuch) => {
    expect([stateOf(enough), stateOf(tooMuch)]).toEqual(['STARTING', 'RUNNABLE']);
  });

  it('waits where Batch says that it fits nowhere', () => {
    expect(stateOf({}, { statusReason: 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - x' })).toBe('RUNNABLE');
    expect(stateOf({}, { statusReason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - x' })).toBe('STARTING');
  });

  it('shares an instance by what runs out first', () => {
    const one = (jobId: string): Shape => ({ jobId, jobQueue: 'cfd', RunsSeconds: 60, container: ask('GPU', '2') });
    const account = begin({ jobs: [one('1'), one('2'), one('3')] }, sized);
    warm(account, { minvCpus: 192 });
    expect(['1', '2', '3'].map((id) => statusOf(account, id))).toEqual(['STARTING', 'STARTING', 'RUNNABLE']);
  });
});

describe('addresses of the subnet', () => {
  const SubnetId = 'subnet-0a';
  const on = (free: number, work: Shape = {}): ServiceWorld => {
    const nodeProperties = { numNodes: 4, nodeRangeProperties: [{ targetNodes: '0:', ...work }] };
    return begin(
      {
        computeEnvironments: [environment('a', { computeResources: { ...RESOURCES, subnets: [SubnetId] } })],
        jobs: [gang('1', 4, { RunsSeconds: 60, StartsSeconds: 10, nodeProperties })],
      },
      { Subnets: [{ SubnetId, AvailabilityZone: 'eu-west-1a', AvailableIpAddressCount: free }] },
    );
  };
  const freeOf = ({ world }: ServiceWorld): unknown => world.records('ec2', 'Subnets')[0]?.['AvailableIpAddressCount'];

  it('are taken by instances, and by the nodes of a job on them, and come back', () => {
    const account = on(8);
    warm(account, { minvCpus: 768 });
    expect([statusOf(account, '1'), freeOf(account)]).toEqual(['STARTING', 0]);
    account.pass(10);
    account.pass(60);
    expect([statusOf(account, '1'), freeOf(account)]).toEqual(['SUCCEEDED', 4]);
    warm(account, { minvCpus: 0 });
    account.pass(5);
    expect(freeOf(account)).toBe(8);
  });

  it('hold a job back where there are none for its nodes, or for its instances', () => {
    for (const [free, left] of [
      [7, 3],
      [3, 0],
    ] as const) {
      const account = on(free);
      warm(account, { minvCpus: 768 });
      expect([statusOf(account, '1'), freeOf(account)]).toEqual(['RUNNABLE', left]);
    }
  });

  it('are those of the hosts on EKS', () => {
    const account = on(4, { eksProperties: { podProperties: {} } });
    warm(account, { minvCpus: 768 });
    expect([statusOf(account, '1'), freeOf(account)]).toEqual(['STARTING', 0]);
  });
});

describe('the parts of a job', () => {
  it('are described, but not listed with their queue, and take no room', () => {
    const one = gang('1', 2, { status: 'RUNNING', RunsSeconds: 60 });
    const node = { jobId: '1#0', jobQueue: 'cfd', status: 'RUNNING', RunsSeconds: 60 };
    const account = begin({ jobs: [one, node, { ...node, jobId: '2:3' }] });
    expect(account.call('batch:ListJobs', { jobQueue: 'cfd' })).toMatchObject({ jobSummaryList: [{ jobId: '1' }] });
    expect(statusOf(account, '1#0')).toBe('RUNNING');
    account.pass(60);
    expect([statusOf(account, '1'), statusOf(account, '2:3')]).toEqual(['SUCCEEDED', 'RUNNING']);
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
