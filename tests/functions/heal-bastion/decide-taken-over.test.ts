/** What people change about a host while it is out: it is put back, or left to them, and never called replaced. */

import { describe, expect, it } from 'vitest';
import type { Group, Host } from '../../../functions/heal-bastion/decide.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import {
  ago,
  decided,
  DRAINS,
  FAILS,
  GROUP,
  host,
  INITIAL,
  member,
  planned,
  saidNo,
  TARGET,
  taken,
  target,
  told,
} from './fleet-facts.ts';

const FAILED = { wasHealthy: false };
const REGISTERS = `aws elbv2 register-targets --target-group-arn '${TARGET}' --targets 'Id=i-a,Port=22'`;

/** What becomes of a host that has been out for so long, where this is otherwise. */
const after = (seconds: number, more: Partial<Host>, group: Partial<Group> = {}, note: JsonObject = {}) =>
  decided({
    hosts: [host('a', { targets: DRAINS, ...more }), host('b'), host('c')],
    group,
    note: taken('a', seconds, { ...FAILED, ...note }),
  });

describe('a host whose opt-in is taken back while it is out', () => {
  const NEITHER =
    'neither i-a nor its group bastion has the tag runbook:bastion = ops any more: i-a is registered again';

  it.each([10, 150, 3_599])('is put back, %i s after it was taken out', (seconds) => {
    const decision = after(seconds, {}, { isTagged: false });
    expect(told(decision)).toBe('act putting-back');
    expect(decision.because).toBe(NEITHER);
    expect(planned(decision)).toEqual([
      ['elasticloadbalancing:RegisterTargets', { TargetGroupArn: TARGET, Targets: [{ Id: 'i-a', Port: 22 }] }],
    ]);
  });

  it('is not ended by its own tag where it was taken out by that of its group', () => {
    const decision = after(150, { isTagged: true }, { isTagged: false });
    expect(told(decision)).toBe('act putting-back');
    expect(decision.because).toBe(
      'its group bastion has not the tag runbook:bastion = ops any more: i-a is registered again',
    );
    expect(told(after(150, { isTagged: true }, { isTagged: false }, { isByGroup: false }))).toBe('act ending');
    expect(told(after(150, {}, {}, { isByGroup: false }))).toBe('act ending');
  });

  it('after its end was asked for is waited for', () => {
    expect(told(after(150, {}, { isTagged: false }, { endedAt: ago(59) }))).toBe('wait replacement-coming');
    expect(told(after(150, {}, { isTagged: false }, { endedAt: ago(60) }))).toBe('act putting-back');
  });
});

describe('a host that somebody takes away while it is out', () => {
  const left = (where: string, line = REGISTERS) =>
    `i-a was deregistered to be replaced, and ${where} since: it is left as it is, not ended, and registered at targetgroup/bastion/73e2d6bc24d8a067 no more. To have it there again: ${line}`;

  it.each<[string, string, Partial<Host>]>([
    ['detached', left('is a member of no group any more'), { membership: null }],
    [
      'of a group that registers here no more',
      left('is a member of old, which does not register its members here'),
      { membership: null, ofOtherGroup: 'old' },
    ],
    [
      'of another group',
      left('is a member of blue now, and not of bastion'),
      { membership: { ...member('InService'), group: 'blue' } },
    ],
    [
      'in standby',
      left(
        'is Standby in bastion',
        'aws autoscaling exit-standby --auto-scaling-group-name bastion --instance-ids i-a',
      ),
      { membership: member('Standby') },
    ],
    ['on its way', left('is EnteringStandby in bastion'), { membership: member('EnteringStandby') }],
  ])('is left as it is: %s', (_what, because, more) => {
    for (const seconds of [10, 150])
      expect(after(seconds, more)).toMatchObject({
        kind: 'refuse',
        code: 'taken-over',
        because,
        evidence: { takenOver: 'i-a' },
        attention: true,
        over: true,
      });
  });

  it('is not fought over where AWS would not end it, or nobody else is healthy', () => {
    const hosts = [host('a', { targets: DRAINS, membership: member('Standby') }), host('b', { targets: FAILS })];
    const note = taken('a', 150, FAILED);
    const refusals = [saidNo('autoscaling:TerminateInstanceInAutoScalingGroup', { InstanceId: 'i-a' })];
    expect(told(decided({ hosts, note, refusals, group: { members: 1, desired: 1 } }))).toBe('refuse taken-over');
  });

  it('is followed for a minute where its end was asked for', () => {
    expect(told(after(150, { membership: null }, {}, { endedAt: ago(59) }))).toBe('wait replacement-coming');
    expect(told(after(150, { membership: null }, {}, { endedAt: ago(60) }))).toBe('refuse taken-over');
  });

  it('by a note that has no group is in whichever has it', () => {
    const groups = [GROUP, { ...GROUP, name: 'blue' }];
    const hosts = [
      host('a', { targets: DRAINS, membership: { ...member('InService'), group: 'blue' } }),
      host('b'),
      host('c'),
    ];
    const note = { ...taken('a', 150, FAILED), group: undefined };
    expect(told(decided({ hosts, groups, note }))).toBe('act ending');
  });
});

