import { describe, expect, it } from 'vitest';
import { INTERESTS } from '../../../rehearsal/reassign-elastic-ip/interests.ts';
import { whenStoppedBy } from '../worlds/stops.ts';

describe('nobody-who-is-well-is-stopped', () => {
  const [interest = { name: 'none', quotes: '' }] = INTERESTS.filter(
    ({ name }) => name === 'nobody-who-is-well-is-stopped',
  );
  const FAIL_BACK = { runbook: 'reassign-elastic-ip', target: 'eipalloc-01', action: 'fail-back' };

  it('is broken by a stop that nobody asked for, also of who carries volumes', () => {
    expect(whenStoppedBy('reassign-elastic-ip', interest)).toBe('i-0a1 was stopped, and had been well');
  });

  it('holds where a person has just asked to move the address', () => {
    expect(whenStoppedBy('reassign-elastic-ip', interest, { asked: FAIL_BACK })).toBeUndefined();
  });

  it('is broken where a person asked another runbook', () => {
    const asked = { ...FAIL_BACK, runbook: 'carry-volumes' };
    expect(whenStoppedBy('reassign-elastic-ip', interest, { asked })).toBe('i-0a1 was stopped, and had been well');
  });

  it('does not answer for the stops of another runbook', () => {
    expect(whenStoppedBy('carry-volumes', interest)).toBeUndefined();
  });
});
