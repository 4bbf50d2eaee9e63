import { describe, expect, it } from 'vitest';
import { departureBefore } from '../../../functions/carry-volumes/decide/scaling-group.ts';
import { arrivalAccount } from '../../../functions/carry-volumes/decide/account.ts';
import {
  exactCopies,
  finalLabelOf,
  membersOf,
  newestCompleteSet,
  snapshotSets,
} from '../../../functions/carry-volumes/decide/volume-set.ts';
import { activity, ago, attachment, exact, loose, NOW, snapshot, volume } from './volume-facts.ts';

describe('the true volume of a place', () => {
  it('is the live one that is no unused copy', () => {
    const copy = loose({ id: 'vol-copy', run: 'carry-volumes/i-new/copy' });
    expect(membersOf([loose(), copy], [])).toEqual([
      { device: '/dev/sdf', volume: loose(), rivals: [], copies: [copy] },
    ]);
  });

  it('is no copy that was never put to use where the volume is lost and not given up for it', () => {
    const copy = loose({ id: 'vol-a', run: 'carry-volumes/i-a/copy', createdAt: ago(100) });
    const lost = loose({ state: 'error' });
    const older = loose({ id: 'vol-older', supersededAt: ago(101) });
    expect(membersOf([lost, older, copy], [])).toEqual([
      { device: '/dev/sdf', volume: null, rivals: [], copies: [copy] },
    ]);
  });

  it('is the newest copy where all others were given up for it', () => {
    const copies = [
      loose({ id: 'vol-a', run: 'carry-volumes/i-a/copy', createdAt: ago(200) }),
      loose({ id: 'vol-b', run: 'carry-volumes/i-b/copy', createdAt: ago(100) }),
    ];
    expect(membersOf([loose({ supersededAt: NOW }), ...copies], [])[0]?.volume?.id).toBe('vol-b');
  });

  it('is nobody where two claim it', () => {
    expect(membersOf([loose(), loose({ id: 'vol-2' })], [])[0]).toMatchObject({
      volume: null,
      rivals: [{ id: 'vol-1' }, { id: 'vol-2' }],
    });
  });

  it('is remembered by each snapshot of two days, though a final one of its set is older', () => {
    const newest = snapshot({ id: 'snap-now', startedAt: ago(0) });
    const old = snapshot({ id: 'snap-f', run: 'carry-volumes/i-x/final', startedAt: ago(172_801) });
    const late = (seconds: number) =>
      snapshot({ id: 'snap-g', volumeId: 'vol-2', device: '/dev/sdg', run: old.run, startedAt: ago(seconds) });
    const placesOf = (seconds: number) => membersOf([], [newest, old, late(seconds)]).map(({ device }) => device);
    expect(placesOf(172_800)).toEqual(['/dev/sdf', '/dev/sdg']);
    expect(placesOf(172_801)).toEqual(['/dev/sdf']);
  });

  it('is missing where only snapshots remember the place', () => {
    expect(membersOf([], [snapshot()])).toEqual([{ device: '/dev/sdf', volume: null, rivals: [], copies: [] }]);
    expect(membersOf([loose({ state: 'deleting' })], [])).toEqual([]);
  });
});

describe('an exact copy', () => {
  it('carries the label that its volume has now', () => {
    expect(exactCopies(loose(), [exact(), snapshot()]).map(({ id }) => id)).toEqual(['snap-exact']);
    expect(exactCopies(loose({ run: 'carry-volumes/i-since' }), [exact()])).toEqual([]);
    expect(exactCopies(loose({ id: 'vol-other' }), [exact()])).toEqual([]);
  });

  it('of a volume that no run has seen is one that nobody had', () => {
    expect([
      finalLabelOf({ run: null }),
      finalLabelOf({ run: 'somebody-else' }),
      finalLabelOf({ run: 'carry-volumes/i-1/copy' }),
    ]).toEqual(['carry-volumes/nobody/final', 'carry-volumes/nobody/final', 'carry-volumes/i-1/final']);
  });
});

