/**
 * Freezing the file systems for the moment of the warm set, so that what there is to fall back on is more than
 * crash-consistent. A wish, never a condition: whatever fails here, the carry goes on without. Pure.
 *
 * The document keeps the contract of Data Lifecycle Manager's pre and post scripts (parameter `command`),
 * and thaws by itself after a minute or more: nobody else may be left to do it. What was sent is read back from SSM by its
 * comment, so that a run that died leaves no doubt about it.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { timesTried } from './progress.ts';
import { wasRefused } from './refusals.ts';
import type { Holding, View } from './view.ts';

/** A command of ours on the instance. `status` is SSM's word: `Pending`, `InProgress`, `Delayed`, `Success`, `Failed`, `TimedOut`… */
export interface FreezeCommand {
  readonly script: 'pre-script' | 'post-script';
  readonly status: string;
  readonly requestedAt: string;
}

/** What the group wishes, and what was sent to the instance lately. */
export interface FreezeFacts {
  readonly document: string;
  /** `unread`: SSM did not say. */
  readonly commands: readonly FreezeCommand[] | 'unread';
}

/** Where freezing stands. `off`: a set taken now is crash-consistent. */
export type Freezing =
  | { readonly kind: 'off' | 'frozen' }
  | {
      readonly kind: 'act';
      readonly because: string;
      readonly plan: readonly PlannedCall[];
      readonly steps: readonly string[];
    }
  | { readonly kind: 'wait'; readonly because: string; readonly seconds: number };

/** How long a document may take to freeze: an instance that needs longer has worse trouble. Data Lifecycle Manager's own default is 10 s. */
const FREEZE_SECONDS = 20;
/** Counted from the request, so far below the minute that the document's timer must last that the set is taken in between. */
const FROZEN_SECONDS = 30;
/** How long thawing may take before the instance is stopped all the same; the timer on the host ends it then. */
const THAW_SECONDS = 15;
/** Delivery to an agent that does not answer ends after so long. Source: SendCommand, `TimeoutSeconds`, at least 30. */
const DELIVERY_SECONDS = 30;
/** A document that works answers within seconds; after that another look is not worth much. */
const QUICK_SECONDS = 6;
/** Requests to thaw that leave no trace, after which it is left to the timer on the host. */
const MOST_THAWS = 2;
const MOVING = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** The comment by which a command of ours is known; SSM takes up to 100 characters. */
export function freezeComment(instanceId: string, script: FreezeCommand['script']): string {
  return `carry-volumes/${instanceId}/${script}`;
}

function sending(script: FreezeCommand['script'], instanceId: string, document: string, because: string): PlannedCall {
  const input = {
    InstanceIds: [instanceId],
    DocumentName: document,
    Parameters: { command: [script] },
    TimeoutSeconds: DELIVERY_SECONDS,
    Comment: freezeComment(instanceId, script),
  };
  return { call: 'ssm:SendCommand', input, because, optional: true };
}

/** Ends a freeze; harmless where nothing is frozen. */
export function thawing(instanceId: string, { document }: FreezeFacts): PlannedCall {
  return sending('post-script', instanceId, document, 'a frozen file system would keep the instance from stopping');
}

function pauseAfter(age: number): number {
  return age < QUICK_SECONDS ? 2 : 7;
}

function newest({ commands }: FreezeFacts, script: FreezeCommand['script']): FreezeCommand | undefined {
  const all = commands === 'unread' ? [] : commands;
  return all
    .filter((command) => command.script === script)
    .toSorted((left, right) => (left.requestedAt < right.requestedAt ? 1 : -1))[0];
}

/** SSM would not send it, and would not the next time: no agent, no such document, no permission. */
function isRefused(view: Pick<View, 'facts'>, instanceId: string, script: FreezeCommand['script']): boolean {
  return wasRefused(view, 'ssm:SendCommand', ({ Comment }) => Comment === freezeComment(instanceId, script));
}

/** What is needed to say how far a freeze has come. */
type Wishing = Pick<Holding, 'facts' | 'holder' | 'freeze' | 'progress' | 'now'>;

/** The next step towards a frozen instance; `off` where none is wished, or none is to be had. */
export function freeze({ holder, freeze: facts, progress, now, ...view }: Wishing): Freezing {
  if (facts === null || facts.commands === 'unread') return { kind: 'off' };
  const instanceId = holder.id;
  const pre = newest(facts, 'pre-script');
  if (pre === undefined) {
    if (timesTried(progress, 'freeze') > 0 || isRefused(view, instanceId, 'pre-script')) return { kind: 'off' };
    const because = `${facts.document} makes the next set of snapshots consistent`;
    return {
      kind: 'act',
      because,
      plan: [sending('pre-script', instanceId, facts.document, because)],
      steps: ['freeze'],
    };
  }
  const age = secondsSince(pre.requestedAt, now);
  if (MOVING.has(pre.status) && age < FREEZE_SECONDS)
    return { kind: 'wait', because: `${facts.document} is freezing ${instanceId}`, seconds: pauseAfter(age) };
  // What was thawed, or may have thawed by itself, is not frozen.
  const isOver = newest(facts, 'post-script') !== undefined || age >= FROZEN_SECONDS;
  return { kind: pre.status === 'Success' && !isOver ? 'frozen' : 'off' };
}

/** The next step towards an instance that is not frozen; `off` when it may be stopped. */
export function thaw({ holder, freeze: facts, progress, now, ...view }: Wishing): Freezing {
  if (facts === null) return { kind: 'off' };
  const instanceId = holder.id;
  const [pre, post] = [newest(facts, 'pre-script'), newest(facts, 'post-script')];
  const mayBeFrozen = facts.commands === 'unread' ? timesTried(progress, 'freeze') > 0 : pre !== undefined;
  if (!mayBeFrozen) return { kind: 'off' };
  if (post !== undefined) {
    const age = secondsSince(post.requestedAt, now);
    const isMoving = MOVING.has(post.status) && age < THAW_SECONDS;
    return isMoving
      ? { kind: 'wait', because: `${facts.document} is thawing ${instanceId}`, seconds: pauseAfter(age) }
      : { kind: 'off' };
  }
  const isInVain = timesTried(progress, 'thaw') >= MOST_THAWS || isRefused(view, instanceId, 'post-script');
  if (isInVain) return { kind: 'off' };
  const call = thawing(instanceId, facts);
  return { kind: 'act', because: call.because, plan: [call], steps: ['thaw'] };
}
