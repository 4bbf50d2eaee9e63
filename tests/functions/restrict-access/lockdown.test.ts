/** What restrict-access does when a person asks for a group to be locked down. */

import { describe, expect, it } from 'vitest';
import {
  ASKER,
  decided,
  group,
  later,
  LOCKED,
  lockdown,
  note,
  noted,
  OPEN,
  PL,
  planOf,
  refusal,
  rule,
  SG,
  SG_ARN,
} from './group-facts.ts';

const ALLOWS = [{ PrefixListId: PL, Description: 'restrict-access: let in while the group is locked down' }];

describe('a lockdown', () => {
  it('notes what it takes away, lets the allow-list in on each range, then takes the rest away as it stands', () => {
    const taken = [
      {
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everybody' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
      },
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'office' }] },
    ];
    const added = [
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: ALLOWS },
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, PrefixListIds: ALLOWS },
    ];
    expect(decided(lockdown)).toEqual({
      kind: 'act',
      code: 'locked',
      because: `anna: ${SG} lets in admins alone until 2026-11-29T04:00:00.000Z`,
      evidence: {
        group: SG,
        name: 'web',
        allowList: `admins (${PL})`,
        until: '2026-11-29T04:00:00.000Z',
        by: 'anna',
        why: 'INC-7',
        taken: ['tcp 443 from 0.0.0.0/0', 'tcp 443 from ::/0', 'tcp 22 from 198.51.100.0/24'],
        added: [`tcp 443 from ${PL}`, `tcp 22 from ${PL}`],
        fromTheGroupItself: [`all from ${SG}`],
        tracked:
          'connections that are tracked go on until they end; a network ACL cuts at once: block the address with block-address',
      },
      plan: [
        {
          call: 'ledger:write',
          input: {
            partition: 'restriction',
            key: SG_ARN,
            ifVersion: 0,
            value: {
              kind: 'lockdown',
              by: 'anna',
              why: 'INC-7',
              delivery: 'request:1',
              run: 'run-1',
              from: '2026-11-29T03:00:00.000Z',
              until: '2026-11-29T04:00:00.000Z',
              ended: null,
              over: null,
              allowList: { id: PL, name: 'admins', networks: ['203.0.113.0/28'] },
              taken,
              added,
            },
          },
          because:
            'what is about to be taken away comes back, and what is about to be let in goes, when its time is over',
        },
        {
          call: 'ec2:AuthorizeSecurityGroupIngress',
          input: { GroupId: SG, IpPermissions: added },
          because: 'admins is to come in while nobody else does',
        },
        {
          call: 'ec2:RevokeSecurityGroupIngress',
          input: { GroupId: SG, IpPermissions: taken },
          because: 'taken away until 2026-11-29T04:00:00.000Z; it is noted, and comes back then',
        },
      ],
      intent: `lock ${SG}`,
      budget: 'counted',
    });
  });

  it.each([
    { what: 'no tag', change: { group: group(OPEN, { allowList: null }), allowList: null }, is: 'refuse not-tagged' },
    { what: 'no group', change: { group: null }, is: 'refuse no-such-group' },
    { what: 'two groups of that name', change: { group: null, named: [SG, 'sg-2'] }, is: 'refuse ambiguous' },
    { what: 'no such prefix list', change: { allowList: null }, is: 'refuse no-such-prefix-list' },
    {
      what: 'a prefix list that cannot be one',
      change: { allowList: { refused: 'prefix-list-of-aws', because: 'it is AWS' } as const },
      is: 'refuse prefix-list-of-aws',
    },
    {
      what: 'an empty prefix list',
      change: { allowList: { id: PL, name: 'admins', cidrs: [] } },
      is: 'refuse prefix-list-empty',
    },
    {
      what: 'a prefix list of everybody',
      change: { allowList: { id: PL, name: 'admins', cidrs: ['203.0.113.0/28', '::/0'] } },
      is: 'refuse allows-everybody',
    },
    {
      what: 'a prefix list of everybody in halves',
      change: { allowList: { id: PL, name: 'admins', cidrs: ['0.0.0.0/1', '128.0.0.0/1'] } },
      is: 'refuse allows-everybody',
    },
    {
      what: 'a prefix list of neighbours that are one /7 together',
      change: { allowList: { id: PL, name: 'admins', cidrs: ['64.0.0.0/8', '65.0.0.0/8'] } },
      is: 'refuse allows-everybody',
    },
    { what: 'no rule', change: { group: group([]) }, is: 'nothing no-inbound-rule' },
    {
      what: 'rules of itself and of its allow-list only',
      change: { group: group([`all - ${SG}`, `tcp 443 ${PL} theirs`]) },
      is: 'nothing no-inbound-rule',
    },
    {
      what: 'more rules than a note has room for',
      change: { group: group(Array.from({ length: 301 }, (_none, index) => `tcp ${index + 1} 0.0.0.0/0`)) },
      is: 'refuse too-many-rules',
    },
    {
      what: 'too short a time',
      change: { ask: { action: 'lockdown', ttlSeconds: 59 } as const },
      is: 'refuse ttl-out-of-range',
    },
    {
      what: 'too long a time',
      change: { ask: { action: 'lockdown', ttlSeconds: 604_801 } as const },
      is: 'refuse ttl-out-of-range',
    },
  ])('of a group with $what changes nothing: $is', ({ change, is }) => {
    expect(planOf(decided({ ...lockdown, ...change }))).toEqual([is]);
  });

  it('takes the time that is not said for an hour', () => {
    const decision = decided({ ...lockdown, ask: { action: 'lockdown', ttlSeconds: null } });
    expect(decision.evidence['until']).toBe('2026-11-29T04:00:00.000Z');
  });

  it('leaves to somebody else what lets the allow-list in already', () => {
    const decision = decided({
      ...lockdown,
      group: group(['tcp 443 0.0.0.0/0', `tcp 443 ${PL} theirs`, 'tcp 22 ::/0']),
    });
    expect(planOf(decision)).toEqual([
      'note',
      `authorize tcp 22 from ${PL}`,
      'revoke tcp 443 from 0.0.0.0/0, tcp 22 from ::/0',
    ]);
    expect(decision.evidence['added']).toEqual([`tcp 22 from ${PL}`]);
  });

  it('notes what somebody else lets the allow-list in by, so that a tick lets it in where that is taken out', () => {
    const foreign = `tcp 22 ${PL} theirs`;
    const first = decided({ ...lockdown, group: group(['tcp 22 198.51.100.0/24', foreign]) });
    expect(planOf(first)).toEqual(['note', 'revoke tcp 22 from 198.51.100.0/24']);
    const value = first.kind === 'act' ? first.plan[0]?.input['value'] : undefined;
    expect(value).toMatchObject({
      added: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, PrefixListIds: ALLOWS }],
    });
    const standing = noted(note({ taken: [rule('tcp 22 198.51.100.0/24')], added: [rule(LOCKED[2] ?? '')] }));
    expect(planOf(decided({ group: group([foreign]), ...standing }, later(60)))).toEqual(['nothing holds']);
    expect(planOf(decided({ group: group([]), ...standing }, later(60)))).toEqual([
      'note',
      `authorize tcp 22 from ${PL}`,
    ]);
    expect(planOf(decided({ group: group([foreign]), ...standing }, later(3_620)))).toEqual([
      'authorize tcp 22 from 198.51.100.0/24',
      'note opened',
    ]);
  });

  it('takes away a rule for other groups, and for all protocols', () => {
    const decision = decided({ ...lockdown, group: group(['all - sg-2', 'icmp 8-0 0.0.0.0/0']) });
    expect(planOf(decision)).toEqual([
      'note',
      `authorize all from ${PL}, icmp 8/0 from ${PL}`,
      'revoke all from sg-2, icmp 8/0 from 0.0.0.0/0',
    ]);
  });
});