describe('sets of snapshots', () => {
  const second = (change: object = {}) => snapshot({ id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg', ...change });

  it('are of one moment', () => {
    expect(
      snapshotSets([snapshot(), second({ startedAt: ago(21_600 - 60) })], []).map(({ snapshots }) => snapshots.size),
    ).toEqual([2]);
    expect(
      snapshotSets([snapshot(), second({ startedAt: ago(21_600 - 61) })], []).map(({ snapshots }) => snapshots.size),
    ).toEqual([1, 1]);
  });

  it('hold one snapshot of a device, and are the newest first', () => {
    const sets = snapshotSets([snapshot(), snapshot({ id: 'snap-later', startedAt: ago(21_590) })], []);
    expect(sets.map(({ snapshots }) => snapshots.get('/dev/sdf')?.id)).toEqual(['snap-later', 'snap-1']);
  });

  it('of unattached volumes belong together however far apart they are', () => {
    const finals = [exact({ startedAt: ago(900) }), second({ run: 'carry-volumes/i-old/final', startedAt: ago(60) })];
    expect(snapshotSets(finals, []).map(({ snapshots }) => snapshots.size)).toEqual([2]);
  });

  it('leave out what is superseded or in error, and what nobody knows the place of', () => {
    expect(
      snapshotSets(
        [
          snapshot({ supersededAt: NOW }),
          snapshot({ state: 'error' }),
          snapshot({ device: null, volumeId: 'vol-unknown' }),
        ],
        [],
      ),
    ).toEqual([]);
    expect(snapshotSets([snapshot({ device: null })], [loose()])[0]?.snapshots.has('/dev/sdf')).toBe(true);
  });

  it('are complete when every device has a completed one', () => {
    const sets = snapshotSets(
      [
        snapshot(),
        second(),
        snapshot({ id: 'snap-3', startedAt: ago(100) }),
        second({ id: 'snap-4', startedAt: ago(100), state: 'pending' }),
      ],
      [],
    );
    expect(newestCompleteSet(sets, ['/dev/sdf', '/dev/sdg'])?.startedAt).toBe(ago(21_600));
    expect(newestCompleteSet(sets, ['/dev/sdf'])?.startedAt).toBe(ago(100));
    expect(newestCompleteSet(sets, ['/dev/sdh'])).toBeUndefined();
  });
});

describe('the account of an arrival', () => {
  const made = (source: string) =>
    volume({
      id: 'vol-new',
      snapshotId: source,
      createdAt: ago(20),
      attachments: [attachment('i-new', { attachedAt: ago(10) })],
    });
  const activities = [
    activity('launch', 'i-new', { startedAt: ago(200) }),
    activity('terminate', 'i-old', { startedAt: ago(210) }),
  ];
  const machine = { id: 'i-new', launchedAt: ago(200) };

  it('loses nothing with an exact copy', () => {
    const copy = exact({ startedAt: ago(150), completedAt: ago(40) });
    expect(
      arrivalAccount(
        { group: { activities }, volumes: [loose({ supersededAt: ago(15) }), made(copy.id)], snapshots: [copy] },
        NOW,
        machine,
      ),
    ).toMatchObject({
      rpoSeconds: 0,
      rtoSeconds: 210,
      phases: { detect: 60, freeze: 0, snapshot: 110, create: 30, attach: 10, complete: 0 },
    });
  });

  it('counts as freezing what passed between the warm set and the exact copy', () => {
    const copy = exact({ startedAt: ago(150), completedAt: ago(40) });
    const warm = snapshot({ id: 'snap-warm', run: 'carry-volumes/i-old', startedAt: ago(200) });
    const earlier = snapshot({ id: 'snap-earlier', run: 'carry-volumes/i-old', startedAt: ago(211) });
    expect(
      arrivalAccount(
        {
          group: { activities },
          volumes: [loose({ supersededAt: ago(15) }), made(copy.id)],
          snapshots: [copy, warm, earlier],
        },
        NOW,
        machine,
      ),
    ).toMatchObject({
      phases: { detect: 10, freeze: 50, snapshot: 110, create: 30, attach: 10, complete: 0 },
    });
  });

  it('counts the age of any other copy, from when it was used', () => {
    expect(
      arrivalAccount(
        { group: { activities }, volumes: [loose({ supersededAt: ago(15) }), made('snap-1')], snapshots: [snapshot()] },
        NOW,
        machine,
      ),
    ).toMatchObject({ rpoSeconds: 21_580 });
  });

  it('loses nothing with a volume that was carried as it was', () => {
    const carried = volume({ snapshotId: 'snap-1', attachments: [attachment('i-new')] });
    expect(
      arrivalAccount({ group: { activities }, volumes: [carried], snapshots: [snapshot()] }, NOW, machine),
    ).toMatchObject({ rpoSeconds: 0 });
  });

  it('begins with the departure that made it necessary, not with one of long ago', () => {
    expect(departureBefore(activities, ago(200))).toBe(ago(210));
    expect(departureBefore([activity('terminate', 'i-old', { startedAt: ago(3_801) })], ago(200))).toBeNull();
    expect(departureBefore([activity('terminate', 'i-old', { startedAt: ago(100) })], ago(200))).toBeNull();
  });
});
