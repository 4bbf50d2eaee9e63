import { describe, expect, it } from 'vitest';
import { serviceWorld } from './service-world.ts';

const good = { Source: 'runbook', DetailType: 'Runbook Outcome', Detail: '{"outcome":"done"}', Resources: ['arn:x'] };

const put = (...Entries: object[]) => {
  const simulation = serviceWorld({});
  return { simulation, answer: simulation.call('events:PutEvents', { Entries }) };
};

describe('PutEvents', () => {
  it('records an accepted entry and publishes it on the default bus', () => {
    const { simulation, answer } = put(good);
    const EventId = simulation.world.records('eventbridge', 'Entries')[0]?.['EventId'];
    expect(EventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(answer).toEqual({ FailedEntryCount: 0, Entries: [{ EventId }] });
    expect(simulation.world.records('eventbridge', 'Entries')).toEqual([
      { ...good, EventId, Time: '2026-11-22T08:00:00.000Z' },
    ]);
    expect(simulation.events).toMatchObject([
      { source: 'runbook', 'detail-type': 'Runbook Outcome', detail: { outcome: 'done' }, resources: ['arn:x'] },
    ]);
  });

  it('records but does not deliver an entry for another bus', () => {
    const { simulation } = put({ ...good, EventBusName: 'audit' });
    expect(simulation.world.records('eventbridge', 'Entries')).toHaveLength(1);
    expect(simulation.events).toEqual([]);
  });

  it.each([
    ['a source of AWS', { Source: 'aws.ec2' }, 'NotAuthorizedForSourceException'],
    ['a detail that is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
    ['no detail type', { DetailType: '' }, 'InvalidArgument'],
    ['a detail type of 129 characters', { DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
  ])('refuses %s in its entry and accepts the other', (_what, change, ErrorCode) => {
    const { simulation, answer } = put({ ...good, ...change }, good);
    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode }, {}] });
    expect(simulation.world.records('eventbridge', 'Entries')).toHaveLength(1);
    expect(simulation.events).toHaveLength(1);
    expect(answer).toMatchObject({
      Entries: [{}, { EventId: simulation.world.records('eventbridge', 'Entries')[0]?.['EventId'] }],
    });
  });

  it('refuses a request of no entry, of eleven, and one in which no entry is complete', () => {
    expect(() => put()).toThrow(expect.objectContaining({ name: 'ValidationException' }));
    expect(() => put(...Array.from({ length: 11 }, () => good))).toThrow('between 1 and 10');
    expect(() => put({ Source: 'runbook' })).toThrow('No entry has all of Source, DetailType and Detail');
    expect(put(...Array.from({ length: 10 }, () => good)).answer).toMatchObject({ FailedEntryCount: 0 });
  });

  const frame = 'x'.length + 'y'.length + 'arn'.length + '{"a":""}'.length;
  const sized = (bytes: number) => ({
    Source: 'x',
    DetailType: 'y',
    Resources: ['arn'],
    Detail: `{"a":"${'é'.repeat((bytes - frame) / 2)}${'x'.repeat((bytes - frame) % 2)}"}`,
  });

  it('takes up to, not including, 256 KiB an entry, all its fields counted in UTF-8 as AWS counts', () => {
    expect(put(sized(262_143)).answer).toMatchObject({ FailedEntryCount: 0 });
    expect(() => put(good, sized(262_144))).toThrow(
      'Total size of the entries in the request is over the limit: 262144 of 262144 bytes.',
    );
  });

  it('takes up to, not including, one mebibyte a request', () => {
    const four = [262_143, 262_143, 262_143, 262_143].map(sized);
    expect(put(...four).answer).toMatchObject({ FailedEntryCount: 0 });
    expect(() => put(...four, sized(1_000))).toThrow('1049572 of 1048576 bytes');
  });
});
