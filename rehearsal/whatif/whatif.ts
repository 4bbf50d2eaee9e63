/** Plays every loss of a world, one after the other, and what each comes to. */

import type { DeployedFunction } from '../../simulator/engine/run-types.ts';
import { simulate } from '../../simulator/engine/simulation.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';
import { changedWorld, type ParsedWorld } from '../../simulator/world/world-file.ts';
import type { World } from '../../simulator/engine/model.ts';
import { DEPLOYED_ENVIRONMENT } from '../drill.ts';
import { alarmsOf, judged, type Quiet } from './judge.ts';
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
}

/** What becomes of a world, with what the drills of it are made of. */
export interface WhatIfPlayed {
  readonly whatIf: WhatIf;
  /** In the order of the reports. */
  readonly played: readonly PlayedLoss[];
  /** The runbooks that look after something in it. */
  readonly functions: readonly DeployedFunction[];
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
export function wordsOf(losses: readonly Pick<Loss, 'lost'>[]): string {
  return losses
    .map(({ lost: { kind, id, name } }) => (kind === 'ledger' ? kind : `${kind} ${name ?? id}`))
    .join(' and ');
}

/** Who takes part in every play. */
interface Cast {
  readonly functions: readonly DeployedFunction[];
  readonly wards: readonly Ward[];
  readonly quiet: Quiet;
}

/** Plays losses one after the other. */
class Stage {
  readonly #asked: Asked;
  readonly #functions: readonly DeployedFunction[];
  readonly #wards: readonly Ward[];
  readonly #quiet: Quiet;
  readonly played: PlayedLoss[] = [];

  constructor(asked: Asked, { functions, wards, quiet }: Cast) {
    this.#asked = asked;
    this.#functions = functions;
    this.#wards = wards;
    this.#quiet = quiet;
  }

  async play(all: readonly (readonly Loss[])[], as: LossReport['as'], of: number): Promise<void> {
    const { world, seed, onProgress } = this.#asked;
    for (const losses of all) {
      onProgress?.(this.played.length, Math.max(of, this.played.length + 1), wordsOf(losses));
      const cast = { wards: this.#wards, functions: this.#functions };
      const played = await play({ world, losses, seed, followedMs: followedMsOf(this.#asked), ...cast });
      this.played.push({ losses, report: judged(losses, as, played, this.#quiet) });
    }
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
  const quiet: Quiet = { runbooks, alarms: calm === undefined ? [] : alarmsOf(calm, runbooks) };
  const stage = new Stage(asked, { functions, wards, quiet });
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
    functions,
  };
}
