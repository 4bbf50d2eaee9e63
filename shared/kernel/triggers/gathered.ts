/**
 * What arrives in many messages and is about one thing, as one delivery: a deployment of five thousand files is told in as many events, and
 * is one affair. Which messages go together the host finds (`hosts/gathering-host.ts`); whatever comes alone is gathered by itself.
 */

import type { Trigger } from '../definition.ts';
import { BadInputError } from '../errors.ts';
import { parseEvent } from './parser.ts';
import { sha256, type Field } from './reader.ts';
import type { Delivery, DeliveryBase, DocumentReader } from './triggers.ts';

/** Deliveries about the same thing, at least one. */
export interface GatheredDelivery extends DeliveryBase {
  readonly kind: 'gathered';
  readonly about: string;
  readonly deliveries: readonly Delivery[];
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly gathered: GatheredDelivery;
  }
}

/** What is gathered. */
export interface Gathering {
  readonly reads: readonly DocumentReader[];
  /** What a delivery is about: one key, or several; none: it is not ours. Throws `BadInputError` for what nobody can do. */
  readonly about: (delivery: Delivery) => readonly string[];
}

/** An event of the host's own making: what of `event` is about one thing. */
export interface GatheredEvent {
  readonly gathered: string;
  readonly event: unknown;
}

/**
 * The deliveries in an event that are ours, of which each can be understood.
 * @throws BadInputError of the first that cannot
 */
export function deliveriesIn(event: unknown, { reads, about }: Gathering): readonly Delivery[] {
  const parsed = parseEvent(event, reads);
  const found =
    parsed.kind === 'single'
      ? [parsed.delivery]
      : parsed.records.map((record) => {
          if ('error' in record) throw record.error;
          return record.delivery;
        });
  return found.filter((delivery) => about(delivery).length > 0);
}

/** What of an event is ours and can be understood; the kernel tells of what cannot. */
function understood(event: unknown, gathering: Gathering): readonly Delivery[] {
  try {
    return deliveriesIn(event, gathering);
  } catch (error) {
    if (error instanceof BadInputError) return [];
    throw error;
  }
}

function gatheredIn(root: Field, gathering: Gathering): GatheredDelivery | undefined {
  const isMade = root.has('gathered');
  const deliveries = understood(isMade ? root.peek('event') : root.value, gathering);
  const [first] = deliveries;
  if (first === undefined) return undefined;
  const about = isMade ? root.get('gathered').text() : gathering.about(first)[0];
  if (about === undefined) return undefined;
  const own = deliveries.filter((delivery) => gathering.about(delivery).includes(about));
  // Of several nobody can say how old they are together.
  const at = own.length === 1 && first.at !== undefined ? { at: first.at } : {};
  const id = `gathered:${sha256([about, ...own.map((each) => each.id).toSorted()].join('\n'))}`;
  return { kind: 'gathered', id, ...at, about, deliveries: own };
}

/**
 * Starts a runbook by what is gathered. The host is `gathering(plain, …)` with the same value.
 * @param toRequest what is asked by all of them together
 */
export function onGathered<Request>(
  gathering: Gathering,
  toRequest: (delivery: GatheredDelivery) => Request,
): readonly Trigger<Request>[] {
  const reader: DocumentReader = { stream: (root) => gatheredIn(root, gathering) };
  const patterns = gathering.reads.flatMap(({ event }) => event?.pattern ?? []);
  const whole: Trigger<Request> = {
    name: 'gathered',
    reads: reader,
    queue: 'gathered',
    request: (delivery) => (delivery.kind === 'gathered' ? toRequest(delivery) : undefined),
  };
  // What is read by itself comes to nothing, or has a fault: then it is said what would have been understood.
  const alone = gathering.reads.map((reads): Trigger<Request> => ({
    name: 'gathered',
    reads,
    request: (delivery) => {
      gathering.about(delivery);
      return undefined;
    },
  }));
  const ruled = patterns.map((pattern): Trigger<Request> => ({ ...whole, pattern }));
  return [whole, ...ruled, ...alone];
}
