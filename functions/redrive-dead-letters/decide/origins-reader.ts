/** Reads who puts letters into a queue: it was JSON in between. Pure. */

import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag, type Bag } from '../../../shared/kernel/json.ts';
import { targetOf, type Origin, type Senders, type Way } from './origins.ts';

/**
 * `null`: nobody has looked yet.
 * @throws TerminalError for what no version of ours has written
 */
export function sendersIn(value: unknown): Senders | null {
  if (value === null || value === undefined) return null;
  if (!isBag(value) || !Array.isArray(value['origins'])) throw unreadable('no list');
  const origins: readonly unknown[] = value['origins'];
  return { origins: origins.map(originIn), unread: textsIn(value, 'unread') };
}

function unreadable(what: string): TerminalError {
  return new TerminalError(`of who puts letters into the queue ${what} can be read`);
}

function textIn(bag: Bag, member: string): string {
  const text = bag[member];
  if (typeof text !== 'string') throw unreadable(`no ${member}`);
  return text;
}

function textsIn(bag: Bag, member: string): readonly string[] {
  const list = bag[member];
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) throw unreadable(`no ${member}`);
  return list;
}

function bagIn(bag: Bag, member: string): Bag {
  const inner = bag[member];
  if (!isBag(inner)) throw unreadable(`no ${member}`);
  return inner;
}

function wayIn(one: Bag): Way {
  const way = bagIn(one, 'way');
  const by = textIn(way, 'by');
  if (by === 'topic') return { by, topic: textIn(way, 'topic'), raw: way['raw'] === true };
  return by === 'rule' ? { by, rule: textIn(way, 'rule') } : { by: 'itself' };
}

function originIn(one: unknown): Origin {
  if (!isBag(one)) throw unreadable('no sender');
  const to = (): ReturnType<typeof targetOf> => targetOf(textIn(bagIn(one, 'to'), 'arn'));
  const text = (member: string): string => textIn(one, member);
  const kind = text('kind');
  switch (kind) {
    case 'sqs':
      return { kind, to: to() };
    case 'sns':
      return { kind, subscription: text('subscription'), topic: text('topic'), raw: one['raw'] === true, to: to() };
    case 'lambda-async':
      return { kind, function: text('function'), aliases: textsIn(one, 'aliases'), way: wayIn(one) };
    case 'lambda-destination':
      return { kind, function: text('function'), way: wayIn(one) };
    case 'rule-target':
      return { kind, rule: text('rule'), to: to(), isTransformed: one['isTransformed'] === true };
    case 'schedule':
      return { kind, schedule: text('schedule'), to: to() };
    case 'event-bus':
      return { kind, bus: text('bus') };
    default:
      throw unreadable(`no sender of kind ${kind}`);
  }
}
