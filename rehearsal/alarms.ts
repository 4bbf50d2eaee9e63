/**
 * Which alarms of the stack a run would have raised: the alarms as deploy/standard defines them, over the metrics that the run
 * wrote and the dead letters that it left.
 */

import { z } from 'zod';
import { pascal, PREFIX, type Resource } from '../deploy/standard/cloudformation.ts';
import { readParticulars } from '../deploy/standard/particulars.ts';
import { keeping, runbookNames, shared, standardOf, ticking } from '../deploy/standard/standard.ts';
import { isRecord } from '../simulator/engine/json.ts';
import type { DeadLetter, SimulationResult } from '../simulator/engine/run-types.ts';

/** The stack whose alarms they are; a drill's environment names it. */
export const REHEARSED_STACK = 'runbook';

const dimensionSchema = z.object({ Name: z.string(), Value: z.unknown() });
const metricSchema = z.object({ MetricName: z.string(), Dimensions: z.array(dimensionSchema) });

const alarmSchema = z.looseObject({
  AlarmName: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(dimensionSchema).default([]),
  Statistic: z.enum(['Sum', 'Minimum', 'Maximum']).default('Sum'),
  Period: z.number().default(60),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  ComparisonOperator: z.enum(['GreaterThanThreshold', 'LessThanThreshold']),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Metrics: z
    .array(
      z.looseObject({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: metricSchema, Period: z.number(), Stat: z.literal('Sum') }).optional(),
      }),
    )
    .optional(),
});

type Alarm = z.infer<typeof alarmSchema>;

/** Values of a metric with the milliseconds at which they were published. */
type Series = readonly { readonly atMs: number; readonly value: number }[];

/** What there is to watch: series by metric and dimensions, and when it begins and ends. */
interface Watched {
  readonly series: ReadonlyMap<string, Series>;
  readonly fromMs: number;
  readonly toMs: number;
}

function keyOf(metric: string, dimensions: readonly (readonly [string, unknown])[]): string {
  const named = dimensions.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [metric, ...named].join(' ').replaceAll(PREFIX, REHEARSED_STACK);
}

const lineSchema = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** The metrics in a line, each with its key and value. */
function valuesIn(line: string): { readonly key: string; readonly atMs: number; readonly value: number }[] {
  if (!line.includes('"_aws"')) return [];
  const { _aws: embedded, ...said } = lineSchema.parse(JSON.parse(line));
  return embedded.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = names.map((name): [string, unknown] => [name, said[name]]);
      return Metrics.map(({ Name }) => ({
        key: keyOf(Name, dimensions),
        atMs: embedded.Timestamp,
        value: Number(said[Name]),
      }));
    }),
  );
}

/** A queue of dead letters is full from the first message on; nobody empties it in a drill. */
function queueOf({ runbook, queue: source }: Pick<DeadLetter, 'runbook' | 'queue'>): string {
  const isDurable = runbookNames().includes(runbook) && readParticulars(runbook).durable !== undefined;
  const ofRuns = isDurable ? idOfQueue(runbook) : 'FailedRuns';
  const queue = source === 'requests' ? `${pascal(runbook)}RequestsFailed` : ofRuns;
  return keyOf('ApproximateNumberOfMessagesVisible', [['QueueName', { 'Fn::GetAtt': [queue, 'QueueName'] }]]);
}

function idOfQueue(runbook: string): string {
  const [id = ''] = Object.entries(standardOf(runbook).resources.Resources).flatMap(([name, { Type }]) =>
    Type === 'AWS::SQS::Queue' ? [name] : [],
  );
  return id;
}

function watchedIn(end: Pick<SimulationResult, 'lines' | 'deadLetters' | 'world'>, fromMs: number): Watched {
  const series = new Map<string, { atMs: number; value: number }[]>();
  const add = (key: string, atMs: number, value: number): void => {
    const known = series.get(key) ?? [];
    known.push({ atMs, value });
    series.set(key, known);
  };
  for (const { key, atMs, value } of end.lines.flatMap(valuesIn)) add(key, atMs, value);
  for (const letter of end.deadLetters) add(queueOf(letter), Date.parse(letter.at), 1);
  return { series, fromMs, toMs: end.world.clock.now() };
}

const STATISTICS = {
  Sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  Minimum: (values: readonly number[]) => Math.min(...values),
  Maximum: (values: readonly number[]) => Math.max(...values),
} as const;

/** The values of whole periods, in order; `undefined`: none was published in it. */
function periods({ fromMs, toMs }: Watched, periodSeconds: number, series: Series, statistic: Alarm['Statistic']) {
  const lengthMs = periodSeconds * 1_000;
  const count = Math.floor((toMs - fromMs) / lengthMs);
  return Array.from({ length: count }, (_, index) => {
    const beginMs = fromMs + index * lengthMs;
    const inside = series.filter(({ atMs }) => atMs >= beginMs && atMs < beginMs + lengthMs);
    return inside.length === 0 ? undefined : STATISTICS[statistic](inside.map(({ value }) => value));
  });
}

