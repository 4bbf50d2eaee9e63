import { describe, expect, it } from 'vitest';
import { controlsOf } from '../../../cli/doctor/checks/controls.ts';
import { deployedOf } from '../../../cli/doctor/checks/deployed.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { linesFor } from '../../../cli/doctor/lines.ts';
import type { StackFacts } from '../../../cli/doctor/stack-facts.ts';
import { STACK_ALARMS } from '../../../shared/judgement/readiness.ts';
import type { Row } from '../../../cli/snapshot/asking.ts';
import { fakeStack, NOW } from '../operate/fake-place.ts';

const lines = linesFor({ file: null });
const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:runbook-prod-';
const FUNCTIONS: readonly Row[] = ['reassign-elastic-ip', 'stop-marked'].map((name) => ({
  FunctionName: `runbook-prod-${name}`,
  FunctionArn: `${ARN}${name}`,
  Concurrency: { ReservedConcurrentExecutions: 10 },
}));
const ALARMS: readonly Row[] = STACK_ALARMS.map((name) => ({
  AlarmName: `runbook-prod-${name}`,
  ActionsEnabled: true,
}));
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:runbook-prod-';

function subscribed(topic: string, more: Row = {}): Row {
  const SubscriptionArn = `${TOPIC}${topic}:0a1b2c3d-0000-4000-8000-000000000001`;
  return { TopicArn: TOPIC + topic, SubscriptionArn, Protocol: 'email', Endpoint: 'on-call@example.com', ...more };
}

const PEOPLE = ['page', 'look', 'outcomes'].map((topic) => subscribed(topic));

type Collections = { readonly [collection: string]: readonly Row[] };

/** A stack with nothing the matter, but for what is said. */
function facts(more: Partial<StackFacts> = {}, collections: Collections = {}): StackFacts {
  const all: Collections = { Functions: FUNCTIONS, MetricAlarms: ALARMS, ...collections };
  return {
    stack: fakeStack({}, { version: '1', parameters: { dryRun: false, approval: 'never', mode: 'apply' } }),
    now: NOW,
    region: 'eu-west-1',
    ownVersion: '1',
    schedules: new Map([['stop-marked', { expression: 'rate(1 minute)', everyMs: 60_000 }]]),
    switches: { ok: true, value: [] },
    modes: { ok: true, value: [{ scope: 'all', mode: 'apply', reason: '', by: 'kim', at: NOW }] },
    heartbeats: { ok: true, value: new Map([['stop-marked', '2026-11-22T08:04:10.000Z']]) },
    records: (_service, collection) => all[collection],
    subscriptions: PEOPLE,
    unreserved: 900,
    denied: [],
    ...more,
  };
}

function found(given: StackFacts): readonly Finding[] {
  return [...controlsOf(given, lines), ...deployedOf(given, lines)];
}

/** What is not well. */
function ill(given: StackFacts): readonly Finding[] {
  return found(given).filter(({ level }) => level !== 'ok');
}

