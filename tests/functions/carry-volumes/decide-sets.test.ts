/** The rules of sets: which volume fills which place, what snapshots belong together, and when another may be taken. */

import { describe, expect, it } from 'vitest';
import { secure, warming } from '../../../functions/carry-volumes/decide/snapshots.ts';
import { survey } from '../../../functions/carry-volumes/decide/view.ts';
import {
  attachmentTo,
  describeMember,
  describeSite,
  exactCopies,
  finalLabelOf,
  holderOf,
  isCopy,
  isLive,
  isSameSite,
  isUsableAt,
  isWarm,
  membersOf,
  namedBy,
  newestCompleteSet,
  snapshotSets,
  type SnapshotFacts,
  type VolumeFacts,
} from '../../../functions/carry-volumes/decide/volume-set.ts';
import type { Refusal } from '../../../shared/kernel/decision.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  exact,
  leavingFacts,
  LIMITS,
  loose,
  machine,
  NOW,
  snapshot,
  volume,
} from './volume-facts.ts';

describe('labels', () => {
  it('name the instance, and are ours alone', () => {
    expect(['carry-volumes/i-1', 'carry-volumes/i-1/copy', 'another/i-1', 'carry-volumes', null].map(namedBy)).toEqual([
      'i-1',
      'i-1',
      undefined,
      undefined,
      undefined,
    ]);
    expect([finalLabelOf({ run: 'carry-volumes/i-1' }), finalLabelOf({ run: null })]).toEqual([
      'carry-volumes/i-1/final',
      'carry-volumes/nobody/final',
    ]);
    expect(['carry-volumes/i-1/copy', 'another/i-1/copy', 'carry-volumes/i-1'].map((run) => isCopy({ run }))).toEqual([
      true,
      false,
      false,
    ]);
    expect(['carry-volumes/i-1', 'carry-volumes/i-1/final', 'x', null].map((run) => isWarm({ run }))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a volume', () => {
  it('lives until it is superseded, deleted or in error', () => {
    const lives = (state: string, supersededAt: string | null = null) => isLive({ state, supersededAt });
    expect(['available', 'in-use', 'creating'].map((state) => lives(state))).toEqual([true, true, true]);
    expect(['deleting', 'deleted', 'error'].map((state) => lives(state))).toEqual([false, false, false]);
    expect(lives('available', NOW)).toBe(false);
  });
  it('is on whoever has it in any way', () => {
    const on = (state: string) => volume({ attachments: [attachment('i-old', { state })] });
    expect(['attaching', 'attached', 'detaching', 'busy', 'detached'].map((state) => holderOf(on(state)))).toEqual([
      'i-old',
      'i-old',
      'i-old',
      'i-old',
      null,
    ]);
    expect(attachmentTo(on('attached'), 'i-old')?.instanceId).toBe('i-old');
    expect([attachmentTo(on('attached'), 'i-new'), attachmentTo(on('detached'), 'i-old')]).toEqual([
      undefined,
      undefined,
    ]);
  });
  it('is at a site, in words too', () => {
    const site = { zone: 'a', outpost: null };
    expect([isSameSite(site, site), isSameSite(site, { zone: 'b', outpost: null })]).toEqual([true, false]);
    expect(isSameSite(site, { zone: 'a', outpost: 'arn:o/op-1' })).toBe(false);
    expect([describeSite(site), describeSite({ zone: 'a', outpost: 'arn:o/op-1' })]).toEqual(['a', 'a on op-1']);
  });
});

describe('the places of a set', () => {
  const places = (volumes: readonly VolumeFacts[], snapshots: readonly SnapshotFacts[] = []) =>
    membersOf(volumes, snapshots).map((member) => `${member.device} ${describeMember(member)}`);
  const COPY = { run: 'carry-volumes/i-new/copy', snapshotId: 'snap-1' };

  it('are filled by the one that claims them, and by nobody where several do', () => {
    expect(places([volume(), loose({ id: 'vol-2', device: '/dev/sdg' })])).toEqual([
      '/dev/sdf vol-1 in-use in eu-west-1a on i-old',
      '/dev/sdg vol-2 available in eu-west-1a',
    ]);
    expect(places([volume(), loose({ id: 'vol-2' })])).toEqual(['/dev/sdf claimed by vol-1, vol-2']);
    expect(places([loose({ device: null })])).toEqual(['vol-1 vol-1 available in eu-west-1a']);
  });
  it('are not filled by a copy beside its original, nor by what is superseded', () => {
    const copy = loose({ id: 'vol-2', ...COPY });
    const [member] = membersOf([volume(), copy], []);
    expect(member).toMatchObject({ volume: { id: 'vol-1' }, copies: [{ id: 'vol-2' }] });
    expect(places([volume({ supersededAt: NOW }), copy])).toEqual(['/dev/sdf vol-2 available in eu-west-1a']);
  });
  it('fall to the newest of the copies that the original was given up for, and to none where it was lost', () => {
    const copies = [
      loose({ id: 'vol-2', ...COPY, createdAt: ago(90) }),
      loose({ id: 'vol-3', ...COPY, createdAt: ago(30) }),
    ];
    const [given] = membersOf([volume({ supersededAt: ago(10) }), ...copies], []);
    expect(given).toMatchObject({ volume: { id: 'vol-3' }, copies: [{ id: 'vol-2' }] });
    expect(membersOf(copies, [])).toMatchObject([{ volume: null, copies: [{ id: 'vol-2' }, { id: 'vol-3' }] }]);
  });
  it('are remembered by the newest snapshots', () => {
    expect(places([], [snapshot(), snapshot({ id: 'snap-2', device: '/dev/sdg', startedAt: ago(21_590) })])).toEqual([
      '/dev/sdf no volume',
      '/dev/sdg no volume',
    ]);
  });
});

describe('snapshots', () => {
  const sets = (...snapshots: readonly SnapshotFacts[]) =>
    snapshotSets(snapshots, [volume()]).map(({ snapshots: of }) => [...of.values()].map(({ id }) => id).join(' '));
  const at = (id: string, seconds: number, change: Partial<SnapshotFacts> = {}) =>
    snapshot({ id, startedAt: ago(seconds), ...change });

  it('of one moment are one set, the newest first', () => {
    const other = { volumeId: 'vol-2', device: '/dev/sdg' };
    expect(sets(at('a', 1_000), at('b', 940, other), at('c', 500))).toEqual(['c', 'a b']);
    expect(sets(at('a', 1_000), at('b', 939, other))).toEqual(['b', 'a']);
    expect(sets(at('a', 1_000), at('b', 990))).toEqual(['b', 'a']);
    expect(sets(at('a', 1_000), at('b', 990, { ...other, run: 'carry-volumes/i-1' }))).toEqual(['b', 'a']);
  });
  it('that are final belong together however far apart, the later for the earlier', () => {
    const final = { run: 'carry-volumes/i-old/final' };
    expect(
      sets(
        at('a', 9_000, final),
        at('b', 100, { ...final, volumeId: 'vol-2', device: '/dev/sdg' }),
        at('c', 50, final),
      ),
    ).toEqual(['c b']);
  });
  it('that were copied come last, for nobody knows of when they are', () => {
    expect(sets(at('a', 100, { copied: true }), at('b', 9_000))).toEqual(['b', 'a']);
  });
  it('that are superseded, failed or of no known place are in none', () => {
    expect(sets(at('a', 100, { supersededAt: NOW }), at('b', 100, { state: 'error' }))).toEqual([]);
    expect(sets(at('a', 100, { device: null, volumeId: 'vol-9' }))).toEqual([]);
    expect(sets(at('a', 100, { device: null }))).toEqual(['a']);
    expect(sets(at('a', 100, { state: 'pending' }))).toEqual(['a']);
  });
  it('can be used where they are kept, once they are completed', () => {
    const here = { zone: 'eu-west-1a', outpost: null };
    const usable = (change: Partial<SnapshotFacts>) => isUsableAt(snapshot(change), here);
    expect([usable({}), usable({ state: 'pending' }), usable({ archived: true })]).toEqual([true, false, false]);
    expect(usable({ keptAt: { zone: 'eu-west-1a', outpost: null } })).toBe(true);
    expect(usable({ keptAt: { zone: 'eu-west-1b', outpost: null } })).toBe(false);
    expect(usable({ keptAt: { zone: null, outpost: 'arn:o/op-1' } })).toBe(false);
  });
  it('are complete where there is a usable one of every device', () => {
    const all = snapshotSets([at('a', 100), at('b', 9_000), at('c', 9_000, { device: '/dev/sdg' })], []);
    const newest = (devices: readonly string[], site?: { readonly zone: string; readonly outpost: null }) =>
      newestCompleteSet(all, devices, site)?.startedAt;
    expect([newest(['/dev/sdf']), newest(['/dev/sdf', '/dev/sdg']), newest(['/dev/sdh'])]).toEqual([
      ago(100),
      ago(9_000),
      undefined,
    ]);
    expect(newest(['/dev/sdf'], { zone: 'eu-west-1b', outpost: null })).toBe(ago(100));
  });
  it('are exact by what they say, which nobody can change, and not by their label', () => {
    const copies = (...snapshots: readonly SnapshotFacts[]) => exactCopies(loose(), snapshots).map(({ id }) => id);
    expect(copies(exact(), exact({ id: 'newer', startedAt: ago(5) }))).toEqual(['newer', 'snap-exact']);
    expect(copies(exact({ description: 'written' }), exact({ run: null }), exact({ copied: true }))).toEqual([]);
    expect(copies(exact({ volumeId: 'vol-2' }), exact({ run: 'carry-volumes/i-2/final' }))).toEqual([]);
  });
});

describe('exact copies', () => {
  const secured = (
    snapshots: readonly SnapshotFacts[],
    more: { refusals?: readonly Refusal[]; type?: string } = {},
  ) => {
    const { refusals, type = 'gp3' } = more;
    const facts = arrivingFacts({ snapshots, ...(refusals === undefined ? {} : { refusals }) });
    return secure(survey(facts, LIMITS, NOW), [loose({ type })]);
  };
  const failed = (id: string, seconds: number) => exact({ id, state: 'error', startedAt: ago(seconds) });
  const pending = (id: string) => snapshot({ id, state: 'pending', startedAt: ago(100) });

  it('are there once they are begun', () => {
    expect(secured([exact()])).toEqual({ kind: 'secured' });
    expect(secured([exact({ state: 'pending' })])).toEqual({ kind: 'secured' });
  });
  it('are asked for of each volume that has none', () => {
    expect(secured([])).toMatchObject({
      kind: 'act',
      code: 'snapshot',
      because: 'vol-1 are unattached',
      plan: [{ call: 'ec2:CreateSnapshot' }],
      steps: ['snapshot'],
    });
    expect(secured([exact({ archived: true })])).toMatchObject({ kind: 'act' });
  });
  it('are not asked for sooner than EBS allows another of the same volume', () => {
    expect(secured([snapshot({ startedAt: ago(5) })])).toMatchObject({
      kind: 'wait',
      code: 'snapshot-rate',
      because: 'the last snapshot of vol-1 is too recent for another',
    });
    expect(secured([snapshot({ volumeId: 'vol-2', startedAt: ago(5) })])).toMatchObject({ kind: 'act' });
  });
  it('wait where EBS has as many under way as it takes: one of a slow type', () => {
    expect(secured(['a', 'b', 'c', 'd'].map(pending))).toMatchObject({ kind: 'act' });
    expect(secured(['a', 'b', 'c', 'd', 'e'].map(pending))).toMatchObject({
      kind: 'wait',
      code: 'snapshot-pending',
      because: 'vol-1 have as many snapshots under way as EBS allows',
    });
    expect(secured([pending('a')], { type: 'st1' })).toMatchObject({ code: 'snapshot-pending' });
  });
  it('are given up for a while after three that ended in error', () => {
    expect(secured([failed('a', 400), failed('b', 200), failed('c', 60)])).toEqual({
      kind: 'stuck',
      because: '3 snapshots of vol-1 ended in error',
    });
    expect(secured([failed('a', 400), failed('b', 60)])).toMatchObject({ kind: 'act' });
    expect(secured([failed('a', 600), failed('b', 500), failed('c', 400)])).toMatchObject({ kind: 'act' });
  });
});

describe('a set of what is still written', () => {
  const warm = (
    snapshots: readonly SnapshotFacts[] = [],
    change: Partial<VolumeFacts> = {},
    holder = machine('i-old', 'Terminating:Wait'),
    tried: { readonly [step: string]: number } = {},
  ) => {
    const volumes = [volume(change)];
    const view = survey(leavingFacts({ snapshots, volumes, machines: [holder] }), LIMITS, NOW);
    return warming({ ...view, progress: { ...view.progress, tried }, holder, volumes, freeze: null }, false);
  };
  const OWN = { run: 'carry-volumes/i-old' };

  it('is taken once, without what does not belong to it', () => {
    const devices = [
      { name: '/dev/xvda', volumeId: 'vol-root', root: true },
      { name: '/dev/sdf', volumeId: 'vol-1', root: false },
      { name: '/dev/sdg', volumeId: 'vol-x', root: false },
    ];
    expect(warm([], {}, machine('i-old', 'Terminating:Wait', { devices }))).toMatchObject([
      { call: 'ec2:CreateSnapshots', input: { InstanceSpecification: { ExcludeDataVolumeIds: ['vol-x'] } } },
    ]);
    expect(warm([snapshot(OWN)])).toEqual([]);
    expect(warm([snapshot({ ...OWN, state: 'error' })])).toHaveLength(1);
    expect(warm([snapshot()])).toHaveLength(1);
  });
  it('is not taken where it would stand in the way of the final one, or is not to be had', () => {
    expect(warm([], { type: 'st1' })).toEqual([]);
    expect(warm([snapshot({ startedAt: ago(5) })])).toEqual([]);
    const pending = ['a', 'b', 'c', 'd'].map((id) => snapshot({ id, state: 'pending' }));
    expect([warm(pending), warm(pending.slice(1))].map(({ length }) => length)).toEqual([0, 1]);
    expect(warm([], {}, machine('i-old', 'Terminating:Wait', { zoneState: 'unavailable' }))).toEqual([]);
    expect(warm([], {}, undefined, { warm: 9 })).toEqual([]);
  });
});
