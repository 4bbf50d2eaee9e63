/** Says of a network that it is not blocked, or not for long since many people share it; or takes that back. */

import { covers } from '../../../shared/judgement/addresses/arithmetic.ts';
import { ALLOW, isAllowed, SHARED_EGRESS, standing } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision, Evidence, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { after, ttlOf } from './blocking.ts';
import type { BlockLimits, Facts, Guard, KeptRow } from './facts.ts';
import { tooWide } from './guards.ts';
import { networkNamed, type NetworkAsk } from './wish.ts';

/** What is said of a network, in the words of its kind. */
interface Manner {
  readonly partition: string;
  readonly given: string;
  readonly takenBack: string;
  /** What it is while that holds. */
  readonly called: string;
  readonly gives: (cidr: string, until: string) => string;
  readonly value: (cidr: string) => JsonObject;
  /** Which other row says the same of the network; `undefined`: none. */
  readonly otherBy: (cidr: string, guard: Guard, now: string) => string | undefined;
  readonly otherAs: string;
}

const ALLOWING: Manner = {
  partition: ALLOW,
  given: 'allowed',
  takenBack: 'no-longer-allowed',
  called: 'allowed',
  gives: (cidr, until) => `allows ${cidr} until ${until}`,
  value: () => ({}),
  otherBy: (cidr, { allow }, now) =>
    allow.find((each) => each.cidr !== cidr && covers(each.cidr, cidr) && isAllowed(each, now))?.cidr,
  otherAs: 'stillAllowedBy',
};

const SHARING: Manner = {
  partition: SHARED_EGRESS,
  given: 'shared',
  takenBack: 'no-longer-shared',
  called: 'shared',
  gives: (cidr, until) =>
    `says until ${until} that many people share ${cidr}: what is blocked there is for a short time, at web ACLs only`,
  value: (cidr) => ({ ranges: [cidr] }),
  otherBy: (cidr, { sharedEgress }, now) => otherSharer(cidr, sharedEgress, now),
  otherAs: 'stillSharedBy',
};

/** A row that is about more than the network. */
function otherSharer(cidr: string, rows: Guard['sharedEgress'], now: string): string | undefined {
  const others = rows.filter((row) => !isSharedRowOf(row, cidr) && isAllowed(row, now));
  return others.find(({ ranges }) => ranges.some((range) => covers(range, cidr)))?.source;
}

/** Whether a row of `shared-egress` is about that network alone, and named as it is. */
export function isSharedRowOf({ source, ranges }: Guard['sharedEgress'][number], cidr: string): boolean {
  return networkNamed(source) === cidr && ranges.length === 1 && ranges[0] === cidr;
}

/** Allows or shares a network for a time; with no time at all, no longer. */
export function keep(facts: Facts, ask: NetworkAsk, limits: BlockLimits, now: string): Decision {
  const { cidr, ttlSeconds, action } = ask;
  const { row } = facts;
  if (cidr === null || row === null)
    return { kind: 'refuse', code: 'no-address', because: `say which address or cidr to ${action}`, evidence: {} };
  const refusal = tooWide(cidr, limits);
  if (refusal !== undefined) return refusal;
  const isTakenBack = ttlSeconds === 0;
  const seconds = isTakenBack ? 0 : ttlOf(ask, limits);
  if (typeof seconds !== 'number') return seconds;
  const manner = action === 'share' ? SHARING : ALLOWING;
  const blockedFor = standing(row, now).map(({ incident }) => incident);
  const evidence = { cidr, until: after(now, seconds), blockedFor };
  const keeping = { manner, cidr, facts, limits, now, evidence };
  return isTakenBack ? takeBack(keeping) : give(keeping);
}

/** A request to keep, or to take that back. */
interface Keeping {
  readonly manner: Manner;
  readonly cidr: string;
  readonly facts: Facts;
  readonly limits: BlockLimits;
  readonly now: string;
  readonly evidence: Evidence & { readonly until: string };
}

