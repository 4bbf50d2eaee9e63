import { afterEach, describe, expect, it } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import { emitMetrics, log } from '../../../../shared/kernel/report/telemetry.ts';
import { printable } from '../../../../shared/kernel/printable.ts';

const HOSTILE = 'web\u001b[2J\u009b5m\u202eabc\u200b\u2028';

describe('a log line', () => {
  const lines: string[] = [];
  const restore = surroundWith({ write: (line) => void lines.push(line) });
  afterEach(restore);

  it('holds nothing that a console would obey, and is the same document', () => {
    log('WARN', HOSTILE, { [HOSTILE]: HOSTILE });
    emitMetrics({ runbook: 'stop-marked', counters: { Done: 1 }, target: HOSTILE });
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(printable(line)).toBe(line);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: HOSTILE, [HOSTILE]: HOSTILE });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ Target: HOSTILE });
  });
});
