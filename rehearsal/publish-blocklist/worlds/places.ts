/** Generated places where blocks are enforced: WAF IP sets and network ACLs, ours and others', with what others put there. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT } from '../../worlds/case.ts';
import { chance, mostly, oddText, sometimes, tag, TOWARDS_THE_FIRST } from '../../worlds/pieces.ts';

const TAG = 'runbook:block';
const SHARD = 'runbook:shard';
/** Denials of others in an ACL that is nearly full: EC2 takes 20 of each family, its own last one among them. */
const MANY_DENIALS = 16;

/** A set as it is drawn. */
export interface IpSet {
  readonly family: 'IPV4' | 'IPV6';
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly blocklist: string | undefined;
  readonly shard: string | undefined;
  readonly foreign: number;
}

export const anIpSet: fc.Arbitrary<IpSet> = fc.record({
  family: mostly<IpSet['family']>('IPV4', [30, 'IPV6']),
  scope: mostly<IpSet['scope']>('REGIONAL', [25, 'CLOUDFRONT']),
  blocklist: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 17, arbitrary: mostly<string | undefined>('edge', [15, 'office'], [15, undefined]) },
    { weight: 1, arbitrary: oddText },
  ),
  shard: sometimes(25, mostly('1', [40, '2'], [10, 'first'])),
  foreign: mostly(0, [30, 1], [20, 3]),
});

/** A name, by which a script finds it too. */
export function setNameOf(index: number): string {
  return `edge-${index + 1}`;
}

function foreignOf({ family, foreign }: IpSet): readonly string[] {
  return Array.from({ length: foreign }, (_, index) =>
    family === 'IPV4'
      ? `100.${100 + Math.floor(index / 65_536)}.${Math.floor(index / 256) % 256}.${index % 256}/32`
      : `2001:db8:f::${(index + 1).toString(16)}/128`,
  );
}

/** The record of a set. */
export function ipSetRecord(one: IpSet, index: number): Shape {
  const last = String(index + 1).padStart(12, '0');
  return {
    Name: setNameOf(index),
    Id: `11111111-1111-4111-8111-${last}`,
    Scope: one.scope,
    IPAddressVersion: one.family,
    Addresses: foreignOf(one),
    LockToken: `22222222-2222-4222-8222-${last}`,
    Tags: [...tag(TAG, one.blocklist), ...tag(SHARD, one.shard)],
  };
}

/** An ACL as it is drawn. */
export interface Acl {
  readonly blocklist: string | undefined;
  /** Numbers of what lets in: the office's network, or everything. */
  readonly office: number | undefined;
  readonly everything: number;
  readonly foreign: number | undefined;
  readonly isNearlyFull: boolean;
}

export const anAcl: fc.Arbitrary<Acl> = fc.record({
  blocklist: mostly<string | undefined>('edge', [20, undefined], [10, 'office']),
  office: sometimes(30, fc.constantFrom(10, 50)),
  everything: mostly(100, [6, 1]),
  foreign: sometimes(30, fc.constantFrom(5, 90, 99)),
  isNearlyFull: chance(8),
});

export function aclIdOf(index: number): string {
  return `acl-0b${index + 1}`;
}

function entry(RuleNumber: number, RuleAction: 'allow' | 'deny', CidrBlock: string): Shape {
  return { RuleNumber, Protocol: '-1', RuleAction, Egress: false, CidrBlock };
}

function entriesOf({ office, everything, foreign, isNearlyFull }: Acl): readonly Shape[] {
  const many = isNearlyFull ? Array.from({ length: MANY_DENIALS }, (_, index) => index) : [];
  return [
    ...(office === undefined ? [] : [entry(office, 'allow', '192.0.2.64/26')]),
    ...(foreign === undefined ? [] : [entry(foreign, 'deny', '100.100.1.7/32')]),
    ...many.map((index) => entry(20 + index, 'deny', `100.100.2.${index}/32`)),
    entry(everything, 'allow', '0.0.0.0/0'),
    entry(32_767, 'deny', '0.0.0.0/0'),
    { ...entry(100, 'allow', '0.0.0.0/0'), Egress: true },
  ];
}

/** The record of an ACL. */
export function aclRecord(one: Acl, index: number): Shape {
  return {
    NetworkAclId: aclIdOf(index),
    VpcId: 'vpc-0b1',
    IsDefault: false,
    OwnerId: ACCOUNT,
    Entries: entriesOf(one),
    Tags: tag(TAG, one.blocklist),
  };
}
