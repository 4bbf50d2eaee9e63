/**
 * What `check-readiness` says of one matter of the stack: that it is as it was deployed, or what has rotted. Pure.
 *
 * It changes nothing. What is found is told once, and again while it stands: each day anew it would be noise that nobody reads.
 */

import { nothing, refuse } from '../../shared/judgement/decisions.ts';
import { secondsSince } from '../../shared/judgement/since.ts';
import type { Decision, Evidence } from '../../shared/kernel/decision.ts';
import { isBag } from '../../shared/kernel/json.ts';
import { countOf, findingsOf, type Finding } from './decide/findings.ts';
import type { Facts, ReadinessLimits } from './decide/facts.ts';

export {
  MATTERS,
  type Alarm,
  type DeployedFunction,
  type Facts,
  type Mapping,
  type Matter,
  type Queue,
  type Rule,
  type Schedule,
  type Seen,
  type Topic,
  type Unread,
} from './decide/facts.ts';

/** Under which what was told is remembered with the matter. */
const TOLD = 'told';

/** The line that mends, or says what does. */
const DOCTOR = '`npx runbook doctor` has the lines that mend it';

/** When a finding was told last, and by which run. */
interface Telling {
  readonly at: string;
  readonly run: string;
}

type Told = ReadonlyMap<string, Telling>;

/** A finding without what changes from day to day: how many messages wait, the number of a request. */
function keyOf({ code, about }: Finding): string {
  return `${code} ${about}`;
}

/** What cannot be understood was not told. */
function toldIn({ memory }: Facts): Told {
  let read: unknown;
  try {
    read = JSON.parse(memory[TOLD] ?? '{}');
  } catch {
    return new Map();
  }
  const entries = Object.entries(isBag(read) ? read : {});
  return new Map(
    entries.flatMap(([key, value]): [string, Telling][] => {
      const [at = '', run = ''] = typeof value === 'string' ? value.split(' ') : [];
      return Number.isNaN(Date.parse(at)) ? [] : [[key, { at, run }]];
    }),
  );
}

/** Decides on one matter. */
export function decide(facts: Facts, limits: ReadinessLimits, now: string): Decision {
  const { matter } = facts.seen;
  const findings = findingsOf(facts, limits, now);
  const told = toldIn(facts);
  const isKnown = (one: Finding): boolean => isRecent(told.get(keyOf(one)), facts.run, limits, now);
  const isNews = facts.isAsked || !findings.every(isKnown);
  const evidence = evidenceOf(facts, findings);
  // Whoever asks is one person: the schedule has still to tell all others.
  const telling = isNews && !facts.isAsked ? { at: now, run: facts.run } : undefined;
  const remember = { [TOLD]: noted(facts, findings, telling) };
  const [first] = findings;
  if (first === undefined)
    return {
      ...nothing(evidence, 'ready', `${matter}: ${countOf(facts.seen)} looked at, all as they should be`),
      remember,
    };
  const because = `${first.about}: ${first.text}${more(findings)}`;
  if (!isNews) return { ...nothing(evidence, 'told', `as it was told before: ${because}`), remember };
  const news = findings.map(keyOf).toSorted().join(', ');
  return { ...refuse(evidence, first.code, `${because}; ${DOCTOR}`), news, remember };
}

/** A tick comes a little earlier or later than the one a week ago: what is due within the hour is due. */
const EARLY_SECONDS = 3_600;

/** What the same run has told it tells again: it may have died before anybody heard. */
function isRecent(telling: Telling | undefined, run: string, limits: ReadinessLimits, now: string): boolean {
  if (telling === undefined || telling.run === run) return false;
  return secondsSince(telling.at, now) < limits.toldAgainSeconds - EARLY_SECONDS;
}

function more(findings: readonly Finding[]): string {
  return findings.length < 2 ? '' : ` (and ${findings.length - 1} more)`;
}

function evidenceOf({ seen, prefix }: Facts, findings: readonly Finding[]): Evidence {
  const found = findings.map(({ code, about, text }) => ({ code, about, text }));
  return { stack: prefix, matter: seen.matter, looked: countOf(seen), ...(found.length === 0 ? {} : { found }) };
}

/**
 * What is remembered of this look: all that stands, when it was told last. What may still stand where nobody could look is kept, or it would be
 * news once it can be read again. `null`: nothing.
 */
function noted(facts: Facts, findings: readonly Finding[], telling: Telling | undefined): string | null {
  const before = toldIn(facts);
  const kept = facts.unread.length === 0 ? [] : [...before].filter(([key]) => !key.startsWith('unread '));
  const standing = findings.flatMap((one): [string, Telling][] => {
    const at = telling ?? before.get(keyOf(one));
    return at === undefined ? [] : [[keyOf(one), at]];
  });
  const all = new Map([...kept, ...standing]);
  if (all.size === 0) return null;
  const entries = [...all].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries.map(([key, { at, run }]) => [key, `${at} ${run}`])));
}
