/** Opens the place that a command of operation works in. What it needs is loaded only then: the SDK and the simulator take a moment. */

import type { CommandIo } from '../terminal.ts';
import type { Place } from './place.ts';

/** Which place is meant. */
export interface PlaceOptions {
  /** Path of a world file; absent: the account of the credentials. */
  readonly world?: string;
  /** What the names of the stack begin with; absent: all that are found. */
  readonly stack?: string;
  /** Refuse credentials of any other account. */
  readonly account?: string;
}

type Opener = (io: CommandIo, asked: PlaceOptions) => Promise<Place>;

function isOpener(value: unknown): value is Opener {
  return typeof value === 'function';
}

async function openerIn(path: string, name: string): Promise<Opener> {
  const module: unknown = await import(new URL(path, import.meta.url).href);
  const opener: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
  if (!isOpener(opener)) throw new TypeError(`${path} has no ${name}`);
  return opener;
}

/** Opens the world file, or the stacks of the account. */
export async function openPlace(io: CommandIo, asked: PlaceOptions): Promise<Place> {
  const open =
    asked.world === undefined
      ? await openerIn('./live/live-place.ts', 'livePlace')
      : await openerIn('./world/world-place.ts', 'worldPlace');
  return open(io, asked);
}
