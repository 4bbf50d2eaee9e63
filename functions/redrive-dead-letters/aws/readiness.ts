/**
 * Looks whether letters can be received and sent, and whether anybody takes them where they go. Lambda answers few such questions a
 * second, and a run looks often: a consumer is asked for only while there are letters, and nobody has one of its queue in hand.
 */

import {
  GetFunctionConcurrencyCommand,
  LambdaClient,
  paginateListEventSourceMappings,
  type EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, errorName } from '../../../shared/kernel/errors.ts';
import { ALL_READY, isFunction, unqualified, type Queue, type Readiness, type Source } from '../decide.ts';
import { unlessGone } from './reading.ts';

/** Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
const WORKS: ReadonlySet<string> = new Set(['Enabled', 'Updating']);

/** AWS's own key for queues: nobody can switch it off. */
const OWN_KEY = /(?:^|:)alias\/aws\/sqs$/u;

/** Queues whose consumers are asked for, at once: of Lambda's 15 requests a second so many for one look. */
const MOST_SOURCES = 5;

/** What moves letters, and where to. */
export interface Way {
  readonly queue: Queue;
  readonly sources: readonly Source[];
  readonly parking: Queue | null;
}

/** Throws what AWS throws, but where a key may not be read. */
export async function readinessOf({ queue, sources, parking }: Way, io: Io): Promise<Readiness> {
  const queues = sources.filter((source): source is Queue => !isFunction(source));
  const encrypted = [queue, ...queues, ...(parking === null ? [] : [parking])];
  const isAsked = Object.values(queue.messages).some((count) => count > 0) && sources.length <= MOST_SOURCES;
  const asked = isAsked ? [...queues.filter(isIdle), ...sources.filter(isFunction)] : [];
  const [keys, consumers] = await Promise.all([
    keysOf(encrypted, io),
    Promise.all(asked.map(async (source) => ({ source, why: await offBecause(source, io) }))),
  ]);
  const off = consumers.flatMap(({ source, why }) => (typeof why === 'string' ? [[source.arn, why] as const] : []));
  return {
    ...ALL_READY,
    ...keys,
    off: Object.fromEntries(off),
    withoutMapping: consumers.flatMap(({ source, why }) => (why === null ? [source.name] : [])),
  };
}

/** Nobody has one of its messages in hand. */
function isIdle({ messages }: Queue): boolean {
  return messages.inFlight === 0;
}

async function keysOf(queues: readonly Queue[], io: Io): Promise<Pick<Readiness, 'unusableKeys' | 'unreadKeys'>> {
  const keys = new Set(queues.flatMap(({ key }) => (key === null || OWN_KEY.test(key) ? [] : [key])));
  const faults = new Map(await Promise.all([...keys].map(async (key) => [key, await keyFault(key, io)] as const)));
  const unusable = queues.flatMap(({ arn, key }) => {
    const why = key === null ? null : faults.get(key);
    return typeof why === 'string' ? [[arn, why] as const] : [];
  });
  return {
    unusableKeys: Object.fromEntries(unusable),
    unreadKeys: [...keys].filter((key) => faults.get(key) === undefined),
  };
}

/** What keeps a key from being used; `null`: nothing; `undefined`: that may not be read. */
async function keyFault(KeyId: string, { signal }: Io): Promise<string | null | undefined> {
  try {
    const { KeyMetadata } = await client(KMSClient).send(new DescribeKeyCommand({ KeyId }), { abortSignal: signal });
    const state = KeyMetadata?.KeyState;
    if (state === undefined) return undefined;
    return WORKS.has(state) ? null : `${KeyMetadata?.Arn ?? KeyId} is ${state}`;
  } catch (error) {
    if (errorName(error) === 'NotFoundException') return `${KeyId} is not there`;
    if (classify(error).class === 'terminal') return undefined;
    throw error;
  }
}

/** Why no function takes from a queue though some are set up to; `undefined`: one does; `null`: none is set up. */
async function offBecause(source: Source, io: Io): Promise<string | null | undefined> {
  const { arn, name } = source;
  // What it is given then goes straight to its dead letters, once more.
  if (isFunction(source)) return (await isReserved(arn, io)) ? `${arn} has a reserved concurrency of 0` : undefined;
  const mappings = await collect(
    paginateListEventSourceMappings(
      { client: client(LambdaClient) },
      { EventSourceArn: arn },
      { abortSignal: io.signal },
    ),
    ({ EventSourceMappings }) => EventSourceMappings,
  );
  if (mappings.length === 0) return null;
  const faults = await Promise.all(mappings.map((mapping) => mappingFault(mapping, name, io)));
  return faults.some((why) => why === undefined) ? undefined : faults[0];
}

async function mappingFault(
  { UUID: id, State: state = '', FunctionArn: fn = '' }: EventSourceMappingConfiguration,
  queue: string,
  io: Io,
): Promise<string | undefined> {
  if (state === 'Disabled' || state === 'Disabling') return `the mapping ${id} of ${queue} to ${fn} is ${state}`;
  const name = unqualified(fn);
  if (!(await isReserved(name, io))) return undefined;
  return `${name}, which takes from ${queue}, has a reserved concurrency of 0`;
}

/** No invocation is left to it: nobody runs it until somebody raises that. */
async function isReserved(FunctionName: string, io: Io): Promise<boolean> {
  const command = new GetFunctionConcurrencyCommand({ FunctionName });
  const answer = await unlessGone(() => client(LambdaClient).send(command, { abortSignal: io.signal }), io);
  return answer?.ReservedConcurrentExecutions === 0;
}
