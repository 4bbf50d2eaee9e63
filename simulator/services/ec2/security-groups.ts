/** Security groups: described, and their inbound rules authorized and revoked. */

import { SecurityGroup$ } from '@aws-sdk/client-ec2';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { refuseMembers } from './ebs-state.ts';
import { page, read, selected, strings, write, type FilterPaths } from './filters.ts';
import {
  countOf,
  hasPorts,
  inboundOf,
  kept,
  keptPermissions,
  keyOf,
  mostRules,
  permissionsOf,
  protocolOf,
  RULES_CODE,
  rulesIn,
  type Rule,
} from './security-group-rules.ts';
import { outputOf } from './shape.ts';
import { demandOne, find, isShape, list, records, show, text } from './state.ts';

const output = outputOf(SecurityGroup$);

const FILTERS: FilterPaths = {
  description: 'Description',
  'group-id': 'GroupId',
  'group-name': 'GroupName',
  'ip-permission.cidr': 'IpPermissions.IpRanges.CidrIp',
  'ip-permission.from-port': 'IpPermissions.FromPort',
  'ip-permission.group-id': 'IpPermissions.UserIdGroupPairs.GroupId',
  'ip-permission.ipv6-cidr': 'IpPermissions.Ipv6Ranges.CidrIpv6',
  'ip-permission.prefix-list-id': 'IpPermissions.PrefixListIds.PrefixListId',
  'ip-permission.protocol': 'IpPermissions.IpProtocol',
  'ip-permission.to-port': 'IpPermissions.ToPort',
  'owner-id': 'OwnerId',
  'vpc-id': 'VpcId',
};

/** What a group that was made allows to go out. Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html */
const EGRESS = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];

/** Adds what was left out of a group, and spells its rules as EC2 would. */
function complete(world: World, group: Shape, at: string): void {
  group['OwnerId'] ??= world.account;
  group['SecurityGroupArn'] ??=
    `arn:aws:ec2:${world.region}:${show(group['OwnerId'])}:security-group/${show(group['GroupId'])}`;
  group['Tags'] ??= [];
  group['IpPermissions'] = keptPermissions(list(group, 'IpPermissions'), `${at}.IpPermissions`);
  const egress = group['IpPermissionsEgress'] === undefined ? EGRESS : list(group, 'IpPermissionsEgress');
  group['IpPermissionsEgress'] = keptPermissions(egress, `${at}.IpPermissionsEgress`);
}

/**
 * Completes the groups of a file.
 * @throws BadInputError naming the path of a rule that cannot be
 */
export function startSecurityGroups(world: World): void {
  for (const [index, group] of records(world, 'SecurityGroups').entries()) {
    const at = `ec2.SecurityGroups[${index}]`;
    complete(world, group, at);
    if (world.isPasted) for (const rule of inboundOf(group)) noteMention(world, rule, `${at}.IpPermissions`);
  }
}

/** Groups and prefix lists that a rule mentions and that were not pasted may be there: AWS would say so when asked for such a rule. */
function noteMention(world: World, { list: peers, peer }: Rule, path: string): void {
  const collection = { PrefixListIds: 'ManagedPrefixLists', UserIdGroupPairs: 'SecurityGroups' } as const;
  if (peers !== 'PrefixListIds' && peers !== 'UserIdGroupPairs') return;
  if (world.isMentionedOnly(peer) || find(world, collection[peers], peer) !== undefined) return;
  world.gap({ path, id: peer, message: `there is no ${peer} in ec2.${collection[peers]}` });
}

/** A person's or a stack's edit: the inbound rules as a whole, or one more permission with `/+`. */
export function changeSecurityGroup(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const at = ['ec2/SecurityGroups', id, ...path].join('/');
  const [member, ...inside] = path;
  if (member === undefined) {
    if (isShape(value)) complete(world, value, at);
    return false;
  }
  if (member !== 'IpPermissions' && member !== 'IpPermissionsEgress') return false;
  if (inside.length > 0 || !Array.isArray(value))
    throw new BadInputError(at, 'set the whole list, or add with /+ and remove with /-');
  const group = find(world, 'SecurityGroups', id);
  if (group === undefined) return false;
  group[member] = keptPermissions(value, at);
  return true;
}

