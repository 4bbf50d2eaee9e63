/** What the ledger keeps of the head nodes of ParallelClusters, what their document prints, and the calls that park and unpark. Pure. */

import * as z from 'zod/mini';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { ClusterAnswer, HeadNode, ParkRecord, Verb } from './cluster-facts.ts';
import { KEPT_MS } from './calls.ts';
import { time, type LedgerItem } from './records-reader.ts';

/** Partition of the data ledger; keys are ids of head nodes. */
export const CLUSTER_PARTITION = 'hpc-cluster';

export const SEND_COMMAND = 'ssm:SendCommand';

/** An agent that has to begin within this time does, or another is sent later; the least is 30. Source: SendCommand, `TimeoutSeconds`. */
const DELIVERY_SECONDS = 60;

/** Characters of a cause that are told, and how many causes. */
const [MOST_SAID, MOST_CAUSES] = [300, 5];

const NO_RECORD: ParkRecord = { version: 0, parked: [], left: [], hand: null, known: null, asked: null };

const verb = z.enum(['park', 'unpark']);
const names = z.array(z.string());
const written = z.object({
  parked: names,
  left: names,
  hand: z.nullable(z.object({ verb, by: z.string(), at: time, run: z.string() })),
  known: z.nullable(time),
  asked: z.nullable(z.object({ verb, partitions: names, at: time, run: z.string() })),
});

/** The record, or why it cannot be read. */
export function readParkRecord(item: LedgerItem | undefined): {
  readonly record: ParkRecord;
  readonly recordFault: string | null;
} {
  if (item === undefined) return { record: NO_RECORD, recordFault: null };
  const at = `${CLUSTER_PARTITION}/${item.key}`;
  if (item.fault !== undefined) return { record: NO_RECORD, recordFault: `${at}: ${item.fault}` };
  const read = z.safeParse(written, item.value);
  if (read.success) return { record: { ...read.data, version: item.version }, recordFault: null };
  const [issue] = read.error.issues;
  return { record: NO_RECORD, recordFault: `${at}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
}

const count = z.int().check(z.gte(0));
const printed = z.object({
  fleet: z.string(),
  partitions: z.array(z.object({ name: z.string(), state: z.string(), running: count, pending: count })),
  causes: z.array(z.string()),
});

/** What the document has printed; `null`: it is not that, or a part of it. */
export function readAnswer(output: string): ClusterAnswer | null {
  try {
    const { success, data } = z.safeParse(printed, JSON.parse(output));
    if (!success) return null;
    const causes = data.causes.slice(-MOST_CAUSES).map((cause) => cause.slice(0, MOST_SAID));
    return { ...data, causes };
  } catch {
    return null;
  }
}

/** The last line of an output, as far as it is told. */
export function lastLine(output: string): string {
  return (output.trim().split('\n').at(-1) ?? '').slice(0, MOST_SAID);
}

const COMMENT = /^scale-hpc-fleet (status|park|unpark) (\S+)$/u;

function isVerb(text: string | undefined): text is Verb {
  return text === 'status' || text === 'park' || text === 'unpark';
}

/** What a command was sent for, by its comment; `undefined`: it is none of ours. */
export function readComment(comment: string): { readonly verb: Verb; readonly at: string } | undefined {
  const [, word, at] = COMMENT.exec(comment) ?? [];
  return isVerb(word) && at !== undefined ? { verb: word, at } : undefined;
}

/** Keeps the record. */
export function parkWrite(
  { id }: HeadNode,
  { version, ...value }: ParkRecord,
  now: string,
  because: string,
): PlannedCall {
  const { parked, left, asked } = value;
  const write = {
    partition: CLUSTER_PARTITION,
    key: id,
    ifVersion: version,
    value: {
      ...value,
      parked: [...parked],
      left: [...left],
      asked: asked === null ? null : { ...asked, partitions: [...asked.partitions] },
    },
    expiresAt: new Date(Date.parse(now) + KEPT_MS).toISOString(),
  };
  return plannedWrite(write, because);
}

/** What the head node is sent. */
export interface Sending {
  readonly head: HeadNode;
  readonly document: string;
  readonly verb: Verb;
  readonly partitions: readonly string[];
  readonly now: string;
  readonly because: string;
}

/** There is no client token: it is found again by its comment. */
export function commandCall(sending: Sending): PlannedCall {
  const { verb: asked, because } = sending;
  const call = { call: SEND_COMMAND, input: inputOf(sending, asked), because };
  if (asked === 'status') return call;
  return { ...call, undo: { call: SEND_COMMAND, input: inputOf(sending, asked === 'park' ? 'unpark' : 'park') } };
}

function inputOf({ head, document, partitions, now }: Sending, command: Verb): PlannedCall['input'] {
  return {
    InstanceIds: [head.id],
    DocumentName: document,
    Parameters: { command: [command], partitions: [partitions.join(' ')] },
    TimeoutSeconds: DELIVERY_SECONDS,
    Comment: `scale-hpc-fleet ${command} ${now}`,
  };
}
