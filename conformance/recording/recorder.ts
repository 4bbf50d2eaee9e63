/**
 * Stands between the clients of a scenario and the account: every request is put into the account's own terms, held against what a recording
 * may do, and written to the journal before it creates anything; of every answer only what is the run's own is passed on.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { errorName } from '../../shared/kernel/errors.ts';
import { outward, prefixOf, type Stage } from './exchange.ts';
import type { Journal } from './journal.ts';
import { CHANGES, CREATIONS, isRead, type Creation } from './kinds.ts';
import { changedMembers, learnIds, learnKeys, ownMembers, type Own } from './own-answers.ts';
import { idsIn, isPlainRecord, textsAt, textsIn } from './plain.ts';

/** What a recorder needs to know. */
export interface RecorderOptions {
  readonly stage: Stage;
  readonly journal: Journal;
  /** Throws when nothing more may be asked: a person has stopped it, or its time is over. */
  readonly mayGoOn: () => void;
  /** Between two tries of what AWS does not know yet, or has no time for. */
  readonly pauseMs: number;
}

/** Sends what it is given. */
type SendInput<O> = (input: object) => Promise<O>;

/** Carries the requests of one scenario. */
export interface Recorder {
  /** Sends a request as the account understands it; the answer is the run's own part. */
  readonly through: <O extends object>(operation: string, input: object, send: SendInput<O>) => Promise<O>;
  /** Why nothing may be written of what was seen. A scenario takes every error for an answer; these are none. */
  readonly fault: () => string | undefined;
}

/** AWS's own way to say that the caller may not. Its text names people and roles. */
const DENIED =
  /^(?:UnauthorizedOperation|AccessDenied\w*|AuthFailure|\w*NotAuthorized\w*|OptInRequired|ExpiredToken\w*)$/u;
const THROTTLED = /^(?:RequestLimitExceeded|Throttl\w+|TooManyRequests\w*|RequestThrottled\w*|SlowDown)$/u;
/** What was created a moment ago is not known everywhere at once. Source: "Eventual consistency", Amazon EC2 Developer Guide. */
const UNKNOWN_YET = /NotFound|NonExistent|DoesNotExist/u;
const TRIES = 20;

const DELETES = /:(?:Delete|Terminate)/u;

function statusOf(error: unknown): number | undefined {
  const metadata: unknown = error instanceof Error ? Reflect.get(error, '$metadata') : undefined;
  const status: unknown = isPlainRecord(metadata) ? metadata['httpStatusCode'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** AWS has looked at the request and refused it. */
function isRefusal(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500;
}

/** Why an error is none that AWS answers this request with. */
function noAnswer(operation: string, error: unknown): string | undefined {
  const name = errorName(error);
  if (DENIED.test(name)) return `the credentials may not do ${operation} (${name})`;
  return isRefusal(error)
    ? undefined
    : `${operation} got no answer of AWS's: ${name} (status ${statusOf(error) ?? 'none'})`;
}

/** What a request may change: `undefined`, or why it is not sent. */
function strangerIn(operation: string, input: object, own: Own): string | undefined {
  const foreign = textsIn(input)
    .flatMap(idsIn)
    .find((id) => !own.ids.has(id) && !id.startsWith('ami-'));
  if (foreign !== undefined) return `${operation} names ${foreign}, which this run has not made`;
  const places = ['QueueUrl', 'SourceArn', 'DestinationArn'].flatMap((member) => textsAt(input, member));
  const place = places.find((text) => !text.includes(own.prefix));
  if (place !== undefined) return `${operation} names ${place}, which this run has not made`;
  // Without tags it takes away all of them, the run's own mark too.
  return operation === 'ec2:DeleteTags' && !('Tags' in input) ? `${operation} names no tags` : undefined;
}

/** Why a request is not sent; `undefined`: it may be. */
function whyNot(operation: string, input: object, own: Own): string | undefined {
  if (isRead(operation)) return undefined;
  if (!(operation in CREATIONS) && !CHANGES.has(operation))
    return `${operation} is neither a read nor in conformance/recording/kinds.ts`;
  return strangerIn(operation, input, own);
}

/** Sends again what AWS has no time for, and what asks for something that it does not know yet. */
async function patiently<O>(send: () => Promise<O>, living: ReadonlySet<string>, pauseMs: number): Promise<O> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await send();
    } catch (error) {
      const name = errorName(error);
      const message = error instanceof Error ? error.message : '';
      const isEarly = UNKNOWN_YET.test(name) && idsIn(message).some((id) => living.has(id));
      if (left === 0 || !(isEarly || THROTTLED.test(name))) throw error;
      await sleep(pauseMs);
    }
  }
}

/** Intends, sends, and notes what came of it. What got no answer stays open: it is looked for by its mark. */
async function created<O extends object>(
  { kind, brings = [], ids, isNamed, marked }: Creation,
  operation: string,
  input: object,
  journal: Journal,
  send: SendInput<O>,
): Promise<{ readonly output: O; readonly ids: readonly string[] }> {
  const out = { ...input, ...marked({ ...input }, journal.head.run) };
  for (const brought of brings) journal.intend(brought, operation);
  const intent = journal.intend(kind, operation);
  try {
    const output = await send(out);
    const made = textsAt(isNamed === true ? out : { ...output }, ids);
    if (made.length === 0) throw new Error(`${operation} answered without ${ids}`);
    journal.made(intent, made);
    return { output, ids: made };
  } catch (error) {
    if (isRefusal(error)) journal.refused(intent);
    throw error;
  }
}

/** Makes the recorder of one run. */
export function recorderFor({ stage, journal, mayGoOn, pauseMs }: RecorderOptions): Recorder {
  const runId = journal.head.run;
  const own: Own = { prefix: prefixOf(runId), ids: new Set(), keys: new Set() };
  const living = new Set<string>();
  let fault: string | undefined;

  /** Nothing goes out any more. */
  function broken(reason: string): Error {
    fault ??= reason;
    return new Error(reason);
  }

  async function carried<O extends object>(operation: string, out: object, send: SendInput<O>): Promise<O> {
    const creation = CREATIONS[operation];
    if (creation === undefined) {
      const output = await patiently(() => send(out), living, pauseMs);
      if (DELETES.test(operation)) for (const id of textsIn(out)) living.delete(id);
      return Object.assign({ ...output }, isRead(operation) ? ownMembers(own, output) : changedMembers(own, output));
    }
    const made = await patiently(() => created(creation, operation, out, journal, send), living, pauseMs);
    for (const id of made.ids) {
      living.add(id);
      learnIds(own, id);
    }
    return Object.assign({ ...made.output }, changedMembers(own, made.output));
  }

  return {
    fault: () => fault,
    through: async (operation, input, send) => {
      if (fault !== undefined) throw new Error(fault);
      try {
        mayGoOn();
      } catch (error) {
        throw broken(error instanceof Error ? error.message : String(error));
      }
      const out = outward(input, stage, runId);
      const reason = whyNot(operation, out, own);
      if (reason !== undefined) throw broken(reason);
      learnKeys(own, out);
      try {
        return await carried(operation, out, send);
      } catch (error) {
        const none = noAnswer(operation, error);
        throw none === undefined ? error : broken(none);
      }
    },
  };
}
