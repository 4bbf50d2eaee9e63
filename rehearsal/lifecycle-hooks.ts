/** Lifecycle hooks: what must hold of them, for whichever runbook answers them, and what such a runbook may send again. */

import type { Shape, World } from '../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../simulator/engine/run-types.ts';
import { text } from '../simulator/services/ec2/state.ts';
import type { PermittedSurplus } from './equivalence.ts';
import { outcomesTold } from './records.ts';

/** The surplus permitted to a runbook that answers hooks, and keeps them waiting meanwhile. */
export const HOOK_SURPLUS: readonly PermittedSurplus[] = [
  {
    call: 'autoscaling:RecordLifecycleActionHeartbeat',
    perFault: 4,
    againPerDuplicate: 4,
    againWithoutLedger: 4,
    because: "bounded by the hook's global time-out, and only keeps it waiting",
  },
  {
    call: 'autoscaling:CompleteLifecycleAction',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'a second answer is refused: no active lifecycle action found',
  },
];

/** What a watcher remembers: the actions that were open at its last look, and when each would end by itself, milliseconds. */
class OpenActions {
  until: ReadonlyMap<string, number> = new Map();
}

type Memory = { [key: string]: unknown };

function openActionsIn(memory: Memory): OpenActions {
  const known = memory['actions'];
  if (known instanceof OpenActions) return known;
  const fresh = new OpenActions();
  memory['actions'] = fresh;
  return fresh;
}

function nameOf(action: Shape): string {
  return `${text(action, 'LifecycleHookName') ?? ''} of ${text(action, 'EC2InstanceId') ?? ''}`;
}

/** The instance in the name of an action. */
function instanceIn(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1);
}

/** When an action runs out of time: whichever of its two limits comes first. */
function outOfTime(action: Shape): number {
  const limits = [text(action, 'HeartbeatUntil'), text(action, 'GlobalUntil')].map((at) => Date.parse(at ?? ''));
  return Math.min(...limits.filter((at) => !Number.isNaN(at)));
}

/** The actions that are open now, each with the moment at which it runs out of time. */
function openNow(world: World): ReadonlyMap<string, number> {
  const actions = world.records('auto-scaling', 'LifecycleActions');
  return new Map(actions.map((action) => [nameOf(action), outOfTime(action)]));
}

/** Names of the actions that have run out of time since the last look. */
function unanswered(world: World, memory: Memory): readonly string[] {
  const seen = openActionsIn(memory);
  const before = seen.until;
  seen.until = openNow(world);
  const ended = [...before].filter(([name, until]) => !seen.until.has(name) && until <= world.clock.now());
  return ended.map(([name]) => name);
}

/** No lifecycle action ends by running out of time: somebody answered it. */
const hookAnswered: Watcher = {
  name: 'hook-answered',
  check: (world, memory) => {
    const [first] = unanswered(world, memory);
    return first === undefined ? undefined : `hook ${first} ran out unanswered`;
  },
};

/** Whether an outcome tells that nothing is done about the instance, for want of the ledger. */
function isRefusalOf(instanceId: string, { outcome, target, reason }: Shape): boolean {
  return outcome === 'refused' && String(target).endsWith(`/${instanceId}`) && String(reason).startsWith('ledger-lost');
}

/** The bus would not take an outcome, so that only the log and the metric that alarms have it. */
function isBusDown(sent: readonly LoggedRequest[]): boolean {
  return sent.some(({ call, error }) => call === 'events:PutEvents' && error !== undefined);
}

/** The same for runbooks that refuse to act without their ledger: what they refused, and said so, is left to the hook's default. */
const hookAnsweredOrRefused: Watcher = {
  name: 'hook-answered-or-refused-without-ledger',
  check: (world, memory, logged = [], sent = []) => {
    const names = unanswered(world, memory);
    // All that was ever told is long, and at nearly every step there is nothing to look for in it.
    if (names.length === 0) return undefined;
    const told = [...outcomesTold(world), ...(isBusDown(sent) ? logged : [])];
    const first = names.find((name) => !told.some((one) => isRefusalOf(instanceIn(name), one)));
    return first === undefined ? undefined : `hook ${first} ran out unanswered`;
  },
};

/** What a runbook can do to a lifecycle action, in words. */
const DEEDS: { readonly [call: string]: string } = {
  'autoscaling:CompleteLifecycleAction': 'was answered',
  'autoscaling:RecordLifecycleActionHeartbeat': 'was kept waiting',
};

/**
 * No runbook answers a lifecycle action, or keeps it waiting: for drills whose hooks belong to others. Judged by what is sent,
 * for an action also ends where its instance does.
 */
const hookLeftAlone: Watcher = {
  name: 'hook-left-alone',
  check: (_world, _memory, _told, sent = []) => {
    const meddling = sent.findLast(({ call }) => call in DEEDS);
    if (meddling === undefined) return undefined;
    const { call, input } = meddling;
    return `hook ${text(input, 'LifecycleHookName') ?? ''} of ${text(input, 'InstanceId') ?? ''} ${DEEDS[call] ?? ''}`;
  },
};

/** The invariants of lifecycle hooks. */
export const HOOK_INVARIANTS: readonly Watcher[] = [hookAnswered, hookAnsweredOrRefused, hookLeftAlone];
