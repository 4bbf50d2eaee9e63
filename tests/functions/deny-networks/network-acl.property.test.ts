/** Whatever stands in an ACL, in the ledger and in the note: what becomes of it is right, and then at rest. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideNetworkAcl, type AclEntry, type AclFacts } from '../../../functions/deny-networks/decide/network-acl.ts';
import { wantedIn } from '../../../shared/judgement/blocklist/wanted.ts';
import { covers, familyOf, overlap } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { aclFacts, afterCall, networkAcl, shown, type After } from './acl-facts.ts';
import { note, later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';

/** Few addresses, so that much overlaps. */
const NETWORKS = [
  ...Array.from({ length: 24 }, (_none, index) => `198.51.100.${index}/32`),
  '198.51.100.0/31',
  '198.51.100.4/30',
  '198.51.100.8/29',
  '198.51.100.0/24',
  '203.0.113.7/32',
  ...Array.from({ length: 8 }, (_none, index) => `2001:db8::${index}/128`.replace('::0/', '::/')),
  '2001:db8::4/127',
  '2001:db8::/64',
];
const network = fc.constantFrom(...NETWORKS);
const number = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 85, max: 104 }), fc.constant(32_766));
const entryText = fc
  .tuple(number, fc.constantFrom('allow', 'deny'), fc.oneof(network, fc.constantFrom('0.0.0.0/0', '::/0')))
  .chain(([at, action, cidr]) => fc.constantFrom('', ' 6').map((protocol) => `${at} ${action} ${cidr}${protocol}`));
const entries = fc.uniqueArray(entryText, { maxLength: 16, selector: (text) => text.split(' ')[0] });
const blocks = fc
  .uniqueArray(fc.tuple(network, fc.integer({ min: -3, max: 5 })), { maxLength: 40, selector: ([cidr]) => cidr })
  .map((all) => all.map(([cidr, hours]) => row(cidr, { until: later(hours * 3_600) })));

interface Scene {
  readonly facts: AclFacts;
  readonly most: number;
}

/** What is noted is partly there, partly not, and partly of another network. */
const scene: fc.Arbitrary<Scene> = fc
  .record({
    texts: entries,
    blocks,
    most: fc.integer({ min: 4, max: 20 }),
    allow: fc.subarray(NETWORKS, { maxLength: 2 }),
  })
  .chain(({ texts, blocks: rows, most, allow }) => {
    const there = texts.map((text) => text.split(' ')).map(([at, , cidr]) => `${at} ${cidr}`);
    const made = fc.tuple(number, network).map(([at, cidr]) => `${at} ${cidr}`);
    return fc.tuple(fc.subarray(there), fc.array(made, { maxLength: 2 })).map(([some, others]) => ({
      most,
      facts: aclFacts({
        acl: networkAcl(texts),
        blocks: rows,
        allow: allow.map((cidr) => ({ cidr, until: null, why: '', by: '', run: '', version: 1 })),
        published: { mine: [...new Set([...some, ...others])].toSorted(), version: 3 },
      }),
    }));
  });

function wantedOf(facts: AclFacts): readonly string[] {
  return (['IPV4', 'IPV6'] as const).flatMap((family) => wantedIn(facts.wishes, family));
}

function meets(one: AclEntry, cidr: string): boolean {
  return one.family === familyOf(cidr) && (one.cidr.endsWith('/0') || overlap(one.cidr, cidr));
}

function encloses(one: AclEntry, cidr: string): boolean {
  return one.family === familyOf(cidr) && (one.cidr.endsWith('/0') || covers(one.cidr, cidr));
}

/** As AWS judges: whether some packet of the network gets in. */
function isLetIn(all: readonly AclEntry[], cidr: string): boolean {
  for (const each of all.toSorted((a, b) => a.ruleNumber - b.ruleNumber)) {
    if (each.egress) continue;
    if (each.action === 'allow' && meets(each, cidr)) return true;
    if (each.action === 'deny' && each.protocol === '-1' && encloses(each, cidr)) return false;
  }
  return false;
}

function applied({ facts, most }: Scene, decision: Decision): readonly After[] {
  let state: After = { entries: facts.acl?.entries ?? [], ...facts.published };
  const states = [state];
  for (const call of decision.kind === 'act' ? decision.plan : []) {
    state = afterCall(state, call, most);
    states.push(state);
  }
  return states;
}

