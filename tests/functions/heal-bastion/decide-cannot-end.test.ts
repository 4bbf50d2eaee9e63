/** A host that AWS would not end: it is put back, told of, and left alone for a while; others go first. */

import { describe, expect, it } from 'vitest';
import {
  ago,
  asked,
  decided,
  DRAINS,
  FAILS,
  host,
  IMPAIRED,
  INITIAL,
  planned,
  saidNo,
  since,
  taken,
  TARGET,
  told,
} from './fleet-facts.ts';

const OUT = [host('a', { targets: DRAINS }), host('b'), host('c')];
const FAILED = { wasHealthy: false };
const END = 'ec2:TerminateInstances';
const END_IN_GROUP = 'autoscaling:TerminateInstanceInAutoScalingGroup';
const DENIAL = `${ago(0)} OperationNotPermitted: it is protected`;
const REMEDY =
  'lift its termination protection (aws ec2 modify-instance-attribute --instance-id i-a --no-disable-api-termination), or end it by your own hand; it is tried again after 6 h, or at once for a person who asks';

function denied(seconds: number, letter = 'a'): { readonly [key: string]: string } {
  return { [`cannot-end:i-${letter}`]: `${ago(seconds)} OperationNotPermitted: it is protected` };
}

describe('a host that is out, and that AWS would not end', () => {
  const refused = (...refusals: readonly ReturnType<typeof saidNo>[]) =>
    decided({ hosts: OUT, note: taken('a', 150, FAILED), refusals });

  it.each([
    [END, { InstanceIds: ['i-a'] }],
    [END_IN_GROUP, { InstanceId: 'i-a' }],
  ])('by %s is put back', (call, input) => {
    const decision = refused(saidNo(call, input));
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'putting-back',
      because: 'i-a cannot be ended: i-a is registered again',
      note: { back: 'i-a', at: ago(0), run: 'run-1', why: 'i-a cannot be ended', denial: DENIAL },
      budget: 'free',
      more: true,
    });
    expect(planned(decision)).toEqual([
      ['elasticloadbalancing:RegisterTargets', { TargetGroupArn: TARGET, Targets: [{ Id: 'i-a', Port: 22 }] }],
    ]);
  });

  it.each([
    ['of another host', saidNo(END, { InstanceIds: ['i-ab'] })],
    ['of another call', saidNo('ssm:SendCommand', { InstanceIds: ['i-a'] })],
    ['that is none for good', saidNo(END, { InstanceIds: ['i-a'] }, { meaning: 'conflict' })],
  ])('is none by a refusal %s', (_what, refusal) => {
    expect(told(refused(refusal))).toBe('act ending');
  });

  it('is one where its group says again and again that it is no member, and has it', () => {
    const conflict = saidNo(END_IN_GROUP, { InstanceId: 'i-a' }, { meaning: 'conflict', name: 'ValidationError' });
    expect(told(refused(conflict))).toBe('act ending');
    expect(told(refused(conflict, conflict))).toBe('act putting-back');
  });

  it('keeps of a long message what can be read, without the stop at its end', () => {
    const of = (message: string) => refused(saidNo(END, { InstanceIds: ['i-a'] }, { message }));
    expect(of('It is.')).toMatchObject({ note: { denial: `${ago(0)} OperationNotPermitted: It is` } });
    expect(of('x'.repeat(160))).toMatchObject({
      note: { denial: `${ago(0)} OperationNotPermitted: ${'x'.repeat(160)}` },
    });
    expect(of('x'.repeat(161))).toMatchObject({
      note: { denial: `${ago(0)} OperationNotPermitted: ${'x'.repeat(160)}…` },
    });
  });
});

