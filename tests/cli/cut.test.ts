/** What was too long for the log is said by the command, too. */

import { expect, it } from 'vitest';
import { withCalls } from '../../cli/results.ts';
import { detailText } from '../../cli/show.ts';
import { paintFor } from '../../cli/terminal.ts';
import { fitted } from '../../shared/kernel/report/fitted.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';

const RESULT: RunResult = {
  runbook: 'reassign-elastic-ip',
  run: 'run-1',
  outcome: 'refused',
  reason: 'no-good-candidate: none is good',
  evidence: { alarms: ['x'.repeat(3_000)] },
  plan: [],
  phases: [],
};

it('names what has lost something, and how much', () => {
  const paint = paintFor({ isTTY: false, columns: () => 100, write: () => undefined }, {});
  const told = (result: RunResult): readonly string[] =>
    withCalls([result], []).map((shown) => detailText(shown, 100, paint));
  expect(told(fitted(RESULT, 2_000))[0]).toContain('  too long for the log\n    1436 bytes of evidence.alarms');
  expect(told(RESULT)[0]).not.toContain('too long');
});
