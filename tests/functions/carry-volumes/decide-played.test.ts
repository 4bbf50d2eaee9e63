/** Whole runs, played on a small account on which each call takes effect at once. */

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { judge } from './plan-words.ts';
import { play } from './small-account.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  exact,
  group,
  hookDescription,
  leavingFacts,
  loose,
  machine,
  settings,
  volume,
} from './volume-facts.ts';

describe('played to its end', () => {
  const settled = (facts: Facts, instanceId: string): boolean =>
    facts.volumes
      .filter(({ supersededAt }) => supersededAt === null)
      .every(({ attachments }) =>
        attachments.some(
          (one) => one.instanceId === instanceId && one.state === 'attached' && !one.deleteOnTermination,
        ),
      );

  it.each([1, 8])('a set of %i volumes leaves and is copied', (count) => {
    const volumes = Array.from({ length: count }, (_none, index) =>
      volume({
        id: `vol-${index}`,
        device: `/dev/sd${'fghijklm'[index]}`,
        attachments: [attachment('i-old', { deleteOnTermination: true })],
      }),
    );
    const { facts, decisions } = play(leavingFacts({ volumes }));
    expect(decisions.at(-1)).toMatchObject({ kind: 'act', code: 'released' });
    expect(facts.snapshots.filter(({ run }) => run?.endsWith('/final')).map(({ volumeId }) => volumeId)).toEqual(
      volumes.map(({ id }) => id),
    );
  });

  it.each(['eu-west-1a', 'eu-west-1b'])('a set arrives in %s', (zone) => {
    const volumes = [loose(), loose({ id: 'vol-2', device: '/dev/sdg' })];
    const { facts, decisions } = play(
      arrivingFacts({
        volumes,
        machines: [machine('i-new', 'Pending:Wait', { zone })],
        group: group({ hooks: [hookDescription('launching')] }),
      }),
    );
    expect(decisions.at(-1)).toMatchObject({ kind: 'act', code: 'carried', evidence: { rpoSeconds: 0 } });
    expect(settled(facts, 'i-new')).toBe(true);
    expect(facts.volumes.filter(({ supersededAt }) => supersededAt === null)).toHaveLength(2);
  });

  it('a launch before its termination takes the volumes over', () => {
    const machines = [
      machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b', launchedAt: ago(100) }),
      machine('i-old', 'InService', { membership: { group: 'db', lifecycleState: 'InService', healthy: false } }),
    ];
    const members = [
      { instanceId: 'i-new', lifecycleState: 'Pending:Wait', healthy: true },
      { instanceId: 'i-old', lifecycleState: 'InService', healthy: false },
    ];
    const { facts, calls } = play(
      arrivingFacts({ machines, group: group({ members }), ask: { kind: 'event', at: ago(100) }, volumes: [volume()] }),
    );
    expect(settled(facts, 'i-new')).toBe(true);
    expect(calls.map(({ call }) => call.split(':')[1])).toEqual([
      'CreateTags',
      'CreateSnapshots',
      'StopInstances',
      'DetachVolume',
      'RecordLifecycleActionHeartbeat',
      'CreateSnapshot',
      'CreateVolume',
      'CreateTags',
      'CreateTags',
      'AttachVolume',
      'CompleteLifecycleAction',
    ]);
  });

  it('six hours of a pending snapshot cost fewer than 90 looks', () => {
    const start = arrivingFacts({
      machines: [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' })],
      snapshots: [exact({ state: 'pending', completedAt: null })],
      settings: settings({ maxWaitSeconds: 40_000 }),
    });
    const { decisions } = play(start);
    expect(decisions.at(-1)).toMatchObject({ kind: 'refuse', code: 'handed-over' });
    const waited = decisions.reduce((sum, decision) => sum + (decision.kind === 'wait' ? decision.seconds : 0), 0);
    expect(waited).toBeGreaterThan(21_600);
    expect(decisions.length).toBeLessThan(85);
  });

  it.each([660, 900, 1_800, 7_200])(
    'a heartbeat time-out of %i s never exhausts the 90 looks of a run',
    (heartbeatSeconds) => {
      const hooks = [hookDescription('launching', { heartbeatSeconds })];
      const start = arrivingFacts({
        machines: [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' })],
        snapshots: [exact({ state: 'pending', completedAt: null })],
        settings: settings({ maxWaitSeconds: 100_000 }),
        group: group({ hooks }),
      });
      const { decisions } = play(start);
      expect(decisions.at(-1)).toMatchObject({ kind: 'refuse', code: 'handed-over' });
      expect(decisions.length).toBeLessThan(85);
    },
  );

  it('done once is done: the same judgement plans nothing more', () => {
    const { facts } = play(arrivingFacts());
    expect(judge(facts)).toMatchObject({ kind: 'nothing', code: 'complete' });
    const left = play(leavingFacts());
    expect(judge(left.facts)).toMatchObject({ kind: 'nothing', code: 'released' });
  });
});
