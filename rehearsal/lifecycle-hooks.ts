/** Lifecycle hooks: what must hold of them, for whichever runbook answers them, and what such a runbook may send again. */

import type { Shape, World } from '../simulator/engine/model.ts';
import type { Watcher } from '../simulator/engine/run-types.ts';
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

/** The actions that are open now, each with the moment that `endOf` gives it. */
function openNow(world: World, endOf: (action: Shape) => number): ReadonlyMap<string, number> {
  const actions = world.records('auto-scaling', 'LifecycleActions');
  return new Map(actions.map((action) => [nameOf(action), endOf(action)]));
}

/** When an action runs out of time: whichever of its two limits comes first. */
function outOfTime(action: Shape): number {
  const limits = [text(action, 'HeartbeatUntil'), text(action, 'GlobalUntil')].map((at) => Date.parse(at ?? ''));
  return Math.min(...limits.filter((at) => !Number.isNaN(at)));
}

/** Names of the actions that have run out of time since the last look. */
function unanswered(world: World, memory: Memory): readonly string[] {
  const seen = openActionsIn(memory);
  const before = seen.until;
  seen.until = openNow(world, outOfTime);
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

/** Whether an outcome has told people that nothing is done about the instance, for want of the ledger. */
function isRefusedForTheLedger(world: World, instanceId: string): boolean {
  return outcomesTold(world).some(
    ({ outcome, target, reason }) =>
      outcome === 'refused' && String(target).endsWith(`/${instanceId}`) && String(reason).startsWith('ledger-lost'),
  );
}

/** The same for runbooks that refuse to act without their ledger: what they refused, and said so, is left to the hook's default. */
const hookAnsweredOrRefused: Watcher = {
  name: 'hook-answered-or-refused-without-ledger',
  check: (world, memory) => {
    const first = unanswered(world, memory).find((name) => !isRefusedForTheLedger(world, instanceIn(name)));
    return first === undefined ? undefined : `hook ${first} ran out unanswered`;
  },
};

/** No lifecycle action is answered, or kept waiting, by anybody: for drills whose hooks belong to others. */
const hookLeftAlone: Watcher = {
  name: 'hook-left-alone',
  check: (world, memory) => {
    const seen = openActionsIn(memory);
    const before = [...seen.until];
    const open = openNow(world, (action) => Date.parse(text(action, 'HeartbeatUntil') ?? ''));
    seen.until = open;
    const answered = before.find(([name, until]) => !open.has(name) && until > world.clock.now());
    if (answered !== undefined) return `hook ${answered[0]} was answered`;
    const extended = before.find(([name, until]) => (open.get(name) ?? until) > until);
    return extended === undefined ? undefined : `hook ${extended[0]} was kept waiting`;
  },
};

/** The invariants of lifecycle hooks. */
export const HOOK_INVARIANTS: readonly Watcher[] = [hookAnswered, hookAnsweredOrRefused, hookLeftAlone];
