/** Volumes of the set that somebody else has: whom they may be taken from, and whom never. */

import { describe, expect, it } from 'vitest';
import { judge, words } from './plan-words.ts';
import { arrivingFacts, machine, settings, snapshot, volume, waiting } from './volume-facts.ts';

describe('an instance that still has the volume', () => {
  const onOld = [volume({ run: 'carry-volumes/i-old' })];

  it('and waits in its terminate hook is left to the leaving side', () => {
    expect(
      judge(
        arrivingFacts({
          volumes: onOld,
          machines: [machine('i-new', 'Pending:Wait'), machine('i-old', 'Terminating:Wait')],
        }),
      ),
    ).toMatchObject({ code: 'leaving-side' });
  });

  const ailing = { group: 'db', lifecycleState: 'InService', healthy: false };

  it('and is being replaced, since its group calls it unhealthy, is not touched for a minute and then stopped', () => {
    const old = machine('i-old', 'InService', { membership: ailing });
    const machines = [machine('i-new', 'Pending:Wait'), old];
    expect(judge(waiting(59, { volumes: onOld, machines }))).toMatchObject({ code: 'held' });
    expect(words(judge(waiting(60, { volumes: onOld, machines })))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
    const booting = [machine('i-new', 'Pending:Wait', { state: 'pending' }), old];
    expect(judge(waiting(60, { volumes: onOld, machines: booting }))).toMatchObject({ code: 'held' });
  });

  it('and is healthy and in service is never touched, though its replacement was launched first', () => {
    for (const state of ['running', 'stopped'] as const) {
      const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', 'InService', { state })];
      const decision = judge(waiting(1_700, { volumes: onOld, machines }));
      expect(decision).toMatchObject({ code: 'held' });
      expect(decision.because).toContain('which is healthy and in service, and is not stopped for a replacement');
    }
  });

  it('and is one of two that are unhealthy is not touched: nobody can say whose place the new one takes', () => {
    const machines = [
      machine('i-new', 'Pending:Wait'),
      machine('i-old', 'InService', { membership: ailing }),
      machine('i-too', 'InService', { membership: ailing }),
    ];
    expect(judge(waiting(600, { volumes: onOld, machines }))).toMatchObject({ code: 'held' });
  });

  it('and is healthy and in service keeps it, though its zone is called down', () => {
    const machines = [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' }), machine('i-old', 'InService')];
    const zones = { 'eu-west-1a': 'impaired', 'eu-west-1b': 'available' };
    const facts = waiting(1_700, {
      volumes: onOld,
      machines,
      zones,
      snapshots: [snapshot()],
      settings: settings({ oldestAcceptableSeconds: 99_999 }),
    });
    expect(judge(facts)).toMatchObject({ code: 'held' });
  });

  it('and is not in the group is never touched', () => {
    expect(
      judge(waiting(600, { volumes: onOld, machines: [machine('i-new', 'Pending:Wait'), machine('i-old', null)] })),
    ).toMatchObject({ code: 'held', because: 'vol-1 are on i-old, which is in no group' });
  });

  it('and is going without a hook gives it up as soon as it can', () => {
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', null, { state: 'stopped' })];
    expect(words(judge(arrivingFacts({ volumes: onOld, machines })))).toEqual(['DetachVolume vol-1']);
  });
});
