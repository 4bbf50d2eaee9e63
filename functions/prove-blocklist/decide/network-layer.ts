/** Whether network ACLs and prefix lists are enforced: which subnets an ACL is in force for, what it lets in first. Pure. */

import { covers, familyOf, overlap } from '../../../shared/judgement/addresses/arithmetic.ts';
import { named } from '../../../shared/judgement/blocklist/notes.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { AclEntry, BalancerSubnet, Facts, TaggedAcl } from './facts.ts';
import { counted } from './words.ts';
import type { Accepted } from './written.ts';

export interface NetworkLayers {
  readonly evidence: JsonObject;
  readonly faults: readonly string[];
}

function isEverything({ cidr }: AclEntry): boolean {
  return cidr.endsWith('/0');
}

/** The entry that lets some of a network in before the denial that is meant for it. */
function letsInFirst({ entries }: TaggedAcl, cidr: string): AclEntry | undefined {
  const ofFamily = entries.filter(({ family }) => family === familyOf(cidr));
  const denial = ofFamily.find(
    (entry) => entry.action === 'deny' && entry.protocol === '-1' && !isEverything(entry) && covers(entry.cidr, cidr),
  );
  if (denial === undefined) return undefined;
  return ofFamily.find(
    (entry) =>
      entry.action === 'allow' &&
      entry.ruleNumber < denial.ruleNumber &&
      (isEverything(entry) || overlap(entry.cidr, cidr)),
  );
}

interface AclJudged {
  readonly evidence: JsonObject;
  readonly fault: string | undefined;
}

function judgeAcl(acl: TaggedAcl, accepted: readonly Accepted[]): AclJudged {
  const { id, subnets } = acl;
  const of = (status: string, said: string): JsonObject => ({ acl: id, status, said, subnets: named(subnets) });
  if (subnets.length === 0) {
    const said = `${id} is associated with no subnet`;
    return { evidence: of('attached-to-nothing', said), fault: said };
  }
  for (const { pieces } of accepted)
    for (const piece of pieces) {
      const first = letsInFirst(acl, piece);
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
export function networkLayersOf(facts: Facts, accepted: readonly Accepted[]): NetworkLayers {
  const { acls, prefixLists, balancerSubnets, blocklist } = facts;
  const judged = acls.map((acl) => judgeAcl(acl, accepted));
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
