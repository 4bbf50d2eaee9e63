/** `runbook stop RUN`: stops one run before its next call. Every other run goes on, also the next one of the same runbook. */

import { ownVersion } from '../../../build/source-version.ts';
import { stopScope } from '../../../shared/kernel/ledger/operations.ts';
import { EXIT, idOf } from '../../results.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { Place } from '../place.ts';
import { switchStanding, type DatedSwitch } from '../row-standing.ts';
import { schedulesOf } from '../schedules.ts';
import { typedRun } from '../short-ids.ts';
import type { FoundRun } from '../show/found-run.ts';
import { storyOf, type Story } from '../show/story.ts';
import { theRun } from '../show/the-run.ts';
import { wakeText } from '../show/wake.ts';
import { wholeMoment } from '../times.ts';
import { inEach, note, sayLines } from './stacks.ts';

/** How a run is stopped. */
export interface StopFlags {
  readonly json?: true;
  readonly reason?: string;
}

/** So long the row of a run stands, by its host; DynamoDB takes it out then. */
const STANDS_MS = {
  /** No execution lives longer. Source: Lambda API reference, DurableConfig, `ExecutionTimeout`: 31,622,400 s at most. */
  durable: 31_622_400_000,
  /** A message that comes again is the same run. Source: SQS API reference, `MessageRetentionPeriod`: 1,209,600 s at most. */
  plain: 1_209_600_000,
} as const;

/** An invocation lives no longer, of whatever version. Source: Lambda quotas, "function timeout". */
const LONGEST_INVOCATION_MS = 900_000;

/** What became of it: in a word, with the row that stands, if any. */
interface Stopped {
  readonly code: 'stopped' | 'stopped-already' | 'over';
  readonly row: DatedSwitch | null;
  readonly isNoted: boolean;
}

function hostOf({ found: { stack, runbook } }: Story): keyof typeof STANDS_MS {
  return stack.runbooks.find(({ name }) => name === runbook)?.host ?? 'durable';
}

/** Whether it is known to have ended. Where that is not known it is stopped: a row too many stops nobody. */
function isOver(place: Place, story: Story): boolean {
  const { standing, states, records, undecided } = story;
  const now = place.now();
  // An end that cannot be read is none that is past.
  const isAtWork = states.some(({ until = '' }) => !(Date.parse(until) <= Date.parse(now)));
  if (standing?.kind === 'running') return false;
  // Lambda has said so, whatever lease it has left. A world takes for ended whatever no run of its own is at.
  if (standing?.kind === 'ended') return place.kind === 'live' || !isAtWork;
  if (isAtWork || undecided.length > 0) return false;
  if (hostOf(story) === 'durable') return true;
  // Of several targets one may be on record while the others are still being looked at.
  const last = records.at(-1)?.at ?? now;
  return Date.parse(now) - Date.parse(last) > LONGEST_INVOCATION_MS;
}

async function stop(io: CommandIo, place: Place, story: Story, reason: string): Promise<Stopped> {
  const { stack, runbook, run } = story.found;
  if (isOver(place, story)) return { code: 'over', row: null, isNoted: true };
  const { caller: by } = place;
  const at = place.now();
  const scope = stopScope(run);
  // Asked for again: of a reading that failed on the way nobody knows whether it stands there.
  const before: readonly DatedSwitch[] = await stack.book.switches();
  const stood = before.find((row) => row.scope === scope && switchStanding(row, at) === 'stopping');
  const until = new Date(Date.parse(at) + STANDS_MS[hostOf(story)]).toISOString();
  const row = stood ?? { scope, reason, by, at, until };
  if (stood === undefined) await stack.book.turnOff(row);
  const more = { run, ...(stood === undefined ? {} : { isChanged: false }) };
  const isNoted = await note(io, stack, { at, by, what: 'stop', scope: runbook, reason, more });
  return { code: stood === undefined ? 'stopped' : 'stopped-already', row, isNoted };
}

