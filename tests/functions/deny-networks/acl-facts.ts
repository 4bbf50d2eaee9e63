/** Builders of facts about network ACLs, and a model of an ACL that takes what AWS takes. */

import type { AclEntry, AclFacts, AclLimits, NetworkAcl } from '../../../functions/deny-networks/decide/network-acl.ts';
import { familyOf } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { JsonObject, PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { note, wishes } from '../../shared/judgement/blocklist/ledger-facts.ts';

export const ID = 'acl-0a1f9d3c5e7b24860';
export const ACL_ARN = `arn:aws:ec2:eu-west-1:111122223333:network-acl/${ID}`;
export const ACL_LIMITS: AclLimits = { aclRules: 20 };

/** An entry as people write it: `100 allow 0.0.0.0/0`, of TCP `50 allow 203.0.113.0/24 6`. */
export function entry(text: string, egress = false): AclEntry {
  const [number = '', action, cidr = '', protocol = '-1'] = text.split(' ');
  return {
    ruleNumber: Number(number),
    cidr,
    family: familyOf(cidr),
    action: action === 'allow' ? 'allow' : 'deny',
    protocol,
    egress,
  };
}

/** What AWS puts in itself, as far as it comes in. */
const OWN_OF_AWS = ['32767 deny 0.0.0.0/0', '32768 deny ::/0'];
/** As AWS makes an ACL that lets everything in. */
export const OPEN = ['100 allow 0.0.0.0/0', '101 allow ::/0'];

export function networkAcl(entries: readonly string[], settings: Partial<NetworkAcl> = {}): NetworkAcl {
  return {
    id: ID,
    vpcId: 'vpc-0d4b2c7a91e6f3058',
    blocklist: 'edge',
    entries: [...entries, ...OWN_OF_AWS].map((text) => entry(text)),
    rules: null,
    problems: [],
    ...settings,
  };
}

/** What may be said of the facts: of the ledger, of the ACL, and of what was noted and refused. */
export interface AclScene extends Partial<Wishes> {
  readonly acl?: NetworkAcl | null;
  readonly published?: Partial<Published>;
  readonly refusals?: readonly Refusal[];
}

/** Nothing is blocked, and everything is let in. */
export function aclFacts({ acl = networkAcl(OPEN), published, refusals, ...wished }: AclScene = {}): AclFacts {
  return {
    kind: 'network-acl',
    history: 'unread',
    arn: ACL_ARN,
    acl,
    published: note(published),
    wishes: wishes(wished),
    ...(refusals === undefined ? {} : { refusals }),
  };
}

/** An entry as text. */
export function shown({ ruleNumber, action, cidr, protocol }: AclEntry): string {
  return `${ruleNumber} ${action} ${cidr}${protocol === '-1' ? '' : ` ${protocol}`}`;
}

/** The network of an input; empty: it has none. */
function networkIn({ CidrBlock, Ipv6CidrBlock }: JsonObject): string {
  const cidr = CidrBlock ?? Ipv6CidrBlock;
  return typeof cidr === 'string' ? cidr : '';
}

/** A call of a plan as text: `create 99 198.51.100.7/32`, `note 99 198.51.100.7/32`. */
export function callText({ call, input }: PlannedCall): string {
  const { value } = input;
  if (call === 'ledger:write') return ['note', ...mineOf(value)].join(' | ');
  const verb = call.replace(/^ec2:(\w+)NetworkAclEntry$/u, '$1').toLowerCase();
  return [verb, String(Number(input['RuleNumber'])), networkIn(input)].join(' ').trimEnd();
}

function mineOf(value: JsonObject[string]): readonly string[] {
  const mine = typeof value === 'object' && value !== null && 'mine' in value ? value['mine'] : [];
  return Array.isArray(mine) ? mine.map(String) : [];
}

/** What an ACL and the note of it have become. */
export interface After {
  readonly entries: readonly AclEntry[];
  readonly mine: readonly string[];
  readonly version: number;
}

/** Carries out one call as AWS would. @throws Error where AWS refuses it */
export function afterCall(state: After, { call, input }: PlannedCall, most: number): After {
  const { entries } = state;
  if (call === 'ledger:write') {
    if (input['ifVersion'] !== state.version) throw new Error('the note is of another version');
    return { ...state, mine: mineOf(input['value']), version: state.version + 1 };
  }
  const cidr = networkIn(input);
  const number = Number(input['RuleNumber']);
  const at = entries.filter((each) => !each.egress && each.ruleNumber === number);
  const others = entries.filter((each) => each.egress || each.ruleNumber !== number);
  const isNew = call === 'ec2:CreateNetworkAclEntry';
  if (at.length !== (isNew ? 0 : 1)) throw new Error(`${call} ${number}: ${at.length} entries there`);
  if (call === 'ec2:DeleteNetworkAclEntry') return { ...state, entries: others };
  const after = [...others, entry(`${number} deny ${cidr}`)];
  const rules = after.filter((each) => !each.egress && each.family === familyOf(cidr)).length;
  if (rules > most) throw new Error(`${call} ${number} ${cidr}: ${rules} rules`);
  return { ...state, entries: after };
}
