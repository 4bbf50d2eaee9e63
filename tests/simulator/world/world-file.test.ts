import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { createClock } from '../../../simulator/engine/clock.ts';
import { parseDuration } from '../../../simulator/world/duration.ts';
import { createWorld } from '../../../simulator/engine/world.ts';
import { parseEvents, parseWorld, pastedWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { worldSchemaText } from '../../../simulator/world/write-schema.ts';

const FRAME = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };

function fault(parse: () => unknown): { path: string; message: string } {
  try {
    parse();
  } catch (error) {
    if (error instanceof BadInputError) return { path: error.path, message: error.message };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a world file', () => {
  it('is read with its time, its services, its probes and its script', () => {
    const world = parseWorld({
      ...FRAME,
      ec2: { Instances: [{ InstanceId: 'i-0a1', State: { Name: 'running' } }] },
      capacity: [{ InstanceType: 'm7g.large', AvailabilityZone: 'eu-west-1a', Available: 2 }],
      probes: { 'public>203.0.113.10:443': 503, 'instance>i-0a1:443': 'ok' },
      script: [{ after: 'PT40S', set: { 'ec2/Instances/i-0a1/State/Name': 'stopped' } }],
    });
    expect(world.nowMs).toBe(1_795_334_400_000);
    expect(world.data['ec2']?.['Instances']).toEqual([{ InstanceId: 'i-0a1', State: { Name: 'running' } }]);
    expect(world.data['capacity']).toEqual({
      Pools: [{ InstanceType: 'm7g.large', AvailabilityZone: 'eu-west-1a', Available: 2, Index: 0 }],
    });
    expect(world.data['probes']).toEqual({
      Probes: [
        { Key: 'public>203.0.113.10:443', Answer: 503 },
        { Key: 'instance>i-0a1:443', Answer: 'ok' },
      ],
    });
    expect(world.script).toEqual([{ afterMs: 40_000, set: { 'ec2/Instances/i-0a1/State/Name': 'stopped' } }]);
  });

  it('takes the output of describe-instances as it is', () => {
    const world = parseWorld({
      ...FRAME,
      ec2: {
        Reservations: [
          {
            ReservationId: 'r-1',
            OwnerId: '111122223333',
            Groups: [],
            Instances: [{ InstanceId: 'i-0a1' }, { InstanceId: 'i-0a2' }],
          },
          { ReservationId: 'r-2', Instances: [{ InstanceId: 'i-0b1' }] },
        ],
      },
    });
    expect(world.data['ec2']).toEqual({
      Instances: [
        { ReservationId: 'r-1', InstanceId: 'i-0a1' },
        { ReservationId: 'r-1', InstanceId: 'i-0a2' },
        { ReservationId: 'r-2', InstanceId: 'i-0b1' },
      ],
    });
  });

  it('is not shared with the caller, and passes at once when it has been checked', () => {
    const file = { ...FRAME, ec2: { Instances: [{ InstanceId: 'i-0a1', State: { Name: 'running' } }] } };
    const world = parseWorld(file);
    const [instance] = file.ec2.Instances;
    if (instance !== undefined) instance.State.Name = 'stopped';
    expect(world.data['ec2']?.['Instances']).toEqual([{ InstanceId: 'i-0a1', State: { Name: 'running' } }]);
    expect(parseWorld(world)).toBe(world);
  });

  it.each([
    ['a list', [], ''],
    ['no time', { account: '111122223333', region: 'eu-west-1' }, 'now'],
    ['a local time', { ...FRAME, now: '2026-11-22 08:00' }, 'now'],
    ['a short account', { ...FRAME, account: '1111' }, 'account'],
    ['an unknown service', { ...FRAME, s4: {} }, 's4'],
    ['an unknown collection', { ...FRAME, ec2: { Instanzes: [] } }, 'ec2.Instanzes'],
    [
      'an unknown member',
      { ...FRAME, ec2: { Instances: [{ InstanceId: 'i-1', Colour: 'red' }] } },
      'ec2.Instances[0].Colour',
    ],
    [
      'a wrong type',
      { ...FRAME, ec2: { Instances: [{ InstanceId: 'i-1', State: { Name: 1 } }] } },
      'ec2.Instances[0].State.Name',
    ],
    [
      'an impossible state',
      { ...FRAME, ec2: { Instances: [{ InstanceId: 'i-1', State: { Name: 'asleep' } }] } },
      'ec2.Instances[0].State.Name',
    ],
    [
      'a fault inside a reservation',
      { ...FRAME, ec2: { Reservations: [{ ReservationId: 'r-1', Instances: [{ InstanceId: 7 }] }] } },
      'ec2.Reservations[0].Instances[0].InstanceId',
    ],
    [
      'a record that occurs twice',
      { ...FRAME, ec2: { Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-1' }] } },
      'ec2.Instances[1].InstanceId',
    ],
    [
      'a probe of a host without port',
      { ...FRAME, probes: { 'public>203.0.113.10': 'ok' } },
      'probes["public>203.0.113.10"]',
    ],
    [
      'a probe that answers nonsense',
      { ...FRAME, probes: { 'public>203.0.113.10:443': 'fine' } },
      'probes["public>203.0.113.10:443"]',
    ],
    ['a wrong duration', { ...FRAME, script: [{ after: '40s', set: {} }] }, 'script[0].after'],
    [
      'a script for an unknown service',
      { ...FRAME, script: [{ after: 'PT1S', set: { 's4/X/y/Z': 1 } }] },
      'script[0].set["s4/X/y/Z"]',
    ],
    [
      'a script for an unknown collection',
      { ...FRAME, script: [{ after: 'PT1S', set: { 'ec2/X/y/Z': 1 } }] },
      'script[0].set["ec2/X/y/Z"]',
    ],
    [
      'a script for a wrong probe',
      { ...FRAME, script: [{ after: 'PT1S', set: { 'probes/203.0.113.10': 'ok' } }] },
      'script[0].set["probes/203.0.113.10"]',
    ],
  ])('with %s is refused with the path of the fault', (_what, file, path) => {
    expect(fault(() => parseWorld(file)).path).toBe(path);
  });

  it('comes out again as it went in', () => {
    const file = {
      ...FRAME,
      now: '2026-11-22T08:00:00.000Z',
      whole: true,
      ec2: { Instances: [{ InstanceId: 'i-0a1' }] },
      capacity: [{ InstanceType: 'm7g.large', AvailabilityZone: 'eu-west-1a', Available: 2 }],
      probes: { 'public>203.0.113.10:443': 503 },
    };
    const parsed = parseWorld(file);
    const world = createWorld(parsed.data, {
      services: [],
      seed: 1,
      account: parsed.account,
      region: parsed.region,
      clock: createClock(parsed.nowMs),
    });
    expect(worldFile(world)).toEqual(file);
  });

  it('that says that it is whole is taken at its word, also where a paste may be given', () => {
    const file = { ...FRAME, whole: true, ec2: { Instances: [{ InstanceId: 'i-0a1' }] } };
    expect(pastedWorld(file)).toMatchObject({ world: { isPasted: false }, lacks: [], taken: [] });
    expect(fault(() => pastedWorld({ ...file, ec2: { Instances: [{ InstanceId: 'i-0a1', Lifespan: 1 }] } })).path).toBe(
      'ec2.Instances[0].Lifespan',
    );
    expect(pastedWorld({ ...file, whole: undefined }).world.isPasted).toBe(true);
  });

  it('has a JSON Schema that is up to date (npm run world-schema)', () => {
    expect(readFileSync(new URL('../../../docs/world.schema.json', import.meta.url), 'utf8')).toBe(worldSchemaText());
  });
});

describe('an event file', () => {
  it('holds one event', () => {
    expect(parseEvents({ source: 'aws.ec2' })).toEqual([{ event: { source: 'aws.ec2' }, afterMs: 0 }]);
  });

  it('or a list of events with their times', () => {
    expect(
      parseEvents([{ event: { a: 1 } }, { after: 'PT1M30S', event: { b: 2 }, runbook: 'recycle-instances' }]),
    ).toEqual([
      { event: { a: 1 }, afterMs: 0 },
      { event: { b: 2 }, afterMs: 90_000, runbook: 'recycle-instances' },
    ]);
  });

  it('or nothing, where the world itself sets everything off', () => {
    expect(parseEvents([])).toEqual([]);
  });

  it.each([
    ['a number', 7, ''],
    ['a bare event in a list', [{ source: 'aws.ec2' }], '[0].event'],
    ['a time beside the members of an event', [{ after: 'PT1S', event: {}, source: 'aws.ec2' }], '[0].source'],
    ['a wrong duration', [{ after: 'soon', event: {} }], '[0].after'],
  ])('that holds %s is refused with the path of the fault', (_what, file, path) => {
    expect(fault(() => parseEvents(file)).path).toBe(path);
  });
});

describe('a duration', () => {
  it.each([
    ['PT40S', 40_000],
    ['PT0S', 0],
    ['PT1.5S', 1_500],
    ['PT5M', 300_000],
    ['PT1H30M', 5_400_000],
    ['P1D', 86_400_000],
    ['P1DT12H', 129_600_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', 'P', 'PT', 'P1DT', '40', '40S', 'PT40', 'P1M', 'PT-1S', 'pt1s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBe(undefined);
  });
});
