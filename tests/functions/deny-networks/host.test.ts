/** What is decided about a host. */

import { describe, expect, it } from 'vitest';
import { decideHost, type HostFacts } from '../../../functions/deny-networks/decide/host.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { allowed, later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { HOST_ARN, hostFacts, type HostScene } from './host-facts.ts';

/** The seconds since 1970 in an hour from `NOW`, when a row ends; and the milliseconds of `NOW`. */
const [IN_AN_HOUR, NOW_MS] = [1_795_338_000, 1_795_334_400_000];
const [AN_HOUR_AGO_MS, CIDR] = [NOW_MS - 3_600_000, '198.51.100.9/32'];
const LATELY_MS = NOW_MS - 900_000;

function decided(scene: HostScene): Decision {
  return decideHost(hostFacts(scene), NOW);
}

function planOf(decision: Decision): readonly unknown[] {
  return decision.kind === 'act' ? decision.plan.map(({ call, input }) => ({ call, input })) : [];
}

function writeOf(ifVersion: number, mine: readonly string[]): object {
  return { call: 'ledger:write', input: { partition: 'published', key: HOST_ARN, ifVersion, value: { mine } } };
}

/** What `cksum` says of the list `198.51.100.9/32,1795338000`, a NUL and nothing. */
const SUM = '2056719869-27';