/** The heartbeat's form of expression: `IF(FILL(m1, 0) < 1, 2, 0)`, summed. What the other, on lost dead letters, watches is lost in no rehearsal. */
const BIT = /IF\(FILL\((?<id>m\d+), 0\) < 1, (?<bit>\d+), 0\)/gu;

function valuesOf(alarm: Alarm, watched: Watched): (number | undefined)[] {
  const seriesOf = (metric: string, dimensions: Alarm['Dimensions']): Series =>
    watched.series.get(
      keyOf(
        metric,
        dimensions.map(({ Name, Value }): [string, unknown] => [Name, Value]),
      ),
    ) ?? [];
  if (alarm.Metrics === undefined) {
    // The last period is cut off by the end of the drill, and what was counted in it is heard all the same.
    const whole = { ...watched, toMs: watched.toMs + alarm.Period * 1_000 };
    return periods(whole, alarm.Period, seriesOf(alarm.MetricName ?? '', alarm.Dimensions), alarm.Statistic);
  }
  const expression = alarm.Metrics.find(({ Expression }) => Expression !== undefined)?.Expression ?? '';
  const bits = [...expression.matchAll(BIT)].map(({ groups }) => ({
    id: groups?.['id'],
    bit: Number(groups?.['bit']),
  }));
  const beats = new Map(
    alarm.Metrics.flatMap(({ Id, MetricStat }) =>
      MetricStat === undefined
        ? []
        : [
            [
              Id,
              periods(
                watched,
                MetricStat.Period,
                seriesOf(MetricStat.Metric.MetricName, MetricStat.Metric.Dimensions),
                'Sum',
              ),
            ],
          ],
    ),
  );
  const [first = []] = beats.values();
  return first.map((_none, period) =>
    bits.reduce((sum, { id, bit }) => sum + ((beats.get(id ?? '')?.[period] ?? 0) < 1 ? bit : 0), 0),
  );
}

function isRaised(alarm: Alarm, watched: Watched): boolean {
  const breaches = valuesOf(alarm, watched).map((value) => {
    if (value === undefined) return alarm.TreatMissingData === 'breaching';
    return alarm.ComparisonOperator === 'GreaterThanThreshold' ? value > alarm.Threshold : value < alarm.Threshold;
  });
  return breaches.some((_one, index) => {
    const window = breaches.slice(index, index + alarm.EvaluationPeriods);
    return window.length === alarm.EvaluationPeriods && window.every(Boolean);
  });
}

function alarmsIn(resources: Readonly<Record<string, Resource>>): Alarm[] {
  return Object.values(resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::CloudWatch::Alarm' ? [alarmSchema.parse(Properties)] : [],
  );
}

const made = new Map<string, readonly Alarm[]>();

/** The alarms of a stack of these runbooks; made once for all drills of the same ones. */
function alarmsOf(runbooks: readonly string[]): readonly Alarm[] {
  const known = made.get(runbooks.join()) ?? makeAlarms(runbooks);
  made.set(runbooks.join(), known);
  return known;
}

function makeAlarms(runbooks: readonly string[]): readonly Alarm[] {
  const known = runbooks.filter((name) => runbookNames().includes(name));
  return [shared(ticking(known), keeping(known)), ...known.map((name) => standardOf(name).resources)].flatMap(
    ({ Resources }) => alarmsIn(Resources),
  );
}

/**
 * Names of the alarms that a run would have raised, after the stack's prefix, e.g. `page`, `reassign-elastic-ip-standby`.
 * @param runbooks that are deployed
 * @param fromMs when the run began
 */
export function alarmsRaised(
  end: Pick<SimulationResult, 'lines' | 'deadLetters' | 'world'>,
  runbooks: readonly string[],
  fromMs: number,
): string[] {
  const watched = watchedIn(end, fromMs);
  return alarmsOf(runbooks)
    .filter((alarm) => isRaised(alarm, watched))
    .map(({ AlarmName }) => AlarmName.slice(PREFIX.length + 1))
    .toSorted();
}

/** True when a line is a metric of this name: cheaper than all alarms, for each of thousands of runs. */
export function isCounted({ lines }: Pick<SimulationResult, 'lines'>, metric: string): boolean {
  return lines.some((line) => {
    if (!line.includes(`"${metric}":`)) return false;
    const said: unknown = JSON.parse(line);
    return isRecord(said) && isRecord(said['_aws']) && Number(said[metric]) > 0;
  });
}
