/** What the kinds of things that a blocklist is published to have in common: where they are found, and how one is read again. */

import type { Io, Located } from '../../kernel/definition.ts';
import { classify, TerminalError, type Fault } from '../../kernel/errors.ts';

/** One of them, with all that a request may call it. */
export interface Found<Seen extends object> {
  readonly names: readonly string[];
  readonly located: Located<Seen>;
}

/** One kind, read beside a reading of the ledger. */
export interface Kind<Seen extends object, Ledger> {
  /** What stands for all of this kind while nobody knows which there are. */
  readonly name: string;
  /** Whether a target is of this kind. */
  readonly isOne: (target: string) => boolean;
  /** All that are tagged; one that cannot be understood comes with that as its own fault. Throws what AWS throws: an answer that failed is not an empty one. */
  readonly find: (ledger: Promise<Ledger>, io: Io) => Promise<readonly Found<Seen>[]>;
  /** One of them again. */
  readonly observe: (target: string, ledger: Ledger, io: Io) => Promise<Seen>;
}

/** What goes wrong with one of several is its own fault. */
export async function locatedAs<Seen extends object>(
  target: string,
  look: () => Seen | Promise<Seen>,
): Promise<Located<Seen>> {
  try {
    return { target, facts: await look() };
  } catch (error) {
    return { target, fault: classify(error) };
  }
}

/** One that could not be read. */
export function faulty<Seen extends object>(target: string, fault: Fault, names: readonly string[] = []): Found<Seen> {
  return { names, located: { target, fault } };
}

async function foundOf<Seen extends object, Ledger>(
  kind: Kind<Seen, Ledger>,
  ledger: Promise<Ledger>,
  io: Io,
): Promise<readonly Found<Seen>[]> {
  try {
    return await kind.find(ledger, io);
  } catch (error) {
    return [faulty(kind.name, classify(error))];
  }
}

/**
 * Those that are meant; `null`: all. A kind of which nobody can say which there are holds up no other.
 * Throws what the ledger throws: one that does not answer wants nothing, and nothing is what nobody must get.
 */
export async function locateIn<Seen extends object, Ledger>(
  kinds: readonly Kind<Seen, Ledger>[],
  target: string | null,
  ledger: Promise<Ledger>,
  io: Io,
): Promise<readonly Located<Seen>[]> {
  const [, ...found] = await Promise.all([ledger, ...kinds.map((kind) => foundOf(kind, ledger, io))]);
  const all = found.flat();
  const meant = target === null ? all : all.filter(({ names }) => names.includes(target));
  // While a kind does not answer nobody can say that there is no such thing.
  const told = meant.length > 0 ? meant : all.filter(({ names, located }) => names.length === 0 && 'fault' in located);
  return told.map(({ located }) => located);
}

/**
 * The kind that a target is of.
 * @throws TerminalError for what is of none
 */
export function kindOf<Seen extends object, Ledger>(
  kinds: readonly Kind<Seen, Ledger>[],
  target: string,
): Kind<Seen, Ledger> {
  const kind = kinds.find(({ name, isOne }) => isOne(target) || target.startsWith(name));
  if (kind !== undefined) return kind;
  throw new TerminalError(`${target} is no kind of enforcement point`);
}
