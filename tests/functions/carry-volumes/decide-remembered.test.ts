/** A volume of a set is lost: its place is remembered by the snapshots of the last days, and it is never dropped without a word. */

import { describe, expect, it } from 'vitest';
import type { Facts, SnapshotFacts } from '../../../functions/carry-volumes/decide.ts';
import { membersOf } from '../../../functions/carry-volumes/decide/volume-set.ts';
import { judge, words } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  ELSEWHERE,
  exact,
  groupFactsOf,
  leavingFacts,
  loose,
  machine,
  settings,
  snapshot,
  volume,
} from './volume-facts.ts';

const DAY = 86_400;

/** A policy's set of `/dev/sdf` and `/dev/sdg`, so many seconds ago; `vol-2` is gone since. */
function policySet(seconds: number): readonly SnapshotFacts[] {
  const taken = { startedAt: ago(seconds), completedAt: ago(seconds - 100) };
  return [snapshot({ ...taken }), snapshot({ id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg', ...taken })];
}

const YOUNG = settings({ oldestAcceptableSeconds: DAY });
const serving = machine('i-new', 'InService');
const onIt = volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new')] });
const served: Partial<Facts> = { hook: null, machines: [serving], volumes: [onIt], settings: YOUNG };

describe('the places of a set', () => {
  const places = (snapshots: readonly SnapshotFacts[]): readonly string[] =>
    membersOf([loose()], snapshots).map(({ device }) => device);

  it('are also those of sets that are two days older than the newest, and no older', () => {
    const latest = exact();
    expect(places([latest, ...policySet(60)])).toEqual(['/dev/sdf', '/dev/sdg']);
    expect(places([latest, ...policySet(60 + 2 * DAY)])).toEqual(['/dev/sdf', '/dev/sdg']);
    expect(places([latest, ...policySet(61 + 2 * DAY)])).toEqual(['/dev/sdf']);
    expect(places(policySet(90 * DAY))).toEqual(['/dev/sdf', '/dev/sdg']);
  });

  it('go along with a volume that people give another', () => {
    const moved = loose({ device: '/dev/sdh' });
    expect(membersOf([moved], [snapshot()]).map(({ device }) => device)).toEqual(['/dev/sdh']);
    const gone = { ...moved, state: 'deleted' };
    expect(membersOf([gone], [snapshot()]).map(({ device }) => device)).toEqual(['/dev/sdf']);
  });

  it('are given up by superseding the snapshots, or taking their tag off', () => {
    const [first, second] = policySet(60);
    if (first === undefined || second === undefined) throw new Error('there are two');
    expect(places([exact(), first, { ...second, supersededAt: ago(1) }])).toEqual(['/dev/sdf']);
    expect(places([exact(), first])).toEqual(['/dev/sdf']);
  });
});

it('a place that only snapshots of long ago know is named, and a person hears of it', () => {
  const there = volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new')] });
  const facts = (seconds: number): Facts =>
    arrivingFacts({ volumes: [there], snapshots: [exact(), ...policySet(seconds)] });
  const decision = judge(facts(61 + 2 * DAY));
  expect(decision).toMatchObject({
    code: 'carried',
    attention: true,
    evidence: {
      forgotten: [
        `/dev/sdg: nothing comes to it; only old snapshots know of it, the last snap-2 of ${ago(61 + 2 * DAY)}; if it was lost, make a volume of that and tag it runbook:volumes = db; if it was given up, take runbook:volumes off them`,
      ],
    },
  });
  expect(judge(facts(60 + 2 * DAY)).evidence).not.toHaveProperty('forgotten');
});

describe('whoever arrives for a set that has lost a volume', () => {
  it('gets all of the newest complete set, though a later one of what is left is exact', () => {
    const facts = arrivingFacts({ ...ELSEWHERE, settings: YOUNG, snapshots: [exact(), ...policySet(21_600)] });
    const decision = judge(facts);
    expect(words(decision)).toEqual(['CreateVolume snap-1', 'CreateVolume snap-2']);
    expect(decision).toMatchObject({
      evidence: {
        fallback: '/dev/sdg has no volume any more',
        missing: ['/dev/sdg: no volume is left; its newest snapshot is snap-2 of 2026-11-22T02:00:00.000Z'],
        rpoSeconds: 21_600,
      },
    });
  });

  it('waits until nobody writes on what is left, which would fork', () => {
    const machines = [machine('i-new', 'Pending:Wait'), machine('i-old', 'Terminating:Wait')];
    const facts = arrivingFacts({ machines, volumes: [volume()], settings: YOUNG, snapshots: policySet(21_600) });
    expect(judge(facts)).toMatchObject({ code: 'leaving-side' });
    expect(words(judge({ ...facts, volumes: [loose()] }))).toEqual(['CreateVolume snap-1', 'CreateVolume snap-2']);
  });

  it('is not let in with what is left', () => {
    const facts = arrivingFacts({ snapshots: policySet(21_600) });
    expect(judge(facts)).toMatchObject({ code: 'too-old' });
  });
});

describe('whoever leaves a set that has lost a volume', () => {
  it('does not say that nothing is lost', () => {
    const facts = leavingFacts({
      machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })],
      volumes: [loose()],
      snapshots: [exact(), ...policySet(21_600)],
    });
    expect(judge(facts)).toMatchObject({
      code: 'released',
      evidence: { rpoSeconds: 21_600, newestSet: '2026-11-22T02:00:00.000Z' },
    });
  });
});

