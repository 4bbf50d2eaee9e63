/** Whether what a stack was deployed with still works: functions, what starts them, who hears of them. Pure. */

import {
  hearersAmong,
  isMappingOff,
  isStopped,
  isTriggerOff,
  lackingAlarms,
  silenceOf,
  TOPICS,
} from '../../../shared/judgement/readiness.ts';
import type { Row } from '../../snapshot/asking.ts';
import { arnStart, rowsOf, textOf } from '../../snapshot/reading/place.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { counted, finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';
import type { Denied, StackFacts } from '../stack-facts.ts';

const functions = finder('functions', null);
const triggers = finder('triggers', null);
const people = finder('subscriptions', null);
const alarms = finder('alarms', null);
const rights = finder('permissions', null);

/**
 * Lambda keeps so many for functions without any of their own, and lets nobody reserve them. Source: Lambda, "Configuring reserved
 * concurrency": 100 unreserved.
 */
const LEAST_UNRESERVED = 100;

function named(rows: readonly Row[], name: string): Row | undefined {
  return rows.find((one) => one['FunctionName'] === name);
}

function reservedOf(row: Row): number | undefined {
  const { Concurrency: concurrency } = row;
  const given = isRecord(concurrency) ? concurrency['ReservedConcurrentExecutions'] : undefined;
  return typeof given === 'number' ? given : undefined;
}

function ofFunctions({ stack, records, unreserved }: StackFacts, lines: Lines): readonly Finding[] {
  const rows = records('lambda', 'Functions');
  if (rows === undefined) return [];
  const found = stack.runbooks.flatMap(({ functionName: about, host }): Finding[] => {
    const row = named(rows, about);
    if (row === undefined)
      return [functions({ level: 'broken', about, text: 'is not there', fix: 'npx serverless deploy --stage STAGE' })];
    if (isStopped(reservedOf(row)))
      return [
        functions({
          level: 'broken',
          about,
          text: 'is stopped: its reserved concurrency is 0',
          fix: lines.aws('lambda:DeleteFunctionConcurrency', { FunctionName: about }),
        }),
      ];
    const hasAlias = rowsOf(row['Aliases']).some(({ Name }) => Name === 'durable');
    return host === 'durable' && row['Aliases'] !== undefined && !hasAlias
      ? [
          functions({
            level: 'broken',
            about,
            text: 'has no alias durable, by which it is started',
            fix: 'npx serverless deploy --stage STAGE',
          }),
        ]
      : [];
  });
  const without = stack.runbooks.filter(({ functionName }) => {
    const row = named(rows, functionName);
    return row !== undefined && reservedOf(row) === undefined;
  });
  if (without.length > 0 && unreserved !== undefined && unreserved < LEAST_UNRESERVED)
    found.push(
      functions({
        level: 'warning',
        about: stack.prefix,
        text: `${counted(without.length, 'function')} of it share ${unreserved} concurrent executions with all others of the account: in an incident they may not start`,
        fix: lines.aws('service-quotas:RequestServiceQuotaIncrease', {
          ServiceCode: 'lambda',
          QuotaCode: 'L-B99A9384',
          DesiredValue: 1_000,
        }),
      }),
    );
  const well = functions({
    level: 'ok',
    about: stack.prefix,
    text: `${counted(stack.runbooks.length, 'function')} are there`,
  });
  return found.length === 0 ? [well] : found;
}

/** Whatever starts one of these functions: its ARN, or that of its alias, stands in it. */
function starts(row: Row, arns: readonly string[]): boolean {
  const written = JSON.stringify(row);
  return arns.some((arn) => written.includes(`"${arn}"`) || written.includes(`"${arn}:`));
}

/** A rule of another bus than the account's own is found by its bus, too. */
function busOf({ EventBusName: bus }: Row): { readonly EventBusName?: string } {
  return textOf(bus) === '' || bus === 'default' ? {} : { EventBusName: textOf(bus) };
}