function holds({ until }: KeptRow, now: string): boolean {
  return until === null || until > now;
}

/** The row that holds longest is made to hold longer. */
function give(keeping: Keeping): Decision {
  const { manner, cidr, facts, now, evidence } = keeping;
  const { kept, asker } = facts;
  const endOf = ({ until }: KeptRow): number => (until === null ? Number.POSITIVE_INFINITY : Date.parse(until));
  const [longest] = kept.toSorted((one, other) => (endOf(one) < endOf(other) ? 1 : -1));
  const because = `${asker.by} ${manner.gives(cidr, evidence.until)}`;
  const written = kept.filter(({ run }) => run === asker.run);
  if (written.length > 0) return toldNow(keeping, written, manner.given, because);
  const isEnough = longest !== undefined && holds(longest, now) && endOf(longest) >= Date.parse(evidence.until);
  if (isEnough) return asItIs(keeping, manner.called);
  return acting(keeping, [longest ?? { key: cidr, version: 0 }], [], manner.given, because);
}

/** Every row of the network ends, in whatever spelling: one that is left would go on holding. */
function takeBack(keeping: Keeping): Decision {
  const { manner, cidr, facts, now } = keeping;
  const { kept, asker, guard } = facts;
  const other = manner.otherBy(cidr, guard, now);
  const still = other === undefined ? '' : `; it still is by ${other}`;
  const told = other === undefined ? keeping.evidence : { ...keeping.evidence, [manner.otherAs]: other };
  const all = { ...keeping, evidence: told };
  const because = `${asker.by} takes back that ${cidr} is ${manner.called}${still}`;
  const held = kept.filter((row) => holds(row, now));
  const written = kept.filter(({ run, until }) => run === asker.run && until !== null && until <= now);
  if (held.length > 0) return acting(all, held, written, manner.takenBack, because);
  return written.length > 0
    ? toldNow(all, written, manner.takenBack, because)
    : asItIs(all, `not ${manner.called}`, still);
}

function writeOf(
  { manner, cidr, facts, limits, evidence }: Keeping,
  { key, version }: Pick<KeptRow, 'key' | 'version'>,
  because: string,
): PlannedCall {
  const { by, why, run } = facts.asker;
  const { until } = evidence;
  const value = { ...manner.value(cidr), why, by, until, run };
  const expiresAt = after(until, limits.keptSeconds);
  return plannedWrite({ partition: manner.partition, key, ifVersion: version, value, expiresAt }, because);
}

/** What this very run has written before it died, as it was sent. */
function untoldOf(keeping: Keeping, written: readonly KeptRow[], because: string): readonly PlannedCall[] {
  return written.map((row) => writeOf(keeping, { ...row, version: row.version - 1 }, because));
}

function toldNow(keeping: Keeping, written: readonly KeptRow[], code: string, because: string): Decision {
  const { evidence } = keeping;
  return { kind: 'nothing', code, because, evidence, untold: untoldOf(keeping, written, because) };
}

function asItIs({ cidr, evidence }: Keeping, called: string, still = ''): Decision {
  return { kind: 'nothing', code: 'as-it-is', because: `${cidr} is ${called} already${still}`, evidence };
}

function acting(
  keeping: Keeping,
  rows: readonly Pick<KeptRow, 'key' | 'version'>[],
  written: readonly KeptRow[],
  code: string,
  because: string,
): Decision {
  const { cidr, evidence, limits } = keeping;
  const untold = untoldOf(keeping, written, because);
  return {
    kind: 'act',
    code,
    because,
    evidence,
    plan: rows.slice(0, limits.maxCalls).map((row) => writeOf(keeping, row, because)),
    intent: `${code} ${cidr}`,
    budget: 'counted',
    ...(untold.length === 0 ? {} : { untold }),
    ...(rows.length > limits.maxCalls ? { more: true as const } : {}),
  };
}
