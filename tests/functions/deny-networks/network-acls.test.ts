/** What is read of network ACLs, and written to them, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import {
  createAclEntry,
  deleteAclEntry,
  findAcls,
  readAcl,
  replaceAclEntry,
  verifyAcl,
} from '../../../functions/deny-networks/aws/network-acls.ts';
import { decideNetworkAcl } from '../../../functions/deny-networks/decide/network-acl.ts';
import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { sleep } from '../../simulator/deploy.ts';
import { ACL_LIMITS, aclFacts, ID, shown } from './acl-facts.ts';
import { inFunction, type Done } from '../in-a-function.ts';
import { note, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';

const EDGE = [{ Key: 'runbook:block', Value: 'edge' }];
const ARN = 'arn:aws:ec2:eu-west-1:111122223333:network-acl';
const VPC = 'vpc-0d4b2c7a91e6f3058';
const ENTRIES = [
  { RuleNumber: 100, Protocol: '-1', RuleAction: 'allow', Egress: false, CidrBlock: '0.0.0.0/0' },
  { RuleNumber: 101, Protocol: '-1', RuleAction: 'allow', Egress: false, Ipv6CidrBlock: '::/0' },
  {
    RuleNumber: 50,
    Protocol: '6',
    RuleAction: 'deny',
    Egress: false,
    Ipv6CidrBlock: '2001:0DB8:0::/48',
    PortRange: { From: 22, To: 22 },
  },
  {
    RuleNumber: 51,
    Protocol: '1',
    RuleAction: 'deny',
    Egress: false,
    CidrBlock: '192.0.2.0/24',
    IcmpTypeCode: { Type: -1, Code: -1 },
  },
  { RuleNumber: 100, Protocol: '-1', RuleAction: 'allow', Egress: true, CidrBlock: '0.0.0.0/0' },
];

function worldOf(script: readonly object[] = []): object {
  return {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      NetworkAcls: [
        { NetworkAclId: ID, VpcId: VPC, Entries: ENTRIES, Tags: EDGE },
        { NetworkAclId: 'acl-0b', VpcId: VPC, Entries: [], Tags: [{ Key: 'runbook:block', Value: 'lab' }] },
        { NetworkAclId: 'acl-0c', VpcId: VPC, Entries: ENTRIES, Tags: [] },
      ],
    },
    script,
  };
}

function within<T>(work: (io: Io) => Promise<T>, script?: readonly object[]): Promise<Done<T>> {
  return inFunction(worldOf(script), work);
}

/** Two seconds later. */
async function then<T>(work: () => Promise<T>): Promise<T> {
  await sleep(2_000);
  return work();
}

describe('the ACLs that are found', () => {
  it('are those that are tagged, by ARN, each with its blocklist', async () => {
    const { value = [], requests } = await within(findAcls);
    expect(value.map((each) => [each.arn, 'acl' in each ? each.acl.blocklist : each.error])).toEqual([
      [`${ARN}/${ID}`, 'edge'],
      [`${ARN}/acl-0b`, 'lab'],
    ]);
    expect(requests.map(({ call, input }) => [call, input])).toEqual([
      ['ec2:DescribeNetworkAcls', { Filters: [{ Name: 'tag-key', Values: ['runbook:block'] }] }],
    ]);
  });

  it('come with their own fault where they cannot be understood: one does not decide for another', async () => {
    const script = [{ after: 'PT1S', set: { 'ec2/NetworkAcls/acl-0b': { Tags: EDGE } } }];
    const { value = [] } = await within((io) => then(() => findAcls(io)), script);
    expect(value).toMatchObject([
      { arn: `${ARN}/${ID}`, acl: { id: ID } },
      {
        arn: `${ARN}/acl-0b`,
        error: { name: 'TerminalError', message: "acl-0b: EC2's answer lacks its id, its VPC or its entries" },
      },
    ]);
  });

  it('are nothing where the question fails: that is thrown', async () => {
    const points = [{ request: 0, kind: 'failed-before' as const }];
    const { value, thrown } = await inFunction(worldOf(), findAcls, points);
    expect(value).toBeUndefined();
    expect(thrown).toBeInstanceOf(Error);
  });
});

