/** Whether people are on a host that is out. */

import { describe, expect, it } from 'vitest';
import { countComment, type Count, type TargetGroup } from '../../../functions/heal-bastion/decide.ts';
import type { Decision, JsonObject, Refusal } from '../../../shared/kernel/decision.ts';
import { ago, count, decided, DRAINS, host, saidNo, taken, told } from './fleet-facts.ts';

interface Change {
  /** Since when it is out. */
  readonly out?: number;
  readonly counts?: readonly Count[];
  readonly documents?: readonly string[];
  readonly note?: JsonObject;
  readonly targetGroup?: Partial<TargetGroup>;
  readonly isTagged?: boolean;
  readonly refusals?: readonly Refusal[];
}

/** What becomes of a host that is out. */
function drained({
  out = 1_000,
  counts,
  note = {},
  targetGroup = {},
  isTagged = true,
  ...more
}: Change = {}): Decision {
  const { documents = ['count-sessions'] } = more;
  return decided({
    hosts: [host('a', { targets: DRAINS, isTagged }), host('b'), host('c')],
    note: taken('a', out, note),
    targetGroup,
    ...(more.refusals === undefined ? {} : { refusals: more.refusals }),
    counting: { documents, counts: counts === undefined ? {} : { 'i-a': counts } },
  });
}

function unsaid(why = ''): string {
  const because = why === '' ? '' : ` (${why})`;
  return `i-a is deregistered; count-sessions has not said whether people are on it${because}, so that they are, and they are waited for`;
}

describe('the sessions of a host that did not serve', () => {
  it('were reset by the balancer, by default', () => {
    expect(told(drained({ note: { wasHealthy: false } }))).toBe('act ending');
    expect(told(drained())).toBe('act counting');
  });

  it('live on where it is told to leave them alone', () => {
    expect(told(drained({ note: { wasHealthy: false }, targetGroup: { resetsUnhealthy: false } }))).toBe(
      'act counting',
    );
  });
});

describe('the sessions of a host that is drained', () => {
  it('are reset after the delay, where the target group says so', () => {
    const targetGroup = { resetsDrainedAfterSeconds: 600 };
    expect(told(drained({ out: 749, targetGroup }))).toBe('act counting');
    expect(told(drained({ out: 750, targetGroup }))).toBe('act ending');
    expect(told(drained({ out: 150, targetGroup: { resetsDrainedAfterSeconds: 0 } }))).toBe('act ending');
  });

  it('are waited for an hour at most', () => {
    expect(told(drained({ out: 3_599 }))).toBe('act counting');
    expect(told(drained({ out: 3_600 }))).toBe('act ending');
  });
});

describe('where nothing counts', () => {
  it.each([
    ['no command document has the tag runbook:bastion = ops', { documents: [], counts: [count(10)] }],
    ['one and two have the tag runbook:bastion = ops, and one may', { documents: ['one', 'two'], counts: [count(10)] }],
    ['i-a has not the tag runbook:bastion = ops, and may not be asked', { isTagged: false, counts: [count(10)] }],
  ])('people are on it, and it is said why: %s', (why, change) => {
    expect(drained(change)).toMatchObject({
      kind: 'wait',
      code: 'sessions',
      because: `i-a is deregistered; nobody says whether people are on it (${why}), so that they are, and they are waited for`,
      seconds: 120,
      evidence: { replacing: 'i-a', outSince: ago(1_000) },
    });
  });
});

