/** The kill switch, thrown in each second of a durable run. */

import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../shared/kernel/decision.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { Controls, SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { decide } from '../../recycle-instances/decide.ts';
import { fleet, recycle, recycler } from './recycling.ts';

const STOP = { scope: 'all', reason: 'stop!', by: 'kim', at: '2026-11-22T08:00:00Z' };

/** Stops, starts, tags. */
function changesTheAccount({ kind, call }: LoggedRequest): boolean {
  return kind === 'write' && call.startsWith('ec2:');
}

const BEFORE: Decision = { kind: 'wait', seconds: 4, code: 'soon', because: 'not yet', evidence: {} };

describe('the kill switch, thrown in any second of a durable run', () => {
  function changesAfter(end: SimulationEnd, thrownAt: number): readonly string[] {
    return end.requests
      .filter((request) => changesTheAccount(request) && Date.parse(request.at) > thrownAt + 10_000)
      .map(({ call, at }) => `${call} ${at}`);
  }
  it('lets no call of a plan leave later than ten seconds after', async () => {
    const calm = await recycle(recycler());
    const lengthSeconds = Math.ceil(
      (Date.parse(calm.executions[0]?.endedAt ?? '') - Date.parse('2026-11-22T08:00:00Z')) / 1_000,
    );
    expect(lengthSeconds).toBeGreaterThan(30);
    const late: string[] = [];
    for (let second = 0; second <= lengthSeconds; second += 1) {
      const throwIt = ({ clock, ledger }: Controls): void => {
        clock.after(second * 1_000 + 500, () => ledger.switchOn(STOP));
      };
      const end = await recycle(recycler(), {}, throwIt);
      late.push(...changesAfter(end, Date.parse('2026-11-22T08:00:00Z') + second * 1_000 + 500));
    }
    expect(late).toEqual([]);
  }, 60_000);
  it('lets none leave after the wait in which it was thrown', async () => {
    const world = fleet(1);
    // Short waits, and one before the first call: the reading from before is fresh enough by its age.
    const impatient = recycler({
      decide: (facts, limits, now) => {
        const decision = now < '2026-11-22T08:00:04' ? BEFORE : decide(facts, limits, now);
        return decision.kind === 'wait' ? { ...decision, seconds: 4 } : decision;
      },
    });
    const calm = await recycle(impatient, { world });
    const waits = (calm.executions[0]?.operations ?? []).filter(({ Type }) => Type === 'WAIT');
    expect(waits.length).toBeGreaterThan(2);
    const startMs = Date.parse('2026-11-22T08:00:00Z');
    const after: string[] = [];
    for (const { StartTimestamp, WaitDetails } of waits) {
      const endsMs = WaitDetails?.ScheduledEndTimestamp?.getTime() ?? 0;
      // In its last moment: the reading before the wait may be a second old.
      const at = Math.max((StartTimestamp?.getTime() ?? 0) + 1, endsMs - 1);
      const end = await recycle(impatient, { world }, ({ clock, ledger }) => {
        clock.after(at - startMs, () => ledger.switchOn(STOP));
      });
      after.push(
        ...end.requests
          .filter((request) => changesTheAccount(request) && Date.parse(request.at) >= endsMs)
          .map(({ call }) => `${call} after the wait that ended at ${new Date(endsMs).toISOString()}`),
      );
    }
    expect(after).toEqual([]);
  }, 60_000);
});
