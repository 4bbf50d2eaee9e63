import { describe, expect, it } from 'vitest';
import { triggerOf } from '../../../../shared/kernel/report/trigger.ts';

describe('what a record keeps of what has started its run', () => {
  it('is the kind, the time and the names', () => {
    const frame = { at: '2026-11-22T08:00:00.000Z', account: '111122223333', region: 'eu-west-1' };
    expect(
      triggerOf({
        kind: 'alarm',
        id: 'alarm:1',
        ...frame,
        alarmName: 'web-a',
        state: 'ALARM',
        instanceIds: ['i-1'],
        childAlarmNames: [],
      }),
    ).toEqual({ kind: 'alarm', at: '2026-11-22T08:00:00.000Z', alarmName: 'web-a', state: 'ALARM' });
  });

  it('is neither a token nor what somebody has put into a request', () => {
    const hook = { transition: 'launching', group: 'web', hook: 'h', instanceId: 'i-1', token: 'secret' } as const;
    expect(triggerOf({ kind: 'lifecycle', id: 'x', ...hook })).toEqual({
      kind: 'lifecycle',
      transition: 'launching',
      group: 'web',
      hook: 'h',
      instanceId: 'i-1',
    });
    const request = { runbook: 'light-lamps', params: { body: 'secret' }, dryRun: false, requestedBy: 'kim' };
    expect(triggerOf({ kind: 'request', id: 'x', ...request })).toEqual({ kind: 'request', requestedBy: 'kim' });
  });
});
