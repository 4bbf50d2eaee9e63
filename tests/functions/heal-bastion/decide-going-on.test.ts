/** A replacement that was begun: the host is out, is ended, and another comes. */

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import {
  ago,
  ALARM,
  asked,
  count,
  decided,
  DRAINS,
  FAILS,
  host,
  IMPAIRED,
  INITIAL,
  member,
  planned,
  TARGET,
  taken,
  target,
  told,
} from './fleet-facts.ts';

const OUT = [host('a', { targets: DRAINS }), host('b'), host('c')];
/** Its machine is well, and it is registered nowhere any more. */
const GONE_OUT = [host('a', { targets: [] }), host('b'), host('c')];

/** Nobody needs to be asked who is on it. */
const FAILED = { wasHealthy: false };

const END = [
  'autoscaling:TerminateInstanceInAutoScalingGroup',
  { InstanceId: 'i-a', ShouldDecrementDesiredCapacity: false },
] as const;

describe('a host that is out', () => {
  it('may get new connections for a while', () => {
    const decision = decided({ hosts: OUT, note: taken('a', 100, FAILED) });
    expect(decision).toMatchObject({
      kind: 'wait',
      code: 'draining',
      because: 'i-a is deregistered, and may get new connections for 150 s',
      seconds: 50,
      evidence: { replacing: 'i-a', outSince: ago(100), healthy: 2 },
    });
    expect(decided({ hosts: OUT, note: taken('a', 149.5, FAILED) })).toMatchObject({ code: 'draining', seconds: 1 });
  });

  it('is ended through its group after that', () => {
    const decision = decided({ hosts: OUT, note: taken('a', 150, FAILED) });
    const because = `i-a is deregistered since ${ago(150)}: it is ended, and its group launches another`;
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'ending',
      because,
      intent: 'end i-a',
      evidence: { replacing: 'i-a' },
      note: taken('a', 150, { ...FAILED, endedAt: ago(0) }),
      budget: 'free',
      onDenied: 'decide',
      more: true,
    });
    expect(decision.kind === 'act' ? decision.plan : []).toEqual([
      { call: END[0], input: END[1], because, voids: ['i-a'] },
    ]);
    expect(planned(decided({ hosts: GONE_OUT, note: taken('a', 150, FAILED) }))).toEqual([END]);
  });

  it('is not asked to be ended twice before the first time shows', () => {
    const note = taken('a', 200, { ...FAILED, endedAt: ago(59) });
    expect(decided({ hosts: OUT, note })).toMatchObject({
      kind: 'wait',
      code: 'replacement-coming',
      because: 'i-a is ended, and that does not show yet',
      seconds: 30,
    });
    expect(planned(decided({ hosts: OUT, note: taken('a', 200, { ...FAILED, endedAt: ago(60) }) }))).toEqual([END]);
  });

  it('is not ended while another comes or goes', () => {
    const hosts = [...OUT.slice(0, 2), host('c', { membership: member('Terminating') }), host('d')];
    expect(decided({ hosts, note: taken('a', 4_799, FAILED) })).toMatchObject({
      kind: 'wait',
      code: 'in-flight',
      because: 'i-a is deregistered; i-c is Terminating: one at a time',
      seconds: 30,
    });
    expect(decided({ hosts, note: taken('a', 4_800, FAILED) })).toMatchObject({
      kind: 'act',
      code: 'putting-back',
      because: 'i-c is Terminating, and keeps i-a from being ended: i-a is registered again',
    });
  });

  it('is ended by itself where only itself has the tag, or its group is not known', () => {
    const hosts = [host('a', { targets: DRAINS, isTagged: true }), host('b'), host('c')];
    const alone = [['ec2:TerminateInstances', { InstanceIds: ['i-a'] }]];
    const note = taken('a', 150, { ...FAILED, isByGroup: false });
    expect(planned(decided({ hosts, note, group: { isTagged: false } }))).toEqual(alone);
    expect(planned(decided({ hosts, note, group: null }))).toEqual(alone);
  });

  it('is out with a target that is not used', () => {
    const hosts = [host('a', { targets: [...DRAINS, target({ port: 23, state: 'unused' })] }), host('b'), host('c')];
    expect(told(decided({ hosts, note: taken('a', 150, FAILED) }))).toBe('act ending');
  });

  it.each([
    ['one of its ports is not', [...DRAINS, target({ port: 23 })], 'nothing in-flight'],
    ['it was never deregistered', [target()], 'nothing healthy'],
    ['it was put back', INITIAL, 'nothing in-flight'],
  ])('is not out where %s: what is seen counts', (_what, targets, expected) => {
    const hosts = [host('a', { targets }), host('b'), host('c')];
    expect(told(decided({ hosts, note: taken('a', 150, FAILED) }))).toBe(expected);
  });

  it('is gone on with before anything else is judged', () => {
    const hosts = [host('a', { targets: DRAINS }), host('b'), host('c', { targets: FAILS })];
    expect(told(decided({ hosts, note: taken('a', 150, FAILED), group: { members: 2 } }))).toBe('act ending');
    expect(told(decided({ hosts, note: taken('a', 150, FAILED), ask: asked('b') }))).toBe('act ending');
  });
});

