/** Blocks whom an offence names, for longer each time somebody comes back. */

import { standing, type BlockRow, type Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Act, Decision, Evidence, Nothing, PlannedCall, Refuse } from '../../../shared/kernel/decision.ts';
import { after, blocking, endOf, rowWrite, tooManyReasons, withReason } from './blocking.ts';
import type { BlockLimits, Facts } from './facts.ts';
import { sharedBy, whyNot } from './guards.ts';

/** What somebody has done, whoever tells of it. */
export interface Offence {
  /** What tells of it. */
  readonly called: 'finding' | 'alarm';
  /** What stands for it as an incident: unblocking for that takes back what was blocked. */
  readonly incident: string;
  /** Tells one telling from the next, which sorts behind it. */
  readonly mark: string;
  /** Kept with each reason that is written. */
  readonly why: string;
  /** What happened; what is done about it is said behind that. */
  readonly because: string;
  /** Networks in canonical form, each once. */
  readonly addresses: readonly string[];
  /**
   * Whether it is one more offence, if it is told of anew after its block has ended: a finding goes on and is none, an alarm has rung
   * off and rings for what was done since.
   */
  readonly comesBack: boolean;
}

/** What comes of one address of an offence. */
type Answer =
  | { readonly kind: 'block'; readonly reason: Reason; readonly isLonger: boolean; readonly note: string }
  | { readonly kind: 'written'; readonly reason: Reason }
  | { readonly kind: 'stands'; readonly code: string; readonly because: string }
  | { readonly kind: 'no'; readonly refusal: Refuse };

/** The same, with the row of the address as it stands. */
export type Answered = Answer & { readonly row: BlockRow };

/** So many are named, or spoken of each by itself; the evidence has them all. */
const MAX_NAMED = 10;

/** What is to come of each address. */
export function answersTo(offence: Offence, facts: Facts, limits: BlockLimits, now: string): readonly Answered[] {
  const rows = new Map(facts.rows.map((row) => [row.cidr, row]));
  return offence.addresses.map((cidr): Answered => {
    const row = rows.get(cidr) ?? { cidr, reasons: [], version: 0 };
    return { row, ...answerFor(row, facts, offence, limits, now) };
  });
}

/** A write for each address that is to be blocked; what stands otherwise, if there is none. */
export function answerWith(
  answers: readonly Answered[],
  offence: Offence,
  limits: BlockLimits,
  now: string,
  evidence: Evidence,
): Decision {
  return acting(answers, offence, limits, now, evidence) ?? standingStill(answers, limits, evidence);
}

function answerFor(row: BlockRow, facts: Facts, offence: Offence, limits: BlockLimits, now: string): Answer {
  const { asker } = facts;
  const { incident, mark, why } = offence;
  const before = row.reasons.find((reason) => reason.incident === incident);
  if (before?.run === asker.run) return { kind: 'written', reason: before };
  const settled = before && whySettled(row, before, offence, limits, now);
  if (settled !== undefined) return settled;
  const strikes = strikesOf(row, before, offence, now);
  const shared = sharedBy(row.cidr, facts.guard, now);
  const isOfMany = shared?.isAll === true;
  const most = isOfMany ? limits.sharedEgressTtlSeconds : limits.maxTtlSeconds;
  const seconds = Math.min(ttlOf(strikes, limits), most);
  const until = after(now, seconds);
  // It goes on every quarter of an hour, perhaps, and in several forms: half its time is enough to have left.
  if (before !== undefined && endOf(before, isOfMany, limits) > after(now, seconds / 2)) return stands(row, before);
  const refusal = whyNot(row.cidr, facts, limits, now) ?? tooManyReasons(row, incident, limits, now);
  if (refusal !== undefined) return { kind: 'no', refusal };
  const isLonger = before !== undefined && before.until > now;
  const from = isLonger && shared === undefined ? before.from : now;
  const { by, run } = asker;
  const reason = { incident, why, by, from, until, delivery: mark, run, strikes };
  return { kind: 'block', reason, isLonger, note: `${noteOn(row, before, offence, now)}${shared?.says ?? ''}` };
}

function stands({ cidr }: BlockRow, { until }: Reason): Answer {
  return { kind: 'stands', code: 'already-blocked', because: `${cidr} is blocked for it until ${until}` };
}

/** Why the same offence does not block once more: it was told of before, or a person has decided otherwise. */
function whySettled(
  row: BlockRow,
  before: Reason,
  { called, mark }: Offence,
  limits: BlockLimits,
  now: string,
): Answer | undefined {
  if (before.ended !== undefined && after(before.until, limits.settledSeconds) > now) {
    const because = `${before.ended.by} unblocked ${row.cidr} at ${before.until}, and the same ${called} does not block it again for ${limits.settledSeconds} s`;
    return { kind: 'stands', code: 'unblocked-by-hand', because };
  }
  if (isLater(mark, before.delivery)) return undefined;
  if (before.until > now) return stands(row, before);
  return { kind: 'stands', code: 'over', because: `${row.cidr} was blocked for it until ${before.until}` };
}

/** Two tellings that are dated follow each other by that; of one that is not, only the very same is no later one. */
function isLater(mark: string, delivery: string): boolean {
  const areDated = [mark, delivery].every((each) => /^\d{4}-/u.test(each));
  return areDated ? delivery < mark : delivery !== mark;
}

/** What goes on is no new offence, and neither are others that come while the first still holds. */
function strikesOf(row: BlockRow, before: Reason | undefined, { comesBack }: Offence, now: string): number {
  if (!comesBack && before !== undefined && before.strikes > 0) return before.strikes;
  const most = (reasons: readonly Reason[]): number => Math.max(0, ...reasons.map(({ strikes }) => strikes));
  const current = most(standing(row, now));
  return current > 0 ? current : most(row.reasons) + 1;
}

