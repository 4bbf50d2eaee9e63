/** Plays a world with some losses, by the code that would run, until all is well again or nothing comes any more. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import { DEPLOYED_ENVIRONMENT } from '../drill.ts';
import { changesTheAccount } from '../explorer/effects.ts';
import { NotSimulatedError, type Shape, type World, type WorldData } from '../../simulator/engine/model.ts';
import { NO_FAULTS, type DeployedFunction, type Watcher } from '../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';
import { changedWorld, type ParsedWorld, type ScriptStep } from '../../simulator/world/world-file.ts';
import type { Loss } from './losses.ts';
import { withOutage } from './outage.ts';
import type { Rpo } from './what-if.ts';
import type { Look, Ward } from './wards/ward.ts';

/** The slowest schedule of those concerned (`everyMinutes` in their `function.yml`): before anything is lost it has seen everything well. */
const SLOWEST_MS = 300_000;
/** Right after a tick of every schedule, so that what only a schedule finds is found as late as can be. */
const AFTER_TICK_MS = 1_000;
/** Each loss is followed for so long: twice the hour for which a redrive leaves a queue alone whose consumer is broken. */
export const FOLLOWED_MS = 7_200_000;
/** All is well again, and was for two ticks of the slowest schedule: it stays so. */
const WELL_MS = 600_000;
/** So long an Auto Scaling group watches a member that does not answer. As `simulator/services/auto-scaling/state.ts` has it, assumed. */
const NOTICED_MS = 180_000;
/** A world that is busy without coming to rest is given up: the longest drill takes 18,819 steps. */
const MOST_STEPS = 60_000;

/** When something is lost in a world, milliseconds after its beginning. */
export function leadMs({ nowMs }: Pick<ParsedWorld, 'nowMs'>): number {
  return Math.ceil((nowMs + SLOWEST_MS) / SLOWEST_MS) * SLOWEST_MS + AFTER_TICK_MS - nowMs;
}

/** What is played. */
export interface Play {
  readonly world: ParsedWorld;
  readonly losses: readonly Loss[];
  readonly wards: readonly Ward[];
  readonly functions: readonly DeployedFunction[];
  readonly seed: number;
  /** Each loss is followed for so long at most, beyond the outage that it is; absent: `FOLLOWED_MS`. */
  readonly followedMs?: number;
  /** Who looks on besides. */
  readonly watchers?: readonly Watcher[];
}

/** A moment at which it came to stand otherwise with something. */
export interface Turn {
  readonly atMs: number;
  readonly look: Look;
  /** Of what has data, and is back: how much of them. */
  readonly rpo?: Rpo;
}

/** How something has fared, moment by moment. */
export interface Course {
  readonly ward: Ward;
  /** The first is how it stood when the loss happened. */
  readonly turns: readonly Turn[];
}

/** What was played. */
export interface Played {
  readonly lostAtMs: number;
  readonly courses: readonly Course[];
  readonly end: SimulationEnd;
  /** Why it did not come to its end; absent: it did. */
  readonly unknown?: string;
}

function isSame(one: Look, other: Look): boolean {
  return (
    one.level === other.level && (one.level === 'good' ? '' : one.what) === (other.level === 'good' ? '' : other.what)
  );
}

/** Looks at everything that is looked after whenever something happens. */
class Lookout {
  readonly #lostAtMs: number;
  readonly #courses: readonly { readonly ward: Ward; readonly turns: Turn[] }[];
  #requests = 0;
  #turnedMs = 0;
  #actedMs = 0;

  constructor(wards: readonly Ward[], lostAtMs: number) {
    this.#lostAtMs = lostAtMs;
    this.#courses = wards.map((ward) => ({ ward, turns: [] }));
  }

  get courses(): readonly Course[] {
    return this.#courses;
  }