describe('an instance in service that has lost a volume', () => {
  const lost = { ...served, snapshots: policySet(21_600) };
  const REMEDY =
    'it serves on without: ask with the action carry for i-new, which makes the missing alone, of their newest snapshots; or take runbook:volumes off those snapshots';

  it('is told of by the tick, and nothing is retired under it', () => {
    const old = snapshot({
      id: 'snap-0',
      run: 'carry-volumes/i-0/final',
      supersededAt: ago(9 * DAY),
      startedAt: ago(9 * DAY),
    });
    const facts = groupFactsOf({ ...lost, snapshots: [...policySet(21_600), old] });
    expect(judge(facts)).toMatchObject({
      kind: 'refuse',
      code: 'member-missing',
      because: `/dev/sdg has no volume any more; ${REMEDY}`,
      evidence: { missing: ['/dev/sdg: no volume is left; its newest snapshot is snap-2 of 2026-11-22T02:00:00.000Z'] },
    });
  });

  it('gets nothing made of snapshots by the schedule, nor by an event', () => {
    const facts = arrivingFacts(lost);
    for (const ask of [{ kind: 'reconcile' }, { kind: 'event', at: ago(5) }] as const)
      expect(judge({ ...facts, ask })).toMatchObject({
        kind: 'refuse',
        code: 'member-missing',
        because: `/dev/sdg has no volume any more; ${REMEDY}`,
      });
  });

  it('gets what is whole and loose in its zone', () => {
    const third = loose({ id: 'vol-3', device: '/dev/sdh' });
    const facts = arrivingFacts({ ...lost, ask: { kind: 'reconcile' }, volumes: [onIt, third] });
    expect(words(judge(facts))).toEqual(['CreateTags vol-3', 'AttachVolume vol-3 /dev/sdh']);
  });

  it('keeps what is in another zone waiting for a person', () => {
    const away = loose({ id: 'vol-3', device: '/dev/sdh', zone: 'eu-west-1b' });
    const facts = arrivingFacts({ ...served, ask: { kind: 'reconcile' }, volumes: [onIt, away] });
    expect(judge(facts)).toMatchObject({ code: 'member-missing', because: `vol-3 is in eu-west-1b; ${REMEDY}` });
    expect(words(judge({ ...facts, ask: { kind: 'carry' } }))).toEqual(['CreateSnapshot vol-3']);
  });

  it('gets the missing alone on a person’s word, within the accepted age, and nothing is superseded', () => {
    const asked = arrivingFacts({ ...lost, ask: { kind: 'carry' } });
    expect(words(judge(asked))).toEqual(['CreateVolume snap-2']);
    const made = loose({
      id: 'vol-c',
      device: '/dev/sdg',
      run: 'carry-volumes/i-new/copy',
      snapshotId: 'snap-2',
      createdAt: ago(5),
    });
    expect(words(judge({ ...asked, volumes: [onIt, made] }))).toEqual([
      'CreateTags vol-c',
      'AttachVolume vol-c /dev/sdg',
    ]);
    expect(judge({ ...asked, settings: settings() })).toMatchObject({ code: 'too-old' });
  });

  it('with nothing of the set on it is brought all, as one whose event was lost', () => {
    const facts = arrivingFacts({ ...lost, ask: { kind: 'reconcile' }, volumes: [loose()] });
    expect(words(judge(facts))).toEqual(['CreateVolume snap-1', 'CreateVolume snap-2']);
  });
});
