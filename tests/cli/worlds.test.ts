import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { run } from './terminal.ts';

const functions = await discoverFunctions(join(import.meta.dirname, '..', '..', 'functions'));
const worlds = ['drill', '--faults', 'worlds'];

describe('runbook drill --faults worlds', () => {
  it('tries worlds, and says what they came upon', async () => {
    const { code, out, err } = await run([...worlds, 'publish-blocklist', '--seed', '1', '--count', '4'], {
      functions,
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^seed 1\n/u);
    expect(out).toMatch(/publish-blocklist: \d worlds, of which acted \d, refused \d, failed \d, waited \d, raced \d/u);
    expect(out).toMatch(/4 worlds in \d+\.\d s: every promise was kept\n$/u);
  });

  it('shows one world whole, as a finding names it', async () => {
    const argv = [...worlds, 'reassign-elastic-ip', '--seed', '1', '--replay', '0/3'];
    const first = await run(argv, { functions });
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    expect(first.out).toContain('reassign-elastic-ip');
    expect(first.out).toMatch(/every promise was kept\n$/u);
    expect((await run(argv, { functions })).out).toBe(first.out);
  });

  it('prints JSON', async () => {
    const { out } = await run([...worlds, '--replay', '0/0', '--json'], { functions });
    const shown: unknown = JSON.parse(out);
    expect(shown).toMatchObject({ findings: [], world: { account: '111122223333' }, minutes: expect.any(Number) });
  });

  it.each([
    [[...worlds, '--count', '0'], 'expected a whole number from 1 to 1000000'],
    [[...worlds, '--replay', 'x'], '--replay: "x" names no world: expected BATCH/PATH such as 3/12:0:1'],
    [[...worlds, 'flush-caches', '--count', '1'], 'there are no worlds for a runbook flush-caches'],
    [['drill', '--count', '3'], '--count goes with --faults worlds'],
  ])('refuses %j', async (argv, why) => {
    const { code, out, err } = await run(argv, { functions });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(why);
  });
});