function ttlOf(strikes: number, { findingTtlSeconds, findingTtlFactor }: BlockLimits): number {
  return findingTtlSeconds * findingTtlFactor ** (strikes - 1);
}

/** Whoever unblocked it wants to know why it is blocked again. */
function noteOn(row: BlockRow, before: Reason | undefined, { called, comesBack }: Offence, now: string): string {
  const [last] = row.reasons
    .filter((reason) => reason.ended !== undefined && reason.until <= now)
    .toSorted((one, other) => (one.until > other.until ? -1 : 1));
  if (last?.ended === undefined) return '';
  const isSame = last === before;
  const what = isSame ? `the ${called} ${comesBack ? 'rings again' : 'goes on'}` : `this ${called} is another one`;
  return `; ${last.ended.by} unblocked ${row.cidr} at ${last.until}, but ${what}`;
}

/** The first of several texts, each once, and how many others there are. */
export function some(texts: readonly string[], between: string): string {
  const all = [...new Set(texts)];
  const named = all.slice(0, MAX_NAMED).join(between);
  return all.length > MAX_NAMED ? `${named} and ${all.length - MAX_NAMED} others` : named;
}

/**
 * What came of each address, by its kind.
 * @param before addresses that were passed over before these were looked at
 */
export function aboutAnswers(
  answers: readonly Answered[],
  before: readonly { readonly address: string; readonly code: string }[] = [],
): Evidence {
  const blocked = answers.flatMap((answer) => {
    if (answer.kind !== 'block' && answer.kind !== 'written') return [];
    const { until, strikes } = answer.reason;
    return [{ cidr: answer.row.cidr, until, strikes }];
  });
  const unchanged = answers.flatMap((answer) =>
    answer.kind === 'stands' ? [{ cidr: answer.row.cidr, code: answer.code }] : [],
  );
  const refused = answers.flatMap(({ row, ...answer }) =>
    answer.kind === 'no' ? [{ address: row.cidr, code: answer.refusal.code }] : [],
  );
  const passedOver = [...before.map(({ address, code }) => ({ address, code })), ...refused];
  return {
    ...(blocked.length === 0 ? {} : { blocked }),
    ...(unchanged.length === 0 ? {} : { unchanged }),
    ...(passedOver.length === 0 ? {} : { passedOver }),
  };
}

/** A run that died after some of its writes tells them with the others. */
function acting(
  answers: readonly Answered[],
  offence: Offence,
  limits: BlockLimits,
  now: string,
  evidence: Evidence,
): Act | undefined {
  const due = answers.filter((answer) => answer.kind === 'block');
  const first = due.slice(0, limits.maxCalls);
  if (first.length === 0) return undefined;
  const networks = due.map(({ row }) => row.cidr);
  const names = some(networks, ', ');
  const notes = due
    .slice(0, MAX_NAMED)
    .map(({ note }) => note)
    .join('');
  const because = `${offence.because}: ${names} blocked until ${lastOf(due)}${notes}`;
  const plan = first.map(({ row, reason }) =>
    blocking(rowWrite(row, withReason(row, reason, limits, now), limits, because), reason),
  );
  const untold = told(answers, limits);
  const isLonger = due.every((answer) => answer.isLonger) && untold.length === 0;
  return {
    kind: 'act',
    code: isLonger ? 'extended' : 'blocked',
    because,
    evidence,
    plan,
    intent: `block ${names} for ${offence.incident}`,
    budget: 'counted',
    ...(untold.length === 0 ? {} : { untold }),
    ...(due.length > first.length ? { more: true as const } : {}),
  };
}

function lastOf(due: readonly { readonly reason: Reason }[]): string {
  return due.map(({ reason }) => reason.until).reduce((one, other) => (one > other ? one : other));
}

/** What this very run has written before it died. */
function told(answers: readonly Answered[], limits: BlockLimits): readonly PlannedCall[] {
  return answers.flatMap((answer) => {
    if (answer.kind !== 'written') return [];
    const { row, reason } = answer;
    const because = `${row.cidr} is blocked until ${reason.until} (${reason.incident})`;
    return [blocking(rowWrite({ ...row, version: row.version - 1 }, row.reasons, limits, because), reason)];
  });
}

function becauseOf(answers: readonly { readonly because: string }[]): string {
  const all = answers.map(({ because }) => because);
  return some(all, '; ');
}

/** Nothing is left to write: it was done by this run, it stands already, or a guard said no to every address. */
function standingStill(answers: readonly Answered[], limits: BlockLimits, evidence: Evidence): Nothing | Refuse {
  const untold = told(answers, limits);
  if (untold.length > 0) {
    const because = becauseOf(untold);
    return { kind: 'nothing', code: 'blocked', because, evidence, untold };
  }
  const settled = answers.flatMap((answer) => (answer.kind === 'stands' ? [answer] : []));
  const refusals = answers.flatMap((answer) => (answer.kind === 'no' ? [answer.refusal] : []));
  // What was done the first time was not refused for one of several, and neither is the second telling of it.
  const [first] = settled;
  const refusal =
    refusals.find(({ attention }) => attention === true) ?? (first === undefined ? refusals[0] : undefined);
  if (refusal !== undefined) {
    const because = becauseOf(refusals);
    return { ...refusal, because, evidence: { ...refusal.evidence, ...evidence } };
  }
  const because = becauseOf(settled);
  return { kind: 'nothing', code: first?.code ?? 'already-blocked', because, evidence };
}
