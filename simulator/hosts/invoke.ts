/** Lambda's `Invoke` as one function of the stack gives an event to another: asynchronously, and to a durable one under a name. */

import { z } from 'zod';
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

/** The function that is meant, by whatever of its names. Throws as `Invoke` does. */
function functionNamed(input: Shape, { functions, prefix, region }: Stack, world: World): DeployedFunction {
  const given = text(input['FunctionName']) ?? '';
  const groups = FUNCTION_NAME.exec(given)?.groups ?? {};
  const { account } = world;
  const isElsewhere = world.region !== region || (groups['region'] ?? region) !== region;
  if (isElsewhere || (groups['account'] ?? account) !== account)
    throw new NotSimulatedError(`lambda:Invoke of another account or Region: ${given}`);
  const qualifier = text(input['Qualifier']) ?? groups['qualifier'];
  const name = groups['name'] ?? given;
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
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

/** The event in a payload; `{}` where there is none. */
function eventIn({ Payload: payload = '{}' }: Shape): unknown {
  const bytes = payload instanceof Uint8Array ? payload : new TextEncoder().encode(String(payload));
  if (bytes.length > PAYLOAD_BYTES)
    throw awsError('RequestTooLargeException', `Request must be smaller than ${PAYLOAD_BYTES} bytes`, 413);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
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

function invoke(input: Shape, stack: Stack, world: World): object {
  const kind = text(input['InvocationType']) ?? 'RequestResponse';
  if (kind !== 'Event') throw new NotSimulatedError(`lambda:Invoke with InvocationType ${kind}`);
  const fn = functionNamed(input, stack, world);
  const event = eventIn(input);
  const given = nameIn(input, fn, world);
  if (fn.summary.host === 'plain') {
    stack.deliver(fn, event, undefined);
    return { StatusCode: 202 };
  }
  const name = given ?? uuid(world);
  if (stack.executionOf(fn, event, name) === undefined) stack.deliver(fn, event, name);
  return { StatusCode: 202, ExecutedVersion: '1', DurableExecutionArn: stack.executionOf(fn, event, name) };
}

/** Lambda as a service of one simulation: its functions are that simulation's, so it is in no world file. */
export function lambdaService(stack: Stack): ServiceModel {
  const operations: { readonly [operation: string]: Operation } = {
    Invoke: {
      kind: 'write',
      grade: 'documented',
      source:
        'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html and, for names, https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html',
      run: (input, world) => invoke(input, stack, world),
    },
  };
  return { name: 'lambda', prefix: 'lambda', schema: z.strictObject({}), collections: {}, operations };
}
