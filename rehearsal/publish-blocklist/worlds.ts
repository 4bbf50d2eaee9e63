/**
 * Worlds for `publish-blocklist`, `deny-networks` and `block-address` that nobody wrote: up to four sets, two network ACLs, three prefix lists and
 * three hosts, ours and others', addresses of the account's own, rows of operators, lists; what people, their queue and findings ask for,
 * and what others do meanwhile.
 */

import * as fc from 'fast-check';
import type { Part } from '../worlds/case.ts';
import { happenings, SUBNETS } from '../worlds/pieces.ts';
import { anAsking, arrivalsOf, isQueued, messagesOf, QUEUES } from './worlds/askings.ts';
import { aHost, commands, hostRecord, systemsManagerOf } from './worlds/hosts.ts';
import { listed, OWN_ADDRESSES } from './worlds/networks.ts';
import { aclRecord, anAcl, anIpSet, ipSetRecord } from './worlds/places.ts';
import { aPrefixList, prefixListRecord } from './worlds/prefix-lists.ts';
import { aRow, rowsOf } from './worlds/remembered.ts';
import { listKeyOf, LISTS_BUCKET, setOf, troubles } from './worlds/troubles.ts';

/** Four minutes of trouble, and six for the five that what has ended may still stand. */
const MINUTES = 10;

/** What it is not tried without: one takes in who is to be blocked, the other denies it below the web ACLs. */
export const ALSO_DEPLOYED: readonly string[] = ['block-address', 'deny-networks'];

const drawn = fc.record({
  sets: fc.array(anIpSet, { maxLength: 4, size: 'max' }),
  acls: fc.array(anAcl, { maxLength: 2 }),
  prefixLists: fc.array(aPrefixList, { maxLength: 3 }),
  hosts: fc.array(aHost, { maxLength: 3 }),
  commands,
  own: fc.nat(OWN_ADDRESSES.length),
  lists: fc.array(fc.uniqueArray(listed, { maxLength: 4 }), { maxLength: 2 }),
  rows: fc.array(aRow, { maxLength: 3 }),
  askings: fc.array(anAsking, { minLength: 1, maxLength: 6, size: 'max' }),
  troubles,
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

/** AWS's own lists, which nobody may have blocked. */
const PREFIX_LISTS = [
  {
    PrefixListId: 'pl-4fa04526',
    PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
    AddressFamily: 'IPv4',
    OwnerId: 'AWS',
    Entries: ['64.252.64.0/18', '130.176.0.0/18'],
  },
];

function sectionsOf({ sets, acls, prefixLists, hosts, commands: how, own, lists }: Drawn): Part['sections'] {
  return {
    wafv2: { IPSets: sets.map(ipSetRecord) },
    ec2: {
      Vpcs: [{ VpcId: 'vpc-0b1', CidrBlock: '10.0.0.0/16' }],
      NetworkAcls: acls.map(aclRecord),
      Addresses: OWN_ADDRESSES.slice(0, own).map((PublicIp, index) => ({
        AllocationId: `eipalloc-0b${index + 1}`,
        PublicIp,
        Domain: 'vpc',
      })),
      ManagedPrefixLists: [...PREFIX_LISTS, ...prefixLists.map(prefixListRecord)],
      ...(hosts.length === 0 ? {} : { Subnets: SUBNETS, Instances: hosts.map(hostRecord) }),
    },
    ...(hosts.length === 0 ? {} : { ssm: systemsManagerOf(hosts, how) }),
    sqs: { Queues: QUEUES },
    s3: {
      Objects: lists.map((networks, index) => ({
        Bucket: LISTS_BUCKET,
        Key: listKeyOf(index),
        Body: networks.join('\n'),
      })),
    },
  };
}

function partOf(given: Drawn): Part {
  const { sets, acls, prefixLists, hosts, lists, rows, askings } = given;
  const account = { sets, acls: acls.length, lists: lists.length, prefixLists, hosts: hosts.length };
  return {
    sections: sectionsOf(given),
    probes: {},
    capacity: [],
    remembered: [],
    data: rowsOf(rows),
    script: [
      ...happenings(given.troubles, (one) => setOf(one, account)),
      ...askings.filter(isQueued).flatMap(messagesOf),
    ],
    arrivals: askings.filter((one) => !isQueued(one)).flatMap(arrivalsOf),
    optIn: [],
    minutes: MINUTES,
  };
}

/** Parts of worlds with blocklists. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
