import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import { gathers } from '../../../../shared/kernel/hosts/gathering-host.ts';
import { plain } from '../../../../shared/kernel/hosts/plain-host.ts';
import { onGathered, type Gathering } from '../../../../shared/kernel/triggers/gathered.ts';
import { objectsChanged } from '../../../../shared/kernel/triggers/objects-changed.ts';
import { onSchedule } from '../../../../shared/kernel/triggers/schedule.ts';
import { requests } from '../../../../shared/kernel/triggers/request.ts';
import { LAMP, useToys, type Toy } from '../toy-runbook.ts';

const toys = useToys();

const GATHERING: Gathering = {
  reads: [objectsChanged, requests],
  about: (delivery) => {
    if (delivery.kind === 'objects-changed') return [...new Set(delivery.changes.map(({ bucket }) => bucket))];
    if (delivery.kind !== 'request') return [];
    if (delivery.runbook !== 'light-lamps') throw new BadInputError('runbook', `${delivery.runbook} is not lit here`);
    return [delivery.id];
  },
};

/** A toy that gathers. `failing`: what it fails on. */
function gathering(failing: readonly string[] = [], taken: string[] = []): Toy {
  return toys(() => ({
    host: gathers(plain, GATHERING),
    triggers: [
      ...onGathered(GATHERING, ({ about, deliveries }) => ({ only: `${about}:${deliveries.length}` })),
      onSchedule('rate(1 minute)', () => ({ only: 'tick' })),
    ],
    locate: (request) => {
      taken.push(request.only);
      const [about = ''] = request.only.split(':');
      if (failing.includes(about)) throw new Error('AccessDenied');
      return Promise.resolve([{ target: LAMP, facts: { lit: true } }]);
    },
  }));
}

function change(bucket: string, key: string): object {
  return {
    eventSource: 'aws:s3',
    eventTime: '2026-11-30T08:59:58.120Z',
    eventName: 'ObjectCreated:Put',
    awsRegion: 'eu-west-1',
    s3: { bucket: { name: bucket }, object: { key } },
  };
}

function message(messageId: string, body: unknown, received = 1): object {
  return {
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(received),
      SentTimestamp: String(Date.parse('2026-11-22T08:00:00Z')),
    },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:runbook-requests',
  };
}

const site = (id: string, ...keys: readonly string[]): object =>
  message(id, { Records: keys.map((key) => change('site', key)) });

async function give(toy: Toy, event: unknown, remainingMs = 60_000): Promise<readonly string[]> {
  const answer: unknown = await toy.handler(event, {
    awsRequestId: 'invocation-1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:light-lamps',
    getRemainingTimeInMillis: () => remainingMs,
  });
  const failures: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'batchItemFailures') : undefined;
  return Array.isArray(failures) ? failures.map((one: { itemIdentifier: string }) => one.itemIdentifier) : [];
}

const batch = (...records: readonly object[]): object => ({ Records: records });

