/** What a page shows as the output of a command is what the command prints. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import { file, run } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const functions = await discoverFunctions(join(ROOT, 'functions'));

/** A block with nothing but a command, and the block behind it. */
const SHOWN = /^```\nnpx runbook ((?:drill|handle) [^\n]+)\n```\n+```\n(.*?)^```/gmsu;

const shown = globSync('functions/*/README.md', { cwd: ROOT }).flatMap((page) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(SHOWN)].map(([, command = '', output = '']) => ({
    page,
    command,
    output,
  })),
);

/** Lines of a text, without what stands before them. */
function lines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

describe('output that a page shows', () => {
  it('is there', () => {
    expect(shown.map(({ page }) => page)).toContain('functions/scale-hpc-fleet/README.md');
  });

  it.each(shown)('is what the command prints, in that order: $page: $command', async ({ command, output }) => {
    const words = command.split(' ').map((word) => (word.endsWith('.json') ? join(ROOT, word) : word));
    const { out } = await run(words, { functions, drills: join(ROOT, 'drills') });
    const printed = lines(out);
    let from = 0;
    const missing = lines(output).filter((line) => {
      const at = printed.indexOf(line, from);
      if (at >= 0) from = at + 1;
      return at < 0;
    });
    expect(missing).toEqual([]);
  });
});

describe('what a page has pasted of a fleet', () => {
  const page = readFileSync(join(ROOT, 'functions/scale-hpc-fleet/README.md'), 'utf8');
  const commands = [...page.matchAll(/^aws (ec2) describe-([a-z-]+)/gmu)].map(([, , kind = '']) =>
    kind.replaceAll(/(?:^|-)[a-z]/gu, (letter) => letter.replace('-', '').toUpperCase()),
  );
  const sections = z.looseObject({ ec2: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))) });

  it('is printed by commands whose output a world file takes', () => {
    const known = SERVICES.find(({ name }) => name === 'ec2')?.collections ?? {};
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((kind) => !Object.hasOwn(known, kind))).toEqual([]);
  });

  it('is all that a look asks for', async () => {
    const path = join(ROOT, 'drills/hpc-reservation-first/world.json');
    const { whole: _whole, ec2, ...rest } = sections.parse(JSON.parse(readFileSync(path, 'utf8')));
    const Images = [{ ImageId: 'ami-0a1', State: 'available' }];
    const pasted = Object.fromEntries(commands.map((kind) => [kind, kind === 'Images' ? Images : (ec2[kind] ?? [])]));
    const world = file('fleet.json', { batch: { computeEnvironments: [] }, ...rest, ec2: pasted });
    const { code, out, err } = await run(
      ['handle', file('request.json', { runbook: 'scale-hpc-fleet' }), '--world', world, '--dry-run'],
      { functions },
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('planned (gangs-launched)');
  });
});
