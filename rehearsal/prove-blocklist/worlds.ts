/** Worlds for `prove-blocklist` that nobody wrote: a set that has whom it should, a web ACL with whatever rules, a network ACL with whatever entries. */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import { BEGIN, type Part } from '../worlds/case.ts';
import { chance, mostly, sometimes, timeAt } from '../worlds/pieces.ts';
import {
  ACL_PREFIX,
  aGroup,
  aRule,
  askingRecord,
  EDGE,
  GROUP,
  GROUP_PREFIX,
  OFFICE,
  ruleRecord,
} from './worlds/rules.ts';

/** A tick, and what it takes to read everything. */
const MINUTES = 3;
const BEGIN_MS = Date.parse(BEGIN);
const TAGS = [{ Key: 'runbook:block', Value: 'proved' }];
/** Whom the office's set may have in common with the blocklist. */
export const BLOCKED = ['198.51.100.200/32', '198.51.100.64/26'] as const;

const entry = fc.record({
  action: mostly<'allow' | 'deny'>('deny', [40, 'allow']),
  cidr: mostly<string>(BLOCKED[0], [25, BLOCKED[1]], [10, '198.51.100.0/24'], [10, '192.0.2.0/24'], [15, '0.0.0.0/0']),
  protocol: mostly('-1', [10, '6']),
});

const drawn = fc.record({
  rules: fc.array(aRule, { minLength: 1, maxLength: 4 }),
  group: sometimes(35, aGroup),
  inside: fc.array(aRule, { minLength: 1, maxLength: 3 }),
  isAttached: mostly(true, [10, false]),
  isThroughCloudFront: chance(25),
  office: mostly('192.0.2.0/24', [20, BLOCKED[0]]),
  written: mostly(2, [8, 1]),
  entries: sometimes(25, fc.array(entry, { minLength: 1, maxLength: 5 })),
  asked: sometimes(30, fc.record({ seconds: fc.integer({ min: 20, max: 90 }), isDry: chance(40) })),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

/** Somebody whom nobody has blocked, by the way by which all come. */
function sampleOf({ isThroughCloudFront }: Drawn): Shape {
  const Headers = isThroughCloudFront ? [{ Name: 'X-Forwarded-For', Value: '192.0.2.200' }] : [];
  return {
    RuleMetricName: 'prove-acl',
    Request: { ClientIP: isThroughCloudFront ? '130.176.1.1' : '192.0.2.200', Country: 'DE', Headers },
    Action: 'ALLOW',
    Timestamp: timeAt(BEGIN_MS, -60),
  };
}

function wafOf(given: Drawn): Part['sections'][string] {
  const { rules, group, inside, isAttached, office, written } = given;
  const set = { Scope: 'REGIONAL', IPAddressVersion: 'IPV4' };
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/prove/50dc6c495c0c9188';
  return {
    IPSets: [
      { ...set, Name: 'prove-edge', Id: EDGE.slice(-36), Addresses: BLOCKED.slice(0, written), Tags: TAGS },
      { ...set, Name: 'prove-office', Id: OFFICE.slice(-36), Addresses: [office], Tags: [] },
    ],
    RuleGroups: [
      {
        Name: 'prove-group',
        Id: GROUP.slice(-36),
        ARN: GROUP,
        Capacity: 50,
        LabelNamespace: GROUP_PREFIX,
        Rules: inside.map(ruleRecord),
      },
    ],
    WebACLs: [
      {
        Name: 'prove-acl',
        Id: '11111111-1111-4111-8111-0000000000a4',
        LabelNamespace: `${ACL_PREFIX}prove-acl:`,
        Rules: [...rules.map(ruleRecord), ...(group === undefined ? [] : [askingRecord(group, inside.length)])],
        Resources: isAttached ? [arn] : [],
        SampledRequests: isAttached ? [sampleOf(given)] : [],
      },
    ],
  };
}

function aclOf(entries: NonNullable<Drawn['entries']>): Shape {
  const NetworkAclId = 'acl-0c1';
  const Associations = [{ NetworkAclAssociationId: 'aclassoc-0c1', NetworkAclId, SubnetId: 'subnet-0c1' }];
  const Entries = entries.map(({ action, cidr, protocol }, index) => ({
    RuleNumber: index + 1,
    RuleAction: action,
    Protocol: protocol,
    Egress: false,
    CidrBlock: cidr,
  }));
  const last = { RuleNumber: 32_767, RuleAction: 'deny', Protocol: '-1', Egress: false, CidrBlock: '0.0.0.0/0' };
  return { NetworkAclId, VpcId: 'vpc-0c1', Associations, Entries: [...Entries, last], Tags: TAGS };
}

const PREFIX_LIST = {
  PrefixListId: 'pl-0c1a04526',
  PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
  AddressFamily: 'IPv4',
  OwnerId: 'AWS',
  Entries: ['130.176.0.0/18'],
};

function partOf(given: Drawn): Part {
  const { entries, asked } = given;
  const reasons = [{ from: timeAt(BEGIN_MS, -3_600), until: timeAt(BEGIN_MS, 86_400) }];
  const request = { runbook: 'prove-blocklist', params: { action: 'prove' }, reason: 'asked', requestedBy: 'mara' };
  return {
    sections: {
      wafv2: wafOf(given),
      ec2: {
        Vpcs: [{ VpcId: 'vpc-0c1', CidrBlock: '10.0.0.0/16' }],
        NetworkAcls: entries === undefined ? [] : [aclOf(entries)],
        ManagedPrefixLists: [PREFIX_LIST],
      },
    },
    probes: {},
    capacity: [],
    remembered: [],
    data: BLOCKED.map((key) => ({ partition: 'block', key, value: { reasons } })),
    script: [],
    arrivals:
      asked === undefined
        ? []
        : [{ seconds: asked.seconds, event: { ...request, ...(asked.isDry ? { dryRun: true } : {}) } }],
    optIn: [],
    minutes: MINUTES,
  };
}

/** Parts of worlds with what a proof looks at. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
