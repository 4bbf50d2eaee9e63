/**
 * The life of an invocation: on its way to the agent, run by it, told by it.
 *
 * Source of the states: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html.
 * What only a status would show (a command that expires, a script that hangs) does not keep the world busy.
 */

import { find, show, stateOf, text, zoneIsDark, zoneOf } from '../ec2/state.ts';
import type { Shape, World } from '../../engine/model.ts';
import { carryOut, documentOf, executionTimeoutSeconds, outputOfScript, scriptOf, type Script } from './documents.ts';

/** From the request to the agent that runs it. Assumed: agents were seen to begin within a second or two. */
const DELIVERY_MS = 1_000;

const timers = new WeakMap<object, Map<string, () => void>>();

/** Plans what comes next for an invocation. Replaces what was planned under the same key. */
function plan(
  world: World,
  key: string,
  milliseconds: number,
  effect: () => void,
  options?: { readonly background: true },
): void {
  const planned = timers.get(world.clock) ?? new Map<string, () => void>();
  timers.set(world.clock, planned);
  planned.get(key)?.();
  planned.set(key, world.clock.after(Math.max(0, milliseconds), effect, options));
}

function cancel(world: World, key: string): void {
  timers.get(world.clock)?.get(key)?.();
  timers.get(world.clock)?.delete(key);
}

const stepOf = (invocation: Shape): string => `step ${show(invocation['InvocationId'])}`;
const expiryOf = (invocation: Shape): string => `expiry ${show(invocation['InvocationId'])}`;

function instanceOf(invocation: Shape): string {
  return show(invocation['InstanceId']);
}

/** Whether the agent of an instance can be reached now. */
function answers(world: World, instanceId: string): boolean {
  const information = world.records('ssm', 'InstanceInformation').find((record) => record['InstanceId'] === instanceId);
  const instance = find(world, 'Instances', instanceId);
  return (
    information?.['PingStatus'] === 'Online' &&
    instance !== undefined &&
    stateOf(instance) === 'running' &&
    !zoneIsDark(world, zoneOf(instance))
  );
}

function setStatus(invocation: Shape, status: string, details = status): void {
  invocation['Status'] = status;
  invocation['StatusDetails'] = details;
}

function isOpen(invocation: Shape): boolean {
  return ['Pending', 'Delayed', 'InProgress'].includes(show(invocation['Status']));
}

function settle(world: World, invocation: Shape, status: string, details = status): void {
  cancel(world, stepOf(invocation));
  cancel(world, expiryOf(invocation));
  delete invocation['Result'];
  setStatus(invocation, status, details);
}

/** The script has ended. What cannot be told now is told when the agent is reached again. */
function report(world: World, invocation: Shape, result: 'Success' | 'Failed'): void {
  if (answers(world, instanceOf(invocation))) settle(world, invocation, result);
  else invocation['Result'] = result;
}

/** The agent ends a script that outlasts its time; where it cannot tell, the command expires. */
function timeOut(world: World, invocation: Shape): void {
  if (answers(world, instanceOf(invocation))) settle(world, invocation, 'TimedOut', 'ExecutionTimedOut');
}

function run(world: World, invocation: Shape, script: Script): void {
  const limitMs = executionTimeoutSeconds(script.document) * 1_000;
  if (script.takesMs > limitMs) {
    plan(world, stepOf(invocation), limitMs, () => timeOut(world, invocation));
    return;
  }
  plan(world, stepOf(invocation), script.takesMs, () => {
    const result = carryOut(world, instanceOf(invocation), script);
    const output = outputOfScript(script);
    if (output !== '') invocation['Output'] = output;
    if (script.hangs)
      plan(world, stepOf(invocation), limitMs - script.takesMs, () => timeOut(world, invocation), { background: true });
    else report(world, invocation, result);
  });
}

function begin(world: World, invocation: Shape): void {
  const document = documentOf(world, show(invocation['DocumentName']));
  setStatus(invocation, 'InProgress');
  // A document that was deleted meanwhile: nothing comes of the invocation until it expires.
  if (document === undefined) return;
  const parameters = invocation['Parameters'];
  const given = typeof parameters === 'object' && parameters !== null ? { ...parameters } : {};
  run(world, invocation, scriptOf(document, given, instanceOf(invocation)));
}

/**
 * Whether the command may still begin. What has not begun within `TimeoutSeconds` never does, but it is called timed out
 * only when the time for its execution has passed, too.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html (TimeoutSeconds).
 */
function mayBegin(world: World, invocation: Shape): boolean {
  return (
    world.clock.now() <=
    Date.parse(show(invocation['RequestedDateTime'])) + Number(invocation['TimeoutSeconds']) * 1_000
  );
}

function deliver(world: World, invocation: Shape): void {
  if (!answers(world, instanceOf(invocation))) setStatus(invocation, 'Delayed');
  else if (mayBegin(world, invocation)) begin(world, invocation);
}

function startDelivery(world: World, invocation: Shape): void {
  world.assume(`ssm: a command reaches an agent that is online after ${DELIVERY_MS / 1_000} s`);
  plan(world, stepOf(invocation), DELIVERY_MS, () => deliver(world, invocation));
}

/** Sets an invocation on its way, or goes on with one of the world file: a script that was running begins anew. */
export function follow(world: World, invocation: Shape): void {
  if (!isOpen(invocation)) return;
  const leftMs = Date.parse(show(invocation['ExpiresAfter'])) - world.clock.now();
  plan(world, expiryOf(invocation), leftMs, () => settle(world, invocation, 'TimedOut', 'DeliveryTimedOut'), {
    background: true,
  });
  if (invocation['Status'] !== 'InProgress') startDelivery(world, invocation);
  else if (answers(world, instanceOf(invocation)) && text(invocation, 'Result') === undefined) begin(world, invocation);
  else reconnect(world, instanceOf(invocation));
}

function openOn(world: World, instanceId: string): Shape[] {
  return world
    .records('ssm', 'CommandInvocations')
    .filter((invocation) => invocation['InstanceId'] === instanceId && isOpen(invocation));
}

/** The agent may be reached again: what waited for it is delivered, what it could not tell is told. */
export function reconnect(world: World, instanceId: string): void {
  if (!answers(world, instanceId)) return;
  for (const invocation of openOn(world, instanceId)) {
    const result = text(invocation, 'Result');
    if (invocation['Status'] === 'Delayed') startDelivery(world, invocation);
    else if (result !== undefined) settle(world, invocation, result);
  }
}

/** The instance runs no more: its scripts end unfinished, and nobody is left to tell of them, so that they expire. */
export function cutOff(world: World, instanceId: string): void {
  for (const invocation of openOn(world, instanceId)) {
    if (invocation['Status'] !== 'InProgress') continue;
    cancel(world, stepOf(invocation));
    delete invocation['Result'];
  }
}
