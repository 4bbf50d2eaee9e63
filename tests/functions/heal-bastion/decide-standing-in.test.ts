/** What stands in for a host that no group replaces. */

import { describe, expect, it } from 'vitest';
import type { Host } from '../../../functions/heal-bastion/decide.ts';
import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import {
  ago,
  alone,
  decided,
  DRAINS,
  FAILS,
  host,
  IMPAIRED,
  INITIAL,
  member,
  since,
  standby,
  TARGET,
  target,
  told,
  WINDOW_FULL,
} from './fleet-facts.ts';

const LONG = since(900, 'a', 'b', 'c');

/** What is decided of a fleet without a group, in which hosts have long been as they are. */
function of(hosts: readonly Host[], more: Parameters<typeof decided>[0] = {}): Decision {
  return decided({ hosts, group: null, memory: LONG, ...more });
}

/** Who stands in for whom. */
function pair(decision: Decision): string {
  return decision.kind === 'act' ? decision.intent.replace(' stands in', '') : told(decision);
}

const DEAD = { checks: IMPAIRED } as const;

describe('a host of no group that is bad', () => {
  it('has no stand-in that another group may end', () => {
    const hosts = [alone('a', DEAD), alone('b'), standby('z', { ofOtherGroup: 'web' })];
    expect(told(of(hosts))).toBe('refuse no-standby');
  });

  it('stays, and another of the fleet’s name is registered beside it', () => {
    const input = { TargetGroupArn: TARGET, Targets: [{ Id: 'i-z', Port: 22 }] };
    const because = 'i-a status check instance: impaired: i-z stands in for it';
    expect(of([alone('a', DEAD), alone('b'), alone('c'), standby('z')])).toMatchObject({
      kind: 'act',
      code: 'standing-in',
      because,
      evidence: { for: 'i-a', standIn: 'i-z', healthy: 2 },
      plan: [
        {
          call: 'elasticloadbalancing:RegisterTargets',
          input,
          because,
          undo: { call: 'elasticloadbalancing:DeregisterTargets', input },
        },
      ],
      intent: 'i-z stands in for i-a',
      note: { for: 'i-a', standIn: 'i-z', registeredAt: ago(0), run: 'run-1' },
      remember: { 'stands-in:i-a': 'i-z' },
      budget: 'counted',
      onDenied: 'decide',
      more: true,
    });
  });

  it('has one at the same ports', () => {
    const targets = [target({ port: 22 }), target({ port: 2_222 })];
    const plan = (decision: Decision) =>
      decision.kind === 'act' ? decision.plan.map(({ input }) => input['Targets']) : [];
    expect(plan(of([alone('a', { ...DEAD, targets }), alone('b'), standby('z')]))).toEqual([
      [
        { Id: 'i-z', Port: 22 },
        { Id: 'i-z', Port: 2_222 },
      ],
    ]);
  });

  it.each([
    ['fails its checks', alone('a', { targets: FAILS })],
    ['does not run', alone('a', { state: 'stopped', targets: [target({ state: 'unused' })] })],
    ['has no tag of its own', alone('a', { ...DEAD, isTagged: false })],
  ])('is one that %s', (_what, first) => {
    expect(pair(of([first, alone('b'), standby('z')]))).toBe('i-z for i-a');
  });

  it('is told of where nobody stands by', () => {
    expect(of([alone('a', DEAD), alone('b')])).toMatchObject({
      kind: 'refuse',
      code: 'no-standby',
      because:
        'i-a status check instance: impaired, no Auto Scaling group would launch another, and no other instance of the fleet stands by',
      attention: true,
    });
  });

  it('uses up no more standbys than the ledger allows', () => {
    expect(of([alone('a', DEAD), alone('b'), standby('z')], { refusals: [WINDOW_FULL] })).toMatchObject({
      kind: 'refuse',
      code: 'too-many-stand-ins',
      because: 'i-a status check instance: impaired, and 3 hosts had somebody to stand in for them within 3600 s',
    });
  });

  it('does not keep a member of a group from being replaced', () => {
    const hosts = [alone('a', DEAD), host('b', { targets: FAILS }), host('c'), standby('z')];
    const memory = { ...since(100, 'a'), ...since(900, 'b') };
    expect(told(decided({ hosts, memory }))).toBe('act replacing');
    expect(pair(decided({ hosts, memory: { ...since(900, 'a'), ...since(100, 'b') } }))).toBe('i-z for i-a');
  });
});

