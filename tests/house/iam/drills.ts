/** What the functions ask IAM for in the drills. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseDuration } from '../../../simulator/world/duration.ts';
import { REHEARSED_STACK } from '../../../rehearsal/alarms.ts';
import { DEPLOYED_ENVIRONMENT, watchersOf, type Drill } from '../../../rehearsal/drill.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { NO_FAULTS, type DeployedFunction } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import type { Authorization } from './policy.ts';
import { authorizationsOf } from './requests.ts';
import { resourceHistory, type ResourceHistory } from './resources.ts';
import { stackOf, type Place, type Stack, type Template } from './template.ts';
import { QUEUE_ACTIONS, STREAM_ACTIONS } from '../dependents.ts';
import { PEOPLES_TAGS } from './tags.ts';

/** The only VPC of every drill that does not say otherwise; the stack is packaged with `vpcId` set to it. */
export const DRILL_VPC = 'vpc-0d4b2c7a91e6f3058';
/** The bucket of lists of every drill. */
export const DRILL_BUCKET = 'lists-example';

/** Something that was asked, by whom, and in which drill it first was. */
export interface Asked {
  /** A runbook, or the logical id of a schedule. */
  readonly by: string;
  readonly drill: string;
  readonly place: Place;
  /** The request changes something. */
  readonly write: boolean;
  readonly authorization: Authorization;
}

const worldSchema = z.looseObject({ ec2: z.looseObject({ Vpcs: z.unknown().optional() }).optional() });
type WorldFile = z.infer<typeof worldSchema>;

/** The drill's world as its file has it, in the one VPC. */
export function worldOf(drill: Drill): WorldFile {
  const world = worldSchema.parse(JSON.parse(readFileSync(join(drill.directory, 'world.json'), 'utf8')));
  return {
    ...world,
    ec2: { Vpcs: [{ VpcId: DRILL_VPC, CidrBlock: '10.0.0.0/16', State: 'available', IsDefault: true }], ...world.ec2 },
  };
}

/** A copy without the tags by which people opt in: of the record that `of` picks, or of every one. */
export function optedOut(value: unknown, of?: (record: Record<string, unknown>) => boolean): unknown {
  if (Array.isArray(value)) return value.map((member: unknown) => optedOut(member, of));
  if (!isRecord(value)) return value;
  const strip = of === undefined || of(value);
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => {
      // Those of a queue are an object, and those of Batch.
      if ((member === 'Tags' || member === 'tags') && isRecord(inner) && strip)
        return [member, Object.fromEntries(Object.entries(inner).filter(([key]) => !PEOPLES_TAGS.includes(key)))];
      if (member !== 'Tags' || !Array.isArray(inner) || !strip) return [member, optedOut(inner, of)];
      return [member, inner.filter((tag: unknown) => !(isRecord(tag) && PEOPLES_TAGS.includes(String(tag['Key']))))];
    }),
  );
}

/** A drill in a world, with the settings of the deployed stack. */
export interface Rehearsal {
  readonly drill: Drill;
  readonly end: SimulationEnd;
  readonly stack: Stack;
  readonly history: ResourceHistory;
}

/**
 * A world that has a stack in it has that of the rehearsals, of another name than the packaged one: it is named after that. The bus of outcomes is
 * named as the stack is.
 */
function ofStack(world: unknown, prefix: string): unknown {
  const text = JSON.stringify(world);
  if (!text.includes(`:${REHEARSED_STACK}-page"`)) return world;
  const named = text
    .replaceAll(new RegExp(`(?<=[":/])${REHEARSED_STACK}-`, 'gu'), `${prefix}-`)
    .replaceAll(`"${prefix}-outcomes"`, `"${prefix}"`)
    .replaceAll(`/runbook/stacks/${REHEARSED_STACK}"`, `/runbook/stacks/${prefix}"`);
  const renamed: unknown = JSON.parse(named);
  return renamed;
}

