/** The conditional writes to a resource's item, as values: what each changes, and on what condition. Pure. */

import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { count, expiry, LAYOUT, NEVER, REGISTERS, resourceKey, text, type Item } from './items.ts';
import type { History } from '../decision.ts';
import type { Lease, LeaseRequest, Release, ResourceState } from './ledger.ts';
import { instant, usedWord, WORD_KEY } from './rules.ts';

const WORD = `m_${WORD_KEY}`;

/** Collects the parts of one UpdateItem: DynamoDB refuses a name or value that is declared and not used. */
function update(table: string, resource: string) {
  const names: Record<string, string> = {};
  const values: Item = {};
  const sets: string[] = [];
  const removes: string[] = [];
  const conditions: string[] = [];
  // Every attribute goes by a placeholder: `owner`, `until` and others are reserved words.
  const name = (attribute: string): string => {
    const known = Object.entries(names).find(([, value]) => value === attribute);
    if (known !== undefined) return known[0];
    const placeholder = `#n${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const value = (content: string | number): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = typeof content === 'string' ? text(content) : count(content);
    return placeholder;
  };
  const expression = (): string => {
    const set = sets.length > 0 ? `SET ${sets.join(', ')}` : '';
    const remove = removes.length > 0 ? `REMOVE ${removes.join(', ')}` : '';
    return `${set} ${remove}`.trim();
  };
  const set = (attribute: string, right: string): void => void sets.push(`${name(attribute)} = ${right}`);
  set('layout', value(LAYOUT));
  const where = (condition: string): void => void conditions.push(`(${condition})`);
  return {
    name,
    value,
    set,
    setTo: (attribute: string, content: string | number) => set(attribute, value(content)),
    remove: (...attributes: string[]) => void removes.push(...attributes.map(name)),
    where,
    whereIs: (attribute: string, content: string | number) => where(`${name(attribute)} = ${value(content)}`),
    /** Holds too where the attribute is not there. */
    whereAbsentOr: (attribute: string, comparison: string) =>
      where(`attribute_not_exists(${name(attribute)}) OR ${name(attribute)} ${comparison}`),
    /** The right-hand side for "the epoch after this grant". */
    nextEpoch: () => `if_not_exists(${name('epoch')}, ${value(0)}) + ${value(1)}`,
    input: (): UpdateItemCommandInput => ({
      TableName: table,
      Key: resourceKey(resource),
      UpdateExpression: expression(),
      ...(conditions.length > 0 ? { ConditionExpression: conditions.join(' AND ') } : {}),
      ExpressionAttributeNames: names,
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    }),
  };
}

type Update = ReturnType<typeof update>;

/** Returns the placeholder of the present. */
function whereFree(parts: Update, request: LeaseRequest): string {
  const owner = parts.name('owner');
  const now = parts.value(request.now);
  parts.where(
    `attribute_not_exists(${owner}) OR ${parts.name('until')} <= ${now} OR ${owner} = ${parts.value(request.owner)}`,
  );
  return now;
}

function setHolder(parts: Update, request: LeaseRequest): void {
  parts.setTo('owner', request.owner);
  parts.setTo('until', request.until);
  parts.setTo('runbook', request.runbook);
}

function announce(parts: Update, { key, note }: NonNullable<LeaseRequest['intent']>, now: string): string {
  const intent = parts.value(key);
  parts.set('intent', intent);
  parts.set('intentAt', now);
  parts.setTo('intentNote', JSON.stringify(note));
  return intent;
}

function book(parts: Update, budget: NonNullable<LeaseRequest['budget']>, now: string, epoch: string): void {
  const never = parts.value(NEVER);
  // A shift register: DynamoDB evaluates every right-hand side on the item as it was before the write.
  for (let index = REGISTERS - 1; index > 0; index -= 1)
    parts.set(`a${index}`, `if_not_exists(${parts.name(`a${index - 1}`)}, ${never})`);
  parts.set('a0', now);
  parts.set('booked', epoch);
  parts.whereAbsentOr('a0', `<= ${parts.value(budget.lastBefore)}`);
  parts.whereAbsentOr(`a${budget.max - 1}`, `<= ${parts.value(budget.windowFrom)}`);
}

/** Uses up the word of the request, if it is not void, for what is announced at that time. */
function useWord(parts: Update, { word }: LeaseRequest, announcedAt: string): void {
  if (word === undefined) return;
  parts.whereAbsentOr(WORD, `< ${parts.value(word.until)}`);
  parts.setTo(WORD, usedWord(word, announcedAt));
}

/** The whole acquisition in one conditional write: lease, budget, intent, and the word that it is approved by. */
export function acquisition(table: string, request: LeaseRequest): UpdateItemCommandInput {
  const parts = update(table, request.resource);
  const { budget, intent } = request;
  const now = whereFree(parts, request);
  setHolder(parts, request);
  const nextEpoch = parts.nextEpoch();
  parts.set('epoch', nextEpoch);
  // The same intent unsettled means a run died on it: that is a resumption, which is not charged and so not this write.
  if (intent !== undefined) parts.whereAbsentOr('intent', `<> ${announce(parts, intent, now)}`);
  if (budget !== undefined) book(parts, budget, now, nextEpoch);
  useWord(parts, request, request.now);
  // What somebody is at does not expire.
  parts.remove('ttl');
  return parts.input();
}

/** Another intent under a lease that the asker still holds: whatever was booked with it stays booked, under the same epoch. */
export function carrying(table: string, request: LeaseRequest, epoch: number): UpdateItemCommandInput {
  const parts = update(table, request.resource);
  parts.whereIs('owner', request.owner);
  parts.whereIs('epoch', epoch);
  parts.setTo('until', request.until);
  if (request.intent !== undefined) announce(parts, request.intent, parts.value(request.now));
  useWord(parts, request, request.now);
  parts.remove('ttl');
  return parts.input();
}

/** Takes up an unsettled intent: the lease without the charge, if nothing has changed since it was found so. */
export function resumption(
  table: string,
  request: LeaseRequest,
  found: Pick<History, 'epoch' | 'pending'>,
  epoch: number,
): UpdateItemCommandInput {
  const parts = update(table, request.resource);
  const { intent = '', at = '' } = found.pending ?? {};
  whereFree(parts, request);
  parts.whereIs('intent', intent);
  parts.whereIs('epoch', found.epoch);
  useWord(parts, request, at);
  setHolder(parts, request);
  parts.setTo('epoch', epoch);
  parts.remove('ttl');
  return parts.input();
}

/** Extends a lease that is still ours. */
export function renewal(table: string, lease: Lease, until: string): UpdateItemCommandInput {
  const parts = update(table, lease.resource);
  parts.whereIs('owner', lease.owner);
  parts.whereIs('epoch', lease.epoch);
  parts.setTo('until', instant('until', until));
  return parts.input();
}

/** Hands a lease back; with `refund` only where this very lease booked the last action, and then that too. */
export function handBack(
  table: string,
  { lease, intent, wordBefore }: Release,
  refund: boolean,
  nowMs: number,
): UpdateItemCommandInput {
  const parts = update(table, lease.resource);
  const owner = parts.name('owner');
  const epoch = parts.value(lease.epoch);
  parts.where(`${parts.name('epoch')} = ${epoch}`);
  // No owner under our epoch: we handed it back already and the reply was lost.
  parts.where(`attribute_not_exists(${owner}) OR ${owner} = ${parts.value(lease.owner)}`);
  parts.remove('owner', 'until');
  if (intent === 'settle') {
    parts.remove('intent', 'intentAt', 'intentNote');
    parts.setTo('ttl', expiry(nowMs));
  }
  if (refund) giveBack(parts, epoch);
  if (wordBefore === null) parts.remove(WORD);
  else if (wordBefore !== undefined) parts.setTo(WORD, wordBefore);
  return parts.input();
}

/** Takes out what nobody will hand back: the lease, and with `settle` what was announced; if all of it stands there as it was read. */
export function clearing(
  table: string,
  { resource, owner, until, history: { epoch, pending } }: ResourceState,
  intent: Release['intent'],
  nowMs: number,
): UpdateItemCommandInput {
  const parts = update(table, resource);
  const members = {
    owner,
    until,
    epoch: epoch === 0 ? undefined : epoch,
    intent: pending?.intent,
    intentAt: pending?.at,
  };
  for (const [attribute, read] of Object.entries(members)) {
    if (read === undefined) parts.where(`attribute_not_exists(${parts.name(attribute)})`);
    else parts.whereIs(attribute, read);
  }
  parts.remove('owner', 'until');
  if (intent === 'settle') parts.remove('intent', 'intentAt', 'intentNote');
  if (intent === 'settle' || pending === undefined) parts.setTo('ttl', expiry(nowMs));
  return parts.input();
}

function giveBack(parts: Update, epoch: string): void {
  parts.where(`${parts.name('booked')} = ${epoch}`);
  parts.remove('booked');
  const never = parts.value(NEVER);
  for (let index = 0; index < REGISTERS - 1; index += 1)
    parts.set(`a${index}`, `if_not_exists(${parts.name(`a${index + 1}`)}, ${never})`);
  parts.set(`a${REGISTERS - 1}`, never);
}

/**
 * Sets, or with `null` forgets, remembered values.
 * @param expiring only where nobody is at the resource and nothing is unsettled; it then expires, if nothing more is written.
 */
export function remembering(
  table: string,
  resource: string,
  runbook: string,
  values: readonly (readonly [key: string, value: string | null])[],
  expiring: { readonly nowMs: number } | undefined,
): UpdateItemCommandInput {
  const parts = update(table, resource);
  parts.set('runbook', `if_not_exists(${parts.name('runbook')}, ${parts.value(runbook)})`);
  for (const [key, value] of values) {
    if (value === null) parts.remove(`m_${key}`);
    else parts.setTo(`m_${key}`, value);
  }
  // What is not there yet need not be kept.
  if (values.length === 0) parts.where(`attribute_exists(${parts.name('runbook')})`);
  if (expiring !== undefined) {
    for (const open of ['owner', 'intent']) parts.where(`attribute_not_exists(${parts.name(open)})`);
    parts.setTo('ttl', expiry(expiring.nowMs));
  }
  return parts.input();
}
