import { EC2Client, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { client } from '../../../shared/aws/clients.ts';
import { probeOnce } from '../../../shared/kernel/probe.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { parseWorld, pastedWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { deploy, run } from '../deploy.ts';

const FRAME = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };
const HOME = { ...FRAME, ec2: { Instances: [{ InstanceId: 'i-0a1' }] } };
const EAST = { ec2: { Instances: [{ InstanceId: 'i-0e5', Placement: { AvailabilityZone: 'us-east-1a' } }] } };

function fault(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof BadInputError) return error.message;
    throw error;
  }
  return 'accepted';
}

/** Runs the world until nothing happens any more. */
function toTheEnd(world: object) {
  return simulate(
    run(
      deploy(() => Promise.resolve()),
      { world },
    ),
  );
}

describe('the regions of a world file', () => {
  it('hold services in the shapes of home', () => {
    const world = parseWorld({ ...HOME, regions: { 'us-east-1': EAST, 'ap-south-1': {} } });
    expect(world.regions['us-east-1']?.['ec2']).toEqual(EAST.ec2);
    expect(world.regions['ap-south-1']?.['ec2']).toEqual({});
    expect(world.data['ec2']).toEqual(HOME.ec2);
  });

  it('are none where the file has none', () => {
    expect(parseWorld(HOME).regions).toEqual({});
  });

  it('may hold groups and alarms of the same name as home', () => {
    const group = {
      'auto-scaling': { AutoScalingGroups: [{ AutoScalingGroupName: 'web-1', MinSize: 0, MaxSize: 1 }] },
    };
    expect(fault(() => parseWorld({ ...HOME, ...group, regions: { 'us-east-1': group } }))).toBe('accepted');
  });

  it.each<readonly [string, object, string]>([
    ['a word that is no Region', { regions: { global: {} } }, 'regions.global: must be a region such as us-east-1'],
    [
      'home itself',
      { regions: { 'eu-west-1': EAST } },
      'regions.eu-west-1: is home: its services stand at the top of the file',
    ],
    ['no object', { regions: [] }, 'regions: Invalid input: expected record, received array'],
    [
      'a Region that is no object',
      { regions: { 'us-east-1': null } },
      'regions.us-east-1: Invalid input: expected object, received null',
    ],
    ...['now', 'account', 'region', 'capacity', 'probes', 'ledger', 'script', 'regions'].map(
      (name) =>
        [
          `${name}, which is one for all`,
          { regions: { 'us-east-1': { [name]: {} } } },
          `regions.us-east-1.${name}: is one for all Regions: write it at the top`,
        ] as const,
    ),
    [
      'a service that there is not',
      { regions: { 'us-east-1': { s4: {} } } },
      'regions.us-east-1.s4: unknown member; see docs/world.schema.json',
    ],
    [
      'a misspelt member',
      { regions: { 'us-east-1': { ec2: { Instances: [{ InstanceId: 'i-1', Colour: 'red' }] } } } },
      'regions.us-east-1.ec2.Instances[0].Colour: unknown member; see docs/world.schema.json',
    ],
    [
      'a record twice',
      { regions: { 'us-east-1': { ec2: { Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-1' }] } } } },
      'regions.us-east-1.ec2.Instances[1].InstanceId: "i-1" occurs twice',
    ],
    [
      'an id of home',
      { regions: { 'us-east-1': { ec2: { Instances: [{ InstanceId: 'i-0a1' }] } } } },
      'regions.us-east-1.ec2.Instances[0].InstanceId: "i-0a1" is ec2.Instances[0].InstanceId too: no id is in two Regions',
    ],
    [
      'an id of another Region',
      { regions: { 'us-east-1': EAST, 'ap-south-1': { ec2: { Instances: [{ InstanceId: 'i-0e5' }] } } } },
      'regions.ap-south-1.ec2.Instances[0].InstanceId: "i-0e5" is regions.us-east-1.ec2.Instances[0].InstanceId too: no id is in two Regions',
    ],
    [
      "another Region's records",
      { regions: { 'us-west-2': EAST } },
      'regions.us-west-2: its records name us-east-1 (1)',
    ],
    [
      'a script for a Region that is not there',
      { script: [{ after: 'PT1S', set: { 'regions/us-east-1/ec2/Instances/i-0e5/State/Name': 'stopped' } }] },
      'script[0].set["regions/us-east-1/ec2/Instances/i-0e5/State/Name"]: there is no Region us-east-1 beside home; the file has no regions',
    ],
    [
      'a script for home as a Region',
      {
        regions: { 'us-east-1': EAST },
        script: [{ after: 'PT1S', set: { 'regions/eu-west-1/ec2/Instances/i-0a1/State/Name': 'stopped' } }],
      },
      'script[0].set["regions/eu-west-1/ec2/Instances/i-0a1/State/Name"]: there is no Region eu-west-1 beside home; one of us-east-1',
    ],
    [
      'a script for a probe in a Region',
      {
        regions: { 'us-east-1': EAST },
        script: [{ after: 'PT1S', set: { 'regions/us-east-1/probes/instance>i-0e5:443': 'ok' } }],
      },
      'script[0].set["regions/us-east-1/probes/instance>i-0e5:443"]: probes is one for all Regions: write the path without regions/us-east-1/',
    ],
    [
      'a script for a collection that there is not',
      { regions: { 'us-east-1': EAST }, script: [{ after: 'PT1S', set: { 'regions/us-east-1/kms/Kings/k': null } }] },
      'script[0].set["regions/us-east-1/kms/Kings/k"]: kms has no Kings; one of Keys',
    ],
  ])('with %s are refused in one line', (_what, more, line) => {
    expect(fault(() => parseWorld({ ...HOME, ...more }))).toBe(line);
  });

  it('that contradict themselves are refused with the whole path when they are completed', async () => {
    const ec2 = { Addresses: [{ AllocationId: 'eipalloc-01', InstanceId: 'i-09' }] };
    await expect(toTheEnd({ ...HOME, regions: { 'us-east-1': { ec2 } } })).rejects.toThrow(
      /^regions\.us-east-1\.ec2\.Addresses\[0\]\.InstanceId: there is no instance i-09/u,
    );
  });
});

describe('what is pasted into a Region', () => {
  it('is read as at home, and what it lacks is named with the whole path', async () => {
    const output = {
      Reservations: [
        {
          ReservationId: 'r-1',
          Instances: [
            {
              InstanceId: 'i-0e5',
              SpotInstanceRequestId: null,
              Sheen: 'matt',
              Placement: { AvailabilityZone: 'us-east-1a' },
            },
          ],
        },
      ],
      Addresses: [{ AllocationId: 'eipalloc-01', PublicIp: '203.0.113.20', InstanceId: 'i-09' }],
      NextToken: 'more',
    };
    const { world, lacks } = pastedWorld({ ...HOME, regions: { 'us-east-1': { ec2: output } } });
    expect(lacks).toEqual([
      'regions.us-east-1.ec2.NextToken: the page is not all there is',
      'regions.us-east-1.ec2.Reservations[].Instances[].Sheen: not known here, left out',
    ]);
    expect(world.regions['us-east-1']?.['ec2']?.['Instances']).toEqual([
      { ReservationId: 'r-1', InstanceId: 'i-0e5', Placement: { AvailabilityZone: 'us-east-1a' } },
    ]);
    const { gaps } = await toTheEnd(world);
    expect(gaps.map(({ path, id }) => [path, id])).toEqual([['regions.us-east-1.ec2.Addresses[0].InstanceId', 'i-09']]);
  });

  it('does not say where home is', () => {
    const file = { ec2: { Instances: [{ InstanceId: 'i-0a1', Placement: { AvailabilityZone: 'eu-west-1a' } }] } };
    const { taken } = pastedWorld(
      { ...file, account: FRAME.account, regions: { 'us-east-1': EAST } },
      '2026-11-22T08:00:00Z',
    );
    expect(taken).toContain('"region": "eu-west-1"');
  });

  it('is refused where it is of home', () => {
    const file = { ...FRAME, regions: { 'us-east-1': { ec2: { AvailabilityZones: [{ ZoneName: 'eu-west-1a' }] } } } };
    expect(fault(() => pastedWorld(file))).toBe('regions.us-east-1: its records name eu-west-1 (1)');
  });
});

describe('a script', () => {
  const script = (path: string, value: unknown): object => ({
    ...HOME,
    regions: { 'us-east-1': EAST },
    script: [{ after: 'PT10S', set: { [path]: value } }],
  });

  it('changes another Region, with the consequences of the API call', async () => {
    const end = await toTheEnd(script('regions/us-east-1/ec2/Instances/i-0e5/State/Name', 'stopped'));
    expect(end.error).toBe(undefined);
    expect(end.world.regions.get('us-east-1')?.records('ec2', 'Instances')[0]?.['State']).toEqual({
      Code: 80,
      Name: 'stopped',
    });
    expect(end.world.records('ec2', 'Instances')[0]?.['State']).toEqual({ Code: 16, Name: 'running' });
    expect(end.events.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-1']);
    expect(end.timeline.map(({ text }) => text)).toContain('us-east-1 i-0e5 stopped');
  });

  it('is faulty where the Region does not allow it, with the whole path', async () => {
    const wrong = await toTheEnd(script('regions/us-east-1/ec2/Instances/i-0e5/State/Name', 'asleep'));
    expect(wrong.error?.message).toBe(
      'regions/us-east-1/ec2/Instances/i-0e5/State/Name: asleep is not a state of an instance',
    );
    const nowhere = await toTheEnd(script('regions/us-east-1/ec2/Instances/i-0a1/Tags/a', '1'));
    expect(nowhere.error?.message).toBe(
      'script[0].set["regions/us-east-1/ec2/Instances/i-0a1/Tags/a"]: ec2 has no i-0a1 in Instances',
    );
  });
});

describe('what is one for all Regions', () => {
  it('is capacity by its zone, and is written out again', async () => {
    const pool = (AvailabilityZone: string): object => ({ InstanceType: 'm7g.large', AvailabilityZone, Available: 1 });
    const file = { ...HOME, regions: { 'us-east-1': EAST }, capacity: [pool('eu-west-1a'), pool('us-east-1a')] };
    const { data, regions } = parseWorld(file);
    expect(data['capacity']).toEqual({ Pools: [{ ...pool('eu-west-1a'), Index: 0 }] });
    expect(regions['us-east-1']?.['capacity']).toEqual({ Pools: [{ ...pool('us-east-1a'), Index: 1 }] });
    const { world } = await toTheEnd(file);
    expect(worldFile(world)['capacity']).toEqual(file.capacity);
  });

  it('is what a probe finds: of an address in whatever Region, by what stands at the top', async () => {
    const found: unknown[] = [];
    const address = { AllocationId: 'eipalloc-01', PublicIp: '203.0.113.20', InstanceId: 'i-0e5' };
    const world = {
      ...HOME,
      regions: { 'us-east-1': { ec2: { ...EAST.ec2, Addresses: [address] } } },
      probes: { 'instance>i-0e5:80': 503 },
    };
    const probe = (port: number, scheme: 'tcp' | 'http'): Promise<unknown> =>
      probeOnce('203.0.113.20', { scheme, port, path: '/' });
    const fn = deploy(async () => void found.push(await probe(443, 'tcp'), await probe(80, 'http')));
    await simulate(run(fn, { world }));
    expect(found).toEqual(['ok', 'status 503']);
  });
});

describe('the end of a world with regions', () => {
  it('is a world file with them, and begins the next run as it ended', async () => {
    const first = await toTheEnd({ ...HOME, regions: { 'us-east-1': EAST, 'ap-south-1': {} } });
    const file: unknown = JSON.parse(JSON.stringify(worldFile(first.world)));
    expect(file).toMatchObject({
      region: 'eu-west-1',
      ec2: { Instances: [{ InstanceId: 'i-0a1' }] },
      regions: { 'us-east-1': { ec2: { Instances: [{ InstanceId: 'i-0e5' }] } }, 'ap-south-1': {} },
    });
    const seen: unknown[] = [];
    const look = deploy(async () => {
      const { Reservations } = await client(EC2Client, { region: 'us-east-1' }).send(new DescribeInstancesCommand({}));
      seen.push(Reservations?.[0]?.Instances?.[0]?.InstanceId);
    });
    const second = await simulate(run(look, { world: file }));
    expect([second.error, seen]).toEqual([undefined, ['i-0e5']]);
    expect(worldFile(second.world)).toMatchObject({ regions: { 'us-east-1': { ec2: { Subnets: [{}] } } } });
  });
});
