/** Where volumes belong: device names, sites, and snapshots that are of use there. */

import { describe, expect, it } from 'vitest';
import { namesFor } from '../../../functions/carry-volumes/decide/calls.ts';
import { membersOf, snapshotSets } from '../../../functions/carry-volumes/decide/volume-set.ts';
import { after, judge, planOf, words } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  exact,
  groupFactsOf,
  leavingFacts,
  loose,
  machine,
  settings,
  snapshot,
  volume,
  waiting,
} from './volume-facts.ts';

describe('device names', () => {
  it('in two spellings are one place of the set', () => {
    const volumes = [loose({ device: '/dev/xvdf' }), loose({ id: 'vol-2', device: 'sdf' })];
    expect(membersOf(volumes, [])).toMatchObject([{ device: '/dev/sdf', volume: null, rivals: [{}, {}] }]);
  });

  it('are given in their own spelling where they are free, in any spelling', () => {
    expect(namesFor([loose({ device: '/dev/xvdf' })], ['/dev/sda1']).get('vol-1')).toBe('/dev/xvdf');
    expect(namesFor([loose({ device: 'sdf' })], []).get('vol-1')).toBe('/dev/sdf');
    expect(namesFor([loose()], ['/dev/xvdf']).get('vol-1')).toBe('/dev/sdg');
    expect(namesFor([loose()], ['/dev/sdf1']).get('vol-1')).toBe('/dev/sdg');
    expect(namesFor([loose({ device: 'data' })], []).get('vol-1')).toBe('/dev/sdf');
    expect(namesFor([loose(), loose({ id: 'vol-2', device: 'xvdg' })], ['/dev/sdf']).get('vol-1')).toBe('/dev/sdh');
  });

  const untagged = volume({ deviceNoted: false, device: '/dev/sdh', tags: { 'runbook:volumes': 'db' } });

  it('that no tag says are written down before the instance stops, and while it serves', () => {
    expect(words(judge(leavingFacts({ volumes: [untagged] })))).toEqual([
      'CreateTags vol-1',
      'CreateTags vol-1',
      'CreateSnapshots',
      'StopInstances i-old',
    ]);
    expect(planOf(judge(leavingFacts({ volumes: [untagged] }))).plan[0]?.input).toEqual({
      Resources: ['vol-1'],
      Tags: [{ Key: 'runbook:was-at', Value: '/dev/sdh' }],
    });
    const labelled = { ...untagged, run: 'carry-volumes/i-old' };
    expect(words(judge(groupFactsOf({ volumes: [labelled] })))).toEqual(['CreateTags vol-1']);
    const stopped = leavingFacts({
      volumes: [labelled],
      machines: [machine('i-old', 'Terminating:Wait', { state: 'stopped' })],
    });
    expect(words(judge(stopped))).toEqual(['CreateTags vol-1', 'DetachVolume vol-1']);
  });

  it('that no tag says go along with the exact copy', () => {
    const free = loose({ deviceNoted: true, device: '/dev/sdh', tags: { 'runbook:volumes': 'db' } });
    const plan = planOf(judge(leavingFacts({ volumes: [free] }))).plan;
    expect(JSON.stringify(plan[0]?.input['TagSpecifications'])).toContain(
      '{"Key":"runbook:was-at","Value":"/dev/sdh"}',
    );
  });
});