describe('an ACL', () => {
  it('is read with all entries, those of AWS’s own and those of one protocol, in their one spelling', async () => {
    const { value } = await within((io) => readAcl(ID, io));
    expect(value).toMatchObject({ id: ID, vpcId: VPC, blocklist: 'edge' });
    expect(value?.entries.map((each) => `${each.egress ? 'out' : 'in'} ${each.family} ${shown(each)}`)).toEqual([
      'out IPV4 100 allow 0.0.0.0/0',
      'out IPV4 32767 deny 0.0.0.0/0',
      'out IPV6 32768 deny ::/0',
      'in IPV6 50 deny 2001:db8::/48 6',
      'in IPV4 51 deny 192.0.2.0/24 1',
      'in IPV4 100 allow 0.0.0.0/0',
      'in IPV6 101 allow ::/0',
      'in IPV4 32767 deny 0.0.0.0/0',
      'in IPV6 32768 deny ::/0',
    ]);
  });

  it.each([
    ['21', 21],
    ['40', 40],
    [' 20 ', 20],
  ])('says by its tag runbook:rules = %j how many rules EC2 takes there', async (Value, rules) => {
    const script = [
      { after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Tags`]: [...EDGE, { Key: 'runbook:rules', Value }] } },
    ];
    expect((await within((io) => then(() => readAcl(ID, io)), script)).value).toMatchObject({ rules, problems: [] });
  });

  it.each(['19', '41', '', 'many', '-1'])('with a tag runbook:rules = %j says what is wrong with it', async (Value) => {
    const script = [
      { after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Tags`]: [...EDGE, { Key: 'runbook:rules', Value }] } },
    ];
    expect((await within((io) => then(() => readAcl(ID, io)), script)).value).toMatchObject({
      rules: null,
      problems: [`${ID}: tag runbook:rules: '${Value}' is not a number from 20 to 40`],
    });
  });

  it('that is deleted, not tagged, or not tagged any more is gone', async () => {
    expect((await within((io) => readAcl('acl-0f', io))).value).toBeNull();
    expect((await within((io) => readAcl('acl-0c', io))).value).toBeNull();
    const script = [{ after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Tags`]: [] } }];
    expect((await within((io) => then(() => readAcl(ID, io)), script)).value).toBeNull();
  });
});

const DENIAL = { NetworkAclId: ID, RuleNumber: 90, Protocol: '-1', RuleAction: 'deny', Egress: false };
const V4 = { ...DENIAL, CidrBlock: '198.51.100.7/32' };

/** Sends one change, and says what the ACL has of ours then, or what its error means. */
async function sent({ send, means }: Change, input: JsonObject, script?: readonly object[]): Promise<unknown> {
  const { value, thrown } = await within(async (io) => {
    await then(() => send(input, io));
    return readAcl(ID, io);
  }, script);
  if (thrown !== undefined) return means[errorName(thrown)] ?? thrown;
  return value?.entries.filter(({ egress, ruleNumber }) => !egress && ruleNumber < 100).map(shown);
}

const OTHERS = ['50 deny 2001:db8::/48 6', '51 deny 192.0.2.0/24 1'];

describe('a change', () => {
  it('makes, replaces and deletes an entry', async () => {
    expect(await sent(createAclEntry, V4)).toEqual([...OTHERS, '90 deny 198.51.100.7/32']);
    const six = { ...DENIAL, RuleNumber: 51, Ipv6CidrBlock: '2001:db8:1::/48' };
    expect(await sent(replaceAclEntry, six)).toEqual([OTHERS[0], '51 deny 2001:db8:1::/48']);
    expect(await sent(deleteAclEntry, { ...DENIAL, RuleNumber: 51 })).toEqual([OTHERS[0]]);
  });

  it('finds that the account has moved, and looks again', async () => {
    const taken = { RuleNumber: 90, Protocol: '-1', RuleAction: 'allow', Egress: false, CidrBlock: '203.0.113.0/24' };
    const script = [{ after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Entries/+`]: taken } }];
    expect(await sent(createAclEntry, V4, script)).toBe('conflict');
    expect(await sent(replaceAclEntry, V4)).toBe('conflict');
    expect(await sent(createAclEntry, { ...V4, NetworkAclId: 'acl-0f' })).toBe('conflict');
  });

  it('of an entry that somebody else has deleted is done', async () => {
    expect(await sent(deleteAclEntry, DENIAL)).toBe('gone');
    expect(await sent(deleteAclEntry, { ...DENIAL, NetworkAclId: 'acl-0f' })).toBe('gone');
  });

  it('that has no room is for the decision to see', async () => {
    const full = Array.from({ length: 19 }, (_none, index) => ({ ...ENTRIES[0], RuleNumber: 200 + index }));
    const script = [{ after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Entries`]: full } }];
    expect(await sent(createAclEntry, V4, script)).toBe('capacity');
  });

  it.each([
    ['no number', { ...V4, RuleNumber: undefined }, 'plan: RuleNumber: a number is missing'],
    ['no network', DENIAL, 'plan: CidrBlock, Ipv6CidrBlock: one of the two is missing'],
    ['no ACL', { ...V4, NetworkAclId: undefined }, 'plan: NetworkAclId: a text is missing'],
  ])('with %s is not sent', async (_what, input, message) => {
    const { thrown, requests } = await within(async (io) => createAclEntry.send(input, io));
    expect(thrown).toMatchObject({ name: 'TerminalError', message });
    expect(requests).toEqual([]);
  });
});

describe('what was written', () => {
  const planned = (call: string, input: JsonObject): PlannedCall => ({ call, input, because: '' });
  const create = planned('ec2:CreateNetworkAclEntry', V4);
  const remove = planned('ec2:DeleteNetworkAclEntry', { ...DENIAL, RuleNumber: 51 });
  const doAll = async (io: Io): Promise<void> => {
    await createAclEntry.send(V4, io);
    await deleteAclEntry.send(remove.input, io);
  };
  const outcome = async (script?: readonly object[]): Promise<unknown> => {
    const { value, thrown } = await within(async (io) => {
      await doAll(io);
      return then(() => verifyAcl([create, remove], io));
    }, script);
    return thrown ?? value;
  };

  it('is there', async () => {
    expect(await outcome()).toEqual({ ok: true });
  });

  it.each([
    ['has been replaced', [{ ...ENTRIES[0], RuleNumber: 90, CidrBlock: '198.51.100.7/32' }]],
    ['is another network', [{ ...DENIAL, NetworkAclId: undefined, CidrBlock: '198.51.100.8/32' }]],
    ['has been taken out', []],
  ])('is looked at again where it %s', async (_what, entries) => {
    const plain: readonly unknown[] = JSON.parse(JSON.stringify(entries));
    const script = [{ after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Entries`]: plain } }];
    expect(await outcome(script)).toMatchObject({
      name: 'RetryableError',
      message: `${ID} is not what was written: somebody has changed it since`,
    });
  });

  it('is looked at again where what was taken out is back, and is gone with an ACL that is', async () => {
    const back = [{ after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}/Entries/+`]: { ...ENTRIES[3] } } }];
    expect(await outcome(back)).toMatchObject({ name: 'RetryableError' });
    const gone = [{ after: 'PT1S', set: { [`ec2/NetworkAcls/${ID}`]: null } }];
    expect(await outcome(gone)).toEqual({ ok: true });
  });

  it('needs no reading where the plan held notes only', async () => {
    const { value, requests } = await within((io) => verifyAcl([planned('ledger:write', {})], io));
    expect(value).toEqual({ ok: true });
    expect(requests).toEqual([]);
  });

  it('is what was decided, and then nothing is to do', async () => {
    const changes: { readonly [call: string]: Change } = { 'ec2:CreateNetworkAclEntry': createAclEntry };
    const facts = aclFacts({ blocks: [row('198.51.100.50/32'), row('198.51.100.51/32'), row('2001:db8::7/128')] });
    const { value } = await within(async (io) => {
      const decision = decideNetworkAcl({ ...facts, acl: await readAcl(ID, io) }, ACL_LIMITS, NOW);
      const plan = decision.kind === 'act' ? decision.plan : [];
      for (const { call, input } of plan) await changes[call]?.send(input, io);
      const mine = ['97 2001:db8::7/128', '98 198.51.100.51/32', '99 198.51.100.50/32'];
      const after = { ...facts, acl: await readAcl(ID, io), published: note({ mine, version: 1 }) };
      return [plan.length, await verifyAcl(plan, io), decideNetworkAcl(after, ACL_LIMITS, NOW).code];
    });
    expect(value).toEqual([4, { ok: true }, 'as-wanted']);
  });
});
