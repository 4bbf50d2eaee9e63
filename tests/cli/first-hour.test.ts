/** What CONTRIBUTING.md has somebody do in the first hour comes to what it says. */

import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { run, type Ran } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const [, HOUR = ''] = /## The first hour\n(.*?)\n## /su.exec(PAGE) ?? [];
const STANDBY = 'i-0b93e1f67a2c4d815';
const functions = await discoverFunctions(join(ROOT, 'functions'));

const worldSchema = z.looseObject({
  ec2: z.looseObject({
    Reservations: z.array(z.looseObject({ Instances: z.array(z.looseObject({ InstanceId: z.string() })) })),
  }),
});

/** The drill that is copied, with the standby stopped, and what it is to promise. */
function drilled(expected: string | undefined): Promise<Ran> {
  const drills = mkdtempSync(join(tmpdir(), 'runbook-first-hour-'));
  const folder = join(drills, 'standby-is-stopped');
  cpSync(join(ROOT, 'drills', 'instance-dies'), folder, { recursive: true });
  const path = join(folder, 'world.json');
  const world = worldSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  for (const instance of world.ec2.Reservations.flatMap(({ Instances }) => Instances))
    if (instance.InstanceId === STANDBY) instance['State'] = { Name: 'stopped' };
  writeFileSync(path, JSON.stringify(world));
  if (expected !== undefined) writeFileSync(join(folder, 'expect.json'), expected);
  return run(['drill', 'standby-is-stopped'], { functions, drills });
}

describe('the first hour', () => {
  it('changes a line that is there', () => {
    const sharing = readFileSync(join(ROOT, 'functions/reassign-elastic-ip/decide/sharing.ts'), 'utf8');
    expect(HOUR).toContain('`functions/reassign-elastic-ip/decide/sharing.ts`, in `meritOf`, write `-priority`');
    const [, body = ''] = /export function meritOf\((.*?)\n\}/su.exec(sharing) ?? [];
    expect(body.match(/return \[.*\bpriority\b/u)).not.toBeNull();
  });

  it('adds a drill that fails as it was copied', async () => {
    expect(HOUR).toContain(`\`State\` of \`${STANDBY}\` becomes \`{ "Name": "stopped" }\``);
    const { code, out } = await drilled(undefined);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL .*\n {6}x result 1: expected reassign-elastic-ip done/mu);
  });

  it('and keeps what it promises on the page', async () => {
    const [, expected] = /```json\n(.*?)```/su.exec(HOUR) ?? [];
    const { code, out } = await drilled(expected);
    expect(out).toMatch(/^ok /mu);
    expect(code).toBe(0);
  });
});
