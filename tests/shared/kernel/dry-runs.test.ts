/** What a dry run leaves behind: its record, and what was decided that is no act. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { failing as failingWhereHindered } from '../../../shared/kernel/run/hindered.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { LAMP, lightUp, stoppedEvent, tick, useToys, type Toy, type ToyFacts } from './toy-runbook.ts';

const toy = useToys();
afterEach(() => vi.unstubAllEnvs());
const ASKED = { runbook: 'light-lamps', dryRun: true };

function memoryOf({ ledger }: Toy): { readonly [key: string]: string } {
  return ledger.dump().resources.find(({ resource }) => resource === LAMP)?.history.memory ?? {};
}

/** Dark for a minute is dark: a decision that needs to remember since when. */
function sinceWhen({ history }: ToyFacts, _limits: object, now: string): Decision {
  const since = typeof history === 'object' ? history.memory['since'] : undefined;
  if (since !== undefined && Date.parse(now) - Date.parse(since) >= 60_000)
    return lightUp(undefined, { remember: { lit: now } });
  const doubt = { code: 'doubtful', because: 'it may come back', evidence: {} } as const;
  return { kind: 'nothing', ...doubt, ...(since === undefined ? { remember: { since: now } } : {}) };
}

describe('a dry run', () => {
  it('plans, is recorded, and holds, books and announces nothing', async () => {
    const lamp = toy(() => ({ decide: () => lightUp(undefined, { remember: { lit: 'once' } }) }));
    const [result] = await lamp.give(ASKED);
    expect(result).toMatchObject({ outcome: 'planned', plan: [{ call: 'toy:Light', input: { Lamp: 1 } }] });
    expect(lamp.sent).toEqual([]);
    const { records, resources } = lamp.ledger.dump();
    expect(records).toMatchObject([
      { runbook: 'light-lamps', run: 'run-1', target: LAMP, body: { outcome: 'planned' } },
    ]);
    expect(resources).toEqual([
      {
        resource: LAMP,
        runbook: 'light-lamps',
        history: { epoch: 0, actions: [], memory: { planned: expect.stringMatching(/^planned:[0-9a-f]{32}$/u) } },
      },
    ]);
  });

  it('remembers what decides later, and so comes to its plan', async () => {
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    const lamp = toy(() => ({ decide: sinceWhen }));
    expect(await lamp.give(tick())).toMatchObject([{ outcome: 'nothing' }]);
    expect(memoryOf(lamp)).toEqual({ since: '2026-11-22T08:00:00.000Z' });
    vi.setSystemTime('2026-11-22T08:01:00Z');
    expect(await lamp.give(tick(), 'run-2')).toMatchObject([{ outcome: 'planned' }]);
    // What would be remembered of an act is not: nothing was done.
    expect(Object.keys(memoryOf(lamp))).toEqual(['since', 'planned']);
    vi.setSystemTime('2026-11-22T08:02:00Z');
    expect(await lamp.give(tick(), 'run-3')).toMatchObject([{ outcome: 'planned' }]);
    expect(lamp.ledger.dump().records.map(({ run }) => run)).toEqual(['run-2']);
  });

  it.each(['refuse', 'wait', 'nothing'] as const)('remembers what a decision to %s asks for', async (kind) => {
    const doubt = { code: 'doubtful', because: 'it may come back', evidence: {}, remember: { since: 'now' } } as const;
    const lamp = toy(() => ({ decide: () => ({ ...doubt, kind, seconds: 5 }) }));
    await lamp.give(ASKED);
    expect(memoryOf(lamp)).toMatchObject({ since: 'now' });
  });

  it('does not fail where the ledger does not answer', async () => {
    const lost = (): Promise<never> => Promise.reject(new Error('no table'));
    const ledger = { ...memoryLedger(), record: lost, remember: lost };
    expect(await toy(() => ({}), ledger).give(ASKED)).toMatchObject([{ outcome: 'planned' }]);
    const nothing = { ...ledger, resources: lost, switches: lost, resource: lost };
    for (const hindered of [{}, { hindered: failingWhereHindered }])
      expect(await toy(() => hindered, nothing).give(ASKED)).toMatchObject([
        { outcome: 'refused', reason: expect.stringMatching(/^ledger-lost/u) },
      ]);
    const proceeds = toy(() => ({ ledgerLost: 'proceed' }), nothing);
    expect(await proceeds.give(ASKED)).toMatchObject([{ outcome: 'planned' }]);
  });

  it('that is refused as a whole is told, and told by a run that acts all the same', async () => {
    const lamp = toy(() => ({ suspicious: () => 'ten times as many' }));
    const recorded = (): readonly string[] => lamp.ledger.dump().records.map(({ run }) => run);
    await lamp.give(ASKED, 'dry-1');
    await lamp.give(ASKED, 'dry-2');
    await lamp.give(tick(), 'run-1');
    await lamp.give(tick(), 'run-2');
    expect(recorded()).toEqual(['dry-1', 'run-1']);
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    const stale = stoppedEvent({ time: '2026-11-22T07:00:00Z' });
    expect(await lamp.give(stale, 'dry-3')).toMatchObject([{ outcome: 'refused' }]);
    expect(recorded()).toContain('dry-3');
  });
});