describe('a host that is out while the others fail', () => {
  const lonely = (first: ReturnType<typeof host>, second = host('b', { targets: FAILS }), more: JsonObject = {}) =>
    decided({ hosts: [first, second], note: taken('a', 10, more), group: { desired: 2, members: 2 } });

  it('is put back, and that is told', () => {
    const input = { TargetGroupArn: TARGET, Targets: [{ Id: 'i-a', Port: 22 }] };
    const because = 'no other host is healthy: i-a is registered again';
    expect(lonely(host('a', { targets: DRAINS }))).toMatchObject({
      kind: 'act',
      code: 'putting-back',
      because,
      evidence: { putBack: 'i-a', healthy: 0 },
      plan: [{ call: 'elasticloadbalancing:RegisterTargets', input, because, voids: ['i-a'] }],
      intent: 'put back i-a',
      note: { back: 'i-a', at: ago(0), run: 'run-1', why: 'no other host is healthy', ports: [22], denial: null },
      budget: 'free',
      attention: true,
      more: true,
    });
  });

  const back = (more: JsonObject, targets = DRAINS) =>
    planned(lonely(host('a', { targets }), undefined, more)).map(([, input]) => input);

  it('is put back at the ports that it was taken out of, whatever still drains there', () => {
    const Targets = [
      { Id: 'i-a', Port: 22 },
      { Id: 'i-a', Port: 2222 },
    ];
    expect(back({ ports: [22, 2222] })).toEqual([{ TargetGroupArn: TARGET, Targets }]);
    expect(back({ ports: [22, 2222] }, [])).toEqual([{ TargetGroupArn: TARGET, Targets }]);
  });

  it('is put back, by a note without ports, where it drains, and where it has drained at the port of the target group', () => {
    for (const ports of [undefined, [], 'all', ['22']]) {
      expect(back({ ports })).toEqual([{ TargetGroupArn: TARGET, Targets: [{ Id: 'i-a', Port: 22 }] }]);
      expect(back({ ports }, [])).toEqual([{ TargetGroupArn: TARGET, Targets: [{ Id: 'i-a' }] }]);
    }
  });

  it('is not put back where its machine is dead, or somebody serves', () => {
    expect(told(lonely(host('a', { targets: DRAINS, checks: IMPAIRED })))).toBe('wait draining');
    expect(told(lonely(host('a', { targets: DRAINS }), host('b')))).toBe('wait draining');
  });
});