function ofTriggers({ stack, records }: StackFacts, lines: Lines): readonly Finding[] {
  const rows = records('lambda', 'Functions') ?? [];
  const arns = stack.runbooks.flatMap(({ functionName }) => textOf(named(rows, functionName)?.['FunctionArn']) || []);
  const off = (service: string, collection: string, isOff: (row: Row) => boolean): readonly Row[] =>
    (records(service, collection) ?? []).filter((row) => starts(row, arns) && isOff(row));
  const schedules = off('scheduler', 'Schedules', ({ State: state }) => isTriggerOff(textOf(state)));
  const rules = off('eventbridge', 'Rules', ({ State: state }) => isTriggerOff(textOf(state)));
  const mappings = off('lambda', 'EventSourceMappings', ({ State: state }) => isMappingOff(textOf(state)));
  return [
    ...schedules.map((one) =>
      triggers({
        level: 'broken',
        about: textOf(one['Name']),
        text: 'is disabled: its runbook no longer ticks',
        fix: 'npx serverless deploy --stage STAGE --force',
      }),
    ),
    ...rules.map((one) =>
      triggers({
        level: 'broken',
        about: textOf(one['Name']),
        text: 'is disabled: its events start nothing',
        fix: lines.aws('events:EnableRule', { Name: textOf(one['Name']), ...busOf(one) }),
      }),
    ),
    ...mappings.map((one) =>
      triggers({
        level: 'broken',
        about: textOf(one['EventSourceArn']).split(':').at(-1) ?? null,
        text: 'is not taken from: its event source mapping is disabled',
        fix: lines.aws('lambda:UpdateEventSourceMapping', { UUID: textOf(one['UUID']), Enabled: true }),
      }),
    ),
  ];
}

/** How bad it is that nobody hears of a topic. */
const LEVELS = { page: 'broken', look: 'warning', messages: 'warning' } as const;

function ofPeople({ stack, subscriptions, region }: StackFacts): readonly Finding[] {
  if (subscriptions === undefined) return [];
  return TOPICS.map(({ topics, unheard }) => {
    const [topic] = topics;
    const about = `${stack.prefix}-${topic}`;
    const ends = topics.map((one) => `:${stack.prefix}-${one}`);
    const own = subscriptions.filter((one) => ends.some((end) => textOf(one['TopicArn']).endsWith(end)));
    const hearers = hearersAmong(
      own.map((one) => ({ subscription: textOf(one['SubscriptionArn']), endpoint: textOf(one['Endpoint']) })),
      stack.prefix,
    );
    if (hearers.confirmed > 0) return people({ level: 'ok', about, text: counted(hearers.confirmed, 'subscriber') });
    return people({
      level: LEVELS[topic],
      about,
      text: `${unheard}: ${silenceOf(hearers)}`,
      fix: `aws sns subscribe --topic-arn ${arnStart(region)}:sns:${region}:ACCOUNT:${about} --protocol email --notification-endpoint MAIL`,
    });
  });
}

function ofAlarms({ stack, records }: StackFacts, lines: Lines): readonly Finding[] {
  const rows = records('cloudwatch', 'MetricAlarms');
  if (rows === undefined) return [];
  const own = rows.filter((one) => textOf(one['AlarmName']).startsWith(`${stack.prefix}-`));
  const lacking = lackingAlarms(
    own.map((one) => textOf(one['AlarmName'])),
    stack.prefix,
  );
  const muted = own.filter((one) => one['ActionsEnabled'] === false).map((one) => textOf(one['AlarmName']));
  const found = lacking.map((about) =>
    alarms({
      level: 'broken',
      about,
      text: 'is not there',
      fix: 'npx serverless deploy --stage STAGE',
    }),
  );
  if (muted.length > 0)
    found.push(
      alarms({
        level: 'broken',
        about: muted.join(', '),
        text: 'actions are switched off: nobody hears',
        fix: lines.aws('cloudwatch:EnableAlarmActions', { AlarmNames: muted }),
      }),
    );
  const well = alarms({
    level: 'ok',
    about: stack.prefix,
    text: `${counted(own.length, 'alarm')} with their actions on`,
  });
  return found.length === 0 ? [well] : found;
}

const WORDS: { readonly [by in Denied['by']]: string } = {
  organization: 'a service control policy of the organization, as far as IAM can simulate it',
  boundary: 'the permissions boundary of its role',
  deny: 'a policy that denies',
};

function ofRights({ stack, denied }: StackFacts): readonly Finding[] {
  const groups = Map.groupBy(denied, ({ runbook, by }) => `${runbook} ${by}`);
  return [...groups.values()].flatMap((own): Finding[] => {
    const [{ runbook, by } = { runbook: '', by: 'deny' as const }] = own;
    const actions = own.map(({ action }) => action).join(', ');
    return [
      {
        ...rights({
          level: by === 'organization' ? 'warning' : 'broken',
          about: `${stack.prefix}-${runbook}`,
          text: `may not ${actions}: ${WORDS[by]}`,
          fix: `aws iam simulate-principal-policy --policy-source-arn ROLE --action-names ${own.map(({ action }) => action).join(' ')}`,
        }),
        runbook,
      },
    ];
  });
}

/** What was deployed. */
export function deployedOf(facts: StackFacts, lines: Lines): readonly Finding[] {
  return [
    ...ofFunctions(facts, lines),
    ...ofTriggers(facts, lines),
    ...ofPeople(facts),
    ...ofAlarms(facts, lines),
    ...ofRights(facts),
  ];
}
