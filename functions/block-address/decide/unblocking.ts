/** Ends blocks before their time. */

import type { BlockRow, Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision, Nothing, PlannedCall } from '../../../shared/kernel/decision.ts';
import { rowWrite } from './blocking.ts';
import type { BlockLimits, Facts } from './facts.ts';
import { stillHeld, type StillHeld } from './still-held.ts';
import type { NetworkAsk } from './wish.ts';

/** This very run has ended it, and died before it told. */
function endedNow(facts: Facts, rows: readonly BlockRow[], now: string): readonly BlockRow[] {
  const isOwn = ({ ended, until }: Reason): boolean => ended?.run === facts.asker.run && until <= now;
  return rows.filter(({ reasons }) => reasons.some(isOwn));
}

/** Ends the reasons that are meant: all of a network's, or those of an incident. Reasons of others go on. */
export function unblock(
  facts: Facts,
  ask: NetworkAsk,
  rows: readonly BlockRow[],
  limits: BlockLimits,
  now: string,
): Decision {
  const { asker } = facts;
  const isMeant = (reason: Reason): boolean =>
    reason.until > now && (ask.incident === null || reason.incident === ask.incident);
  const blocked = rows.filter(({ reasons }) => reasons.some(isMeant));
  const still = stillHeld(facts, ask, rows, isMeant, now);
  const name = ask.cidr ?? ask.incident ?? '';
  const isOne = ask.cidr !== null && ask.incident !== null;
  const whatFor = isOne ? ` for ${ask.incident ?? ''}` : '';
  if (blocked.length === 0) return notBlocked(facts, rows, { name, whatFor, still, limits, now });
  const because = `${asker.by} asks for ${name} to be unblocked${still.says}`;
  const end = (reason: Reason): Reason =>
    isMeant(reason) ? { ...reason, until: now, ended: { by: asker.by, run: asker.run } } : reason;
  // A run that died after some of its writes tells them with the others.
  const written = endedNow(facts, rows, now);
  const cidrs = [...new Set([...written, ...blocked].map(({ cidr }) => cidr))];
  const untold = toldOf(written, limits, because);
  return {
    kind: 'act',
    code: 'unblocked',
    because,
    evidence: { cidrs, incidents: incidentsOf(blocked, isMeant), ...still.evidence },
    plan: blocked.slice(0, limits.maxCalls).map((row) => rowWrite(row, row.reasons.map(end), limits, because)),
    intent: `unblock ${name}`,
    budget: 'counted',
    ...(untold.length === 0 ? {} : { untold }),
    ...(blocked.length > limits.maxCalls ? { more: true as const } : {}),
  };
}

function toldOf(rows: readonly BlockRow[], limits: BlockLimits, because: string): readonly PlannedCall[] {
  return rows.map((row) => rowWrite({ ...row, version: row.version - 1 }, row.reasons, limits, because));
}

function incidentsOf(rows: readonly BlockRow[], isMeant: (reason: Reason) => boolean): string[] {
  return [...new Set(rows.flatMap(({ reasons }) => reasons.filter(isMeant).map(({ incident }) => incident)))];
}

/** What is said where there is nothing to end. */
interface NotBlocked {
  readonly name: string;
  /** Behind that, where a request names both the network and the incident. */
  readonly whatFor: string;
  readonly still: StillHeld;
  readonly limits: BlockLimits;
  readonly now: string;
}

function notBlocked(
  facts: Facts,
  rows: readonly BlockRow[],
  { name, whatFor, still, limits, now }: NotBlocked,
): Nothing {
  const ended = endedNow(facts, rows, now);
  const because = `${name} is not blocked${whatFor}${still.says}`;
  const nothing = { kind: 'nothing', code: 'not-blocked', because, evidence: { name, ...still.evidence } } as const;
  if (ended.length === 0) return nothing;
  const written = toldOf(ended, limits, because);
  const cidrs = ended.map(({ cidr }) => cidr);
  return { ...nothing, code: 'unblocked', evidence: { ...nothing.evidence, cidrs }, untold: written };
}
