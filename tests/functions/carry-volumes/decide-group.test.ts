import { describe, expect, it } from 'vitest';
import type { Activity, GroupFacts, SnapshotFacts, VolumeFacts } from '../../../functions/carry-volumes/decide.ts';
import { judge, planOf, words } from './plan-words.ts';
import {
  activity,
  ago,
  attachment,
  exact,
  group,
  groupFactsOf,
  hookDescription,
  loose,
  machine,
  NOW,
  settings,
  snapshot,
  volume,
} from './volume-facts.ts';

const served = volume({ id: 'vol-new', run: 'carry-volumes/i-old', attachments: [attachment('i-old')] });
const old = loose({ id: 'vol-1', run: 'carry-volumes/i-before', supersededAt: ago(86_400) });
const copyOfOld = exact({ run: 'carry-volumes/i-before/final', startedAt: ago(90_000) });

describe('a group in order', () => {
  it('needs nothing', () => {
    expect(judge(groupFactsOf())).toMatchObject({ kind: 'nothing', code: 'in-order' });
  });

  it('has no volume that would go with its instance: one is kept, and that is an alarm', () => {
    const decision = judge(
      groupFactsOf({
        volumes: [
          volume({ run: 'carry-volumes/i-old', attachments: [attachment('i-old', { deleteOnTermination: true })] }),
        ],
      }),
    );
    expect(decision).toMatchObject({ code: 'delete-on-termination', attention: true });
    expect(words(decision)).toEqual(['ModifyInstanceAttribute']);
  });

  it('has its volumes labelled with the instance that writes on them', () => {
    expect(words(judge(groupFactsOf({ volumes: [volume()] })))).toEqual(['CreateTags vol-1']);
  });

  it.each([
    ['no launch hook', group({ hooks: [hookDescription('terminating')] }), 'no launch hook of this runbook'],
    ['no terminate hook', group({ hooks: [hookDescription('launching')] }), 'no terminate hook of this runbook'],
    [
      'a launch hook that lets go',
      group({ hooks: [hookDescription('launching', { defaultResult: 'CONTINUE' }), hookDescription('terminating')] }),
      'receive: DefaultResult CONTINUE',
    ],
    ['instances that are not retained', group({ retains: false }), 'TerminateHookAbandon is not retain'],
    [
      'a heartbeat time-out that is too short',
      group({ hooks: [hookDescription('launching', { heartbeatSeconds: 659 }), hookDescription('terminating')] }),
      'receive: HeartbeatTimeout 659 s',
    ],
    [
      'a hook that ends too early',
      group({ hooks: [hookDescription('launching'), hookDescription('terminating', { globalSeconds: 1_799 })] }),
      'give: it ends after 1799 s',
    ],
    ['room for two instances', group({ max: 2 }), 'MaxSize 2'],
  ])('%s is a flaw that people hear of before it matters', (_title, changed, line) => {
    const decision = judge(groupFactsOf({ group: { ...changed, members: groupFactsOf().group.members } }));
    expect(decision).toMatchObject({ kind: 'refuse', code: 'preflight', attention: true });
    expect(decision.because).toContain(line);
  });
});

