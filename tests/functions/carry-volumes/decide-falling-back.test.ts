/** An instance that arrives where the true volume cannot be had any more. */

import { describe, expect, it } from 'vitest';
import { judge, words } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  ELSEWHERE,
  exact,
  loose,
  machine,
  settings,
  snapshot,
  volume,
  waiting,
} from './volume-facts.ts';

describe('where the true volume cannot be had', () => {
  const dark = { 'eu-west-1a': 'unavailable', 'eu-west-1b': 'available' };
  const oldSet = { ...ELSEWHERE, zones: dark, snapshots: [snapshot()] };

  it('the newest complete set is used within the accepted age, and what is lost is said', () => {
    const facts = waiting(900, { ...oldSet, settings: settings({ oldestAcceptableSeconds: 43_200 }) });
    const decision = judge(facts);
    expect(words(decision)).toEqual(['CreateVolume snap-1']);
    expect(decision).toMatchObject({
      evidence: { rpoSeconds: 21_600, fallback: 'vol-1 is in eu-west-1a, which is unavailable' },
    });
  });

  it('what is lost is said once more where no hook waits, with the call that is the last', () => {
    const copy = loose({ id: 'vol-c', run: 'carry-volumes/i-new/copy', createdAt: ago(30), snapshotId: 'snap-1' });
    const facts = arrivingFacts({
      ask: { kind: 'reconcile' },
      hook: null,
      machines: [machine('i-new', 'InService')],
      volumes: [copy],
      snapshots: [snapshot()],
      settings: settings({ oldestAcceptableSeconds: 43_200 }),
    });
    const decision = judge(facts);
    expect(words(decision)).toEqual(['CreateTags vol-c', 'AttachVolume vol-c /dev/sdf']);
    expect(decision).toMatchObject({
      attention: true,
      evidence: { rpoSeconds: 21_570, madeOf: ['snap-1 of 2026-11-22T02:00:00.000Z'] },
    });
  });

  it('nothing older than accepted is used, and without the tag nothing older at all', () => {
    expect(judge(waiting(900, { ...oldSet, settings: settings({ oldestAcceptableSeconds: 3_600 }) }))).toMatchObject({
      code: 'too-old',
    });
    expect(judge(waiting(900, oldSet))).toMatchObject({ code: 'too-old' });
  });

  it('the zone is given time to come back', () => {
    expect(
      judge(
        waiting(899, {
          ...oldSet,
          settings: settings({ oldestAcceptableSeconds: 43_200, maxWaitSeconds: 3_600 }),
          snapshots: [exact({ state: 'pending' }), snapshot()],
        }),
      ),
    ).toMatchObject({ code: 'snapshot-pending' });
  });

  it('a holder that neither stops nor detaches counts as lost, one that runs does not', () => {
    const machines = (state: 'stopping' | 'running') => [
      machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' }),
      machine('i-old', 'Terminating:Wait', { state }),
    ];
    const facts = {
      volumes: [volume({ run: 'carry-volumes/i-old' })],
      snapshots: [snapshot({ startedAt: ago(950) })],
      settings: settings({ oldestAcceptableSeconds: 3_600 }),
    };
    expect(judge(waiting(900, { ...facts, machines: machines('stopping') }))).toMatchObject({
      code: 'creating',
      evidence: { rpoSeconds: 950 },
    });
    expect(judge(waiting(900, { ...facts, machines: machines('running') }))).toMatchObject({ code: 'leaving-side' });
  });

  it('a volume that is gone is not waited for, and the whole set is taken from one moment', () => {
    const volumes = [loose({ id: 'vol-2', device: '/dev/sdg' })];
    const snapshots = [snapshot(), snapshot({ id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg' })];
    expect(
      words(judge(arrivingFacts({ volumes, snapshots, settings: settings({ oldestAcceptableSeconds: 43_200 }) }))),
    ).toEqual(['CreateVolume snap-1', 'CreateVolume snap-2']);
  });

  it('a set that lacks a device is not complete', () => {
    const volumes = [loose({ id: 'vol-2', device: '/dev/sdg' })];
    const snapshots = [
      snapshot({ startedAt: ago(300) }),
      snapshot({ id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg', startedAt: ago(7_200) }),
    ];
    expect(
      judge(arrivingFacts({ volumes, snapshots, settings: settings({ oldestAcceptableSeconds: 43_200 }) })),
    ).toMatchObject({ code: 'no-complete-set' });
  });

  it('a newer set that is still pending is waited for, half of the time there is', () => {
    const snapshots = [
      snapshot(),
      snapshot({ id: 'snap-2', state: 'pending', startedAt: ago(1_000), completedAt: null }),
    ];
    const change = {
      ...oldSet,
      snapshots,
      settings: settings({ oldestAcceptableSeconds: 43_200, maxWaitSeconds: 3_600 }),
    };
    expect(judge(waiting(901, change))).toMatchObject({ code: 'set-pending' });
    expect(judge(waiting(1_800, change))).toMatchObject({ code: 'creating' });
  });

  it('an age of more than a day is an age of more than a day', () => {
    const snapshots = [snapshot({ startedAt: ago(86_400 + 60) })];
    expect(
      judge(waiting(900, { ...oldSet, snapshots, settings: settings({ oldestAcceptableSeconds: 3_600 }) })),
    ).toMatchObject({ code: 'too-old', evidence: { newestSetAgeSeconds: 86_460 } });
  });
});