describe('an attachment that hangs', () => {
  const hanging = volume({ attachments: [attachment('i-new', { state: 'attaching', attachedAt: ago(91) })] });

  it('is waited for for 90 seconds, then taken back and tried under another name, and the end says so', () => {
    const young = { ...hanging, attachments: [attachment('i-new', { state: 'attaching', attachedAt: ago(90) })] };
    expect(judge(arrivingFacts({ volumes: [young] }))).toMatchObject({ code: 'attaching' });
    const facts = arrivingFacts({ volumes: [hanging] });
    const taken = judge(facts);
    expect(words(taken)).toEqual(['DetachVolume vol-1']);
    expect(taken).toMatchObject({
      code: 'attach-stuck',
      because: expect.stringContaining('at /dev/sdf; another name'),
    });
    const next = judge(after(facts, taken, { volumes: [loose()] }));
    expect(words(next)).toEqual(['CreateTags vol-1', 'AttachVolume vol-1 /dev/sdg']);
    expect(next.evidence).toMatchObject({ stuckNames: ['/dev/sdf'] });
    const there = volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new', { device: '/dev/sdg' })] });
    expect(judge(after(facts, taken, { volumes: [there] }))).toMatchObject({
      code: 'carried',
      evidence: { renamed: ['vol-1 is at /dev/sdg, since /dev/sdf was taken or did not work'] },
    });
  });

  it('without a time counts from the step that began it', () => {
    const timeless = { ...hanging, attachments: [attachment('i-new', { state: 'attaching', attachedAt: null })] };
    const history = (triedAt: string) => ({
      epoch: 1,
      actions: [],
      memory: {},
      pending: { intent: 'x', at: triedAt, note: { run: 'run-1', beganAt: ago(600), triedAt, tried: {} } },
    });
    expect(judge(arrivingFacts({ volumes: [timeless], history: history(ago(91)) }))).toMatchObject({
      code: 'attach-stuck',
    });
    expect(judge(arrivingFacts({ volumes: [timeless], history: history(ago(90)) }))).toMatchObject({
      code: 'attaching',
    });
  });

  it('under three names is for a person, who is told the names', () => {
    const tried = {
      'attach vol-1': 3,
      'stuck i-new /dev/sdf': 1,
      'stuck i-new /dev/sdg': 1,
      'stuck i-new /dev/sdh': 1,
    };
    const note = { run: 'run-1', beganAt: ago(300), triedAt: ago(10), tried };
    const history = { epoch: 1, actions: [], memory: {}, pending: { intent: 'x', at: ago(10), note } };
    expect(judge(arrivingFacts({ history }))).toMatchObject({
      code: 'cannot-attach',
      because: expect.stringContaining('it stayed attaching at /dev/sdf, /dev/sdg, /dev/sdh'),
    });
  });

  it('and comes off is waited for with patience, not for ever', () => {
    const busy = volume({ attachments: [attachment('i-new', { state: 'busy' })] });
    expect(judge(waiting(10, { volumes: [busy] }))).toMatchObject({ code: 'detaching' });
    expect(judge(waiting(1_800, { volumes: [busy] }))).toMatchObject({ code: 'abandoned' });
  });
});

describe('an Outpost', () => {
  const outpost = 'arn:aws:outposts:eu-west-1:111122223333:outpost/op-1';

  it('is another site than its zone: only a copy comes over, in either direction', () => {
    const there = arrivingFacts({ volumes: [loose({ outpost })], snapshots: [exact()] });
    expect(words(judge(there))).toEqual(['CreateVolume snap-exact']);
    expect(planOf(judge(there)).plan[0]?.input).not.toHaveProperty('OutpostArn');
    const back = arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { outpost })], snapshots: [exact()] });
    expect(planOf(judge(back)).plan[0]?.input).toMatchObject({ AvailabilityZone: 'eu-west-1a', OutpostArn: outpost });
    const same = arrivingFacts({
      volumes: [loose({ outpost })],
      machines: [machine('i-new', 'Pending:Wait', { outpost })],
    });
    expect(words(judge(same))).toEqual(['CreateTags vol-1', 'AttachVolume vol-1 /dev/sdf']);
  });

  it('has the leaving side take the exact copy, where the successor is not on it', () => {
    const machines = [
      machine('i-old', 'Terminating:Wait', { state: 'stopped', outpost }),
      machine('i-new', 'Pending:Wait'),
    ];
    const facts = leavingFacts({ volumes: [loose({ outpost })], machines });
    expect(words(judge(facts))).toEqual(['CreateSnapshot vol-1', 'CompleteLifecycleAction CONTINUE']);
    const both = [machines[0], machine('i-new', 'Pending:Wait', { outpost })].flatMap((each) => each ?? []);
    expect(words(judge({ ...facts, machines: both }))).toEqual(['CompleteLifecycleAction CONTINUE']);
  });

  it('keeps its own snapshots to itself', () => {
    const kept = exact({ keptAt: { zone: null, outpost } });
    const facts = arrivingFacts({ volumes: [loose({ outpost })], snapshots: [kept] });
    expect(judge(facts)).toMatchObject({ code: 'snapshot-pending' });
  });
});

