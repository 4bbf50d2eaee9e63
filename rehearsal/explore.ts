/**
 * Explores drills together: `npm run explore`. All of them, or those named; whole, or the share of a landing.
 *
 *     npm run explore                                 all there is, about a quarter of an hour on two cores
 *     npm run explore -- --record                     the same, and writes docs/explored.json: before a release
 *     npm run explore -- --share 5/12 --since HEAD~1  a twelfth, and then the rest of what has changed since then
 *     npm run explore -- --share 5/12 --minutes 5     as much of it as there is time for; what is left is named
 *     npm run explore -- --count                      counts the plans, and runs none
 *     npm run explore -- NAME --replay '12:refused'   one plan of a drill of the small runbook (others: `npx runbook drill`)
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BadInputError } from '../shared/kernel/errors.ts';
import type { DeployedFunction } from '../simulator/engine/run-types.ts';
import { loadDrills, type Drill } from './drill.ts';
import { Acquaintance } from './explorer/across.ts';
import {
  countPlans,
  prepare,
  replay,
  type Exploration,
  type ExplorationMode,
  type Prepared,
  type Share,
} from './explorer/explorer.ts';
import {
  changedOf,
  changesIn,
  HOMES,
  shortestFirst,
  sumOf,
  type Changes,
  type Home,
  type Sum,
} from './explorer/together.ts';
import { EXPLORED as RECORD, schedulesOfEach } from './explorer/record.ts';
import { discoverFunctions } from './functions.ts';
import { parseReplay } from './replay.ts';

const PROJECT = join(import.meta.dirname, '..');
/** What `both` is. Several faults at once, drawn by the seed, are for whoever has the time. */
const BOTH: readonly ExplorationMode[] = ['exhaustive', 'no-leases'];
const MODES: readonly ExplorationMode[] = [...BOTH, 'random'];
const SEED = 1;
/** Drills that are prepared while others are explored: each holds its own run without faults. */
const AHEAD = 3;

/** A drill, and where it lives. */
interface Rehearsable extends Drill {
  readonly home: Home;
  readonly functions: readonly DeployedFunction[];
}

interface Wishes {
  readonly names: readonly string[];
  readonly modes: readonly ExplorationMode[];
  readonly share: Share;
  readonly since: string | undefined;
  readonly record: boolean;
  readonly count: boolean;
  readonly replay: string | undefined;
  readonly seed: number;
  /** No run is begun after so many minutes. */
  readonly minutes: number;
}

/** What is explored together: a share of all drills, or beside it the rest of what has changed. */
interface Part {
  readonly mode: ExplorationMode;
  /** Absent: the share. */
  readonly changed?: Changes;
  readonly wishes: Wishes;
  readonly isOver: () => boolean;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wrong(option: string, expected: string): BadInputError {
  return new BadInputError(option, `expected ${expected}`);
}

function shareIn(text: string): Share {
  const [, index = '', of = ''] = /^(\d{1,9})\/([1-9]\d{0,3})$/u.exec(text) ?? [];
  if (of === '') throw wrong('--share', 'a share such as 5/12: its number, and how many there are');
  return { index: Number(index) % Number(of), of: Number(of) };
}

function modesIn(text: string): readonly ExplorationMode[] {
  if (text === 'both') return BOTH;
  const mode = MODES.find((one) => one === text);
  if (mode === undefined) throw wrong('--faults', `${MODES.join(', ')} or both`);
  return [mode];
}

function numberIn(option: string, text: string): number {
  if (!/^\d{1,6}$/u.test(text)) throw wrong(option, 'a whole number');
  return Number(text);
}

function wishesIn(words: readonly string[]): Wishes {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      faults: { type: 'string', default: 'both' },
      share: { type: 'string', default: '0/1' },
      since: { type: 'string' },
      minutes: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(SEED) },
      replay: { type: 'string' },
      record: { type: 'boolean', default: false },
      count: { type: 'boolean', default: false },
    },
  });
  return {
    names: positionals,
    modes: modesIn(values.faults),
    share: shareIn(values.share),
    since: values.since,
    record: values.record,
    count: values.count,
    replay: values.replay,
    seed: numberIn('--seed', values.seed),
    minutes: numberIn('--minutes', values.minutes),
  };
}

