import { describe, expect, it } from 'vitest';
import { INTERESTS } from '../../../rehearsal/carry-volumes/interests.ts';
import { whenStoppedBy } from '../worlds/stops.ts';

describe('who-serves-is-left-alone', () => {
  const [interest = { name: 'none', quotes: '' }] = INTERESTS.filter(({ name }) => name === 'who-serves-is-left-alone');
  const STOPPED = 'i-0a1, in service and healthy, was stopped';

  it('is broken by a stop of a member in service', () => {
    expect(whenStoppedBy('carry-volumes', interest)).toBe(STOPPED);
  });

  it('does not answer for the fence of an address, which its own runbook tells of', () => {
    expect(whenStoppedBy('reassign-elastic-ip', interest)).toBeUndefined();
    expect(
      whenStoppedBy('reassign-elastic-ip', interest, { request: { fault: 'reply-lost', error: 'TimeoutError' } }),
    ).toBeUndefined();
  });

  it.each([
    ['is about another instance', { input: { InstanceIds: ['i-0b2'] } }],
    ['is no stop', { call: 'ec2:StartInstances' }],
    ['was refused', { error: 'UnauthorizedOperation' }],
    ['takes effect a minute later', { answeredAt: '2026-11-22T08:01:31.000Z' }],
    ['took effect a minute before', { answeredAt: '2026-11-22T07:59:31.000Z' }],
    ['is that of a third one', { runbook: 'heal-bastion' }],
  ])('is broken where a request of another runbook %s', (_why, request) => {
    expect(whenStoppedBy('reassign-elastic-ip', interest, { request })).toBe(STOPPED);
  });

  it('is broken where a volume is taken off as well', () => {
    expect(whenStoppedBy('reassign-elastic-ip', interest, { isStripped: true })).toBe(
      'i-0a1, in service and healthy, has its volume vol-01 taken off',
    );
  });
});
