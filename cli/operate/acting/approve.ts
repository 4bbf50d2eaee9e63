/** `runbook approve RUN` and `runbook reject RUN`: a person's word on a plan that waits for it, under their own id in the ledger. */

import type { ApprovalKey, ApprovalRow } from '../../../shared/kernel/ledger/ledger.ts';
import { detailText } from '../../show.ts';
import { EXIT, withCalls, type ShownResult } from '../../results.ts';
import { paintFor, UsageError, type CommandIo } from '../../terminal.ts';
import { widthOf, withoutFeeds } from '../../layout.ts';
import { inStack, nextLine } from '../command-line.ts';
import { complain } from '../complain.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { ManualRequest, Place } from '../place.ts';
import { inOneLine } from '../reading.ts';
import { documentOf, withoutData } from '../show/hidden.ts';
import { theRun } from '../show/the-run.ts';
import { wholeMoment } from '../times.ts';
import { requestAgain, startAgain } from './again.ts';
import { disruptionIn } from './disruptive.ts';
import { resultOf } from './follow.ts';
import { note } from './stacks.ts';
import { driftOf } from './still-so.ts';
import { isUnsaid, namedIn, waitingIn, type Unsaid, type Waiting } from './waiting.ts';

type Verdict = ApprovalRow['verdict'];

/** How a person's word is given. */
export interface WordFlags {
  readonly plan?: string;
  readonly reason?: string;
  /** A disruptive plan, where nobody can be asked once more. */
  readonly yes?: true;
  readonly json?: true;
}

/** What there is to tell. */
interface Telling {
  readonly place: Place;
  readonly verdict: Verdict;
  readonly flags: WordFlags;
}

const DONE: { readonly [verdict in Verdict]: string } = { approve: 'approved', reject: 'rejected' };

function shownOf({ record }: Waiting): readonly ShownResult[] {
  return withCalls([resultOf(record)], []);
}

/** Evidence, calls, why, and what takes them back. */
function sayPlan(io: CommandIo, { flags }: Telling, waiting: Waiting): void {
  if (flags.json === true) return;
  const { waits } = waiting;
  const text = shownOf(waiting).map((result) =>
    detailText({ ...result, evidence: withoutData(result.evidence) }, widthOf(io.stdout), paintFor(io.stdout, io.env)),
  );
  io.stdout.write(`${text.join('\n')}\nplan ${waits.planHash}, waits until ${wholeMoment(waits.until)}\n`);
}

function sayEnd(
  io: CommandIo,
  { place, flags }: Telling,
  told: Unsaid,
  about: { readonly runbook: string; readonly run: string },
  waiting?: Waiting,
): number {
  const { code, reason, lines = [], exit } = told;
  if (flags.json === true) {
    const plan = waiting === undefined ? {} : { planHash: waiting.waits.planHash, results: shownOf(waiting) };
    const { runbook, run } = about;
    const document = { place: placeAsJson(place), runbook, run, ...plan, code, reason, lines };
    io.stdout.write(`${JSON.stringify(documentOf(document, false), null, 2)}\n`);
    return exit;
  }
  if (exit === EXIT.ok) io.stdout.write(`${withoutFeeds(reason)}\n`);
  else complain(io, reason);
  for (const line of lines) io.stdout.write(`${line}\n`);
  return exit;
}

/** The line that says it of exactly this plan. */
function lineFor({ place, verdict, flags }: Telling, { found, record, waits }: Waiting): string {
  const why = flags.reason ?? (verdict === 'reject' ? 'WHY' : undefined);
  const words = [verdict, namedIn(record), '--plan', waits.planHash, ...(why === undefined ? [] : ['--reason', why])];
  return nextLine(inStack(place, found.stack.prefix), ...words);
}

/** It has to be said of exactly the plan that waits. */
function anotherPlan(telling: Telling, waiting: Waiting): Unsaid | undefined {
  const { plan } = telling.flags;
  const { planHash } = waiting.waits;
  if (plan === planHash) return undefined;
  const lines = [lineFor(telling, waiting)];
  const exit = EXIT.refused;
  return plan === undefined
    ? { code: 'which-plan', reason: 'nothing was written: say it of exactly this plan, by its hash', lines, exit }
    : {
        code: 'another-plan',
        reason: `nothing was written: plan ${plan} does not wait; ${planHash} does`,
        lines,
        exit,
      };
}

async function drifted(io: CommandIo, { place }: Telling, { found, record }: Waiting): Promise<Unsaid | undefined> {
  const drift = await driftOf(io, place, found.stack, record);
  if (drift.kind === 'same') return undefined;
  if (drift.kind === 'unknown') {
    const why = `whether it is still what would be done is not known (${drift.why}); the run looks again before it acts`;
    complain(io, why);
    return undefined;
  }
  const reason = `nothing was written: ${drift.why}; start it again`;
  const lines = [nextLine(inStack(place, found.stack.prefix), 'show', drift.run)];
  return { code: 'drifted', reason, lines, exit: EXIT.refused };
}

/**
 * Of a plan that ends something a person says once more where they are.
 * @throws UsageError where nobody can be asked, and `--yes` is not said
 */
