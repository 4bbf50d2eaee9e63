import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { onRequest } from '../../../shared/kernel/triggers/request.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { NO_FAULTS, type DeployedFunction, type SimulationOptions } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { parseWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { deploy, run, TWO_INSTANCES } from '../deploy.ts';

const ARN = 'arn:aws:sqs:eu-west-1:111122223333:runbook-probe-function-requests';
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}-failed`, maxReceiveCount: 3 });

/** A world with a queue that feeds the function of these tests, and the queue of what came to nothing. */
function queued(messages: readonly object[], script: readonly object[] = [], Attributes: object = {}) {
  return {
    ...TWO_INSTANCES,
    script,
    sqs: {
      Queues: [
        {
          QueueName: 'runbook-probe-function-requests',
          Attributes: { VisibilityTimeout: '360', RedrivePolicy, ...Attributes },
          Messages: messages,
        },
        { QueueName: 'runbook-probe-function-requests-failed' },
      ],
    },
  };
}

/** A function that a queue feeds; `fails`: the bodies of the messages that it names as failed. */
function fed(fails: readonly string[] = [], change: { readonly throws?: true } = {}): DeployedFunction {
  const trigger = { ...onRequest('probe-function', z.strictObject({}), () => 'asked'), queue: 'requests' as const };
  return deploy(
    (event) =>
      change.throws === true
        ? Promise.reject(new Error('no'))
        : Promise.resolve({
            batchItemFailures: recordsIn(event)
              .filter(({ body }) => fails.includes(String(body)))
              .map(({ messageId }) => ({ itemIdentifier: messageId })),
          }),
    { triggers: [trigger] },
  );
}

function recordsIn(event: unknown): readonly Record<string, unknown>[] {
  const records: unknown = isRecord(event) ? event['Records'] : undefined;
  return Array.isArray(records) ? records.filter(isRecord) : [];
}

function countOf({ attributes }: Record<string, unknown>): string {
  return isRecord(attributes) ? String(attributes['ApproximateReceiveCount']) : '';
}

/** When each invocation began, with the bodies of its messages. */
function received({ invocations }: SimulationEnd): readonly unknown[] {
  return invocations.map(({ startedAt, event }) => [
    startedAt.slice(14, 23),
    recordsIn(event).map((record) => String(record['body'])),
  ]);
}

function contents({ world }: SimulationEnd): readonly unknown[] {
  return world.records('sqs', 'Queues').map(({ Messages: messages }) => messages);
}

function simulated(world: object, fn = fed(), change: Partial<SimulationOptions> = {}): Promise<SimulationEnd> {
  return simulate(run(fn, { world, events: [], ...change }));
}

describe('a queue that feeds a function', () => {
  it('hands over what stands in it, as Lambda does, and is empty when that was taken', async () => {
    const messages = [
      { MessageId: 'm-1', Body: 'one', MessageAttributes: { team: { DataType: 'String', StringValue: 'web' } } },
    ];
    const end = await simulated(queued(messages));
    expect(end.error).toBeUndefined();
    expect(end.invocations).toMatchObject([{ startedAt: '2026-11-22T08:00:00.500Z', delivery: 0 }]);
    expect(recordsIn(end.invocations[0]?.event)).toEqual([
      {
        messageId: 'm-1',
        receiptHandle: 'handle-m-1',
        body: 'one',
        attributes: {
          SenderId: '111122223333',
          ApproximateFirstReceiveTimestamp: '1795334400500',
          SentTimestamp: '1795334400000',
          ApproximateReceiveCount: '1',
        },
        messageAttributes: { team: { dataType: 'String', stringValue: 'web' } },
        md5OfBody: 'f97c5d29941bfb1b2fdab0874906ab82',
        eventSource: 'aws:sqs',
        eventSourceARN: ARN,
        awsRegion: 'eu-west-1',
      },
    ]);
    expect(contents(end)).toEqual([[], []]);
  });

  it('hands over what a script sends, ten messages at once', async () => {
    const bodies = Array.from({ length: 11 }, (_, index) => ({ Body: `m-${index}` }));
    const script = [
      { after: 'PT10S', set: { 'sqs/Queues/runbook-probe-function-requests/Messages': bodies } },
      { after: 'PT30S', set: { 'sqs/Queues/runbook-probe-function-requests/Messages/+': { Body: 'late' } } },
    ];
    const end = await simulated(queued([], script));
    expect(end.error).toBeUndefined();
    expect(received(end)).toEqual([
      ['00:10.500', bodies.slice(0, 10).map(({ Body }) => Body)],
      ['00:10.500', ['m-10']],
      ['00:30.500', ['late']],
    ]);
  });

  it('hands over again after the visibility time-out what failed, and buries it after the third time', async () => {
    const end = await simulated(
      queued([
        { MessageId: 'm-1', Body: 'good' },
        { MessageId: 'm-2', Body: 'bad' },
      ]),
      fed(['bad']),
    );
    expect(received(end)).toEqual([
      ['00:00.500', ['good', 'bad']],
      ['06:00.500', ['bad']],
      ['12:00.500', ['bad']],
    ]);
    expect(end.deadLetters.map(({ runbook, queue, error, at }) => [runbook, queue, error, at.slice(14, 23)])).toEqual([
      ['probe-function', 'requests', 'received 3 times without success', '18:00.500'],
    ]);
    expect(contents(end)).toEqual([
      [],
      [
        {
          MessageId: 'm-2',
          Body: 'bad',
          Attributes: {
            SentTimestamp: '1795334400000',
            ApproximateReceiveCount: '3',
            DeadLetterQueueSourceArn: ARN,
          },
        },
      ],
    ]);
  });

  it('hands a whole batch over again when the function fails', async () => {
    const end = await simulated(queued([{ Body: 'one' }, { Body: 'two' }]), fed([], { throws: true }));
    expect(end.invocations.map(({ event }) => recordsIn(event).map(countOf))).toEqual([
      ['1', '1'],
      ['2', '2'],
      ['3', '3'],
    ]);
    expect(end.deadLetters).toHaveLength(2);
  });

  it('may hand over twice, and then buries once', async () => {
    const faults = { ...NO_FAULTS, duplicates: [{ event: 0, when: 'with' as const }] };
    const end = await simulated(queued([{ Body: 'bad' }]), fed(['bad']), { faults });
    expect(end.invocations.map(({ delivery }) => delivery)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(contents(end)[1]).toHaveLength(1);
  });

  it('is known by its name: others keep what is in them', async () => {
    const world = {
      ...TWO_INSTANCES,
      sqs: { Queues: [{ QueueName: 'runbook-other-function-requests', Messages: [{ Body: 'one' }] }] },
    };
    const end = await simulated(world);
    expect(end.invocations).toEqual([]);
    expect(contents(end)).toMatchObject([[{ Body: 'one' }]]);
  });

  it('alone gets its batch from an event file, and takes from the queue what was taken', async () => {
    const event = { Records: [{ messageId: 'm-1', eventSource: 'aws:sqs', eventSourceARN: ARN, body: 'kept' }] };
    const other = deploy(() => Promise.resolve(), { name: 'other-function' });
    const world = queued([{ MessageId: 'm-1', Body: 'kept' }]);
    const end = await simulate(run(fed(), { world, functions: [fed(), other], events: [{ event, afterMs: 0 }] }));
    expect(end.invocations.map(({ runbook }) => runbook)).toEqual(['probe-function']);
    expect(contents(end)).toEqual([[], []]);
  });

  it('without an end to its repeats is not simulated', async () => {
    const world = queued([{ Body: 'one' }]);
    const [{ QueueName, Messages }] = [world.sqs.Queues[0] ?? { QueueName: '', Messages: [] }];
    const end = await simulated({ ...TWO_INSTANCES, sqs: { Queues: [{ QueueName, Messages }] } });
    expect(end.error?.message).toBe(
      'not simulated: the queue runbook-probe-function-requests feeds a function without a RedrivePolicy',
    );
  });
});

describe('queues in a world file', () => {
  it.each([
    [{ RedrivePolicy: 'three times' }, /^sqs\.Queues\[0\]\.Attributes\.RedrivePolicy: must be JSON in a text/u],
    [{ VisibilityTimeOut: '30' }, /^sqs\.Queues\[0\]\.Attributes/u],
  ])('with %o are refused by the path of the fault', (attributes, fault) => {
    expect(() => parseWorld(queued([], [], attributes))).toThrow(fault);
  });

  it('have their dead letters in the world', async () => {
    const world = queued([]);
    const [first] = world.sqs.Queues;
    await expect(simulated({ ...world, sqs: { Queues: [first] } })).rejects.toThrow(
      `sqs.Queues[0].Attributes.RedrivePolicy: there is no queue ${ARN}-failed`,
    );
  });

  it.each([
    ['sqs/Queues/runbook-probe-function-requests/Messages/+', { Text: 'one' }, /a message is \{ "Body"/u],
    ['sqs/Queues/runbook-probe-function-requests/Attributes/VisibilityTimeOut', '1', /is no attribute of a queue/u],
    ['sqs/Queues/runbook-probe-function-requests/QueueUrl', 'x', /a script can send to a queue/u],
    ['sqs/Queues/no-such-queue/Messages', [{ Body: 'one' }], /a script can send to a queue/u],
  ])('refuse that a script sets %s', async (path, value, fault) => {
    const end = await simulated(queued([], [{ after: 'PT1S', set: { [path]: value } }]));
    expect(end.error?.message).toMatch(fault);
  });

  it('are kept with what is left in them when the world is written down', async () => {
    const { world } = await simulated(queued([{ MessageId: 'm-1', Body: 'bad' }]), fed(['bad']));
    const kept = worldFile(world);
    expect(JSON.stringify(kept['sqs'])).toContain('"MessageId":"m-1"');
    expect(() => parseWorld(kept)).not.toThrow();
  });
});

describe('the queue that gathers for the stack', () => {
  const GATHERED = 'runbook-requests';
  const gathers = (): DeployedFunction => {
    const pattern = { source: ['aws.s3'], 'detail-type': ['Object Created'] };
    const trigger = { ...onRequest('probe-function', z.strictObject({}), () => 'asked'), queue: 'gathered' as const };
    return deploy(() => Promise.resolve({ batchItemFailures: [] }), { triggers: [trigger, { ...trigger, pattern }] });
  };
  const world = (messages: readonly object[], script: readonly object[] = [], queue = GATHERED) => ({
    ...TWO_INSTANCES,
    script,
    sqs: {
      Queues: [
        { QueueName: queue, Attributes: { VisibilityTimeout: '725', RedrivePolicy }, Messages: messages },
        { QueueName: 'runbook-probe-function-requests-failed' },
      ],
    },
  });
  const bodies = (count: number): object[] => Array.from({ length: count }, (_none, index) => ({ Body: `m-${index}` }));
  const sizes = ({ invocations }: SimulationEnd): readonly number[] =>
    invocations.map(({ event }) => recordsIn(event).length);

  it('hands over a hundred messages at once, five seconds after the first', async () => {
    const script = [{ after: 'PT2S', set: { [`sqs/Queues/${GATHERED}/Messages/+`]: { Body: 'later' } } }];
    const end = await simulated(world(bodies(120), script), gathers());
    expect(end.error).toBeUndefined();
    expect(end.invocations.map(({ startedAt }) => startedAt.slice(14, 19))).toEqual(['00:05', '00:05']);
    expect(sizes(end)).toEqual([100, 21]);
  });

  it('is not what feeds one runbook alone', async () => {
    const end = await simulated(world(bodies(2), [], 'runbook-other-queue'), gathers());
    expect(end.invocations).toEqual([]);
  });

  it.each([[true], [false]])('takes the events of rules, whether it is in the world or not: %s', async (isThere) => {
    const event = { version: '0', id: 'e-1', source: 'aws.s3', 'detail-type': 'Object Created', detail: {} };
    const given = isThere ? world([]) : TWO_INSTANCES;
    const end = await simulated(given, gathers(), { events: [{ event, afterMs: 0 }] });
    expect(end.error).toBeUndefined();
    expect(
      end.invocations.map((one) => recordsIn(one.event).map(({ body }) => JSON.parse(String(body)) as unknown)),
    ).toEqual([[event]]);
  });
});
