/** What is read of the stack, on the simulated AWS. */

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apply, locate, observe, verify, type Request, type Seen } from '../../../functions/check-readiness/aws.ts';
import { STACK_ALARMS } from '../../../shared/judgement/readiness.ts';
import { standardShared } from '../../../deploy/standard/standard.ts';
import { readTemplate } from '../../../build/cloudformation.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { templateSchema } from '../../house/iam/template.ts';
import { inFunction, type Done } from '../in-a-function.ts';

const WORLD: unknown = JSON.parse(readFileSync('drills/readiness-all-well/world.json', 'utf8'));
const ALL: Request = { target: null, isAsked: false };

beforeEach(() => {
  vi.stubEnv('RUNBOOK_STACK', 'runbook');
  vi.stubEnv('OUTCOME_BUS', 'runbook-outcomes');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function looked(matter: string, change: object = {}, points: readonly FaultPoint[] = []): Promise<Done<Seen>> {
  const world = isRecord(WORLD) ? { ...WORLD, ...change } : {};
  return inFunction(world, (io) => observe(`readiness/${matter}`, ALL, io), points);
}

describe('the matters', () => {
  it('are all of them, or the one that is asked for by either name', async () => {
    const targets = async (target: string | null): Promise<readonly string[]> =>
      (await locate({ target, isAsked: true })).map((one) => one.target);
    expect(await targets(null)).toEqual([
      'readiness/subscriptions',
      'readiness/alarms',
      'readiness/functions',
      'readiness/mappings',
      'readiness/schedules',
      'readiness/rules',
      'readiness/queues',
    ]);
    expect(await targets('alarms')).toEqual(['readiness/alarms']);
    expect(await targets('readiness/alarms')).toEqual(['readiness/alarms']);
    expect(await targets('alarm')).toEqual([]);
  });

  it('are no others', async () => {
    expect((await looked('people')).thrown).toMatchObject({
      name: 'TerminalError',
      message: expect.stringContaining('readiness/people is no matter of a stack; there are subscriptions, alarms'),
    });
  });

  it('are read, and nothing is ever sent', async () => {
    expect(apply).toEqual({});
    expect(await verify()).toEqual({ ok: true });
    expect((await looked('alarms')).value).toMatchObject({ prefix: 'runbook', run: 'r', isAsked: false, unread: [] });
  });
});

describe('what every stack has', () => {
  const resources = {
    ...standardShared().Resources,
    ...templateSchema.parse(readTemplate('deploy/outcomes.yml')).Resources,
  };
  const named = (type: string, member: string): readonly string[] =>
    Object.values(resources).flatMap(({ Type, Properties }) =>
      Type === type ? [String(Properties[member]).replace('${param:prefix}-', '')] : [],
    );

  it('has the alarms and the queues that are looked for', async () => {
    const alarms = named('AWS::CloudWatch::Alarm', 'AlarmName');
    expect(STACK_ALARMS.filter((name) => !alarms.includes(name))).toEqual([]);
    // Beside them there are only seconds of their kind.
    expect(
      alarms.map((name) => name.replace(/-\d+$/u, '')).filter((name) => !STACK_ALARMS.some((one) => one === name)),
    ).toEqual([]);
    const { value } = await looked('queues', { ssm: { Parameters: [] } });
    const queues =
      value?.seen.matter === 'queues' ? value.seen.queues.map(({ name }) => name.replace('runbook-', '')) : [];
    expect(queues.filter((name) => !named('AWS::SQS::Queue', 'QueueName').includes(name))).toEqual([]);
    expect(queues).toHaveLength(4);
  });
});

describe('the door plate', () => {
  it.each([
    ['is not there', []],
    [
      'does not name check-readiness',
      [{ Name: '/runbook/stacks/runbook', Value: '{"runbooks":{"heal-bastion":"durable"}}' }],
    ],
    ['does not name check-readiness', [{ Name: '/runbook/stacks/runbook', Value: 'no JSON' }]],
  ])('that %s leaves what follows from it unread', async (why, Parameters) => {
    for (const matter of ['functions', 'schedules', 'queues'])
      expect((await looked(matter, { ssm: { Parameters } })).value?.unread).toEqual([
        {
          place: 'door plate runbook',
          why: `TerminalError: /runbook/stacks/runbook ${why}: deploy the stack again`,
        },
      ]);
  });
});

describe('what is not there', () => {
  it('is seen as such, and holds up nothing else', async () => {
    const gone = { sns: {}, lambda: {}, scheduler: {}, sqs: {}, eventbridge: {} };
    expect((await looked('subscriptions', gone)).value?.seen).toMatchObject({
      topics: [{ name: 'runbook-page', subscribers: null }, {}, {}, {}, {}],
    });
    expect((await looked('functions', gone)).value?.seen).toMatchObject({
      functions: [{ isThere: false }, { isThere: false }],
    });
    expect((await looked('schedules', gone)).value?.seen).toMatchObject({
      schedules: [{ state: null }, { state: null }],
    });
    expect((await looked('mappings', gone)).value?.seen).toMatchObject({ mappings: [] });
    expect((await looked('rules', gone)).value?.seen).toEqual({
      matter: 'rules',
      rules: [],
      outcomes: 'runbook-outcomes',
    });
    const { value } = await looked('queues', gone);
    expect(value?.seen.matter === 'queues' ? value.seen.queues.map(({ isThere }) => isThere) : []).toEqual(
      Array(5).fill(false),
    );
  });
});

describe('lists', () => {
  it('are followed to their end', async () => {
    const own = Array.from({ length: 101 }, (_none, index) => `runbook-r${index}`);
    const MetricAlarms = own.map((AlarmName) => ({ AlarmName, Namespace: 'N', MetricName: 'M' }));
    const Rules = own.map((Name) => ({ Name, State: 'ENABLED' }));
    const EventSourceMappings = own.map((name, index) => ({
      UUID: `u-${index}`,
      EventSourceArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/runbook-data/stream/2026-11-01T00:00:00.000',
      FunctionArn: `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
    }));
    const change = { cloudwatch: { MetricAlarms }, eventbridge: { Rules }, lambda: { EventSourceMappings } };
    const [alarms, rules, mappings] = [
      await looked('alarms', change),
      await looked('rules', change),
      await looked('mappings', change),
    ];
    expect(alarms.value?.seen).toMatchObject({ alarms: { length: 101 } });
    expect(rules.value?.seen).toMatchObject({ rules: { length: 101 } });
    expect(mappings.value?.seen).toMatchObject({ mappings: { length: 101, 0: { source: 'runbook-data' } } });
  });
});

describe('a bus of outcomes', () => {
  it('is not asked for where the function is told of none', async () => {
    vi.stubEnv('OUTCOME_BUS', '');
    expect((await looked('rules')).value?.seen).toMatchObject({
      outcomes: '',
      rules: [{ name: 'runbook-heal-bastion-alarm' }],
    });
  });
});