async function unconfirmed(io: CommandIo, { place, flags }: Telling, { record }: Waiting): Promise<Unsaid | undefined> {
  const disruption = disruptionIn(record.plan);
  if (disruption === undefined) return undefined;
  if (io.readLine === undefined) {
    if (flags.yes === true) return undefined;
    throw new UsageError(`the plan is disruptive (${disruption}): where nobody is at a terminal, add --yes`);
  }
  const name = place.alias ?? place.account;
  io.stderr.write(
    `runbook: the plan is disruptive: ${disruption}\ntype the name of the account, ${name}, to approve: `,
  );
  if ((await io.readLine()).trim() === name) return undefined;
  return { code: 'unconfirmed', reason: `nothing was written: that is not ${name}`, exit: EXIT.refused };
}

/** What is said of a plan whose run is over: a no is kept, and a yes has it planned, and done, anew. */
async function sayAnew(
  io: CommandIo,
  { place, verdict }: Telling,
  { found, record }: Waiting,
  { request, key }: { readonly request: ManualRequest | undefined; readonly key: ApprovalKey },
): Promise<Unsaid> {
  const { stack } = found;
  const said = `${DONE[verdict]}: plan ${key.planHash} of ${namedIn(record)}`;
  if (request === undefined) {
    await place.keep();
    return { code: DONE[verdict], reason: `${said}; nothing waits, and nothing is done`, exit: EXIT.ok };
  }
  try {
    const run = await startAgain(io, place, stack, { request, key });
    const lines = [nextLine(inStack(place, stack.prefix), 'show', run, '-f')];
    return { code: DONE[verdict], reason: `${said}; run ${run} carries it out`, lines, exit: EXIT.ok };
  } catch (error) {
    const again = 'it is written; the same line again starts the run, and what was done by it is not done twice';
    return { code: 'not-started', reason: `${inOneLine(error)}; ${again}`, exit: EXIT.failed };
  }
}

/** Writes it, puts it on record, and wakes the run, or starts it again. The same again is the same row. */
async function say(
  io: CommandIo,
  telling: Telling,
  waiting: Waiting,
  request: ManualRequest | undefined,
): Promise<Unsaid> {
  const { place, verdict, flags } = telling;
  const { found, record, waits } = waiting;
  const { stack } = found;
  const { run, target, runbook } = record;
  const { caller: by, person } = place;
  const { planHash, callbackId, until } = waits;
  const { reason = '' } = flags;
  if (person === '') throw new Error('AWS does not say under which id you are known to IAM: nothing was written');
  const at = place.now();
  const key: ApprovalKey = { person, run, target, planHash };
  await stack.book.approve(key, { verdict, at, by, reason, until });
  await note(io, stack, { at, by, what: verdict, scope: runbook, reason, more: { run, target, planHash } });
  if (callbackId === undefined) return sayAnew(io, telling, waiting, { request, key });
  const lines = [nextLine(inStack(place, stack.prefix), 'show', run, '-f')];
  try {
    // An execution that an older version began reads the others, and no row.
    const gone = await stack.wake(callbackId, { person, planHash, approve: verdict === 'approve', by });
    if (gone === undefined)
      return {
        code: DONE[verdict],
        reason: `${DONE[verdict]}: plan ${planHash} of ${namedIn(record)}`,
        lines,
        exit: EXIT.ok,
      };
    return {
      code: 'not-awake',
      reason: `it is written, but nobody waits for it any more (${gone})`,
      lines,
      exit: EXIT.refused,
    };
  } catch (error) {
    const again = 'it is written; the same line again wakes the run';
    return { code: 'not-woken', reason: `${inOneLine(error)}; ${again}`, lines, exit: EXIT.failed };
  }
}

/** Why the word is not given; or, where a run is to be started by it, the request. */
async function hindrance(
  io: CommandIo,
  telling: Telling,
  waiting: Waiting,
): Promise<Unsaid | { readonly request?: ManualRequest }> {
  const other = anotherPlan(telling, waiting);
  if (other !== undefined || telling.verdict === 'reject') return other ?? {};
  const isAnew = waiting.waits.callbackId === undefined;
  const again = isAnew ? await requestAgain(io, telling.place, waiting) : await drifted(io, telling, waiting);
  if (again !== undefined && isUnsaid(again)) return again;
  return (await unconfirmed(io, telling, waiting)) ?? again ?? {};
}

/**
 * Gives a person's word on the plan of a run that waits for it.
 * @throws UsageError where several plans wait, or nobody can be asked once more
 */
export async function giveWord(
  io: CommandIo,
  place: Place,
  text: string,
  { verdict, flags }: { readonly verdict: Verdict; readonly flags: WordFlags },
): Promise<number> {
  const found = await theRun(io, place, text);
  if (found === undefined) return EXIT.bad;
  const telling: Telling = { place, verdict, flags };
  const waiting = await waitingIn(place, found, { verdict, plan: flags.plan });
  if (isUnsaid(waiting)) return sayEnd(io, telling, waiting, found);
  sayPlan(io, telling, waiting);
  const hindered = await hindrance(io, telling, waiting);
  const end = isUnsaid(hindered) ? hindered : await say(io, telling, waiting, hindered.request);
  return sayEnd(io, telling, end, found, waiting);
}
