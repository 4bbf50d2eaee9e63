/** Rules, buses and schedules that have a queue for their dead letters, and rules whose target the queue is. */

import {
  DescribeEventBusCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  type EventBus,
  type Rule,
  type Target,
} from '@aws-sdk/client-eventbridge';
import {
  GetScheduleCommand,
  paginateListSchedules,
  SchedulerClient,
  type ScheduleSummary,
} from '@aws-sdk/client-scheduler';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { targetOf, type Origin, type Way } from '../decide.ts';
import { atMost, ofEach, pagesOf, unlessGone, type Bounded } from './reading.ts';

/** Each is asked for by itself: a listing says of none where its dead letters go. */
const [MOST_BUSES, MOST_RULES, MOST_SCHEDULES] = [100, 500, 500];

/** What a rule has to do with a queue, or a bus. */
type Found = { readonly origin: Origin } | { readonly bus: string; readonly rule: string };

/** A rule with the ARN of its bus. */
interface Placed {
  readonly rule: Rule;
  readonly bus: string;
}

async function eventBuses(io: Io): Promise<Bounded<EventBus>> {
  const pages = pagesOf((NextToken) =>
    client(EventBridgeClient).send(new ListEventBusesCommand({ NextToken }), { abortSignal: io.signal }),
  );
  return atMost(MOST_BUSES, 'event buses', pages, ({ EventBuses }) => EventBuses);
}

/** A bus that is deleted meanwhile has no rules. */
async function rulesOn({ Name: EventBusName, Arn: bus }: EventBus, io: Io): Promise<Bounded<Placed>> {
  if (bus === undefined) return { items: [], unread: [] };
  const pages = pagesOf(async (NextToken) => {
    const command = new ListRulesCommand({ EventBusName, NextToken });
    const page = await unlessGone(() => client(EventBridgeClient).send(command, { abortSignal: io.signal }), io);
    return page ?? { Rules: [], NextToken: undefined };
  });
  const { items, unread } = await atMost(MOST_RULES, `rules on ${bus}`, pages, ({ Rules }) => Rules);
  return { items: items.map((rule) => ({ rule, bus })), unread };
}

/** Its DLQ is named by `DeadLetterConfig` of DescribeEventBus alone. */
async function ofBus({ Name }: EventBus, queue: string, io: Io): Promise<readonly Found[]> {
  const command = new DescribeEventBusCommand({ Name });
  const answer = await unlessGone(() => client(EventBridgeClient).send(command, { abortSignal: io.signal }), io);
  const { Arn: bus, DeadLetterConfig } = answer ?? {};
  return bus === undefined || DeadLetterConfig?.Arn !== queue ? [] : [{ origin: { kind: 'event-bus', bus } }];
}

function foundIn(target: Target, { rule, bus }: Placed, queue: string): readonly Found[] {
  const { Arn: to, DeadLetterConfig, Input, InputPath, InputTransformer } = target;
  const { Arn: arn } = rule;
  if (to === undefined || arn === undefined) return [];
  const isTransformed = [Input, InputPath, InputTransformer].some((one) => one !== undefined);
  const origin: Origin = { kind: 'rule-target', rule: arn, to: targetOf(to), isTransformed };
  return [...(DeadLetterConfig?.Arn === queue ? [{ origin }] : []), ...(to === queue ? [{ bus, rule: arn }] : [])];
}

async function ofRule(placed: Placed, queue: string, io: Io): Promise<readonly Found[]> {
  const { Name: Rule, EventBusName } = placed.rule;
  const pages = pagesOf(async (NextToken) => {
    const command = new ListTargetsByRuleCommand({ Rule, EventBusName, NextToken });
    const page = await unlessGone(() => client(EventBridgeClient).send(command, { abortSignal: io.signal }), io);
    return page ?? { Targets: [], NextToken: undefined };
  });
  const found: Found[] = [];
  for await (const { Targets = [] } of pages) found.push(...Targets.flatMap((one) => foundIn(one, placed, queue)));
  return found;
}

/** What EventBridge has to do with a queue. */
interface Ruled {
  readonly origins: readonly Origin[];
  /** Buses of which a rule has the queue for its target, by their ARNs. */
  readonly ways: ReadonlyMap<string, Way>;
  readonly unread: readonly string[];
}

/** The rules and buses that put something into a queue. Throws what AWS throws. */
export async function rulesAt(queue: string, io: Io): Promise<Ruled> {
  const buses = await eventBuses(io);
  const lists = await ofEach(buses.items, async (bus) => [await rulesOn(bus, io)]);
  const rules = lists.flatMap(({ items }) => items);
  const tooMany =
    rules.length > MOST_RULES ? [`there are more than ${MOST_RULES} rules: the others were not read`] : [];
  const found = [
    ...(await ofEach(buses.items, (bus) => ofBus(bus, queue, io))),
    ...(await ofEach(rules.slice(0, MOST_RULES), (rule) => ofRule(rule, queue, io))),
  ];
  const ways = found.flatMap((one): (readonly [string, Way])[] =>
    'bus' in one ? [[one.bus, { by: 'rule', rule: one.rule }]] : [],
  );
  return {
    origins: found.flatMap((one) => ('origin' in one ? [one.origin] : [])),
    ways: new Map(ways),
    unread: [...buses.unread, ...lists.flatMap(({ unread }) => unread), ...tooMany],
  };
}

async function ofSchedule({ Name, GroupName }: ScheduleSummary, queue: string, io: Io): Promise<readonly Origin[]> {
  const command = new GetScheduleCommand({ Name, GroupName });
  const answer = await unlessGone(() => client(SchedulerClient).send(command, { abortSignal: io.signal }), io);
  const { Arn: schedule, Target: target } = answer ?? {};
  if (schedule === undefined || target?.Arn === undefined || target.DeadLetterConfig?.Arn !== queue) return [];
  return [{ kind: 'schedule', schedule, to: targetOf(target.Arn) }];
}

/** The schedules that have a queue for their dead letters. Throws what AWS throws. */
export async function schedulesAt(queue: string, io: Io): Promise<Bounded<Origin>> {
  const { items, unread } = await atMost(
    MOST_SCHEDULES,
    'schedules',
    paginateListSchedules({ client: client(SchedulerClient), pageSize: 100 }, {}, { abortSignal: io.signal }),
    ({ Schedules }) => Schedules,
  );
  return { items: await ofEach(items, (one) => ofSchedule(one, queue, io)), unread };
}