describe('a batch of which many messages are about one thing', () => {
  it('is one run for each thing, under the name of its first message', async () => {
    const taken: string[] = [];
    const toy = gathering([], taken);
    const other = message('m-3', { Records: [change('other', 'x')] });
    expect(await give(toy, batch(site('m-1', 'a'), site('m-2', 'b', 'c'), other))).toEqual([]);
    expect(taken).toEqual(['site:2', 'other:1']);
    expect(toy.logged().map(({ run }) => run)).toEqual(['m-1', 'm-3']);
  });

  it('begins with what most of it is about', async () => {
    const taken: string[] = [];
    const other = message('m-1', { Records: [change('other', 'x')] });
    await give(gathering([], taken), batch(other, site('m-2', 'a'), site('m-3', 'b')));
    expect(taken).toEqual(['site:2', 'other:1']);
  });

  it('is left of what failed together, and of nothing else', async () => {
    const toy = gathering(['site']);
    const other = message('m-3', { Records: [change('other', 'x')] });
    expect(await give(toy, batch(site('m-1', 'a'), other, site('m-2', 'b')))).toEqual(['m-1', 'm-2']);
    expect(toy.logged().map(({ run, outcome }) => [run, outcome])).toEqual([
      ['m-1', 'failed'],
      ['m-3', 'nothing'],
    ]);
  });

  it('leaves a message about two things where either failed', async () => {
    const both = message('m-1', { Records: [change('site', 'a'), change('other', 'b')] });
    expect(await give(gathering(['other']), batch(both, site('m-2', 'c')))).toEqual(['m-1']);
  });

  it('is told of what cannot be understood first and once, and takes out what is nobody’s', async () => {
    const test = message('test', { Event: 's3:TestEvent', Time: '2026-11-22T08:00:00.000Z', Bucket: 'site' });
    const tagged = message('tagged', { Records: [{ ...change('site', 'a'), eventName: 'ObjectTagging:Put' }] });
    const foreign = message('foreign', { runbook: 'move-mountains' });
    const records = [site('m-1', 'a'), test, message('half', '{"Records": ['), tagged, foreign];
    const toy = gathering();
    expect(await give(toy, batch(...records))).toEqual(['half', 'foreign']);
    expect(toy.logged().map(({ run, outcome, reason }) => [run, outcome, reason.split(':')[0]])).toEqual([
      ['half', 'failed', 'bad-input'],
      ['foreign', 'failed', 'bad-input'],
      ['test', 'nothing', 'test-notification'],
      ['tagged', 'not-mine', 'no-trigger'],
      ['m-1', 'nothing', 'lit'],
    ]);
    expect(toy.logged()[1]?.reason).toContain('move-mountains is not lit here');
    const again = gathering();
    expect(await give(again, batch(message('half', '{"Records": [', 2)))).toEqual(['half']);
    expect(again.logged()).toEqual([]);
  });

  it('of ten thousand damaged messages has an outcome for each, and serves the sound one among them', async () => {
    const damage = ['{', '[]', '"x"', 'null', '{"Records":[{}]}', '{"runbook":"a"}', '{"runbook":"light-lamps","x":1}'];
    const records = Array.from({ length: 9_999 }, (_none, index) =>
      message(`d-${index}`, damage[index % damage.length] ?? ''),
    );
    const taken: string[] = [];
    const toy = gathering([], taken);
    const left = await give(toy, batch(...records, site('good', 'a')), 900_000);
    expect(left).toHaveLength(9_999);
    expect(taken).toEqual(['site:1']);
    expect(new Set(toy.logged().map(({ run }) => run)).size).toBe(10_000);
    expect(toy.logged().filter(({ reason }) => reason.startsWith('bad-input:'))).toHaveLength(9_999);
  }, 60_000);

  it('begins nothing in the last half minute', async () => {
    const toy = gathering();
    expect(await give(toy, batch(site('m-1', 'a')), 20_000)).toEqual(['m-1']);
  });
});

describe('what comes alone', () => {
  const bridge = {
    version: '0',
    id: 'e-1',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-11-22T08:00:00Z',
    region: 'eu-west-1',
    resources: [],
    detail: { bucket: { name: 'site' }, object: { key: 'a' } },
  };

  it('is gathered by itself, and what starts it otherwise is not', async () => {
    const taken: string[] = [];
    const toy = gathering([], taken);
    await give(toy, bridge);
    await give(toy, { ...bridge, 'detail-type': 'Scheduled Event', source: 'aws.scheduler', detail: '{}' });
    expect(taken).toEqual(['site:1', 'tick']);
  });

  it('is a run for each thing that it is about, and fails where one did, after the others', async () => {
    const sns = (records: readonly object[]): object => ({
      Records: [
        {
          EventSource: 'aws:sns',
          Sns: {
            Type: 'Notification',
            MessageId: 'n-1',
            TopicArn: 'arn:aws:sns:eu-west-1:111122223333:site',
            Message: JSON.stringify({ Records: records }),
            Timestamp: '2026-11-22T08:00:00Z',
          },
        },
      ],
    });
    const taken: string[] = [];
    const toy = gathering(['site'], taken);
    await expect(give(toy, sns([change('site', 'a'), change('other', 'b')]))).rejects.toThrow('AccessDenied');
    expect([...new Set(taken)]).toEqual(['site:1', 'other:1']);
  });
});