function foreignIn({ acl, published }: AclFacts): readonly string[] {
  const isOurs = (each: AclEntry): boolean =>
    each.action === 'deny' &&
    each.protocol === '-1' &&
    !each.cidr.endsWith('/0') &&
    published.mine.includes(`${each.ruleNumber} ${each.cidr}`);
  return (acl?.entries ?? []).filter((each) => !isOurs(each)).map(shown);
}

/** As in AWS, where an ACL with more rules than it takes cannot be made. */
function isPossible({ facts, most }: Scene): boolean {
  const counts = (['IPV4', 'IPV6'] as const).map(
    (family) => facts.acl?.entries.filter((each) => each.family === family).length ?? 0,
  );
  return counts.every((count) => count <= most);
}

const RUNS = { numRuns: 1_000 };
const possible = scene.filter(isPossible);

describe('whatever stands in an ACL', () => {
  it('every network that is wanted and not counted as left out is denied before anything lets it in', () => {
    fc.assert(
      fc.property(possible, ({ facts, most }) => {
        const decision = decideNetworkAcl(facts, { aclRules: most }, NOW);
        const end = applied({ facts, most }, decision).at(-1)?.entries ?? [];
        const { withoutRoom = 0, noNumberBeforeAllow = 0 } = decision.evidence;
        const wanted = wantedOf(facts);
        const letIn = wanted.filter((cidr) => isLetIn(end, cidr));
        expect(letIn.length).toBeLessThanOrEqual(Number(withoutRoom) + Number(noNumberBeforeAllow));
        expect(decision.attention ?? false).toBe(Number(withoutRoom) + Number(noNumberBeforeAllow) > 0);
      }),
      RUNS,
    );
  });

  it('what is denied before and after is denied in between', () => {
    fc.assert(
      fc.property(possible, (each) => {
        const { facts, most } = each;
        const states = applied(each, decideNetworkAcl(facts, { aclRules: most }, NOW));
        const [first, last] = [states[0]?.entries ?? [], states.at(-1)?.entries ?? []];
        const wanted = wantedOf(facts).filter((cidr) => !isLetIn(first, cidr) && !isLetIn(last, cidr));
        for (const state of states) expect(wanted.filter((cidr) => isLetIn(state.entries, cidr))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('what others have put there stays as it is', () => {
    fc.assert(
      fc.property(possible, (each) => {
        const foreign = foreignIn(each.facts);
        const end = applied(each, decideNetworkAcl(each.facts, { aclRules: each.most }, NOW)).at(-1);
        expect((end?.entries ?? []).map(shown)).toEqual(expect.arrayContaining([...foreign]));
      }),
      RUNS,
    );
  });

  it('a second look finds nothing to do, and every entry of ours is in the note before it is written', () => {
    fc.assert(
      fc.property(possible, (each) => {
        const { facts, most } = each;
        const foreign = new Set(foreignIn(facts));
        const states = applied(each, decideNetworkAcl(facts, { aclRules: most }, NOW));
        for (const { entries: there, mine } of states) {
          const ours = there.filter((one) => !foreign.has(shown(one)));
          expect(mine).toEqual(expect.arrayContaining(ours.map(({ ruleNumber, cidr }) => `${ruleNumber} ${cidr}`)));
        }
        const end = states.at(-1);
        if (end === undefined || facts.acl === null) return;
        const after = { ...facts, acl: { ...facts.acl, entries: end.entries }, published: note(end) };
        expect(decideNetworkAcl(after, { aclRules: most }, NOW)).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
      }),
      RUNS,
    );
  });

  it('a run that dies after any of its calls leaves what the next one makes right', () => {
    fc.assert(
      fc.property(possible, fc.nat(), (each, nth) => {
        const { facts, most } = each;
        const states = applied(each, decideNetworkAcl(facts, { aclRules: most }, NOW));
        const died = states[nth % states.length];
        if (died === undefined || facts.acl === null) return;
        const resumed = { ...facts, acl: { ...facts.acl, entries: died.entries }, published: note(died) };
        const end = applied({ facts: resumed, most }, decideNetworkAcl(resumed, { aclRules: most }, NOW)).at(-1);
        if (end === undefined) return;
        const after = { ...resumed, acl: { ...facts.acl, entries: end.entries }, published: note(end) };
        expect(decideNetworkAcl(after, { aclRules: most }, NOW)).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
      }),
      RUNS,
    );
  });
});
