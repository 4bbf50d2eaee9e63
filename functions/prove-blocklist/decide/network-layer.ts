/** Whether network ACLs and prefix lists are enforced: which subnets an ACL is in force for, what it lets in first. Pure. */

import { familyOf, overlap, subtract } from '../../../shared/judgement/addresses/arithmetic.ts';
import { named } from '../../../shared/judgement/blocklist/notes.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { AclEntry, BalancerSubnet, Facts, TaggedAcl } from './facts.ts';
import { counted } from './words.ts';
import { isDenial, type Accepted } from './written.ts';

export interface NetworkLayers {
  readonly evidence: JsonObject;
  readonly faults: readonly string[];
}

/** The entry that lets some of a network in, of which a later one denies as much: what nobody denies is not written, and told as that. */
function letsInFirst(entries: readonly AclEntry[], cidr: string): AclEntry | undefined {
  const ofFamily = entries.filter(({ family }) => family === familyOf(cidr));
  let open: readonly string[] = [cidr];
  for (const [index, entry] of ofFamily.entries()) {
    if (isDenial(entry)) open = subtract(open, [entry.cidr]);
    if (entry.action !== 'allow') continue;
    const inward = entry.cidr.endsWith('/0') ? open : subtract(open, subtract(open, [entry.cidr]));
    const later = ofFamily.slice(index).filter(isDenial);
    if (inward.some((part) => later.some((denial) => overlap(denial.cidr, part)))) return entry;
  }
  return undefined;
}

interface AclJudged {
  readonly evidence: JsonObject;
  readonly fault: string | undefined;
}

function judgeAcl({ id, subnets, entries }: TaggedAcl, due: readonly Accepted[]): AclJudged {
  const of = (status: string, said: string): JsonObject => ({ acl: id, status, said, subnets: named(subnets) });
  if (subnets.length === 0) {
    const said = `${id} is associated with no subnet`;
    return { evidence: of('attached-to-nothing', said), fault: said };
  }
  if (entries === null) {
    const said = `the entries of ${id} could not be read`;
    return { evidence: of('entries-unread', said), fault: undefined };
  }
  for (const { pieces } of due)
    for (const piece of pieces) {
      const first = letsInFirst(entries, piece);
      if (first === undefined) continue;
      const said = `entry ${first.ruleNumber} of ${id} lets ${piece} in before it is denied`;
      return { evidence: of('behind-an-allow', said), fault: said };
    }
  return { evidence: of('enforced', `${id} is in force for ${counted(subnets.length, 'subnet')}`), fault: undefined };
}

function subnetWithout({ balancer, subnet, acl }: BalancerSubnet, blocklist: string): JsonObject {
  const where = acl ?? 'an ACL that was not read';
  const said = `clients of ${balancer} come in through ${subnet} too, where ${where} is not tagged with ${blocklist}`;
  return { status: 'subnet-without', balancer, subnet, acl, said };
}

/** Rows for evidence, and how many there are besides. */
const MOST_ROWS = 50;

function rows(all: readonly JsonObject[]): readonly JsonObject[] {
  return all.length <= MOST_ROWS ? all : [...all.slice(0, MOST_ROWS), { more: all.length - MOST_ROWS }];
}

/** Judges what is below the web ACLs. */
export function networkLayersOf(facts: Facts, due: readonly Accepted[]): NetworkLayers {
  const { acls, prefixLists, balancerSubnets, blocklist } = facts;
  const judged = acls.map((acl) => judgeAcl(acl, due));
  const without = balancerSubnets.filter((each) => each.blocklist !== blocklist);
  const lists = prefixLists.map(({ id, name }) => ({ prefixList: id, name, status: 'references not looked at' }));
  return {
    evidence: {
      ...(judged.length === 0 ? {} : { acls: rows(judged.map(({ evidence }) => evidence)) }),
      ...(without.length === 0 ? {} : { subnetsWithout: rows(without.map((each) => subnetWithout(each, blocklist))) }),
      ...(lists.length === 0 ? {} : { prefixLists: rows(lists) }),
    },
    faults: [
      ...judged.flatMap(({ fault }) => fault ?? []),
      ...without.map(({ balancer, subnet }) => `${subnet} of ${balancer} is behind no ACL of ${blocklist}`),
    ],
  };
}
