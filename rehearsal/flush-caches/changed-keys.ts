/** What S3 told the door, what the door has promised, and whether it is flushed. Works out paths by itself, in the plainest cases. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape } from '../../simulator/engine/model.ts';
import type { Invocation } from '../../simulator/engine/run-types.ts';

type Invoked = Pick<Invocation, 'runbook' | 'event'>;

/** A change of an object, as it was told. */
export interface Changed {
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601. */
  readonly at: string;
}

function listIn(holder: unknown, member: string): readonly unknown[] {
  const list: unknown = isRecord(holder) ? holder[member] : undefined;
  return Array.isArray(list) ? list : [];
}

function memberOf(record: unknown, ...path: readonly string[]): unknown {
  let found = record;
  for (const name of path) found = isRecord(found) ? found[name] : undefined;
  return found;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function jsonIn(text: unknown): unknown {
  try {
    return JSON.parse(textOf(text));
  } catch {
    return undefined;
  }
}

function ofRecord(record: unknown): readonly Changed[] {
  const key = textOf(memberOf(record, 's3', 'object', 'key'));
  if (!/Object(?:Created|Removed)|LifecycleExpiration/u.test(textOf(memberOf(record, 'eventName')))) return [];
  const decoded = decodeURIComponent(key.replaceAll('+', ' '));
  return [
    {
      bucket: textOf(memberOf(record, 's3', 'bucket', 'name')),
      key: decoded,
      at: textOf(memberOf(record, 'eventTime')),
    },
  ];
}

/** The changes in the body of a message, in whatever wrapping. */
function inBody(body: unknown): readonly Changed[] {
  const message = memberOf(body, 'Message');
  if (message !== undefined) return inBody(jsonIn(message));
  const key = memberOf(body, 'detail', 'object', 'key');
  if (key !== undefined)
    return [
      {
        bucket: textOf(memberOf(body, 'detail', 'bucket', 'name')),
        key: textOf(key),
        at: textOf(memberOf(body, 'time')),
      },
    ];
  return listIn(body, 'Records').flatMap(ofRecord);
}

/** What the door has told of a window. */
export interface Promised {
  /** `site changed from … to …`, as those who flush it say it. */
  readonly words: string;
  readonly to: string;
  readonly changes: readonly Changed[];
}

/** Windows that the door has told of as collected, with what was handed to it. */
export function promisedIn(told: readonly RunResult[], invoked: readonly Invoked[]): readonly Promised[] {
  return told.flatMap(({ runbook, run, outcome, reason, evidence: { bucket, from, to } }) => {
    if (runbook !== 'receive-requests' || outcome !== 'done' || !reason.startsWith('collected:')) return [];
    const changes = invoked.filter((one) => one.runbook === runbook).flatMap(({ event }) => changesOf(event, run));
    const words = `${textOf(bucket)} changed from ${textOf(from)} to ${textOf(to)}`;
    return [{ words, to: textOf(to), changes: changes.filter((one) => one.bucket === bucket) }];
  });
}

/** The changes in a batch whose first message about the bucket has named the run. */
function changesOf(event: unknown, run: string): readonly Changed[] {
  return listIn(event, 'Records').some((record) => memberOf(record, 'messageId') === run) ? changedIn(event) : [];
}

/** What has invalidations at CloudFront: distributions, and tenants of some. */
export function cachesIn(front: { readonly [collection: string]: readonly Shape[] } | undefined): readonly Shape[] {
  return [...(front?.['Distributions'] ?? []), ...(front?.['DistributionTenants'] ?? [])];
}

/** A distribution as it is; a tenant with the configuration of its distribution, in which its parameters are filled in. */
export function asShown(cache: Shape, all: readonly Shape[]): Shape {
  const parent = all.find(({ Id: id }) => id === cache['DistributionId']);
  if (cache['DistributionId'] === undefined || parent === undefined) return cache;
  let config = JSON.stringify(parent['DistributionConfig'] ?? {});
  for (const parameter of listIn(cache, 'Parameters'))
    config = config.replaceAll(`{{${textOf(memberOf(parameter, 'Name'))}}}`, textOf(memberOf(parameter, 'Value')));
  return { ...cache, DistributionConfig: jsonIn(config) };
}

/** The path under which an object is surely asked for at a distribution; `undefined`: that is not so plain. */
function plainPath(distribution: Shape, { bucket, key }: Changed): string | undefined {
  const config = distribution['DistributionConfig'];
  const target = memberOf(config, 'DefaultCacheBehavior', 'TargetOriginId');
  const origin = listIn(memberOf(config, 'Origins'), 'Items').find((one) => memberOf(one, 'Id') === target);
  const isOther = listIn(memberOf(config, 'CacheBehaviors'), 'Items').length > 0;
  if (isOther || !textOf(memberOf(origin, 'DomainName')).startsWith(`${bucket}.s3`)) return undefined;
  const before = `${textOf(memberOf(origin, 'OriginPath') ?? '')}/`.slice(1);
  return key.startsWith(before) ? `/${key.slice(before.length)}` : undefined;
}

function itemsOf(invalidation: Shape): readonly string[] {
  return listIn(memberOf(invalidation, 'InvalidationBatch', 'Paths'), 'Items').map(textOf);
}

function isWildcard(item: string): boolean {
  return item.startsWith('/') && item.endsWith('*');
}

/** When each path that nobody has encoded was invalidated last, and the wildcards with theirs. */
export interface Covered {
  readonly paths: ReadonlyMap<string, string>;
  readonly wildcards: readonly (readonly [prefix: string, at: string])[];
}

/** What the invalidations of a distribution cover. */
export function coveredBy(distribution: Shape): Covered {
  const all = listIn(distribution, 'Invalidations')
    .filter(isRecord)
    .toSorted((one, other) => Date.parse(String(one['CreateTime'])) - Date.parse(String(other['CreateTime'])))
    .flatMap((one) => itemsOf(one).map((item) => [item, String(one['CreateTime'])] as const));
  return {
    paths: new Map(all.filter(([item]) => !isWildcard(item)).map(([item, at]) => [decodeURIComponent(item), at])),
    wildcards: all
      .filter(([item]) => isWildcard(item))
      .map(([item, at]) => [decodeURIComponent(item.slice(0, -1)), at] as const),
  };
}

/** Whether a changed object is surely seen at a distribution, and in no invalidation that was made since. */
export function isMissed(distribution: Shape, { paths, wildcards }: Covered, change: Changed): boolean {
  const path = plainPath(distribution, change);
  if (path === undefined) return false;
  const isSince = (at: string | undefined): boolean => at !== undefined && Date.parse(at) >= Date.parse(change.at);
  return !isSince(paths.get(path)) && !wildcards.some(([prefix, at]) => path.startsWith(prefix) && isSince(at));
}

/** What was read in events: each is looked at again with whatever is told. */
const read = new WeakMap<object, readonly Changed[]>();

/** The changes in an event that a door is handed: a batch of messages, or one of EventBridge. */
export function changedIn(event: unknown): readonly Changed[] {
  if (!isRecord(event)) return [];
  const known = read.get(event);
  if (known !== undefined) return known;
  const found = listIn(event, 'Records').flatMap((record) => inBody(jsonIn(memberOf(record, 'body'))));
  read.set(event, found);
  return found;
}
