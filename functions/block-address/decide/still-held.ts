/** What still blocks an address after a reason of it has ended: whoever reads "unblocked" has to know. */

import { covers, overlap, prefixOf } from '../../../shared/judgement/addresses/arithmetic.ts';
import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { isListed } from '../../../shared/judgement/blocklist/list-rows.ts';
import { standing, type BlockRow, type Reason } from '../../../shared/judgement/blocklist/rows.ts';
import type { Evidence } from '../../../shared/kernel/decision.ts';
import type { Facts } from './facts.ts';
import { some } from './offence.ts';
import type { NetworkAsk } from './wish.ts';

/** What is said of it: in the evidence, and behind the reason. */
export interface StillHeld {
  readonly evidence: Evidence;
  readonly says: string;
}

/**
 * What goes on holding what a request unblocks.
 * @param rows those that the request is about
 * @param isMeant whether a reason of these rows ends now
 */
export function stillHeld(
  facts: Facts,
  ask: NetworkAsk,
  rows: readonly BlockRow[],
  isMeant: (reason: Reason) => boolean,
  now: string,
): StillHeld {
  const left = (row: BlockRow): readonly Reason[] => standing(row, now).filter((reason) => !isMeant(reason));
  const { cidr } = ask;
  if (cidr !== null) {
    const others = facts.rows.filter((row) => row.cidr !== cidr && standing(row, now).length > 0);
    return together(ofItself(rows.flatMap(left)), ...ofOthers(cidr, others, now), ofLists(facts, 'it', now));
  }
  const ended = rows.filter(({ reasons }) => reasons.some(isMeant));
  if (ended.length === 0) return NOTHING;
  const holding = rows.filter((row) => left(row).length > 0);
  return together(ofSeveral(networksOf(ended), networksOf(holding)), ofLists(facts, 'them', now));
}

function together(...parts: readonly StillHeld[]): StillHeld {
  return {
    evidence: parts.reduce<Evidence>((sum, { evidence }) => ({ ...sum, ...evidence }), {}),
    says: parts.map(({ says }) => says).join(''),
  };
}

function networksOf(rows: readonly BlockRow[]): readonly string[] {
  return rows.map(({ cidr }) => cidr);
}

const NOTHING: StillHeld = { evidence: {}, says: '' };

function incidentsOf(reasons: readonly Reason[]): readonly string[] {
  return [...new Set(reasons.map(({ incident }) => incident))];
}

/** Reasons of the network itself that are not meant. */
function ofItself(reasons: readonly Reason[]): StillHeld {
  const stillBlockedFor = incidentsOf(reasons);
  if (stillBlockedFor.length === 0) return NOTHING;
  return { evidence: { stillBlockedFor }, says: `; it is still blocked for ${some(stillBlockedFor, ', ')}` };
}

/** The nearest network around it, and those inside it. */
function ofOthers(cidr: string, rows: readonly BlockRow[], now: string): readonly StillHeld[] {
  const others = rows.filter((row) => overlap(row.cidr, cidr));
  const wider = others.filter((row) => covers(row.cidr, cidr));
  const [nearest] = wider.toSorted((one, other) => prefixOf(other.cidr) - prefixOf(one.cidr));
  const inside = networksOf(others.filter((row) => !covers(row.cidr, cidr)));
  return [
    nearest === undefined ? NOTHING : ofWider(nearest, now),
    inside.length === 0
      ? NOTHING
      : { evidence: { stillBlockedInside: inside }, says: `; inside it are still blocked ${some(inside, ', ')}` },
  ];
}

function ofWider(nearest: BlockRow, now: string): StillHeld {
  const stillCoveredFor = incidentsOf(standing(nearest, now));
  return {
    evidence: { stillCoveredBy: nearest.cidr, stillCoveredFor },
    says: `; it is still covered by ${nearest.cidr} (${stillCoveredFor.join(', ')})`,
  };
}

/** Of an incident's networks those that something else holds, in whole or in part. */
function ofSeveral(ended: readonly string[], holding: readonly string[]): StillHeld {
  const others = indexOf(holding);
  const held = ended.filter((cidr) => others.overlapping(cidr).length > 0);
  if (held.length === 0) return NOTHING;
  return {
    evidence: { stillHeld: held },
    says: `; for other reasons are still blocked, at least in part: ${some(held, ', ')}`,
  };
}

/** What stands in a list is read where it is published; here it is known that there is one. */
function ofLists({ lists }: Facts, called: 'it' | 'them', now: string): StillHeld {
  const holding = lists.rows.filter((row) => isListed(row, now) && row.policy.use === 'block');
  if (holding.length === 0) return NOTHING;
  const mayBeListedIn = holding.map(({ name }) => name);
  return { evidence: { mayBeListedIn }, says: `; lists that may hold ${called}: ${some(mayBeListedIn, ', ')}` };
}
