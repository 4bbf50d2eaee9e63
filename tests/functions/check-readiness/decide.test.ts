/** What is said of each matter, and when it is said again. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Seen } from '../../../functions/check-readiness/decide.ts';
import { findingsOf } from '../../../functions/check-readiness/decide/findings.ts';
import { alarm, alarms, facts, fn, LIMITS, NOW, queue, rules, told, topic, TOPICS } from './readiness-facts.ts';

function decided(seen: Seen, change: Partial<Facts> = {}) {
  return decide(facts(seen, change), LIMITS, NOW);
}

/** `code about` of all that is found, in its order. */
function found(seen: Seen, change: Partial<Facts> = {}): readonly string[] {
  return findingsOf(facts(seen, change), LIMITS, NOW).map(({ code, about }) => `${code} ${about}`);
}

const WELL: readonly Seen[] = [
  TOPICS,
  alarms(alarm('heal-nobody-serves')),
  fn(),
  fn({ reserved: null, state: '', update: '' }),
  { matter: 'mappings', mappings: [{ id: 'u', source: 'requests', functionName: 'ops-heal', state: 'Enabled' }] },
  { matter: 'schedules', schedules: [{ name: 'ops-heal', state: 'ENABLED' }] },
  rules(['ops-heal-alarm', 'default', 'ENABLED'], ['told', 'ops', 'ENABLED']),
  queue(),
];

describe('a matter', () => {
  it.each(WELL.map((seen) => [seen.matter, seen] as const))('of %s is ready where nothing is wrong', (_name, seen) => {
    expect(decided(seen)).toMatchObject({ kind: 'nothing', code: 'ready', remember: { told: null } });
  });

  it('that could not be read is never taken for well, nor what was read beside it for ill', () => {
    const unread = [{ place: 'alarms', why: 'AccessDenied: no' }];
    expect(decided({ matter: 'alarms', alarms: null }, { unread })).toMatchObject({
      kind: 'refuse',
      code: 'unread',
      attention: true,
      because:
        'alarms: could not be read, so that nobody knows: AccessDenied: no; `npx runbook doctor` has the lines that mend it',
      evidence: { looked: 0 },
    });
    expect(found(queue({ letters: 1 }), { unread: [{ place: 'ops-undelivered', why: 'Throttling' }] })).toEqual([
      'letters-wait ops-failed-runs',
      'unread ops-undelivered',
    ]);
  });
});

describe('subscriptions', () => {
  it('are lacking where nobody is subscribed, or nobody but the example and who has not confirmed', () => {
    const trouble = { subscription: 'arn:1', endpoint: 'arn:aws:sqs:eu-west-1:111122223333:ops-trouble' };
    const seen: Seen = {
      matter: 'subscriptions',
      topics: [
        topic('page', 'PendingConfirmation'),
        { name: 'ops-look', subscribers: [] },
        { name: 'ops-messages', subscribers: [] },
        { name: 'ops-chat', subscribers: [] },
        { name: 'ops-outcomes', subscribers: [trouble] },
      ],
    };
    expect(found(seen)).toEqual(['nobody-hears ops-page', 'nobody-hears ops-look', 'nobody-hears ops-messages']);
    expect(decided(seen).because).toContain(
      'ops-page: nobody is woken when a run fails: 1 subscription waits for the link in the mail to be clicked (and 2 more)',
    );
  });

  it('are there where sentences are heard, in a chat alone or as the outcomes themselves', () => {
    const silent = ['messages', 'chat', 'outcomes'].map((name) => ({ name: `ops-${name}`, subscribers: [] }));
    const rest = [topic('page'), topic('look')];
    for (const heard of ['messages', 'chat', 'outcomes']) {
      const topics = [...rest, ...silent.filter(({ name }) => name !== `ops-${heard}`), topic(heard)];
      expect(found({ matter: 'subscriptions', topics })).toEqual([]);
    }
    // Whether anybody hears of the one that was not read nobody knows.
    expect(found({ matter: 'subscriptions', topics: [...rest, ...silent.slice(0, 2)] })).toEqual([]);
  });

  it('have no topic where that is gone, and say nothing of one that was not read', () => {
    expect(found({ matter: 'subscriptions', topics: [{ name: 'ops-look', subscribers: null }] })).toEqual([
      'topic-gone ops-look',
    ]);
  });
});

