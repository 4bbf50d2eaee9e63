/** What was collected in a window, as what is asked of one distribution or tenant. */

import type { DistributionConfig } from '@aws-sdk/client-cloudfront';
import { readWindow } from '../../../shared/aws/flush-window.ts';
import {
  changesIn,
  FLUSH_KEYS,
  merged,
  type KeyChange,
  type WindowRow,
} from '../../../shared/judgement/flush-window.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { collapsed, pathsOf, selected, standsFor, type BucketView } from '../decide.ts';
import { bucketView } from './bucket-view.ts';
import { cachesOfBucket } from './caches.ts';
import { SHOWN, type Asked } from './requests.ts';
import type { Settings } from './settings.ts';

/**
 * The item of a window.
 * @throws TerminalError where there is none: it is written before anybody is started for it
 */
export async function demandWindow(name: string): Promise<WindowRow> {
  const row = await readWindow(name);
  if (row === undefined) throw new TerminalError(`nothing was collected under ${name}, or it is forgotten by now`);
  return row;
}

/** The tagged caches that show the objects of a window's bucket. */
export async function cachesOfWindow(name: string, io: Io): Promise<readonly string[]> {
  const { bucket } = await demandWindow(name);
  return cachesOfBucket(bucket, io);
}

/** What is asked of a distribution or a tenant, and since when each path of it is old. */
export interface WindowAsked {
  readonly asked: Asked;
  /** When what it stands for changed last, ISO 8601, by path. */
  readonly changedAt: ReadonlyMap<string, string>;
}

/** More paths than one request may have become wildcards, asked or not: nobody is there to say it. */
const MOST_PATHS = 10_000;

/** Nor more than go with a third of the 90 plans that a run may begin: a batch has 120,000 bytes. */
const MOST_BYTES = 3_600_000;

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html. */
const MOST_WILDCARDS = 15;

function pathsOfAll(changes: readonly KeyChange[], view: BucketView): WindowAsked['changedAt'] {
  const changedAt = new Map<string, string>();
  for (const [key, at] of changes) {
    for (const item of pathsOf(key, view).items) {
      const known = changedAt.get(item);
      if (known === undefined || known < at) changedAt.set(item, at);
    }
  }
  return changedAt;
}

/** When what an item stands for changed last: a wildcard stands for every path that went into it, not only for those that asked for it. */
function changedAll(items: readonly string[], known: WindowAsked['changedAt']): WindowAsked['changedAt'] {
  const itemOf = standsFor(items);
  const changedAt = new Map<string, string>();
  for (const [path, at] of known) {
    const item = itemOf(path);
    if (item === undefined)
      throw new TerminalError(`${path} changed and nothing of what is to be flushed stands for it`);
    const latest = changedAt.get(item);
    if (latest === undefined || latest < at) changedAt.set(item, at);
  }
  return changedAt;
}

function isMuch(items: readonly string[], collapseAbove: Settings['collapseAbove']): boolean {
  const bytes = items.reduce((sum, { length }) => sum + length, 0);
  return items.length > Math.min(collapseAbove ?? MOST_PATHS, MOST_PATHS) || bytes > MOST_BYTES;
}

/** What was collected in a sealed window, as what is asked of one of them. */
export async function askedByWindow(
  { name, bucket, from, to }: WindowRow,
  config: DistributionConfig,
  { spellings, collapseAbove }: Settings,
  said: string | undefined,
): Promise<WindowAsked> {
  const collected = await openData().list(FLUSH_KEYS, `${name}/`);
  const changes = merged(collected.flatMap(changesIn));
  const view = bucketView(config, { bucket, said }, spellings);
  const known = pathsOfAll(changes, view);
  const asIs = selected([...known.keys()]);
  const joined = collapsed(asIs, MOST_WILDCARDS);
  const isCollapsed = isMuch(asIs, collapseAbove);
  const items = isCollapsed ? joined : asIs;
  const widened = changes.filter(([key]) => pathsOf(key, view).isWidened).map(([key]) => key);
  const asked = {
    of: { by: 'tag', text: bucket },
    items,
    whole: [],
    by: 'S3',
    why: `${changes.length === 1 ? '1 object' : `${changes.length} objects`} of ${bucket} changed from ${from} to ${to}`,
    asked: changes.length,
    isCollapsed,
    collapsedPaths: joined.length,
    widened: widened.length,
    widenedFirst: widened.slice(0, SHOWN).map((key) => ({ asked: key, sent: pathsOf(key, view).items.join(' ') })),
  } as const;
  return { asked, changedAt: changedAll(items, known) };
}
