/** Queues and functions that other senders than queues have failed to deliver to, and which of them may have their letters back. */

import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { client } from '../../../shared/aws/clients.ts';
import { taggedArns } from '../../../shared/aws/tagged-resources.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import {
  isNextTo,
  placeOf,
  progressIn,
  targetOf,
  type Origin,
  type Queue,
  type Senders,
  type Source,
} from '../decide.ts';
import { originsOf } from './origins.ts';
import { queueName, readQueue } from './queues.ts';
import { unlessGone } from './reading.ts';

/** The tag by which a queue or function may be given letters of a queue, whose name it has. */
const TAG = 'runbook:redrive-target';

/** Source: API_GetFunctionConfiguration, `Timeout`: three seconds if not said. */
const DEFAULT_TIMEOUT_SECONDS = 3;

/** Where letters of such senders go. */
export interface Targets {
  readonly senders: Senders | null;
  readonly sources: readonly Source[];
  /** ARNs of those whose tag does not permit it, and to which no redrive policy of a subscription has letters go. */
  readonly untagged: readonly string[];
  /** ARNs of those whose tag permits it: letters of functions, rules and schedules go nowhere else. */
  readonly tagged: readonly string[];
}

export const NO_TARGETS: Targets = { senders: null, sources: [], untagged: [], tagged: [] };

/**
 * Who else puts letters into the queue. Looked for once in a run, for it takes a request for each function and rule: where no redrive
 * policy names the queue, or where it holds letters that say nothing of a queue.
 */
async function sendersOf({ arn }: Queue, sourceCount: number, told: unknown, io: Io): Promise<Senders | null> {
  const progress = progressIn(told);
  if (progress !== undefined && progress.senders !== null) return progress.senders;
  const left = Object.values(progress?.left ?? {});
  const isAsked = sourceCount === 0 || left.some(({ why }) => why === 'sender-unknown');
  return isAsked ? originsOf(arn, io) : null;
}

/** A queue or function, without version or alias; `undefined`: the origin has none that could be given a letter. */
function placeIn(origin: Origin): string | undefined {
  if (origin.kind === 'event-bus') return undefined;
  const to = 'function' in origin ? targetOf(origin.function) : origin.to;
  return to.kind === 'other' ? undefined : placeOf(to);
}

/** A subscription says by its redrive policy that its letters are here; functions, rules and schedules have no such policy. */
function hasPolicy({ kind }: Origin): boolean {
  return kind === 'sns';
}

async function taggedFor(queue: string, io: Io): Promise<ReadonlySet<string>> {
  return new Set(await taggedArns({ tag: TAG, value: queue, types: ['sqs', 'lambda:function'] }, io));
}

async function readFunction(arn: string, io: Io): Promise<Source | null> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: arn });
  const answer = await unlessGone(() => client(LambdaClient).send(command, { abortSignal: io.signal }), io);
  if (answer === undefined) return null;
  return { arn, name: queueName(arn), timeoutSeconds: answer.Timeout ?? DEFAULT_TIMEOUT_SECONDS };
}

function read(arn: string, io: Io): Promise<Source | null> {
  return targetOf(arn).kind === 'queue' ? readQueue(arn, io) : readFunction(arn, io);
}

/**
 * The queues and functions that such senders have failed to deliver to. One that is gone is none. Throws what AWS throws.
 * @param sourceCount how many queues' redrive policies name it
 * @param told what the last piece of the work has told, if there was one
 */
export async function targetsOf(queue: Queue, sourceCount: number, told: unknown, io: Io): Promise<Targets> {
  const senders = await sendersOf(queue, sourceCount, told, io);
  if (senders === null) return NO_TARGETS;
  const byPlace = Map.groupBy(senders.origins, placeIn);
  const places = [...byPlace.keys()].filter((arn) => arn !== undefined).filter((arn) => isNextTo(arn, queue.arn));
  const free = places.filter((arn) => byPlace.get(arn)?.some(hasPolicy));
  const needTag = senders.origins.some((origin) => !hasPolicy(origin) && placeIn(origin) !== undefined);
  const tagged = needTag ? await taggedFor(queue.name, io) : new Set<string>();
  const [open, shut] = divided(places, (arn) => free.includes(arn) || tagged.has(arn));
  const found = await Promise.all(open.map((arn) => read(arn, io)));
  const sources = found.filter((source) => source !== null).toSorted((one, other) => (one.arn < other.arn ? -1 : 1));
  return { senders, sources, untagged: shut, tagged: places.filter((arn) => tagged.has(arn)) };
}

function divided<T>(all: readonly T[], isMeant: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isMeant), all.filter((one) => !isMeant(one))];
}
