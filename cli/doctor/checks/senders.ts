/** Who leaves what it cannot deliver in a queue, as the account is configured. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { arnOf } from '../../../simulator/services/sqs/state.ts';

/** Where configurations stand that may name a queue for what fails. */
const PLACES: readonly (readonly [service: string, collection: string])[] = [
  ['sqs', 'Queues'],
  ['sns', 'Subscriptions'],
  ['lambda', 'Functions'],
  ['lambda', 'EventSourceMappings'],
  ['eventbridge', 'EventBuses'],
  ['eventbridge', 'Rules'],
  ['scheduler', 'Schedules'],
];

function names(record: Shape, arn: string): boolean {
  // As a text of its own, or within a policy that is text: what follows the name is a quotation mark in both.
  return JSON.stringify(record).replaceAll('\\"', '"').includes(`"${arn}"`);
}

/** How many records name the queue for their dead letters: by its ARN, which its own record and its consumers have, too. */
export function sendersOf(world: World, queue: Shape): number {
  const arn = arnOf(world, queue);
  return PLACES.flatMap(([service, collection]) => world.data[service]?.[collection] ?? []).filter(
    (record) => record !== queue && !isConsumer(record, arn) && names(record, arn),
  ).length;
}

/** What takes from the queue names it as its source. */
function isConsumer(record: Shape, arn: string): boolean {
  return record['EventSourceArn'] === arn && !JSON.stringify(record['DestinationConfig'] ?? {}).includes(arn);
}
