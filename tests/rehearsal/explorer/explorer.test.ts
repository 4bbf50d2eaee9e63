import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { loadDrills } from '../../../rehearsal/drill.ts';
import { FUNCTIONS_ROOT } from '../../../rehearsal/explorer/crew.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import { parseReplay } from '../../../rehearsal/replay.ts';
import { explore, replay, type Exploration, type ExplorationMode } from '../../../rehearsal/explorer/explorer.ts';
import { computing, counting, drill, remembering, RULES, silent, straying, swallowing, toggling } from './explored.ts';

function exploring(
  fn: DeployedFunction,
  mode: ExplorationMode = 'exhaustive',
  expectation: object = {},
): Promise<Exploration> {
  return explore(drill(expectation), [fn], { mode, seed: 1, rules: RULES });
}

function planOf(command: string): string {
  return /--replay '([^']+)'$/u.exec(command)?.[1] ?? 'no replay';
}

describe('a function that computes its goal', () => {
  it('passes with every fault at every request and every second delivery', async () => {
    const found = await exploring(computing);
    expect(found.violations).toEqual([]);
    // Three requests: two reads with three faults and a write with five, and one death before the write; each alone and beside
    // the three second deliveries; those alone; the ledger lost, alone and beside them; the write refused; the ledger full; and
    // once without faults.
    expect(found.schedules).toBe(12 * 4 + 3 + 4 + 1 + 1 + 1);
    expect(found.folded).toBe(0);
    expect(found.left).toBe(0);
    expect(found.sometimes).toEqual({
      'a lost reply was found done': true,
      'a dead run was taken up again': true,
      'a second delivery found the work done or under way': true,
      'a throttled read was made again': true,
      'without its ledger a runbook acted on the state in the account': true,
      'a failed run was repeated by Lambda': true,
      'a refused call was told, or what it was for was reached another way': true,
    });
  });

  it('passes with several faults at once, and with every lease granted', async () => {
    const random = await exploring(computing, 'random');
    expect(random.violations).toEqual([]);
    expect(random.schedules).toBe(201);
    const leaseless = await exploring(computing, 'no-leases');
    expect(leaseless.violations).toEqual([]);
    // A death before the write, one after it, and its lost reply: each alone and beside three second deliveries; those alone; nothing; and once without faults.
    expect(leaseless.schedules).toBe(3 * 4 + 3 + 1 + 1);
  });

  it('is explored the same way each time', async () => {
    expect(await exploring(computing, 'random')).toEqual(await exploring(computing, 'random'));
  });
});

describe('a function that toggles', () => {
  it('is caught, with a command that shows it again', async () => {
    const { violations } = await exploring(toggling);
    const final = violations.find(({ what }) => what.startsWith('final: '));
    expect(final?.what).toContain('final: ec2/Addresses/eipalloc-01/InstanceId: expected "i-0b2", found "i-0a1"');
    expect(final?.replay).toMatch(/^npx runbook drill one-is-down --seed 1 --replay '[\w:,-]+'$/u);
    const again = await replay(drill(), [toggling], {
      seed: 1,
      faults: parseReplay(planOf(final?.replay ?? '')),
      rules: RULES,
    });
    expect(again.failures).toContain('final: ec2/Addresses/eipalloc-01/InstanceId: expected "i-0b2", found "i-0a1"');
    expect(again.result.invocations.length).toBeGreaterThan(1);
  });

  it('shows nothing of it without faults', async () => {
    const { failures } = await replay(drill(), [toggling], { seed: 1, faults: parseReplay('none'), rules: RULES });
    expect(failures).toEqual([]);
  });
});

describe('what else is caught', () => {
  it('an end that differs at a place no expectation names', async () => {
    const { violations } = await exploring(counting);
    expect(violations.map(({ what }) => what.replace(/ \(and \d+ more runs like it\)$/u, ''))).toContain(
      'the end differs at ec2/Addresses/eipalloc-01/Tags/runs: "1" without faults, "2" with',
    );
  });

  it('an error that is swallowed', async () => {
    const { violations } = await exploring(swallowing);
    const final = violations.find(({ what }) => what.startsWith('final: '));
    expect(planOf(final?.replay ?? '')).toBe('0:throttled');
  });

  it('a run that depends on the runs before it', async () => {
    const { violations } = await exploring(remembering);
    expect(violations[0]?.what).toContain('the same seed gave two different runs');
  });

  it('a run that breaks off', async () => {
    const { violations } = await exploring(straying);
    expect(violations[0]?.what).toContain('the run broke off: not simulated: ec2:ReleaseAddress');
  });

  it('a silence about what was done', async () => {
    const { violations } = await exploring(silent);
    expect(violations.map(({ what, replay: command }) => [what, planOf(command)])).toEqual([
      [
        'no line, record or event of probe-function tells of ec2:AssociateAddress (request 2) for anything (and 3 more runs like it)',
        '2:reply-lost',
      ],
      [
        'probe-function said nothing of what it did to eipalloc-01 (done): no log line, record or event with another outcome than nothing (and 3 more runs like it)',
        '2:reply-lost',
      ],
    ]);
  });
});

