/** A world with two security groups and prefix lists of all kinds. */

import type { Shape } from '../../../../simulator/engine/model.ts';
import { list } from '../../../../simulator/services/ec2/state.ts';
import { ec2World, type Ec2World } from './ec2-world.ts';

/** A permission with ports and all four lists. */
export function tcp(port: number, lists: Shape): Shape {
  const none = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] };
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, ...none, ...lists };
}

/** As `aws ec2 describe-security-groups` prints a group. */
export const PASTED = {
  GroupId: 'sg-0a1',
  IpPermissionsEgress: [
    {
      IpProtocol: '-1',
      UserIdGroupPairs: [],
      IpRanges: [{ CidrIp: '0.0.0.0/0' }],
      Ipv6Ranges: [],
      PrefixListIds: [],
    },
  ],
  Tags: [{ Key: 'runbook:restrict', Value: 'edge' }],
  VpcId: 'vpc-1',
  SecurityGroupArn: 'arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1',
  OwnerId: '111122223333',
  GroupName: 'web',
  Description: 'web servers',
  IpPermissions: [
    tcp(443, { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everybody' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }),
    tcp(22, { UserIdGroupPairs: [{ UserId: '111122223333', GroupId: 'sg-0b2' }] }),
  ],
};

/** The groups in a world with more in it; `members` are of the first. */
export function groupWorld(more: { [collection: string]: Shape[] } = {}, members: Shape = {}): Ec2World {
  return ec2World({
    SecurityGroups: [
      { ...PASTED, ...members },
      { GroupId: 'sg-0b2', GroupName: 'hosts', VpcId: 'vpc-2' },
    ],
    ManagedPrefixLists: [
      { PrefixListId: 'pl-1', AddressFamily: 'IPv4', MaxEntries: 50, Entries: [] },
      { PrefixListId: 'pl-2', AddressFamily: 'IPv6', MaxEntries: 60, Entries: [] },
      { PrefixListId: 'pl-3', PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing' },
      { PrefixListId: 'pl-4', PrefixListName: 'com.amazonaws.eu-west-1.s3' },
      { PrefixListId: 'pl-5', PrefixListName: 'com.amazonaws.eu-west-1.something' },
    ],
    ...more,
  });
}

/** The groups as they are described. */
export function groups({ call }: Ec2World, input: Shape = {}): Shape[] {
  return list(call('DescribeSecurityGroups', input), 'SecurityGroups');
}

/** Asks for inbound rules. */
export function authorize({ call }: Ec2World, GroupId: string, ...IpPermissions: readonly Shape[]): Shape {
  return call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions });
}

/** So many networks of a host each. */
export function hosts(count: number): Shape[] {
  return Array.from({ length: count }, (_, index) => ({ CidrIp: `192.0.2.${index}/32` }));
}
