/** A world file says what earlier runs left in the ledger, down to a lease that is held and an intent that nobody settled. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { file, marked, REQUEST, run, type Ran } from './terminal.ts';

const functions = await discoverFunctions(join(ROOT, 'functions'));
const DRILL = join(ROOT, 'drills', 'instance-dies');
const drillWorld = z.looseObject({}).parse(JSON.parse(readFileSync(join(DRILL, 'world.json'), 'utf8')));

const ADDRESS = 'eipalloc-04c8e2a6f1b3d9570';
const ARN = `arn:aws:ec2:eu-west-1:111122223333:elastic-ip/${ADDRESS}`;
/** The holder of the drill fails at 08:02:07, three minutes after this was announced. */
const PENDING = { intent: `${ADDRESS} to i-0b93e1f67a2c4d815`, at: '2026-11-22T07:59:00Z', note: {} };

const shown = z.object({ results: z.array(z.object({ outcome: z.string(), code: z.string() })) });

async function given(item: object): Promise<{ readonly ran: Ran; readonly ends: readonly string[] }> {
  const ledger = { resources: [{ resource: ARN, runbook: 'reassign-elastic-ip', ...item }] };
  const world = file('ledger-world.json', { ...drillWorld, ledger });
  const ran = await run(['handle', join(DRILL, 'event.json'), '--world', world, '--json'], { functions });
  const { results } = shown.parse(ran.out === '' ? { results: [] } : JSON.parse(ran.out));
  return { ran, ends: results.map(({ outcome, code }) => `${outcome} ${code}`) };
}

describe('ledger items of a world file', () => {
  it('hold a target while their lease lasts', async () => {
    const { ends } = await given({
      owner: 'another-run',
      until: '2026-11-22T09:00:00Z',
      history: { epoch: 3, pending: PENDING },
    });
    expect(ends).toEqual(['refused leased', 'nothing alarm-not-raised']);
  });

  it('are taken up once it is over', async () => {
    const { ends } = await given({
      owner: 'another-run',
      until: '2026-11-22T07:59:30Z',
      history: { epoch: 3, pending: PENDING },
    });
    expect(ends).toEqual(['done failed-over', 'nothing alarm-not-raised']);
  });

  it('count as actions', async () => {
    const { ends } = await given({ history: { actions: ['2026-11-22T08:01:00Z'] } });
    expect(ends).toEqual(['refused cooldown', 'nothing alarm-not-raised']);
  });

  it.each([
    [
      { owner: 'another-run', history: {} },
      'ledger.resources[0]: a lease has an owner and an end: give both owner and until, or neither',
    ],
    [{ history: { pending: { intent: 'x' } } }, 'ledger.resources[0].history.pending.at: '],
    [{ history: { pending: { ...PENDING, by: 'kim' } } }, 'ledger.resources[0].history.pending.by: unknown member'],
  ])('are refused where they say half: %#', async (item, line) => {
    const ledger = { resources: [{ resource: ARN, runbook: 'stop-marked', ...item }] };
    const { code, err } = await run([
      'handle',
      file('event.json', REQUEST),
      '--world',
      file('half-world.json', marked({}, { ledger })),
    ]);
    expect(code).toBe(2);
    expect(err).toContain(`half-world.json: ${line}`);
  });
});
