/** Plays every loss of a world, one after the other, and what each comes to. */

import type { DeployedFunction } from '../../simulator/engine/run-types.ts';
import { simulate } from '../../simulator/engine/simulation.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';
import { changedWorld, type ParsedWorld } from '../../simulator/world/world-file.ts';
import type { World } from '../../simulator/engine/model.ts';
import { DEPLOYED_ENVIRONMENT } from '../drill.ts';
import { alarmsOf, judged } from './judge.ts';
import { concerns, lossesIn, unattendedIn, type Loss } from './losses.ts';
import { besideWhich, pairsOf } from './pairs.ts';
import { FOLLOWED_MS, leadMs, play, type Played } from './play.ts';
import {
  VERDICTS,
  type Attended,
  type LossKind,
  type LossReport,
  type PairCount,
  type Troubled,
  type WhatIf,
} from './what-if.ts';
import type { Ward } from './wards/ward.ts';
import { wardsIn } from './wards/wards.ts';

/** What is asked of a world. */
export interface Asked {
  readonly world: ParsedWorld;
  readonly functions: readonly DeployedFunction[];
  readonly kinds: readonly LossKind[];
  readonly pairs: boolean;
  readonly seed: number;
  /** Each loss is followed for so long at most, seconds; absent: two hours. */
  readonly followedSeconds?: number;
  /** Hears how many of how many were played, before each. */
  readonly onProgress?: (played: number, of: number, next: string) => void;
}

/** A loss that was played: what it came to, and what it was made of. */
export interface PlayedLoss {
  readonly report: LossReport;
  readonly losses: readonly Loss[];
  /** The runbooks that were deployed for it. */
  readonly functions: readonly DeployedFunction[];
}

/** What becomes of a world, with what the drills of it are made of. */
export interface WhatIfPlayed {
  readonly whatIf: WhatIf;
  /** In the order of the reports. */
  readonly played: readonly PlayedLoss[];
}

/**
 * The world at the moment at which something is lost. Nothing is lost in it, and its script does not run.
 * @throws the error in which it ends before
 */
export async function beforeTheLoss(
  world: ParsedWorld,
  functions: readonly DeployedFunction[],
  seed: number,
): Promise<World> {
  const runForMs = functions.length === 0 ? 0 : leadMs(world) - 1;
  const end = await simulate({
    world: changedWorld(world, { script: [] }),
    events: [],
    functions,
    seed,
    faults: NO_FAULTS,
    runForMs,
    atMostMs: runForMs,
    environment: { ...DEPLOYED_ENVIRONMENT },
    watchers: [],
  });
  if (end.error !== undefined) throw end.error;
  return end.world;
}

function followedMsOf({ followedSeconds }: Asked): number {
  return followedSeconds === undefined ? FOLLOWED_MS : followedSeconds * 1_000;
}

function attendedOf({ kind, id, name, runbook }: Ward): Attended {
  return { kind, id, name, runbook };
}

/** What is not well before the loss, or does not stay so though nothing is lost. */
function troubledIn({ courses }: Played): readonly Troubled[] {
  return courses.flatMap(({ ward, turns }): Troubled[] => {
    const look = turns.findLast((turn) => turn.look.level !== 'good')?.look;
    return look === undefined || look.level === 'good' ? [] : [{ ...attendedOf(ward), what: look.what }];
  });
}

/** A word for a loss while it is played. */
function wordsOf(losses: readonly Pick<Loss, 'lost'>[]): string {
  return losses
    .map(({ lost: { kind, id, name } }) => (kind === 'ledger' ? kind : `${kind} ${name ?? id}`))
    .join(' and ');
}

/** Who takes part in every play. */
interface Cast {
  readonly functions: readonly DeployedFunction[];
  readonly wards: readonly Ward[];
  /** Alarms that ring though nothing is lost. */
  readonly calmAlarms: readonly string[];
}

/**
 * The runbooks that look after something that is lost: the others would do what they do anyhow, which takes most of the time. The ledger
 * alone concerns all of them; beside something else it is that thing's runbooks that are looked at.
 */
function concerned(losses: readonly Loss[], { functions, wards }: Cast): readonly DeployedFunction[] {
  const telling = losses.filter(({ isLedger }) => isLedger !== true);
  if (telling.length === 0) return functions;
  const hit = wards.filter((ward) => telling.some((loss) => concerns(loss, ward)));
  const runbooks = new Set(hit.map(({ runbook }) => runbook));
  return functions.filter(({ summary }) => runbooks.has(summary.name));
}

