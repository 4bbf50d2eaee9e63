/** `runbook runs`: what ran, newest last, with what operators did in between. */

import { widthOf } from '../../layout.ts';
import { EXIT } from '../../results.ts';
import { paintFor, type CommandIo } from '../../terminal.ts';
import type { Place } from '../place.ts';
import { placeAsJson } from '../place-as-json.ts';
import { poll } from '../polling.ts';
import { shortIds } from '../short-ids.ts';
import { DAY_MS, wholeMoment } from '../times.ts';
import { deployedName, MOST_DAYS, outcomesOf, sinceOf, type Since } from './asked.ts';
import { foundIn, type Found, type Wanted } from './found.ts';
import { foundLine } from './run-lines.ts';

/** Options of the command. */
export interface RunsFlags {
  readonly target?: string;
  readonly since?: string;
  readonly outcome?: string;
  readonly runbook?: string;
  readonly watch?: true;
  readonly json?: true;
}

/** Without `--since`: a day; of one target as far back as is read. */
function sinceAsked({ since, target }: RunsFlags, now: string): Since {
  return sinceOf(since ?? (target === undefined ? '24h' : `${MOST_DAYS}d`), now);
}

function wantedOf(place: Place, flags: RunsFlags, { fromMs }: Since): Wanted {
  const { target, outcome, runbook } = flags;
  return {
    fromMs,
    ...(target === undefined ? {} : { target }),
    ...(outcome === undefined ? {} : { outcomes: outcomesOf(outcome) }),
    ...(runbook === undefined ? {} : { runbook: deployedName(place, runbook) }),
  };
}

function shortsOf(found: readonly Found[]): ReadonlyMap<string, string> {
  return shortIds(found.flatMap((one) => (one.kind === 'run' ? [one.run] : [])));
}

function tell(io: CommandIo, place: Place, found: readonly Found[], shorts: ReadonlyMap<string, string>): void {
  const width = widthOf(io.stdout);
  const listing = {
    now: place.now(),
    width,
    paint: paintFor(io.stdout, io.env),
    shorts,
    isOfSeveral: place.stacks.length > 1,
  };
  for (const one of found) io.stdout.write(`${foundLine(listing, one)}\n`);
}

function asJson(found: Found, shorts: ReadonlyMap<string, string>): object {
  return found.kind === 'run' ? { ...found, short: shorts.get(found.run) ?? found.run } : found;
}

/** What tells a line from the one before of the same run. */
function keyOf(found: Found): string {
  const { kind, stack, at } = found;
  const more =
    kind === 'run' ? [found.runbook, found.run, found.target, found.outcome] : [found.what, found.scope, found.by];
  return JSON.stringify([kind, stack, at, ...more]);
}

/** Prints what is new, every two seconds, until Ctrl-C. */
async function watch(
  io: CommandIo,
  place: Place,
  wanted: Wanted,
  isJson: boolean,
  before: readonly Found[],
): Promise<void> {
  const known = new Set(before.map(keyOf));
  const all = [...before];
  await poll(io, async () => {
    // A day back: what is recorded late has the time of its end.
    const fromMs = Math.max(wanted.fromMs, Date.parse(place.now()) - DAY_MS);
    const news = (await foundIn(place, { ...wanted, fromMs })).filter((found) => !known.has(keyOf(found)));
    for (const found of news) known.add(keyOf(found));
    all.push(...news);
    const shorts = shortsOf(all);
    if (isJson) for (const found of news) io.stdout.write(`${JSON.stringify(asJson(found, shorts))}\n`);
    else tell(io, place, news, shorts);
    return 'again';
  });
}

/** Whoever asks by a name has to hear that it may be the name that is not known, and no run that is missing. */
function noneText({ target }: RunsFlags): string {
  if (target === undefined) return 'nothing is recorded';
  const known = 'by its ARN or id, as `runs` prints it, or by what a run by hand was given';
  return `no run on ${target} is found (a target is known ${known})`;
}

function say(io: CommandIo, line: string): void {
  io.stderr.write(`${line}\n`);
}

/** Prints the runs of a place. With `--watch` and `--json` each is a line of its own, a JSON document. */
export async function runs(io: CommandIo, place: Place, flags: RunsFlags): Promise<number> {
  const since = sinceAsked(flags, place.now());
  const wanted = wantedOf(place, flags, since);
  const isJson = flags.json === true;
  const isWatching = flags.watch === true;
  const from = wholeMoment(new Date(since.fromMs).toISOString());
  if (since.isShortened) say(io, `at most ${MOST_DAYS} days are read: since ${from}`);
  const found = await foundIn(place, wanted);
  const shorts = shortsOf(found);
  if (isJson && !isWatching) {
    const listed = found.map((one) => asJson(one, shorts));
    const document = { place: placeAsJson(place), since: new Date(since.fromMs).toISOString(), runs: listed };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return EXIT.ok;
  }
  if (isJson) for (const one of found) io.stdout.write(`${JSON.stringify(asJson(one, shorts))}\n`);
  else tell(io, place, found, shorts);
  if (found.length === 0) say(io, `${noneText(flags)} since ${from}`);
  if (isWatching && place.kind === 'world') say(io, 'a world stands still: nothing more comes');
  else if (isWatching) await watch(io, place, wanted, isJson, found);
  return EXIT.ok;
}