describe('where the volumes are gone', () => {
  const acceptable = settings({ oldestAcceptableSeconds: 172_800 });
  const facts = (snapshots: ReturnType<typeof snapshot>[]) =>
    arrivingFacts({ volumes: [], snapshots, settings: acceptable });
  const old = snapshot({ id: 'snap-old', startedAt: ago(108_000) });
  const archived = snapshot({ id: 'snap-new', startedAt: ago(21_600), archived: true });

  it('an archived snapshot is passed over, and named with how to restore it', () => {
    const decision = judge(facts([archived, old]));
    expect(words(decision)).toEqual(['CreateVolume snap-old']);
    expect(decision.evidence).toMatchObject({
      rpoSeconds: 108_000,
      archived: [
        `snap-new of ${ago(21_600)} is in the archive tier, and of no use until it is restored, which takes hours: aws ec2 restore-snapshot-tier --snapshot-id snap-new --permanent-restore`,
      ],
    });
    expect(judge(facts([archived]))).toMatchObject({
      code: 'no-complete-set',
      because: expect.stringContaining('what is in the archive tier can be restored'),
      evidence: { archived: [expect.stringContaining('snap-new')] },
    });
  });

  it('an archived exact copy is taken anew while the volume is there', () => {
    const away = arrivingFacts({
      machines: [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' })],
      snapshots: [exact({ archived: true })],
    });
    expect(words(judge(away))).toEqual(['CreateSnapshot vol-1']);
  });

  it('a copied snapshot comes after an older original, and without an age where it is all there is', () => {
    const copied = snapshot({ id: 'snap-copy', volumeId: 'vol-ffffffff', startedAt: ago(3_600), copied: true });
    expect(words(judge(facts([copied, old])))).toEqual(['CreateVolume snap-old']);
    const last = judge(facts([copied]));
    expect(words(last)).toEqual(['CreateVolume snap-copy']);
    expect(last.evidence).toMatchObject({
      rpoSeconds: null,
      newestSetAgeSeconds: null,
      ageUnknown:
        'snap-copy: a copy of another snapshot, whose age AWS does not show; the data are more than 3600 s old',
    });
    const tooOld = { ...facts([copied]), settings: settings({ oldestAcceptableSeconds: 3_599 }) };
    expect(judge(tooOld)).toMatchObject({ code: 'too-old' });
    const tooOldOriginal = { ...facts([copied, old]), settings: settings({ oldestAcceptableSeconds: 100_000 }) };
    expect(judge(tooOldOriginal)).toMatchObject({ code: 'too-old', evidence: { newestSet: old.startedAt } });
  });

  it('what was made of a copied snapshot is told without an age', () => {
    const copied = snapshot({ id: 'snap-copy', volumeId: 'vol-ffffffff', startedAt: ago(3_600), copied: true });
    const made = volume({
      run: 'carry-volumes/i-new',
      snapshotId: 'snap-copy',
      createdAt: ago(10),
      attachments: [attachment('i-new')],
    });
    const decision = judge(arrivingFacts({ volumes: [made], snapshots: [copied] }));
    expect(decision).toMatchObject({
      code: 'carried',
      attention: true,
      evidence: {
        rpoSeconds: null,
        rpoUnknown: 'made of copied snapshots, whose age AWS does not show',
        madeOf: [`snap-copy of ${ago(3_600)}, a copy of an older one`],
      },
    });
    expect(decision.metrics).not.toHaveProperty('RpoSeconds');
  });

  it('what was made of a snapshot of a volume that is not of the set is never told as fresh', () => {
    const made = volume({
      run: 'carry-volumes/i-new',
      snapshotId: 'snap-exact',
      createdAt: ago(10),
      attachments: [attachment('i-new')],
    });
    const foreign = exact({ volumeId: 'vol-elsewhere', startedAt: ago(60) });
    expect(judge(arrivingFacts({ volumes: [made], snapshots: [foreign] }))).toMatchObject({
      code: 'carried',
      attention: true,
      evidence: { rpoSeconds: 50 },
    });
  });

  it('sets of copies and of originals are never mixed', () => {
    const second = { id: 'snap-2', volumeId: 'vol-2', device: '/dev/sdg' };
    const mixed = [snapshot(), snapshot({ ...second, copied: true })];
    expect(snapshotSets(mixed, []).map(({ copied, snapshots }) => [copied, snapshots.size])).toEqual([
      [false, 1],
      [true, 1],
    ]);
  });
});

describe('two volumes that claim one place', () => {
  it('are a question for a person, in words that do no harm', () => {
    const { because } = judge(waiting(10, { volumes: [loose(), loose({ id: 'vol-2' })] }));
    expect(because).toBe(
      '/dev/sdf is claimed by vol-1, vol-2; take the tag runbook:volumes off all but the one to be carried: what is without it is left alone, and never deleted',
    );
  });
});
