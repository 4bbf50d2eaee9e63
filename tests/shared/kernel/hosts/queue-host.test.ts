import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { HostAdapter } from '../../../../shared/kernel/hosts/host.ts';
import { plain } from '../../../../shared/kernel/hosts/plain-host.ts';
import { fedByQueue } from '../../../../shared/kernel/hosts/queue-host.ts';
import { onInstanceState } from '../../../../shared/kernel/triggers/instance-state.ts';
import { onRequest } from '../../../../shared/kernel/triggers/request.ts';
import { LAMP, stoppedEvent, useToys, type Toy } from '../toy-runbook.ts';

const toys = useToys();
const SENT_AT = String(Date.parse('2026-11-22T08:00:00Z'));

interface Sent {
  readonly received?: number;
  readonly group?: string;
  readonly fifo?: boolean;
  readonly sentAt?: string;
}

/** A message as Lambda hands it over. */
function message(messageId: string, body: unknown, { received = 1, group, fifo = false, sentAt = SENT_AT }: Sent = {}) {
  return {
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(received),
      SentTimestamp: sentAt,
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-west-1:111122223333:runbook-light-lamps-requests${fifo ? '.fifo' : ''}`,
  };
}

const ASKED = { runbook: 'light-lamps' };

/** A toy with a queue. `failing`: the targets whose look fails, by what the request says. */
function fed(failing: readonly string[] = [], looks: string[] = []): Toy {
  return toys((account) => ({
    ...fedByQueue<{ readonly only: string }>(plain, [
      onInstanceState(['stopped'], () => ({ only: 'event' })),
      onRequest('light-lamps', z.strictObject({ only: z.optional(z.string()) }), ({ only }) => ({ only: only ?? '' })),
    ]),
    observe: (_target, { only }, io) => {
      looks.push(`${only} ${io.run}`);
      return failing.includes(only)
        ? Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }))
        : Promise.resolve({ lit: account.lit });
    },
  }));
}

async function give(
  toy: Toy,
  records: readonly unknown[],
  remainingMs: () => number = () => 60_000,
): Promise<readonly unknown[]> {
  const answer: unknown = await toy.handler(
    { Records: records },
    {
      awsRequestId: 'invocation-1',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:light-lamps',
      getRemainingTimeInMillis: remainingMs,
    },
  );
  const failures: unknown = typeof answer === 'object' && answer !== null && Reflect.get(answer, 'batchItemFailures');
  expect(Array.isArray(failures)).toBe(true);
  return Array.isArray(failures) ? failures.map((one: unknown) => JSON.stringify(one)) : [];
}

const left = (...ids: readonly string[]): string[] => ids.map((itemIdentifier) => JSON.stringify({ itemIdentifier }));

const counted = ({ lines }: Toy, metric: string): number => lines.filter((line) => line[metric] === 1).length;

describe('a batch of a queue of requests', () => {
  it('is as many runs as messages, each by the name of its message', async () => {
    const looks: string[] = [];
    const toy = fed([], looks);
    const records = [message('m-1', { ...ASKED, params: { only: 'a' } }), message('m-2', stoppedEvent())];
    expect(await give(toy, records)).toEqual([]);
    expect(toy.logged().map(({ run, outcome, target }) => [run, outcome, target])).toEqual([
      ['m-1', 'done', LAMP],
      ['m-2', 'nothing', LAMP],
    ]);
    expect([...new Set(looks)]).toEqual(['a m-1', 'event m-2']);
  });

  it('is left of what failed, and of nothing else', async () => {
    const toy = fed(['a']);
    const records = ['a', 'b', 'a'].map((only, index) => message(`m-${index}`, { ...ASKED, params: { only } }));
    expect(await give(toy, records)).toEqual(left('m-0', 'm-2'));
    expect(toy.logged().map(({ outcome }) => outcome)).toEqual(['failed', 'done', 'failed']);
  });

  it.each([
    ['that is no JSON', 'block 198.51.100.9 please', 'failed', 1],
    ['with a key that no request has', { ...ASKED, prams: {} }, 'failed', 1],
    ['with a parameter that the runbook has not', { ...ASKED, params: { onyl: 'a' } }, 'failed', 1],
    ['in an envelope that nothing here reads', { Type: 'Notification', Message: '{}', Timestamp: 'x' }, 'failed', 1],
    ['for another runbook', { runbook: 'move-mountains' }, 'not-mine', 0],
    ['of another kind of event', stoppedEvent({ source: 'aws.health' }), 'not-mine', 0],
  ])('leaves a message %s, told once and first, and its neighbours are done', async (_what, body, outcome, bad) => {
    const toy = fed();
    const records = (received: number) => [message('good', ASKED), message('odd', body, { received })];
    expect(await give(toy, records(1))).toEqual(left('odd'));
    expect(toy.logged().map((result) => [result.run, result.outcome])).toEqual([
      ['odd', outcome],
      ['good', 'done'],
    ]);
    expect(counted(toy, 'BadInput')).toBe(bad);
    expect(await give(toy, records(2))).toEqual(left('odd'));
    expect(counted(toy, 'BadInput')).toBe(bad);
    expect(toy.logged().filter(({ run }) => run === 'odd')).toHaveLength(1);
    expect(toy.lines).toContainEqual(
      expect.objectContaining({ message: 'not understood, received again', run: 'odd', received: 2 }),
    );
  });

  it('does not keep what is sent when something is set up', async () => {
    const set = { Event: 's3:TestEvent', Time: '2026-11-22T08:00:00.000Z', Bucket: 'b' };
    const toy = fed();
    expect(await give(toy, [message('m-1', set)])).toEqual([]);
    expect(toy.logged()).toMatchObject([{ outcome: 'nothing' }]);
  });

  it('is judged by when each message was sent, and one that is too old is refused, not left', async () => {
    const toy = fed();
    const sentAt = String(Date.parse('2026-11-22T07:40:00Z'));
    expect(await give(toy, [message('m-1', ASKED, { sentAt }), message('m-2', ASKED)])).toEqual([]);
    expect(toy.logged().map(({ run, outcome }) => [run, outcome])).toEqual([
      ['m-1', 'refused'],
      ['m-2', 'done'],
    ]);
  });

  it('delivered twice acts once', async () => {
    const toy = fed();
    await give(toy, [message('m-1', ASKED)]);
    await give(toy, [message('m-1', ASKED, { received: 2 })]);
    expect(toy.sent).toEqual(['Light']);
  });

  it('is not begun in the last half minute: what was not begun comes again', async () => {
    let leftMs = 60_000;
    const toy = fed();
    const ticking = (): number => (leftMs -= 100);
    const slow = message('m-1', ASKED);
    expect(
      await give(toy, [slow, message('m-2', ASKED)], () => (toy.logged().length > 0 ? 30_000 : ticking())),
    ).toEqual(left('m-2'));
  });

  it('of which a message has no name is left as a whole, as Lambda has it', async () => {
    expect(await give(fed(['a']), [{ ...message('', { ...ASKED, params: { only: 'a' } }) }])).toEqual(left(''));
  });
});

describe('a FIFO queue', () => {
  const asked = (id: string, only: string, group: string, fifo = true) =>
    message(id, { ...ASKED, params: { only } }, { group, fifo });

  it('keeps the order of a group: behind what failed the rest of it is left, and other groups go on', async () => {
    const toy = fed(['bad']);
    const records = [asked('1', 'good', 'g'), asked('2', 'bad', 'g'), asked('3', 'good', 'h'), asked('4', 'good', 'g')];
    expect(await give(toy, records)).toEqual(left('2', '4'));
    expect(toy.logged().map(({ run }) => run)).toEqual(['1', '2', '3']);
  });

  it('does not wait for what will never be understood', async () => {
    const records = [message('1', 'not JSON', { group: 'g', fifo: true }), asked('2', 'good', 'g')];
    expect(await give(fed(), records)).toEqual(left('1'));
  });

  it('is known by its name: the groups of a standard queue have no order', async () => {
    expect(await give(fed(['bad']), [asked('1', 'bad', 'g', false), asked('2', 'good', 'g', false)])).toEqual(
      left('1'),
    );
  });
});

describe('a function with a queue', () => {
  it('takes every other event as before, and fails where that fails', async () => {
    expect(await fed().give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    await expect(fed().give({ runbook: 7 })).rejects.toThrow(/^runbook: expected/u);
  });

  it('is not a durable one', () => {
    const durable: HostAdapter = { ...plain, kind: 'durable' };
    expect(() => fedByQueue(durable, [])).toThrow('a durable function takes no requests from a queue');
  });

  it('says so of what starts it', () => {
    expect(fed().handler.runbook.triggers.map(({ name, queue }) => [name, queue])).toEqual([
      ['ec2-state-change', 'requests'],
      ['request', 'requests'],
    ]);
  });
});
