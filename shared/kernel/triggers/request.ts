/** The manual request: a person's, or that of a schedule with an input of its own. */

import { safeParse } from 'zod/mini';
// Types only: the value `core` is a namespace object that would put all of zod (400 KB) into every bundle.
import type { core } from 'zod/mini';
import type { JsonObject } from '../decision.ts';
import type { Trigger } from '../definition.ts';
import type { BadInputError } from '../errors.ts';
import { canonical } from '../json.ts';
import type { ApprovalKey } from '../ledger/ledger.ts';
import { badInput, found, memberPath, sha256, type Field } from './reader.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

const KEYS = ['runbook', 'target', 'params', 'dryRun', 'reason', 'requestedBy', 'approval'];
const APPROVAL_KEYS = ['person', 'run', 'target', 'planHash'];
const RUNBOOK_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** A person's or a schedule's request, in its one shape. */
export interface RequestDelivery extends DeliveryBase {
  readonly kind: 'request';
  readonly runbook: string;
  readonly target?: string;
  readonly params: JsonObject;
  readonly dryRun: boolean;
  readonly reason?: string;
  readonly requestedBy?: string;
  /** Whose word on the plan of which run may be in the ledger, for a plain runbook. It permits nothing: the ledger is asked. */
  readonly approval?: ApprovalKey;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly request: RequestDelivery;
  }
}

function demandKeys(field: Field, known: readonly string[], what: string): void {
  for (const key of field.keys()) {
    if (!known.includes(key)) throw badInput(field.get(key).path, `unknown key; ${what} has ${known.join(', ')}`);
  }
}

function approvalIn(field: Field): ApprovalKey {
  demandKeys(field, APPROVAL_KEYS, 'it');
  const [person = '', run = '', target = '', planHash = ''] = APPROVAL_KEYS.map((key) => field.get(key).text(2048));
  return { person, run, target, planHash };
}

/** `{ runbook, target?, params?, dryRun?, reason?, requestedBy?, approval? }` and no other key. */
function parseRequest(root: Field, sentAt: string | undefined): RequestDelivery {
  demandKeys(root, KEYS, 'a request');
  return {
    kind: 'request',
    id: `request:${sha256(`${canonical(root.value)}${sentAt ?? ''}`)}`,
    ...(sentAt === undefined ? {} : { at: sentAt }),
    runbook: root.get('runbook').matching(RUNBOOK_NAME, "a runbook's name such as reassign-elastic-ip", 64),
    params: present(root, 'params', (field) => field.json()) ?? {},
    dryRun:
      present(root, 'dryRun', (field) =>
        typeof field.value === 'boolean' ? field.value : field.fail('true or false'),
      ) ?? false,
    ...present(root, 'target', (field) => ({ target: field.text(2048) })),
    ...present(root, 'reason', (field) => ({ reason: field.text(1024) })),
    ...present(root, 'requestedBy', (field) => ({ requestedBy: field.text(256) })),
    ...present(root, 'approval', (field) => ({ approval: approvalIn(field) })),
  };
}

/** A person's `null` is a slip (an unset variable, say), never "leave it out": only a missing key is absent. */
function present<T>(root: Field, key: string, read: (field: Field) => T): T | undefined {
  return root.has(key) ? read(root.get(key)) : undefined;
}

/** Reads requests, of whatever runbook. */
export const requests: DocumentReader = {
  message: { called: '{ "runbook": NAME }', keys: ['runbook'], read: parseRequest },
};

/** A zod (or zod/mini) schema of the manual request's `params`. */
export type ParamsSchema<Params> = core.$ZodType<Params>;

/**
 * The manual request, from a person or an EventBridge schedule's input.
 * @param runbook the runbook's name; a request for another one is not for this trigger.
 * @param paramsSchema schema of `params`; for an object it must be `z.strictObject`, so that a misspelt key is bad input.
 * @throws BadInputError (when a request is read) with a path such as `params.candidate`.
 * @throws TypeError (here, so when the handler is loaded) for an object schema that lets unknown keys pass.
 */
export function onRequest<Params, Request>(
  runbook: string,
  paramsSchema: ParamsSchema<Params>,
  toRequest: (params: Params, delivery: RequestDelivery) => Request | undefined,
): Trigger<Request> {
  if (!refusesUnknownKeys(paramsSchema)) throw new TypeError(`${runbook}: declare params with z.strictObject`);
  return {
    name: 'request',
    reads: requests,
    request: (delivery) => {
      if (delivery.kind !== 'request' || delivery.runbook !== runbook) return undefined;
      const parsed = safeParse(paramsSchema, delivery.params);
      if (!parsed.success) throw badParams(parsed.error.issues, delivery.params);
      return toRequest(parsed.data, delivery);
    },
  };
}

/**
 * Tried with a key no schema has: a strict object reports it even beside missing members. A union answers before it looks at
 * keys; its members are strict or not by their own declaration.
 */
function refusesUnknownKeys(schema: core.$ZodType): boolean {
  const tried = safeParse(schema, { 'no such key': true });
  return (
    !tried.success && tried.error.issues.some(({ code }) => code === 'unrecognized_keys' || code === 'invalid_union')
  );
}

/** The first fault, in our words: zod/mini ships without messages (each would read "Invalid input"). */
function badParams(issues: readonly core.$ZodIssue[], params: unknown): BadInputError {
  const [issue] = issues;
  if (issue === undefined) return badInput('params', 'not valid');
  const base = ['params', ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))].reduce<string>(
    memberPath,
    '',
  );
  if (issue.code === 'unrecognized_keys') return badInput(memberPath(base, issue.keys[0] ?? ''), 'unknown key');
  return badInput(base, `expected ${expectation(issue)}, found ${found(valueAt(params, issue.path))}`);
}

function expectation(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `text that matches ${issue.pattern ?? 'its pattern'}` : `a ${issue.format}`;
    default:
      return issue.message === 'Invalid input' ? 'another form' : issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' members' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((holder, key) => {
    if (typeof holder !== 'object' || holder === null) return undefined;
    return Object.getOwnPropertyDescriptor(holder, key)?.value as unknown;
  }, value);
}
