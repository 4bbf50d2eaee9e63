/** Plans as values: their hash, and their command lines. */

import { createHash } from 'node:crypto';
import type { ApiCall, JsonObject, PlannedCall } from './decision.ts';
import { printable } from './printable.ts';
import { shellLine } from './shell.ts';
import { canonical } from './json.ts';

const TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/gu;

/**
 * What an approval is bound to and drift is measured by: `planHash` without client tokens. They tell a repeat from a new try,
 * and a runbook may take another one for the same call from time to time. `run`: as in `planHash`.
 */
export function approvalHash(plan: readonly PlannedCall[], run?: string): string {
  return planHash(
    plan.map((each) => ({ ...each, input: withoutToken(each.input) })),
    run,
  );
}

function withoutToken({ ClientToken: _token, ...input }: JsonObject): JsonObject {
  return input;
}

/**
 * What tells one plan from another: the calls and their inputs, in order. Reasons are not part of
 * it, nor are times of day (a tag such as `runbook:moved-at` carries the moment of the decision, not its substance).
 * `run`: nor is its name, wherever it stands, so that the plans of two runs can be told from each other.
 */
export function planHash(plan: readonly PlannedCall[], run?: string): string {
  const substance = canonical(plan.map(({ call, input }) => ({ call, input }))).replaceAll(TIME, '<time>');
  const hashed = run === undefined ? substance : substance.replaceAll(run, '<run>');
  return createHash('sha256').update(hashed).digest('hex').slice(0, 32);
}

/** A token of 32 hex digits that is the same for the same parts. */
export function tokenOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, 32);
}

/** Services that the AWS command line knows by another name than IAM does. */
const CLI_NAMES: { readonly [service: string]: string } = { elasticloadbalancing: 'elbv2' };

/** The AWS command line of a call, ready to paste: `aws ec2 associate-address --cli-input-json '{…}'`. */
export function commandLine({ call, input }: ApiCall): string {
  const [service = '', operation = ''] = call.split(':');
  const verb = operation
    .replaceAll(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/gu, (letter) => `-${letter}`)
    .toLowerCase();
  return shellLine('aws', CLI_NAMES[service] ?? service, verb, '--cli-input-json', printable(JSON.stringify(input)));
}
