/**
 * The health of targets as it moves by itself: what checks find of a target decides what its state turns to, and when.
 *
 * A state that turns is kept with the target (`Turns`), so that a world which a run leaves behind goes on where it stopped. Nothing
 * ticks in the foreground: targets are looked at when something has happened that could matter to them.
 */

import { type Clock, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { part, show, text } from '../ec2/state.ts';
import { isOn, msOfAttribute } from './attributes.ts';
import {
  allTargets,
  dropTarget,
  findRecord,
  findTarget,
  idOf,
  numberIn,
  portOf,
  reasonOf,
  stateOf,
  type Target,
} from './state.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** AWS speaks of "a few minutes" at most (target-group-health-checks.html); assumed. */
const REGISTRATION_SECONDS = 60;
const REGISTRATION = `elasticloadbalancing: health checks of a target begin ${REGISTRATION_SECONDS} s after its registration`;
const PACE =
  'elasticloadbalancing: a state turns after as many intervals as its threshold counts, from the moment that its cause is there';

/** What could matter and tells nobody is seen at the latest then. */
const LOOK_AGAIN_MS = 60_000;

const INITIAL = 'Elb.RegistrationInProgress';
const CHECKING = 'Elb.InitialHealthChecking';
const FAILED = 'Target.FailedHealthChecks';
const DRAINING = 'Target.DeregistrationInProgress';

/** What AWS says beside a reason. Source: `aws elbv2 describe-target-health` as users of the API print it. */
const DESCRIPTIONS: { readonly [reason: string]: string } = {
  [INITIAL]: 'Target registration is in progress',
  [CHECKING]: 'Initial health checks in progress',
  [FAILED]: 'Health checks failed',
  [DRAINING]: 'Target deregistration is in progress',
  'Target.NotInUse': 'Target group is not configured to receive traffic from the load balancer',
  'Target.InvalidState': 'Target is in the stopped state',
  'Target.NotRegistered': 'Target is not registered to the target group',
  'Target.HealthCheckDisabled': 'Health checks are disabled for this target',
  'Elb.InternalError': 'Health checks failed due to an internal error',
};

/** The usual reason of a state. */
const USUAL: { readonly [state: string]: string } = {
  initial: INITIAL,
  unhealthy: FAILED,
  'unhealthy.draining': FAILED,
  unused: 'Target.NotInUse',
  draining: DRAINING,
  unavailable: 'Elb.InternalError',
};

/** A target's health as AWS prints it; a healthy one has neither reason nor description. */
export function healthShape(state: string, reason?: string, description?: string): Shape {
  const why = reason ?? USUAL[state];
  if (state === 'healthy' || why === undefined) return { State: state };
  return { State: state, Reason: why, Description: description ?? DESCRIPTIONS[why] ?? why };
}

interface Runtime {
  /** Pending turns by group and target. */
  readonly turns: Map<string, () => void>;
  isLookPlanned: boolean;
  /** When the world began. */
  readonly sinceMs: number;
}

// Timers are functions, so they hang on the clock, which outlives every copy of the data.
const runtimes = new WeakMap<Clock, Runtime>();

function runtimeOf({ clock }: World): Runtime {
  const known = runtimes.get(clock);
  if (known !== undefined) return known;
  const fresh: Runtime = { turns: new Map(), isLookPlanned: false, sinceMs: clock.now() };
  runtimes.set(clock, fresh);
  return fresh;
}

/** Whether an instance was launched after the world began. */
export function isNew(world: World, instance: Shape): boolean {
  return Date.parse(show(instance['LaunchTime'])) >= Math.floor(runtimeOf(world).sinceMs / 1_000) * 1_000;
}

function keyOf(target: Target): string {
  return `${show(target.group['TargetGroupArn'])} ${idOf(target)} ${portOf(target)}`;
}

function stopTurn(world: World, target: Target): void {
  const { turns } = runtimeOf(world);
  turns.get(keyOf(target))?.();
  turns.delete(keyOf(target));
  delete target.record['Turns'];
}

/** Sets the state of a target at once, and tells. What it was about to turn to is forgotten. */
export function setHealth(world: World, target: Target, health: Shape): void {
  const before = stateOf(target);
  stopTurn(world, target);
  target.record['TargetHealth'] = health;
  if (stateOf(target) === before) return;
  if (stateOf(target) !== 'healthy') delete target.record['PassesBy'];
  tell(world, target);
}

/** Tells other services how a target is. */
export function tell(world: World, target: Target): void {
  const targetGroup = text(target.group, 'TargetGroupName') ?? '';
  world.signal('target-health', { instanceId: idOf(target), targetGroup, health: stateOf(target) });
}

interface Turn {
  readonly state: string;
  readonly reason?: string;
  readonly afterMs: number;
}

function isPlanned({ record }: Target, { state, reason }: Turn): boolean {
  const planned = part(record, 'Turns');
  return planned['State'] === state && text(planned, 'Reason') === reason;
}

/** Plans what a state turns to; what is planned already stays. */
function plan(world: World, target: Target, turn: Turn): void {
  const { turns } = runtimeOf(world);
  if (!isPlanned(target, turn)) {
    stopTurn(world, target);
    const At = new Date(world.clock.now() + turn.afterMs).toISOString();
    target.record['Turns'] = { State: turn.state, ...(turn.reason === undefined ? {} : { Reason: turn.reason }), At };
  }
  if (turns.has(keyOf(target))) return;
  const dueMs = Date.parse(show(part(target.record, 'Turns')['At']));
  const [key, arn, id, port] = [keyOf(target), target.group['TargetGroupArn'], idOf(target), portOf(target)];
  const effect = (): void => {
    turns.delete(key);
    const group = findRecord(world, 'TargetGroups', arn);
    const now = group === undefined ? undefined : findTarget(world, group, id, port);
    if (now !== undefined) take(world, now);
  };
  turns.set(key, world.clock.after(dueMs - world.clock.now(), effect));
}

/** The turn is due. */
function take(world: World, target: Target): void {
  const turned = part(target.record, 'Turns');
  const state = text(turned, 'State') ?? stateOf(target);
  if (state === 'unused') {
    stopTurn(world, target);
    dropTarget(world, target);
    const targetGroup = text(target.group, 'TargetGroupName') ?? '';
    world.signal('target-health', { instanceId: idOf(target), targetGroup, health: 'unused' });
    return;
  }
  setHealth(world, target, healthShape(state, text(turned, 'Reason')));
  lookAt(world, target);
}

function intervals(group: Shape, count: number): number {
  return numberIn(group, 'HealthCheckIntervalSeconds', 30) * 1_000 * count;
}

/** Source of the defaults: API_CreateTargetGroup. */
function untilHealthy({ group }: Target): Turn {
  return { state: 'healthy', afterMs: intervals(group, numberIn(group, 'HealthyThresholdCount', 5)) };
}

const TERMINATES = 'target_health_state.unhealthy.connection_termination.enabled';
const DRAINS_FOR = 'target_health_state.unhealthy.draining_interval_seconds';

/** Source: API_TargetGroupAttribute: with that, connections go on for a while to a target that was healthy. */
function drainsFirst(target: Target): boolean {
  const { group } = target;
  return stateOf(target) === 'healthy' && !isOn(group, TERMINATES) && msOfAttribute(group, DRAINS_FOR) > 0;
}

function untilUnhealthy(target: Target): Turn {
  const { group } = target;
  const afterMs = intervals(group, numberIn(group, 'UnhealthyThresholdCount', 2));
  return { state: drainsFirst(target) ? 'unhealthy.draining' : 'unhealthy', reason: FAILED, afterMs };
}

/** Reasons of an unused target that pass with what they tell of. */
const PASSING: ReadonlySet<string> = new Set(['Target.NotInUse', 'Target.InvalidState', 'Target.NotRegistered', '']);

/** A state that only the script changes, which gave it. */
function isFrozen(target: Target): boolean {
  const [state, reason] = [stateOf(target), reasonOf(target)];
  if (state === 'unavailable' || (state === 'unused' && !PASSING.has(reason))) return true;
  return state !== 'initial' && reason.startsWith('Elb.');
}

function drain(world: World, target: Target): void {
  const afterMs = msOfAttribute(target.group, 'deregistration_delay.timeout_seconds');
  plan(world, target, { state: 'unused', afterMs });
}

/** What a target that is checked turns to next, if to anything. */
function nextOf(target: Target, { kind }: Verdict): Turn | undefined {
  const state = stateOf(target);
  const seconds = numberIn(target.group, 'RegistrationSeconds', REGISTRATION_SECONDS);
  if (state === 'initial' && reasonOf(target) !== CHECKING)
    return { state: 'initial', reason: CHECKING, afterMs: seconds * 1_000 };
  if (kind === 'answers') return state === 'healthy' ? undefined : untilHealthy(target);
  if (state === 'unhealthy.draining')
    return { state: 'unhealthy', reason: FAILED, afterMs: msOfAttribute(target.group, DRAINS_FOR) };
  return state === 'unhealthy' ? undefined : untilUnhealthy(target);
}

/** Looks at one target: what it turns to, as the account stands. */
export function lookAt(world: World, target: Target): void {
  if (stateOf(target) === 'draining') {
    drain(world, target);
    return;
  }
  const verdict = isFrozen(target) ? undefined : verdictOf(world, target);
  if (verdict === undefined || verdict.kind === 'unknown') {
    stopTurn(world, target);
    return;
  }
  if (verdict.kind === 'unused') {
    const isSaid = stateOf(target) === 'unused' && reasonOf(target) === verdict.reason;
    if (!isSaid) setHealth(world, target, healthShape('unused', verdict.reason, verdict.description));
    return;
  }
  if (stateOf(target) === 'unused') setHealth(world, target, healthShape('initial'));
  world.assume(PACE);
  if (stateOf(target) === 'initial' && target.group['RegistrationSeconds'] === undefined) world.assume(REGISTRATION);
  const next = nextOf(target, verdict);
  if (next === undefined) stopTurn(world, target);
  else plan(world, target, next);
}

/** Looks at all targets. */
function look(world: World): void {
  for (const target of allTargets(world)) lookAt(world, target);
}

/** Has all targets looked at once what is happening has happened; several requests are one look. */
export function lookSoon(world: World): void {
  const runtime = runtimeOf(world);
  if (runtime.isLookPlanned || allTargets(world).length === 0) return;
  runtime.isLookPlanned = true;
  world.clock.after(0, () => {
    runtime.isLookPlanned = false;
    look(world);
  });
}

/** Looks now and then: an interface or a subnet that was edited tells nobody. */
function lookNowAndThen(world: World): void {
  world.clock.after(
    LOOK_AGAIN_MS,
    () => {
      look(world);
      lookNowAndThen(world);
    },
    { background: true },
  );
}

/** Follows what happens to instances and to the rules between them and the nodes. */
export function followHealth(world: World): void {
  runtimeOf(world);
  for (const target of allTargets(world)) lookAt(world, target);
  world.on('instance-state', () => lookSoon(world));
  world.on('status-changed', () => lookSoon(world));
  world.on('network-changed', () => lookSoon(world));
  if (world.data['elastic-load-balancing-v2']?.['TargetGroups']?.length) lookNowAndThen(world);
}

/**
 * Refuses to go on where a new target's health cannot be derived: it would stay `initial` for good.
 * @throws NotSimulatedError that names what the world does not say
 */
export function demandKnown(world: World, call: string, target: Target): void {
  if (stateOf(target) !== 'initial') return;
  const verdict = verdictOf(world, target);
  if (verdict.kind === 'unknown')
    throw new NotSimulatedError(`${call}: whether the new target ${idOf(target)} gets healthy: ${verdict.what}`);
}
