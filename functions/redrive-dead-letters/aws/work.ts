/** What the plan's entry asks of a piece of the work. */

import { numberOf, objectOf, objectsOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import {
  sendersIn,
  SHUT,
  statusIn,
  TRUSTS,
  type BySqs,
  type Destination,
  type ParkingQueue,
  type Rule,
} from '../decide.ts';
import type { Opening } from './opening.ts';
import type { Caution } from './places.ts';
import { screenOf, type Screen } from './screen.ts';
import type { Terms } from './tally.ts';

/** What is asked for. */
export interface Work extends Rule, Caution, Opening, Omit<Terms, 'roundAt' | 'senders'> {
  readonly url: string;
  readonly queueName: string;
  /** As `Part` of the plan says. */
  readonly mode: Terms['mode'];
  readonly perSecond: number;
  readonly hiddenSeconds: number;
  readonly maxLeft: number;
  readonly maxStays: number;
  readonly maxLookedAt: number;
  readonly maxItems: number;
  /** Why a letter is none of those that were asked for; `undefined`: it is one. */
  readonly unwanted: Screen;
  /** What became of SQS's own move task; `null`: it is none of this piece. */
  readonly bySqs: Omit<BySqs, 'handedAt'> | null;
  /** The filter reads more of a letter than what it is sent with. */
  readonly isScreened: boolean;
}

const MODES: readonly Work['mode'][] = ['send', 'collect', 'search', 'forgive', 'hand-over', 'take-back', 'stand-by'];

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new TerminalError(`the plan says ${text}, which is none of ${known.join(', ')}`);
  return found;
}

function parkingIn(one: JsonObject): ParkingQueue {
  return {
    arn: textOf(one, 'arn'),
    url: textOf(one, 'url'),
    maximumMessageBytes: numberOf(one, 'maximumMessageBytes'),
  };
}

function destinationIn(one: JsonObject): Destination {
  return {
    arn: textOf(one, 'arn'),
    url: one['url'] === null ? null : textOf(one, 'url'),
    maximumMessageBytes: numberOf(one, 'maximumMessageBytes'),
    trust: oneOf(TRUSTS, textOf(one, 'trust')),
    isAnew: one['isAnew'] === true,
    shut: SHUT.find((why) => why === one['shut']),
  };
}

/** By what letters are judged. */
export function ruleIn(rule: JsonObject): Rule {
  return {
    to: objectsOf(rule, 'to').map(destinationIn),
    parking: rule['parking'] === null ? null : parkingIn(objectOf(rule, 'parking')),
    maxAttempts: rule['maxAttempts'] === 'none' ? Infinity : numberOf(rule, 'maxAttempts'),
  };
}

/** By what letters are looked into. */
export function openingIn(input: JsonObject): Opening {
  const [select, rule] = [objectOf(input, 'select'), objectOf(input, 'rule')];
  return { queue: textOf(select, 'queue'), senders: sendersIn(rule['senders']), tagged: textsOf(rule, 'tagged') };
}

function taskIn(one: JsonObject): Omit<BySqs, 'handedAt'> {
  const { ended, failure, isBroken } = one;
  return {
    moved: numberOf(one, 'moved'),
    ended: statusIn(ended) ?? null,
    failure: typeof failure === 'string' ? failure : null,
    isBroken: isBroken === true,
  };
}

/** @throws TerminalError for a plan of another form */
export function workIn(input: JsonObject): Work {
  const [select, rule] = [objectOf(input, 'select'), objectOf(input, 'rule')];
  const number = (member: string): number => numberOf(rule, member);
  return {
    url: textOf(select, 'url'),
    ...openingIn(input),
    queueName: textOf(select, 'queue').split(':').at(-1) ?? '',
    held: numberOf(select, 'held'),
    isNewTrial: rule['isNewTrial'] === true,
    retentionSeconds: numberOf(select, 'retentionSeconds'),
    mode: oneOf(MODES, textOf(rule, 'mode')),
    ...ruleIn(rule),
    bySqs: rule['bySqs'] === undefined ? null : taskIn(objectOf(rule, 'bySqs')),
    round: number('round'),
    canary: number('canary'),
    leastJudged: number('leastJudged'),
    maxBack: number('maxBack'),
    perSecond: number('perSecond'),
    hiddenSeconds: number('hiddenSeconds'),
    maxLeft: number('maxLeft'),
    maxStays: number('maxStays'),
    maxLookedAt: number('maxLookedAt'),
    maxItems: input['maxItems'] === null ? Infinity : numberOf(input, 'maxItems'),
    unwanted: screenOf(rule),
    isScreened: typeof rule['filter'] === 'string',
  };
}