describe('rules', () => {
  it('are needed for what another runbook may do, and are told with the plan that needs them', async () => {
    const { violations } = await explore(drill(), [computing], { mode: 'exhaustive', seed: 1 });
    expect(violations.map(({ what }) => what.replace(/ \(and \d+ more runs like it\)$/u, ''))).toEqual([
      'ec2:AssociateAddress took effect 2 times, 1 times without faults; permitted are 0 more',
    ]);
    const faults = parseReplay(planOf(violations[0]?.replay ?? ''));
    expect((await replay(drill(), [computing], { seed: 1, faults })).failures).toHaveLength(1);
    expect((await replay(drill(), [computing], { seed: 1, faults, rules: RULES })).failures).toEqual([]);
  });
});

describe('a sometimes that is demanded', () => {
  it('is a violation when no run was it, or nobody knows it', async () => {
    const { violations, sometimes } = await exploring(computing, 'exhaustive', {
      sometimes: ['probe-function refused (leased)', 'probe-function nothing', 'Pigs fly'],
    });
    expect(violations).toEqual([
      {
        what: 'expect.json demands a sometimes that nobody knows: Pigs fly',
        replay: 'npx runbook drill one-is-down --seed 1 --faults exhaustive',
      },
      {
        what: 'sometimes never: probe-function refused (leased)',
        replay: 'npx runbook drill one-is-down --seed 1 --faults exhaustive',
      },
    ]);
    expect(sometimes).toMatchObject({ 'probe-function nothing': true, 'probe-function refused (leased)': false });
  });
});

describe('threads', () => {
  it('find what one thread finds, for the functions of this project', async () => {
    const functions = await discoverFunctions(FUNCTIONS_ROOT);
    const [stops] = loadDrills(join(import.meta.dirname, '../../../drills'), ['instance-stops']);
    if (stops === undefined) throw new Error('no drill');
    const share = { index: 1, of: 24 };
    const alone = await explore(stops, functions, { mode: 'exhaustive', seed: 1, share, threads: 0 });
    const together = await explore(stops, functions, { mode: 'exhaustive', seed: 1, share, threads: 2 });
    expect(alone.schedules).toBeGreaterThan(10);
    expect(alone.violations).toEqual([]);
    expect(together).toEqual(alone);
  });
});

describe('a share of an exploration', () => {
  it('is a part of the runs, and all shares are all of them', async () => {
    const counts: number[] = [];
    for (const index of [0, 1, 2]) {
      const found = await explore(drill(), [computing], {
        mode: 'exhaustive',
        seed: 1,
        rules: RULES,
        share: { index, of: 3 },
      });
      expect(found.violations).toEqual([]);
      // Each has the run without faults besides.
      counts.push(found.schedules - 1);
    }
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(57);
    expect(Math.min(...counts)).toBeGreaterThan(12);
  });

  it('has beside it the rest of what has changed, and nothing else', async () => {
    const options = { mode: 'exhaustive', seed: 1, rules: RULES, share: { index: 0, of: 3 } } as const;
    const [share, rest, none] = [
      await explore(drill(), [computing], options),
      await explore(drill(), [computing], { ...options, beside: () => true }),
      await explore(drill(), [computing], { ...options, beside: () => false }),
    ];
    expect(share.schedules + rest.schedules - 2).toBe(57);
    expect(none.schedules).toBe(1);
  });

  it('is cut short when the time is up, and says what it did not come to', async () => {
    let runs = 0;
    const found = await explore(drill(), [computing], {
      mode: 'exhaustive',
      seed: 1,
      rules: RULES,
      isOver: () => (runs += 1) > 10,
    });
    expect([found.schedules, found.untried]).toEqual([11, 47]);
  });

  it('tells how far it is', async () => {
    const told: string[] = [];
    await explore(drill(), [computing], {
      mode: 'no-leases',
      seed: 1,
      rules: RULES,
      share: { index: 0, of: 4 },
      onProgress: (done, total) => void told.push(`${done}/${total}`),
    });
    expect(told).toEqual(['1/4', '2/4', '3/4', '4/4']);
  });
});
