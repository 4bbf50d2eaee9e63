/**
 * Starts an execution of a durable function by name, so that whatever comes twice starts it once.
 *
 * Lambda knows a name for as long as it keeps the execution's history (`retentionPeriodInDays`), whether the execution goes on, has
 * succeeded or failed: the same payload again starts nothing and gives the first execution's ARN, another payload is refused. So the
 * name is made of what the request is about and of nothing that a second delivery would have otherwise (no run, no time of day), and
 * the payload of what the name is made of. A failed execution does not start again under its name: the next attempt has another
 * (`attemptName`).
 *
 * The role needs `lambda:InvokeFunction` on the ARN that the name stands for, its alias among it:
 * `!Sub arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:PREFIX-RUNBOOK:durable`.
 *
 * Sources: Lambda developer guide, "Idempotency" of durable functions (the table of states and payloads) and "Identity-based
 * policies" (a qualified ARN is what is authorized); API reference, Invoke.
 */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { JsonObject } from '../../kernel/decision.ts';
import type { Change, Send } from '../../kernel/definition.ts';
import { stackName } from '../../kernel/config.ts';
import { canonical } from '../../kernel/json.ts';
import { tokenOf } from '../../kernel/plan.ts';
import { client } from '../clients.ts';
import { objectOf, textOf } from '../planned-input.ts';

/** A name has 1 to 64 letters, digits, hyphens and underscores. Source: Lambda API reference, Execution (DurableExecutionName). */
const NAME_LENGTH = 64;
/** `_2`, `_17`: the same once more, where the one of that name has failed. */
const ATTEMPT_LENGTH = 3;
const ILLEGAL = /[^A-Za-z0-9-]+/gu;
/** 80 bits: among a million names two are the same with a chance of one in 10^12. */
const HASH_DIGITS = 20;

/**
 * The name of an execution: the same for the same parts, another for others. It begins with as much of the parts as can be read in
 * it, `carry-volumes_i-0a1_`, and ends in a hash of all of them. Runs on a module of Node, so it is called where facts are read,
 * and `decide` is given the name as a fact.
 * @param parts the runbook that is started, its target, the id of the event or the ticket: what tells two requests apart
 */
export function executionName(...parts: readonly [string, ...string[]]): string {
  const legible = parts.map((part) => part.replaceAll(ILLEGAL, '-')).join('_');
  return `${legible.slice(0, NAME_LENGTH - ATTEMPT_LENGTH - HASH_DIGITS - 1)}_${tokenOf(...parts).slice(0, HASH_DIGITS)}`;
}

/**
 * The name of a later attempt at what an execution was to do, which has failed: `…_2`.
 * @param attempt from 1, which is the name itself, to 99
 */
export function attemptName(name: string, attempt: number): string {
  return attempt === 1 ? name : `${name}_${attempt}`;
}

/**
 * `FunctionName` of a durable runbook of this stack: a durable function is invoked by a version or an alias, and the framework gives
 * each the alias `durable`.
 */
export function durableFunction(runbook: string): string {
  return `${stackName()}-${runbook}:durable`;
}

/**
 * The request that another runbook is started with; what `triggers/request.ts` reads. Of params, reason and who asked nothing may
 * be otherwise when the same thing is delivered again.
 */
export type StartRequest = {
  readonly runbook: string;
  readonly target?: string;
  readonly params: JsonObject;
  readonly dryRun?: true;
  readonly reason?: string;
  readonly requestedBy: string;
};

/** What another runbook is started with whose work stands in the data ledger: the name of it; what `triggers/collected.ts` reads. */
export type StartCollected = { readonly collected: string };

/** Input of the planned call `lambda:Invoke`. */
export type StartInput<Payload extends JsonObject = StartRequest> = {
  /** A durable function, with version or alias: `durableFunction(…)`. */
  readonly FunctionName: string;
  /** `executionName(…)`. */
  readonly DurableExecutionName: string;
  readonly Payload: Payload;
};

const send: Send = (input, { signal }) =>
  client(LambdaClient).send(
    new InvokeCommand({
      FunctionName: textOf(input, 'FunctionName'),
      InvocationType: 'Event',
      DurableExecutionName: textOf(input, 'DurableExecutionName'),
      // Lambda compares payloads: keys in another order would be another one.
      Payload: canonical(objectOf(input, 'Payload')),
    }),
    { abortSignal: signal },
  );

/** The planned call `lambda:Invoke`, and what its errors mean. Source: Lambda API reference, Invoke (Errors). */
export const startExecution: Change = {
  send,
  means: {
    // Somebody was there before, with a payload that is not byte for byte this one: of an older version of us, say.
    DurableExecutionAlreadyStartedException: 'gone',
    // The quota of requests or of concurrent invocations.
    TooManyRequestsException: 'wait',
    // The function is being updated, or comes back from being idle.
    ResourceConflictException: 'wait',
    ResourceNotReadyException: 'wait',
    // There is no such function, version or alias; or it is not durable, or was named without either.
    ResourceNotFoundException: 'refused',
    NoPublishedVersionException: 'refused',
    InvalidParameterValueException: 'refused',
    ModeNotSupportedException: 'refused',
    // More than Lambda takes: 1 MB.
    RequestTooLargeException: 'refused',
    SerializedRequestEntityTooLargeException: 'refused',
    // Lambda ends a chain of functions that start each other, at 16.
    RecursiveInvocationException: 'refused',
  },
};
