/** Where letters go that no queue has left: to which queues and functions, by the account's own configuration; and what functions were given. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';

function memberOf(record: unknown, ...path: readonly string[]): unknown {
  let found = record;
  for (const name of path) found = isRecord(found) ? found[name] : undefined;
  return found;
}

function listOf(value: unknown): readonly Shape[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A policy is JSON in a text. */
function policyTarget(record: Shape): unknown {
  const policy = memberOf(record, 'Attributes', 'RedrivePolicy');
  return typeof policy === 'string' ? memberOf(JSON.parse(policy), 'deadLetterTargetArn') : undefined;
}

/** ARNs of the queues and functions to which a letter of this queue of dead letters may go, whoever has left it there. */
export function placesBehind(world: World, dead: string): readonly string[] {
  const subscribed = world.records('sns', 'Subscriptions').filter((one) => policyTarget(one) === dead);
  const ruled = world
    .records('eventbridge', 'Rules')
    .flatMap((rule) => listOf(rule['Targets']))
    .filter((target) => memberOf(target, 'DeadLetterConfig', 'Arn') === dead);
  const scheduled = world
    .records('scheduler', 'Schedules')
    .map((one) => one['Target'])
    .filter((target) => memberOf(target, 'DeadLetterConfig', 'Arn') === dead);
  const functions = world
    .records('lambda', 'Functions')
    .filter((fn) => memberOf(fn, 'DeadLetterConfig', 'TargetArn') === dead);
  return [
    ...subscribed.map(({ Endpoint }) => Endpoint),
    ...[...ruled, ...scheduled].map((to) => memberOf(to, 'Arn')),
    ...functions.map(({ FunctionArn }) => FunctionArn),
  ].filter((arn) => typeof arn === 'string');
}

/** Those of them that are queues. */
export function queuesBehind(world: World, dead: string): readonly string[] {
  return placesBehind(world, dead).filter((arn) => arn.includes(':sqs:'));
}

/** What functions were given, as it was written. */
function eventsIn(world: World): readonly string[] {
  return world.records('lambda', 'Functions').flatMap((fn) => listOf(fn['Received']).map(({ Event }) => String(Event)));
}

function messageIn(body: string): string | undefined {
  try {
    const message = memberOf(JSON.parse(body), 'Message');
    return typeof message === 'string' ? JSON.stringify(message) : undefined;
  } catch {
    return undefined;
  }
}

/** Some function was given the letter: as it is, the event that it holds, or the message that it is an envelope of. */
export function isGiven(world: World, body: string): boolean {
  const message = messageIn(body);
  return eventsIn(world).some((event) => body.includes(event) || (message !== undefined && event.includes(message)));
}