describe('a host that was ended', () => {
  const ENDED = taken('a', 400, { endedAt: ago(240) });

  it.each([
    ['is not gone yet', [host('a', { state: 'shutting-down' }), host('b'), host('c')], 'i-a is shutting-down'],
    [
      'is still with its group',
      [host('a', { membership: member('Terminating:Wait'), targets: DRAINS }), host('b'), host('c')],
      'i-a is Terminating:Wait',
    ],
    [
      'is gone, and its group does not know',
      [host('a', { state: 'terminated' }), host('b'), host('c')],
      'i-a is terminated',
    ],
    [
      'has one in its place that comes',
      [host('b'), host('c'), host('d', { targets: INITIAL })],
      'i-d initial (Elb.RegistrationInProgress) at port 22',
    ],
  ])('is followed while it %s', (_what, hosts, what) => {
    expect(decided({ hosts, note: ENDED })).toMatchObject({
      kind: 'wait',
      code: 'replacement-coming',
      because: `i-a is ended; ${what}`,
      seconds: 30,
      evidence: { replaced: 'i-a' },
    });
  });

  it('is followed while its group lacks one', () => {
    expect(decided({ hosts: [host('b'), host('c')], note: ENDED, group: { members: 2 } })).toMatchObject({
      code: 'replacement-coming',
      because: 'i-a is ended; bastion has 2 of 3 members',
    });
    const hosts = [host('b'), host('c', { targets: DRAINS })];
    expect(decided({ hosts, note: ENDED, group: { members: 2 } }).because).toBe(
      'i-a is ended; i-c draining (Target.DeregistrationInProgress) at port 22, bastion has 2 of 3 members',
    );
  });

  it('is replaced when all are there, and that is told', () => {
    const hosts = [host('b'), host('c'), host('d')];
    expect(decided({ hosts, note: ENDED })).toMatchObject({
      kind: 'nothing',
      code: 'replaced',
      because: 'i-a is replaced, and 3 hosts serve',
      evidence: { replaced: 'i-a' },
      tells: true,
    });
    const remains = host('a', { state: 'terminated', membership: null, targets: DRAINS });
    expect(told(decided({ hosts: [remains, ...hosts], note: ENDED }))).toBe('nothing replaced');
  });

  it.each([
    ['fails', host('d', { targets: FAILS })],
    ['is dead', host('d', { checks: IMPAIRED })],
    ['does not run', host('d', { state: 'stopped' })],
  ])('is over when another %s: of that one the doubt begins with the next look', (_what, fourth) => {
    const decision = decided({ hosts: [host('b'), host('c'), fourth], note: ENDED });
    expect(told(decision)).toBe('nothing replaced');
    expect(decision.because).toMatch(/^i-a is replaced, and 2 hosts serve; i-d /u);
  });

  it('is followed by another where who has come in its place fails', () => {
    const comer = host('d', { targets: FAILS, launchedAt: ago(900) });
    const note = taken('a', 1_000, { endedAt: ago(910) });
    expect(told(decided({ hosts: [host('b'), host('c'), comer], note }))).toBe('nothing doubtful');
    const older = { ...comer, launchedAt: ago(1_000) };
    expect(told(decided({ hosts: [host('b'), host('c'), older], note }))).toBe('nothing replaced');
    const unknown = { ...comer, launchedAt: null };
    expect(told(decided({ hosts: [host('b'), host('c'), unknown], note }))).toBe('nothing replaced');
  });

  it('is kept to be looked at when three in a row have come and none to serve, however long each took', () => {
    const comer = host('d', { targets: FAILS, launchedAt: ago(1_400) });
    const after = (inRow: number) =>
      decided({
        hosts: [host('b'), host('c'), comer],
        note: taken('a', 1_500, { endedAt: ago(1_450), inRow }),
        memory: { 'since:i-d': ago(100) },
      });
    expect(after(2)).toMatchObject({ code: 'replacing', note: { host: 'i-d', inRow: 3 } });
    expect(after(3)).toMatchObject({
      kind: 'act',
      code: 'keeping',
      because:
        '3 hosts were replaced one after the other, and i-d unhealthy (Target.FailedHealthChecks) at port 22: what is launched does not come to serve; i-d is kept in standby to be looked at',
    });
  });

  it('is the same one where it is begun anew', () => {
    const again = decided({
      hosts: [host('a', { targets: FAILS }), host('b'), host('c')],
      note: taken('a', 300, { inRow: 2 }),
      memory: { 'since:i-a': ago(400) },
    });
    expect(again).toMatchObject({ code: 'replacing', note: { host: 'i-a', inRow: 2 } });
  });

  it('has another in twenty minutes, and what draining takes, or a person is told', () => {
    const hosts = [host('b'), host('c'), host('d', { targets: INITIAL })];
    const at = (seconds: number) => decided({ hosts, note: taken('a', 9_000, { endedAt: ago(seconds) }) });
    expect(told(at(1_499))).toBe('wait replacement-coming');
    expect(at(1_500)).toMatchObject({
      kind: 'refuse',
      code: 'replacement-late',
      because: 'i-a is ended; i-d initial (Elb.RegistrationInProgress) at port 22, for 1500 s',
      evidence: { replaced: 'i-a' },
      over: true,
      attention: true,
    });
    expect(at(1_600.6).because).toMatch(/ for 1601 s$/u);
  });

  it('without a word when that was, has been so since it was out, or since this run began', () => {
    const hosts = [host('b'), host('c'), host('d', { targets: INITIAL })];
    const at = (out: number, begun: number) => told(decided({ hosts, note: taken('a', out), begunAt: ago(begun) }));
    expect(at(1_500, 1_501)).toBe('refuse replacement-late');
    expect(at(1_499, 9_000)).toBe('wait replacement-coming');
    expect(at(9_000, 1_499)).toBe('wait replacement-coming');
    expect(at(9_000, 1_500)).toBe('refuse replacement-late');
    expect(told(decided({ hosts, note: taken('a', 1_500, { endedAt: 7 }), begunAt: ago(9_000) }))).toBe(
      'refuse replacement-late',
    );
  });
});

