/** What is particular to a runbook: its `function.yml`, checked. */

import { z } from 'zod';
import { readTemplate } from '../../build/cloudformation.ts';
import { parseSchedule, ScheduleError } from '../../shared/kernel/triggers/schedule-expression.ts';

/** So many periods of the slowest tick without a beat: a deployment or a late tick is no alarm. */
export const MISSED_PERIODS = 2;

const properties = z.record(z.string(), z.unknown());

const ruleSchema = z.strictObject({ description: z.string(), pattern: properties });

const alarmSchema = z.looseObject({
  class: z.enum(['page', 'look']),
  AlarmDescription: z.string(),
  MetricName: z.string(),
});

const resourceSchema = z.union([
  z.string().regex(/^(?:\*|[a-z0-9-]+:[^:].*)$/u, { error: 'must be * or SERVICE:RESOURCE, e.g. ec2:instance/*' }),
  properties,
]);

/** `Effect` is always Allow. */
const statementSchema = z.strictObject({
  Sid: z.string(),
  Action: z.union([z.string(), z.array(z.string()).min(1)]),
  Resource: z.union([z.array(resourceSchema).min(1), resourceSchema]),
  Condition: z.record(z.string(), properties).optional(),
});

/** What a statement is about: `*`, `SERVICE:RESOURCE` of this account and Region, or an ARN that CloudFormation works out. */
export type OwnResource = z.infer<typeof resourceSchema>;

/** A statement of a runbook's own. */
export type OwnStatement = z.infer<typeof statementSchema>;

/** What a heartbeat alarm may look back over at most, in two periods. Source: CloudWatch, PutMetricAlarm, `Period`. */
const WATCHED_MS = 604_800_000 / MISSED_PERIODS;

/** Either `everyMinutes` or `cron`. */
const scheduleSchema = z
  .strictObject({
    description: z.string(),
    everyMinutes: z.int().positive().optional(),
    /** Six fields, in UTC: minutes hours day-of-month month day-of-week year. */
    cron: z.string().optional(),
    /** Nobody is told when this schedule does not run. */
    heartbeat: z.literal(false).optional(),
  })
  .transform(({ description, everyMinutes, cron, heartbeat }, context) => {
    const fail = (message: string, ...path: string[]): typeof z.NEVER => {
      context.issues.push({ code: 'custom', input: cron, message, path });
      return z.NEVER;
    };
    if ((everyMinutes === undefined) === (cron === undefined)) return fail('say either everyMinutes or cron');
    const expression = cron === undefined ? rateOf(everyMinutes ?? 0) : `cron(${cron})`;
    const key = cron === undefined ? 'everyMinutes' : 'cron';
    const gapMs = gapOf(expression);
    if (typeof gapMs === 'string') return fail(gapMs, key);
    if (heartbeat === false) return { description, expression, beatMinutes: undefined };
    if (gapMs > WATCHED_MS) return fail(`no heartbeat alarm can watch ${expression}: ${UNWATCHED}`, key);
    return { description, expression, beatMinutes: Math.ceil(gapMs / 60_000) };
  });

const UNWATCHED = 'it has to tick every three and a half days at least, or to say heartbeat: false beside it';

/** The longest time between two ticks, or what is wrong with the expression. */
function gapOf(expression: string): number | string {
  try {
    return parseSchedule(expression).longestGapMs();
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

/** `rate(1 minute)`, `rate(5 minutes)`: as EventBridge Scheduler spells it, and the definition of the runbook. */
export function rateOf(minutes: number): string {
  return `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`;
}

const partitions = z.array(z.string().regex(/^[a-z][a-z-]*$/u, { error: 'must be a partition such as block' }));

const particularsSchema = z
  .strictObject({
    description: z.string(),
    timeout: z.int().positive(),
    memorySize: z.int().positive(),
    /** How long, in seconds, and how often EventBridge tries to hand an event over; a plain function's queue keeps it as long. */
    delivery: z.strictObject({ maximumEventAge: z.int().positive(), maximumRetryAttempts: z.int().nonnegative() }),
    /** Present: a durable function. */
    durable: z
      .strictObject({ executionTimeout: z.int().positive(), retentionPeriodInDays: z.int().positive() })
      .optional(),
    rules: z.record(z.string(), ruleSchema).default({}),
    schedule: scheduleSchema,
    /** Whether a CloudWatch alarm may call the function itself, as its alarm action. */
    alarmAction: z.boolean().default(false),
    /** `false`: its runs take no lease and remember nothing (`conditionalWrite`), so that its role has no business with either. */
    leases: z.boolean().default(true),
    /** Whether some of its calls are under a shared quota (`paced`), whose buckets stand in the ledger. */
    paced: z.boolean().default(false),
    /** Partitions of the data ledger that it reads, those that it writes, and those that it lists and only adds to. */
    data: z
      .strictObject({ read: partitions, write: partitions, add: partitions.default([]) })
      .default({ read: [], write: [], add: [] }),
    /** Partitions of the data ledger whose changes start it. It must not write to them: it would wake itself. */
    stream: partitions.default([]),
    /**
     * Present: requests may come by a queue as well. `queue`: one of its own, each message by itself (its handler says `fedByQueue`).
     * `gathered`: the stack's, which rules and other services feed, many messages at once (`gathers`).
     */
    requests: z.enum(['queue', 'gathered'], { error: 'may only be queue or gathered' }).optional(),
    statements: z.array(statementSchema).default([]),
    /** Alarms that only this runbook has, by name: what they mean to people, and their properties. */
    alarms: z.record(z.string(), alarmSchema).default({}),
  })
  .refine(({ data, stream }) => !stream.some((partition) => [...data.write, ...data.add].includes(partition)), {
    error: 'writes to a partition that starts it: it would wake itself for ever',
    path: ['stream'],
  })
  .refine(({ durable, requests }) => durable === undefined || requests === undefined, {
    error: 'a durable function takes no queue: an execution of it is one request',
    path: ['requests'],
  });

/** A runbook's `function.yml`. Times are seconds where Lambda's own are. */
export type Particulars = z.infer<typeof particularsSchema>;

/**
 * Checks what a `function.yml` holds.
 * @param path of the file, for the message
 * @throws Error in one line that names the file and the path of each fault
 */
export function parseParticulars(content: unknown, path: string): Particulars {
  const parsed = particularsSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new Error(`${path}: ${faults.join('; ')}`);
}

/** Reads the `function.yml` of a runbook. Throws as `parseParticulars` does. */
export function readParticulars(name: string): Particulars {
  const path = `functions/${name}/function.yml`;
  return parseParticulars(readTemplate(path), path);
}
