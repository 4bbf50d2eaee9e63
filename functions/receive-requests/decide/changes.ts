/** What is done about changes of the objects of a bucket: they are written down, and whoever flushes them is started. Pure. */

import {
  changesValue,
  FLUSH_KEYS,
  FLUSH_WINDOW,
  WINDOW_KEPT_MS,
  windowValue,
  type FlushWindow,
} from '../../../shared/judgement/flush-window.ts';
import type { Act, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { windowEvidence, type ChangesFacts, type Portion, type WindowStart } from './facts.ts';

function objects(count: number): string {
  return count === 1 ? '1 changed object' : `${count} changed objects`;
}

/** When what is kept of a window may be forgotten, ISO 8601. */
export function expiryOf({ to }: FlushWindow): string {
  return new Date(Date.parse(to) + WINDOW_KEPT_MS).toISOString();
}

/** The call that starts an execution. */
export function invocation(start: WindowStart, because: string): PlannedCall {
  return { call: 'lambda:Invoke', input: start, because };
}

function opening(window: FlushWindow): PlannedCall {
  return plannedWrite(
    {
      partition: FLUSH_WINDOW,
      key: window.name,
      ifVersion: 0,
      value: windowValue(window, {}),
      expiresAt: expiryOf(window),
    },
    `changes of ${window.bucket} from ${window.from} to ${window.to} are flushed together`,
  );
}

function keeping({ window, run }: ChangesFacts, { key, changes }: Portion): PlannedCall {
  return plannedWrite(
    {
      partition: FLUSH_KEYS,
      key: `${window.name}/${key}`,
      ifVersion: 0,
      value: changesValue(changes, run),
      expiresAt: expiryOf(window),
    },
    `${objects(changes.length)} of ${window.bucket}`,
  );
}

/**
 * Decides on changes. What is written down comes first, and is looked at again: only a window that is seen open behind it is read with it.
 * The start comes last, so that whoever is started finds what it is about; it is asked for each time, since a name starts one execution.
 */
export function decideChanges(facts: ChangesFacts): Act {
  const { bucket, run, window, isBegun, portions, start, passed } = facts;
  const count = portions.reduce((sum, { changes }) => sum + changes.length, 0);
  const evidence = {
    ...windowEvidence(window),
    changes: count,
    execution: start.DurableExecutionName,
    ...(passed.length === 0 ? {} : { passed }),
  };
  const shared = { kind: 'act', evidence, intent: `${window.name} collected`, budget: 'free' } as const;
  const missing = portions.filter(({ writtenBy }) => writtenBy === null);
  const writes = [...(isBegun ? [] : [opening(window)]), ...missing.map((portion) => keeping(facts, portion))];
  if (writes.length > 0)
    return {
      ...shared,
      code: 'collecting',
      because: `${objects(count)} of ${bucket} into the window that ends at ${window.to}`,
      plan: writes,
      more: true,
    };
  const own = portions.filter(({ writtenBy }) => writtenBy === run).map((portion) => keeping(facts, portion));
  return {
    ...shared,
    code: 'collected',
    because: `${objects(count)} of ${bucket}: flush-caches looks at ${window.to} who shows ${count === 1 ? 'it' : 'them'}`,
    plan: [invocation(start, `what has changed in ${bucket} until ${window.to} is flushed`)],
    untold: own,
    metrics: { ChangesCollected: count },
  };
}
