/** The line that `show` offers first is pasted into the world that a drill leaves: it does what it says, or says why it cannot. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { file, run, type Ran } from '../terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const functions = await discoverFunctions(join(ROOT, 'functions'));

const listed = z.object({ runs: z.array(z.object({ run: z.string() })) });
const shown = z.object({ undo: z.array(z.object({ request: z.string().nullable() })) });
const ended = z.object({ results: z.array(z.object({ outcome: z.string(), reason: z.string() })) });

function words(line: string): readonly string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(2, -1);
}

/** Plays a drill to its end, as a person rehearses it. Returns the command on the world that it leaves. */
async function after(drill: string): Promise<(...argv: readonly string[]) => Promise<Ran>> {
  const world = file(`undo-${drill}.json`, '');
  const [event, before] = ['event.json', 'world.json'].map((name) => join(ROOT, 'drills', drill, name));
  await run(['handle', event ?? '', '--world', before ?? '', '--world-out', world], { functions });
  return (...argv) => run(argv.includes('--world') ? argv : [...argv, '--world', world], { functions });
}

/** The last run that says how it is taken back, and the line. */
async function takenBack(
  runbook: (...argv: readonly string[]) => Promise<Ran>,
): Promise<{ readonly id: string; readonly line: string }> {
  const { runs } = listed.parse(JSON.parse((await runbook('runs', '--outcome', 'done', '--json')).out));
  for (const { run: id } of runs.toReversed()) {
    const [undo] = shown.parse(JSON.parse((await runbook('show', id, '--json')).out)).undo;
    if (typeof undo?.request === 'string') return { id, line: undo.request };
  }
  throw new Error('no run of the drill says how it is taken back');
}

async function pasted(drill: string): Promise<{ readonly told: string; readonly page: string }> {
  const runbook = await after(drill);
  const { id, line } = await takenBack(runbook);
  const { results } = ended.parse(JSON.parse((await runbook(...words(line), '--json')).out));
  const { out } = await runbook('show', id);
  return { told: results.map(({ outcome, reason }) => `${outcome} ${reason}`).join(), page: out };
}

describe('the line that takes a run back at its end', () => {
  it('is that of show, and leads to it: also where there are no calls that do', async () => {
    const world = file(
      'undo-block.json',
      readFileSync(join(ROOT, 'drills', 'block-in-two-sets', 'world.json'), 'utf8'),
    );
    const params = ['action=block', 'cidr=203.0.113.77/32', 'incident=INC-9'].flatMap((param) => ['--param', param]);
    const { out } = await run(['run', 'block-address', ...params, '--reason', 'x', '--world', world], { functions });
    expect(out.split('\n').slice(-6)).toEqual([
      '  to take it back, paste:',
      expect.stringMatching(/^ {4}npx runbook undo [\da-f-]{36} --world /u),
      '',
      'once more, with what is in the way of taking it back:',
      expect.stringMatching(/^ {2}npx runbook show [\da-f-]{36} --world /u),
      '',
    ]);
  });

  it('is told by handle of the account, and of the world that it leaves', async () => {
    const [event = '', before = ''] = ['event.json', 'world.json'].map((name) =>
      join(ROOT, 'drills', 'instance-dies', name),
    );
    const world = file('undo-handled.json', '');
    const { out } = await run(['handle', event, '--world', before, '--world-out', world], { functions });
    expect(out).toMatch(/account that this world is of:\n {4}npx runbook run reassign-elastic-ip .* 'force=true'\n/u);
    expect(out).toContain('or call by call; nothing guards them\n    aws ec2 delete-tags');
    expect(out.split('npx runbook show')).toHaveLength(2);
    expect(out.trimEnd()).toMatch(/npx runbook show [\da-f]{6} --world \S+$/u);
  });
});

describe('the line that takes a run back', () => {
  it.each([
    ['instance-dies', 'done moved-by-hand: '],
    ['opposite-event-after-the-move', 'done moved-by-hand: '],
    ['manual-move', 'done moved-by-hand: '],
    ['manual-fail-back', 'done moved-by-hand: '],
    ['block-in-two-sets', 'done unblocked: '],
    ['block-finding-told-thrice', 'done unblocked: '],
    ['lock-and-back', 'done opened: '],
    ['shut-and-back', 'done opened: '],
    ['hpc-asked-twice-at-once', 'done gangs-ended: '],
  ])('of %s works: %s', async (drill, told) => {
    expect((await pasted(drill)).told).toMatch(new RegExp(`^${told}`, 'u'));
  });

  it.each([
    ['instance-stops', 'candidate-not-good: i-0a17c4e9b2d58f306 is stopped'],
    ['composite-alarm', 'candidate-not-good: i-0a17c4e9b2d58f306 alarm web-a-errors is in ALARM'],
    ['untagged-holder', 'unknown-candidate: eni-0e37c9d1f4b8a2650 is no candidate'],
  ])('of %s is refused for what stands in AWS, and the page says so from then on', async (drill, why) => {
    const { told, page } = await pasted(drill);
    expect(told).toMatch(new RegExp(`^refused ${why}`, 'u'));
    expect(page).toContain('may be refused, as ');
    expect(page.replaceAll(/\s+/gu, ' ')).toContain(why);
    expect(page).not.toContain('nothing in the ledger is in its way');
  });
});
