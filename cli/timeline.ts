/** The story of a simulated run, moment by moment, for a person. */

import type { JsonObject } from '../shared/kernel/decision.ts';
import type { RunResult } from '../shared/kernel/report/result.ts';
import { called, type Invocation, type LoggedRequest, type SimulationResult } from '../simulator/engine/run-types.ts';
import { labelled, type Piece } from './layout.ts';
import { asJson, idOf, isAwsRequest, isJsonObject, reasonParts } from './results.ts';
import { QuietStretch, quietTicks } from './quiet-ticks.ts';
import { evidenceLines, inputText, paintOutcome } from './show.ts';
import { isRecord } from '../simulator/engine/json.ts';
import type { Brush, Paint } from './terminal.ts';

type Simulated = Pick<SimulationResult, 'timeline' | 'results' | 'invocations' | 'requests' | 'deadLetters'>;

/** One thing that happened. `order` keeps the story's own order within a millisecond. */
type Item = { readonly at: string; readonly order: number } & (
  | { readonly kind: 'world' | 'event' | 'fault' | 'run'; readonly text: string }
  | { readonly kind: 'request'; readonly request: LoggedRequest }
  | { readonly kind: 'result'; readonly result: RunResult; readonly invocation: number }
);

/** Time and word, e.g. `08:02:05  event    `. */
const INDENT = 19;

function parsedDetail(text: string): {
  readonly head: string;
  readonly detail: JsonObject | undefined;
  readonly to: string;
} {
  const at = text.indexOf(' {');
  const arrow = text.lastIndexOf(' -> ');
  const to = arrow < 0 ? '' : text.slice(arrow + 4);
  const body = arrow < 0 ? text : text.slice(0, arrow);
  if (at < 0 || at > arrow) return { head: body, detail: undefined, to };
  try {
    const detail: unknown = JSON.parse(body.slice(at + 1));
    return { head: body.slice(0, at), detail: isJsonObject(detail) ? detail : undefined, to };
  } catch {
    return { head: body, detail: undefined, to };
  }
}

function member(detail: JsonObject | undefined, ...path: readonly string[]): string {
  const value = path.reduce<unknown>((holder, step) => (isRecord(holder) ? holder[step] : undefined), detail);
  return typeof value === 'string' ? value : '?';
}

/** An event in a few words: who, from what to what. */
export function eventText(text: string): string {
  const { head, detail, to } = parsedDetail(text);
  const words = ((): string => {
    if (detail === undefined) return head;
    if (head === 'CloudWatch Alarm State Change')
      return `alarm ${member(detail, 'alarmName')}: ${member(detail, 'previousState', 'value')} -> ${member(detail, 'state', 'value')}`;
    if (head === 'alarm action')
      return `alarm ${member(detail, 'alarmName')}: ${member(detail, 'previousState', 'value')} -> ${member(detail, 'state', 'value')}`;
    if (head === 'EC2 Instance State-change Notification')
      return `${member(detail, 'instance-id')} is ${member(detail, 'state')}`;
    if (head.endsWith('Lifecycle Action')) {
      return `hook ${member(detail, 'LifecycleHookName')} of ${member(detail, 'AutoScalingGroupName')} waits: ${member(detail, 'EC2InstanceId')} ${head.includes('launch') ? 'is launching' : 'is terminating'}`;
    }
    if (/^EC2 Instance (?:Launch|Terminate) /u.test(head))
      return `${member(detail, 'AutoScalingGroupName')}: ${head.slice('EC2 Instance '.length).toLowerCase()}, ${member(detail, 'EC2InstanceId')}`;
    return `${head} ${inputText(detail)}`;
  })();
  return to === '' || to === 'nobody' ? `${words} (starts nothing)` : `${words}  => ${to}`;
}

/** A run's end is in its result; only a bad one is a line of its own. */
function isBadEnd(text: string): boolean {
  return / (?:threw|died|timed-out) \(invocation \d+\)/u.test(text) || text.includes('dead letters');
}

