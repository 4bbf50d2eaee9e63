/**
 * Who names a queue as the place of its dead letters, read from every service that can: a letter does not say enough of itself.
 *
 * No service lists by where dead letters go, so each resource is asked for by itself, so many at most. Where there are more that is
 * said, and nothing may be concluded from who was not found.
 */

import {
  LambdaClient,
  ListFunctionEventInvokeConfigsCommand,
  paginateListAliases,
  paginateListFunctions,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { unqualified, type Origin, type Senders, type Way } from '../decide.ts';
import { rulesAt, schedulesAt } from './event-senders.ts';
import { atMost, ofEach, pagesOf, unlessGone, type Bounded } from './reading.ts';
import { subscriptionsAt } from './subscriptions.ts';

/** Each is asked for its destinations by itself: at ten at once that is half a minute. */
const MOST_FUNCTIONS = 500;

/** By where Lambda sends something, how it comes into the queue from there. */
type Ways = ReadonlyMap<string, Way>;

/** Names of aliases: with one of them a function may have been called that does not say so in its dead letters. */
async function aliasesOf(FunctionName: string, io: Io): Promise<readonly string[]> {
  const read = (): Promise<string[]> =>
    collect(
      paginateListAliases({ client: client(LambdaClient) }, { FunctionName }, { abortSignal: io.signal }),
      ({ Aliases }) => Aliases?.flatMap(({ Name: name }) => name ?? []),
    );
  return (await unlessGone(read, io)) ?? [];
}

/** Where the records of failed invocations go, of whatever version or alias. */
async function destinationsOf(FunctionName: string, io: Io): Promise<ReadonlySet<string>> {
  const pages = pagesOf(async (Marker) => {
    const command = new ListFunctionEventInvokeConfigsCommand({ FunctionName, Marker });
    const page = await unlessGone(() => client(LambdaClient).send(command, { abortSignal: io.signal }), io);
    return { configs: page?.FunctionEventInvokeConfigs ?? [], NextToken: page?.NextMarker };
  });
  const configs = await collect(pages, (page) => page.configs);
  return new Set(configs.flatMap(({ DestinationConfig }) => DestinationConfig?.OnFailure?.Destination ?? []));
}

async function ofFunction(fn: FunctionConfiguration, ways: Ways, io: Io): Promise<readonly Origin[]> {
  const { FunctionArn: qualified, DeadLetterConfig } = fn;
  if (qualified === undefined) return [];
  const arn = unqualified(qualified);
  const found: Origin[] = [];
  const way = ways.get(DeadLetterConfig?.TargetArn ?? '');
  if (way !== undefined) found.push({ kind: 'lambda-async', function: arn, aliases: await aliasesOf(arn, io), way });
  for (const destination of await destinationsOf(arn, io)) {
    const itsWay = ways.get(destination);
    if (itsWay !== undefined) found.push({ kind: 'lambda-destination', function: arn, way: itsWay });
  }
  return found;
}

async function functionsAt(ways: Ways, io: Io): Promise<Bounded<Origin>> {
  const { items, unread } = await atMost(
    MOST_FUNCTIONS,
    'functions',
    paginateListFunctions({ client: client(LambdaClient), pageSize: 50 }, {}, { abortSignal: io.signal }),
    ({ Functions }) => Functions,
  );
  return { items: await ofEach(items, (fn) => ofFunction(fn, ways, io)), unread };
}

/**
 * Who has a queue for the dead letters of topics, functions, rules, schedules and buses; not the queues whose redrive policy names it.
 * @param queue its ARN
 */
export async function originsOf(queue: string, io: Io): Promise<Senders> {
  const [topics, rules, schedules] = await Promise.all([
    subscriptionsAt(queue, io),
    rulesAt(queue, io),
    schedulesAt(queue, io),
  ]);
  const ways: Ways = new Map([[queue, { by: 'itself' }], ...topics.ways, ...rules.ways]);
  const functions = await functionsAt(ways, io);
  return {
    origins: [...topics.origins, ...functions.items, ...rules.origins, ...schedules.items],
    unread: [...topics.unread, ...functions.unread, ...rules.unread, ...schedules.unread],
  };
}
