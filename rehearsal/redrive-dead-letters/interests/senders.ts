/** What people have at stake in letters that no queue has left: that each goes as it would have come, where somebody has consented, and waits for no other. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { fatesOf, type Came } from '../fates.ts';
import { nameIn } from '../letters.ts';
import { LARGE, markIn, type Mark } from '../worlds/marks.ts';
import { accountsIn, functionsIn, graveyardsIn, queuesIn, subscribersOf, consentingTo, type Queue } from './scene.ts';

/** Something that was sent to a queue, or given to a function. */
interface Gone {
  readonly to: string;
  /** Of a function: the version or alias; empty: none is named. */
  readonly qualifier: string;
  readonly text: string;
  readonly attributes: readonly string[];
}

function payloadOf({ Payload: payload }: LoggedRequest['input']): string {
  return payload instanceof Uint8Array ? new TextDecoder().decode(payload) : String(payload);
}

function goneIn({ call, input }: LoggedRequest): readonly Gone[] {
  if (call === 'lambda:Invoke') {
    const [to = '', qualifier = ''] = String(input['FunctionName']).split(':').slice(6);
    return [{ to, qualifier, text: payloadOf(input), attributes: [] }];
  }
  const entries = call === 'sqs:SendMessageBatch' ? input['Entries'] : [];
  return (Array.isArray(entries) ? entries.filter(isRecord) : []).map((entry) => {
    const attributes = isRecord(entry['MessageAttributes']) ? Object.keys(entry['MessageAttributes']) : [];
    return { to: nameIn(String(input['QueueUrl'])), qualifier: '', text: String(entry['MessageBody']), attributes };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(record: unknown, ...path: readonly (string | number)[]): unknown {
  let found = record;
  for (const name of path) {
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isRecord(found) ? found[String(name)] : undefined;
  }
  return found;
}

/** Names of attributes that tell how a delivery has failed: they came with the failure, and the target would not have got them. */
const OF_FAILURE = /^(?:[A-Z]+_[A-Z_]+|RequestID|ErrorCode|ErrorMessage)$/u;

/** What is wrong with the form in which it goes; `undefined`: it is as it would have come. */
function wrongForm({ form }: Mark, gone: Gone, bodies: ReadonlySet<string>): string | undefined {
  const { text, qualifier, attributes } = gone;
  const json = parsed(text);
  const failure = attributes.find((name) => OF_FAILURE.test(name));
  if (failure !== undefined) return `with ${failure}`;
  if (!text.includes(LARGE)) return 'written anew';
  if (form === 'alias' && qualifier !== 'live') return `to ${qualifier || 'no alias'}`;
  const isCore = markIn(String(memberOf(json, 'mark'))) !== undefined;
  const isOfSns = markIn(String(memberOf(json, 'Records', 0, 'Sns', 'Message'))) !== undefined;
  const isRight = { whole: bodies.has(text), core: isCore, alias: isCore, 'sns-event': isOfSns }[form];
  return isRight ? undefined : `as ${text.slice(0, 70)}`;
}

const asTheyWouldHaveCome: Interest = {
  name: 'as-they-would-have-come',
  quotes: "it would have come: in SNS's envelope, or raw",
  end: ({ requests }, given) => {
    const bodies = new Set(queuesIn(given).flatMap(({ messages }) => messages.map(({ Body: body }) => String(body))));
    return requests
      .flatMap(goneIn)
      .flatMap((gone) => {
        const mark = markIn(gone.text);
        // What is parked goes with all that it had.
        const wrong = mark?.home === gone.to ? wrongForm(mark, gone, bodies) : undefined;
        return wrong === undefined ? [] : [`${mark?.home} ${mark?.n} went ${wrong}`];
      })
      .slice(0, 1);
  },
};

function copiesIn(given: Given): readonly (Came & { readonly mark: Mark })[] {
  return fatesOf(given).came.flatMap((one) => {
    const mark = one.how === 'copy' ? markIn(one.body) : undefined;
    return mark === undefined ? [] : [{ ...one, mark }];
  });
}

const onlyWithConsent: Interest = {
  name: 'only-with-consent',
  quotes: "their target needs the tag `runbook:redrive-target`, with this queue's name",
  end: (_end, given) => {
    const consenting = new Set(graveyardsIn(given).flatMap((graveyard) => [...consentingTo(graveyard, given)]));
    return copiesIn(given)
      .filter(({ queue, mark: { home, leave } }) => leave === 'tag' && queue === home && !consenting.has(home))
      .slice(0, 1)
      .map(({ body, queue }) => `${body} went to ${queue}, which has not consented`);
  },
};

const whatMustStayStays: Interest = {
  name: 'what-must-stay-stays',
  quotes: 'What has nowhere to go is not parked',
  end: (_end, given) =>
    copiesIn(given)
      .filter(({ mark: { leave } }) => leave === 'none')
      .slice(0, 1)
      .map(({ body, queue }) => `${body} went to ${queue}`),
};

/** Names of queues and functions that are there, and fail on nothing. */
function healthyIn(given: Given): ReadonlySet<string> {
  const consumers: unknown = given.case.world['consumers'];
  const failing = (Array.isArray(consumers) ? consumers.filter(isRecord) : []).filter(
    ({ fails }) => fails !== undefined,
  );
  const names = new Set(failing.map(({ queue }) => String(queue)));
  const functions = functionsIn(given).filter(({ Fails: fails }) => fails === undefined);
  const queues = queuesIn(given).map(({ name }) => name);
  return new Set([
    ...queues.filter((name) => !names.has(name)),
    ...functions.map(({ FunctionName: name }) => String(name)),
  ]);
}

/** Whether all of a queue's letters were asked for, and nothing else of it ever. */
function isAskedForAll({ name }: Queue, { case: { arrivals } }: Given): boolean {
  const own = arrivals.filter(({ event }) => nameIn(String(event['target'])) === name).map(({ event }) => event);
  const isAll = ({ params, dryRun }: Shape): boolean =>
    dryRun !== true && isRecord(params) && Object.keys(params).every((param) => param === 'perSecond');
  return own.length > 0 && own.every(isAll);
}

/** Nobody but the runbook has a hand in it, and AWS does all that it is asked for. */
function isQuiet({ isMovedByOthers, name }: Queue, given: Given): boolean {
  const { faults, switched, ledgerLost } = given.case.surroundings;
  const isUndisturbed = faults.length === 0 && switched.length === 0 && !ledgerLost;
  return isUndisturbed && !isMovedByOthers && !given.touches(`sqs/Queues/${name}/Tags`);
}

/** How many may have left letters that do not say who has: of several nobody can tell which. */
function namelessSenders(graveyard: Queue, given: Given): number {
  const buses = memberOf(given.case.world, 'eventbridge', 'EventBuses');
  const functions = functionsIn(given).filter(({ DeadLetterConfig: config }) => config !== undefined);
  const raw = subscribersOf(graveyard, given, 'raw');
  return raw.length + functions.length + (Array.isArray(buses) ? buses.length : 0);
}

/** How a run of a queue ends that has done all that could be done; `undefined`: none did. */
const ENDED = /^(?:redriven|consumer-fails|none-went-back)\b/u;

function lastWord(end: SimulationEnd, { name }: Queue): string | undefined {
  return accountsIn(end)
    .filter(({ target }) => nameIn(target ?? '') === name)
    .map(({ reason }) => reason)
    .find((reason) => ENDED.test(reason));
}

/** Letters that could have gone by now, and are where they were. */
function waitingIn(graveyard: Queue, given: Given): readonly Came[] {
  const { came } = fatesOf(given);
  const [healthy, consenting] = [healthyIn(given), consentingTo(graveyard, given)];
  const isNamed = namelessSenders(graveyard, given) <= 1;
  return came.filter(({ queue, how, body }) => {
    const mark = queue === graveyard.name && how === 'first' ? markIn(body) : undefined;
    if (mark === undefined || mark.leave === 'none' || !healthy.has(mark.home)) return false;
    if (mark.leave === 'tag' && !consenting.has(mark.home)) return false;
    if (!isNamed && ['whole', 'core'].includes(mark.form)) return false;
    return !came.some((one) => one.how === 'copy' && one.body === body && one.queue === mark.home);
  });
}

const noneWaitsForAnother: Interest = {
  name: 'none-waits-for-another',
  quotes: 'no more go to that queue, and other queues get theirs',
  end: (end, given) =>
    graveyardsIn(given).flatMap((graveyard) => {
      const word = lastWord(end, graveyard);
      const isForgotten = fatesOf(given).left.some(({ queue, how }) => queue === graveyard.name && how === 'expired');
      // What stands behind others in their order waits for them.
      const isJudged =
        !graveyard.name.endsWith('.fifo') &&
        !isForgotten &&
        isQuiet(graveyard, given) &&
        isAskedForAll(graveyard, given);
      if (!isJudged || word === undefined) return [];
      return waitingIn(graveyard, given)
        .slice(0, 1)
        .map(({ body }) => `${body} is still in ${graveyard.name}, and the last word was: ${word}`);
    }),
};

export const OF_SENDERS: readonly Interest[] = [
  asTheyWouldHaveCome,
  onlyWithConsent,
  whatMustStayStays,
  noneWaitsForAnother,
];
