/** Lambda's `Invoke`, asynchronous: to another function of the stack, a durable one under a name, or to one of somebody else's. */

import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../engine/model.ts';
import type { DeployedFunction } from '../engine/run-types.ts';
import { uuid } from '../engine/uuid.ts';
import type { ExecutionView } from './durable-host.ts';
import { giveEvent } from '../services/lambda/events.ts';
import { pageOf, sizeOf } from '../services/listing.ts';
import { lambda } from '../services/lambda/lambda.ts';
import { functionNamed, hasQualifier } from '../services/lambda/state.ts';

/** 1 MB for an asynchronous invocation. Source: Lambda API reference, Invoke (Payload). */
const PAYLOAD_BYTES = 1_048_576;
/** Source: Lambda API reference, Execution (DurableExecutionName). */
const EXECUTION_NAME = /^[A-Za-z0-9_-]{1,64}$/u;
/** `name`, `name:alias`, and the same as a whole or partial ARN. Source: Lambda API reference, Invoke (FunctionName). */
const FUNCTION_NAME =
  /^(?:arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/u;
/** What a deployed function can be called by besides its name: what the framework publishes of a durable one. */
const QUALIFIERS = { plain: ['$LATEST'], durable: ['$LATEST', '1', 'durable'] } as const;

/** What `Invoke` needs of the simulation. */
export interface Stack {
  readonly functions: readonly DeployedFunction[];
  /** What the name of each deployed function begins with. */
  readonly prefix: string;
  /** Where the functions are. */
  readonly region: string;
  /**
   * The ARN of the execution that a durable function has under a name with this event, if it has one.
   * @throws AwsError `DurableExecutionAlreadyStartedException` when the name is another event's
   */
  readonly executionOf: (fn: DeployedFunction, event: unknown, name: string) => string | undefined;
  /** All executions, in the order of their start. */
  readonly executions: () => readonly ExecutionView[];
  /** Puts an event into the function's queue; `name`: of the execution that it starts. */
  readonly deliver: (fn: DeployedFunction, event: unknown, name: string | undefined) => void;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function notFound(arn: string): Error {
  return awsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
}

function invalid(message: string): Error {
  return awsError('InvalidParameterValueException', message, 400);
}

/** What is meant, by whatever of its names. */
interface Named {
  readonly name: string;
  readonly qualifier: string | undefined;
  readonly arn: string;
}

function namedIn(input: Shape, { region }: Stack, world: World): Named {
  const given = text(input['FunctionName']) ?? '';
  const groups = FUNCTION_NAME.exec(given)?.groups ?? {};
  const { account } = world;
  const isElsewhere = world.region !== region || (groups['region'] ?? region) !== region;
  if (isElsewhere || (groups['account'] ?? account) !== account)
    throw new NotSimulatedError(`lambda:Invoke of another account or Region: ${given}`);
  const name = groups['name'] ?? given;
  const qualifier = text(input['Qualifier']) ?? groups['qualifier'];
  return { name, qualifier, arn: `arn:aws:lambda:${region}:${account}:function:${name}` };
}

/** The function of the stack that is meant. Throws as `Invoke` does. */
function deployedFunction({ name, qualifier, arn }: Named, { functions, prefix }: Stack): DeployedFunction {
  const fn = functions.find(({ summary }) => `${prefix}-${summary.name}` === name);
  if (fn === undefined) throw notFound(arn);
  const { host } = fn.summary;
  // The words: github.com/serverless/serverless/pull/13589.
  if (host === 'durable' && qualifier === undefined)
    throw invalid('You cannot invoke a durable function using an unqualified ARN.');
  const known: readonly string[] = QUALIFIERS[host];
  if (qualifier !== undefined && !known.includes(qualifier)) throw notFound(`${arn}:${qualifier}`);
  return fn;
}

/** The event in a payload, and how it is written; `{}` where there is none. */
function eventIn({ Payload: payload = '{}' }: Shape): { readonly event: unknown; readonly written: string } {
  const bytes = payload instanceof Uint8Array ? payload : new TextEncoder().encode(String(payload));
  if (bytes.length > PAYLOAD_BYTES)
    throw awsError('RequestTooLargeException', `Request must be smaller than ${PAYLOAD_BYTES} bytes`, 413);
  const written = new TextDecoder().decode(bytes);
  try {
    return { event: JSON.parse(written), written };
  } catch {
    throw awsError('InvalidRequestContentException', 'Could not parse request body into json', 400);
  }
}

/** The name that the caller gives the execution; for a function that has executions. */
function nameIn(input: Shape, { summary: { host } }: DeployedFunction, world: World): string | undefined {
  const name = text(input['DurableExecutionName']);
  if (name === undefined) return undefined;
  if (!EXECUTION_NAME.test(name)) throw invalid(`DurableExecutionName ${name} is not 1 to 64 of A-Z a-z 0-9 - _`);
  if (host === 'durable') return name;
  world.assume('lambda:Invoke refuses a DurableExecutionName for a function that is not durable');
  throw invalid('A durable execution name is for a durable function.');
}

/** A function of somebody else's: what becomes of the event the world says. */
function invokeForeign(input: Shape, { qualifier, arn }: Named, fn: Shape, world: World): object {
  if (qualifier !== undefined && !hasQualifier(fn, qualifier)) throw notFound(`${arn}:${qualifier}`);
  giveEvent(world, fn, qualifier ?? '$LATEST', eventIn(input).written);
  return { StatusCode: 202 };
}

function invoke(input: Shape, stack: Stack, world: World): object {
  const kind = text(input['InvocationType']) ?? 'RequestResponse';
  if (kind !== 'Event') throw new NotSimulatedError(`lambda:Invoke with InvocationType ${kind}`);
  const named = namedIn(input, stack, world);
  const foreign = functionNamed(world, named.name);
  if (foreign !== undefined) return invokeForeign(input, named, foreign, world);
  const fn = deployedFunction(named, stack);
  const { event } = eventIn(input);
  const given = nameIn(input, fn, world);
  if (fn.summary.host === 'plain') {
    stack.deliver(fn, event, undefined);
    return { StatusCode: 202 };
  }
  const name = given ?? uuid(world);
  if (stack.executionOf(fn, event, name) === undefined) stack.deliver(fn, event, name);
  return { StatusCode: 202, ExecutedVersion: '1', DurableExecutionArn: stack.executionOf(fn, event, name) };
}

/** Source: API_ListDurableExecutionsByFunction, MaxItems. */
const MOST_EXECUTIONS = 1_000;

/** What a page holds where nothing is said. */
const USUAL_EXECUTIONS = 100;

/** How the filter by name matches is not documented. */
const BY_PREFIX = 'lambda:ListDurableExecutionsByFunction: DurableExecutionName lists what begins with it';

/** The SDK's words say so; what other SDKs print speaks of `$LATEST`. */
const OF_ALL_VERSIONS = 'lambda:ListDurableExecutionsByFunction: without Qualifier it lists those of all versions';

function listExecutions(input: Shape, stack: Stack, world: World): object {
  const { name } = deployedFunction(namedIn({ ...input, Qualifier: '$LATEST' }, stack, world), stack).summary;
  const {
    DurableExecutionName: prefix,
    Statuses: statuses,
    StartedAfter: after,
    MaxItems: size,
    Marker: marker,
  } = input;
  if (prefix !== undefined) world.assume(BY_PREFIX);
  if (input['Qualifier'] === undefined) world.assume(OF_ALL_VERSIONS);
  const since = after instanceof Date ? after.toISOString() : '';
  const found = stack
    .executions()
    .filter((each) => each.runbook === name && each.startedAt > since)
    .filter((each) => typeof prefix !== 'string' || each.name.startsWith(prefix))
    .filter((each) => !Array.isArray(statuses) || statuses.includes(each.status))
    .toReversed();
  const page = pageOf(found, marker, sizeOf(size ?? USUAL_EXECUTIONS, MOST_EXECUTIONS));
  return {
    DurableExecutions: page.items.map((each) => ({
      DurableExecutionArn: each.arn,
      DurableExecutionName: each.name,
      FunctionArn: each.arn.slice(0, each.arn.indexOf('/durable-execution')),
      Status: each.status,
      StartTimestamp: new Date(each.startedAt),
      ...(each.endedAt === undefined ? {} : { EndTimestamp: new Date(each.endedAt) }),
    })),
    ...(page.next === undefined ? {} : { NextMarker: page.next }),
  };
}

/** Lambda as a service of one simulation: with the functions of the world, and with that simulation's own, which are in no world file. */
export function lambdaService(stack: Stack): ServiceModel {
  const operations: { readonly [operation: string]: Operation } = {
    ...lambda.operations,
    Invoke: {
      kind: 'write',
      grade: 'documented',
      source:
        'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html and, for names, https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html',
      run: (input, world) => invoke(input, stack, world),
    },
    ListDurableExecutionsByFunction: {
      kind: 'read',
      grade: 'documented',
      source: 'https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html',
      run: (input, world) => listExecutions(input, stack, world),
    },
  };
  return { ...lambda, operations };
}