function git(...words: readonly string[]): string {
  return execFileSync('git', words, { cwd: PROJECT, encoding: 'utf8' }).trim();
}

/** What differs from a revision, in the commit or beside it. */
function changesSince(revision: string | undefined): Changes {
  if (revision === undefined) return changesIn([]);
  return changesIn([
    ...git('diff', '--name-only', revision, '--').split('\n'),
    ...git('ls-files', '--others', '--exclude-standard').split('\n'),
  ]);
}

async function drillsAt(home: Home, names: readonly string[]): Promise<readonly Rehearsable[]> {
  const functions = await discoverFunctions(home.functions);
  const all = loadDrills(home.drills);
  const wanted = all.filter(({ name, expect }) =>
    names.length === 0 ? expect.rehearsedOnly === undefined : names.includes(name),
  );
  return wanted.map((drill) => ({ ...drill, home, functions }));
}

/** The drills that are wished for: of the small runbook first, then those that have changed, each with the shortest first. */
async function drillsFor({ names, seed }: Wishes, changes: Changes): Promise<readonly Rehearsable[]> {
  const found = (await Promise.all(HOMES.map((home) => drillsAt(home, names)))).flat();
  const unknown = names.find((name) => !found.some((drill) => drill.name === name));
  if (unknown !== undefined) throw new BadInputError('', `there is no drill ${unknown}`);
  const sorted = await shortestFirst(found, ({ functions }) => functions, seed);
  const rank = ({ home, name }: Rehearsable): number => (home.ofTheKernel ? 0 : changes.drills.has(name) ? 1 : 2);
  return sorted.toSorted((a, b) => rank(a) - rank(b));
}

function took(from: number): string {
  return `${((performance.now() - from) / 1_000).toFixed(1)} s`;
}

function linesOf({ name }: Drill, found: Exploration, from: number): readonly string[] {
  const { schedules, left, folded, stopped, untried, violations } = found;
  const mark = violations.length === 0 ? 'ok  ' : 'FAIL';
  const late = untried === 0 ? '' : `, ${untried} not reached`;
  const counts = `${schedules} schedules (${stopped} stopped early)${late}, ${left} left to drills before, ${folded} requests folded`;
  const told = violations.flatMap(({ what, replay: command }) => [`      x ${what}`, `        ${command}`]);
  return [`${mark}  ${name}: ${counts}, ${violations.length} violations (${took(from)})`, ...told];
}

/** Whether there can be anything in a part for a drill. */
function isIn({ changed }: Part, drill: Rehearsable): boolean {
  return changed === undefined || changedOf(drill, drill.functions, changed, drill.home.ofTheKernel) !== undefined;
}

function prepareOne(
  drill: Rehearsable,
  among: Acquaintance,
  { mode, changed, wishes, isOver }: Part,
): Promise<Prepared> {
  const { home, functions } = drill;
  const beside = changed === undefined ? undefined : changedOf(drill, functions, changed, home.ofTheKernel);
  return prepare(drill, functions, {
    mode,
    seed: wishes.seed,
    among,
    ofTheKernel: home.ofTheKernel,
    share: wishes.share,
    beside,
    isOver,
    root: home.functions,
    command: home.command,
    // Never in this one, which prepares the next drill meanwhile.
    threads: availableParallelism(),
  });
}

async function exploreOne(prepared: Prepared): Promise<Exploration> {
  const from = performance.now();
  const found = await prepared.run();
  for (const line of linesOf(prepared.drill, found, from)) say(line);
  return found;
}

/** All that was explored together, and of each drill its part. */
type Total = Sum & { readonly each: { readonly [drill: string]: number } };