describe('a count', () => {
  it('is asked for by the document of the fleet, as a wish', () => {
    expect(drained()).toMatchObject({
      kind: 'act',
      code: 'counting',
      because: 'i-a is deregistered, and it is counted who is on it',
      plan: [
        {
          call: 'ssm:SendCommand',
          input: {
            InstanceIds: ['i-a'],
            DocumentName: 'count-sessions',
            Parameters: {},
            TimeoutSeconds: 30,
            Comment: 'heal-bastion sessions i-a',
          },
          because: 'whether people are on i-a: it is ended when they have gone',
          optional: true,
        },
      ],
      note: taken('a', 1_000, { askedAt: ago(0) }),
      budget: 'free',
      more: true,
    });
    expect(countComment('i-a')).toBe('heal-bastion sessions i-a');
  });

  it('of nobody ends the host', () => {
    expect(told(drained({ counts: [count(10)] }))).toBe('act ending');
    expect(told(drained({ counts: [count(800)] }))).toBe('act ending');
  });

  it('from before new connections ceased says nothing', () => {
    expect(told(drained({ counts: [count(850)] }))).toBe('act ending');
    expect(told(drained({ counts: [count(851)] }))).toBe('act counting');
    expect(told(drained({ counts: [count(10_000)] }))).toBe('act counting');
  });

  it('is the newest', () => {
    expect(told(drained({ counts: [count(10), count(20, { sessions: 3 })] }))).toBe('act ending');
    expect(told(drained({ counts: [count(10, { sessions: 3 }), count(20)] }))).toBe('wait sessions');
  });

  it('of somebody is repeated each minute', () => {
    const seen = (seconds: number, note = {}) => drained({ counts: [count(seconds, { sessions: 2 })], note });
    expect(seen(20)).toMatchObject({
      kind: 'wait',
      code: 'sessions',
      because: 'i-a is deregistered; 2 sessions are on it, and they are waited for',
      seconds: 40,
    });
    expect(seen(59.5)).toMatchObject({ kind: 'wait', seconds: 1 });
    expect(told(seen(60))).toBe('act counting');
    // It was asked for since, and does not show yet.
    expect(seen(70, { askedAt: ago(5) })).toMatchObject({ kind: 'wait', seconds: 55 });
    expect(seen(20, { askedAt: ago(25) })).toMatchObject({ kind: 'wait', seconds: 40 });
    expect(told(seen(60, { askedAt: ago(61) }))).toBe('act counting');
  });

  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('that is %s is waited for', (status) => {
    const at = (seconds: number) => drained({ counts: [count(seconds, { status, sessions: null })] });
    expect(at(59)).toMatchObject({
      kind: 'wait',
      code: 'sessions',
      because: 'i-a is deregistered; count-sessions counts who is on it, and they are waited for',
      seconds: 5,
    });
    expect(at(60)).toMatchObject({ kind: 'act', code: 'counting' });
  });

  it('that moves since before new connections ceased is not waited for', () => {
    const counts = [count(20, { status: 'Pending', sessions: null })];
    expect(told(drained({ out: 160, counts }))).toBe('act counting');
    expect(told(drained({ out: 170, counts }))).toBe('wait sessions');
  });
});

describe('a count that does not say how many', () => {
  it('is soon looked for where it was just asked for', () => {
    expect(drained({ note: { askedAt: ago(29) } })).toMatchObject({ kind: 'wait', because: unsaid(), seconds: 5 });
    expect(drained({ note: { askedAt: ago(30) } })).toMatchObject({ kind: 'wait', because: unsaid(), seconds: 60 });
  });

  it('is repeated seldom', () => {
    const counts = [count(100, { status: 'Failed', sessions: null })];
    const note = { askedAt: ago(100) };
    expect(drained({ counts, note })).toMatchObject({
      kind: 'wait',
      code: 'sessions',
      because: unsaid('it has ended there as Failed'),
      seconds: 60,
    });
    expect(drained({ note: { askedAt: ago(250) } })).toMatchObject({ kind: 'wait', seconds: 50 });
    expect(drained({ note: { askedAt: ago(299) } })).toMatchObject({ kind: 'wait', seconds: 1 });
    expect(told(drained({ note: { askedAt: ago(300) } }))).toBe('act counting');
  });

  it('of a run that has died is repeated after a minute, for nobody knows when it was asked for', () => {
    const seen = (seconds: number) => drained({ counts: [count(seconds, { status: 'Failed', sessions: null })] });
    expect(seen(20)).toMatchObject({ kind: 'wait', because: unsaid('it has ended there as Failed'), seconds: 40 });
    expect(told(seen(60))).toBe('act counting');
  });

  it('may be one that has printed nothing', () => {
    const counts = [count(20, { sessions: null })];
    expect(drained({ counts, note: { askedAt: ago(20) } })).toMatchObject({
      because: unsaid('it prints no line {"sessions":N}'),
      seconds: 5,
    });
  });

  it.each(['TimedOut', 'Undeliverable', 'DeliveryTimedOut', 'Terminated'])('may be %s: nobody answers', (status) => {
    const counts = [count(100, { status, sessions: null })];
    const because = unsaid(`the agent does not answer: ${status}`);
    expect(drained({ counts, note: { askedAt: ago(100) } })).toMatchObject({ because });
  });

  it('may be one that Systems Manager does not take', () => {
    const refused = (name: string, id = 'i-a') =>
      drained({ refusals: [saidNo('ssm:SendCommand', { InstanceIds: [id] }, { name, at: ago(10) })] });
    expect(refused('InvalidInstanceId')).toMatchObject({
      kind: 'wait',
      because: unsaid('no agent of Systems Manager answers there: InvalidInstanceId'),
    });
    expect(refused('InvalidDocument').because).toBe(
      unsaid('Systems Manager does not take the command: InvalidDocument'),
    );
    expect(told(refused('InvalidInstanceId', 'i-b'))).toBe('act counting');
  });
});
