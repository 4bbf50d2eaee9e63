/** Ticks of a schedule that came to nothing new: hundreds of them say as much as one, if it is said what they repeat. */

import type { RunResult } from '../shared/kernel/report/result.ts';
import type { SimulationResult } from '../simulator/engine/run-types.ts';
import { isAwsRequest, reasonParts } from './results.ts';

type Simulated = Pick<SimulationResult, 'results' | 'invocations' | 'requests'>;

/** The invocations of ticks that wrote nothing, and of whose targets each has said before what it says. */
export function quietTicks(simulated: Simulated): ReadonlySet<number> {
  const said = new Map<string, string>();
  const loud = new Set<number>();
  for (const { invocation, result } of simulated.results) {
    const about = `${result.runbook} ${result.target ?? ''}`;
    const words = `${result.outcome} ${reasonParts(result.reason)[0]}`;
    const silent = result.outcome === 'nothing' || result.outcome === 'not-mine' || said.get(about) === words;
    said.set(about, words);
    if (!silent) loud.add(invocation);
  }
  const wrote = new Set(
    simulated.requests
      .filter((request) => request.kind === 'write' && isAwsRequest(request))
      .map(({ invocation }) => invocation),
  );
  const quiet = simulated.invocations.filter(
    ({ index, delivery, ended }) => delivery === -1 && ended === 'returned' && !loud.has(index) && !wrote.has(index),
  );
  return new Set(quiet.map(({ index }) => index));
}

/** What a tick does, by outcome, in the order in which it is told: what a person has to look at first. */
const WORDS = [
  ['failed', 'fails again'],
  ['refused', 'refuses again'],
  ['awaiting-approval', 'waits for approval still'],
  ['waiting', 'waits still'],
  ['planned', 'plans again'],
  ['done', 'ends as before'],
  // Not "finds nothing to do": a runbook also leaves alone what it would like to do and may not, or not yet. The code says which.
  ['nothing', 'changes nothing'],
  ['not-mine', 'finds nothing of its own'],
] as const satisfies readonly (readonly [RunResult['outcome'], string])[];

/** A stretch of quiet ticks, while it is collected. */
export class QuietStretch {
  /** When its first result was logged, ISO 8601. */
  readonly from: string;
  #to: string;
  readonly #ticks = new Set<number>();
  /** How often each outcome came with each code. */
  readonly #codes = new Map<RunResult['outcome'], Map<string, number>>();

  constructor(from: string) {
    this.from = from;
    this.#to = from;
  }

  add(at: string, invocation: number, { outcome, reason }: Pick<RunResult, 'outcome' | 'reason'>): void {
    const [code] = reasonParts(reason);
    const codes = this.#codes.get(outcome) ?? new Map<string, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.#codes.set(outcome, codes);
    this.#ticks.add(invocation);
    this.#to = at;
  }

  /** What it says: how many ticks, until when, and what they repeat. */
  text(): string {
    const times = this.#ticks.size;
    const looks = times === 1 ? 'looks' : `looks ${times} times until ${this.#to.slice(11, 19)}`;
    const repeated = WORDS.flatMap(([outcome, words]) => {
      const codes = this.#codes.get(outcome);
      return codes === undefined ? [] : [`${words}: ${[...codes].map((one) => counted(one, times)).join(', ')}`];
    });
    return `${looks} and ${repeated.join('; ')}`;
  }
}

/** Once in each tick goes without saying. */
function counted([code, count]: readonly [string, number], ticks: number): string {
  return count === ticks ? code : `${code} (${count} times)`;
}
