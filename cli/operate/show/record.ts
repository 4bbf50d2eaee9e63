/** A run record as it is read: any version may have written it, and what is not understood is left out. Pure. */

import type { Json, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { RunRecord } from '../../../shared/kernel/ledger/ledger.ts';
import type { Phase } from '../../../shared/kernel/report/result.ts';
import { isJsonObject } from '../../results.ts';
import { offeredLines, offeredRequest } from './checked-undo.ts';

/** What a person is asked. */
export interface Waits {
  /** By which the run is woken; absent: it is over, and the runbook is started again. */
  readonly callbackId?: string;
  readonly planHash: string;
  /** ISO 8601: so long their word is waited for. */
  readonly until: string;
}

/** A run on a target, as its record tells it. */
export interface ShownRecord {
  readonly runbook: string;
  readonly run: string;
  readonly target: string;
  /** When it was recorded. */
  readonly at: string;
  readonly outcome: string;
  readonly reason: string;
  readonly evidence: JsonObject;
  readonly plan: readonly PlannedCall[];
  readonly phases: readonly Phase[];
  /** Bytes that were too many for the record, by what they were of. */
  readonly cut: { readonly [of: string]: number };
  /** Command lines that take it back, the last call first. */
  readonly undo: readonly string[];
  /** Such lines that are not offered: they are no calls of AWS, or to services that the run has not called. */
  readonly unofferedUndo: number;
  /** What it waits for, where it asks a person. */
  readonly approval?: Waits;
  /** The request that has the runbook itself take it back. */
  readonly undoRequest?: JsonObject;
  /** What has started the run; of a record that is older than this, absent. */
  readonly trigger?: JsonObject;
}

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function listIn(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function objectIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function callIn(value: Json | undefined): { readonly call: string; readonly input: JsonObject } | undefined {
  if (!isJsonObject(value) || typeof value['call'] !== 'string') return undefined;
  return { call: value['call'], input: objectIn(value['input']) };
}

function plannedIn(value: Json): readonly PlannedCall[] {
  const call = callIn(value);
  if (call === undefined || !isJsonObject(value)) return [];
  const undo = callIn(value['undo']);
  return [{ ...call, because: textIn(value['because']), ...(undo === undefined ? {} : { undo }) }];
}

function phaseIn(value: Json): readonly Phase[] {
  if (!isJsonObject(value)) return [];
  const { name, startedAt, endedAt } = value;
  if (typeof name !== 'string' || typeof startedAt !== 'string' || typeof endedAt !== 'string') return [];
  return [{ name, startedAt, endedAt }];
}

function numbersIn(value: Json | undefined): { readonly [of: string]: number } {
  return Object.fromEntries(
    Object.entries(objectIn(value)).flatMap(([of, bytes]) => (typeof bytes === 'number' ? [[of, bytes]] : [])),
  );
}

/** Later than that is in no calendar. */
const MOST_WAITED_S = 366 * 86_400;

function waitsIn(approval: Json | undefined, at: string): Waits | undefined {
  const { callbackId, planHash, expiresInSeconds } = objectIn(approval);
  if (typeof planHash !== 'string' || typeof expiresInSeconds !== 'number') return undefined;
  const seconds = Math.min(expiresInSeconds, MOST_WAITED_S);
  const until = new Date(Date.parse(at) + seconds * 1_000);
  if (Number.isNaN(until.getTime())) return undefined;
  return { ...(typeof callbackId === 'string' ? { callbackId } : {}), planHash, until: until.toISOString() };
}

/** Reads the body of a record. */
export function recordOf(key: Omit<RunRecord, 'body'>, body: JsonObject): ShownRecord {
  const commands = objectIn(body['commands']);
  const plan = listIn(body['plan']).flatMap(plannedIn);
  const written = listIn(commands['undo']).filter((line) => typeof line === 'string');
  const undo = offeredLines(written, plan);
  const undoRequest = offeredRequest(commands['undoRequest'], key.runbook);
  const { trigger } = body;
  const approval = body['outcome'] === 'awaiting-approval' ? waitsIn(body['approval'], key.at) : undefined;
  // What the ledger itself had to cut has no members any more (`items.ts`).
  const lost = body['truncated'] === true ? { record: Number(body['bytes'] ?? 0) } : {};
  return {
    runbook: key.runbook,
    run: key.run,
    target: key.target,
    at: key.at,
    outcome: textIn(body['outcome']),
    reason: textIn(body['reason']),
    evidence: objectIn(body['evidence']),
    plan,
    phases: listIn(body['phases']).flatMap(phaseIn),
    cut: { ...numbersIn(body['cut']), ...lost },
    undo,
    unofferedUndo: written.length - undo.length,
    ...(approval === undefined ? {} : { approval }),
    ...(undoRequest === undefined ? {} : { undoRequest }),
    ...(isJsonObject(trigger) ? { trigger } : {}),
  };
}

/** Whether anything of the plan was sent: else it is what would be done. */
export function hasActed({ outcome, plan, phases }: ShownRecord): boolean {
  if (plan.length === 0 || outcome === 'planned' || outcome === 'awaiting-approval') return false;
  return outcome !== 'refused' || phases.some(({ name }) => plan.some(({ call }) => call === name));
}
