/**
 * The person who is asked for approvals: hears the outcome events that ask, and answers as the plan of a run says, by a row of the ledger
 * and a callback that names it.
 */

import type { OperatorDesk } from '../../shared/kernel/ledger/ledger.ts';
import type { DurableHost } from '../hosts/durable-host.ts';
import { isRecord } from './json.ts';
import { AwsError } from './model.ts';
import type { ApprovalAnswer, TimelineEntry } from './run-types.ts';
import type { SimulatedWorld } from './world.ts';

/** Stands for their `aws:userid`, and for their ARN. */
const PERSON = 'kim';
/** From the question to the answer. */
const ANSWERED_AFTER_MS = 30_000;
/** From the first answer to the second, and from the end of the question's time to an answer that comes too late. */
const A_MOMENT_MS = 5_000;

/** A question as the outcome event has it. */
interface Question {
  readonly run: string;
  readonly target: string;
  readonly callbackId: string;
  readonly planHash: string;
  readonly expiresInSeconds: number;
}

function questionIn(entry: Record<string, unknown>): Question | undefined {
  const detail: unknown = typeof entry['Detail'] === 'string' ? JSON.parse(entry['Detail']) : undefined;
  if (!isRecord(detail) || !isRecord(detail['approval'])) return undefined;
  const { run, target } = detail;
  const { callbackId, planHash, expiresInSeconds } = detail['approval'];
  if (typeof run !== 'string' || typeof target !== 'string' || typeof callbackId !== 'string') return undefined;
  return typeof planHash === 'string' && typeof expiresInSeconds === 'number'
    ? { run, target, callbackId, planHash, expiresInSeconds }
    : undefined;
}

/** When the answers to a question are given, ms after it was asked. */
function momentsOf(answer: ApprovalAnswer, { expiresInSeconds }: Question): readonly number[] {
  if (answer === 'never') return [];
  if (answer === 'late') return [expiresInSeconds * 1_000 + A_MOMENT_MS];
  return answer === 'twice' ? [ANSWERED_AFTER_MS, ANSWERED_AFTER_MS + A_MOMENT_MS] : [ANSWERED_AFTER_MS];
}

/** Where the person is. */
interface Desk {
  readonly world: SimulatedWorld;
  readonly durable: DurableHost;
  readonly ledger: Pick<OperatorDesk, 'approve'>;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
}

/** The person of one run. */
export class Approver {
  readonly #desk: Desk;
  readonly #answer: ApprovalAnswer;
  #read = 0;

  constructor(desk: Desk, answer: ApprovalAnswer) {
    this.#desk = desk;
    this.#answer = answer;
  }

  /** Reads what has come since the last time. */
  read(): void {
    const { world } = this.#desk;
    const entries = world.records('eventbridge', 'Entries');
    for (const entry of entries.slice(this.#read)) {
      const question = questionIn(entry);
      if (question === undefined) continue;
      for (const afterMs of momentsOf(this.#answer, question)) world.clock.after(afterMs, () => this.#give(question));
    }
    this.#read = entries.length;
  }

  #give({ run, target, callbackId, planHash: asked, expiresInSeconds }: Question): void {
    const { world, ledger, durable, note } = this.#desk;
    const verdict = this.#answer === 'denied' ? 'reject' : 'approve';
    const planHash = this.#answer === 'stale' ? `another-${asked}` : asked;
    const until = new Date(world.clock.now() + expiresInSeconds * 1_000).toISOString();
    const row = { verdict, at: world.clock.iso(), by: PERSON, reason: '', until } as const;
    const isForged = this.#answer === 'forged';
    if (!isForged) void ledger.approve({ person: PERSON, run, target, planHash }, row);
    const who = isForged ? `somebody, in the name of ${PERSON},` : 'a person';
    note('event', `${who} ${verdict === 'approve' ? 'approves of' : 'says no to'} plan ${planHash}`);
    try {
      durable.completeCallback(callbackId, JSON.stringify({ person: PERSON, planHash }));
    } catch (error) {
      // The question has been answered, or its time is over: the person is told so.
      if (!(error instanceof AwsError)) throw error;
      note('event', `which comes too late: ${error.name}`);
    }
  }
}