describe('a host', () => {
  it('is noted, and then given what is blocked, each with its end', () => {
    const decision = decided({ blocks: [row(CIDR)] });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'sent',
      because: 'bastion is given 1 networks of edge',
      evidence: { host: 'bastion', blocklist: 'edge', networks: 1, added: [`${CIDR},${IN_AN_HOUR}`] },
      budget: 'free',
      more: true,
    });
    expect(planOf(decision)).toEqual([
      writeOf(0, [`${CIDR},${IN_AN_HOUR}`, `asked ${NOW_MS}`]),
      {
        call: 'ssm:SendCommand',
        input: {
          InstanceIds: ['i-0a17c4e9b2d58f306'],
          DocumentName: 'runbook-deny-networks',
          Parameters: { asked: ['1795334400000'], v4: ['198.51.100.9/32,1795338000'] },
          TimeoutSeconds: 60,
          Comment: `deny-networks ${SUM} 1795334400000`,
        },
      },
    ]);
  });

  it('gets both families, each in its own list', () => {
    const decision = decided({
      blocks: [row('2001:db8::/48'), row('203.0.113.0/24', { until: later(60) }), row(CIDR)],
    });
    expect(planOf(decision)[1]).toMatchObject({
      input: {
        Parameters: {
          v4: ['198.51.100.9/32,1795338000 203.0.113.0/24,1795334460'],
          v6: ['2001:db8::/48,1795338000'],
        },
      },
    });
  });

  it('is left alone while nothing is blocked that it was not given', () => {
    expect(decided({})).toMatchObject({ kind: 'nothing', code: 'as-wanted', evidence: { networks: 0 } });
    expect(decided({ blocks: [row(CIDR)], mine: [`stands ${LATELY_MS}`, `${CIDR},${IN_AN_HOUR}`] })).toMatchObject({
      kind: 'nothing',
      code: 'as-wanted',
      because: 'bastion drops 1 networks of edge',
    });
  });

  it('is given the same once more after a quarter of an hour, for a reboot from inside shows nowhere', () => {
    const decision = decided({ blocks: [row(CIDR)], mine: [`stands ${LATELY_MS - 1}`, `${CIDR},${IN_AN_HOUR}`] });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'sent',
      because: 'bastion is given 1 networks of edge once more, lest they are gone',
    });
    expect(decision.evidence).toEqual({ host: 'bastion', blocklist: 'edge', networks: 1 });
    expect(planOf(decision)).toEqual([
      writeOf(1, [`${CIDR},${IN_AN_HOUR}`, `asked ${NOW_MS}`]),
      { call: 'ssm:SendCommand', input: expect.objectContaining({ Comment: `deny-networks ${SUM} ${NOW_MS}` }) },
    ]);
  });

  it('that drops nobody is given nothing once more', () => {
    const over = {
      blocks: [row(CIDR, { until: later(-30) })],
      mine: [`stands ${AN_HOUR_AGO_MS}`, `${CIDR},1795334370`],
    };
    expect(decided({ mine: [`stands ${AN_HOUR_AGO_MS}`] })).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
    expect(decided(over)).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
  });

  it('needs no command for what merely ends: its own sets have the end', () => {
    const over = row(CIDR, { until: later(-30) });
    const mine = [`stands ${AN_HOUR_AGO_MS}`, `${CIDR},${NOW_MS / 1_000 - 30}`];
    expect(decided({ blocks: [over], mine })).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
  });

  it.each([
    ['for longer', later(7_200), 'added'],
    ['for shorter', later(600), 'removed'],
  ])('is given anew what is blocked %s', (_how, until, member) => {
    const decision = decided({
      blocks: [row(CIDR, { until })],
      mine: [`stands ${AN_HOUR_AGO_MS}`, `${CIDR},${IN_AN_HOUR}`],
    });
    expect(decision).toMatchObject({ code: 'sent', evidence: { [member]: [expect.stringContaining(CIDR)] } });
  });

  it('loses what somebody has unblocked, and says how long ago that was', () => {
    const decision = decided({
      blocks: [row(CIDR, { until: later(-5) })],
      mine: [`stands ${AN_HOUR_AGO_MS}`, `${CIDR},${IN_AN_HOUR}`],
    });
    expect(decision).toMatchObject({ evidence: { networks: 0 }, metrics: { SecondsPastDue: 5 } });
    expect(planOf(decision)[1]).toMatchObject({ input: { Parameters: { asked: ['1795334400000'] } } });
  });

  it('is given everything again when it was started since', () => {
    const mine = [`stands ${AN_HOUR_AGO_MS}`, `${CIDR},${IN_AN_HOUR}`];
    const host = { launchedAt: later(-600) };
    expect(decided({ blocks: [row(CIDR)], mine, host })).toMatchObject({ code: 'sent', evidence: { networks: 1 } });
    expect(decided({ mine, host })).toMatchObject({ kind: 'nothing', code: 'as-wanted' });
  });

  it('is given everything again when nobody can read what it was given', () => {
    expect(decided({ mine: ['nonsense'] })).toMatchObject({ code: 'sent', evidence: { networks: 0 } });
  });

  it('gets nothing of what many people share, of lists, and of what is allowed', () => {
    const decision = decided({
      blocks: [row('198.51.100.0/31'), row('203.0.113.7/32')],
      allow: [allowed('198.51.100.1/32')],
      sharedEgress: [{ source: 'carriers', ranges: ['203.0.113.0/24'], version: 1 }],
      lists: [{ name: 'b/l', use: 'block', networks: ['192.0.2.0/24'] }],
    });
    expect(decision).toMatchObject({ evidence: { networks: 1, added: ['198.51.100.0/32,1795338000'] } });
  });

  it('has room for 500 of a family: the worst stay, the rest is counted, and people are told', () => {
    const blocks = Array.from({ length: 503 }, (_none, index) =>
      row(`203.0.${index >> 8}.${index & 255}/32`, { until: later(3_600 + index) }),
    );
    const decision = decided({ blocks: [...blocks, row('2001:db8::1/128')] });
    expect(decision).toMatchObject({
      because: 'bastion is given 501 networks of edge; 3 more have no room on it',
      evidence: { networks: 501, withoutRoom: 3 },
      attention: true,
    });
    expect(JSON.stringify(planOf(decision))).not.toContain('203.0.0.2/32,');
  });

  it('gets nothing more while nobody knows who may never be blocked, and keeps what it has, also when it was started since', () => {
    const mine = [`stands ${LATELY_MS}`, `${CIDR},${IN_AN_HOUR}`];
    const scene = {
      blocks: [row(CIDR, { until: later(7_200) }), row('203.0.113.7/32')],
      guardFaults: ['ledger allow/x: broken'],
      mine,
    };
    expect(decided(scene)).toMatchObject({
      kind: 'nothing',
      code: 'as-wanted',
      evidence: { networks: 1, heldBack: 1, unreadable: ['ledger allow/x: broken'] },
      attention: true,
    });
    expect(decided({ ...scene, host: { launchedAt: later(-600) } })).toMatchObject({
      code: 'sent',
      evidence: { added: [`${CIDR},${IN_AN_HOUR}`] },
    });
  });

  it('blocks a range until its own end, whatever is blocked inside it for longer', () => {
    const decision = decided({ blocks: [row('198.51.100.0/24'), row(CIDR, { until: later(7_200) })] });
    expect(decision).toMatchObject({ evidence: { added: ['198.51.100.0/24,1795338000'] } });
  });
});

