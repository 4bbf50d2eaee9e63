/** Looks at some letters: receives them, counts what they have in common, and lets them be seen again. None is moved. */

import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import { chunksOf } from '../../../shared/aws/pages.ts';
import { numberOf, objectOf, textOf } from '../../../shared/aws/planned-input.ts';
import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Bulk, Io } from '../../../shared/kernel/definition.ts';
import { fateOf, histogramOf, seenLetter, type Fate, type Letter, type Looked } from '../decide.ts';
import { openAttempts, type Attempts } from './attempts.ts';
import { received, type Received } from './letters.ts';
import { MOST_MESSAGES, receiving } from './receiving.ts';
import { screenOf } from './screen.ts';
import { openingIn, ruleIn } from './work.ts';

/** As a piece of the work. */
const LOOK_MS = 10_000;
/** Throws what keeps the very first letter from being received. */
async function letters(input: JsonObject, io: Io): Promise<readonly Received[]> {
  const [url, most] = [textOf(objectOf(input, 'select'), 'url'), numberOf(input, 'maxItems')];
  const untilMs = Date.parse(io.now()) + LOOK_MS;
  const opening = openingIn(input);
  const all = new Map<string, Received>();
  while (all.size < most && Date.parse(io.now()) < untilMs) {
    const command = receiving({
      url,
      most: Math.min(MOST_MESSAGES, most - all.size),
      hiddenSeconds: numberOf(objectOf(input, 'rule'), 'hiddenSeconds'),
      isCounted: true,
    });
    const answer = await client(SQSClient)
      .send(command, { abortSignal: io.signal })
      .catch((error: unknown) => {
        if (all.size === 0) throw error;
      });
    // What is in hand is hidden: a second look would find nothing of it.
    const { Messages = [] } = answer ?? {};
    if (Messages.length === 0) break;
    for (const letter of Messages.flatMap((message) => received(message, opening) ?? [])) all.set(letter.id, letter);
  }
  return [...all.values()];
}

/** They are seen again at once; where that fails, when their time in hiding is over. */
async function letGo(url: string, of: readonly Received[], io: Io): Promise<void> {
  for (const some of chunksOf(of, MOST_MESSAGES)) {
    const Entries = some.map(({ receipt }, index) => ({
      Id: String(index),
      ReceiptHandle: receipt,
      VisibilityTimeout: 0,
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
    await client(SQSClient)
      .send(command, { abortSignal: io.signal })
      .catch(() => undefined);
  }
}

function inWords(fate: Fate): string {
  if (fate.kind === 'send') return `goes to ${fate.to.arn.split(':').at(-1) ?? ''}`;
  return 'why' in fate ? `${fate.kind}s: ${fate.why}` : fate.kind;
}

function lookedAt(letter: Received, input: JsonObject, attempts: Attempts, now: string): Looked {
  const rule = objectOf(input, 'rule');
  const { message, home, bytes, wholeBytes, print } = letter;
  const before = attempts.of(letter);
  const unwanted = screenOf(rule)(letter, before, now);
  const judged: Letter = { home, bytes, wholeBytes, standing: 'waiting', attempts: before, unwanted };
  const fate = fateOf(judged, ruleIn(rule));
  return { ...seenLetter(message, { bytes, attempts: before, now }), print, fate: inWords(fate) };
}

async function look(input: JsonObject, io: Io): Promise<Json> {
  const select = objectOf(input, 'select');
  const now = io.now();
  const queueName = textOf(select, 'queue').split(':').at(-1) ?? '';
  const attempts = await openAttempts({ queueName, roundAt: now }, io);
  const found = await letters(input, io);
  const looked = found.map((letter) => lookedAt(letter, input, attempts, now));
  await letGo(textOf(select, 'url'), found, io);
  return histogramOf(looked, { now, retentionSeconds: numberOf(select, 'retentionSeconds') });
}

/** The one entry of a plan that only looks. */
export const lookPiece: Bulk = { piece: look, means: {} };