function itemsOf(simulated: Simulated, shownTicks: readonly Invocation[]): readonly Item[] {
  const items: Item[] = [];
  let results = 0;
  for (const [order, { at, kind, text }] of simulated.timeline.entries()) {
    if (kind === 'result') {
      const entry = simulated.results[results];
      results += 1;
      if (entry !== undefined) items.push({ at, order, kind, result: entry.result, invocation: entry.invocation });
    } else if (kind === 'call') {
      // Told from the log of requests, which has the reads too.
    } else if (kind === 'run' ? isBadEnd(text) : !text.startsWith('schedule -> ')) {
      items.push({ at, order, kind, text });
    }
  }
  const order = simulated.timeline.length;
  for (const { startedAt, runbook } of shownTicks)
    items.push({ at: startedAt, order: -1, kind: 'event', text: `schedule -> ${runbook}` });
  for (const [index, { requestId, runbook, startedAt }] of simulated.invocations.entries()) {
    const again = simulated.invocations.slice(0, index).some((earlier) => earlier.requestId === requestId);
    if (again) items.push({ at: startedAt, order: -1, kind: 'event', text: `Lambda tries again -> ${runbook}` });
  }
  for (const request of simulated.requests)
    items.push({ at: request.at, order: order + request.index, kind: 'request', request });
  return items.toSorted((a, b) => (a.at === b.at ? a.order - b.order : a.at < b.at ? -1 : 1));
}

/** Counts equal names: `ec2:DescribeInstances, ec2:DescribeAddresses x2`. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} x${count}`)).join(', ');
}

/** What the ledger's requests mean. */
const LEDGER_WORDS: { readonly [call: string]: string } = {
  'ledger:acquire': 'lease taken, intent announced',
  'ledger:renew': 'lease renewed',
  'ledger:release': 'lease handed back',
  'ledger:record': 'run recorded',
  'ledger:remember': 'noted for the next look',
  'lambda:CheckpointDurableExecution': 'checkpoint',
};

/** A scripted change without the path's first two steps, which say where the world file keeps it. */
export function worldText(text: string): string {
  const [path = '', region] = /^(?:regions\/([^/]+)\/)?[a-z0-9-]+\/[A-Za-z]+\//u.exec(text) ?? [];
  return `${region === undefined ? '' : `${region} `}${text.slice(path.length)}`.replace(/ = "(.*)"$/u, ' = $1');
}

/** Lines later than this after the beginning of a moment get a time of day of their own. */
const MOMENT_MS = 60_000;

class Story {
  readonly #lines: string[] = [];
  readonly #simulated: Simulated;
  readonly #paint: Paint;
  readonly #width: number;
  /** When the moment began that is being told; and which group of requests is being collected. */
  #moment = Number.NEGATIVE_INFINITY;
  #group: 'reads' | 'ledger' = 'reads';
  /** A result was told in this moment: the next one is set off by an empty line. */
  #ended = false;
  #quiet: QuietStretch | undefined;
  #reads: LoggedRequest[] = [];

  constructor(simulated: Simulated, paint: Paint, width: number) {
    this.#simulated = simulated;
    this.#paint = paint;
    this.#width = width;
  }

  lines(): readonly string[] {
    const quiet = quietTicks(this.#simulated);
    const { invocations } = this.#simulated;
    const ticks = invocations.filter(({ delivery }) => delivery === -1);
    for (const item of itemsOf(
      this.#simulated,
      ticks.filter(({ index }) => !quiet.has(index)),
    )) {
      const invocation =
        item.kind === 'request' ? item.request.invocation : item.kind === 'result' ? item.invocation : undefined;
      if (invocation !== undefined && quiet.has(invocation)) {
        if (item.kind === 'result') this.#pass(item.at, invocation, item.result);
      } else this.#tell(item);
    }
    this.#endReads();
    this.#endQuiet();
    return this.#lines;
  }

  #pass(at: string, invocation: number, result: RunResult): void {
    this.#endReads();
    this.#quiet ??= new QuietStretch(at);
    this.#quiet.add(at, invocation, result);
  }

