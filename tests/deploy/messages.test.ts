/** What people read of a run: the templates of deploy/messages.yml, filled in as EventBridge does, with what the kernel publishes. */

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../build/cloudformation.ts';
import { publishOutcome } from '../../shared/kernel/report/outcome.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { runOf } from '../shared/kernel/run/parts.ts';

const targetSchema = z.looseObject({
  Id: z.string(),
  RetryPolicy: z.unknown().optional(),
  DeadLetterConfig: z.unknown().optional(),
  InputTransformer: z.object({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() }),
});
const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.looseObject({ EventPattern: z.unknown().optional(), Targets: z.array(targetSchema).optional() }),
    }),
  ),
});
const customNotification = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  content: z.strictObject({
    textType: z.literal('client-markdown'),
    title: z.string(),
    description: z.string(),
    nextSteps: z.array(z.string()),
  }),
  metadata: z.strictObject({
    threadId: z.string(),
    summary: z.string(),
    relatedResources: z.array(z.string()),
    additionalContext: z.record(z.string(), z.string()),
  }),
});

const { Resources } = templateSchema.parse(readTemplate('deploy/messages.yml'));

let bus = mockClient(EventBridgeClient);
beforeEach(() => {
  bus = mockClient(EventBridgeClient);
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
});
afterEach(() => bus.restore());

const RESULT: RunResult = {
  runbook: 'reassign-elastic-ip',
  run: '0b8f6d52-93a1-4c77-8f1e-2a6b0c9d4e35',
  target: 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-04c8e2a6f1b3d9570',
  outcome: 'refused',
  reason: 'no-good-candidate: i-0c84d2a75b3e6f917 is stopped; no candidate is good',
  evidence: {},
  plan: [],
  phases: [],
};

/** The event as EventBridge hands it to a rule. */
async function eventOf(result: RunResult): Promise<unknown> {
  await publishOutcome({ ...runOf().config, outcomeBus: 'runbook-prod', controlTable: 't' }, result);
  const [entry] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
  return {
    account: '111122223333',
    region: 'eu-west-1',
    time: '2026-12-01T03:00:00Z',
    resources: entry?.Resources,
    detail: JSON.parse(entry?.Detail ?? 'null'),
  };
}

function valueAt(event: unknown, path: string): unknown {
  let value: unknown = event;
  for (const name of path.split('.').slice(1)) value = z.record(z.string(), z.unknown()).parse(value)[name];
  return value;
}

/** EventBridge, "Input transformation": quotes are put around a text that stands alone, and nothing in it is escaped. */
async function message(rule: string, id: string, change: Partial<RunResult> = {}): Promise<string> {
  const target = Resources[rule]?.Properties.Targets?.find(({ Id }) => Id === id);
  const { InputPathsMap = {}, InputTemplate = '' } = target?.InputTransformer ?? {};
  const event = await eventOf({ ...RESULT, ...change });
  const text = (name: string): string => {
    const value = valueAt(event, InputPathsMap[name] ?? '');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const alone = (name: string): string => (text(name).startsWith('[') ? text(name) : `"${text(name)}"`);
  return InputTemplate.replaceAll('${param:prefix}', 'runbook-prod').replaceAll(
    /"(?:\\.|[^"\\])*"|<(?<whole>\w+)>/gu,
    (token, whole: string | undefined) =>
      whole === undefined ? token.replaceAll(/<(?<name>\w+)>/gu, (_, name: string) => text(name)) : alone(whole),
  );
}

const RULES = ['TroubleMessageRule', 'ApprovalMessageRule', 'PlanMessageRule'];
const HOSTILE = 'odd: "}, <!channel> \\" \n\u202e\ud83d $(reboot) `x`';

describe('a message', () => {
  it('is a few lines, each of which can be read or pasted', async () => {
    expect((await message('TroubleMessageRule', 'mail')).split('\n')).toEqual([
      '"reassign-elastic-ip refused: elastic-ip/eipalloc-04c8e2a6f1b3d9570"',
      '"no-good-candidate: i-0c84d2a75b3e6f917 is stopped; no candidate is good"',
      '"account 111122223333, eu-west-1, 2026-12-01T03:00:00Z"',
      '"Why, what was done, and what to do now, in a clone of the runbooks:"',
      `"AWS_REGION=eu-west-1 npx runbook show ${RESULT.run} --stack runbook-prod --account 111122223333"`,
      '"To take back what it did, where it did anything:"',
      `"AWS_REGION=eu-west-1 npx runbook undo ${RESULT.run} --stack runbook-prod --account 111122223333"`,
    ]);
  });

  it('asks for a word where a plan waits for one', async () => {
    const lines = (await message('ApprovalMessageRule', 'mail', { outcome: 'awaiting-approval' })).split('\n');
    expect(lines[0]).toBe('"reassign-elastic-ip awaiting-approval: elastic-ip/eipalloc-04c8e2a6f1b3d9570"');
    expect(lines.at(-1)).toContain(` npx runbook approve ${RESULT.run} --stack runbook-prod `);
  });

  it.each(RULES)('reads the same in a chat: %s', async (rule) => {
    const chat = customNotification.parse(JSON.parse(await message(rule, 'chat')));
    const mail = await message(rule, 'mail');
    expect(mail).toContain(chat.content.title);
    expect(mail).toContain(chat.content.description);
    for (const step of chat.content.nextSteps) {
      const line = /`(?<line>AWS_REGION=[^`]+)`$/u.exec(step)?.groups?.['line'];
      expect(mail).toContain(`"${line}"`);
    }
    expect(chat.metadata).toMatchObject({ threadId: RESULT.run, relatedResources: [RESULT.target] });
  });

  it.each(RULES)('is whole whatever stands in the reason and the target: %s', async (rule) => {
    const chat = await message(rule, 'chat', { reason: HOSTILE, target: HOSTILE });
    const { content } = customNotification.parse(JSON.parse(chat));
    for (const text of [content.title, content.description])
      expect(text).not.toMatch(/["\\<>\n\u202e]|[\ud800-\udfff]/u);
    const mail = await message(rule, 'mail', { reason: 'x '.repeat(9_000) });
    expect(mail.length).toBeLessThan(1_800);
  });

  it('of a run as a whole says so', async () => {
    const { target: _none, ...whole } = RESULT;
    await publishOutcome({ ...runOf().config, outcomeBus: 'b', controlTable: 't' }, whole);
    const Detail = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0]?.Detail ?? '';
    expect(JSON.parse(Detail)).toMatchObject({ message: { title: 'reassign-elastic-ip refused: as a whole' } });
  });
});

describe('the rules of messages', () => {
  it('take what needs a person, each once, and keep what cannot be delivered', () => {
    expect(RULES.map((rule) => Resources[rule]?.Properties.EventPattern)).toEqual([
      { source: ['runbook'], detail: { outcome: ['failed', 'refused'] } },
      { source: ['runbook'], detail: { outcome: ['awaiting-approval'] } },
      { source: ['runbook'], detail: { outcome: ['planned'], mode: { mode: ['plan'] } } },
    ]);
    for (const target of RULES.flatMap((rule) => Resources[rule]?.Properties.Targets ?? [])) {
      expect(target.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': ['OutcomeUndelivered', 'Arn'] } });
      expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 });
    }
  });

  it('stay within what a template may have, 8,192 characters', () => {
    const templates = RULES.flatMap((rule) => Resources[rule]?.Properties.Targets ?? []);
    for (const { InputTransformer } of templates) expect(InputTransformer.InputTemplate.length).toBeLessThan(8_192);
  });
});