describe('who stands by', () => {
  it.each([
    ['belongs to a group', host('z', { targets: [], isTagged: true })],
    ['has not the name', standby('z', { isTagged: false })],
    ['boots', standby('z', { checks: { system: 'initializing' } })],
    ['says nothing of its checks', standby('z', { checks: null })],
    ['is registered already', alone('z', { targets: DRAINS })],
    ['has ended', standby('z', { state: 'terminated' })],
  ])('is none that %s', (_what, last) => {
    expect(told(of([alone('a', DEAD), alone('b'), last]))).toMatch(/^(?:refuse no-standby|nothing in-flight)$/u);
  });

  it('is rather one of the same zone', () => {
    const hosts = [alone('a', DEAD), alone('b'), standby('y'), { ...standby('z'), zone: 'eu-west-1a' }];
    expect(pair(of(hosts))).toBe('i-z for i-a');
    expect(pair(of([alone('a', DEAD), alone('b'), standby('z'), standby('y')]))).toBe('i-y for i-a');
    expect(pair(of([alone('a', DEAD), alone('b'), standby('y'), standby('z')]))).toBe('i-y for i-a');
  });

  it.each([
    ['is stopped', standby('z', { state: 'stopped' })],
    ['has a dead machine', standby('z', DEAD)],
  ])('needs nobody to stand in for it when it %s', (_what, last) => {
    const hosts = [alone('a'), alone('b'), alone('c'), last, standby('y')];
    expect(told(of(hosts, { memory: since(900, 'z') }))).toBe('nothing healthy');
  });

  it('is shared out: each host has its own', () => {
    const inA = { ...standby('z'), zone: 'eu-west-1a' };
    const hosts = [alone('a', DEAD), alone('b', DEAD), alone('c'), standby('y'), inA];
    expect(pair(of(hosts, { memory: { ...since(900, 'a'), ...since(100, 'b') } }))).toBe('i-z for i-a');
    expect(pair(of(hosts, { memory: { ...since(100, 'a'), ...since(900, 'b') } }))).toBe('i-y for i-b');
  });

  it('goes to whom nobody serves in his zone, where there are not enough', () => {
    const twin = { ...alone('c'), zone: 'eu-west-1a' };
    expect(pair(of([alone('a', DEAD), alone('b', DEAD), twin, standby('z')]))).toBe('i-z for i-b');
    expect(pair(of([alone('b', DEAD), alone('a', DEAD), twin, standby('z')]))).toBe('i-z for i-b');
    // By their names where that is alike, whatever their order.
    const both = [alone('b', DEAD), alone('a', DEAD), alone('c'), standby('z')];
    expect(pair(of(both, { memory: { ...since(900, 'a'), ...since(900, 'b') } }))).toBe('refuse no-standby');
    expect(pair(of(both.toSpliced(0, 2, alone('a', DEAD), alone('b', DEAD))))).toBe('i-z for i-a');
  });
});

const NOTE = { for: 'i-a', standIn: 'i-z', registeredAt: ago(60), run: 'run-1' };

