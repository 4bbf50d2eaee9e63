import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CreateVolumeCommand, DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { client, surroundings } from '../../../shared/aws/clients.ts';
import { NotSimulatedError } from '../../../simulator/engine/model.ts';
import { NO_FAULTS, type FaultPlan, type WorldMove } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { deploy, describeInstances, ending, run, sleep, TWO_INSTANCES } from '../deploy.ts';

/** Two instances at home, one in us-east-1. */
const WORLD = {
  ...TWO_INSTANCES,
  regions: {
    'us-east-1': {
      ec2: { Instances: [{ InstanceId: 'i-0e5', Placement: { AvailabilityZone: 'us-east-1a' } }] },
    },
  },
};

const east = (): EC2Client => client(EC2Client, { region: 'us-east-1' });

async function idsAt(ec2: EC2Client): Promise<readonly unknown[]> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
}

/** Runs a piece of code as a function in the world. */
function runIn(code: () => Promise<unknown>, faults: Partial<FaultPlan> = {}, world: object = WORLD) {
  const fn = deploy(code, { timeoutSeconds: 300 });
  return simulate(run(fn, { world, faults: { ...NO_FAULTS, ...faults } }));
}

function at(region: string, end: SimulationEnd, id: string): unknown {
  return end.world.regions
    .get(region)
    ?.records('ec2', 'Instances')
    .find((one) => one['InstanceId'] === id);
}