describe('a lockdown that stands', () => {
  const locked = { group: group(LOCKED), ...noted() };

  it.each([
    { what: 'lets in everybody', allowList: { id: PL, name: 'admins', cidrs: ['0.0.0.0/0'] }, is: 'allows-everybody' },
    { what: 'lets in nobody', allowList: { id: PL, name: 'admins', cidrs: [] }, is: 'prefix-list-empty' },
    { what: 'is gone', allowList: null, is: 'no-such-prefix-list' },
  ])('is not made longer where its allow-list $what by now', ({ allowList, is }) => {
    const longer = {
      ask: { action: 'lockdown', ttlSeconds: 7_200 },
      asker: { ...ASKER, run: 'run-2', delivery: 'd-2' },
    } as const;
    expect(planOf(decided({ ...locked, ...longer, allowList }, later(60)))).toEqual([`refuse ${is}`]);
  });

  it('is found done by its own run, which may have died on it', () => {
    expect(planOf(decided({ ...lockdown, ...locked }))).toEqual(['nothing locked-already']);
  });

  it('is finished by its own run where it died after it had let the allow-list in', () => {
    const half = { group: group([...OPEN, ...LOCKED.slice(1)]), ...noted() };
    expect(planOf(decided({ ...lockdown, ...half }))).toEqual([
      'revoke tcp 443 from 0.0.0.0/0, tcp 443 from ::/0, tcp 22 from 198.51.100.0/24',
    ]);
  });

  it.each([
    { seconds: 3_600, from: 'same', is: ['nothing locked-already'] },
    { seconds: 600, from: 'shorter', is: ['nothing locked-already'] },
    { seconds: 7_200, from: 'longer', is: ['note'] },
  ])('asked for again by another is made longer, never shorter: $from', ({ seconds, is }) => {
    const asker = { ...ASKER, by: 'ben', delivery: 'request:2', run: 'run-2' };
    const decision = decided({ ...locked, ask: { action: 'lockdown', ttlSeconds: seconds }, asker });
    expect(planOf(decision)).toEqual(is);
    expect(decision.evidence['until']).toBe(later(Math.max(3_600, seconds)));
  });

  it('is no more when its request comes again after somebody has lifted it', () => {
    const over = note({ ended: { by: 'ben', run: 'run-2' }, over: 'opened' });
    expect(planOf(decided({ ...lockdown, ...noted(over, 3) }))).toEqual(['nothing lifted-since']);
  });

  it('begins anew on top of one that is over', () => {
    const over = note({ run: 'run-0', delivery: 'request:0', over: 'opened' });
    const decision = decided({ ...lockdown, ...noted(over, 3) });
    expect(planOf(decision)[0]).toBe('note');
    expect(decision.kind === 'act' && decision.plan[0]?.input['ifVersion']).toBe(3);
  });
});

