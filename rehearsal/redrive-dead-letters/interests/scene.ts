/** What the interests of redrive-dead-letters know of a generated world beside the fates of its letters: its queues as they were, who else was at work, what was told. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { Given } from '../../worlds/interest.ts';
import { isGraveyard } from '../fates.ts';
import { nameIn } from '../letters.ts';
import { markIn } from '../worlds/marks.ts';

export const RUNBOOK = 'redrive-dead-letters';

function shapeIn(value: unknown): Shape {
  return isRecord(value) ? value : {};
}

function shapesIn(value: unknown): readonly Shape[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A queue as the world began with it. */
export interface Queue {
  readonly name: string;
  readonly tags: Shape;
  readonly attributes: Shape;
  readonly messages: readonly Shape[];
  /** The name of the queue for its dead letters. */
  readonly deadLetters: string | undefined;
  readonly isMovedByOthers: boolean;
}

function queueIn(record: Shape): Queue {
  const attributes = shapeIn(record['Attributes']);
  const policy = attributes['RedrivePolicy'];
  const read: unknown = typeof policy === 'string' ? JSON.parse(policy) : undefined;
  const target = shapeIn(read)['deadLetterTargetArn'];
  return {
    name: String(record['QueueName']),
    tags: shapeIn(record['Tags']),
    attributes,
    messages: shapesIn(record['Messages']),
    deadLetters: typeof target === 'string' ? nameIn(target) : undefined,
    isMovedByOthers: record['MessageMoveTasks'] !== undefined,
  };
}

/** All queues of a world, as it began. */
export function queuesIn({ case: { world } }: Given): readonly Queue[] {
  return shapesIn(shapeIn(world['sqs'])['Queues']).map(queueIn);
}

export function graveyardsIn(given: Given): readonly Queue[] {
  return queuesIn(given).filter(({ name }) => isGraveyard(name));
}

/** The queues whose letters one has. */
export function sourcesOf(graveyard: Queue, given: Given): readonly Queue[] {
  return queuesIn(given).filter(({ deadLetters }) => deadLetters === graveyard.name);
}

/** Whether a run may have ended without what it knew: its invocation died, or what it kept was lost. */
export function hasBrokenOff(sent: readonly LoggedRequest[]): boolean {
  return sent.some(
    ({ fault, call, error }) =>
      // A minute in which Lambda takes nothing may have begun with any of its calls.
      (call === 'lambda:CheckpointDurableExecution' && error !== undefined) ||
      (fault !== undefined &&
        (fault.startsWith('died') || call === 'lambda:CheckpointDurableExecution' || call.startsWith('ledger:'))),
  );
}

/** The results of this runbook that tell of letters, of each run and queue the last. */
export function accountsIn({ results }: Pick<SimulationEnd, 'results'>): readonly RunResult[] {
  const own = results.map(({ result }) => result).filter(({ runbook }) => runbook === RUNBOOK);
  const telling = own.filter(({ evidence, target }) => target !== undefined && evidence['received'] !== undefined);
  return [...new Map(telling.map((result) => [`${result.run} ${result.target}`, result])).values()];
}

/** A number that a result tells; 0: it tells none. */
export function numberIn(evidence: RunResult['evidence'], member: string): number {
  const value = evidence[member];
  return typeof value === 'number' ? value : 0;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** What a result tells by reasons, all together. */
export function sumIn(evidence: RunResult['evidence'], member: string): number {
  return sum(Object.values(shapeIn(evidence[member])).map(Number));
}

/** The queues and functions of others whose letters a queue has, as marks in its letters name them. */
export function homesIn({ messages }: Queue): ReadonlySet<string> {
  return new Set(messages.flatMap(({ Body: body }) => markIn(String(body))?.home ?? []));
}

/** Functions of others, as the world began. */
export function functionsIn({ case: { world } }: Given): readonly Shape[] {
  return shapesIn(shapeIn(world['lambda'])['Functions']);
}

/** The names of all queues and functions that may have any letter of this queue, by their tag or by their own redrive policy. */
export function consentingTo(queue: Queue, given: Given): ReadonlySet<string> {
  const all = [...queuesIn(given), ...functionsIn(given).map(placeIn)];
  const tagged = all.filter(({ tags }) => tags['runbook:redrive-target'] === queue.name);
  return new Set([...tagged, ...sourcesOf(queue, given)].map(({ name }) => name));
}

function placeIn({ FunctionName: name, Tags: tags }: Shape): { readonly name: string; readonly tags: Shape } {
  return { name: String(name), tags: shapeIn(tags) };
}

/** Endpoints of subscriptions that have this queue for dead letters, by name; of all, or of those without an envelope. */
export function subscribersOf({ name }: Queue, given: Given, which: 'all' | 'raw' = 'all'): readonly string[] {
  const all = shapesIn(shapeIn(given.case.world['sns'])['Subscriptions']);
  return all.flatMap(({ Endpoint: endpoint, Attributes: attributes }) => {
    const { RedrivePolicy: policy, RawMessageDelivery: raw } = shapeIn(attributes);
    const read: unknown = typeof policy === 'string' ? JSON.parse(policy) : undefined;
    const isHere = nameIn(String(shapeIn(read)['deadLetterTargetArn'])) === name;
    return isHere && (which === 'all' || raw === 'true') ? [nameIn(String(endpoint))] : [];
  });
}

/** Whether some queue or function of others may be given letters of this queue. */
export function hasOpenHome(queue: Queue, given: Given): boolean {
  const there = new Set([
    ...queuesIn(given).map(({ name }) => name),
    ...functionsIn(given).map((fn) => placeIn(fn).name),
  ]);
  const [consenting, subscribers] = [consentingTo(queue, given), subscribersOf(queue, given)];
  return [...homesIn(queue), ...subscribers].some(
    (home) => there.has(home) && (consenting.has(home) || subscribers.includes(home)),
  );
}