describe('a request', () => {
  it('goes to the Region of the client that sends it, and the log says so where that is not home', async () => {
    const seen: unknown[] = [];
    const end = await runIn(async () => {
      seen.push(await idsAt(client(EC2Client)), await idsAt(east()));
      seen.push(await idsAt(client(EC2Client, { region: 'eu-west-1' })));
      await east().send(new StopInstancesCommand({ InstanceIds: ['i-0e5'] }));
    });
    expect(end.error).toBe(undefined);
    expect(seen).toEqual([['i-0a1', 'i-0b2'], ['i-0e5'], ['i-0a1', 'i-0b2']]);
    expect(end.requests.map(({ call, region }) => [call, region])).toEqual([
      ['ec2:DescribeInstances', undefined],
      ['ec2:DescribeInstances', 'us-east-1'],
      ['ec2:DescribeInstances', undefined],
      ['ec2:StopInstances', 'us-east-1'],
    ]);
    expect(end.timeline.filter(({ kind }) => kind === 'call' || kind === 'world').map(({ text }) => text)).toEqual([
      'us-east-1 i-0e5 stopping',
      'ec2:StopInstances in us-east-1 {"InstanceIds":["i-0e5"]}',
      'us-east-1 i-0e5 stopped',
    ]);
    expect(at('us-east-1', end, 'i-0e5')).toMatchObject({ State: { Name: 'stopped' } });
  });

  it('goes there too by a client that nobody shares, whose Region the SDK resolves', async () => {
    const seen: unknown[] = [];
    const end = await runIn(async () => {
      seen.push(await idsAt(new EC2Client({ region: 'us-east-1' })));
      seen.push(await idsAt(new EC2Client({ region: async () => Promise.resolve('us-east-1') })));
      seen.push(await idsAt(new EC2Client({})));
    });
    expect(seen).toEqual([['i-0e5'], ['i-0e5'], ['i-0a1', 'i-0b2']]);
    expect(end.requests.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-1', undefined]);
  });

  it('is answered at home wherever home is, by a client that has no Region of its own', async () => {
    const seen: unknown[] = [];
    const look = async (): Promise<unknown> => seen.push(await idsAt(client(EC2Client, { purpose: 'kept' })));
    await runIn(look);
    const west = {
      now: WORLD.now,
      account: WORLD.account,
      region: 'us-west-2',
      ec2: { Instances: [{ InstanceId: 'i-0d4' }] },
    };
    const end = await runIn(look, {}, west);
    expect([end.error, seen]).toEqual([undefined, [['i-0a1', 'i-0b2'], ['i-0d4']]]);
  });

  it('ends the run where the world has no such Region, with what to write', async () => {
    const end = await runIn(() => idsAt(client(EC2Client, { region: 'ap-south-1' })));
    expect(end.error).toBeInstanceOf(NotSimulatedError);
    expect(end.error?.message).toBe(
      'not simulated: ec2:DescribeInstances in ap-south-1: the world has home alone, eu-west-1, and what its file holds in "regions"; ' +
        'write "regions": { "ap-south-1": {} } into it, and there what the account has in ap-south-1',
    );
  });

  it('ends the run where its client does not know its Region by the time it arrives', async () => {
    const end = await runIn(() => idsAt(new EC2Client({ region: () => new Promise<string>(() => undefined) })));
    expect(end.error?.message).toBe(
      'not simulated: ec2:DescribeInstances by a client whose Region takes time to find out',
    );
  });

  it('finds nothing in a Region of which the file says that nothing is there', async () => {
    const seen: unknown[] = [];
    const world = { ...WORLD, regions: { 'ap-south-1': {} } };
    await runIn(
      async () => {
        seen.push(await idsAt(client(EC2Client, { region: 'ap-south-1' })));
        const groups = client(AutoScalingClient, { region: 'ap-south-1' });
        seen.push((await groups.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups);
      },
      {},
      world,
    );
    expect(seen).toEqual([[], []]);
  });

  it('that reads the home of a world without regions is logged as ever', async () => {
    const end = await runIn(describeInstances, {}, TWO_INSTANCES);
    expect(end.requests.map((request) => 'region' in request)).toEqual([false]);
    expect(end.world.regions.get('us-east-1')?.services.map(({ prefix }) => prefix)).toEqual([
      'cloudfront',
      'tag',
      'wafv2',
    ]);
  });
});

describe('two Regions', () => {
  it('share clock and ledger, and no id is in both', async () => {
    const made: unknown[] = [];
    const volume = (AvailabilityZone: string): CreateVolumeCommand =>
      new CreateVolumeCommand({ AvailabilityZone, Size: 8, ClientToken: 'the same' });
    const end = await runIn(async () => {
      made.push((await client(EC2Client).send(volume('eu-west-1a'))).VolumeId);
      made.push((await east().send(volume('us-east-1a'))).VolumeId);
      made.push((await client(EC2Client).send(volume('eu-west-1a'))).VolumeId);
    });
    expect(end.error).toBe(undefined);
    expect(made[0]).toBe(made[2]);
    expect(made[1]).not.toBe(made[0]);
    const all = [...end.world.regions.values()].flatMap((world) =>
      ['Subnets', 'Vpcs', 'NetworkInterfaces', 'Volumes'].flatMap((collection) =>
        world
          .records('ec2', collection)
          .map((one) => Object.values(one).find((value) => /^(?:subnet|vpc|eni|vol)-/u.test(String(value)))),
      ),
    );
    expect(all.length).toBeGreaterThan(8);
    expect(new Set(all).size).toBe(all.length);
    const [home, other] = [...end.world.regions.values()];
    expect([home?.clock.now(), home?.account]).toEqual([other?.clock.now(), other?.account]);
  });

  it('derive no public address that the other has', async () => {
    const address = (id: string, more: object = {}): object => ({ AllocationId: id, ...more });
    const end = await runIn(
      describeInstances,
      {},
      {
        ...WORLD,
        ec2: { Addresses: [address('eipalloc-01')] },
        regions: {
          'us-east-1': {
            ec2: { Addresses: [address('eipalloc-02', { PublicIp: '203.0.113.10' }), address('eipalloc-03')] },
          },
        },
      },
    );
    const all = [...end.world.regions.values()].flatMap((world) => world.records('ec2', 'Addresses'));
    expect(all.map((one) => one['PublicIp'])).toEqual(['203.0.113.11', '203.0.113.10', '203.0.113.12']);
    expect(all.map((one) => one['NetworkBorderGroup'])).toEqual(['eu-west-1', 'us-east-1', 'us-east-1']);
  });

  it('have limits of their own: one is throttled for a minute, the other is not', async () => {
    const names: string[] = [];
    const points = [{ request: 0, kind: 'throttled-for-a-minute' as const }];
    const end = await runIn(
      async () => {
        names.push(await ending(idsAt(east())), await ending(describeInstances()));
        await sleep(30_000);
        names.push(await ending(idsAt(east())));
        names.push(await ending(surroundings().ledger?.switches()));
        await sleep(30_000);
        names.push(await ending(idsAt(east())));
      },
      { points },
    );
    expect(names).toEqual(['RequestLimitExceeded', 'ok', 'RequestLimitExceeded', 'ok', 'ok']);
    expect(end.timeline.find(({ kind }) => kind === 'fault')?.text).toBe(
      'throttled-for-a-minute at request 0 ec2:DescribeInstances in us-east-1',
    );
  });

  it('have states of their own: a read that is stale in one goes back behind the latest write there', async () => {
    const seen: unknown[] = [];
    const stateIn = async (ec2: EC2Client): Promise<unknown> =>
      (await ec2.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances?.[0]?.State?.Name;
    const stale = (request: number) => ({ request, kind: 'stale-read' as const });
    const end = await runIn(
      async () => {
        await east().send(new StopInstancesCommand({ InstanceIds: ['i-0e5'] }));
        await client(EC2Client).send(new StopInstancesCommand({ InstanceIds: ['i-0a1'] }));
        seen.push(await stateIn(east()), await stateIn(east()), await stateIn(client(EC2Client)));
      },
      { points: [stale(2), stale(4)] },
    );
    expect(seen).toEqual(['running', 'stopping', 'running']);
    expect(end.requests.map(({ missed }) => missed)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('have buses of their own: what happens in one starts no function in the other', async () => {
    const trigger = {
      name: 'stopped',
      pattern: { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] },
    };
    const told: unknown[] = [];
    const fn = deploy(
      async (event) => {
        told.push(event);
        if (told.length > 1) return;
        await client(EventBridgeClient, { region: 'us-east-1' }).send(
          new PutEventsCommand({ Entries: [{ Source: 'a.b', DetailType: 'c', Detail: '{}' }] }),
        );
        await east().send(new StopInstancesCommand({ InstanceIds: ['i-0e5'] }));
      },
      { triggers: [trigger] },
    );
    const end = await simulate(run(fn, { world: WORLD }));
    expect(end.events.map(({ region, source }) => `${region} ${source}`)).toEqual([
      'us-east-1 a.b',
      'us-east-1 aws.ec2',
      'us-east-1 aws.ec2',
    ]);
    expect(end.invocations).toHaveLength(1);
    expect(end.world.records('eventbridge', 'Entries')).toEqual([]);
  });

  it('are moved one by one: others change the Region that the call goes to', async () => {
    const gone: WorldMove = {
      name: 'stopped-by-hand',
      before: ['ec2:StopInstances'],
      happens: (input, world) => {
        const [id] = Array.isArray(input['InstanceIds']) ? input['InstanceIds'] : [];
        const isHere = world.records('ec2', 'Instances').some((one) => one['InstanceId'] === id);
        return isHere ? { [`ec2/Instances/${String(id)}/State/Name`]: 'stopped' } : undefined;
      },
    };
    const fn = deploy(() => ending(east().send(new StopInstancesCommand({ InstanceIds: ['i-0e5'] }))));
    const points = [{ request: 0, kind: 'world-moves' as const, move: 'stopped-by-hand' }];
    const end = await simulate(run(fn, { world: WORLD, moves: [gone], faults: { ...NO_FAULTS, points } }));
    expect(end.requests.map(({ moves, moved }) => [moves, moved])).toEqual([
      [['stopped-by-hand'], ['ec2/Instances/i-0e5/State/Name']],
    ]);
    expect(end.timeline.map(({ text }) => text)).toContain(
      'regions/us-east-1/ec2/Instances/i-0e5/State/Name = "stopped"',
    );
    expect(at('us-east-1', end, 'i-0e5')).toMatchObject({ State: { Name: 'stopped' } });
  });

  it('run the same story with the same seed', async () => {
    const story = async (): Promise<string> => {
      const end = await runIn(() => Promise.all([idsAt(east()), idsAt(client(EC2Client))]));
      return JSON.stringify([end.requests, end.timeline, end.world.regions.get('us-east-1')?.data]);
    };
    expect(await story()).toBe(await story());
  });
});