/** Plays losses one after the other. */
class Stage {
  readonly #asked: Asked;
  readonly #cast: Cast;
  readonly played: PlayedLoss[] = [];

  constructor(asked: Asked, cast: Cast) {
    this.#asked = asked;
    this.#cast = cast;
  }

  async play(all: readonly (readonly Loss[])[], as: LossReport['as'], of: number): Promise<void> {
    for (const losses of all) {
      this.#asked.onProgress?.(this.played.length, Math.max(of, this.played.length + 1), wordsOf(losses));
      this.played.push(await this.#playOne(losses, as));
    }
  }

  async #playOne(losses: readonly Loss[], as: LossReport['as']): Promise<PlayedLoss> {
    const few = concerned(losses, this.#cast);
    const first = await this.#playWith(losses, few);
    // What a runbook that was left out has made before the loss is not there to be lost: then all of them are played.
    const isShort = first.unknown !== undefined && few.length < this.#cast.functions.length;
    const functions = isShort ? this.#cast.functions : few;
    const played = isShort ? await this.#playWith(losses, functions) : first;
    const runbooks = functions.map(({ summary }) => summary.name);
    const report = judged(losses, as, played, { runbooks, alarms: this.#cast.calmAlarms });
    return { losses, functions, report };
  }

  #playWith(losses: readonly Loss[], functions: readonly DeployedFunction[]): Promise<Played> {
    const { world, seed } = this.#asked;
    return play({ world, losses, wards: this.#cast.wards, functions, seed, followedMs: followedMsOf(this.#asked) });
  }
}

function worstFirst(played: readonly PlayedLoss[]): readonly PlayedLoss[] {
  const rank = ({ report }: PlayedLoss): number => VERDICTS.indexOf(report.verdict);
  return played.toSorted((one, other) => rank(one) - rank(other));
}

/**
 * Plays every loss of a world by the code that would run.
 * @throws BadInputError for a world that cannot be, NotSimulatedError where it cannot be played even while nothing is lost
 */
export async function whatIf(asked: Asked): Promise<WhatIfPlayed> {
  const { world, seed, kinds } = asked;
  // Who looks after something is known once the simulator has completed the file.
  const named = new Set(wardsIn(await beforeTheLoss(world, [], seed)).map(({ runbook }) => runbook));
  const functions = asked.functions.filter(({ summary }) => named.has(summary.name));
  const before = await beforeTheLoss(world, functions, seed);
  const wards = wardsIn(before);
  const losses = lossesIn(before, kinds);
  const attended = losses.filter((loss) => wards.some((ward) => concerns(loss, ward)));
  const singles = attended.map((loss) => [loss]);
  const { chosen, left } = asked.pairs ? pairsOf(attended, wards) : { chosen: [], left: 0 };
  const calm =
    attended.length === 0
      ? undefined
      : await play({ world, losses: [], wards, functions, seed, followedMs: followedMsOf(asked) });
  const runbooks = functions.map(({ summary }) => summary.name);
  const calmAlarms = calm === undefined ? [] : alarmsOf(calm, runbooks);
  const stage = new Stage(asked, { functions, wards, calmAlarms });
  const expected = singles.length + chosen.length;
  await stage.play(singles, 'single', expected);
  await stage.play(besideWhich(attended, stage.played, wards), 'beside', expected);
  await stage.play(chosen, 'pair', expected);
  const played = worstFirst(stage.played);
  const pairs: { pairs?: PairCount } = asked.pairs ? { pairs: { played: chosen.length, left } } : {};
  return {
    whatIf: {
      lostAt: new Date(world.nowMs + leadMs(world)).toISOString(),
      account: world.account,
      region: world.region,
      seed,
      followedSeconds: followedMsOf(asked) / 1_000,
      attended: wards.map(attendedOf),
      reports: played.map(({ report }) => report),
      unattended: unattendedIn(before, losses, wards),
      troubled: calm === undefined ? [] : troubledIn(calm),
      ...pairs,
      scriptSteps: world.script.length,
      otherRegions: Object.keys(world.regions),
    },
    played,
  };
}
