import { describe, expect, it } from 'vitest';
import { checkResults, parseExpectation } from '../../rehearsal/expect.ts';
import type { SimulationResult } from '../../simulator/engine/run-types.ts';

const RESULT: SimulationResult['results'][number]['result'] = {
  runbook: 'carry-volumes',
  run: 'run-1',
  target: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1',
  outcome: 'done',
  reason: 'released: nobody writes',
  evidence: { rpoSeconds: 0, warmSet: 'crash-consistent' },
  plan: [],
  phases: [],
};
const RUN = {
  results: [{ invocation: 0, result: RESULT }],
  invocations: [
    {
      index: 0,
      runbook: 'carry-volumes',
      requestId: 'r',
      delivery: 0,
      event: {},
      startedAt: '',
      endedAt: '',
      ended: 'returned' as const,
    },
  ],
};

function faults(wanted: object): string[] {
  return checkResults(parseExpectation({ results: [{ runbook: 'carry-volumes', outcome: 'done', ...wanted }] }), RUN);
}

describe('an expected result', () => {
  it('is met by its code, the end of its target, and the members of the evidence it names', () => {
    expect(faults({ code: 'released', target: 'instance/i-1', evidence: { rpoSeconds: 0 } })).toEqual([]);
    expect(faults({ evidence: {} })).toEqual([]);
  });

  it('is missed by another value of the evidence, and both values are told', () => {
    expect(faults({ evidence: { warmSet: 'file systems frozen' } })).toEqual([
      'result 1: expected carry-volumes done with {"warmSet":"file systems frozen"}, found carry-volumes done on arn:aws:ec2:eu-west-1:111122223333:instance/i-1: released: nobody writes; warmSet "crash-consistent"',
    ]);
    expect(faults({ evidence: { absent: 1 } })[0]).toMatch(/; absent null$/u);
  });
});
