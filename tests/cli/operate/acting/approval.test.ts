import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../../rehearsal/functions.ts';
import { file, run } from '../../terminal.ts';
import { on } from '../world/a-world.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const DRILL = join(ROOT, 'drills', 'flush-cluster-nobody-answers');
const functions = await discoverFunctions(join(ROOT, 'functions'));
const SAID =
  'an approval was asked for, and in a world nobody can give one: the run waited until its time was over, and was refused\n';

describe('an approval that a run on a world asks for', () => {
  it('is said to be nobody’s to give there', async () => {
    const path = file('approval.json', readFileSync(join(DRILL, 'world.json'), 'utf8'));
    const words = ['run', 'flush-caches', '--target', 'sessions', '--param', 'whole=["cluster"]'];
    const dry = await on(path, [...words, '--dry-run'], { functions });
    expect(dry.code).toBe(0);
    expect(dry.err).not.toContain(SAID);
    const asked = await on(path, words, { functions });
    expect(asked.code).toBe(4);
    expect(asked.out).toContain('refused (not-approved)');
    expect(asked.err).toContain(`runbook: ${path}: ${SAID}`);
  });

  it('is not given afterwards: the run has ended with the command', async () => {
    const path = file('approve.json', readFileSync(join(DRILL, 'world.json'), 'utf8'));
    const words = [
      'run',
      'flush-caches',
      '--target',
      'sessions',
      '--param',
      'whole=["cluster"]',
      '--token',
      'asking-1',
    ];
    await on(path, words, { functions });
    const before = readFileSync(path, 'utf8');
    const { code, err } = await on(path, ['approve', 'asking-1'], { functions });
    expect(code).toBe(4);
    expect(err).toMatch(
      /^runbook: no plan of asking-1\/\S+ waits for approval: it is refused, not-approved: .*; a run in a world ends with the command that began it$/mu,
    );
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('is said so by handle, too', async () => {
    const words = ['handle', join(DRILL, 'event.json'), '--world', join(DRILL, 'world.json')];
    expect((await run(words, { functions })).err).toContain(SAID);
  });
});