describe('a stand-in that was registered', () => {
  const watched = (last: Host, note: JsonObject = NOTE, more: Parameters<typeof decided>[0] = {}) =>
    of([alone('a', DEAD), alone('b'), alone('c'), last], { note, ...more });

  it('is watched while it passes its first checks', () => {
    expect(watched(alone('z', { targets: INITIAL }))).toMatchObject({
      kind: 'wait',
      code: 'standing-in',
      because: 'i-z is registered for i-a, and passes its first checks',
      evidence: { for: 'i-a', standIn: 'i-z' },
      seconds: 20,
      remember: { 'stands-in:i-a': 'i-z' },
    });
  });

  it('serves, and that is told', () => {
    expect(watched(alone('z'))).toMatchObject({
      kind: 'nothing',
      code: 'stood-in',
      because: 'i-z stands in for i-a, and serves',
      evidence: { for: 'i-a', standIn: 'i-z' },
      remember: { 'stands-in:i-a': 'i-z' },
      tells: true,
    });
  });

  it('is judged like any other when it does not come to serve in its time', () => {
    const note = (seconds: number) => ({ ...NOTE, registeredAt: ago(seconds) });
    const late = alone('z', { targets: INITIAL });
    expect(told(watched(late, note(629)))).toBe('wait standing-in');
    expect(told(watched(late, note(630)))).toBe('nothing in-flight');
  });

  it('is none any more when it is gone', () => {
    expect(told(of([alone('a', DEAD), alone('b'), alone('c')], { note: NOTE }))).toBe('refuse no-standby');
  });

  it('is judged like any other when it fails', () => {
    const failing = alone('z', { targets: FAILS });
    const decision = watched(failing, NOTE, { memory: { ...LONG, 'stands-in:i-a': 'i-z' } });
    expect(told(decision)).toBe('refuse no-standby');
  });

  it.each([
    ['for whom', { ...NOTE, for: 1 }],
    ['who', { ...NOTE, standIn: null }],
    ['since when', { ...NOTE, registeredAt: true }],
  ])('is none where it is not noted %s', (_what, note) => {
    expect(told(watched(alone('z'), note))).toBe('refuse no-standby');
  });
});

describe('a host for whom somebody stands in', () => {
  const covered = (last: Host, more: Parameters<typeof decided>[0] = {}) =>
    of([alone('a', DEAD), alone('b'), alone('c'), last, standby('y')], {
      memory: { ...LONG, 'stands-in:i-a': 'i-z' },
      ...more,
    });

  it('is well cared for while that serves', () => {
    const inA = { ...alone('z'), zone: 'eu-west-1a' };
    const decision = covered(inA);
    expect(told(decision)).toBe('nothing healthy');
    expect(decision.remember).toEqual({ 'since:i-b': null, 'since:i-c': null });
  });

  it('is while that comes', () => {
    const memory = { ...since(10, 'a'), 'stands-in:i-a': 'i-z' };
    expect(told(covered(alone('z', { targets: INITIAL }), { memory }))).toBe('nothing in-flight');
    expect(told(covered(alone('z', { targets: DRAINS }), { memory }))).toBe('nothing doubtful');
  });

  it('needs another when that fails too', () => {
    expect(
      pair(
        covered(alone('z', { targets: FAILS }), {
          memory: { ...since(900, 'a'), ...since(100, 'z'), 'stands-in:i-a': 'i-z' },
        }),
      ),
    ).toBe('i-y for i-a');
  });

  it('needs another when that is gone', () => {
    const hosts = [alone('a', DEAD), alone('b'), alone('c'), standby('y')];
    expect(pair(of(hosts, { memory: { ...LONG, 'stands-in:i-a': 'i-z' } }))).toBe('i-y for i-a');
  });

  it('and is a member of a group is replaced all the same', () => {
    const hosts = [host('a', { targets: FAILS }), host('b'), host('c')];
    const memory = { ...since(900, 'a'), 'stands-in:i-a': 'i-b' };
    expect(told(decided({ hosts, memory }))).toBe('act replacing');
  });

  it('is forgotten when it is well', () => {
    const memory = { 'stands-in:i-a': 'i-z', 'stands-in:i-q': 'i-y', kept: 'i-k' };
    expect(decided({ hosts: [alone('a'), alone('b'), alone('c')], group: null, memory }).remember).toEqual({
      'stands-in:i-a': null,
      'stands-in:i-q': null,
    });
    expect(decided({ history: 'lost' }).remember).toBeUndefined();
  });
});

describe('a member of a group that is bad, too', () => {
  it('takes no standby from a host that has no group', () => {
    const hosts = [host('a', DEAD), alone('b', DEAD), alone('c'), standby('z')];
    const memory = { ...since(100, 'a'), ...since(900, 'b') };
    expect(pair(decided({ hosts, group: { desired: 1, members: 1 }, memory }))).toBe('i-z for i-b');
  });
});

describe('a member in standby', () => {
  it('stands in for nobody', () => {
    const kept = host('z', { membership: member('Standby'), isTagged: true, targets: [] });
    expect(told(of([alone('a', DEAD), alone('b'), kept]))).toBe('refuse no-standby');
  });
});
