/** Closes a target's run: lease, memory, record, event, metrics, the one log line. */

import type { Config } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import { log, emitMetrics, logOutcome, type Level } from './telemetry.ts';
import { attempt, type Host } from '../hosts/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ENDED_KEY, TROUBLE_KEY } from '../run/memory-keys.ts';
import { commandsOf, publishOutcome, type UndoRequest } from './outcome.ts';
import type { RunResult } from './result.ts';
import type { End } from '../run/end.ts';

/** Where a run is reported to. */
export interface Desk {
  readonly host: Host;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly runbook: { readonly name: string; readonly undoRequest?: UndoRequest };
  readonly dryRun: boolean;
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

/** What is written into the resource's memory, if it differs from what stands there. */
function memoryChanges(end: End, run: string): { readonly [key: string]: string | null } {
  const trouble =
    end.outcome === 'refused' || end.outcome === 'failed' || end.outcome === 'waiting'
      ? `${end.outcome}:${end.code}`
      : null;
  const ended = end.fault?.class === 'terminal' && !end.refund ? { [ENDED_KEY]: run } : {};
  // Another run at work on the resource is no trouble of the resource.
  const told = end.code === 'leased' ? {} : { [TROUBLE_KEY]: trouble };
  const wanted: { [key: string]: string | null } = { ...end.remember, ...ended, ...told };
  const { history } = end;
  if (typeof history !== 'object') {
    // Unread: only what has a value is worth a write; there is nothing known to forget.
    return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null));
  }
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => (history.memory[key] ?? null) !== value));
}

/** The same trouble as at the last look: metrics say it again each time, people hear of it once. */
function isOldNews(end: End): boolean {
  const known = typeof end.history === 'object' ? end.history.memory[TROUBLE_KEY] : undefined;
  return known !== undefined && known === `${end.outcome}:${end.code}`;
}

function metricsOf(end: End): { readonly [name: string]: number } {
  return {
    ...end.metrics,
    Done: Number(end.outcome === 'done'),
    Refused: Number(end.outcome === 'refused'),
    Failed: Number(end.outcome === 'failed'),
    Attention: Number(end.attention),
    LedgerLost: Number(end.ledgerLost),
  };
}

type Chore = readonly [name: string, work: () => Promise<unknown>];

function chores(desk: Desk, end: End, result: RunResult): readonly Chore[] {
  const { ledger, config, runbook } = desk;
  const silent = end.repeat === true || end.outcome === 'nothing' || end.outcome === 'not-mine' || isOldNews(end);
  const changes = end.repeat === true ? {} : memoryChanges(end, result.run);
  const { lease, claims } = end;
  const target = result.target ?? '';
  const list: Chore[] = [];
  if (!silent) {
    const body: JsonObject = { ...result, commands: commandsOf(result, config.controlTable, runbook.undoRequest) };
    const at = end.phases.at(-1)?.endedAt ?? '';
    list.push(['record', () => ledger.record({ runbook: runbook.name, run: result.run, target, at, body })]);
    list.push(['publish', () => publishOutcome(config, result, runbook.undoRequest)]);
  }
  if (Object.keys(changes).length > 0) list.push(['remember', () => ledger.remember(target, runbook.name, changes)]);
  if (lease !== undefined)
    list.push([
      'release',
      () => ledger.release({ lease, intent: end.intent, ...(end.refund ? { refund: true } : {}) }),
    ]);
  for (const claim of claims) list.push(['release', () => ledger.release({ lease: claim, intent: 'settle' })]);
  return list;
}

/** A chore that fails does not change the outcome; it is counted, and the count alarms. */
async function doChores(runbook: string, list: readonly Chore[]): Promise<void> {
  // One repeat: a lost reply or a single throttle must not leave a lease standing or an outcome untold.
  const settled = await Promise.allSettled(list.map(([, work]) => work().catch(work)));
  for (const [index, { status }] of settled.entries()) {
    const name = list[index]?.[0] ?? '';
    if (status === 'fulfilled') continue;
    log('ERROR', 'chore failed', { runbook, chore: name });
    emitMetrics(runbook, name === 'publish' ? { OutcomeNotPublished: 1 } : { LedgerLost: 1 });
  }
}

/** Reports the end of a run on a target. A dry run writes nothing but the log line. */
export async function report(desk: Desk, end: End, result: RunResult): Promise<void> {
  await attempt(desk.host, 'report', async () => {
    if (!desk.dryRun) {
      await doChores(desk.runbook.name, chores(desk, end, result));
      emitMetrics(desk.runbook.name, metricsOf(end), result.target);
    }
    logOutcome(LEVELS[result.outcome], result);
    return null;
  });
}
