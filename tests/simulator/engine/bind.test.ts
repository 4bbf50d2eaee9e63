import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateVolumeCommand,
  DescribeInstancesCommand,
  EC2Client,
  paginateDescribeInstances,
  StopInstancesCommand,
  type CreateVolumeCommandInput,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bind } from '../../../simulator/engine/bind.ts';
import { createClock, settle, type SimulatedClock } from '../../../simulator/engine/clock.ts';
import { awsError, type Operation, type ServiceModel, type Shape } from '../../../simulator/engine/model.ts';
import { Requests } from '../../../simulator/engine/requests.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { createWorld, type SimulatedWorld } from '../../../simulator/engine/world.ts';

const START_MS = Date.parse('2026-11-22T08:00:00Z');
const CONFIG = { region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' }, maxAttempts: 1 };

let clock: SimulatedClock;
let world: SimulatedWorld;
let requests: Requests;
let fatal: Error[];
let seen: Shape[];
let unbind: () => void;

function operation(
  kind: Operation['kind'],
  run: Operation['run'],
  grade: Operation['grade'] = 'documented',
): Operation {
  return { kind, grade, source: 'test', run: (input, one) => (seen.push(input), run(input, one)) };
}

const ec2: ServiceModel = {
  name: 'ec2',
  prefix: 'ec2',
  schema: z.unknown(),
  collections: { Instances: 'InstanceId' },
  operations: {
    DescribeInstances: operation('read', (input, one) => ({
      Reservations: [{ Instances: one.records('ec2', 'Instances') }],
      ...(input['NextToken'] === undefined ? { NextToken: 'more' } : {}),
    })),
    StopInstances: operation('write', () => {
      throw awsError('IncorrectInstanceState', 'not in a state from which it can be stopped');
    }),
    CreateVolume: operation('write', () => ({ VolumeId: 'vol-1' })),
  },
};

const cloudWatch: ServiceModel = {
  name: 'cloudwatch',
  prefix: 'cloudwatch',
  schema: z.unknown(),
  collections: {},
  operations: { PutMetricData: operation('write', () => ({}), 'assumed') },
};

beforeEach(() => {
  clock = createClock(START_MS);
  fatal = [];
  seen = [];
  world = createWorld(
    { ec2: { Instances: [{ InstanceId: 'i-1', LaunchTime: new Date(START_MS) }] } },
    { services: [], seed: 1, account: '111122223333', region: 'eu-west-1', clock },
  );
  requests = new Requests({
    world,
    clock,
    seed: 1,
    faults: NO_FAULTS,
    note: () => undefined,
    fatal: (error) => void fatal.push(error instanceof Error ? error : new Error(String(error))),
    sent: () => undefined,
    stray: () => undefined,
  });
  unbind = bind({ world, services: [ec2, cloudWatch], queue: requests, fatal: (error) => void fatal.push(error) });
});

afterEach(() => {
  unbind();
});

async function answered<T>(promise: Promise<T>): Promise<T> {
  // The caller sees the rejection after the last step; until then it must not count as unhandled.
  promise.catch(() => undefined);
  await settle();
  while (clock.step()) await settle();
  return promise;
}

const ec2Client = (): EC2Client => new EC2Client(CONFIG);

describe('a request of the SDK', () => {
  it('is answered from the world after 20 to 80 ms, with metadata as the SDK gives it', async () => {
    const output = await answered(ec2Client().send(new DescribeInstancesCommand({})));
    expect(output.Reservations?.[0]?.Instances?.[0]?.InstanceId).toBe('i-1');
    expect(output.Reservations?.[0]?.Instances?.[0]?.LaunchTime).toBeInstanceOf(Date);
    expect(output.$metadata.httpStatusCode).toBe(200);
    expect(clock.now() - START_MS).toBeGreaterThanOrEqual(20);
    expect(clock.now() - START_MS).toBeLessThanOrEqual(80);
    expect(requests.log).toEqual([
      {
        index: 0,
        invocation: -1,
        call: 'ec2:DescribeInstances',
        kind: 'read',
        input: {},
        at: '2026-11-22T08:00:00.000Z',
        depth: 1,
        answeredAt: '2026-11-22T08:00:00.071Z',
      },
    ]);
  });

  it('shares nothing with the world: neither its input nor its answer', async () => {
    const input: CreateVolumeCommandInput = {
      ClientToken: 't',
      AvailabilityZone: 'eu-west-1a',
      TagSpecifications: [{ Tags: [{ Key: 'a', Value: 'b' }] }],
    };
    const sent = ec2Client().send(new CreateVolumeCommand(input));
    input.TagSpecifications?.pop();
    await answered(sent);
    expect(seen[0]?.['TagSpecifications']).toEqual([{ Tags: [{ Key: 'a', Value: 'b' }] }]);
    const output = await answered(ec2Client().send(new DescribeInstancesCommand({})));
    output.Reservations?.[0]?.Instances?.pop();
    expect(world.records('ec2', 'Instances')).toHaveLength(1);
  });

  it('rejects with the error of the service, by its name and status', async () => {
    const sent = ec2Client().send(new StopInstancesCommand({ InstanceIds: ['i-1'] }));
    await expect(answered(sent)).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
    expect(requests.log[0]?.error).toBe('IncorrectInstanceState');
  });

  it('reaches its own service, whichever client sends it', async () => {
    await answered(
      new CloudWatchClient(CONFIG).send(
        new PutMetricDataCommand({ Namespace: 'n', MetricData: [{ MetricName: 'm', Timestamp: new Date(START_MS) }] }),
      ),
    );
    expect(requests.log.map((request) => request.call)).toEqual(['cloudwatch:PutMetricData']);
    expect([...world.assumed]).toEqual(['cloudwatch:PutMetricData']);
  });

  it('may come from a paginator', async () => {
    const pages = async (): Promise<number> => {
      let count = 0;
      for await (const page of paginateDescribeInstances({ client: ec2Client() }, {}))
        count += page.Reservations?.length ?? 0;
      return count;
    };
    expect(await answered(pages())).toBe(2);
    expect(seen).toEqual([{}, { NextToken: 'more' }]);
  });
});

describe('a request that the SDK or the API would not take', () => {
  /** A plan's input is JSON, so a wrong member passes the compiler. */
  function raw(input: Shape): CreateVolumeCommandInput {
    return Object.assign({ AvailabilityZone: 'eu-west-1a', ClientToken: 'token' }, input);
  }

  it.each([
    ['a member the operation does not have', { Zone: 'a' }, 'ec2:CreateVolume.Zone: the operation has no such member'],
    [
      'a member deep inside',
      { TagSpecifications: [{ Tags: [{ key: 'a' }] }] },
      'ec2:CreateVolume.TagSpecifications[0].Tags[0].key: the operation has no such member',
    ],
    ['a number for a string', { AvailabilityZone: 1 }, 'ec2:CreateVolume.AvailabilityZone: must be a string'],
    ['a string for a number', { Size: '8' }, 'ec2:CreateVolume.Size: must be a number'],
    ['a string for a boolean', { Encrypted: 'true' }, 'ec2:CreateVolume.Encrypted: must be a boolean'],
    [
      'one element for a list',
      { TagSpecifications: { Tags: [] } },
      'ec2:CreateVolume.TagSpecifications: must be a list',
    ],
    [
      'no client token',
      { ClientToken: undefined },
      'ec2:CreateVolume.ClientToken: state the client token; without it a repeat acts twice',
    ],
  ])('with %s ends the run', async (_what, input, message) => {
    void ec2Client().send(new CreateVolumeCommand(raw(input)));
    await settle();
    expect(fatal.map((error) => error.message)).toEqual([message]);
    expect(requests.log).toEqual([]);
  });

  it('with a required member missing ends the run', async () => {
    void ec2Client().send(new StopInstancesCommand(Object.assign({ InstanceIds: [] }, { InstanceIds: undefined })));
    await settle();
    expect(fatal.map((error) => error.message)).toEqual(['ec2:StopInstances.InstanceIds: is required']);
  });

  it('with a time as text ends the run', async () => {
    const datum = Object.assign({ MetricName: 'm' }, { Timestamp: '2026-11-22T08:00:00Z' }) as object;
    void new CloudWatchClient(CONFIG).send(
      new PutMetricDataCommand(Object.assign({ Namespace: 'n', MetricData: [] }, { MetricData: [datum] })),
    );
    await settle();
    expect(fatal.map((error) => error.message)).toEqual([
      'cloudwatch:PutMetricData.MetricData[0].Timestamp: must be a valid Date',
    ]);
  });

  it('for an operation or a service that is not modelled ends the run and says which', async () => {
    void new DynamoDBClient(CONFIG).send(new ListTablesCommand({}));
    const { CopyImageCommand } = await import('@aws-sdk/client-ec2');
    void ec2Client().send(
      new CopyImageCommand({ Name: 'n', SourceImageId: 'ami-1', SourceRegion: 'eu-west-1', ClientToken: 't' }),
    );
    await settle();
    expect(fatal.map((error) => error.message)).toEqual([
      'not simulated: dynamodb:ListTables',
      'not simulated: ec2:CopyImage',
    ]);
  });
});

describe('an aborted request', () => {
  it('rejects at once with AbortError, and what has left takes effect all the same', async () => {
    const controller = new AbortController();
    const sent = ec2Client().send(new CreateVolumeCommand({ AvailabilityZone: 'eu-west-1a', ClientToken: 't' }), {
      abortSignal: controller.signal,
    });
    controller.abort();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    expect(clock.now()).toBe(START_MS);
    while (clock.step());
    expect(seen).toHaveLength(1);
  });

  it('that never left has no effect', async () => {
    const sent = ec2Client().send(new CreateVolumeCommand({ AvailabilityZone: 'eu-west-1a', ClientToken: 't' }), {
      abortSignal: AbortSignal.abort(),
    });
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests.log).toEqual([]);
  });
});
