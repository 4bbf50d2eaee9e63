/** Requests that a rule, or the default action, met with: a world says them beside the web ACL (`SampledRequests`). */

import { SampledHTTPRequest$ } from '@aws-sdk/client-wafv2';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { outputOf } from '../ec2/shape.ts';
import { isShape, list, part, show, text } from '../ec2/state.ts';
import { demandArn, demandMember, demandScope, invalid, nonexistent } from './state.ts';

const CALL = 'wafv2:GetSampledRequests';
const REFERENCE = 'https://docs.aws.amazon.com/waf/latest/APIReference/API_GetSampledRequests.html';

/** How far back a sample reaches. Source: REFERENCE (TimeWindow). */
const KEPT_MS = 3 * 3_600_000;
/** Source: REFERENCE (MaxItems). */
const MOST_ITEMS = 500;
/** A sample is taken from so many requests, the first ones. Source: REFERENCE. */
const POPULATION = 5_000;

const shown = outputOf(SampledHTTPRequest$);

/** It is among the errors of the call, without saying when. */
const REFUSES_UNKNOWN =
  'wafv2: GetSampledRequests of a metric that the web ACL does not have is WAFNonexistentItemException';

/** Names that are WAF's own. Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html (MetricName). */
const RESERVED: ReadonlySet<string> = new Set(['all', 'default_action']);

/**
 * What a metric's name stands for in a web ACL, as far as it says whether requests are sampled: a rule, or the web ACL, whose name is
 * that of its default action.
 * Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html (for web ACLs, the metrics are for requests
 * that have the default action applied).
 */
function visibilityOf(world: World, acl: Shape, metric: string): Shape {
  const own = part(acl, 'VisibilityConfig');
  if (own['MetricName'] === metric) return own;
  const rule = list(acl, 'Rules').find(
    ({ Name: name, VisibilityConfig: config }) => (isShape(config) ? config['MetricName'] : name) === metric,
  );
  if (rule !== undefined) return part(rule, 'VisibilityConfig');
  if (RESERVED.has(metric.toLowerCase())) throw new NotSimulatedError(`${CALL} of ${metric}`);
  world.assume(REFUSES_UNKNOWN);
  throw nonexistent();
}

/** A time of a request in milliseconds. It is a Date, of whatever realm. */
function timeOf(window: Shape, member: string): number {
  return Number(window[member]);
}

/** The window as it is answered: it begins three hours ago at the earliest. */
function windowOf(world: World, input: Shape): { readonly fromMs: number; readonly toMs: number } {
  const window = part(input, 'TimeWindow');
  const toMs = timeOf(window, 'EndTime');
  const fromMs = Math.max(timeOf(window, 'StartTime'), world.clock.now() - KEPT_MS);
  if (fromMs <= toMs) return { fromMs, toMs };
  throw invalid('The time window is not valid.', 'TIME_WINDOW', new Date(toMs).toISOString());
}

function demandCount({ MaxItems: most }: Shape): number {
  if (typeof most === 'number' && most >= 1 && most <= MOST_ITEMS) return most;
  const bound = Number(most) < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_ITEMS}`;
  throw awsError(
    'ValidationException',
    `1 validation error detected: Value '${show(most)}' at 'maxItems' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

function atMs(sample: Shape): number {
  return Date.parse(show(sample['Timestamp']));
}

/** How many requests a sample stands for. */
function weightOf(sample: Shape): number {
  return Number(sample['Weight']);
}

interface Population {
  readonly samples: readonly Shape[];
  readonly size: number;
}

/** The first five thousand requests, in the order of their coming. */
function populationOf(samples: readonly Shape[]): Population {
  const inOrder = samples.toSorted((one, other) => atMs(one) - atMs(other));
  const first: Shape[] = [];
  let size = 0;
  for (const sample of inOrder) {
    if (size >= POPULATION) break;
    first.push(sample);
    size += weightOf(sample);
  }
  return { samples: first, size: Math.min(size, POPULATION) };
}

/** So many of them, by chance, in their order. */
function drawn({ random }: World, samples: readonly Shape[], most: number): readonly Shape[] {
  const left = [...samples];
  while (left.length > most) left.splice(Math.floor(random() * left.length), 1);
  return left;
}

function getSampledRequests(input: Shape, world: World): object {
  const scope = demandScope(world, input);
  const acl = demandArn(world, ['WebACLs'], show(input['WebAclArn']));
  if (acl['Scope'] !== scope) throw nonexistent();
  const most = demandCount(input);
  const { fromMs, toMs } = windowOf(world, input);
  demandMember(CALL, 'WebACLs', acl, 'Rules');
  const metric = text(input, 'RuleMetricName') ?? '';
  const visibility = visibilityOf(world, acl, metric);
  demandMember(CALL, 'WebACLs', acl, 'SampledRequests');
  const isSampled = visibility['SampledRequestsEnabled'] !== false;
  const kept = list(acl, 'SampledRequests').filter(
    (sample) => isSampled && sample['RuleMetricName'] === metric && atMs(sample) >= fromMs && atMs(sample) <= toMs,
  );
  const { samples, size } = populationOf(kept);
  const last = samples.length < kept.length ? samples.at(-1) : undefined;
  return {
    SampledRequests: drawn(world, samples, most).map((sample) => shown(sample)),
    PopulationSize: size,
    TimeWindow: { StartTime: new Date(fromMs), EndTime: new Date(last === undefined ? toMs : atMs(last)) },
  };
}

/**
 * Completes the samples of a web ACL.
 * @param at their path
 * @throws BadInputError for what is no sample
 */
export function completeSamples(world: World, given: unknown, at: string): readonly Shape[] {
  if (!Array.isArray(given)) throw new BadInputError(at, 'must be a list');
  return given.map((sample: unknown, index) => {
    const path = `${at}[${index}]`;
    if (!isShape(sample) || text(sample, 'RuleMetricName') === undefined)
      throw new BadInputError(path, 'must be { RuleMetricName, Request, Action }');
    const whole: Shape = { Timestamp: world.clock.iso(), Weight: 1, ...sample };
    if (Number.isNaN(atMs(whole))) throw new BadInputError(`${path}.Timestamp`, 'must be a time');
    return whole;
  });
}

export const sampledRequestsOperations: { readonly [operation: string]: Operation } = {
  GetSampledRequests: { kind: 'read', grade: 'documented', source: REFERENCE, run: getSampledRequests },
};
