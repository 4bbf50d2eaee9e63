/** The simulated world: the state of all services, its clock, its seeded chance, its signals. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import { below } from '../world/checking.ts';
import {
  GLOBAL_REGION,
  NotSimulatedError,
  type BusEvent,
  type Clock,
  type Gap,
  type ServiceModel,
  type Shape,
  type Signals,
  type World,
  type WorldData,
} from './model.ts';
import { isRecorded } from './recorded.ts';

export interface WorldOptions {
  readonly services: readonly ServiceModel[];
  readonly seed: number;
  readonly account: string;
  /** Home: where the functions run. */
  readonly region: string;
  /** The state of the account in other Regions, by name. Absent: there are none. */
  readonly beside?: { readonly [region: string]: WorldData };
  readonly clock: Clock;
  /** Hears every event that a service publishes; absent: they are only dropped. */
  readonly onEvent?: (event: BusEvent) => void;
  /** Hears every change of an instance's state and the like, for the timeline. */
  readonly onSignal?: (name: keyof Signals, payload: Signals[keyof Signals], world: World) => void;
  /** Hears what is mentioned and not there; absent: that is an error. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
}

/** The world as the simulation holds it. */
export interface SimulatedWorld extends World {
  readonly regions: ReadonlyMap<string, SimulatedWorld>;
  /** Swapped for an older copy while a stale read runs. */
  data: WorldData;
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

/** The seed of a run on a world that has had others: ids are made by the seed, and the first ones are taken. */
export function seedAfter(seed: number, runs: number): number {
  return runs === 0 ? seed : hashOf(`${seed} after ${runs}`);
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

/** They differ from their first digits on: people say no more of a run's. */
function uuidMaker(seed: number): () => string {
  const chance = randomStream(seed, 'uuid');
  const salt = hashOf(`uuid:${seed}`).toString(16).padStart(8, '0');
  let count = 0;
  return () => {
    count += 1;
    const first = Math.floor(chance() * 2 ** 32).toString(16);
    return `${first.padStart(8, '0')}-${salt.slice(0, 4)}-4${salt.slice(4, 7)}-8000-${count.toString(16).padStart(12, '0')}`;
  };
}

function signalling(onSignal: (...heard: Parameters<World['signal']>) => void): Pick<World, 'signal' | 'on'> {
  const listeners: { [N in keyof Signals]: ((payload: Signals[N]) => void)[] } = {
    'instance-state': [],
    'status-changed': [],
    'spot-notice': [],
    'messages-sent': [],
    'network-changed': [],
    'target-health': [],
  };
  return {
    signal: (name, payload) => {
      onSignal(name, payload);
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

/** What is one for the whole account, in whatever Region. */
interface Common extends Pick<SimulatedWorld, 'id' | 'uuid' | 'assumed' | 'assume'> {
  readonly regions: Map<string, SimulatedWorld>;
}

function inCommon(seed: number): Common {
  const assumed = new Set<string>();
  return {
    regions: new Map(),
    // No id of one Region is one of another: AWS's are not either, and here they are counted together.
    id: idMaker(seed),
    uuid: uuidMaker(seed),
    assumed,
    assume: (behaviour) => void (isRecorded(behaviour) || assumed.add(behaviour)),
  };
}

/** Makes the account in one Region; what is returned starts the services there. `purpose` names its stream of chance. */
function worldIn(
  data: WorldData,
  options: WorldOptions,
  common: Common,
  purpose: string,
): { readonly world: SimulatedWorld; readonly start: () => void } {
  const { close, ...gaps } = gapKeeper(options.onGap);
  const given = new Set(
    Object.entries(data).flatMap(([service, own]) => Object.keys(own).map((name) => `${service}/${name}`)),
  );
  const world: SimulatedWorld = {
    account: options.account,
    region: options.region,
    clock: options.clock,
    random: randomStream(options.seed, purpose),
    data,
    records: (service: string, collection: string): Shape[] => ((world.data[service] ??= {})[collection] ??= []),
    emit: publisher(options, common.uuid),
    ...signalling((name, payload) => options.onSignal?.(name, payload, world)),
    ...common,
    ...gaps,
    isUnsaid: (service, collection) =>
      gaps.isPasted && !given.has(`${service}/${collection}`) && (world.data[service]?.[collection] ?? []).length === 0,
    services: options.services,
  };
  common.regions.set(options.region, world);
  const start = (): void => {
    for (const service of options.services) service.start?.(world);
    close();
  };
  return { world, start };
}

/** The path of a Region's part in a world file. */
function pathOf(region: string): string {
  return `regions.${region}`;
}

/** What is global is somewhere, also where the file does not have its Region: then no more than that is known of it. */
function makeGlobal(options: WorldOptions, common: Common): void {
  if (common.regions.has(GLOBAL_REGION)) return;
  // What is said of its records stands at the top of the file.
  const own = optionsOf(GLOBAL_REGION, options, '');
  const services = options.services.filter((service) => service.global !== undefined);
  const { start } = worldIn({}, { ...own, services }, common, `world ${GLOBAL_REGION}`);
  start();
}

/** The options of another Region. `at`: its path in what is wrong with it. */
function optionsOf(region: string, { clock, onGap, ...options }: WorldOptions, at: string): WorldOptions {
  return {
    ...options,
    region,
    // What services keep beside the state, they keep by the clock: each Region has one of its own, which shows the same time.
    clock: { now: clock.now, iso: clock.iso, after: clock.after },
    onGap: onGap === undefined ? undefined : (gap) => onGap({ ...gap, path: `${at}${gap.path}` }),
  };
}

/** What is wrong with a Region's part of a world file, said with the path from the top. */
function saidOf(region: string, error: unknown): unknown {
  if (error instanceof NotSimulatedError) return error.in(pathOf(region));
  return error instanceof BadInputError ? below(`${pathOf(region)}.`, error) : error;
}

/**
 * Makes a world from its state and starts every service in it: those of home, which is returned, and then those of each Region
 * beside it. `data` is taken over, not copied.
 * @throws what a service throws for a state it cannot complete
 */
export function createWorld(data: WorldData, options: WorldOptions): SimulatedWorld {
  const common = inCommon(options.seed);
  const home = worldIn(data, options, common, 'world');
  // All are there before the first starts: what is derived in one must not be given in another.
  const beside = Object.entries(options.beside ?? {}).map(([region, own]) => {
    const there = optionsOf(region, options, `${pathOf(region)}.`);
    return [region, worldIn(own, there, common, `world ${region}`).start] as const;
  });
  makeGlobal(options, common);
  home.start();
  for (const [region, start] of beside) {
    try {
      start();
    } catch (error) {
      throw saidOf(region, error);
    }
  }
  return home.world;
}

/** The worlds of the account's other Regions. */
export function besideHome<W extends Pick<World, 'region'>>(
  home: Pick<World, 'region'> & { readonly regions: ReadonlyMap<string, W> },
): readonly W[] {
  return [...home.regions.values()].filter(({ region }) => region !== home.region);
}
