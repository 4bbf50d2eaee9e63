/** Events that a function of others is given asynchronously: handled, or tried again and in the end told to whoever is to know. */

import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';
import { parseDuration } from '../../world/duration.ts';
import { failsOn } from '../../world/failing.ts';
import { tellOfFailure } from './failed-events.ts';
import { configsOf, functionNamed } from './state.ts';

/**
 * Retries of a function that says nothing of them, and the pauses before each.
 * Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
const MOST_RETRIES = 2;
const PAUSES_MS = [60_000, 120_000] as const;

/** How long a function is at an event, if it does not say. */
const HANDLES_MS = 1_000;

function received(fn: Shape): readonly Shape[] {
  const all = fn['Received'];
  return Array.isArray(all) ? all.filter(isRecord) : [];
}

/** The configuration that holds for what was invoked. */
function configFor(fn: Shape, qualifier: string): Shape | undefined {
  return configsOf(fn).find(({ FunctionArn }) => String(FunctionArn).endsWith(`:${qualifier}`));
}

function retriesOf(config: Shape | undefined): number {
  const retries = config?.['MaximumRetryAttempts'];
  return typeof retries === 'number' ? retries : MOST_RETRIES;
}

function isFailing(fn: Shape, event: string, nowMs: number): boolean {
  const body: unknown = JSON.parse(event);
  return failsOn({ fails: fn['Fails'], until: fn['Until'], received: fn['Attempted'] }, body, nowMs);
}

/** One attempt, over. The records are looked up again: they are others once the world was copied. */
function attempted(world: World, name: unknown, id: unknown): void {
  const fn = functionNamed(world, name);
  const given = fn === undefined ? undefined : received(fn).find(({ RequestId }) => RequestId === id);
  // It was deleted meanwhile, with all that was waiting for it.
  if (fn === undefined || given === undefined) return;
  const attempts = Number(given['Attempts']) + 1;
  given['Attempts'] = attempts;
  fn['Attempted'] = Number(fn['Attempted'] ?? 0) + 1;
  const qualifier = String(given['Qualifier']);
  const config = configFor(fn, qualifier);
  if (!isFailing(fn, String(given['Event']), world.clock.now())) {
    given['Outcome'] = 'handled';
  } else if (attempts <= retriesOf(config)) {
    world.clock.after(PAUSES_MS[attempts - 1] ?? PAUSES_MS[1], () => attempt(world, name, id));
  } else {
    given['Outcome'] = 'failed';
    tellOfFailure(world, { fn, given, config });
  }
}

function attempt(world: World, name: unknown, id: unknown): void {
  const handles = functionNamed(world, name)?.['Handles'];
  const takesMs = typeof handles === 'string' ? parseDuration(handles) : undefined;
  world.clock.after(takesMs ?? HANDLES_MS, () => attempted(world, name, id));
}

/** Gives a function an event, as `Invoke` of type Event does. `event`: JSON. */
export function giveEvent(world: World, fn: Shape, qualifier: string, event: string): void {
  const RequestId = uuid(world);
  const given = {
    RequestId,
    Qualifier: qualifier,
    At: world.clock.iso(),
    Event: event,
    Attempts: 0,
    Outcome: 'pending',
  };
  fn['Received'] = [...received(fn), given];
  attempt(world, fn['FunctionName'], RequestId);
}

/** Goes on with what a function was at when the world was written down. */
export function resume(world: World, fn: Shape): void {
  for (const { RequestId, Outcome } of received(fn))
    if (Outcome === 'pending') attempt(world, fn['FunctionName'], RequestId);
}
