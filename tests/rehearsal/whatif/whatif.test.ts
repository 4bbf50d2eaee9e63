import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { LOSS_KINDS, type LossKind, type LossReport, type WhatIf } from '../../../rehearsal/whatif/what-if.ts';
import { whatIf } from '../../../rehearsal/whatif/whatif.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { pastedWorld } from '../../../simulator/world/world-file.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const functions = await discoverFunctions(join(ROOT, 'functions'));

function fileOf(path: string): Record<string, unknown> {
  const read: unknown = JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  if (!isRecord(read)) throw new TypeError(`${path} is no object`);
  return read;
}

async function played(file: unknown, kinds: readonly LossKind[] = LOSS_KINDS, pairs = false): Promise<WhatIf> {
  const { world } = pastedWorld(file, '2026-11-30T08:00:00Z');
  return (await whatIf({ world, functions, kinds, pairs, seed: 1 })).whatIf;
}

/** What matters of a report, in one line. */
function line({ losses, verdict, by, rtoSeconds: rto, rpoSeconds: rpo }: LossReport): string {
  const spans = [rto === undefined ? [] : [`RTO ${rto}`], rpo === undefined ? [] : [`RPO ${rpo}`]].flat();
  return [losses.map(({ kind, id, name }) => `${kind} ${name ?? id}`).join(' + '), verdict, ...by, ...spans].join(', ');
}

const company = fileOf('examples/company.json');

/** The company with these services alone: what is not there is not played. */
function only(...services: readonly string[]): Record<string, unknown> {
  const frame = ['now', 'account', 'region', 'whole', ...services];
  return Object.fromEntries(Object.entries(company).filter(([name]) => frame.includes(name)));
}

describe('an address', () => {
  it('with a standby recovers, without one it needs a person, and the runbook says so', async () => {
    const { reports } = await played(only('ec2'), ['instance']);
    expect(reports.map(line)).toEqual([
      'instance mail, needs a person',
      'instance web-a, recovers, reassign-elastic-ip, RTO 59',
      'instance web-b, unaffected',
    ]);
    expect(reports[0]?.why.map(({ runbook, outcome, code }) => [runbook, outcome, code])).toEqual([
      ['reassign-elastic-ip', 'refused', 'no-good-candidate'],
    ]);
    expect(reports[0]?.fared.map(({ name, last }) => [name, last])).toEqual([
      ['mail 203.0.113.25', 'is on a bad holder: i-0c84d2a75b3e6f917: SystemStatus is impaired'],
    ]);
  });
});

describe('an address that no instance has', () => {
  it('is told of as not well, and of no loss that it comes through it', async () => {
    const { troubled, reports } = await played(fileOf('drills/address-on-a-nat-gateway/world.json'), ['zone']);
    expect(troubled.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^is on eni-\S+, which is on no instance$/u),
    );
    expect(reports.filter(({ verdict }) => verdict === 'recovers')).toEqual([]);
  });
});

describe('a zone', () => {
  it('takes everything in it, and the data are as old as the snapshot that is left', async () => {
    const { reports } = await played(only('ec2', 'kms', 'auto-scaling'), ['zone', 'key']);
    expect(reports.filter(({ as }) => as === 'single').map(line)).toEqual([
      'zone eu-west-1a, recovers partly, reassign-elastic-ip, carry-volumes, RPO 21901',
      'zone eu-west-1b, unaffected',
      'key arn:aws:kms:eu-west-1:111122223333:key/6f1c2a9e-7b3d-4c58-9e0f-d1a4b8c27e35, unaffected',
    ]);
    const zone = reports.find(({ losses: [lost], as }) => as === 'single' && lost?.id === 'eu-west-1a');
    expect(zone?.fared.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['mail 203.0.113.25', 'needs a person'],
      ['web 203.0.113.10', 'recovers'],
      ['volumes db', 'recovers'],
    ]);
    // A key is silent by itself: what its loss means is seen beside what needs it.
    const beside = reports.filter(({ as }) => as === 'beside');
    expect(beside.map(({ losses }) => losses.map(({ kind }) => kind))).toEqual([['key', 'zone']]);
    expect(beside[0]?.fared.find(({ kind }) => kind === 'volumes')?.verdict).toBe('needs a person');
    expect(beside[0]?.why.map(({ runbook, code }) => `${runbook} ${code}`)).toContain('carry-volumes launch-suspended');
  });
});

