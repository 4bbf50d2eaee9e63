/** What `scale-hpc-fleet` reads and sends of AWS Batch, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { apply, locate, observe, TICK } from '../../../functions/scale-hpc-fleet/aws.ts';
import { batchJobsOf } from '../../../functions/scale-hpc-fleet/aws/batch-jobs.ts';
import type { SeenEnvironment } from '../../../functions/scale-hpc-fleet/aws/batch.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { FLEET_ARN, within } from './small-account.ts';

const PREFIX = 'arn:aws:batch:eu-west-1:111122223333:compute-environment';
const CREATED_AT = 1_795_334_000_000;

function environment(name: string, more: Shape = {}, tags: Shape = { 'runbook:hpc-queue': 'cfd' }): Shape {
  const computeResources = { type: 'EC2', maxvCpus: 1_536, instanceTypes: ['hpc7a.96xlarge'], subnets: ['subnet-0a'] };
  return { computeEnvironmentName: name, tags, computeResources, ...more };
}

function account(batch: Shape = {}): Shape {
  const types = [
    { InstanceType: 'hpc7a.96xlarge', VCpuInfo: { DefaultVCpus: 192 }, MemoryInfo: { SizeInMiB: 786_432 } },
  ];
  return {
    ec2: { InstanceTypes: types },
    batch: {
      computeEnvironments: [environment('cfd-b'), environment('cfd-a'), environment('web', {}, {})],
      jobQueues: [
        {
          jobQueueName: 'cfd',
          computeEnvironmentOrder: [
            { order: 2, computeEnvironment: 'cfd-b' },
            { order: 1, computeEnvironment: 'cfd-a' },
          ],
        },
      ],
      jobs: [],
      ...batch,
    },
  };
}

async function meant(target: string | null): Promise<readonly string[]> {
  const { value = [] } = await within((io) => locate({ ...TICK, target }, io), account());
  return value.map((found) => found.target.split('/').at(-1) ?? '');
}

async function look(batch: Shape = {}, more: Shape = {}): Promise<SeenEnvironment | undefined> {
  const change = { ...account(batch), ...more };
  const { value, thrown } = await within((io) => observe(`${PREFIX}/cfd-a`, TICK, io), change);
  expect(thrown).toBeUndefined();
  return value?.kind === 'batch' ? value : undefined;
}

describe('the environment that is meant', () => {
  it('is each that carries the tag, beside the fleets', async () => {
    expect(await meant(null)).toEqual(['lt-0a1', 'cfd-a', 'cfd-b']);
  });

  it('is the one of that name or ARN', async () => {
    expect(await meant('cfd-a')).toEqual(['cfd-a']);
    expect(await meant(`${PREFIX}/cfd-b`)).toEqual(['cfd-b']);
    expect(await meant('web')).toEqual([]);
    expect(await meant(FLEET_ARN)).toEqual(['lt-0a1']);
    expect(await meant('lt-0a1')).toEqual(['lt-0a1']);
  });

  it('is none where a person wants a gang gone', async () => {
    const ask = { kind: 'end' as const, gang: 'a', by: 'ana' };
    const { value } = await within((io) => locate({ target: 'cfd-a', ask }, io), account());
    expect(value).toEqual([]);
  });

  it('is not known where Batch does not answer, and the fleets are', async () => {
    const { value = [] } = await within((io) => locate(TICK, io), account(), [{ request: 1, kind: 'throttled' }]);
    expect(value.map(({ target, fault }) => [target.split('/').at(-1), fault?.class])).toEqual([
      ['lt-0a1', undefined],
      ['*', 'retryable'],
    ]);
  });
});

describe('a look at a compute environment', () => {
  it('is decided by none that cannot be understood', async () => {
    const odd = environment('cfd-b', {
      computeResources: { type: 'EC2', minvCpus: 0, instanceTypes: [], subnets: [] },
    });
    const seen = await look({ computeEnvironments: [odd, environment('cfd-a')] });
    expect([seen?.environment?.name, seen?.others]).toEqual(['cfd-a', []]);
  });

  it('has it with its queue in order, its rivals, the size of its type, and room in its subnet', async () => {
    expect(await look()).toEqual({
      kind: 'batch',
      run: 'r',
      environment: {
        name: 'cfd-a',
        arn: `${PREFIX}/cfd-a`,
        type: 'MANAGED',
        state: 'ENABLED',
        status: 'VALID',
        statusReason: null,
        resources: 'EC2',
        instanceTypes: ['hpc7a.96xlarge'],
        subnets: ['subnet-0a'],
        minvCpus: 0,
        maxvCpus: 1_536,
        desiredvCpus: 0,
      },
      settings: { queue: 'cfd', idleSeconds: 1_200, problems: [] },
      queue: {
        state: 'ENABLED',
        status: 'VALID',
        statusReason: null,
        environments: [`${PREFIX}/cfd-a`, `${PREFIX}/cfd-b`],
      },
      others: [expect.objectContaining({ name: 'cfd-b' })],
      types: { 'hpc7a.96xlarge': { vcpus: 192, memoryMiB: 786_432, gpus: 0 } },
      jobs: [],
      unreadJobs: 0,
      freeAddresses: 251,
      record: null,
      recordFault: null,
    });
  });

  it('has the GPUs of its type', async () => {
    const GpuInfo = { Gpus: [{ Count: 8 }, { Count: 1 }] };
    const ec2 = { InstanceTypes: [{ InstanceType: 'hpc7a.96xlarge', VCpuInfo: { DefaultVCpus: 192 }, GpuInfo }] };
    expect((await look({}, { ec2 }))?.types).toEqual({ 'hpc7a.96xlarge': { vcpus: 192, memoryMiB: null, gpus: 9 } });
  });

  it('is of nothing where it is gone or not tagged', async () => {
    const seen = await look({ computeEnvironments: [environment('cfd-a', {}, {})] });
    expect(seen).toMatchObject({ environment: null, settings: { queue: null }, jobs: [] });
  });

  it('says what is wrong with its tags', async () => {
    const tags = { 'runbook:hpc-queue': 'a queue', 'runbook:idle-seconds': 'long' };
    expect((await look({ computeEnvironments: [environment('cfd-a', {}, tags)] }))?.settings).toEqual({
      queue: null,
      idleSeconds: 1_200,
      problems: [
        "cfd-a: tag runbook:hpc-queue: 'a queue' is not the name of a job queue",
        "cfd-a: tag runbook:idle-seconds: 'long' is not auto or a number of seconds",
      ],
    });
    const said = { 'runbook:hpc-queue': 'cfd', 'runbook:idle-seconds': '60' };
    expect((await look({ computeEnvironments: [environment('cfd-a', {}, said)] }))?.settings.idleSeconds).toBe(60);
  });

  it('asks for no jobs of a queue that is not there, and no size of several types', async () => {
    const resources = { type: 'EC2', maxvCpus: 1, instanceTypes: ['optimal'], subnets: ['subnet-0a', 'subnet-0b'] };
    const odd = environment('cfd-a', { computeResources: resources });
    expect(await look({ computeEnvironments: [odd], jobQueues: [] })).toMatchObject({
      queue: null,
      types: {},
      jobs: [],
      freeAddresses: null,
    });
  });

  it('knows an unmanaged one, and one of Fargate, which have no minvCpus', async () => {
    const own = environment('cfd-a', { type: 'UNMANAGED', computeResources: undefined });
    expect((await look({ computeEnvironments: [own] }))?.environment).toMatchObject({ type: 'UNMANAGED', maxvCpus: 0 });
    const fargate = environment('cfd-a', { computeResources: { type: 'FARGATE', maxvCpus: 64, subnets: [] } });
    expect((await look({ computeEnvironments: [fargate] }))?.environment).toMatchObject({
      resources: 'FARGATE',
      minvCpus: 0,
      maxvCpus: 64,
    });
  });

  it('has what people had set, or what is wrong with that', async () => {
    const value = { before: 0, set: 768, from: null, at: '2026-11-22T07:00:00.000Z', run: 'r-0' };
    const items = (...kept: Shape[]): Shape => ({ ledger: { data: kept } });
    const item = { partition: 'hpc-batch', key: 'cfd-a', value };
    const other = { partition: 'hpc-batch', key: 'cfd-a2', value };
    expect((await look({}, items(other)))?.record).toBeNull();
    expect((await look({}, items(item, other)))?.record).toMatchObject({ ...value, version: 1 });
    expect((await look({}, items({ ...item, value: { ...value, set: -1 } })))?.recordFault).toMatch(
      /^hpc-batch\/cfd-a: set: /u,
    );
  });
});

describe('jobs of a queue', () => {
  const requirements = (vcpus: number, memory: number): Shape => ({
    resourceRequirements: [
      { type: 'VCPU', value: String(vcpus) },
      { type: 'MEMORY', value: String(memory) },
    ],
  });
  const read = async (...jobs: readonly Shape[]): Promise<unknown> => {
    const all = jobs.map((job, index) => ({ jobQueue: 'cfd', createdAt: CREATED_AT + index * 1_000, ...job }));
    const { value, thrown } = await within((io) => batchJobsOf('cfd', io), account({ jobs: all }));
    expect(thrown).toBeUndefined();
    return value?.jobs;
  };

  it('are looked at by the hundred; of more than five hundred it is told how many are behind them', async () => {
    const jobs = Array.from({ length: 503 }, (_, index) => ({
      jobId: `job-${index}`,
      jobQueue: 'cfd',
      createdAt: CREATED_AT + index,
    }));
    const { value } = await within((io) => batchJobsOf('cfd', io), account({ jobs }));
    expect([value?.jobs.length, value?.jobs.at(-1)?.id, value?.unread]).toEqual([500, 'job-499', 3]);
  });

  it('are those that need instances, those at work first', async () => {
    const found = await read(
      { jobId: '1' },
      { jobId: '2', status: 'RUNNING' },
      { jobId: '3', status: 'STARTING' },
      { jobId: '4', status: 'SUCCEEDED' },
      { jobId: '5', status: 'PENDING' },
      { jobId: '6', status: 'RUNNING' },
    );
    expect(found).toMatchObject([{ id: '2' }, { id: '6' }, { id: '3' }, { id: '1' }]);
  });

  it('have their nodes, and what the largest of them needs', async () => {
    const nodeRangeProperties = [
      { targetNodes: '0', container: { vcpus: 8, memory: 1_000 } },
      { targetNodes: '1:', container: requirements(96, 500), instanceTypes: ['hpc7a.96xlarge'] },
    ];
    const nodeProperties = { numNodes: 4, mainNode: 0, nodeRangeProperties };
    expect(await read({ jobId: '1', jobName: 'wing', nodeProperties, statusReason: 'CAPACITY:X' })).toEqual([
      {
        id: '1',
        name: 'wing',
        state: 'RUNNABLE',
        nodes: 4,
        count: 1,
        vcpus: 96,
        memoryMiB: 1_000,
        gpus: 0,
        hasInterfaces: true,
        instanceTypes: ['hpc7a.96xlarge'],
        createdAt: '2026-11-22T07:53:20.000Z',
        statusReason: 'CAPACITY:X',
      },
    ]);
  });

  it('need what the containers of a task need together', async () => {
    const containers = [requirements(90, 900), requirements(4, 600), { name: 'no words' }];
    const ecsProperties = { taskProperties: [{ containers }] };
    const nodeRangeProperties = [{ targetNodes: '0:', ecsProperties }];
    const needed = { vcpus: 94, memoryMiB: 1_500, gpus: 0 };
    expect(
      await read({ jobId: '1', ecsProperties }, { jobId: '2', nodeProperties: { numNodes: 2, nodeRangeProperties } }),
    ).toMatchObject([
      { id: '1', nodes: null, hasInterfaces: false, ...needed },
      { id: '2', nodes: 2, hasInterfaces: true, ...needed },
    ]);
  });

  it('need what the containers of a pod request or are limited to, or one of those before them', async () => {
    const pod = (...containers: readonly Shape[]): Shape => ({ podProperties: { containers } });
    const requests = { cpu: '0.25', memory: '1024Mi' };
    const limits = { cpu: '8', memory: '1024Mi', 'nvidia.com/gpu': '4' };
    const before = {
      podProperties: {
        containers: [{ resources: { limits } }],
        initContainers: [{ resources: { limits: { cpu: '16' } } }],
      },
    };
    const nodeRangeProperties = [
      { targetNodes: '0:', eksProperties: pod({ resources: { requests, limits } }, { resources: { limits } }) },
    ];
    expect(
      await read(
        { jobId: '1', eksProperties: pod({ resources: { requests } }, {}) },
        { jobId: '2', nodeProperties: { numNodes: 2, nodeRangeProperties } },
        { jobId: '3', eksProperties: before },
      ),
    ).toMatchObject([
      { id: '1', vcpus: 0.25, memoryMiB: 1_024, gpus: 0, hasInterfaces: false },
      { id: '2', vcpus: 8.25, memoryMiB: 2_048, gpus: 8, hasInterfaces: false },
      { id: '3', vcpus: 16, memoryMiB: 1_024, gpus: 4 },
    ]);
  });

  it('need GPUs', async () => {
    const { resourceRequirements } = requirements(8, 64);
    const gpus = [...(Array.isArray(resourceRequirements) ? resourceRequirements : []), { type: 'GPU', value: '2' }];
    expect(await read({ jobId: '1', container: { resourceRequirements: gpus } })).toMatchObject([
      { vcpus: 8, gpus: 2 },
    ]);
  });

  it('are none of the nodes of a job, nor of the children of an array', async () => {
    expect(await read({ jobId: '1' }, { jobId: '1#0' }, { jobId: '2:11' })).toMatchObject([{ id: '1' }]);
  });

  it('have the children of an array that are at work or wait, and a vCPU where nothing is said', async () => {
    const statusSummary = { RUNNABLE: 5, RUNNING: 2, SUCCEEDED: 3 };
    const found = await read(
      { jobId: '1', status: 'PENDING', arrayProperties: { size: 10, statusSummary }, container: requirements(4, 64) },
      { jobId: '2', status: 'PENDING', arrayProperties: { size: 2, statusSummary: { PENDING: 2 } } },
      { jobId: '3' },
    );
    expect(found).toMatchObject([
      { id: '1', state: 'RUNNABLE', nodes: null, count: 7, vcpus: 4, memoryMiB: 64 },
      { id: '3', nodes: null, count: 1, vcpus: 1, memoryMiB: 0 },
    ]);
  });
});

describe('a change of minvCpus', () => {
  const change = apply['batch:UpdateComputeEnvironment'];
  const sent = async (input: Parameters<NonNullable<typeof change>['send']>[0]) =>
    within(async (io) => change?.send(input, io), account());

  it('sends them alone', async () => {
    const { requests, thrown } = await sent({
      computeEnvironment: `${PREFIX}/cfd-a`,
      computeResources: { minvCpus: 384 },
    });
    expect(thrown).toBeUndefined();
    expect(requests.map(({ call, input }) => [call, input])).toEqual([
      [
        'batch:UpdateComputeEnvironment',
        { computeEnvironment: `${PREFIX}/cfd-a`, computeResources: { minvCpus: 384 } },
      ],
    ]);
  });

  it('that has no number never leaves', async () => {
    const { requests, thrown } = await sent({ computeEnvironment: 'cfd-a', computeResources: {} });
    expect(requests).toEqual([]);
    expect(thrown).toMatchObject({ name: 'TerminalError' });
  });

  it('that Batch refuses is told to the decision', () => {
    expect(change?.means).toEqual({ ClientException: 'refused' });
  });
});
