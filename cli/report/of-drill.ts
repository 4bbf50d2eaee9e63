/** The page of a drill: what its runs came to, and whether that is what was expected. Pure. */

import type { Drill, DrillRun } from '../../rehearsal/drill.ts';
import { tellingResults } from '../../rehearsal/expect.ts';
import type { JsonObject } from '../../shared/kernel/decision.ts';
import type { RunbookSummary } from '../../shared/kernel/definition.ts';
import type { RunLine } from '../../shared/kernel/ledger/ledger.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { linesWithoutData, withoutData } from '../operate/show/hidden.ts';
import { inOrder, recordMoments, type Moment } from '../operate/show/moments.ts';
import { hasActed, recordOf, type ShownRecord } from '../operate/show/record.ts';
import { requestLine, undoToday, type Ledgers, type UndoToday } from '../operate/show/undo-today.ts';
import { whatNow } from '../operate/show/what-now.ts';
import { schedulesOf } from '../operate/schedules.ts';
import { shortIds } from '../operate/short-ids.ts';
import { asJson, isAwsRequest, isJsonObject } from '../results.ts';
import { eventText, worldText } from '../timeline.ts';
import { idIn } from './html.ts';
import type { Receipt, Report, ReportedRun } from './report.ts';
import { reportedRun, sentRequest } from './reported-run.ts';
import { lastOfEach, verdictOf } from './verdict.ts';

/** What a page is made of beside the drill's run. */
export interface DrillPage {
  readonly seed: number;
  /** The faults of the run as `--replay` takes them; empty: none. */
  readonly faults: string;
  readonly summaries: readonly RunbookSummary[];
  readonly receipt: Receipt;
}

type End = DrillRun['result'];

/** The stack of every drill acts, and asks nobody unless a decision does. */
const DRILL_STACK = { prefix: 'world', parameters: { dryRun: false, approval: 'never', mode: 'apply' } } as const;

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function objectIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Results in their order with the times at which they were logged: those that say something, or the only one that there is. */
function toldResults(end: End): readonly { readonly at: string; readonly result: RunResult }[] {
  const telling = new Set(tellingResults(end));
  const all = end.timeline
    .filter(({ kind }) => kind === 'result')
    .flatMap(({ at }, index) => {
      const result = end.results[index]?.result;
      return result === undefined ? [] : [{ at, result }];
    });
  const told = all.filter(({ result }) => telling.has(result));
  return told.length > 0 ? told : all.slice(0, 1);
}

/** What a result says, with what only its record has: what started it, and what takes it back. */
function recordedIn(end: End, at: string, result: RunResult): ShownRecord {
  const { runbook, run, target = '' } = result;
  const record = end.ledger.records.find((one) => one.run === run && one.runbook === runbook && one.target === target);
  const kept = record?.body['outcome'] === result.outcome ? record.body : {};
  return recordOf(
    { runbook, run, target, at },
    { ...asJson(result), commands: objectIn(kept['commands']), trigger: objectIn(record?.body['trigger']) },
  );
}

function ledgersOf({ ledger }: End, summary: RunbookSummary | undefined): Ledgers {
  const { switches, modes, resources, records } = ledger;
  const lines = records.map(({ runbook, run, target, at, body }): RunLine => {
    return { runbook, run, target, at, outcome: textIn(body['outcome']), reason: textIn(body['reason']) };
  });
  const broken = lines.filter((line, index) => {
    return line.outcome === 'refused' && hasActed(recordOf(line, records[index]?.body ?? {}));
  });
  const shorts = shortIds(lines.map(({ run }) => run));
  return { switches, modes, resources, lines, broken: new Set(broken), limits: summary?.limits, shorts };
}

/** What somebody would read in a drill's story, without what is hidden in events. */
function withoutDataIn(text: string): string {
  const [head = '', body = '', to = ''] = /^(.*?) (\{.*\})( -> [^{}]*)?$/su.exec(text)?.slice(1) ?? [];
  if (body === '') return linesWithoutData([text], [])[0] ?? '';
  try {
    const detail: unknown = JSON.parse(body);
    return isJsonObject(detail) ? `${head} ${JSON.stringify(withoutData(detail))}${to}` : `${head}${to}`;
  } catch {
    return linesWithoutData([text], [])[0] ?? '';
  }
}

