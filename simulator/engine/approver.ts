/** The person who is asked for approvals: hears the outcome events that ask, and answers as the plan of a run says. */

import type { DurableHost } from '../hosts/durable-host.ts';
import { isRecord } from './json.ts';
import { AwsError } from './model.ts';
import type { ApprovalAnswer, TimelineEntry } from './run-types.ts';
import type { SimulatedWorld } from './world.ts';

/** From the question to the answer. */
const ANSWERED_AFTER_MS = 30_000;
/** From the first answer to the second, and from the end of the question's time to an answer that comes too late. */
const A_MOMENT_MS = 5_000;

/** A question as the outcome event has it. */
interface Question {
  readonly callbackId: string;
  readonly planHash: string;
  readonly expiresInSeconds: number;
}

function questionIn(entry: Record<string, unknown>): Question | undefined {
  const detail: unknown = typeof entry['Detail'] === 'string' ? JSON.parse(entry['Detail']) : undefined;
  const approval: unknown = isRecord(detail) ? detail['approval'] : undefined;
  if (!isRecord(approval)) return undefined;
  const { callbackId, planHash, expiresInSeconds } = approval;
  return typeof callbackId === 'string' && typeof planHash === 'string' && typeof expiresInSeconds === 'number'
    ? { callbackId, planHash, expiresInSeconds }
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

  #give({ callbackId, planHash }: Question): void {
    const { durable, note } = this.#desk;
    const approve = this.#answer !== 'denied';
    const said = this.#answer === 'stale' ? `another-${planHash}` : planHash;
    note('event', `a person ${approve ? 'approves of' : 'says no to'} plan ${said}`);
    try {
      durable.completeCallback(callbackId, JSON.stringify({ approve, planHash: said, by: 'kim' }));
    } catch (error) {
      // The question has been answered, or its time is over: the person is told so.
      if (!(error instanceof AwsError)) throw error;
      note('event', `which comes too late: ${error.name}`);
    }
  }
}