describe('what has been superseded', () => {
  it('is deleted after its age, while its successor is attached and well and its content is held elsewhere', () => {
    const decision = judge(groupFactsOf({ volumes: [served, old], snapshots: [copyOfOld] }));
    expect(words(decision)).toEqual(['DeleteVolume vol-1']);
    expect(planOf(decision).plan[0]).toMatchObject({ optional: true });
  });

  it.each([
    ['it is younger', { volumes: [served, { ...old, supersededAt: ago(86_399) }], snapshots: [copyOfOld] }],
    ['its successor is not attached', { volumes: [loose({ id: 'vol-new' }), old], snapshots: [copyOfOld] }],
    [
      'its successor is still attaching',
      {
        volumes: [{ ...served, attachments: [attachment('i-old', { state: 'attaching' })] }, old],
        snapshots: [copyOfOld],
      },
    ],
    [
      'the instance is unhealthy',
      {
        volumes: [served, old],
        snapshots: [copyOfOld],
        machines: [
          machine('i-old', 'InService', {
            membership: {
              group: 'db',
              lifecycleState: 'InService',
              healthy: false,
            },
          }),
        ],
      },
    ],
    [
      'somebody is on the way',
      {
        volumes: [served, old],
        snapshots: [copyOfOld],
        machines: [machine('i-old', 'InService'), machine('i-new', 'Pending:Wait')],
      },
    ],
    [
      'it is attached',
      { volumes: [served, { ...old, state: 'in-use', attachments: [attachment('i-other')] }], snapshots: [copyOfOld] },
    ],
    ['its copy is not completed', { volumes: [served, old], snapshots: [{ ...copyOfOld, state: 'pending' }] }],
    [
      'its copy is of an earlier time',
      { volumes: [served, old], snapshots: [{ ...copyOfOld, run: 'carry-volumes/i-earlier/final' }] },
    ],
    ['there is no copy at all', { volumes: [served, old], snapshots: [] }],
    ['nothing has its place now', { volumes: [served, { ...old, device: '/dev/sdg' }], snapshots: [copyOfOld] }],
  ])('is not deleted when %s', (_title, change) => {
    const decision = judge(groupFactsOf(change));
    expect(decision.kind === 'act' ? words(decision).filter((word) => word.startsWith('DeleteVolume')) : []).toEqual(
      [],
    );
  });

  it('and cannot be deleted is named for a person', () => {
    expect(judge(groupFactsOf({ volumes: [served, old] })).evidence).toMatchObject({
      kept: ['vol-1: no exact snapshot of it is left that is completed, in the standard tier and of its size'],
    });
  });

  it.each<Partial<SnapshotFacts>>([
    { archived: true },
    { lent: true },
    { copied: true },
    { sizeGiB: 99 },
    { startedAt: ago(9_000_000) },
    { description: 'written' },
  ])('and whose copy is not a proof (%o) is kept', (change) => {
    const decision = judge(groupFactsOf({ volumes: [served, old], snapshots: [{ ...copyOfOld, ...change }] }));
    expect(decision).toMatchObject({
      code: 'in-order',
      evidence: { kept: [expect.stringContaining('vol-1: no exact snapshot')] },
    });
  });

  it('and whose copy nobody described is deleted only where its successor was made of that copy', () => {
    const plain: SnapshotFacts = { ...copyOfOld, description: 'none' };
    expect(judge(groupFactsOf({ volumes: [served, old], snapshots: [plain] }))).toMatchObject({ code: 'in-order' });
    const made = { ...served, snapshotId: 'snap-exact' };
    expect(words(judge(groupFactsOf({ volumes: [made, old], snapshots: [plain] })))).toEqual(['DeleteVolume vol-1']);
  });

  it('and that no run ever gave to an instance is kept, whatever else it carries', () => {
    const strange = { ...old, run: 'payroll' };
    expect(judge(groupFactsOf({ volumes: [served, strange], snapshots: [copyOfOld] })).evidence).toMatchObject({
      kept: ['vol-1: this runbook never gave it to an instance'],
    });
  });

  it('and that somebody attaches once more is remembered, and kept since its copy is older', () => {
    const worn = { ...old, state: 'in-use', attachments: [attachment('i-other')] };
    expect(judge(groupFactsOf({ volumes: [served, worn], snapshots: [copyOfOld] })).remember).toEqual({
      'worn/vol-1': NOW,
    });
    const history = { epoch: 1, actions: [], memory: { 'worn/vol-1': ago(600), 'worn/vol-gone': ago(9_000) } };
    const decision = judge(groupFactsOf({ volumes: [served, old], snapshots: [copyOfOld], history }));
    expect(decision).toMatchObject({ code: 'in-order', remember: { 'worn/vol-gone': null } });
    expect(decision.evidence['kept']).toEqual([
      `vol-1: no exact snapshot of it, which was attached once more at ${ago(600)}, is left that is completed, in the standard tier and of its size`,
    ]);
    const again = { ...copyOfOld, startedAt: ago(599) };
    expect(words(judge(groupFactsOf({ volumes: [served, old], snapshots: [again], history })))).toEqual([
      'DeleteVolume vol-1',
    ]);
  });
});

