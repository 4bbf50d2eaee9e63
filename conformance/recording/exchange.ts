/**
 * What the scenarios call by names of their own, and an account otherwise: the account, the Region, its zones, the image. Names that are one
 * in a Region, and tokens that AWS remembers for days, get the run's own prefix, so that nothing of anybody else is met with.
 */

import { ACCOUNT, IMAGE, REGION } from '../scenario.ts';
import { isPlainRecord, mapTexts } from './plain.ts';

/** An account as a recording finds it. */
export interface Stage {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`… */
  readonly partition: string;
  /** What the scenarios' first and second zone are here. */
  readonly zones: readonly [string, string];
  /** The image that instances are launched from. */
  readonly image: string;
}

/** Members whose names are one in a Region, or that AWS remembers. */
const OWN: ReadonlySet<string> = new Set([
  'AutoScalingGroupName',
  'AutoScalingGroupNames',
  'ClientToken',
  'LaunchTemplateName',
  'QueueName',
  'QueueNamePrefix',
]);

const GROUP_TAG = 'tag:aws:autoscaling:groupName';
const QUEUE_ARN = /^(arn:[^:]+:sqs:[^:]+:\d{12}:)(?=[\w-])/u;
const QUEUE_ARN_INSIDE = /("arn:[^:"]+:sqs:[^:"]+:\d{12}:)(?=[\w-])/gu;

function pairsOf({ account, region, partition, zones: [first, second], image }: Stage): readonly [string, string][] {
  return [
    [`${REGION}a`, first],
    [`${REGION}b`, second],
    [REGION, region],
    [ACCOUNT, account],
    [IMAGE, image],
    ['arn:aws:', `arn:${partition}:`],
  ];
}

/** All at once, so that what one makes is not taken for what another means. */
function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  const known = new Map(pairs);
  const pattern = pairs.map(([from]) => from.replaceAll(/[\\^$.|?+*()[\]{}]/gu, '\\$&')).join('|');
  return text.replaceAll(new RegExp(pattern, 'gu'), (found) => known.get(found) ?? found);
}

/** What stands in front of a run's own names. */
export function prefixOf(runId: string): string {
  return `${runId}-`;
}

/** A request of a scenario as the account understands it. */
export function outward(input: object, stage: Stage, runId: string): object {
  const prefix = prefixOf(runId);
  const pairs = pairsOf(stage);
  const own = (name: string): string => (name.startsWith(prefix) ? name : `${prefix}${name}`);
  const isGroupFilter = (value: unknown): boolean => isPlainRecord(value) && value['Name'] === GROUP_TAG;
  const text = (given: string, member: string): string => {
    if (OWN.has(member)) return own(given);
    const there = replaced(given, pairs);
    const named = there.replace(QUEUE_ARN, `$1${prefix}`).replaceAll(QUEUE_ARN_INSIDE, `$1${prefix}`);
    return named.replaceAll(`${prefix}${prefix}`, prefix);
  };
  const made = mapTexts(input, text);
  if (!isPlainRecord(made)) return input;
  const { Filters } = made;
  if (!Array.isArray(Filters) || !Filters.some(isGroupFilter)) return made;
  const ofGroups = Filters.map((filter: unknown) =>
    isGroupFilter(filter) ? mapTexts(filter, (given, member) => (member === 'Values' ? own(given) : given)) : filter,
  );
  return { ...made, Filters: ofGroups };
}

/** A text of the account as the scenarios would have it. */
export function homeward(text: string, stage: Stage, runId: string): string {
  const back = pairsOf(stage).map(([here, there]): [string, string] => [there, here]);
  return replaced(text.replaceAll(prefixOf(runId), ''), back);
}