describe('a host that was put back', () => {
  const NOTE = { back: 'i-a', at: ago(10), run: 'run-1', why: 'no other host is healthy', denial: null };
  const BACK = [host('a', { targets: INITIAL }), host('b'), host('c')];

  it('is told as not mended, and it is over with that', () => {
    const decision = decided({ hosts: BACK, note: NOTE });
    expect(decision).toMatchObject({
      kind: 'refuse',
      code: 'put-back',
      because: 'no other host is healthy: i-a is registered again, and what was wrong with it is not mended',
      evidence: { putBack: 'i-a' },
      attention: true,
      over: true,
    });
    // Nobody was replaced, and nobody goes out and in at each tick.
    expect(decision).toMatchObject({ inVain: true, remember: { 'put-back:i-a': ago(0) } });
  });

  const fails = (seconds: number, more: Parameters<typeof decided>[0] = {}) =>
    decided({
      hosts: [host('a', { targets: FAILS }), host('b'), host('c')],
      memory: { 'since:i-a': ago(900), 'put-back:i-a': ago(seconds) },
      ...more,
    });

  it('is left in for ten minutes, unless a person asks', () => {
    expect(fails(599)).toMatchObject({
      kind: 'refuse',
      code: 'put-back',
      because: `i-a unhealthy (Target.FailedHealthChecks) at port 22, and was taken out and registered again at ${ago(599)}: it is tried again 600 s after that, or at once for a person who asks`,
      evidence: { putBack: 'i-a' },
      attention: true,
    });
    expect(Object.keys(fails(599).remember ?? {})).not.toContain('put-back:i-a');
    expect(fails(600)).toMatchObject({ code: 'replacing', note: { host: 'i-a' }, remember: { 'put-back:i-a': null } });
    expect(told(fails(10, { ask: asked('a') }))).toBe('act replacing');
  });

  it('goes after others that fail', () => {
    const memory = { 'since:i-a': ago(900), 'since:i-b': ago(100), 'put-back:i-a': ago(10) };
    const hosts = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), host('c')];
    expect(fails(10, { hosts, memory })).toMatchObject({ code: 'replacing', note: { host: 'i-b' } });
  });

  it('because AWS would not end it is remembered, and nothing was replaced', () => {
    const note = { ...NOTE, why: 'i-a cannot be ended', denial: DENIAL };
    expect(decided({ hosts: BACK, note })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-end',
      because: `i-a cannot be ended (OperationNotPermitted: it is protected, at ${ago(0)}): ${REMEDY}. It was taken out for that, and is registered again: it is not mended`,
      evidence: { putBack: 'i-a', cannotEnd: 'i-a' },
      remember: { 'cannot-end:i-a': DENIAL },
      attention: true,
      over: true,
      inVain: true,
    });
  });

  it('is waited for until that shows, and registered once more', () => {
    expect(decided({ hosts: OUT, note: { ...NOTE, at: ago(59) } })).toMatchObject({
      kind: 'wait',
      code: 'putting-back',
      because: 'no other host is healthy: i-a is registered again, and that does not show yet',
      seconds: 15,
    });
    const late = decided({ hosts: OUT, note: { ...NOTE, at: ago(60) } });
    expect(late).toMatchObject({ code: 'putting-back', note: { ...NOTE, at: ago(0) } });
    expect(planned(late).map(([call]) => call)).toEqual(['elasticloadbalancing:RegisterTargets']);
  });

  it.each([
    ['is gone', [host('b'), host('c')]],
    ['does not run', [host('a', { state: 'stopped', targets: DRAINS }), host('b')]],
    ['is no member', [host('a', { membership: null, targets: DRAINS }), host('b')]],
  ])('is not waited for where it %s', (_what, hosts) => {
    expect(told(decided({ hosts, note: { ...NOTE, at: ago(60) } }))).toBe('refuse put-back');
  });

  it("by another run is that one's, unless it may be dead", () => {
    const note = { ...NOTE, run: 'run-0' };
    const ask = { kind: 'look', by: 'alarm bastion-unhealthy', isTick: false } as const;
    expect(told(decided({ hosts: BACK, note, ask }))).toBe('nothing another-run');
    expect(told(decided({ hosts: BACK, note }))).toBe('refuse put-back');
    expect(told(decided({ hosts: BACK, note, ask: asked('b') }))).toBe('refuse put-back');
  });

  it.each([{ back: 1 }, { at: 1 }, { why: 1 }])('is none by a note that says %j', (more) => {
    expect(told(decided({ note: { ...NOTE, ...more } }))).toBe('nothing healthy');
  });
});

