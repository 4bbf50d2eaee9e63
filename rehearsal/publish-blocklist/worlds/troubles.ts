/** What others do meanwhile in generated worlds of blocking: edits of sets, ACLs and prefix lists, agents that are lost, a new Elastic IP, a new version of a list. */

import * as fc from 'fast-check';
import { mostly, moments, type Moment } from '../../worlds/pieces.ts';
import type { Happening } from '../../worlds/case.ts';
import { listed, OWN_ADDRESSES } from './networks.ts';
import { hostIdOf } from './hosts.ts';
import { aclIdOf, setNameOf, type IpSet } from './places.ts';
import { foreignCidr, prefixListIdOf, type PrefixList } from './prefix-lists.ts';

/** Something that happens. */
interface Trouble {
  readonly kind:
    | 'set-edited'
    | 'set-emptied'
    | 'set-restored'
    | 'acl-lets-in'
    | 'acl-ours-deleted'
    | 'own-appears'
    | 'list'
    | 'prefix-list-edited'
    | 'prefix-list-emptied'
    | 'prefix-list-changed'
    | 'agent-lost'
    | 'agent-back';
  readonly who: number;
  readonly networks: readonly string[];
}

const aTrouble: fc.Arbitrary<Trouble> = fc.record({
  kind: mostly<Trouble['kind']>(
    'set-edited',
    [10, 'set-emptied'],
    [8, 'set-restored'],
    [12, 'acl-lets-in'],
    [12, 'acl-ours-deleted'],
    [12, 'own-appears'],
    [15, 'list'],
    [7, 'prefix-list-edited'],
    [4, 'prefix-list-emptied'],
    [4, 'prefix-list-changed'],
    [5, 'agent-lost'],
    [4, 'agent-back'],
  ),
  who: fc.nat(5),
  networks: fc.uniqueArray(listed, { maxLength: 3 }),
});

export const troubles: fc.Arbitrary<readonly Moment<Trouble>[]> = moments(aTrouble, { within: 200, count: 3, most: 2 });

/** Where the lists of generated worlds are. */
export const LISTS_BUCKET = 'runbook-lists';

export function listKeyOf(index: number): string {
  return `drop-${index + 1}.txt`;
}

/** What there is in a world that something may happen to. */
interface Account {
  readonly sets: readonly IpSet[];
  readonly acls: number;
  readonly lists: number;
  readonly prefixLists: readonly PrefixList[];
  readonly hosts: number;
}

/** Numbers that denials of this runbook have in ACLs that let everything in at 100. */
const OUR_NUMBER = 99;

function ofSet({ kind, who }: Trouble, { sets }: Account): Happening['set'] | undefined {
  const index = who % Math.max(1, sets.length);
  const set = sets[index];
  if (set === undefined) return undefined;
  const path = `wafv2/IPSets/${setNameOf(index)}/Addresses`;
  const own = set.family === 'IPV4' ? '100.100.9.9/32' : '2001:db8:f:9::9/128';
  if (kind === 'set-edited') return { [`${path}/+`]: own };
  return { [path]: kind === 'set-emptied' ? [] : [own] };
}

function ofAcl({ kind, who }: Trouble, { acls }: Account): Happening['set'] | undefined {
  if (acls === 0) return undefined;
  const path = `ec2/NetworkAcls/${aclIdOf(who % acls)}/Entries`;
  const CidrBlock = '198.51.100.0/24';
  const lets = { RuleNumber: 40 + who, Protocol: '6', RuleAction: 'allow', Egress: false, CidrBlock };
  if (kind === 'acl-lets-in') return { [`${path}/+`]: { ...lets, PortRange: { From: 443, To: 443 } } };
  return { [`${path}/ingress:${OUR_NUMBER - (who % 2)}`]: null };
}

/** `EC2` has another's change under way, or another has changed the entries. */
function ofPrefixList({ kind, who }: Trouble, { prefixLists }: Account): Happening['set'] | undefined {
  const index = who % Math.max(1, prefixLists.length);
  const list = prefixLists[index];
  if (list === undefined) return undefined;
  const path = `ec2/ManagedPrefixLists/${prefixListIdOf(index)}`;
  if (kind === 'prefix-list-changed') return { [`${path}/State`]: 'modify-in-progress' };
  if (kind === 'prefix-list-emptied') return { [`${path}/Entries`]: [] };
  return { [`${path}/Entries/+`]: { Cidr: foreignCidr(list.family, 9 + who) } };
}

function ofAgent({ kind, who }: Trouble, { hosts }: Account): Happening['set'] | undefined {
  if (hosts === 0) return undefined;
  const path = `ssm/InstanceInformation/${hostIdOf(who % hosts)}/PingStatus`;
  return { [path]: kind === 'agent-lost' ? 'ConnectionLost' : 'Online' };
}

/** The step of a script for it; `undefined`: there is nothing that it could happen to. */
export function setOf(trouble: Trouble, account: Account): Happening['set'] | undefined {
  const { kind, who, networks } = trouble;
  if (kind.startsWith('set-')) return ofSet(trouble, account);
  if (kind.startsWith('acl-')) return ofAcl(trouble, account);
  if (kind.startsWith('prefix-list-')) return ofPrefixList(trouble, account);
  if (kind.startsWith('agent-')) return ofAgent(trouble, account);
  if (kind === 'list')
    return account.lists === 0
      ? undefined
      : { [`s3/Objects/${LISTS_BUCKET}/${listKeyOf(who % account.lists)}/Body`]: networks.join('\n') };
  const index = who % OWN_ADDRESSES.length;
  const PublicIp = OWN_ADDRESSES[index];
  return { [`ec2/Addresses/eipalloc-0b9${index}`]: { PublicIp, Domain: 'vpc' } };
}