describe('alarms', () => {
  it('are gone, muted, or tell nobody', () => {
    const seen = alarms(alarm('page', { isMuted: true, actions: 0 }), alarm('heal-nobody-serves', { actions: 0 }));
    expect(found(seen)).toEqual(['alarm-muted ops-page', 'alarm-without-actions ops-heal-nobody-serves']);
    expect(found({ matter: 'alarms', alarms: [alarm('page')] })).toEqual([
      'alarm-gone ops-look',
      'alarm-gone ops-heartbeat',
      'alarm-gone ops-dead-letters-lost',
      'alarm-gone ops-failed-runs',
      'alarm-gone ops-undelivered',
      'alarm-gone ops-outcomes-undelivered',
      'alarm-gone ops-trouble-dead-letters',
    ]);
  });

  it.each([
    ['for longer than a day', 'heartbeat-2', '2026-11-21T06:20:00.000Z', ['alarm-blind ops-heartbeat-2']],
    ['since nobody knows when', 'heartbeat', '', ['alarm-blind ops-heartbeat']],
    ['since it was made', 'heartbeat', '2026-11-21T06:20:01.000Z', []],
    ['and are of no heartbeat', 'page', '2026-11-01T00:00:00.000Z', []],
  ])('are blind that have no data %s', (_name, name, since, expected) => {
    expect(found(alarms(alarm(name, { state: 'INSUFFICIENT_DATA', since })))).toEqual(expected);
    expect(found(alarms(alarm(name, { state: 'ALARM', since })))).toEqual([]);
  });
});

describe('functions', () => {
  it.each([
    [{ isThere: false, reserved: 0 }, 'function-gone', 'is not there'],
    [{ reserved: 0 }, 'function-stopped', 'is stopped: its reserved concurrency is 0'],
    [{ state: 'Failed', why: 'no key' }, 'function-failed', 'cannot be started: it is Failed (no key)'],
    [{ state: 'Inactive' }, 'function-failed', 'cannot be started: it is Inactive'],
    [{ update: 'Failed' }, 'update-failed', 'is not what was deployed last: that update failed'],
  ])('that are %j are %s', (change, code, text) => {
    expect(decided(fn(change))).toMatchObject({
      kind: 'refuse',
      code,
      evidence: { found: [{ code, about: 'ops-heal', text }] },
    });
  });

  it('are well while a deployment is under way', () => {
    expect(found(fn({ state: 'Pending', update: 'InProgress' }))).toEqual([]);
  });
});

describe('what starts them', () => {
  it('is off', () => {
    const mapping = { id: 'u', source: 'ops-requests', functionName: 'ops-heal' };
    for (const state of ['Disabled', 'Disabling'])
      expect(found({ matter: 'mappings', mappings: [{ ...mapping, state }] })).toEqual(['mapping-off ops-requests']);
    const schedules = [
      { name: 'ops-a', state: 'DISABLED' },
      { name: 'ops-b', state: null },
    ];
    expect(found({ matter: 'schedules', schedules })).toEqual(['schedule-off ops-a', 'schedule-gone ops-b']);
    expect(found(rules(['ops-r', 'default', 'DISABLED'], ['told', 'ops', 'DISABLED']))).toEqual([
      'rule-off ops-r',
      'rule-off told',
    ]);
  });

  it('lacks the rule by which outcomes are told, where the bus could be read', () => {
    const seen = rules(['ops-r', 'default', 'ENABLED']);
    expect(found(seen)).toEqual(['rule-gone ops']);
    expect(found({ ...seen, outcomes: '' })).toEqual([]);
  });
});

