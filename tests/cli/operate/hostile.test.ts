/** Whatever stands in the ledger, or is typed: the terminal shows it, and obeys none of it. */

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../cli/operate/place.ts';
import { printable } from '../../../shared/kernel/printable.ts';
import { run, type Ran, type Setting } from '../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, record, state } from './fake-place.ts';

const HOSTILE = 'web\u001b[2J\u001b[31mRED\u001b]0;title\u0007\u009b5m\u202eabc\u200b\u2028\rxyz\nforged line';
const TARGET = `${ADDRESS}${HOSTILE}`;
const RUN = `abcdef${HOSTILE}`;

/** Fails for anything that a terminal would obey, but for the command's own colours and its progress line. */
function expectHarmless({ out, err }: Ran, { columns }: Setting): void {
  for (const text of [out, err]) {
    const bare = stripVTControlCharacters(text).replaceAll('\r', '');
    expect(printable(bare)).toBe(bare);
    expect(text).not.toContain('\u001b[2J');
    expect(text).not.toContain('\u001b[31mRED');
    // On a terminal a line is broken wherever it has to be.
    expect(columns === undefined && /^\s*forged line/mu.test(text)).toBe(false);
  }
}

function hostileRecord(outcome: string, id: string): ReturnType<typeof record> {
  const call = { call: HOSTILE, input: { [HOSTILE]: HOSTILE, Tags: [{ Key: HOSTILE, Value: HOSTILE }] } };
  return record(
    { run: id, target: TARGET, at: '2026-11-22T08:03:00.000Z' },
    {
      outcome,
      reason: `${HOSTILE}: ${HOSTILE}`,
      evidence: { [HOSTILE]: HOSTILE, standbys: { [HOSTILE]: HOSTILE }, holder: { id: HOSTILE, verdict: HOSTILE } },
      plan: [{ ...call, because: HOSTILE, undo: call }],
      phases: [{ name: HOSTILE, startedAt: HOSTILE, endedAt: HOSTILE }],
      cut: { [HOSTILE]: 1 },
      commands: {
        undo: [`aws ${HOSTILE}`],
        undoRequest: { runbook: HOSTILE, target: HOSTILE, params: { [HOSTILE]: HOSTILE } },
      },
    },
  );
}

function hostileStack(): Stack {
  const at = '2026-11-22T08:02:00.000Z';
  const pending = { intent: HOSTILE, at: HOSTILE, note: { [HOSTILE]: HOSTILE } };
  const history = { epoch: 1, actions: [HOSTILE], memory: { trouble: `refused:${HOSTILE}` }, pending };
  const stack = fakeStack(
    {
      records: [
        hostileRecord(HOSTILE, RUN),
        hostileRecord('done', `${RUN}2`),
        hostileRecord('awaiting-approval', `${RUN}3`),
      ],
      resources: [
        state({ resource: TARGET, owner: `${RUN}|x`, until: '2026-11-22T09:00:00.000Z', history }),
        state({ resource: `${TARGET}2`, owner: HOSTILE, until: '2026-11-22T07:00:00.000Z', history }),
      ],
      switches: [{ scope: HOSTILE, reason: HOSTILE, by: HOSTILE, at: HOSTILE, from: HOSTILE, until: HOSTILE }],
      modes: [{ scope: 'all', mode: 'plan', reason: HOSTILE, by: HOSTILE, at: HOSTILE }],
      operations: [{ at, by: HOSTILE, what: HOSTILE, scope: HOSTILE, reason: HOSTILE, more: { run: RUN } }],
    },
    {
      prefix: HOSTILE,
      version: HOSTILE,
      alarms: () => Promise.resolve([{ name: HOSTILE, since: HOSTILE, why: HOSTILE }]),
      heartbeats: () => Promise.reject(new Error(HOSTILE)),
      standing: () => Promise.resolve({ kind: 'ended', error: HOSTILE }),
      details: () =>
        Promise.resolve([{ at, kind: 'read', name: HOSTILE, input: { [HOSTILE]: HOSTILE }, error: HOSTILE }]),
    },
  );
  return stack;
}

const SETTINGS: readonly (readonly [string, Setting])[] = [
  ['in a pipe', {}],
  ['on a terminal', { tty: true, columns: 80 }],
  ['in colours', { env: { FORCE_COLOR: '1' } }],
  ['on a narrow terminal', { tty: true, columns: 40 }],
];

describe.each(SETTINGS)('text from outside, %s', (_where, setting) => {
  const openPlace = (): Promise<Place> =>
    Promise.resolve(fakePlace([hostileStack(), fakeStack()], { alias: HOSTILE, caller: HOSTILE }));

  it.each([
    [[]],
    [['status', '--json']],
    [['runs']],
    [['runs', '--json']],
    [['runs', '--target', TARGET]],
    [['show', `${RUN}2`]],
    [['show', `${RUN}2`, '-v']],
    [['show', `${RUN}2`, '-f']],
    [['show', `${RUN}2`, '--json']],
    [['show', `${RUN}2`, '--html', '-']],
    [['show', 'abcdef']],
    [['show', `nowhere${HOSTILE}`]],
    [['runs', '--outcome', HOSTILE]],
    [['runs', '--since', HOSTILE]],
    [['runs', '--runbook', HOSTILE]],
  ])('is shown, not obeyed: runbook %j', async (argv) => {
    const ran = await run(argv, { ...setting, openPlace });
    expectHarmless(ran, setting);
    expect(ran.err).not.toContain('    at ');
  });

  it('is shown in the header of a world', async () => {
    const world = (): Promise<Place> => Promise.resolve(fakePlace([fakeStack()], { kind: 'world', file: HOSTILE }));
    const ran = await run([], { ...setting, openPlace: world });
    expectHarmless(ran, setting);
    expect(stripVTControlCharacters(ran.err)).toMatch(/^WORLD/u);
  });
});
