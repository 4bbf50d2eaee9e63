import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../build/cloudformation.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { changesTheAccount } from '../../rehearsal/explorer/effects.ts';
import { loadDrills, runDrill, type Drill } from '../../rehearsal/drill.ts';
import { INVARIANTS } from '../../rehearsal/invariants.ts';
import { SHARE } from '../share.ts';
import { played } from './long-drills.ts';
import { hasOwnDocuments } from './own-documents.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';

const DRILLS = loadDrills(join(ROOT, 'drills'));
const functions = await discoverFunctions(join(ROOT, 'functions'));

function drillNamed(name: string): Drill {
  const found = DRILLS.find((drill) => drill.name === name);
  if (found === undefined) throw new Error(`there is no drill ${name}`);
  return found;
}

/** The invariants that a drill breaks when they are watched over it. */
async function broken(name: string, ...invariants: readonly string[]): Promise<string[]> {
  const drill = drillNamed(name);
  const { result } = await runDrill({ ...drill, expect: { ...drill.expect, invariants: [...invariants] } }, functions, {
    seed: 1,
    faults: NO_FAULTS,
  });
  return result.violations.map((text) => text.split(':')[0] ?? '');
}

/** How often a metric was emitted with a value of 1. */
async function metricCount(name: string, metric: string): Promise<number> {
  const { result } = await runDrill(drillNamed(name), functions, { seed: 1, faults: NO_FAULTS });
  return result.lines.filter((line) => line.includes(`"${metric}":1`)).length;
}

describe('every drill', () => {
  // `npm run drill` plays all of them, and `tests/house/iam` all but the longest, with the settings of the packaged stack; a share is played here with its alarms.
  const short = played(DRILLS).filter((drill, index) => index % SHARE === 0 || hasOwnDocuments(drill));
  it.each(short.map((drill) => [drill.name, drill] as const))(
    '%s comes to what it must come to, every change with its reason',
    async (_name, drill) => {
      const { failures, result } = await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS });
      expect(failures).toEqual([]);
      expect(result.requests.filter(changesTheAccount).filter(({ because = '' }) => because.length < 3)).toEqual([]);
    },
  );

  it('has a title of its own and at least one invariant', () => {
    expect(new Set(DRILLS.map(({ title }) => title)).size).toBe(DRILLS.length);
    // The folder's name says nothing of what happens; a sentence has words.
    expect(DRILLS.filter(({ name, title }) => title === name || !title.includes(' ')).map(({ name }) => name)).toEqual(
      [],
    );
    expect(DRILLS.filter(({ expect: { invariants } }) => invariants.length === 0).map(({ name }) => name)).toEqual([]);
  });
});

describe('an invariant is broken by a drill in which the forbidden thing is right', () => {
  it('address-stays by a failover', async () => {
    expect(await broken('instance-dies', 'address-stays')).toEqual(['address-stays']);
  });

  it('address-never-taken-from-a-good-holder by a move by hand', async () => {
    expect(await broken('manual-move', 'address-never-taken-from-a-good-holder')).toEqual([
      'address-never-taken-from-a-good-holder',
    ]);
  });

  it('hook-left-alone by a hook that is answered, and by one that is kept waiting', async () => {
    expect(await broken('group-hand-over', 'hook-left-alone')).toEqual(['hook-left-alone']);
    expect(await broken('group-replacement', 'hook-left-alone')).toEqual(['hook-left-alone', 'hook-left-alone']);
  });

  it('hook-answered by hooks that nobody answers', async () => {
    expect(await broken('foreign-launch-hooks', 'hook-answered')).toEqual(['hook-answered', 'hook-answered']);
  });

  it('moved-only-after-the-fence by an address that demands a fence and moves while its holder runs', async () => {
    const drill = drillNamed('instance-dies');
    const data = structuredClone(drill.world.data);
    for (const address of data['ec2']?.['Addresses'] ?? [])
      address['Tags'] = [
        { Key: 'runbook:vip', Value: 'web' },
        { Key: 'runbook:fence', Value: 'required' },
      ];
    const watcher = INVARIANTS['moved-only-after-the-fence'];
    const memory = {};
    const { result } = await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS });
    const before = {
      ...result.world,
      data,
      records: (service: string, collection: string) => data[service]?.[collection] ?? [],
    };
    expect(watcher?.check(before, memory)).toBeUndefined();
    for (const address of data['ec2']?.['Addresses'] ?? [])
      Object.assign(address, { InstanceId: 'i-0b93e1f67a2c4d815', NetworkInterfaceId: 'eni-0b28f64d9c1e7a350' });
    expect(watcher?.check(before, memory)).toMatch(
      /demands a fence and went to i-0b93e1f67a2c4d815 while i-0a17c4e9b2d58f306 was running/u,
    );
  });

  it.each([
    ['stopped', 'nothing is wrong'],
    [
      'running',
      '203.0.113.10 demands a fence and went to i-0b93e1f67a2c4d815 while i-0a17c4e9b2d58f306 was shutting-down',
    ],
  ])('moved-only-after-the-fence by a holder that was %s before it was ended', async (earlier, fault) => {
    const drill = drillNamed('instance-dies');
    const data = structuredClone(drill.world.data);
    const { result } = await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS });
    const world = {
      ...result.world,
      data,
      records: (service: string, collection: string) => data[service]?.[collection] ?? [],
    };
    const set = (state: string): void => {
      for (const instance of data['ec2']?.['Instances'] ?? [])
        if (instance['InstanceId'] === 'i-0a17c4e9b2d58f306') instance['State'] = { Name: state };
    };
    for (const address of data['ec2']?.['Addresses'] ?? [])
      address['Tags'] = [
        { Key: 'runbook:vip', Value: 'web' },
        { Key: 'runbook:fence', Value: 'required' },
      ];
    const memory = {};
    set(earlier);
    expect(INVARIANTS['moved-only-after-the-fence']?.check(world, memory)).toBeUndefined();
    set('shutting-down');
    for (const address of data['ec2']?.['Addresses'] ?? [])
      Object.assign(address, { InstanceId: 'i-0b93e1f67a2c4d815', NetworkInterfaceId: 'eni-0b28f64d9c1e7a350' });
    expect(INVARIANTS['moved-only-after-the-fence']?.check(world, memory) ?? 'nothing is wrong').toBe(fault);
  });
});

describe('what alarms are made of', () => {
  it.each([
    'both-sides-bad',
    'standby-stopped',
    'flapping-address',
    'fence-required-on-spot',
    'last-member-leaving',
    'lost-ledger',
    'misspelt-tag',
  ])('%s calls for attention', async (name) => {
    expect(await metricCount(name, 'Attention')).toBeGreaterThan(0);
  });

  it.each([
    'alarm-without-data',
    'alarm-about-a-non-holder',
    'probe-that-never-answered',
    'quarantine-over',
    'manual-move',
  ])('%s does not', async (name) => {
    expect(await metricCount(name, 'Attention')).toBe(0);
  });

  it('a ledger that does not answer is counted, one that does is not', async () => {
    expect(await metricCount('lost-ledger', 'LedgerLost')).toBeGreaterThan(0);
    expect(await metricCount('instance-dies', 'LedgerLost')).toBe(0);
  });
});