describe('queues of what failed', () => {
  it('are gone, forget, or hold something', () => {
    expect(found(queue({ isThere: false, retentionSeconds: 0 }))).toEqual(['queue-gone ops-failed-runs']);
    expect(found(queue({ letters: 2, retentionSeconds: 345_600 }))).toEqual([
      'queue-forgets ops-failed-runs',
      'letters-wait ops-failed-runs',
    ]);
    expect(decided(queue({ retentionSeconds: 345_600 })).because).toContain('after 4 of 14 days');
    expect(decided(queue({ letters: 1 })).because).toContain('1 message that failed waits in it');
    expect(decided(queue({ letters: 2 })).because).toContain('2 messages that failed wait in it');
  });
});

describe('what was found', () => {
  const MUTED = alarms(alarm('page', { isMuted: true }));
  const KEY = 'alarm-muted ops-page';
  const LOOK = 'alarm-muted ops-look';

  it('is told, and that it was', () => {
    expect(decided(MUTED)).toMatchObject({
      kind: 'refuse',
      code: 'alarm-muted',
      news: KEY,
      remember: { told: `{"${KEY}":"${NOW} run-2"}` },
    });
  });

  it.each([
    ['not again within a week', '2026-11-15T07:20:02.000Z run-1', 'nothing'],
    ['again after a week, be its tick a little early', '2026-11-15T07:20:01.000Z run-1', 'refuse'],
    ['again by the run that may have died before anybody heard', '2026-11-22T06:20:00.000Z run-2', 'refuse'],
    ['where what is remembered cannot be understood', 'yesterday', 'refuse'],
  ])('is told %s', (_name, value, kind) => {
    expect(decided(MUTED, { memory: told({ [KEY]: value }) }).kind).toBe(kind);
  });

  it('keeps its time while it is not told', () => {
    const at = '2026-11-20T06:20:00.000Z run-1';
    expect(decided(MUTED, { memory: told({ [KEY]: at, [LOOK]: at }) })).toMatchObject({
      code: 'told',
      because: 'as it was told before: ops-page: its actions are switched off: nobody hears when it rings',
      remember: { told: `{"${KEY}":"${at}"}` },
    });
  });

  it('is told with all of the matter where something else is found', () => {
    const both = alarms(alarm('page', { isMuted: true }), alarm('look', { isMuted: true }));
    expect(decided(both, { memory: told({ [KEY]: '2026-11-21T06:20:00.000Z run-1' }) })).toMatchObject({
      kind: 'refuse',
      news: `${LOOK}, ${KEY}`,
      remember: { told: `{"${LOOK}":"${NOW} run-2","${KEY}":"${NOW} run-2"}` },
    });
  });

  it('is no news because more messages wait', () => {
    const memory = told({ 'letters-wait ops-failed-runs': '2026-11-21T06:20:00.000Z run-1' });
    expect(decided(queue({ letters: 7 }), { memory }).code).toBe('told');
  });

  it('is kept in mind while nobody could look, but not that nobody could', () => {
    const at = '2026-11-21T06:20:00.000Z run-1';
    const memory = told({ [KEY]: at, 'unread elsewhere': at });
    const unread = [{ place: 'alarms', why: 'Throttling' }];
    expect(decided({ matter: 'alarms', alarms: null }, { unread, memory }).remember).toEqual({
      told: `{"${KEY}":"${at}","unread alarms":"${NOW} run-2"}`,
    });
  });

  it('is told to whoever asks each time, and to all others by the schedule all the same', () => {
    const at = '2026-11-21T06:20:00.000Z run-1';
    expect(decided(MUTED, { isAsked: true, memory: told({ [KEY]: at }) })).toMatchObject({
      kind: 'refuse',
      remember: { told: `{"${KEY}":"${at}"}` },
    });
    expect(decided(MUTED, { isAsked: true })).toMatchObject({ kind: 'refuse', remember: { told: null } });
    expect(decided(TOPICS, { isAsked: true }).code).toBe('ready');
  });

  it.each([{ told: 'no JSON' }, { told: '[]' }, { told: '{"alarm-muted ops-page":7}' }])(
    'is told where what is remembered is %j',
    (memory) => {
      expect(decided(MUTED, { memory }).kind).toBe('refuse');
    },
  );
});