  readonly watcher: Watcher = {
    name: 'whatif',
    check: (world, _memory, _told, sent = []) => {
      const now = world.clock.now();
      const acted = sent.slice(this.#requests).some(changesTheAccount);
      this.#requests = sent.length;
      if (acted) this.#actedMs = now;
      for (const course of this.#courses) this.#look(course, world, now);
      return undefined;
    },
  };

  #look({ ward, turns }: { readonly ward: Ward; readonly turns: Turn[] }, world: World, now: number): void {
    const look = ward.look(world);
    const last = turns.at(-1);
    if (last !== undefined && isSame(last.look, look)) return;
    // How it stood before the loss is one moment, whatever went before that.
    if (last !== undefined && now < this.#lostAtMs) turns.pop();
    const isBack = look.level !== 'bad' && now >= this.#lostAtMs;
    const rpo = isBack ? ward.rpo?.(world, this.#lostAtMs) : undefined;
    turns.push({ atMs: now, look, ...(rpo === undefined ? {} : { rpo }) });
    this.#turnedMs = now;
  }

  /** Whether nothing more is to be expected. `restlessUntilMs`: before that something is still to come. */
  isOver(now: number, restlessUntilMs: number): boolean {
    const ill = this.#courses.filter(({ turns }) => turns.at(-1)?.look.level !== 'good');
    const stillMs = Math.max(0, ...ill.map(({ ward }) => ward.patienceSeconds * 1_000));
    const turnedMs = Math.max(this.#turnedMs, restlessUntilMs);
    // What is tried again and again without anything coming of it keeps nobody waiting.
    return ill.length === 0 ? now - Math.max(turnedMs, this.#actedMs) >= WELL_MS : now - turnedMs >= stillMs;
  }
}

/** A key that something is encrypted with has a record of its own before it can be disabled, and so have the others that are used. */
function withKeys(data: WorldData, unlisted: readonly string[]): WorldData {
  const { Keys: listed = [], ...others } = data['kms'] ?? {};
  const added = unlisted.map((KeyId): Shape => ({ KeyId, KeyState: 'Enabled' }));
  return { ...data, kms: { ...others, Keys: [...listed, ...added] } };
}

/** The world in which this is lost: its own script is left out. */
export function worldWith(world: ParsedWorld, losses: readonly Loss[]): ParsedWorld {
  const afterMs = leadMs(world);
  let { data } = world;
  const script: ScriptStep[] = [];
  const keys = new Set(losses.flatMap(({ unlisted = [] }) => unlisted));
  if (keys.size > 0) data = withKeys(data, [...keys]);
  for (const { set, outage, noticed = [] } of losses) {
    if (Object.keys(set).length > 0) script.push({ afterMs, set });
    script.push(...noticed.map((one) => ({ afterMs: afterMs + NOTICED_MS, set: one, ifPossible: true as const })));
    if (outage === undefined) continue;
    data = withOutage(data, outage, new Date(world.nowMs + afterMs + outage.brokenSeconds * 1_000).toISOString());
    script.push(...outage.arrivals.map((arrival) => ({ afterMs, set: arrival })));
  }
  const ledger = losses.some(({ isLedger }) => isLedger === true) ? { ...world.ledger, lost: true } : world.ledger;
  return changedWorld(world, { data, script, ledger });
}

function whyUnknown({ error }: SimulationEnd): string | undefined {
  if (error === undefined) return undefined;
  if (error instanceof NotSimulatedError) return error.message;
  if (error instanceof BadInputError) return `it cannot be scripted: ${error.message}`;
  return `it broke off: ${error.message}`;
}

/** How long what is lost lasts at least, milliseconds after the loss: a consumer is mended then. */
export function lastingMs(losses: readonly Loss[]): number {
  return Math.max(0, ...losses.map(({ outage }) => (outage?.brokenSeconds ?? 0) * 1_000));
}

/** Plays losses at one moment. Never rejects for what happens in the run. */
export async function play(asked: Play): Promise<Played> {
  const { world, losses, wards, functions, seed, followedMs = FOLLOWED_MS, watchers = [] } = asked;
  const lostAtMs = world.nowMs + leadMs(world);
  const lookout = new Lookout(wards, lostAtMs);
  const runForMs = leadMs(world) + lastingMs(losses) + followedMs;
  const restlessUntilMs = lostAtMs + lastingMs(losses);
  const end = await simulate({
    world: worldWith(world, losses),
    events: [],
    functions,
    seed,
    faults: NO_FAULTS,
    runForMs,
    atMostMs: runForMs,
    mostSteps: MOST_STEPS,
    environment: { ...DEPLOYED_ENVIRONMENT },
    watchers: [lookout.watcher, ...watchers],
    mayStop: ({ world: now }) => lookout.isOver(now.clock.now(), restlessUntilMs),
  });
  const unknown = losses.find(({ outage }) => outage?.unplayable !== undefined)?.outage?.unplayable ?? whyUnknown(end);
  return { lostAtMs, courses: lookout.courses, end, ...(unknown === undefined ? {} : { unknown }) };
}
