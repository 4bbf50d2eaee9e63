import { describe, expect, it } from 'vitest';
import { onDataChange } from '../../../../shared/kernel/triggers/data-stream.ts';
import { onSchedule } from '../../../../shared/kernel/triggers/schedule.ts';
import { parseEvent, readersOf } from '../../../../shared/kernel/triggers/parser.ts';
import { takenOf, told } from './events.ts';

const TRIGGER = onDataChange(['block', 'allow'], ({ partitions }) => partitions);
const READERS = readersOf([TRIGGER, onSchedule('rate(1 minute)', () => [])]);

function record(pk: string, eventID = 'e1'): object {
  return {
    eventID,
    eventSource: 'aws:dynamodb',
    eventName: 'INSERT',
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: 'x' } } },
  };
}

describe('a batch of the data ledger’s stream', () => {
  it('is one delivery, whatever is in it, with the partitions that were written to', () => {
    const parsed = parseEvent({ Records: [record('block'), record('allow', 'e2'), record('block', 'e3')] }, READERS);
    expect(parsed).toMatchObject({ kind: 'single', delivery: { kind: 'data-change', partitions: ['allow', 'block'] } });
    const request = parsed.kind === 'single' ? TRIGGER.request(parsed.delivery) : undefined;
    expect(request).toEqual(['allow', 'block']);
  });

  it.each([
    ['after', [record('block'), { eventSource: 'aws:kinesis', eventID: 'k1', kinesis: {} }, record('allow', 'e2')]],
    ['before', [{ eventSource: 'aws:kinesis', eventID: 'k1', kinesis: {} }, record('block'), record('allow', 'e2')]],
  ])('loses nothing to a record of another service that stands %s its own', (_where, Records) => {
    expect(parseEvent({ Records }, READERS)).toMatchObject({
      kind: 'single',
      delivery: { kind: 'data-change', partitions: ['allow', 'block'] },
    });
  });

  it('has the same id when it comes again, and another when it is another', () => {
    const idOf = (...records: readonly object[]): unknown => {
      const parsed = parseEvent({ Records: records }, READERS);
      return parsed.kind === 'single' ? parsed.delivery.id : undefined;
    };
    expect(idOf(record('block'))).toBe(idOf(record('block')));
    expect(idOf(record('block'))).not.toBe(idOf(record('block', 'e2')));
  });

  it.each([
    [
      'without keys',
      { Records: [{ eventSource: 'aws:dynamodb', eventID: 'e1', dynamodb: {} }] },
      /^Records\[0\]\.dynamodb\.Keys: /u,
    ],
    ['without an id', { Records: [{ ...record('block'), eventID: undefined }] }, /^Records\[0\]\.eventID: /u],
    [
      'of too many records',
      { Records: Array.from({ length: 10_001 }, () => record('block')) },
      /^Records: expected at most 10000 records/u,
    ],
  ])('%s is bad input with its path', (_what, event, message) => {
    expect(() => parseEvent(event, READERS)).toThrow(message);
  });

  it('is bad input to whom no stream starts', () => {
    expect(() =>
      parseEvent({ Records: [record('block')] }, readersOf([onSchedule('rate(1 minute)', () => [])])),
    ).toThrow('Records[0].eventSource: expected aws:sqs or aws:sns');
  });

  it('is not what a queue delivers', () => {
    const parsed = parseEvent({ Records: [{ eventSource: 'aws:sqs', messageId: 'm', body: '{}' }] }, READERS);
    expect(parsed.kind).toBe('batch');
  });

  it('is what its trigger says it listens to', () => {
    expect(TRIGGER.stream).toEqual(['block', 'allow']);
    expect(TRIGGER.request({ kind: 'schedule', id: 's', at: '2026-11-22T08:00:00.000Z' })).toBeUndefined();
  });

  it('is all that its trigger takes', () => {
    expect(takenOf(onDataChange(['block'], told))).toEqual(['changed']);
  });
});