describe('a replacement that another run has begun', () => {
  const note = taken('a', 150, { ...FAILED, run: 'run-0' });

  it('is left to it by what an event has started', () => {
    expect(decided({ hosts: OUT, note, ask: ALARM })).toMatchObject({
      kind: 'nothing',
      code: 'another-run',
      because: 'another run replaces i-a',
    });
    expect(told(decided({ hosts: OUT, note: taken('a', 150, FAILED), ask: ALARM }))).toBe('act ending');
  });

  it('is gone on with by a tick, and for a person: that run may have died', () => {
    expect(told(decided({ hosts: OUT, note }))).toBe('act ending');
    expect(told(decided({ hosts: OUT, note, ask: asked('b') }))).toBe('act ending');
  });
});

describe('what was noted', () => {
  const judged = (note: object) => told(decided({ hosts: OUT, note: { ...note } }));

  it('is a replacement where it says of whom and since when', () => {
    expect(judged({ host: 'i-a', outAt: ago(10) })).toBe('wait draining');
    expect(judged({ host: 'i-a' })).toBe('nothing in-flight');
    expect(judged({ outAt: ago(10) })).toBe('nothing in-flight');
    expect(judged({ host: 7, outAt: ago(10) })).toBe('nothing in-flight');
    expect(judged({ host: 'i-a', outAt: 7 })).toBe('nothing in-flight');
  });

  it('without a run is nobody’s', () => {
    const { run: _run, ...note } = taken('a', 150, FAILED);
    expect(told(decided({ hosts: OUT, note, ask: ALARM, run: '' }))).toBe('act ending');
    expect(told(decided({ hosts: OUT, note, ask: ALARM }))).toBe('nothing another-run');
  });

  it('keeps from step to step what it has said', () => {
    const note = { ...taken('a', 150, { isAsked: true, wasHealthy: true, resets: 1 }) };
    const decision = decided({
      hosts: [host('a', { targets: DRAINS, isTagged: true }), host('b'), host('c')],
      note,
      counting: { documents: ['count-sessions'], counts: { 'i-a': [count(0)] } },
    });
    expect(decision.kind === 'act' ? decision.note : {}).toEqual(
      taken('a', 150, { isAsked: true, wasHealthy: true, endedAt: ago(0) }),
    );
    const odd = decided({ hosts: OUT, note: taken('a', 150, { isAsked: 'yes', wasHealthy: 'yes', askedAt: 1 }) });
    expect(odd.kind === 'act' ? odd.note : {}).toEqual(
      taken('a', 150, { isAsked: false, wasHealthy: false, endedAt: ago(0) }),
    );
  });
});