describe('a copy that was never put to use', () => {
  const orphan = loose({
    id: 'vol-orphan',
    run: 'carry-volumes/i-gone/copy',
    snapshotId: 'snap-1',
    createdAt: ago(90_000),
  });
  const due = { ...orphan, supersededAt: ago(86_401) };
  const source = snapshot();
  const vain = activity('launch', 'i-gone', { startedAt: ago(90_100), endedAt: ago(89_000), status: 'Cancelled' });
  const launchedBy = (launch: Activity): GroupFacts =>
    group({ members: groupFactsOf().group.members, activities: [launch] });

  it('is tagged first', () => {
    expect(words(judge(groupFactsOf({ volumes: [served, orphan] })))).toEqual(['CreateTags vol-orphan']);
  });

  it('is deleted later where Auto Scaling shows the launch it was made for, which came to nothing', () => {
    const facts = groupFactsOf({ volumes: [served, due], snapshots: [source], group: launchedBy(vain) });
    expect(words(judge(facts))).toEqual(['DeleteVolume vol-orphan']);
  });

  it('is deleted later where its twin lives', () => {
    const twin = { ...served, snapshotId: 'snap-1' };
    expect(words(judge(groupFactsOf({ volumes: [twin, due], snapshots: [source] })))).toEqual([
      'DeleteVolume vol-orphan',
    ]);
  });

  it.each<[string, Partial<VolumeFacts>, Partial<SnapshotFacts>, Partial<Activity>]>([
    ['it was made of nothing', { snapshotId: null }, {}, {}],
    ['what it was made of is gone', { snapshotId: 'snap-gone' }, {}, {}],
    ['what it was made of is archived', {}, { archived: true }, {}],
    ['it is smaller than what it was made of', {}, { sizeGiB: 101 }, {}],
    ['it was made before the launch', { createdAt: ago(90_101) }, {}, {}],
    ['it was made after the launch', { createdAt: ago(88_999) }, {}, {}],
    ['the launch came to a good end', {}, {}, { status: 'Successful' }],
    ['the launch goes on', {}, {}, { endedAt: null }],
    ["the launch is another instance's", {}, {}, { instanceId: 'i-other' }],
  ])('is kept and named where %s, whatever its tags say', (_title, ofVolume, ofSource, ofLaunch) => {
    const facts = groupFactsOf({
      volumes: [served, { ...due, ...ofVolume }],
      snapshots: [{ ...source, ...ofSource }],
      group: launchedBy({ ...vain, ...ofLaunch }),
    });
    expect(judge(facts)).toMatchObject({
      code: 'in-order',
      evidence: { kept: [expect.stringContaining('vol-orphan: no exact snapshot')] },
    });
  });
});

