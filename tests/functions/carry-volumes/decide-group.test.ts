import { describe, expect, it } from 'vitest';
import { judge, planOf, words } from './plan-words.ts';
import {
  ago,
  attachment,
  exact,
  group,
  groupFactsOf,
  hookDescription,
  loose,
  machine,
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
    ['two instances', group({ desired: 2 }), 'DesiredCapacity 2'],
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
              volumeSet: 'db',
              mayBeFenced: false,
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
      kept: ['vol-1: no exact snapshot of it is left'],
    });
  });

  it('a copy that was never put to use is an orphan: tagged first, deleted later, without a copy of its own', () => {
    const orphan = loose({ id: 'vol-orphan', run: 'carry-volumes/i-gone/copy' });
    expect(words(judge(groupFactsOf({ volumes: [served, orphan] })))).toEqual(['CreateTags vol-orphan']);
    expect(words(judge(groupFactsOf({ volumes: [served, { ...orphan, supersededAt: ago(86_401) }] })))).toEqual([
      'DeleteVolume vol-orphan',
    ]);
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
    expect(
      words(
        judge(groupFactsOf({ volumes: [served], snapshots: [taken('i-4', 90_000, { supersededAt: ago(86_400) })] })),
      ),
    ).toEqual(['DeleteSnapshot snap-i-4']);
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
