/** A workbench of worlds: tries batches of them and makes what is wrong small, in whichever thread it is asked to. */

import { BATCH, batchOf, drawnAt, shrunk, worldsOf, type Drawn, type Maker, type Spot } from './draw.ts';
import { sum, type Reach } from './reach.ts';
import { kindOf, tryOut, type InterestsByRunbook, type Trial } from './trial.ts';
import type { DeployedFunction } from '../../simulator/engine/run-types.ts';

/**
 * Requests that may be sent, in all runs together, while one world is made small: a hundred or two runs of most worlds, some
 * ten seconds. Counted, for a clock would not stop at the same world each time.
 */
const SHRINK_REQUESTS = 40_000;
/** What a run costs besides its requests, in requests. */
const RUN_COST = 100;

/** Something wrong that was come upon, and the first world in which it was. */
export interface Finding {
  readonly kind: string;
  readonly interest: string;
  readonly what: string;
  readonly spot: Spot;
  /** How many worlds had it. */
  readonly count: number;
}

/** What a batch of worlds came to. */
export interface BatchEnd {
  readonly reach: Reach;
  readonly findings: readonly Finding[];
}

/** Findings of several batches, each kind once, in the order of their worlds. */
export function together(all: readonly Finding[]): readonly Finding[] {
  const kinds = new Map<string, Finding>();
  for (const finding of all) {
    const known = kinds.get(finding.kind);
    kinds.set(finding.kind, known === undefined ? finding : { ...known, count: known.count + finding.count });
  }
  return [...kinds.values()];
}

/** All that is needed to try worlds out. */
export class Bench {
  readonly #worlds: ReturnType<typeof worldsOf>;
  readonly #functions: readonly DeployedFunction[];
  readonly #interests: InterestsByRunbook;
  readonly #seed: number;

  constructor(
    functions: readonly DeployedFunction[],
    { makers, interests }: { readonly makers: readonly Maker[]; readonly interests: InterestsByRunbook },
    seed: number,
  ) {
    this.#worlds = worldsOf(makers);
    this.#functions = functions;
    this.#interests = interests;
    this.#seed = seed;
  }

  /** Tries the worlds of one batch, `count` of them. */
  async batch(batch: number, count: number = BATCH): Promise<BatchEnd> {
    const reaches: Reach[] = [];
    const findings: Finding[] = [];
    for (const [index, drawn] of batchOf(this.#worlds, this.#seed, batch, count).entries()) {
      const { wrongs, reach } = await this.#try(drawn);
      reaches.push(reach);
      const spot = { batch, path: String(index) };
      const own = wrongs.map((wrong) => ({ kind: kindOf(wrong), ...wrong, spot, count: 1 }));
      findings.push(...new Map(own.map((finding) => [finding.kind, finding])).values());
    }
    return { reach: sum(reaches), findings: together(findings) };
  }

  /** The same finding in the smallest world near the one in which it was come upon. */
  async small(finding: Finding): Promise<Finding> {
    const found = (trial: Trial) => trial.wrongs.find((wrong) => kindOf(wrong) === finding.kind);
    let left = SHRINK_REQUESTS;
    const spot = await shrunk(this.#worlds, { seed: this.#seed, spot: finding.spot }, async (drawn) => {
      if (left < 0) return 'enough';
      const trial = await this.#try(drawn);
      left -= trial.end.requests.length + RUN_COST;
      return found(trial) !== undefined;
    });
    const wrong = found(await this.at(spot));
    return { ...finding, spot, what: wrong?.what ?? finding.what };
  }

  /** The world at a spot. */
  drawn(spot: Spot): Drawn {
    return drawnAt(this.#worlds, this.#seed, spot);
  }

  /** The world at a spot, tried out. */
  at(spot: Spot): Promise<Trial> {
    return this.#try(this.drawn(spot));
  }

  #try(drawn: Drawn): Promise<Trial> {
    return tryOut(drawn, this.#functions, this.#interests);
  }
}
