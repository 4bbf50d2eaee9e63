import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../cli/whatif/whatif.ts';
import { loadDrills, runDrill } from '../../../rehearsal/drill.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import type { LossReport, Verdict } from '../../../rehearsal/whatif/what-if.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { file, run } from '../terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const functions = await discoverFunctions(join(ROOT, 'functions'));
const INSTANCE_DIES = join(ROOT, 'drills', 'instance-dies', 'world.json');

function whatif(...argv: readonly string[]) {
  return run(['whatif', ...argv], { functions, tty: true, columns: 80 });
}

function ended(...verdicts: readonly Verdict[]): { readonly reports: readonly LossReport[] } {
  const rest = {
    losses: [],
    as: 'single',
    fared: [],
    by: [],
    told: [],
    why: [],
    lines: [],
    alarms: [],
    assumed: [],
  } as const;
  return { reports: verdicts.map((verdict) => ({ ...rest, verdict })) };
}

describe('runbook whatif', () => {
  it.each([
    [[], 0],
    [['recovers', 'unaffected'], 0],
    [['recovers partly', 'unknown', 'recovers'], 5],
    [['needs a person'], 5],
    [['stays lost'], 5],
    [['unknown', 'recovers'], 1],
  ] as const)('of %j ends with %i', (verdicts, code) => {
    expect(exitCodeOf(ended(...verdicts))).toBe(code);
  });

  it('plays what a world can lose, and leaves its script out with a word', async () => {
    const { code, out, err } = await whatif(INSTANCE_DIES, '--loss', 'instance');
    expect(code).toBe(5);
    expect(err).toContain(
      `runbook: ${INSTANCE_DIES}: its script (1 step) is left out: what is lost is all that happens\n`,
    );
    expect(out).toContain('no-good-candidate');
    expect(out.trimEnd().split('\n').at(-1)).toContain('1 of 2 losses is not survived: instance web-b');
  });

  it('prints the whole as JSON, the same for the same seed', async () => {
    const argv = [INSTANCE_DIES, '--loss', 'instance', '--pairs', '--json', '--seed', '7'];
    const first = await whatif(...argv);
    const shown: unknown = JSON.parse(first.out);
    expect(shown).toMatchObject({
      lostAt: '2026-11-22T08:10:01.000Z',
      seed: 7,
      attended: [{ kind: 'address', id: 'eipalloc-04c8e2a6f1b3d9570', runbook: 'reassign-elastic-ip' }],
      pairs: { played: 1, left: 0 },
      scriptSteps: 1,
    });
    expect((await whatif(...argv)).out).toBe(first.out);
  });

  it('says in plain words that there is nothing to lose', async () => {
    const empty = file('whatif-empty.json', {
      now: '2026-11-30T08:00:00Z',
      account: '111122223333',
      region: 'eu-west-1',
    });
    const { code, out, err } = await whatif(empty);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('there is nothing to lose: no runbook looks after anything in this world');
  });

  it.each([
    [[file('whatif-broken.json', '{')], 'whatif-broken.json'],
    [[file('whatif-odd.json', { now: 7 })], 'whatif-odd.json: account: missing'],
    [['/nowhere/world.json'], '/nowhere/world.json'],
    [[INSTANCE_DIES, '--loss', 'moon'], 'moon'],
    [[INSTANCE_DIES, '--force'], '--force goes with --html'],
    [[INSTANCE_DIES, '--html', '-', '--json'], 'both write to standard output'],
    [[INSTANCE_DIES, '--html', '/nowhere/x.html'], 'there is no folder /nowhere'],
    [[], "missing required argument 'world.json'"],
  ])('refuses %j in one line', async (argv, why) => {
    const { code, out, err } = await whatif(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(why);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('plays what was pasted together, and takes what it says of place and time', async () => {
    const pasted = file('whatif-pasted.json', {
      account: '111122223333',
      region: 'eu-west-1',
      now: '2026-11-30T08:00:00Z',
      Reservations: undefined,
      ec2: {
        Instances: [
          {
            InstanceId: 'i-0a17c4e9b2d58f306',
            State: { Code: 16, Name: 'running' },
            Placement: { AvailabilityZone: 'eu-west-1a' },
            SecurityGroups: [{ GroupId: 'sg-0a1b2c3d4e5f60718', GroupName: 'not pasted' }],
            Tags: [{ Key: 'runbook:vip', Value: 'web\u001b[31m' }],
          },
        ],
        Addresses: [
          {
            AllocationId: 'eipalloc-04c8e2a6f1b3d9570',
            PublicIp: '203.0.113.10',
            InstanceId: 'i-0a17c4e9b2d58f306',
            Tags: [{ Key: 'runbook:vip', Value: 'web\u001b[31m' }],
          },
        ],
      },
    });
    const { code, out } = await run(['whatif', pasted, '--loss', 'instance'], { functions });
    expect(code).toBe(5);
    // What came from a file reaches no terminal but through the guard.
    expect(out).not.toContain('\u001b[31m');
    expect(out).toContain('1 of 1 loss is not survived: instance i-0a17c4e9b2d58f306');
  });
});

describe('runbook whatif --save', () => {
  it('keeps each loss as a drill that passes, and writes over nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'runbook-whatif-'));
    const argv = [INSTANCE_DIES, '--loss', 'instance', '--save', folder];
    const first = await whatif(...argv);
    expect(first.err).toContain(`runbook: 2 of 2 losses are kept as drills in ${folder}\n`);
    expect(readdirSync(folder)).toEqual(['lose-instance-web-a', 'lose-instance-web-b']);
    const drills = loadDrills(folder);
    expect(drills.map(({ title }) => title)).toEqual([
      'Without instance web-a: unaffected',
      'Without instance web-b: needs a person',
    ]);
    for (const drill of drills) {
      const { failures } = await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS });
      expect(failures).toEqual([]);
      expect(drill.expect.invariants.length).toBeGreaterThan(0);
    }
    const kept = join(folder, 'lose-instance-web-b', 'README.md');
    writeFileSync(kept, '# Ours\n');
    const second = await whatif(...argv);
    expect(second.err).toContain('lose-instance-web-b: it is there already, and stays as it is');
    expect(second.err).toContain(`runbook: 0 of 2 losses are kept as drills in ${folder}\n`);
    expect(readFileSync(kept, 'utf8')).toBe('# Ours\n');
  });
});