describe('a lockdown for which there is no room', () => {
  const full = {
    ...lockdown,
    ...noted(),
    refusals: [refusal([`tcp 443 ${PL}`, `tcp 22 ${PL}`], 'RulesPerSecurityGroupLimitExceeded', 'capacity')],
  };

  it('is called off with nothing taken away, and then refused', () => {
    const decision = decided(full);
    expect(planOf(decision)).toEqual(['note called-off: no-room']);
    expect(decision).toMatchObject({ code: 'no-room', more: true, attention: true });
    const off = note({ ended: { by: 'anna', run: 'run-1' }, over: 'called-off: no-room' });
    expect(decided({ ...full, ...noted(off, 2) })).toEqual({
      kind: 'refuse',
      code: 'no-room',
      because: `admins cannot be let into ${SG}: it is as it was. A prefix list counts as many rules as its MaxEntries`,
      evidence: { group: SG, until: '2026-11-29T04:00:00.000Z' },
      attention: true,
    });
  });

  it('is not called off once something was taken away: the allow-list has to come in', () => {
    const decision = decided({ ...full, group: group([...OPEN.slice(1), `tcp 22 ${PL}`]) });
    expect(planOf(decision)).toEqual(['refuse no-room']);
    expect(decision).toMatchObject({ attention: true });
  });

  it('says what AWS said where it is no matter of room', () => {
    const refusals = [refusal([`tcp 443 ${PL}`], 'InvalidPrefixListID.NotFound', 'refused')];
    const decision = decided({ ...full, refusals });
    expect(planOf(decision)).toEqual(['note called-off: not-authorized']);
    expect(decision.evidence['aws']).toBe('InvalidPrefixListID.NotFound: InvalidPrefixListID.NotFound of AWS');
  });
});
