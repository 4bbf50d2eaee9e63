/** Lifecycle hooks in generated worlds: which of them ran out of time because nobody answered. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import { show, text } from '../../simulator/services/ec2/state.ts';

/** A lifecycle action that waits, or waited, for its answer. */
export interface Waiting {
  readonly group: string;
  readonly hook: string;
  readonly instanceId: string;
  readonly transition: 'launching' | 'terminating';
  /** When it ends by itself, milliseconds. */
  readonly untilMs: number;
}

function waitingOf(action: Shape): Waiting {
  const limits = [text(action, 'HeartbeatUntil'), text(action, 'GlobalUntil')].map((at) => Date.parse(at ?? ''));
  return {
    group: text(action, 'AutoScalingGroupName') ?? '',
    hook: text(action, 'LifecycleHookName') ?? '',
    instanceId: text(action, 'EC2InstanceId') ?? '',
    transition: text(action, 'LifecycleTransition')?.endsWith('LAUNCHING') === true ? 'launching' : 'terminating',
    untilMs: Math.min(...limits.filter((at) => !Number.isNaN(at))),
  };
}

/** The lifecycle actions that wait now. */
export function waitingNow(world: World): readonly Waiting[] {
  return world.records('auto-scaling', 'LifecycleActions').map(waitingOf);
}

/** Remembers who waited, and says who has run out of time since the last look. */
export class Unanswered {
  #before: readonly Waiting[] = [];

  /** Takes a look; returns the actions that ended by themselves since the last one. */
  look(world: World): readonly Waiting[] {
    const now = waitingNow(world);
    const isSame = (one: Waiting, other: Waiting): boolean =>
      one.hook === other.hook && one.group === other.group && one.instanceId === other.instanceId;
    const ended = this.#before.filter((one) => !now.some((other) => isSame(one, other)));
    this.#before = now;
    return ended.filter(({ untilMs }) => untilMs <= world.clock.now());
  }
}

/** The records of the hooks of a group, as the world has them now. */
function hooksOf(world: World, group: string): readonly Shape[] {
  return world.records('auto-scaling', 'LifecycleHooks').filter((hook) => hook['AutoScalingGroupName'] === group);
}

/**
 * Whether a hook is this runbook's by the rule of the pages: its name or its metadata says so, or it is the only one of its
 * transition and names no other runbook.
 */
export function isHookOf(world: World, runbook: string, others: readonly string[], waiting: Waiting): boolean {
  const all = hooksOf(world, waiting.group);
  const own = all.find((hook) => hook['LifecycleHookName'] === waiting.hook);
  if (!isRecord(own)) return false;
  const words = `${waiting.hook} ${show(own['NotificationMetadata'])}`;
  if (words.includes(runbook)) return true;
  const alike = all.filter((hook) => hook['LifecycleTransition'] === own['LifecycleTransition']);
  return alike.length === 1 && !others.some((other) => words.includes(other));
}