describe('what doctor finds of a stack', () => {
  it('finds nothing where nothing is the matter, and says what it has looked at', () => {
    const all = found(facts());
    expect(all.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect([...new Set(all.map(({ check }) => check))]).toEqual([
      'version',
      'mode',
      'schedules',
      'functions',
      'subscriptions',
      'alarms',
    ]);
  });

  it('tells of another version than this one', () => {
    expect(ill(facts({ ownVersion: '2' }))).toMatchObject([
      { level: 'warning', check: 'version', about: 'runbook-prod', fix: 'npx serverless deploy --stage STAGE' },
    ]);
  });

  it('warns where the mode of the ledger is not that of the deployment: without the ledger it would only plan', () => {
    const stack = fakeStack({}, { version: '1' });
    expect(ill(facts({ stack }))).toMatchObject([
      {
        check: 'mode',
        level: 'warning',
        text: expect.stringContaining('but not where the ledger does not answer'),
        fix: 'npx serverless deploy --stage STAGE --param mode=apply',
      },
    ]);
  });

  it('warns of what only plans, of what is off, and of a ledger that does not say', () => {
    const plan = { scope: 'all', mode: 'plan', reason: 'new', by: 'kim', at: NOW } as const;
    expect(ill(facts({ modes: { ok: true, value: [plan] } }))).toMatchObject([
      { check: 'mode', fix: 'npx runbook mode apply --reason WHY' },
    ]);
    const off = { scope: 'stop-marked', on: true, reason: 'patching', by: 'kim' } as const;
    expect(ill(facts({ switches: { ok: true, value: [{ ...off, at: NOW }] } }))).toMatchObject([
      { check: 'switch', level: 'warning', fix: 'npx runbook switch on stop-marked' },
    ]);
    const one = { ...off, scope: 'run:0b8f6d3e', at: NOW };
    expect(ill(facts({ switches: { ok: true, value: [one] } }))).toEqual([]);
    const lost = { ok: false, why: 'TimeoutError: no answer', error: new Error('no answer') } as const;
    expect(ill(facts({ modes: lost })).map(({ level }) => level)).toEqual(['unread']);
  });

  it('tells of a schedule that does not tick', () => {
    const heartbeats = { ok: true, value: new Map([['stop-marked', '2026-11-22T07:00:00.000Z']]) } as const;
    expect(ill(facts({ heartbeats }))).toMatchObject([{ check: 'schedules', level: 'broken' }]);
    expect(ill(facts({ heartbeats: { ok: true, value: new Map() } }))).toMatchObject([
      { text: 'has not ticked for three hours' },
    ]);
  });

  it('tells of a function that is gone, or stopped by its concurrency, and of an account that has none left', () => {
    const [first = {}] = FUNCTIONS;
    const stopped = { ...first, Concurrency: { ReservedConcurrentExecutions: 0 } };
    expect(ill(facts({}, { Functions: [stopped] }))).toMatchObject([
      { about: 'runbook-prod-reassign-elastic-ip', level: 'broken', text: 'is stopped: its reserved concurrency is 0' },
      { about: 'runbook-prod-stop-marked', level: 'broken', text: 'is not there' },
    ]);
    const shared = FUNCTIONS.map(({ Concurrency: _none, ...row }) => row);
    expect(ill(facts({ unreserved: 10 }, { Functions: shared }))).toMatchObject([
      {
        check: 'functions',
        level: 'warning',
        text: expect.stringContaining('share 10 concurrent executions'),
      },
    ]);
    expect(ill(facts({ unreserved: 10 }))).toEqual([]);
  });

  it('tells of schedules, rules and mappings that are switched off, of this stack alone', () => {
    const ours = { Arn: `${ARN}stop-marked` };
    const Schedules = [{ Name: 'runbook-prod-stop-marked', State: 'DISABLED', Target: ours }];
    const Rules = [
      { Name: 'ours', State: 'DISABLED', Targets: [ours] },
      { Name: 'theirs', State: 'DISABLED', Targets: [{ Arn: `${ARN}other` }] },
    ];
    const EventSourceMappings = [
      {
        UUID: 'u-1',
        State: 'Disabled',
        FunctionArn: `${ARN}stop-marked:durable`,
        EventSourceArn: 'arn:aws:sqs:::requests',
      },
    ];
    expect(ill(facts({}, { Schedules, Rules, EventSourceMappings })).map(({ about }) => about)).toEqual([
      'runbook-prod-stop-marked',
      'ours',
      'requests',
    ]);
  });

  it('names the bus of a rule that is none of the default one, and topics of other partitions', () => {
    const rule = { Name: 'own', State: 'DISABLED', Targets: [{ Arn: `${ARN}stop-marked` }] };
    const Rules = [
      { ...rule, EventBusName: 'default' },
      { ...rule, EventBusName: 'orders' },
    ];
    const gone = subscribed('page', { SubscriptionArn: 'Deleted' });
    const [first, second, ...rest] = ill(
      facts({ region: 'cn-north-1', subscriptions: [gone, ...PEOPLE.slice(1)] }, { Rules }),
    );
    expect([first?.fix, second?.fix]).toEqual([
      `aws events enable-rule --cli-input-json '{"Name":"own"}'`,
      `aws events enable-rule --cli-input-json '{"Name":"own","EventBusName":"orders"}'`,
    ]);
    expect(rest).toMatchObject([
      {
        text: expect.stringContaining('nobody is subscribed'),
        fix: expect.stringContaining(' arn:aws-cn:sns:cn-north-1:'),
      },
    ]);
  });

  it('takes neither the example subscriber nor an unconfirmed mail for somebody who hears', () => {
    const queue = subscribed('page', { Endpoint: 'arn:aws:sqs:eu-west-1:111122223333:runbook-prod-trouble' });
    const waiting = subscribed('page', { SubscriptionArn: 'PendingConfirmation' });
    const [, ...others] = PEOPLE;
    expect(ill(facts({ subscriptions: [queue, waiting, ...others] }))).toMatchObject([
      {
        check: 'subscriptions',
        level: 'broken',
        text: 'nobody is woken when a run fails: 1 subscription waits for the link in the mail to be clicked',
      },
    ]);
  });

  it('tells of alarms whose actions are off', () => {
    const MetricAlarms = ALARMS.map((one, index) => ({ ...one, ActionsEnabled: index > 1 }));
    expect(ill(facts({}, { MetricAlarms }))).toMatchObject([
      {
        check: 'alarms',
        level: 'broken',
        fix: `aws cloudwatch enable-alarm-actions --cli-input-json '{"AlarmNames":["runbook-prod-page","runbook-prod-look"]}'`,
      },
    ]);
  });

  it('tells what roles may not do, by whom; of an organization it is a warning, for IAM simulates that in part', () => {
    const denied = [
      { runbook: 'stop-marked', action: 'ec2:StopInstances', by: 'organization' },
      { runbook: 'stop-marked', action: 'ec2:CreateTags', by: 'organization' },
      { runbook: 'reassign-elastic-ip', action: 'ec2:AssociateAddress', by: 'boundary' },
    ] as const;
    expect(ill(facts({ denied })).map(({ level, runbook, text }) => [level, runbook, text])).toEqual([
      [
        'warning',
        'stop-marked',
        'may not ec2:StopInstances, ec2:CreateTags: a service control policy of the organization, as far as IAM can simulate it',
      ],
      ['broken', 'reassign-elastic-ip', 'may not ec2:AssociateAddress: the permissions boundary of its role'],
    ]);
  });
});
