/** Which results of a simulation are shown: a tick's where it has done something, or says something new. */

import { describe, expect, it } from 'vitest';
import { shownResults } from '../../cli/results.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { Invocation } from '../../simulator/engine/run-types.ts';

const AT = '2026-11-22T08:00:00.000Z';

function result(outcome: RunResult['outcome'], ...instances: readonly string[]): RunResult {
  const plan = instances.map((id) => ({ call: 'ec2:StopInstances', input: { InstanceIds: [id] }, because: 'marked' }));
  const reason = 'marked: it is marked';
  return { runbook: 'stop-marked', run: 'run-1', target: 'fleet', outcome, reason, evidence: {}, plan, phases: [] };
}

/** What is shown of ticks that end so, one after the other: the instances of each plan. */
function shown(...results: readonly RunResult[]): readonly (readonly unknown[])[] {
  const invocations = results.map((_each, index): Invocation => ({
    index,
    runbook: 'stop-marked',
    requestId: `tick-${index}`,
    delivery: -1,
    event: {},
    startedAt: AT,
    endedAt: AT,
    ended: 'returned',
  }));
  const logged = results.map((each, invocation) => ({ invocation, result: each }));
  return shownResults({ results: logged, invocations, requests: [] }).map(({ plan }) =>
    plan.flatMap(({ input }) => input['InstanceIds']),
  );
}

describe('ticks that end alike', () => {
  it('are each shown with what they have done, also where it is the same again', () => {
    expect(shown(result('done', 'i-0a1'), result('done', 'i-0b2'), result('done', 'i-0b2'))).toEqual([
      ['i-0a1'],
      ['i-0b2'],
      ['i-0b2'],
    ]);
  });

  it('are shown once where they want the same and may not, and again where they want something else', () => {
    const ticks = ['i-0a1', 'i-0a1', 'i-0b2', 'i-0b2'].map((id) => result('refused', id));
    expect(shown(...ticks)).toEqual([['i-0a1'], ['i-0b2']]);
  });

  it('are not shown where there was nothing to do', () => {
    expect(shown(result('nothing'), result('done', 'i-0a1'), result('nothing'))).toEqual([['i-0a1']]);
  });
});
