/** Whatever stands in a tag, a name, a file or an argument: the terminal shows it, and obeys none of it. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { printable } from '../../shared/kernel/printable.ts';
import { file, marked, REQUEST, run, stateEvent, type Ran, type Setting } from './terminal.ts';

const HOSTILE = 'web\u001b[2J\u001b[31mRED\u001b]0;title\u0007\u009b5m\u202eabc\u200b\u2028\rxyz\nforged line';
/** How it must look, up to the line feed. */
const SHOWN = String.raw`web\u001b[2J\u001b[31mRED\u001b]0;title\u0007\u009b5m\u202eabc\u200b\u2028\u000dxyz`;

/** Fails for anything that a terminal would obey, but for the command's own colours and its progress line. */
function expectHarmless({ out, err }: Ran): void {
  for (const text of [out, err]) {
    const bare = stripVTControlCharacters(text).replaceAll('\r', '');
    expect(printable(bare)).toBe(bare);
    // Of what came from outside, no sequence was stripped.
    expect(text).not.toContain('\u001b[2J');
    expect(text).not.toContain('\u001b[31mRED');
  }
}

interface Call {
  readonly call: string;
  readonly input: { readonly Entries?: readonly { readonly Detail?: string }[] };
}

/** Every text in a value. */
function values(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(values) : [];
}

const SETTINGS: readonly (readonly [string, Setting])[] = [
  ['in a pipe', {}],
  ['on a terminal', { tty: true }],
  ['on a terminal without colours', { tty: true, env: { NO_COLOR: '1' } }],
  ['on a narrow terminal', { tty: true, columns: 40 }],
];

describe.each(SETTINGS)('text from outside, %s', (_where, setting) => {
  const world = file('world.json', {
    ...marked({ 'i-0a1': HOSTILE, [`i-0${HOSTILE}`]: 'guarded' }),
    script: [{ after: 'PT1S', set: { 'ec2/Instances/i-0a1/Tags/other': HOSTILE } }],
  });

  it('is shown in results', async () => {
    const ran = await run(['handle', file('event.json', REQUEST), '--world', world], setting);
    expectHarmless(ran);
    expect(ran.out).not.toMatch(/^forged line/mu);
    expect(stripVTControlCharacters(ran.out).replaceAll(/\s+/gu, '')).toContain(`mark${SHOWN}forgedline`);
  });

  it('is the same in JSON, escaped', async () => {
    const ran = await run(['handle', file('event.json', REQUEST), '--world', world, '--json'], setting);
    expectHarmless(ran);
    const { results }: { readonly results: readonly { readonly calls: readonly Call[] }[] } = JSON.parse(ran.out);
    expect(results).toContainEqual(expect.objectContaining({ evidence: expect.objectContaining({ mark: HOSTILE }) }));
    const told = results.flatMap(({ calls }) => calls).filter(({ call }) => call === 'events:PutEvents');
    expect(told).toHaveLength(2);
    for (const { input } of told) {
      const text = JSON.stringify(input);
      expect(printable(text)).toBe(text);
      // Nor is there anything to obey in what a reader makes of it.
      const { Detail = '' } = input.Entries?.[0] ?? {};
      expect(values(JSON.parse(Detail)).filter((value) => value !== printable(value))).toEqual([]);
    }
  });

  it('is shown in the story of a drill', async () => {
    const root = mkdtempSync(join(tmpdir(), 'runbook-hostile-'));
    const name = 'dr\u001b[2J\u202eill';
    mkdirSync(join(root, name));
    const wanted = { results: [{ runbook: 'stop-marked', outcome: HOSTILE }] };
    for (const [path, content] of [
      ['README.md', `# ${HOSTILE}`],
      ['event.json', JSON.stringify(REQUEST)],
      ['world.json', JSON.stringify(marked({ 'i-0a1': HOSTILE }))],
      ['expect.json', JSON.stringify({ results: [{ runbook: 'stop-marked', outcome: 'done', target: HOSTILE }] })],
    ] as const)
      writeFileSync(join(root, name, path), content);
    for (const argv of [['drill'], ['drill', name], ['drill', '--json'], ['drill', HOSTILE]])
      expectHarmless(await run(argv, { ...setting, drills: root }));
    writeFileSync(join(root, name, 'expect.json'), JSON.stringify(wanted));
    const ran = await run(['drill'], { ...setting, drills: root });
    expectHarmless(ran);
    expect(ran.code).toBe(2);
  });

  it.each([
    [['handle', file('bad-1.json', { ...REQUEST, [HOSTILE]: 1 }), '--world', world], 2],
    [['handle', file('bad-2.json', [{ event: REQUEST, runbook: HOSTILE }]), '--world', world], 3],
    [['handle', file('bad-3.json', `{"a": ${HOSTILE}}`), '--world', world], 2],
    [['handle', file('bad-4.json', stateEvent('i-0a1', { account: HOSTILE })), '--world', world], 2],
    [['handle', `/nowhere/${HOSTILE}`, '--world', world], 2],
    [['handle', file('bad-5.json', REQUEST), '--world', file('w.json', { ...marked({}), [HOSTILE]: 1 })], 2],
    [['handle', 'event.json', '--world', world, '--seed', HOSTILE], 2],
    [[HOSTILE], 2],
    [['handle', HOSTILE, `--${HOSTILE}`], 2],
  ])('is shown in one line of complaint: %#', async (argv, code) => {
    const ran = await run(argv, setting);
    expectHarmless(ran);
    expect(ran.code).toBe(code);
    expect(ran.err.split('\n')).toHaveLength(2);
  });
});
