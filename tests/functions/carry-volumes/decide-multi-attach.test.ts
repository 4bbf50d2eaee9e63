/** A set with a volume that several instances may have at once: nothing of it is carried, by no path. */

import { expect, it } from 'vitest';
import { judge, words } from './plan-words.ts';
import {
  arrivingFacts,
  attachment,
  groupFactsOf,
  leavingFacts,
  loose,
  machine,
  volume,
  waiting,
} from './volume-facts.ts';

const shared = volume({
  type: 'io2',
  multiAttach: true,
  attachments: [attachment('i-old'), attachment('i-other')],
});
const WHY =
  'vol-1 may be attached to several instances at once (multi-attach): that nobody writes any more cannot be seen, nor the holder told; modify the volume to be without multi-attach, or take the tag runbook:volumes off the group';

it('every tick and request tells the group', () => {
  const expected = { kind: 'refuse', code: 'multi-attach', because: WHY, evidence: { preflight: [WHY] } };
  expect(judge(groupFactsOf({ volumes: [shared] }))).toMatchObject(expected);
  expect(judge(groupFactsOf({ volumes: [shared], ask: { kind: 'sweep' } }))).toMatchObject(expected);
});

it('who leaves is let go, its volumes kept, and nothing is stopped or detached', () => {
  const doomed = {
    ...shared,
    attachments: [attachment('i-old', { deleteOnTermination: true }), attachment('i-other')],
  };
  expect(words(judge(leavingFacts({ volumes: [doomed] })))).toEqual(['ModifyInstanceAttribute']);
  const decision = judge(leavingFacts({ volumes: [shared] }));
  expect(words(decision)).toEqual(['CompleteLifecycleAction CONTINUE']);
  expect(decision).toMatchObject({ code: 'multi-attach', attention: true });
});

it('who arrives is let in without volumes after two minutes', () => {
  const free = loose({ multiAttach: true });
  expect(judge(waiting(119, { volumes: [free] }))).toMatchObject({ code: 'multi-attach' });
  const decision = judge(waiting(120, { volumes: [free] }));
  expect(words(decision)).toEqual(['CompleteLifecycleAction CONTINUE']);
  expect(decision).toMatchObject({ code: 'multi-attach', attention: true });
});

it('who serves is left as it is, and a person who asks is told', () => {
  const serving = arrivingFacts({
    hook: null,
    machines: [machine('i-new', 'InService')],
    volumes: [loose({ multiAttach: true })],
  });
  expect(judge({ ...serving, ask: { kind: 'reconcile' } })).toMatchObject({ kind: 'nothing', code: 'multi-attach' });
  expect(judge({ ...serving, ask: { kind: 'carry' } })).toMatchObject({ kind: 'refuse', code: 'multi-attach' });
});

it('one that is superseded keeps nothing up', () => {
  const replaced = loose({ id: 'vol-0', multiAttach: true, supersededAt: '2026-11-20T08:00:00.000Z' });
  expect(words(judge(arrivingFacts({ volumes: [loose(), replaced] })))).toEqual([
    'CreateTags vol-1',
    'AttachVolume vol-1 /dev/sdf',
  ]);
});
