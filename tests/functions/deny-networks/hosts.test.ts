/** What is read of hosts, and sent to them, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { readCommands, sendCommand, verifyCommand } from '../../../functions/deny-networks/aws/host-commands.ts';
import { findHosts, hostSeen, readHost } from '../../../functions/deny-networks/aws/hosts.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { wishes } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { inFunction, type Done } from '../in-a-function.ts';
import { HOST_ARN } from './host-facts.ts';

const ID = 'i-0a17c4e9b2d58f306';
const EDGE = { Key: 'runbook:block', Value: 'edge' };
const AT = { LaunchTime: '2026-11-02T09:14:31Z', Placement: { AvailabilityZone: 'eu-west-1a' } };
const PARAMETERS = [{ Name: 'asked' }, { Name: 'v4', DefaultValue: '' }, { Name: 'v6', DefaultValue: '' }];

/** Six hosts with the tag, of which two are managed, and one without. */
function worldOf(drops: object): object {
  const tagged = (InstanceId: string, more: object = {}): object => {
    return { InstanceId, State: { Name: 'running' }, Tags: [EDGE], ...AT, ...more };
  };
  return {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      Instances: [
        tagged(ID, { Tags: [{ Key: 'Name', Value: 'bastion' }, EDGE] }),
        tagged('i-0b', { State: { Name: 'stopped' } }),
        tagged('i-0c', { Platform: 'windows' }),
        tagged('i-0d', { State: { Name: 'terminated' } }),
        tagged('i-0e', { State: { Name: 'shutting-down' } }),
        tagged('i-0f'),
        { InstanceId: 'i-0g', State: { Name: 'running' }, ...AT },
      ],
    },
    ssm: {
      InstanceInformation: [
        { InstanceId: ID },
        { InstanceId: 'i-0f', PlatformType: 'MacOS', PingStatus: 'ConnectionLost' },
      ],
      Documents: [{ Name: 'runbook-deny-networks', Parameters: PARAMETERS, Drops: drops }],
    },
  };
}

function within<T>(work: (io: Io) => Promise<T>, drops: object = {}): Promise<Done<T>> {
  return inFunction(worldOf(drops), work);
}

const INPUT = {
  InstanceIds: [ID],
  DocumentName: 'runbook-deny-networks',
  Parameters: { asked: ['1795334400000'], v4: ['198.51.100.9/32,1795338000'] },
  TimeoutSeconds: 60,
  Comment: 'deny-networks 2056719869-27 1795334400000',
};

const BASTION = {
  id: ID,
  name: 'bastion',
  blocklist: 'edge',
  state: 'running',
  launchedAt: '2026-11-02T09:14:31.000Z',
  platform: 'Linux',
  agent: 'Online',
};

describe('the hosts that are found', () => {
  it('are those that are tagged and not gone, each with its agent', async () => {
    const { value = [] } = await within(findHosts);
    expect(value).toEqual([
      { arn: HOST_ARN, host: BASTION },
      {
        arn: expect.stringContaining('/i-0b'),
        host: expect.objectContaining({ name: 'i-0b', state: 'stopped', agent: null }),
      },
      { arn: expect.stringContaining('/i-0c'), host: expect.objectContaining({ platform: 'Windows', agent: null }) },
      {
        arn: expect.stringContaining('/i-0f'),
        host: expect.objectContaining({ platform: 'MacOS', agent: 'ConnectionLost' }),
      },
    ]);
  });

  it('take one request of EC2, and one of Systems Manager for fifty of them', async () => {
    const { requests } = await within(findHosts);
    expect(requests.map(({ call, input }) => [call, input])).toEqual([
      ['ec2:DescribeInstances', { Filters: [{ Name: 'tag-key', Values: ['runbook:block'] }], MaxResults: 1_000 }],
      [
        'ssm:DescribeInstanceInformation',
        { Filters: [{ Key: 'InstanceIds', Values: [ID, 'i-0b', 'i-0c', 'i-0f'] }], MaxResults: 50 },
      ],
    ]);
  });

  it('can be read again one by one; what is gone or not tagged is none', async () => {
    expect((await within((io) => readHost(ID, io))).value).toEqual(BASTION);
    expect((await within((io) => readHost('i-0d', io))).value).toBeNull();
    expect((await within((io) => readHost('i-0g', io))).value).toBeNull();
  });
});

describe('a host at rest', () => {
  it('is asked about no command', async () => {
    const { value, requests } = await within((io) => hostSeen(HOST_ARN, BASTION, wishes(), io));
    expect(value).toMatchObject({
      kind: 'host',
      document: 'runbook-deny-networks',
      commands: [],
      published: { version: 0 },
    });
    expect(requests.filter(({ call }) => call.startsWith('ssm:'))).toEqual([]);
  });
});

describe('a command', () => {
  it('is sent as it was planned, waited for, and says what the host has printed', async () => {
    const { value } = await within(async (io) => {
      await sendCommand.send(INPUT, io);
      const verification = await verifyCommand({ call: 'ssm:SendCommand', input: INPUT, because: '' }, io);
      return { verification, commands: await readCommands(ID, 0, io) };
    });
    expect(value).toEqual({
      verification: { ok: true },
      commands: [
        {
          comment: 'deny-networks 2056719869-27 1795334400000',
          status: 'Success',
          requestedAt: expect.stringMatching(/^2026-11-22T08:00:0/u),
          said: 'runbook_block: 1 of IPv4, 0 of IPv6, 2056719869-27\n',
        },
      ],
    });
  });

  it('that fails is left to the next look, too', async () => {
    const { value } = await within(
      async (io) => {
        await sendCommand.send(INPUT, io);
        const verification = await verifyCommand({ call: 'ssm:SendCommand', input: INPUT, because: '' }, io);
        return { verification, commands: await readCommands(ID, 0, io) };
      },
      { WithoutNftables: [ID] },
    );
    expect(value).toMatchObject({
      verification: { ok: true },
      commands: [{ status: 'Failed', said: 'no-nftables: this host has no nft\n' }],
    });
  });

  it('that nobody can see is not waited for longer than eight seconds', async () => {
    const { requests } = await within((io) =>
      verifyCommand({ call: 'ssm:SendCommand', input: INPUT, because: '' }, io),
    );
    expect(requests.map(({ call }) => call)).toEqual(Array.from({ length: 4 }, () => 'ssm:ListCommandInvocations'));
  });

  it('of another time, and of another document, is not looked at', async () => {
    const { requests } = await within((io) => readCommands(ID, Date.parse('2026-11-22T07:50:00Z'), io));
    expect(requests[0]?.input).toEqual({
      InstanceId: ID,
      Filters: [
        { key: 'DocumentName', value: 'runbook-deny-networks' },
        { key: 'InvokedAfter', value: '2026-11-22T07:49:00.000Z' },
      ],
      Details: true,
      MaxResults: 50,
    });
  });

  it('to a host that has gone is a conflict: another look tells', () => {
    expect(sendCommand.means).toEqual({ InvalidInstanceId: 'conflict' });
  });
});
