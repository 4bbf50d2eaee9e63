/** A set on a group that wants several instances: nothing is carried by any path, and the group's hooks are answered. */

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { after, judge, words } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  groupFactsOf,
  hook,
  leavingFacts,
  loose,
  machine,
  volume,
  waiting,
} from './volume-facts.ts';

const BECAUSE =
  'db wants 3 instances; a set of volumes is carried by one; let it want one (desired and maximum size 1), or take the tag runbook:volumes off the group';

function ofThree(facts: Facts, change: Partial<Facts['group']> = {}): Facts {
  return { ...facts, group: { ...facts.group, desired: 3, ...change } };
}

describe('a set on a group that wants three', () => {
  it('is refused by a tick and by hand, for the group and for each instance', () => {
    const refused = { kind: 'refuse', code: 'not-one-instance', because: BECAUSE, attention: true };
    const kept = volume({ attachments: [attachment('i-old', { deleteOnTermination: true })] });
    for (const kind of ['reconcile', 'sweep', 'carry'] as const)
      expect(judge(ofThree(groupFactsOf({ ask: { kind }, volumes: [kept] })))).toMatchObject(refused);
    expect(judge(ofThree(arrivingFacts({ ask: { kind: 'carry' }, hook: null })))).toMatchObject(refused);
    expect(judge(ofThree(leavingFacts({ ask: { kind: 'carry' }, hook: null })))).toMatchObject(refused);
  });

  it('is nothing for an instance that waits in no hook: the group itself is told', () => {
    const facts = arrivingFacts({ ask: { kind: 'reconcile' }, hook: null });
    expect(judge(ofThree(facts))).toMatchObject({ kind: 'nothing', code: 'not-one-instance' });
  });

  it('lets a member go as soon as its volumes outlive it, and stops, detaches and copies nothing', () => {
    const doomed = volume({ attachments: [attachment('i-old', { deleteOnTermination: true })] });
    const facts = ofThree(leavingFacts({ volumes: [doomed, loose({ id: 'vol-2', device: '/dev/sdg' })] }));
    const first = judge(facts);
    expect(words(first)).toEqual(['ModifyInstanceAttribute']);
    const next = judge(after(facts, first, { volumes: [volume()] }));
    expect(words(next)).toEqual(['CompleteLifecycleAction CONTINUE']);
    expect(next).toMatchObject({
      code: 'not-one-instance',
      because: `i-old is let go, and its volumes outlive it, unattached (vol-1): ${BECAUSE}`,
      attention: true,
    });
  });

  it('does not let an untagged member go with the volumes that would go with it', () => {
    const doomed = volume({ attachments: [attachment('i-old', { deleteOnTermination: true })] });
    const machines = [machine('i-old', 'Terminating:Wait', { optedIn: false })];
    expect(judge(ofThree(leavingFacts({ volumes: [doomed], machines })))).toMatchObject({
      kind: 'refuse',
      code: 'not-opted-in',
    });
  });

  it('lets whoever arrives in without volumes after two minutes, never abandons it, and never holds the group', () => {
    const healthy = [machine('i-new', 'Pending:Wait'), machine('i-b', 'InService'), machine('i-c', 'InService')];
    const waits = (seconds: number): Facts => ofThree(waiting(seconds, { machines: healthy }), { inGoodService: 2 });
    expect(words(judge(waits(119)))).toEqual(['RecordLifecycleActionHeartbeat']);
    const decision = judge(waits(120));
    expect(words(decision)).toEqual(['CompleteLifecycleAction CONTINUE']);
    expect(decision).toMatchObject({
      code: 'not-one-instance',
      because: `i-new goes into service without volumes: ${BECAUSE}`,
      attention: true,
    });
  });
});

describe('several instances of one set', () => {
  it('are several healthy members in service, whatever is wanted', () => {
    expect(judge(ofThree(groupFactsOf(), { desired: 1, inGoodService: 2 }))).toMatchObject({
      code: 'not-one-instance',
      because: expect.stringContaining('2 instances of db are healthy and in service'),
    });
  });

  it('are those of two groups that carry it', () => {
    expect(judge(ofThree(groupFactsOf(), { desired: 2, sharers: ['db-green'] }))).toMatchObject({
      code: 'not-one-instance',
      because: expect.stringContaining('db and db-green, which carry the same set, want 2 instances'),
    });
  });

  it('are not one that leaves and one that comes, nor one group that hands over to another', () => {
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', 'Terminating:Wait')];
    expect(judge(arrivingFacts({ volumes: [volume()], machines }))).toMatchObject({ code: 'leaving-side' });
    expect(words(judge(ofThree(arrivingFacts(), { desired: 1, sharers: ['db-blue'] })))).toEqual([
      'CreateTags vol-1',
      'AttachVolume vol-1 /dev/sdf',
    ]);
  });
});

describe('the word of an event', () => {
  const serving = [machine('i-old', 'InService')];

  it('does not make a member leave that its group has in service', () => {
    for (const own of [hook('terminating', 'i-old'), null])
      expect(judge(leavingFacts({ machines: serving, hook: own }))).toMatchObject({ code: 'hook-not-seen' });
    expect(words(judge(leavingFacts({ machines: serving })))).toEqual(['RecordLifecycleActionHeartbeat']);
  });

  it('does not make an instance leave that runs outside of the group', () => {
    const facts = leavingFacts({ machines: [machine('i-old', null)], hook: null });
    expect(judge(facts)).toMatchObject({ kind: 'wait', code: 'hook-not-seen' });
    const late = { ...facts, group: { ...facts.group, activities: [] } };
    expect(judge({ ...late, ask: { kind: 'event', at: ago(121) } })).toMatchObject({
      kind: 'nothing',
      code: 'hook-not-seen',
    });
  });
});