/** Groups that launch templates name: what a world that has no groups says of them. One that was deleted is named by none. */
function groupsOfTemplates(world: World): string {
  return JSON.stringify(records(world, 'LaunchTemplateVersions'));
}

/** A launch takes any group where a written world has none at all: what is asked for by a filter is there, and open to itself. */
function assumedGroups(input: Shape, world: World): Shape[] {
  const wanted = list(input, 'Filters').flatMap((one) => (one['Name'] === 'group-id' ? strings(one, 'Values') : []));
  if (wanted.length === 0 || records(world, 'SecurityGroups').length > 0) return [];
  if (world.isPasted) return [];
  const templates = groupsOfTemplates(world);
  const named = wanted.filter((id) => templates.includes(`"${id}"`));
  return named.map((GroupId) => {
    world.assume('ec2: where the world has no ec2.SecurityGroups each that is asked for is there, and open to itself');
    const open = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }];
    return { GroupId, IpPermissions: open, IpPermissionsEgress: open };
  });
}

function describeSecurityGroups(input: Shape, world: World): object {
  const operation = 'DescribeSecurityGroups';
  refuseMembers(operation, input, ['GroupNames']);
  const assumed = assumedGroups(input, world);
  if (assumed.length > 0) return { SecurityGroups: assumed.map(output) };
  const found = selected(world, operation, input, 'SecurityGroups', 'GroupIds', FILTERS);
  const { items, rest } = page(operation, input, found, 'GroupIds');
  return { SecurityGroups: items.map(output), ...rest };
}

function malformed(message: string): Error {
  return awsError('InvalidPermission.Malformed', message);
}