describe('a host that no command reaches is told of, and nothing is sent:', () => {
  it.each([
    ['it has stopped', { state: 'stopped', agent: 'ConnectionLost' }, 'nothing', 'not-running'],
    ['it runs Windows', { platform: 'Windows' }, 'refuse', 'not-linux'],
    ['it is a Mac', { platform: 'MacOS' }, 'refuse', 'not-linux'],
    ['it is not managed', { agent: null }, 'refuse', 'not-managed'],
    ['its agent is lost', { agent: 'ConnectionLost' }, 'refuse', 'not-online'],
    ['its agent is not active', { agent: 'Inactive' }, 'refuse', 'not-online'],
    ['it was started a moment ago', { agent: null, launchedAt: later(-299) }, 'nothing', 'starting'],
  ])('%s', (_why, host, kind, code) => {
    expect(decided({ blocks: [row(CIDR)], host })).toMatchObject({ kind, code });
  });

  it('is told once, and people are asked to look', () => {
    expect(decided({ host: { agent: null } })).toMatchObject({ needsHistory: true, attention: true });
  });

  it('that is gone is nobody’s', () => {
    expect(decided({ host: null })).toMatchObject({ kind: 'nothing', code: 'gone', evidence: { arn: HOST_ARN } });
  });
});

describe('after its command', () => {
  const mine = [`asked ${NOW_MS - 10_000}`, `${CIDR},${IN_AN_HOUR}`];
  function after(...commands: NonNullable<HostScene['commands']>): Decision {
    return decided({ blocks: [row(CIDR)], mine, commands });
  }

  it('a host that says what it was given has it, which is noted', () => {
    const decision = after({ said: `runbook_block: 1 of IPv4, 0 of IPv6, ${SUM}\n` });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'published',
      because: 'bastion drops 1 networks of edge, and says so',
      evidence: { said: `runbook_block: 1 of IPv4, 0 of IPv6, ${SUM}` },
    });
    expect(planOf(decision)).toEqual([writeOf(1, [`${CIDR},${IN_AN_HOUR}`, `stands ${NOW_MS - 10_000}`])]);
  });

  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])(
    'one whose command is %s is looked at a minute later',
    (status) => {
      expect(after({ status })).toMatchObject({ kind: 'wait', code: 'pending', seconds: 60 });
    },
  );

  it('one that was sent none is sent it, and the note stands', () => {
    const decision = after();
    expect(planOf(decision)).toMatchObject([
      { call: 'ssm:SendCommand', input: { Comment: `deny-networks ${SUM} ${NOW_MS - 10_000}` } },
    ]);
    expect(after({ comment: 'deny-networks of something else' })).toMatchObject({ code: 'sent' });
  });

  it('one that fails is sent the same at the next tick', () => {
    const failed = { status: 'Failed', said: 'nft: \u001B[31mError:\nno such table' };
    expect(after(failed)).toMatchObject({
      kind: 'wait',
      code: 'command-failed',
      evidence: { tries: 1, status: 'Failed', said: 'nft:  [31mError: no such table' },
    });
    expect(after({ ...failed, requestedAt: later(-45) })).toMatchObject({ kind: 'act', code: 'sent' });
  });

  it('one that succeeds and says something else has failed', () => {
    expect(after({ said: 'runbook_block: 0 of IPv4, 0 of IPv6, 4215202376-1' })).toMatchObject({
      code: 'command-failed',
    });
  });

  it('one that fails three times is for a person, and tried once an hour', () => {
    const failed = { status: 'TimedOut' };
    const tries = [failed, { ...failed, requestedAt: later(-70) }, { ...failed, requestedAt: later(-140) }];
    expect(after(...tries)).toMatchObject({
      kind: 'refuse',
      code: 'command-failed',
      because: 'bastion was to be given what is blocked: its command ended in TimedOut, at try 3',
      needsHistory: true,
      attention: true,
    });
    expect(after(...tries.map((each) => ({ ...each, requestedAt: later(-3_600) })))).toMatchObject({ code: 'sent' });
  });

  it('one without nft is for a person at once', () => {
    const failed = { status: 'Failed', said: 'no-nftables: this host has no nft\n' };
    expect(after(failed)).toMatchObject({ kind: 'refuse', code: 'no-nftables', attention: true });
    expect(after({ ...failed, requestedAt: later(-120) })).toMatchObject({ kind: 'refuse', code: 'no-nftables' });
  });

  it('one for which something else is wanted by now is given that, whatever came of it', () => {
    const scene: HostFacts = hostFacts({ blocks: [], mine, commands: [{ status: 'Failed' }] });
    expect(decideHost(scene, NOW)).toMatchObject({ code: 'sent', evidence: { networks: 0 } });
  });
});