/** What happened to the account, and which events started something. */
function worldMoments({ timeline }: End): readonly Moment[] {
  return timeline.flatMap(({ at, kind, text }): readonly Moment[] => {
    if (kind === 'world')
      return [
        { at, group: 'other', target: '', text: `the account: ${worldText(linesWithoutData([text], [])[0] ?? '')}` },
      ];
    if (kind === 'fault') return [{ at, group: 'other', target: '', text: `fault: ${text}`, isBad: true }];
    if (kind !== 'event' || text.startsWith('schedule -> ')) return [];
    const told = eventText(withoutDataIn(text));
    return told.includes('  => ')
      ? [{ at, group: 'trigger', target: '', text: told.replace('  => ', ' starts ') }]
      : [];
  });
}

function approvalText({ expect }: Drill, runs: readonly ReportedRun[]): string {
  if (expect.approval !== undefined) return `Rehearsed: the person who is asked answers so: ${expect.approval}.`;
  const isAsked = runs.some(({ code, outcome }) => outcome === 'awaiting-approval' || code === 'not-approved');
  return isAsked ? 'Asked for; in this drill nobody answers.' : 'Nobody is asked in this drill.';
}

function nextText(runs: readonly ReportedRun[], summaries: readonly RunbookSummary[]): string | undefined {
  const schedules = schedulesOf(summaries);
  const names = [...new Set(runs.map(({ runbook }) => runbook))];
  const told = names.flatMap((name) => {
    const schedule = schedules.get(name);
    return schedule === undefined ? [] : [`the schedule of ${name} looks again, ${schedule.expression}`];
  });
  return told.length === 0 ? undefined : told.join('; ');
}

function undoOf(end: End, record: ShownRecord, ledgers: Ledgers): UndoToday | undefined {
  const place = { file: null, now: () => end.world.clock.iso(), stacks: [] };
  const undo = undoToday(place, DRILL_STACK, record, ledgers, false);
  if (undo === undefined) return undefined;
  // A run of a drill is nowhere to be found by its id: the request says what would be asked.
  const asked = (...more: readonly string[]): string | null =>
    (record.undoRequest && requestLine({ file: null }, record.undoRequest, more)) ?? null;
  const about = record.plan.flatMap(({ input, undo: back }) => [input, ...(back === undefined ? [] : [back.input])]);
  const without = (line: string | null): string | null =>
    line === null ? null : (linesWithoutData([line], about)[0] ?? null);
  return {
    ...undo,
    request: without(asked()),
    ask: without(asked('--dry-run')),
    lines: linesWithoutData(undo.lines, about),
  };
}

function runsOf(
  end: End,
  records: readonly ShownRecord[],
  summaries: readonly RunbookSummary[],
): readonly ReportedRun[] {
  const now = end.world.clock.iso();
  const latest = new Set(lastOfEach(records));
  return records.map((record) => {
    const ledgers = ledgersOf(
      end,
      summaries.find(({ name }) => name === record.runbook),
    );
    return reportedRun(record, {
      undo: undoOf(end, record, ledgers),
      now: latest.has(record) ? whatNow({ file: null, now: () => now }, ledgers, record) : undefined,
      isShown: false,
    });
  });
}

/** The page's content. */
export function drillReport(drill: Drill, { result: end, failures }: DrillRun, page: DrillPage): Report {
  const { summaries, seed, faults, receipt } = page;
  const records = toldResults(end).map(({ at, result }) => recordedIn(end, at, result));
  const runs = runsOf(end, records, summaries);
  const calls = end.requests
    .filter((request) => isAwsRequest(request))
    .map(({ at, call, input, error }) => sentRequest({ at, call, input: asJson(input), error }, false));
  const next = nextText(runs, summaries);
  const last = runs.at(-1);
  return {
    id: idIn(`drill-${drill.name}`),
    title: drill.title,
    subtitle: `Drill ${drill.name}`,
    where: [
      ['Runbooks', [...new Set(runs.map(({ runbook }) => runbook))].join(', ')],
      ['Account', `${end.world.account} ${end.world.region}, simulated`],
      ['Rehearsal', failures.length === 0 ? 'as expected' : `NOT as expected: ${failures.length} amiss`],
      ['Seed', `${seed}${faults === '' ? '' : `, faults ${faults}`}`],
    ],
    now: end.world.clock.iso(),
    verdict: verdictOf(runs, { isUnderWay: last?.outcome === 'waiting' }),
    runs,
    others: [],
    moments: inOrder([...worldMoments(end), ...records.flatMap((record) => recordMoments(record, false))]),
    calls,
    noCalls: 'No request was sent.',
    ...(next === undefined ? {} : { next }),
    approval: approvalText(drill, runs),
    bareCalls: 'call by call, in the account that this world is of; nothing guards them',
    links: [],
    receipt,
    unread: [],
    faults: failures,
  };
}
