/** The simulated world: the state of all services, its clock, its seeded chance, its signals. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import type { BusEvent, Clock, Gap, ServiceModel, Shape, Signals, World, WorldData } from './model.ts';

export interface WorldOptions {
  readonly services: readonly ServiceModel[];
  readonly seed: number;
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  /** Hears every event that a service publishes; absent: they are only dropped. */
  readonly onEvent?: (event: BusEvent) => void;
  /** Hears every change of an instance's state and the like, for the timeline. */
  readonly onSignal?: (name: keyof Signals, payload: Signals[keyof Signals]) => void;
  /** Hears what is mentioned and not there; absent: that is an error. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
}

/** The world as the simulation holds it. */
export interface SimulatedWorld extends World {
  /** Swapped for an older copy while a stale read runs. */
  data: WorldData;
  readonly services: readonly ServiceModel[];
  readonly assumed: ReadonlySet<string>;
  /** A deterministic UUID, as AWS uses for request ids, event ids and lifecycle tokens. */
  readonly uuid: () => string;
}

/**
 * A stream of numbers in [0, 1) that depends on the seed and the purpose only (mulberry32).
 * Separate purposes have separate streams, so that one more draw in one does not shift the others.
 */
export function randomStream(seed: number, purpose: string): () => number {
  let state = hashOf(`${purpose}:${seed}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number of 32 bits for a text, the same on every machine (FNV-1a). */
export function hashOf(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** AWS resource ids end in 17 hexadecimal digits; real ones begin with 0, and the `f` tells ours apart in a listing. */
function idMaker(seed: number): (prefix: string) => string {
  const salt = hashOf(`id:${seed}`).toString(16).padStart(8, '0').slice(0, 5);
  let count = 0;
  return (prefix) => {
    count += 1;
    return `${prefix}-0f${salt}${count.toString(16).padStart(10, '0')}`;
  };
}

function uuidMaker(seed: number): () => string {
  const salt = hashOf(`uuid:${seed}`).toString(16).padStart(8, '0');
  let count = 0;
  return () => {
    count += 1;
    return `${salt}-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
  };
}

function signalling(onSignal: WorldOptions['onSignal']): Pick<World, 'signal' | 'on'> {
  const listeners: { [N in keyof Signals]: ((payload: Signals[N]) => void)[] } = {
    'instance-state': [],
    'status-changed': [],
    'spot-notice': [],
  };
  return {
    signal: (name, payload) => {
      onSignal?.(name, payload);
      for (const listener of listeners[name]) listener(payload);
    },
    on: (name, listener) => void listeners[name].push(listener),
  };
}

function publisher(options: WorldOptions, uuid: () => string): World['emit'] {
  return (event) => {
    options.onEvent?.({
      version: '0',
      id: uuid(),
      source: event.source,
      'detail-type': event.detailType,
      account: options.account,
      region: options.region,
      // EventBridge gives whole seconds.
      time: `${options.clock.iso().slice(0, 19)}Z`,
      resources: event.resources,
      detail: event.detail,
    });
  };
}

/** Only the beginning of a world may have gaps: what a script brings later is written by hand. */
function gapKeeper(
  onGap: WorldOptions['onGap'],
): Pick<World, 'gap' | 'isPasted' | 'isMentionedOnly'> & { readonly close: () => void } {
  const mentioned = new Set<string>();
  let hear = onGap;
  return {
    gap: (gap) => {
      if (hear === undefined) throw new BadInputError(gap.path, gap.message);
      if (gap.id !== undefined) mentioned.add(gap.id);
      hear(gap);
    },
    isPasted: onGap !== undefined,
    isMentionedOnly: (id) => mentioned.has(id),
    close: () => {
      hear = undefined;
    },
  };
}

/**
 * Makes a world from its state and starts every service in it. `data` is taken over, not copied.
 * @throws what a service throws for a state it cannot complete
 */
export function createWorld(data: WorldData, options: WorldOptions): SimulatedWorld {
  const uuid = uuidMaker(options.seed);
  const assumed = new Set<string>();
  const { close, ...gaps } = gapKeeper(options.onGap);
  const world: SimulatedWorld = {
    account: options.account,
    region: options.region,
    clock: options.clock,
    random: randomStream(options.seed, 'world'),
    data,
    records: (service: string, collection: string): Shape[] => ((world.data[service] ??= {})[collection] ??= []),
    id: idMaker(options.seed),
    uuid,
    emit: publisher(options, uuid),
    ...signalling(options.onSignal),
    assume: (behaviour) => void assumed.add(behaviour),
    ...gaps,
    services: options.services,
    assumed,
  };
  for (const service of options.services) service.start?.(world);
  close();
  return world;
}