/** When it comes to look, as far as that is known. */
function whenText(story: Story, now: string): string {
  const { standing, records } = story;
  const asked = records.find(({ outcome }) => outcome === 'awaiting-approval');
  const isAsleep = standing?.kind === 'running' && standing.wakesAt !== undefined;
  if (isAsleep)
    return `${wakeText(story, now)}: it stops when it would call AWS after that, and may sleep again before`;
  if (standing?.kind === 'running' && asked !== undefined)
    return 'it waits for the word of a person, or the end of the time for it: it stops then, whatever the word';
  return 'its last look at the switch may be ten seconds old; it stops at the first call after that';
}

type Line = readonly [indent: number, text: string];

function whatIsLeft({ states }: Story): readonly string[] {
  return states.flatMap(({ resource, history: { pending } }) =>
    pending === undefined ? [] : [`${idOf(resource)}: ${pending.intent}`],
  );
}

/** What the next run does about it, and what keeps it from that. */
function nextLines(place: Place, story: Story): readonly Line[] {
  const { found, shorts, summary } = story;
  const { stack, run, runbook } = found;
  const home = inStack(place, stack.prefix);
  const schedule = summary === undefined ? undefined : schedulesOf([summary]).get(runbook);
  const who = schedule === undefined ? 'whatever starts the runbook next' : `its schedule, ${schedule.expression},`;
  return [
    ...whatIsLeft(story).map((text): Line => [2, `announced, and perhaps left half done: ${text}`]),
    [2, `how it ends, and what it has done: ${nextLine(home, 'show', shorts.get(run) ?? run)}`],
    [2, `${who} begins the same anew, and finishes what it has left; to keep all its runs from that:`],
    [4, nextLine(home, 'switch', 'off', runbook, '--reason', 'WHY')],
  ];
}

function linesOf(place: Place, story: Story, { code, row }: Stopped): readonly Line[] {
  const { stack, runbook, run } = story.found;
  const head = `${stack.prefix}: ${runbook}, run ${run}`;
  if (row === null) return [[0, `${head}: it is over, there is nothing to stop`]];
  const { by, at, reason } = row;
  const word = code === 'stopped' ? 'it stops before its next call' : `stopped already, at ${wholeMoment(at)}`;
  return [
    [0, `${head}: ${word}, by ${by}${reason === '' ? '' : `: ${reason}`}`],
    [2, whenText(story, place.now())],
    ...nextLines(place, story),
  ];
}

/** Who does not know of such a row goes on. */
function warnOfVersion(io: CommandIo, place: Place, { stack: { prefix, version } }: FoundRun): void {
  if (place.kind === 'world' || version === ownVersion()) return;
  io.stderr.write(
    `runbook: warning: ${prefix} is deployed from another version: one that is older than \`stop\` goes on; \`switch off\` it heeds\n`,
  );
}

/**
 * What was typed has to be the run: whoever means one of its targets would stop the others, too.
 * @throws UsageError for `RUN/TARGET`
 */
function demandWhole(place: Place, { stack, run }: FoundRun, text: string, { reason = 'WHY' }: StopFlags): void {
  if (typedRun(text).isMeant(run)) return;
  const line = nextLine(inStack(place, stack.prefix), 'stop', run, '--reason', reason);
  throw new UsageError(`${text}: a run is stopped with all its targets, not one of them: ${line}`);
}

/** Stops a run. */
export async function stopRun(io: CommandIo, place: Place, text: string, flags: StopFlags): Promise<number> {
  const found = await theRun(io, place, text);
  if (found === undefined) return EXIT.bad;
  demandWhole(place, found, text, flags);
  const summary = (await io.functions()).find((one) => one.summary.name === found.runbook)?.summary;
  const story = await storyOf(place, found, { summary, withDetails: false });
  const { reason = '', json = false } = flags;
  const [done] = await inEach(io, [found.stack], () => stop(io, place, story, reason));
  await place.keep();
  if (done?.value === undefined) return EXIT.failed;
  if (done.value.code !== 'over') warnOfVersion(io, place, found);
  const lines = linesOf(place, story, done.value);
  if (json) {
    const { stack, runbook, run } = found;
    const { code, row } = done.value;
    const left = whatIsLeft(story);
    const document = { place: placeAsJson(place), stack: stack.prefix, runbook, run, code, row, left };
    io.stdout.write(`${JSON.stringify({ ...document, standing: story.standing ?? null }, null, 2)}\n`);
  } else sayLines(io, lines);
  return done.value.isNoted ? EXIT.ok : EXIT.failed;
}
