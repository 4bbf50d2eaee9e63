import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../shared/kernel/printable.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { file, run } from '../terminal.ts';
import { all, found, of, rowsIn, withRows, worldOf, type Row } from './worlds.ts';

const functions = await discoverFunctions('functions');

function tags(row: Row, key: string, value: string): Row {
  const Tags = Array.isArray(row['Tags']) ? (row['Tags'] as readonly Row[]) : [];
  return { ...row, Tags: [...Tags.filter((one) => one['Key'] !== key), { Key: key, Value: value }] };
}

describe('what doctor finds in a world', () => {
  it('stops the holder of an address in the copy, and says where it would go', async () => {
    const standby = of(await all(worldOf('examples/company.json')), 'standby');
    expect(standby.map(({ level, text }) => `${level}: ${text}`)).toContain(
      'ok: would go from i-0a17c4e9b2d58f306 (web-a) to i-0b93e1f67a2c4d815 (web-b)',
    );
  });

  it('says what is held against each candidate', async () => {
    const world = worldOf('examples/company.json');
    const taken = {
      AllocationId: 'eipalloc-0123456789abcdef0',
      PublicIp: '203.0.113.99',
      InstanceId: 'i-0b93e1f67a2c4d815',
    };
    const Addresses = [...rowsIn(world, 'ec2', 'Addresses'), taken];
    const standby = of(await found(withRows(world, 'ec2', 'Addresses', Addresses)), 'standby');
    expect(standby.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('i-0b93e1f67a2c4d815 has no free private address: would displace 203.0.113.99'),
    );
  });

  it('warns of two addresses that have one standby between them', async () => {
    const standby = async (drill: string) =>
      of(await all(worldOf(drill)), 'standby').map(({ level, text }) => `${level}: ${text.split(':')[0] ?? ''}`);
    expect(await standby('two-holders-one-standby')).toEqual([
      'warning: would go from i-0a17c4e9b2d58f306 (web-a) to i-0c5be72d914af8603 (web-c), and so would what is on i-0b93e1f67a2c4d815 (web-b)',
      'warning: would go from i-0b93e1f67a2c4d815 (web-b) to i-0c5be72d914af8603 (web-c), and so would what is on i-0a17c4e9b2d58f306 (web-a)',
    ]);
  });

  it('tries addresses that have nothing to do with one another at the same time, each as if it were alone', async () => {
    const company = worldOf('examples/company.json');
    const together = of(await all(company), 'standby');
    const alone: string[] = [];
    for (const one of rowsIn(company, 'ec2', 'Addresses'))
      alone.push(...of(await all(withRows(company, 'ec2', 'Addresses', [one])), 'standby').map(({ text }) => text));
    expect(together).toHaveLength(2);
    expect(alone).toEqual(expect.arrayContaining(together.map(({ text }) => text)));
  });

  it('says why nobody could take an address, and how to have a standby', async () => {
    const world = worldOf('interface-outlives-its-holder');
    expect(of(await found(world), 'standby')).toMatchObject([
      {
        level: 'broken',
        text: expect.stringContaining('i-0b93e1f67a2c4d815 is stopped'),
        fix: `aws ec2 start-instances --cli-input-json '{"InstanceIds":["i-0b93e1f67a2c4d815"]}'`,
      },
    ]);
  });

  it('names the line that lets a quarantined standby in again', async () => {
    const world = worldOf('examples/company.json');
    const Instances = rowsIn(world, 'ec2', 'Instances').map((one) =>
      one['InstanceId'] === 'i-0b93e1f67a2c4d815' ? tags(one, 'runbook:quarantined', '2026-11-30T07:00:00Z') : one,
    );
    const standby = of(await found(withRows(world, 'ec2', 'Instances', Instances)), 'standby');
    expect(standby.map(({ fix }) => fix)).toContain(
      'npx runbook clear i-0b93e1f67a2c4d815 --reason WHY --world world.json',
    );
  });

  it('puts a job into the queue of a fleet in the copy: what EFA or the ladder lacks is told before a job waits for it', async () => {
    expect(of(await found(worldOf('hpc-efa-without-self-egress')), 'launchable')).toMatchObject([
      { level: 'broken', text: expect.stringContaining('efa-group-not-open') },
    ]);
    expect(of(await found(worldOf('hpc-no-queue')), 'launchable')).toMatchObject([
      { level: 'broken', fix: `aws sqs create-queue --cli-input-json '{"QueueName":"mpi-job"}'` },
    ]);
    expect(of(await all(worldOf('hpc-scale-from-zero')), 'launchable')).toMatchObject([{ level: 'ok' }]);
  });

  it('has each runbook look at the account as it stands', async () => {
    const findings = await all(worldOf('hpc-unreadable-setting'));
    expect(of(findings, 'own-word')).toMatchObject([
      {
        level: 'warning',
        runbook: 'scale-hpc-fleet',
        fix: 'grep -n unreadable-setting functions/scale-hpc-fleet/README.md',
      },
      {
        level: 'ok',
        runbook: null,
        text: `${functions.length - 1} runbooks of ${functions.length} looked, and found nothing to do and nothing in the way`,
      },
    ]);
  });

  it('tells of sessions that are reset, of nobody who counts them, and of a group that cannot launch', async () => {
    const world = worldOf('bastion-found-by-schedule');
    const groups = rowsIn(world, 'auto-scaling', 'AutoScalingGroups');
    const held = groups.map((one) => ({ ...one, SuspendedProcesses: [{ ProcessName: 'Launch' }] }));
    const findings = await found(withRows(world, 'auto-scaling', 'AutoScalingGroups', held));
    expect(of(findings, 'sessions')).toMatchObject([{ level: 'warning' }, { level: 'warning' }]);
    expect(of(findings, 'processes')).toMatchObject([
      { level: 'broken', text: expect.stringContaining('Launch are suspended') },
    ]);
  });

  it('tells of a set that is nearly full, of one that stands nowhere, and of a family without one', async () => {
    const world = worldOf('block-at-the-acl');
    const [set = {}] = rowsIn(world, 'wafv2', 'IPSets').filter((one) => one['IPAddressVersion'] === 'IPV4');
    const Addresses = Array.from({ length: 8_000 }, (_none, index) => `198.51.${index >> 8}.${index & 255}/32`);
    const findings = await found(withRows(world, 'wafv2', 'IPSets', [{ ...set, Addresses }]));
    expect(of(findings, 'head-room')).toMatchObject([{ level: 'warning' }]);
    expect(of(findings, 'in-effect').map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'broken: stands in no web ACL: whoever is in it is not blocked',
      'warning: has no set of IPV6: whoever comes by it is not blocked',
    ]);
  });

  it('tells of letters that are forgotten early, of a queue that is nobody’s, and of one that is not there', async () => {
    const queue = (QueueName: string, Attributes: Row, Tags: Row = {}): Row => ({
      QueueName,
      Attributes,
      Tags,
      Messages: [],
    });
    const dead = (name: string): Row => ({
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:eu-west-1:111122223333:${name}`,
        maxReceiveCount: 3,
      }),
    });
    const Queues = [
      queue('orders', { ...dead('orders-dlq'), MessageRetentionPeriod: '345600' }),
      queue('orders-dlq', { MessageRetentionPeriod: '345600' }, { 'runbook:redrive': 'auto' }),
      queue('mails', dead('mails-dlq')),
      queue('lonely-dlq', {}, { 'runbook:redrive': 'manual' }),
    ];
    const world = { now: '2026-11-30T08:00:00Z', account: '111122223333', region: 'eu-west-1', sqs: { Queues } };
    expect(of(await found(world), 'dead-letters').map(({ level, about }) => `${level} ${about ?? ''}`)).toEqual([
      'warning orders-dlq',
      'broken mails',
      'warning lonely-dlq',
    ]);
  });

  it('tells of a key that is disabled', async () => {
    const world = worldOf('carry-kms-disabled');
    const keys = rowsIn(world, 'kms', 'Keys').map((one) => ({ ...one, KeyState: 'Disabled' }));
    const findings = of(await found(withRows(world, 'kms', 'Keys', keys)), 'keys');
    expect(new Set(findings.map(({ level, runbook }) => `${level} ${runbook ?? ''}`))).toEqual(
      new Set(['broken carry-volumes']),
    );
  });

  it('says of no queue of a FIFO queue’s dead letters that it forgets early: its time begins anew', async () => {
    const RedrivePolicy =
      '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:pay-dlq.fifo","maxReceiveCount":3}';
    const Queues = [
      { QueueName: 'pay.fifo', Attributes: { RedrivePolicy }, Tags: {}, Messages: [] },
      {
        QueueName: 'pay-dlq.fifo',
        Attributes: { FifoQueue: 'true' },
        Tags: { 'runbook:redrive': 'auto' },
        Messages: [],
      },
    ];
    const world = { now: '2026-11-30T08:00:00Z', account: '111122223333', region: 'eu-west-1', sqs: { Queues } };
    expect(of(await all(world), 'dead-letters').map(({ level }) => level)).toEqual(['ok']);
  });

  it.each([
    ['Disabled', `aws kms enable-key --cli-input-json '{"KeyId":"K"}'`],
    [
      'PendingDeletion',
      `aws kms cancel-key-deletion --cli-input-json '{"KeyId":"K"}' && aws kms enable-key --cli-input-json '{"KeyId":"K"}'`,
    ],
    ['PendingImport', expect.stringMatching(/^aws kms get-parameters-for-import /u)],
  ])(
    'finds a key that is %s by its alias, also where letters go back to, and names what mends it',
    async (KeyState, fix) => {
      const RedrivePolicy =
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:orders-dlq","maxReceiveCount":3}';
      const Queues = [
        { QueueName: 'orders', Attributes: { RedrivePolicy, KmsMasterKeyId: 'alias/orders' }, Tags: {}, Messages: [] },
        { QueueName: 'orders-dlq', Attributes: {}, Tags: { 'runbook:redrive': 'auto' }, Messages: [] },
      ];
      const kms = { Keys: [{ KeyId: 'K', KeyState, Aliases: ['alias/orders'] }] };
      const world = { now: '2026-11-30T08:00:00Z', account: '111122223333', region: 'eu-west-1', sqs: { Queues }, kms };
      expect(of(await found(world), 'keys')).toMatchObject([{ level: 'broken', about: 'orders', fix }]);
    },
  );

  it('tells of a group that carries volumes and cannot launch, and of hooks that a plan would hide', async () => {
    const world = worldOf('carry-with-address');
    const Groups = rowsIn(world, 'auto-scaling', 'AutoScalingGroups').map((one) => ({
      ...one,
      SuspendedProcesses: [{ ProcessName: 'ReplaceUnhealthy' }],
    }));
    const suspended = await found(withRows(world, 'auto-scaling', 'AutoScalingGroups', Groups));
    expect(of(suspended, 'processes')).toMatchObject([{ level: 'broken', runbook: 'carry-volumes', about: 'db' }]);
    const hooks = rowsIn(world, 'auto-scaling', 'LifecycleHooks').map((one) => ({ ...one, HeartbeatTimeout: 300 }));
    const short = await found(withRows(world, 'auto-scaling', 'LifecycleHooks', hooks));
    expect(of(short, 'own-word').map(({ text }) => text)).toContainEqual(
      expect.stringContaining('HeartbeatTimeout 300 s; at least 660 s'),
    );
  });

  it('lets nothing of what stands in tags reach a terminal or a line to paste as it is', async () => {
    const world = worldOf('examples/company.json');
    const nasty = "mail'$(reboot)\u001b[2J";
    const renamed = (row: Row): Row => (JSON.stringify(row).includes('"mail"') ? tags(row, 'runbook:vip', nasty) : row);
    const Addresses = rowsIn(world, 'ec2', 'Addresses').map(renamed);
    const Instances = rowsIn(world, 'ec2', 'Instances').map(renamed);
    const nastyWorld = withRows(withRows(world, 'ec2', 'Addresses', Addresses), 'ec2', 'Instances', Instances);
    const path = file('nasty.json', nastyWorld);
    const { out, err } = await run(['doctor', '--world', path], { functions, tty: true });
    expect(printable(stripVTControlCharacters(out), (one) => (one === '\n' ? one : '?'))).not.toContain('?');
    expect(err).not.toContain('\u001b[2J');
    expect(out).toContain(String.raw`mail'\''$(reboot)`);
  });
});

describe('runbook doctor', () => {
  it('ends with 1 where something would not work, with the worst last', async () => {
    const { code, out } = await run(['doctor', '--world', 'examples/company.json'], { functions });
    expect(code).toBe(1);
    const lines = out.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('Something would not work: 1 broken, 4 warnings.');
    expect(lines.at(-4)).toContain('BROKEN   reassign-elastic-ip mail');
  });

  it('ends with 0 where all is ready', async () => {
    const world = { now: '2026-11-30T08:00:00Z', account: '111122223333', region: 'eu-west-1', whole: true };
    const { code, out } = await run(['doctor', '--world', file('empty.json', world)], { functions });
    expect([code, out.trimEnd().split('\n').at(-1)]).toEqual([0, 'All is ready.']);
  });

  it('prints one document with --json, and its calls with --list-calls', async () => {
    const { out } = await run(['doctor', '--world', 'examples/company.json', '--json'], { functions });
    const { place, findings }: { place: Row; findings: readonly Row[] } = JSON.parse(out);
    expect(place).toMatchObject({ kind: 'world', account: '111122223333' });
    expect(Object.keys(findings[0] ?? {})).toEqual(['level', 'check', 'runbook', 'about', 'text', 'fix']);
    const listed = await run(['doctor', '--list-calls']);
    expect(listed.out).toContain('iam:SimulatePrincipalPolicy');
    expect(listed.out).toContain('95 calls of 24 services; each reads, none is sent now');
  });

  it('says in one line what is wrong with a file', async () => {
    const { code, err } = await run(['doctor', '--world', '/nowhere/at-all.json'], { functions });
    expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
  });
});
