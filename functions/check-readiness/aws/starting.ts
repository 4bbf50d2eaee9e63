/** What starts the runbooks, and whether they can be started: functions, mappings, schedules, rules. */

import { EventBridgeClient, ListRulesCommand, type Rule as ListedRule } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { functionArn } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { DeployedFunction, Mapping, Rule, Schedule } from '../decide.ts';
import { unlessGone } from './gone.ts';

/** A function with its concurrency. Throws what AWS throws. */
export async function readFunction(name: string, io: Io): Promise<DeployedFunction> {
  const input = { FunctionName: functionArn(name, io) };
  const options = { abortSignal: io.signal };
  const found = await unlessGone(() => client(LambdaClient).send(new GetFunctionConfigurationCommand(input), options));
  const { State: state = '', StateReason, LastUpdateStatus: update = '', LastUpdateStatusReason } = found ?? {};
  const why = StateReason ?? LastUpdateStatusReason ?? '';
  const asIs = { name, isThere: found !== null, reserved: null, state, update, why };
  if (found === null) return asIs;
  const answer = await unlessGone(() => client(LambdaClient).send(new GetFunctionConcurrencyCommand(input), options));
  return { ...asIs, isThere: answer !== null, reserved: answer?.ReservedConcurrentExecutions ?? null };
}

/** The last part of an ARN. */
function lastOf(arn: string): string {
  return arn.split(':').at(-1) ?? arn;
}

/** The name in a function's ARN, whatever version or alias stands behind it. */
function functionIn(arn: string): string {
  const parts = arn.split(':');
  return parts[parts.indexOf('function') + 1] ?? '';
}

/** The mappings to functions whose names begin as the stack's do. Throws what AWS throws. */
export async function readMappings(prefix: string, io: Io): Promise<readonly Mapping[]> {
  const found = await collect(
    paginateListEventSourceMappings({ client: client(LambdaClient) }, {}, { abortSignal: io.signal }),
    ({ EventSourceMappings }) => EventSourceMappings,
  );
  return found.flatMap(({ UUID: id = '', EventSourceArn = '', FunctionArn = '', State: state = '' }): Mapping[] => {
    const functionName = functionIn(FunctionArn);
    return functionName.startsWith(`${prefix}-`) ? [{ id, source: sourceIn(EventSourceArn), functionName, state }] : [];
  });
}

/** A queue's name; of a table's stream the table's, for the stream has a time for its name. */
function sourceIn(arn: string): string {
  return /:table\/([^/]+)\/stream\//u.exec(arn)?.[1] ?? lastOf(arn);
}

/** A schedule of the stack. Throws what AWS throws. */
export async function readSchedule(name: string, io: Io): Promise<Schedule> {
  const found = await unlessGone(() =>
    client(SchedulerClient).send(new GetScheduleCommand({ Name: name }), { abortSignal: io.signal }),
  );
  return { name, state: found === null ? null : (found.State ?? '') };
}

function ruleOf({ Name: name = '', State }: ListedRule, bus: string): Rule {
  return { name, bus, state: State ?? '' };
}

/** The rules on a bus whose names begin so. A bus that is not there has none. Throws what AWS throws. */
export async function readRules(bus: string, NamePrefix: string | undefined, io: Io): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const command = new ListRulesCommand({ EventBusName: bus, NamePrefix, NextToken });
    const page = await unlessGone(() => client(EventBridgeClient).send(command, { abortSignal: io.signal }));
    rules.push(...(page?.Rules ?? []).map((one) => ruleOf(one, bus)));
    NextToken = page?.NextToken;
  } while (NextToken !== undefined);
  return rules;
}