async function exploreAll(drills: readonly Rehearsable[], part: Part): Promise<Total> {
  const among = new Acquaintance();
  const began = performance.now();
  const left: string[] = [];
  const underWay: Promise<{ readonly name: string; readonly found: Exploration }>[] = [];
  for (const drill of drills.filter((one) => isIn(part, one))) {
    await underWay.at(-AHEAD);
    if (part.isOver()) {
      left.push(drill.name);
      continue;
    }
    const prepared = await prepareOne(drill, among, part);
    const { name } = drill;
    underWay.push(exploreOne(prepared).then((found) => ({ name, found })));
  }
  const explored = await Promise.all(underWay);
  const sum = sumOf(explored.map(({ found }) => found));
  const { mode, changed, wishes } = part;
  const what =
    changed === undefined ? `share ${wishes.share.index}/${wishes.share.of}` : 'the rest of what has changed';
  say(`${mode}, ${what}: ${JSON.stringify(sum)} in ${took(began)}`);
  if (left.length > 0) say(`${wishes.minutes} minutes were over before ${left.join(', ')}`);
  return { ...sum, untried: sum.untried + left.length, each: schedulesOfEach(explored) };
}

async function count(drills: readonly Rehearsable[], { modes, seed, share }: Wishes): Promise<number> {
  for (const mode of modes) {
    const among = new Acquaintance();
    let [tried, left] = [0, 0];
    for (const drill of drills) {
      const { home, functions } = drill;
      const plans = await countPlans(drill, functions, { mode, seed, among, share, ofTheKernel: home.ofTheKernel });
      say(
        `${drill.name}: ${plans.schedules} schedules, ${plans.left} left to drills before, ${plans.folded} requests folded`,
      );
      tried += plans.schedules;
      left += plans.left;
    }
    say(`${mode}: ${tried} schedules, ${left} left to drills before`);
  }
  return 0;
}

async function showAgain(drills: readonly Rehearsable[], plan: string, { seed }: Wishes): Promise<number> {
  const [drill] = drills;
  if (drill === undefined || drills.length !== 1) throw wrong('--replay', 'one drill by name');
  const { result, failures } = await replay(drill, drill.functions, { seed, faults: parseReplay(plan) });
  for (const { at, kind, text } of result.timeline) say(`${at.slice(11, 23)}  ${kind.padEnd(7)}${text}`);
  for (const failure of failures) say(`      x ${failure}`);
  return failures.length === 0 ? 0 : 1;
}

/** Writes what was found down, with the commit that it was found of. */
function record(sums: readonly { readonly mode: ExplorationMode; readonly sum: Total }[]): void {
  const result = Object.fromEntries(sums.map(({ mode, sum }) => [mode, sum]));
  const text = JSON.stringify({ commit: git('rev-parse', 'HEAD'), seed: SEED, ...result }, null, 2);
  writeFileSync(join(PROJECT, RECORD), `${text}\n`);
  say(`written to ${RECORD}`);
}

async function main(words: readonly string[]): Promise<number> {
  const wishes = wishesIn(words);
  const isPartial = wishes.names.length > 0 || wishes.share.of > 1 || wishes.since !== undefined;
  if (wishes.record && (isPartial || git('status', '--porcelain') !== ''))
    throw new BadInputError(
      '--record',
      'records the whole of a commit: no names, no share, nothing that is not committed',
    );
  const changes = changesSince(wishes.since);
  const drills = await drillsFor(wishes, changes);
  if (wishes.replay !== undefined) return showAgain(drills, wishes.replay, wishes);
  if (wishes.count) return count(drills, wishes);
  const until = performance.now() + wishes.minutes * 60_000;
  const common = { wishes, isOver: () => performance.now() > until };
  const sums: { readonly mode: ExplorationMode; readonly sum: Total }[] = [];
  // The share first: however much has changed, and however slow the machine, a dozen landings come round.
  for (const changed of wishes.since === undefined ? [undefined] : [undefined, changes])
    for (const mode of wishes.modes) {
      const part = changed === undefined ? { ...common, mode } : { ...common, mode, changed };
      sums.push({ mode, sum: await exploreAll(drills, part) });
    }
  if (wishes.record && sums.every(({ sum }) => sum.untried === 0)) record(sums);
  return sums.every(({ sum }) => sum.violations === 0 && sum.neverSeen.length === 0) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadInputError)) throw error;
  process.stderr.write(`explore: ${error.message}\n`);
  process.exitCode = 2;
}