  #endQuiet(): void {
    const quiet = this.#quiet;
    this.#quiet = undefined;
    if (quiet === undefined) return;
    this.#line(quiet.from, 'schedule', this.#paint.dim, quiet.text(), this.#paint.dim);
  }

  #endReads(): void {
    const reads = this.#reads;
    this.#reads = [];
    const [first] = reads;
    if (first === undefined) return;
    const names = reads.map(
      ({ call, region, error }) =>
        `${LEDGER_WORDS[call] ?? called({ call, region })}${error === undefined ? '' : ` (${error})`}`,
    );
    this.#line(first.at, this.#group, this.#paint.dim, counted(names), this.#paint.dim);
  }

  #line(at: string, word: string, colour: Brush, text: string, paintText: Brush = String): void {
    const sinceMs = Date.parse(at) - this.#moment;
    const begins =
      sinceMs >= MOMENT_MS || (sinceMs >= 1_000 && (word === 'event' || word === 'world' || word === 'schedule'));
    if (begins && this.#ended) this.#lines.push('');
    if (begins) this.#moment = Date.parse(at);
    this.#ended = word !== 'schedule' && begins ? false : this.#ended;
    const offset = sinceMs < 10 ? '' : `+${(sinceMs / 1_000).toFixed(2)} s`;
    const time: Piece = begins ? at.slice(11, 19) : [offset.padStart(8), this.#paint.dim];
    this.#lines.push(labelled([time, '  ', [word.padEnd(INDENT - 10), colour]], [text, paintText], this.#width));
  }

  #tell(item: Item): void {
    if (item.kind === 'request' && !this.#isTold(item.request)) {
      this.#endQuiet();
      const group = item.request.kind === 'write' ? 'ledger' : 'reads';
      if (group !== this.#group) this.#endReads();
      this.#group = group;
      this.#reads.push(item.request);
      return;
    }
    this.#endReads();
    this.#endQuiet();
    const { red, magenta, bold } = this.#paint;
    if (item.kind === 'request') this.#write(item.request);
    else if (item.kind === 'result') this.#result(item.at, item.result);
    else if (item.kind === 'event')
      this.#line(
        item.at,
        'event',
        bold,
        item.text.startsWith('schedule -> ')
          ? item.text.replace('schedule -> ', 'schedule  => ')
          : eventText(item.text),
      );
    else if (item.kind === 'world') this.#line(item.at, 'world', magenta, worldText(item.text));
    else this.#line(item.at, item.kind === 'fault' ? 'FAULT' : 'run', red, item.text, red);
  }

  /** Whether a request has a line of its own: reads, and the ledger's bookkeeping, are told together. */
  #isTold(request: LoggedRequest): boolean {
    return (request.kind === 'write' && isAwsRequest(request)) || request.fault !== undefined;
  }

  #write({ at, call, region, input, error, because }: LoggedRequest): void {
    const { cyan, red, dim } = this.#paint;
    const told = call === 'events:PutEvents' ? 'the outcome, to whoever listens' : inputText(asJson(input));
    this.#line(
      at,
      'call',
      cyan,
      `${called({ call, region })} ${told}${error === undefined ? '' : ` -> ${error}`}`,
      error === undefined ? undefined : red,
    );
    if (because !== undefined)
      this.#lines.push(labelled([' '.repeat(INDENT), ['because ', dim]], [because, dim], this.#width));
  }

  #result(at: string, result: RunResult): void {
    const { outcome, runbook, target, reason, evidence } = result;
    const paint = this.#paint;
    const [code, sentence] = reasonParts(reason);
    const head = `${runbook}${target === undefined ? '' : ` ${idOf(target)}`}: ${code}`;
    this.#line(at, outcome.slice(0, 8), (text) => paintOutcome(paint, outcome, text), head, paint.bold);
    this.#ended = true;
    const indent = ' '.repeat(INDENT);
    if (sentence !== '') this.#lines.push(labelled([indent], sentence, this.#width));
    if (outcome !== 'nothing' && outcome !== 'not-mine')
      this.#lines.push(...evidenceLines(evidence, `${indent}  `, this.#width, paint));
  }
}

/** The whole story, one line of text per entry. */
export function timelineLines(simulated: Simulated, paint: Paint, width: number): readonly string[] {
  return new Story(simulated, paint, width).lines();
}