describe('a host that is not seen any more', () => {
  const gone = (note: JsonObject, hosts = [host('b'), host('c')]) =>
    decided({ hosts, group: { desired: 2, members: 2 }, note: taken('a', 400, note) });

  it('and was not ended from here is not called replaced', () => {
    expect(gone({})).toMatchObject({
      kind: 'refuse',
      code: 'taken-over',
      because: `i-a was deregistered to be replaced, and is not seen any more: no group that registers at targetgroup/bastion/73e2d6bc24d8a067 has it, and it has no tag. It was not ended from here. If it still runs, and is to serve: ${REGISTERS}`,
      evidence: { takenOver: 'i-a' },
      attention: true,
      over: true,
    });
    expect(gone({ endedAt: ago(300) })).toMatchObject({ kind: 'nothing', code: 'replaced' });
  });

  it('is followed as long as another comes, and not called ended', () => {
    const coming = gone({}, [host('b'), host('c'), host('d', { targets: INITIAL })]);
    expect(told(coming)).toBe('wait replacement-coming');
    expect(coming.because).toBe('i-a is not seen any more; i-d initial (Elb.RegistrationInProgress) at port 22');
  });

  it('is left to the next look by a run that has only looked on for a minute: whoever took it out may have ended it since', () => {
    const others = (seconds: number) =>
      decided({
        hosts: [host('b'), host('c')],
        group: { desired: 2, members: 2 },
        note: taken('a', 400, { run: 'another' }),
        begunAt: ago(seconds),
        ask: { kind: 'look', by: 'the schedule', isTick: true },
      });
    expect(told(others(59))).toBe('refuse taken-over');
    expect(told(others(60))).toBe('nothing another-run');
  });

  it('is registered at the port of its target group where none was noted', () => {
    expect(gone({ ports: [] }).because).toContain(`--targets 'Id=i-a'`);
  });
});

describe('a target group that loses its tag while a host is out', () => {
  const untagged = (note?: JsonObject) => decided({ targetGroup: null, ...(note === undefined ? {} : { note }) });

  it('is told of, by what was announced', () => {
    expect(untagged(taken('a', 150))).toMatchObject({
      kind: 'refuse',
      code: 'taken-over',
      because: `${TARGET} is gone, or has no tag runbook:bastion any more; i-a was taken out of it, was not ended, and is not put back. If it still runs, and is to serve: ${REGISTERS}`,
      evidence: { target: TARGET, takenOver: 'i-a' },
      attention: true,
      over: true,
    });
    expect(untagged(taken('a', 150, { endedAt: ago(10) })).because).toBe(
      `${TARGET} is gone, or has no tag runbook:bastion any more; i-a was taken out of it and ended, and nobody watches who comes in its place`,
    );
  });

  it('is told of for a host that was being put back', () => {
    const note = { back: 'i-a', at: ago(10), run: 'run-1', why: 'w', ports: [22], denial: null };
    expect(untagged(note).because).toContain(`i-a was taken out of it, was not ended`);
  });

  it('is nobody’s where none was out', () => {
    expect(told(untagged())).toBe('nothing not-tagged');
    expect(told(untagged({ kept: 'i-a' }))).toBe('nothing not-tagged');
    expect(told(decided({ targetGroup: null, history: 'unread' }))).toBe('nothing not-tagged');
  });
});

describe('a host that is out when its load balancer is gone', () => {
  const GONE = 'no Network Load Balancer uses targetgroup/bastion/73e2d6bc24d8a067, so that nobody checks its hosts';
  const OUT = `; i-a is deregistered, and is neither ended nor registered again meanwhile. To have it there again: ${REGISTERS}`;
  const without = (more: Partial<Host>, note: JsonObject) => {
    const hosts = [host('a', more), host('b'), host('c')];
    return decided({ hosts, note, targetGroup: { balancer: null } });
  };

  it.each<[string, Partial<Host>]>([
    ['drains', { targets: DRAINS }],
    ['is not listed any more', { targets: [] }],
  ])('and %s is told of, with what registers it', (_how, more) => {
    const decision = without(more, taken('a', 150));
    expect(decision).toMatchObject({
      kind: 'refuse',
      code: 'no-load-balancer',
      because: `${GONE}${OUT}`,
      evidence: { healthy: 2, replacing: 'i-a', outSince: ago(150) },
    });
    expect(decision).not.toHaveProperty('over');
  });

  it('and was to be put back is told of likewise', () => {
    const note = { back: 'i-a', at: ago(20), run: 'run-1', why: 'no other host is healthy', ports: [22], denial: null };
    expect(without({ targets: DRAINS }, note)).toMatchObject({
      because: `${GONE}${OUT}`,
      evidence: { replacing: 'i-a', outSince: ago(20) },
    });
  });

  it.each<[string, Partial<Host>, JsonObject]>([
    ['that is registered', { targets: [{ ...target(), state: 'unused' }] }, taken('a', 150)],
    ['that has stopped', { targets: [], state: 'stopped' }, taken('a', 150)],
    ['whose end was asked for', { targets: DRAINS }, taken('a', 150, { endedAt: ago(5) })],
    ['of another announcement', { targets: DRAINS }, { for: 'i-z', standIn: 'i-a', registeredAt: ago(20) }],
    ['that is not seen', { targets: DRAINS }, taken('z', 150)],
  ])('is none %s', (_which, more, note) => {
    const decision = without(more, note);
    expect(decision.because).toBe(GONE);
    expect(decision.evidence).not.toHaveProperty('replacing');
  });
});