describe('what AWS would not end', () => {
  const ONE = [host('a', { targets: FAILS }), host('b'), host('c')];
  const memory = { ...since(900, 'a'), ...denied(100) };

  it('is not tried again for six hours, and told with what to do', () => {
    expect(decided({ hosts: ONE, memory })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-end',
      because: `i-a unhealthy (Target.FailedHealthChecks) at port 22, and i-a cannot be ended (OperationNotPermitted: it is protected, at ${ago(100)}): ${REMEDY}`,
      evidence: { cannotEnd: 'i-a' },
      attention: true,
    });
    expect(told(decided({ hosts: ONE, memory: { ...memory, ...denied(21_599) } }))).toBe('refuse cannot-end');
    expect(told(decided({ hosts: ONE, memory: { ...memory, ...denied(21_600) } }))).toBe('act replacing');
  });

  it.each([
    ['AccessDenied: no', 'look which policy denies it'],
    ['UnauthorizedOperation: no', 'look which policy denies it'],
    ['ValidationError: no', "look at its group's activities"],
  ])('is told with what to do: %s', (words, remedy) => {
    const decision = decided({ hosts: ONE, memory: { ...memory, 'cannot-end:i-a': `${ago(9)} ${words}` } });
    expect(decision.because).toContain(`(${words}, at ${ago(9)}): ${remedy}, or end it by your own hand; `);
  });

  it('is tried at once for a person who asks', () => {
    expect(told(decided({ hosts: ONE, memory, ask: asked('a') }))).toBe('act replacing');
  });

  it('lets others go first, however long it fails', () => {
    const hosts = [host('a', { targets: FAILS }), host('b', { targets: FAILS }), host('c')];
    const both = { ...since(900, 'a'), ...since(200, 'b'), ...denied(100) };
    expect(decided({ hosts, memory: both })).toMatchObject({ code: 'replacing', evidence: { replacing: 'i-b' } });
  });

  it('and was never taken out is refused and remembered, not tried again in the same run', () => {
    const hosts = [host('a', { targets: [], checks: IMPAIRED }), host('b'), host('c')];
    const refusals = [saidNo(END_IN_GROUP, { InstanceId: 'i-a' })];
    expect(decided({ hosts, memory: since(900, 'a'), refusals })).toMatchObject({
      kind: 'refuse',
      code: 'cannot-end',
      remember: { 'cannot-end:i-a': DENIAL },
      over: true,
    });
    expect(told(decided({ hosts, ask: asked('a'), refusals }))).toBe('refuse cannot-end');
  });

  it.each([
    ['is gone', [host('b'), host('c')], denied(100), { 'cannot-end:i-a': null }],
    [
      'has ended',
      [host('a', { state: 'terminated', membership: null, targets: [] }), host('b')],
      denied(100),
      { 'cannot-end:i-a': null },
    ],
    [
      'is absent',
      [host('a', { state: 'absent', membership: null, targets: [] }), host('b')],
      denied(100),
      { 'cannot-end:i-a': null },
    ],
    ['may be tried again', [host('a'), host('b')], denied(21_600), { 'cannot-end:i-a': null }],
    ['is there', [host('a'), host('b')], denied(21_599), undefined],
  ])('is forgotten when it %s', (_what, hosts, kept, remember) => {
    expect(decided({ hosts, memory: kept, group: { members: 3 } }).remember).toEqual(remember);
  });
});