/** The texts were seen by users of the API: github.com/aws-cloudformation/cfn-lint/issues/1323, github.com/boto/boto3/issues/336. */
function demandPorts(world: World, protocol: string, { from, to }: Pick<Rule, 'from' | 'to'>): void {
  const isIcmp = protocol === 'icmp' || protocol === 'icmpv6';
  const kind = isIcmp ? 'ICMP' : 'TCP/UDP';
  if (from === undefined || to === undefined)
    throw awsError(
      'InvalidParameterValue',
      `Invalid value 'Must specify both from and to ports with ${kind}.' for portRange.`,
    );
  const [least, most] = isIcmp ? [-1, 255] : [0, 65_535];
  const outside = [from, to].find((each) => each < least || each > most);
  if (outside !== undefined) throw malformed(`${kind} port (${outside}) out of range`);
  if (isIcmp || from <= to) return;
  world.assume(
    'ec2: a port range of a security group rule that ends before it begins is an InvalidPermission.Malformed',
  );
  throw malformed(`Invalid TCP/UDP port range (${from}:${to})`);
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html (Description). */
const DESCRIPTION = /^[\w .:/()#,@[\]+=&;{}!$*-]{0,255}$/u;

function demandDescription(world: World, said: Shape): void {
  const description = show(said['Description']);
  if (DESCRIPTION.test(description)) return;
  world.assume('ec2: a description that a security group rule cannot have is an InvalidParameterValue');
  throw awsError(
    'InvalidParameterValue',
    'Invalid rule description: 255 of the characters a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$* at most.',
  );
}

/** What a new rule refers to is there. */
function demandPeer(world: World, { list: peers, peer }: Rule): void {
  if (peers === 'PrefixListIds') demandOne(world, 'ManagedPrefixLists', peer);
  if (peers === 'UserIdGroupPairs') demandOne(world, 'SecurityGroups', peer);
}

/** The rule as EC2 keeps it. */
function spelt(world: World, written: Rule): Rule {
  if (written.list === 'UserIdGroupPairs') {
    if (written.peer === '')
      throw new NotSimulatedError('ec2: a security group rule that names its group not by its id');
    return { ...written, said: { UserId: world.account, ...written.said } };
  }
  const rule = kept(written);
  // Seen by users of the API: github.com/hashicorp/terraform/pull/12735.
  if (rule === undefined) throw awsError('InvalidParameterValue', `CIDR block ${written.peer} is malformed`);
  return rule;
}

function rulesOf(world: World, permission: Shape): readonly Rule[] {
  const given = show(permission['IpProtocol']);
  const protocol = protocolOf(given);
  if (protocol === undefined) {
    world.assume('ec2: a protocol of a security group rule that is none is an InvalidParameterValue');
    throw awsError('InvalidParameterValue', `Invalid value '${given}' for IP protocol. Unknown protocol.`);
  }
  // Source: API_IpPermission: without a range ICMPv6 is allowed in all types and codes.
  const all = protocol === 'icmpv6' && permission['FromPort'] === undefined ? { FromPort: -1, ToPort: -1 } : {};
  const rules = rulesIn({ ...permission, ...all });
  const [first] = rules;
  if (first === undefined) {
    world.assume('ec2: a permission of a security group without a peer is a MissingParameter');
    throw awsError(
      'MissingParameter',
      'The request must contain a source: a CIDR block, a prefix list or a security group',
    );
  }
  if (hasPorts(protocol)) demandPorts(world, protocol, first);
  return rules.map((rule) => {
    demandDescription(world, rule.said);
    return spelt(world, rule);
  });
}

/** The older way to ask for one rule. */
function singlePermission({ IpProtocol, FromPort, ToPort, CidrIp }: Shape): Shape[] {
  if (IpProtocol === undefined && CidrIp === undefined) return [];
  return [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
}

const NOT_TAKEN = ['GroupName', 'SourceSecurityGroupName', 'SourceSecurityGroupOwnerId', 'TagSpecifications'];

interface Asked {
  readonly group: Shape;
  readonly rules: readonly Rule[];
}

function asked(operation: string, input: Shape, world: World): Asked {
  refuseMembers(operation, input, [...NOT_TAKEN, 'SecurityGroupRuleIds']);
  const id = text(input, 'GroupId');
  if (id === undefined)
    throw awsError('MissingParameter', 'The request must contain the parameter groupName or groupId');
  const group = demandOne(world, 'SecurityGroups', id);
  const permissions = [...list(input, 'IpPermissions'), ...singlePermission(input)];
  if (permissions.length === 0) {
    world.assume('ec2: a request for security group rules without any is a MissingParameter');
    throw awsError('MissingParameter', 'The request must contain the parameter ipPermissions');
  }
  const rules = permissions.flatMap((permission) => rulesOf(world, permission));
  // Seen by users of the API: github.com/hashicorp/terraform-provider-aws/issues/2587.
  if (new Set(rules.map(keyOf)).size < rules.length)
    throw awsError('InvalidParameterValue', 'The same permission must not appear multiple times');
  return { group, rules };
}

/** A rule in the words of AWS's refusals. Seen by users of the API: github.com/hashicorp/terraform/issues/1874, github.com/ansible/ansible-modules-core/pull/3258. */
function inWords({ protocol, from, to, peer }: Rule): string {
  const named = protocol === '-1' ? 'ALL' : protocol.toUpperCase();
  const what = hasPorts(protocol) ? `${named}, from port: ${from}, to port: ${to}` : named;
  const whole = /^\d+$/u.test(protocol) ? `protocol: ${protocol}` : what;
  return `peer: ${peer}, ${whole}, ALLOW`;
}

function demandRoom(world: World, rules: readonly Rule[]): void {
  const most = mostRules(world);
  const counts = (['IPv4', 'IPv6'] as const).map((family) => countOf(world, rules, family));
  if (counts.some((count) => count.rules > most))
    throw awsError(RULES_CODE, 'The maximum number of rules per security group has been reached.');
  const unknown = counts.find((count) => count.unknown !== undefined)?.unknown;
  if (unknown !== undefined)
    throw new NotSimulatedError(`ec2: how many rules ${unknown} counts as: the world file has no MaxEntries of it`);
}

/** What AWS says of a rule, but for its id: nothing that is simulated takes one. */
function described(group: Shape, { protocol, from, to, list: peers, peer, said }: Rule): Shape {
  const description = text(said, 'Description');
  const members = { IpRanges: 'CidrIpv4', Ipv6Ranges: 'CidrIpv6', PrefixListIds: 'PrefixListId' };
  return {
    GroupId: group['GroupId'],
    IsEgress: false,
    IpProtocol: protocol,
    FromPort: from ?? -1,
    ToPort: to ?? -1,
    ...(peers === 'UserIdGroupPairs' ? {} : { [members[peers]]: peer }),
    ...(description === undefined ? {} : { Description: description }),
  };
}

function authorizedRule(world: World, group: Shape, rule: Rule): Shape {
  const { peer, said } = rule;
  const reference =
    rule.list === 'UserIdGroupPairs' ? { ReferencedGroupInfo: { GroupId: peer, UserId: said['UserId'] } } : {};
  return {
    SecurityGroupRuleId: world.id('sgr'),
    GroupOwnerId: group['OwnerId'],
    ...described(group, rule),
    ...reference,
    Tags: [],
  };
}

function revokedRule(group: Shape, rule: Rule): Shape {
  const reference = rule.list === 'UserIdGroupPairs' ? { ReferencedGroupId: rule.peer } : {};
  return { ...described(group, rule), ...reference };
}

/** All or nothing: one rule that is there already, or is one too many, and none is added. */
function authorizeSecurityGroupIngress(input: Shape, world: World): object {
  const { group, rules } = asked('AuthorizeSecurityGroupIngress', input, world);
  for (const rule of rules) demandPeer(world, rule);
  const before = inboundOf(group);
  const known = new Set(before.map(keyOf));
  const twice = rules.find((rule) => known.has(keyOf(rule)));
  if (twice !== undefined)
    throw awsError('InvalidPermission.Duplicate', `the specified rule "${inWords(twice)}" already exists`);
  const after = [...before, ...rules];
  demandRoom(world, after);
  group['IpPermissions'] = permissionsOf(after);
  world.signal('network-changed', {});
  return { Return: true, SecurityGroupRules: rules.map((rule) => authorizedRule(world, group, rule)) };
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html; a VPC that the file does not hold is no default one. */
function isInDefaultVpc(world: World, group: Shape): boolean {
  return find(world, 'Vpcs', text(group, 'VpcId'))?.['IsDefault'] === true;
}

function revokeSecurityGroupIngress(input: Shape, world: World): object {
  const { group, rules } = asked('RevokeSecurityGroupIngress', input, world);
  const before = inboundOf(group);
  const known = new Set(before.map(keyOf));
  const missing = rules.filter((rule) => !known.has(keyOf(rule)));
  if (missing.length > 0 && !isInDefaultVpc(world, group))
    throw awsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  const revoked = new Set(rules.map(keyOf));
  const gone = before.filter((rule) => revoked.has(keyOf(rule)));
  group['IpPermissions'] = permissionsOf(before.filter((rule) => !revoked.has(keyOf(rule))));
  world.signal('network-changed', {});
  const unknown = missing.length === 0 ? {} : { UnknownIpPermissions: permissionsOf(missing) };
  return { Return: true, ...unknown, RevokedSecurityGroupRules: gone.map((rule) => revokedRule(group, rule)) };
}

export const securityGroupOperations: { readonly [operation: string]: Operation } = {
  DescribeSecurityGroups: read('DescribeSecurityGroups', describeSecurityGroups),
  AuthorizeSecurityGroupIngress: write('AuthorizeSecurityGroupIngress', authorizeSecurityGroupIngress),
  RevokeSecurityGroupIngress: write('RevokeSecurityGroupIngress', revokeSecurityGroupIngress),
};