describe('snapshots', () => {
  const taken = (holder: string, seconds: number, change = {}) =>
    snapshot({
      id: `snap-${holder}`,
      volumeId: 'vol-new',
      run: `carry-volumes/${holder}/final`,
      startedAt: ago(seconds),
      ...change,
    });
  const four = [taken('i-4', 1_000), taken('i-3', 2_000), taken('i-2', 3_000), taken('i-1', 4_000)];

  it('of the last departures are kept, older ones superseded, with what was taken beside them', () => {
    const warm = snapshot({ id: 'snap-warm', volumeId: 'vol-new', run: 'carry-volumes/i-1', startedAt: ago(4_100) });
    expect(words(judge(groupFactsOf({ volumes: [served], snapshots: [...four, warm] })))).toEqual([
      'CreateTags snap-i-1,snap-warm',
    ]);
    expect(
      words(judge(groupFactsOf({ volumes: [served], snapshots: four, settings: settings({ keepSnapshots: 1 }) }))),
    ).toEqual(['CreateTags snap-i-3,snap-i-2,snap-i-1']);
    expect(
      words(judge(groupFactsOf({ volumes: [served], snapshots: four, settings: settings({ keepSnapshots: 0 }) }))),
    ).toEqual(['CreateTags snap-i-3,snap-i-2,snap-i-1']);
  });

  it('that are not completed do not push completed ones out', () => {
    const snapshots = [taken('i-5', 10, { state: 'pending' }), ...four.slice(0, 3)];
    expect(judge(groupFactsOf({ volumes: [served], snapshots }))).toMatchObject({ code: 'in-order' });
  });

  it('that ended in error are superseded, and deleted after their age', () => {
    expect(
      words(judge(groupFactsOf({ volumes: [served], snapshots: [taken('i-4', 10, { state: 'error' })] }))),
    ).toEqual(['CreateTags snap-i-4']);
    const dead = taken('i-4', 90_000, { state: 'error', supersededAt: ago(86_400) });
    expect(words(judge(groupFactsOf({ volumes: [served], snapshots: [dead] })))).toEqual(['DeleteSnapshot snap-i-4']);
  });

  it('that were superseded are deleted after their age where a newer one stays, or the volume itself lives', () => {
    const due = taken('i-4', 90_000, { supersededAt: ago(86_400) });
    expect(words(judge(groupFactsOf({ volumes: [served], snapshots: [due] })))).toEqual(['DeleteSnapshot snap-i-4']);
    const ofGone = { ...due, volumeId: 'vol-gone' };
    const newer = { ...taken('i-5', 1_000), volumeId: 'vol-gone' };
    expect(words(judge(groupFactsOf({ volumes: [served], snapshots: [newer, ofGone] })))).toEqual([
      'DeleteSnapshot snap-i-4',
    ]);
    const ours: SnapshotFacts = { ...ofGone, description: 'quiet' };
    const next: SnapshotFacts = { ...newer, volumeId: 'vol-next', description: 'written' };
    expect(words(judge(groupFactsOf({ volumes: [served], snapshots: [next, ours] })))).toEqual([
      'DeleteSnapshot snap-i-4',
    ]);
  });

  it.each<[string, Partial<SnapshotFacts>, Partial<SnapshotFacts>]>([
    ['the newer one is of another volume', {}, { volumeId: 'vol-next' }],
    ['the newer one is older', {}, { startedAt: ago(90_001) }],
    ['the newer one is smaller', {}, { sizeGiB: 99 }],
    ['the newer one is archived', {}, { archived: true }],
    ['the newer one is a copy of a copy', {}, { copied: true }],
    ['the newer one is to go itself', {}, { supersededAt: ago(100) }],
    ['the newer one is not completed', {}, { state: 'pending' }],
    ['it is in the archive', { archived: true }, {}],
    ["its description is somebody else's", { description: 'foreign' }, {}],
  ])('that were superseded are kept and named where %s', (_title, ofOld, ofNew) => {
    const due = { ...taken('i-4', 90_000, { supersededAt: ago(86_400) }), volumeId: 'vol-gone', ...ofOld };
    const newer = { ...taken('i-5', 1_000), volumeId: 'vol-gone', ...ofNew };
    const facts = groupFactsOf({ volumes: [served], snapshots: [newer, due] });
    expect(judge(facts)).toMatchObject({
      code: 'in-order',
      evidence: { kept: [expect.stringContaining('snap-i-4: ')] },
    });
  });

  it('that prove a volume to be elsewhere outlive it', () => {
    const proof = { ...copyOfOld, supersededAt: ago(90_000) };
    const newer = taken('i-5', 1_000, { volumeId: 'vol-1' });
    const facts = groupFactsOf({ volumes: [served, old], snapshots: [newer, proof] });
    expect(words(judge(facts))).toEqual(['DeleteVolume vol-1']);
    expect(words(judge({ ...facts, volumes: [served] }))).toEqual(['DeleteSnapshot snap-exact']);
  });

  it('of people are never touched', () => {
    const theirs = Array.from({ length: 9 }, (_none, index) =>
      snapshot({
        id: `snap-${index}`,
        startedAt: ago(1_000 * (index + 1)),
        ...(index === 8 ? { supersededAt: ago(90_000) } : {}),
      }),
    );
    expect(judge(groupFactsOf({ volumes: [served], snapshots: theirs }))).toMatchObject({ code: 'in-order' });
  });
});