describe('a consumer of a queue', () => {
  it('that is mended has its letters back where they go back by themselves; where not, there is the line to paste', async () => {
    const { reports } = await played(only('sqs'), ['queue']);
    expect(reports.map(({ verdict, losses: [lost], lines }) => [lost?.id, verdict, lines])).toEqual([
      ['invoices', 'needs a person', ['npx runbook run redrive-dead-letters --target invoices-dlq']],
      ['orders', 'recovers', []],
    ]);
  });
});

describe('what nobody looks after', () => {
  it('is named, with the group that replaces it, and not played', async () => {
    const { unattended } = await played(only('ec2', 'kms', 'auto-scaling'), ['volume']);
    expect(unattended).toEqual([]);
    const world = fileOf('drills/group-refresh/world.json');
    const { ec2 } = world;
    const bare = await played({ ...world, ec2: isRecord(ec2) ? { ...ec2, Addresses: [] } : {} }, ['instance']);
    expect(bare.reports).toEqual([]);
    expect(bare.unattended.map(({ kind, group }) => [kind, group])).toEqual([['instance', 'web']]);
  });
});

describe('a world', () => {
  it('without anything has nothing to lose', async () => {
    const { attended, reports, unattended } = await played({ region: 'eu-west-1', account: '111122223333' });
    expect({ attended, reports, unattended }).toEqual({ attended: [], reports: [], unattended: [] });
  });

  it('whose things are not well before says so, and of no loss that they are lost by it', async () => {
    const { troubled, reports } = await played(fileOf('drills/redrive-mended-later/world.json'), ['queue']);
    expect(troubled).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
  });

  it('has its own script left out', async () => {
    const { scriptSteps, reports } = await played(fileOf('drills/instance-dies/world.json'), ['instance']);
    expect(scriptSteps).toBe(1);
    expect(reports.map(line)).toEqual(['instance web-b, needs a person', 'instance web-a, unaffected']);
  });

  it('is played the same twice', async () => {
    const file = fileOf('drills/instance-dies/world.json');
    expect(JSON.stringify(await played(file, ['instance'], true))).toBe(
      JSON.stringify(await played(file, ['instance'], true)),
    );
  });
});

describe('a queue whose messages nobody has read', () => {
  const numbers = (visible: string): Record<string, string> => ({
    ApproximateNumberOfMessages: visible,
    ApproximateNumberOfMessagesDelayed: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
  });
  /** As a snapshot has it: attributes and tags, and no messages. */
  const read = (letters: Record<string, string>): unknown => ({
    account: '111122223333',
    region: 'eu-west-1',
    sqs: {
      Queues: [
        {
          QueueName: 'orders',
          Attributes: {
            ...numbers('0'),
            RedrivePolicy:
              '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:orders-dlq","maxReceiveCount":3}',
          },
        },
        { QueueName: 'orders-dlq', Attributes: letters, Tags: { 'runbook:redrive': 'auto' } },
      ],
    },
    lambda: { EventSourceMappings: [] },
    sns: { Subscriptions: [] },
  });

  it('is played as the empty one that its numbers say it is', async () => {
    const { reports } = await played(read(numbers('0')), ['queue']);
    expect(reports.map(line)).toEqual(['queue orders, recovers, redrive-dead-letters, RTO 4206']);
  });

  it.each([
    [numbers('42'), '42 messages are in orders-dlq, and none was read'],
    [{}, 'its messages were not read'],
  ])('is not guessed at where they say otherwise, or nothing', async (letters, why) => {
    const { reports } = await played(read(letters), ['queue']);
    expect(reports.map(({ verdict, unknown }) => [verdict, unknown])).toEqual([
      ['unknown', `${why}: sqs.Queues[orders-dlq].Messages says what is in it, [] that it is empty`],
    ]);
  });
});
