/** Closes a target's run: lease, memory, record, event, metrics, the one log line. */

import type { Config } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import { doChores, type Chore } from './chores.ts';
import { emitMetrics, logOutcome, type Counts, type Level } from './telemetry.ts';
import { attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import { laterBy } from '../ledger/access.ts';
import { RECORD_BODY_MAX_BYTES, type Ledger } from '../ledger/ledger.ts';
import { approvalHash } from '../plan.ts';
import { ENDED_KEY, PLANNED_KEY, TROUBLE_KEY, toldKey } from '../run/memory-keys.ts';
import { fitted } from './fitted.ts';
import { commandsOf, publishOutcome, type UndoRequest } from './outcome.ts';
import type { RunResult } from './result.ts';
import type { End } from '../run/end.ts';

/** Where a run is reported to. */
export interface Desk {
  readonly host: Host;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly runbook: { readonly name: string; readonly safety?: object; readonly undoRequest?: UndoRequest };
  readonly dryRun: boolean;
  readonly isTick: boolean;
  readonly isAsked: boolean;
  readonly trigger: JsonObject;
}

const LEVELS: { readonly [outcome in RunResult['outcome']]: Level } = {
  done: 'INFO',
  nothing: 'INFO',
  'not-mine': 'INFO',
  planned: 'INFO',
  waiting: 'INFO',
  'awaiting-approval': 'WARN',
  refused: 'WARN',
  failed: 'ERROR',
};

/** What is asked was asked before, and may still be answered; or it is news, until its time is over. */
function questionNews(asked: string, { history, phases }: End, seconds: number): string {
  const known = typeof history === 'object' ? history.memory[TROUBLE_KEY] : undefined;
  const at = phases.at(-1)?.endedAt ?? '';
  return known?.startsWith(asked) && known.slice(asked.length) > at ? known : asked + laterBy(at, seconds);
}

/** The news that an end is, as one word; `null`: none that lasts. Of a plan it is the plan, whichever run has made it. */
function newsOf(end: End, run: string): string | null {
  const { outcome, code, plan, question, news } = end;
  if (question) return questionNews(`${outcome}:${question.planHash}:`, end, question.expiresInSeconds);
  if (outcome === 'planned') return `planned:${approvalHash(plan, run)}`;
  const isTrouble = outcome === 'refused' || outcome === 'failed' || outcome === 'waiting';
  return isTrouble ? [outcome, code, ...(news === undefined ? [] : [news])].join(':') : null;
}

/** What is written into the resource's memory, if it differs from what stands there. */
function memoryChanges(end: End, { dryRun }: Desk, run: string): { readonly [key: string]: string | null } {
  const news = newsOf(end, run);
  const ended = end.fault?.class === 'terminal' && end.acted ? { [ENDED_KEY]: run } : {};
  // Another run at work on the resource is no trouble of the resource, nor is what somebody has said.
  const isOthers = end.code === 'leased' || end.ofWord;
  // Where it is acted there is no plan any more that was told.
  const told = isOthers ? {} : dryRun ? { [PLANNED_KEY]: news } : { [TROUBLE_KEY]: news, [PLANNED_KEY]: null };
  const wanted: { [key: string]: string | null } = { ...end.remember, ...ended, ...told };
  const { history } = end;
  if (typeof history !== 'object') {
    // Unread: only what has a value is worth a write; there is nothing known to forget.
    return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null));
  }
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => (history.memory[key] ?? null) !== value));
}

/**
 * The same trouble as at the last look: metrics say it again each time, people hear of it once. A plan that somebody or something has
 * asked for is always news; that of a tick, which makes it anew each time, where it is known to be another.
 */
function isOldNews(end: End, { dryRun, isTick }: Desk, run: string): boolean {
  const { outcome, history } = end;
  if (outcome === 'planned' && !isTick) return false;
  if (typeof history !== 'object') return outcome === 'planned';
  const known = history.memory[toldKey(dryRun)];
  return known !== undefined && known === newsOf(end, run);
}

function countersOf(end: End): Counts {
  return {
    Done: Number(end.outcome === 'done'),
    Refused: Number(end.outcome === 'refused'),
    Failed: Number(end.outcome === 'failed'),
    Attention: Number(end.attention),
    LedgerLost: Number(end.ledgerLost),
  };
}

/** Nothing new to anybody: the attempt before it has acted, failed, and said so. */
function isRepeat({ repeat, acted, history }: End, run: string): boolean {
  return repeat === true || (!acted && typeof history === 'object' && history.memory[ENDED_KEY] === run);
}

/** What tells of the end: the record, the event, and the memory by which the next run knows that it was told. */
function tellings(desk: Desk, end: End, result: RunResult): readonly Chore[] {
  const { ledger, config, runbook } = desk;
  const isNothing = end.outcome === 'nothing' || end.outcome === 'not-mine';
  const isAgain = isRepeat(end, result.run);
  const isKnown = isAgain || (!isNothing && isOldNews(end, desk, result.run));
  // A target of a conditional write is no resource of the ledger's: nothing is kept of it but what its runbook asks for.
  const kept = runbook.safety ? end.remember : memoryChanges(end, desk, result.run);
  const changes = isAgain ? {} : kept;
  const target = result.target ?? '';
  const asked = end.question && { approval: end.question };
  const list: Chore[] = [];
  // Whoever has asked looks it up, also where there was nothing to do or it was told before; nobody else needs to hear of that.
  if (!isAgain && (desk.isAsked || !(isNothing || isKnown))) {
    const at = end.phases.at(-1)?.endedAt ?? '';
    const body = (): JsonObject =>
      fitted(
        {
          ...result,
          trigger: desk.trigger,
          ...asked,
          commands: commandsOf(result, config.controlTable, runbook.undoRequest, end.hasSent),
        },
        RECORD_BODY_MAX_BYTES,
      );
    list.push([
      'record',
      async () =>
        ledger.record({
          ...(end.hasSent ? { acted: true } : {}),
          runbook: runbook.name,
          run: result.run,
          target,
          at,
          body: body(),
        }),
    ]);
  }
  if (!isNothing && !isKnown)
    list.push(['publish', () => publishOutcome(config, result, runbook.undoRequest, asked, end.hasSent)]);
  if (Object.keys(changes).length > 0) list.push(['remember', () => ledger.remember(target, runbook.name, changes)]);
  return list;
}

function releases({ ledger }: Desk, { lease, claims, intent, refund, wordBefore }: End): readonly Chore[] {
  const held: Chore[] =
    lease === undefined
      ? []
      : [['release', () => ledger.release({ lease, intent, ...(refund ? { refund: true } : {}), wordBefore })]];
  return [
    ...held,
    ...claims.map((claim): Chore => ['release', () => ledger.release({ lease: claim, intent: 'settle' })]),
  ];
}

/** Tells of the end of a run on a target, and hands back what it holds. Never throws. */
export async function tell(desk: Desk, end: End, result: RunResult): Promise<void> {
  const { name } = desk.runbook;
  await doChores(name, tellings(desk, end, result));
  // Only now: a run that dies before this leaves its intent, by which the next one knows that there is something to tell.
  await doChores(name, releases(desk, end));
  emitMetrics({
    runbook: name,
    gauges: end.metrics,
    counters: countersOf(end),
    ...(result.target === undefined ? {} : { target: result.target }),
  });
  logOutcome(LEVELS[result.outcome], result);
}

/** Reports the end of a run on a target, as its last step. */
export async function report(desk: Desk, end: End, result: RunResult): Promise<void> {
  await attempt(desk.host, 'report', async () => {
    await tell(desk, end, result);
    return null;
  });
}