/** Rehearses a drill without faults, in `world` in place of its own. */
export async function rehearse(
  drill: Drill,
  functions: readonly DeployedFunction[],
  template: Template,
  world: unknown = worldOf(drill),
  asking?: { readonly [name: string]: string },
): Promise<Rehearsal> {
  const history = resourceHistory();
  const place = parseWorld(world);
  const stack = stackOf(template, place);
  const settings =
    stack.functions.find(({ runbook }) => functions.some(({ summary }) => summary.name === runbook))?.environment ?? {};
  const parsed = parseWorld(ofStack(world, settings['RUNBOOK_STACK'] ?? REHEARSED_STACK));
  const end = await simulate({
    world: parsed,
    events: drill.events,
    functions,
    seed: 1,
    faults: NO_FAULTS,
    runForMs: parseDuration(drill.expect.runFor) ?? 0,
    environment: { ...DEPLOYED_ENVIRONMENT, ...settings, ...drill.expect.environment, ...asking },
    answers: asking === undefined ? drill.expect.approval : 'given',
    watchers: [history.watcher, ...watchersOf(drill)],
  });
  if (end.error !== undefined) throw end.error;
  return { drill, end, stack, history };
}

const ledgerWrites = new Set(['dynamodb:UpdateItem', 'dynamodb:PutItem']);

/** What its functions asked in a rehearsal by the requests they sent. */
export async function requestsAsked({ drill, end, stack, history }: Rehearsal): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const { call, input, invocation, kind, at, region = end.world.region } of end.requests) {
    const place = { account: end.world.account, region };
    const by = end.invocations[invocation]?.runbook ?? '';
    const fn = stack.functions.find(({ runbook }) => runbook === by);
    if (fn === undefined) continue;
    const request = {
      call,
      input,
      place,
      resources: history.at(at),
      functionName: fn.functionName,
      environment: fn.environment,
    };
    for (const authorization of await authorizationsOf(request)) {
      const write = call.startsWith('ledger:') ? ledgerWrites.has(authorization.action) : kind === 'write';
      asked.push({ by, drill: drill.name, place, write, authorization });
    }
  }
  return asked;
}

/** What AWS asked on behalf of the functions and their schedules: logs, buried events, ticks. `tests/house/dependents.ts` has the sources. */
export function serviceAsked({ drill, end, stack }: Rehearsal): Asked[] {
  const place = { account: end.world.account, region: end.world.region };
  const asked: Asked[] = [];
  const ask = (by: string, action: string, resource: string): void =>
    void asked.push({ by, drill: drill.name, place, write: true, authorization: { action, resource, context: {} } });
  for (const { runbook, delivery, event } of end.invocations) {
    const fn = stack.functions.find((one) => one.runbook === runbook);
    if (fn === undefined) continue;
    const stream = `arn:aws:logs:${place.region}:${place.account}:log-group:/aws/lambda/${fn.functionName}:log-stream:2026/11/22/[$LATEST]0f1e2d3c4b5a49788695a4b3c2d1e0f9`;
    ask(runbook, 'logs:CreateLogStream', stream);
    ask(runbook, 'logs:PutLogEvents', stream);
    const table = fn.environment['LEDGER_DATA_TABLE'] ?? '';
    const ofData = `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}/stream/2026-01-01T00:00:00.000`;
    if (JSON.stringify(event).includes('"aws:dynamodb"'))
      for (const action of STREAM_ACTIONS) ask(runbook, action, ofData);
    if (fn.requestsQueue !== undefined && JSON.stringify(event).includes('"aws:sqs"'))
      for (const action of QUEUE_ACTIONS) ask(runbook, action, fn.requestsQueue);
    for (const { id, target } of delivery === -1 ? stack.schedules : [])
      if (target.startsWith(fn.arn)) ask(id, 'lambda:InvokeFunction', target);
  }
  // The simulator delivers every tick, so no drill can show one that the Scheduler has to bury: the queue it is told of stands for that.
  for (const { id, deadLetters } of stack.schedules)
    if (deadLetters !== undefined) ask(id, 'sqs:SendMessage', deadLetters);
  for (const { runbook, queue: source } of end.deadLetters) {
    // What came by a queue SQS itself moves.
    if (source !== undefined) continue;
    const queue = stack.functions.find((one) => one.runbook === runbook)?.failedQueue;
    if (queue !== undefined) ask(runbook, 'sqs:SendMessage', queue);
  }
  return asked;
}

/** Each question once, at each place. */
export function distinct(asked: readonly Asked[]): Asked[] {
  return [
    ...new Map(asked.toReversed().map((one) => [JSON.stringify([one.by, one.place, one.authorization]), one])).values(),
  ].toReversed();
}
