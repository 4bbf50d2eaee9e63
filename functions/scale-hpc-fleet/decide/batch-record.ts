/** What the ledger keeps of compute environments, and the calls that change one. Pure. */

import * as z from 'zod/mini';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { Environment, WarmRecord } from './batch-facts.ts';
import { KEPT_MS, OVER_KEPT_MS } from './calls.ts';
import type { LedgerItem } from './records-reader.ts';

/** Partition of the data ledger; keys are names of compute environments. */
export const BATCH_PARTITION = 'hpc-batch';

export const UPDATE = 'batch:UpdateComputeEnvironment';

const written = z.object({
  before: z.int().check(z.gte(0)),
  set: z.int().check(z.gte(0)),
  from: z.nullable(z.int().check(z.gte(0))),
  at: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)))),
  run: z.string(),
});

/** The record, or why it cannot be read. */
export function readWarmRecord(item: LedgerItem | undefined): {
  readonly record: WarmRecord | null;
  readonly recordFault: string | null;
} {
  if (item === undefined) return { record: null, recordFault: null };
  const at = `${BATCH_PARTITION}/${item.key}`;
  if (item.fault !== undefined) return { record: null, recordFault: `${at}: ${item.fault}` };
  const read = z.safeParse(written, item.value);
  if (read.success) return { record: { ...read.data, version: item.version }, recordFault: null };
  const [issue] = read.error.issues;
  return { record: null, recordFault: `${at}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
}

/** Something of ours is to be given back, or it is not known whether it was taken. */
export function isOpen(record: WarmRecord): boolean {
  return record.from !== null || record.set !== record.before;
}

/** Keeps the record. */
export function recordWrite(name: string, { version, ...value }: WarmRecord, because: string): PlannedCall {
  const keptMs = isOpen({ version, ...value }) ? KEPT_MS : OVER_KEPT_MS;
  const write = {
    partition: BATCH_PARTITION,
    key: name,
    ifVersion: version,
    value,
    expiresAt: new Date(Date.parse(value.at) + keptMs).toISOString(),
  };
  return plannedWrite(write, because);
}

/** Sets minvCpus and nothing else: with other members Batch would replace the instances. */
export function updateCall({ arn }: Environment, from: number, to: number, because: string): PlannedCall {
  const input = (minvCpus: number): PlannedCall['input'] => ({
    computeEnvironment: arn,
    computeResources: { minvCpus },
  });
  return { call: UPDATE, input: input(to), because, undo: { call: UPDATE, input: input(from) } };
}

/** The ledger knows of it before Batch does, and once Batch has taken it. */
export function changeCalls(environment: Environment, record: WarmRecord, because: string): readonly PlannedCall[] {
  const { name, minvCpus } = environment;
  const taken = { ...record, from: null };
  if (record.set === minvCpus) return [recordWrite(name, taken, because)];
  return [
    recordWrite(name, { ...record, from: minvCpus }, 'what people had set is kept before it is changed'),
    updateCall(environment, minvCpus, record.set, because),
    recordWrite(name, { ...taken, version: record.version + 1 }, 'Batch has taken it'),
  ];
}
