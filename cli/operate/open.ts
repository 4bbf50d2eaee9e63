/** Opens the place that a command of operation works in. What it needs is loaded only then: the SDK and the simulator take a moment. */

import { UsageError, type CommandIo } from '../terminal.ts';
import type { Place } from './place.ts';

/** Which place is meant. */
export interface PlaceOptions {
  /** Path of a world file; absent: the account of the credentials. */
  readonly world?: string;
  /** What the names of the stack begin with; absent: all that are found. */
  readonly stack?: string;
  /** Refuse credentials of any other account. */
  readonly account?: string;
  /** It is going to be changed. */
  readonly acts?: true;
}

/**
 * Opens the world file, or the stacks of the account.
 * @throws UsageError, BadInputError where there is no such place
 */
export async function openPlace(io: CommandIo, asked: PlaceOptions): Promise<Place> {
  const { world: file, acts = false, ...live } = asked;
  if (file === undefined) {
    const { livePlace } = await import('./live/live-place.ts');
    return livePlace(io, live);
  }
  if (asked.account !== undefined)
    throw new UsageError('--account is about the account of your credentials, and a world is none');
  const { worldPlace } = await import('./world/world-place.ts');
  const place = await worldPlace(io, { file, acts });
  const known = place.stacks.map(({ prefix }) => prefix);
  if (asked.stack === undefined || known.includes(asked.stack)) return place;
  await place.close();
  throw new UsageError(`there is no stack ${asked.stack} in a world; it has one, ${known.join(', ')}`);
}
