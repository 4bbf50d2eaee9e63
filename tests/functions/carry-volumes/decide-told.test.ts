/** What the person on call reads of each scene: the decision, why, and why each call. */

import { expect, it } from 'vitest';
import { judge } from './plan-words.ts';
import { SCENES } from './told-scenes.ts';

const TOLD: { readonly [scene: string]: readonly string[] } = {
  'arrives beside its volume': [
    'act attaching: vol-1 belong on i-new',
    'CreateTags: says that i-new has them, before it can write on them',
    'AttachVolume: vol-1 belongs on i-new',
  ],
  'arrives and boots': ['act instance-pending: i-new is pending', 'RecordLifecycleActionHeartbeat: i-new is pending'],
  'arrives, unknown to EC2': ['refuse instance-unknown: EC2 does not know i-new'],
  'arrives, its hook not shown yet': ['wait 5 hook-not-seen: the lifecycle action does not show yet'],
  'arrives, another run at it': [
    'act attaching: vol-1 belong on i-new',
    'CreateTags: says that i-new has them, before it can write on them',
    'AttachVolume: vol-1 belongs on i-new',
  ],
  'arrived with all of it': ['act carried: i-new has vol-1', 'CompleteLifecycleAction: i-new has vol-1'],
  'arrives, volumes attaching': [
    'act attaching: volumes are on their way to i-new',
    'RecordLifecycleActionHeartbeat: volumes are on their way to i-new',
  ],
  'arrives, an attachment stuck': [
    'act attach-stuck: vol-1 are attaching for more than 90 s at /dev/sdf; another name is tried',
    'DetachVolume: vol-1 are attaching for more than 90 s at /dev/sdf; another name is tried',
  ],
  'arrives, would take the volume with it': [
    'act guarded: before the instance goes into service its volumes must outlive it',
    'ModifyInstanceAttribute: the data outlives the instance',
  ],
  'arrives elsewhere, an exact copy there': [
    'act creating: db comes to eu-west-1b',
    'CreateVolume: /dev/sdf for i-new in eu-west-1b',
  ],
  'arrives elsewhere, the exact copy pending': [
    'act snapshot-pending: the exact copies of vol-1 are not completed yet',
    'RecordLifecycleActionHeartbeat: the exact copies of vol-1 are not completed yet',
  ],
  'arrives elsewhere, no exact copy': [
    'act snapshot: vol-1 are unattached',
    'CreateSnapshot: nobody writes on it: the copy is exact',
  ],
  'arrives elsewhere, no snapshot': [
    'act snapshot: vol-1 are unattached',
    'CreateSnapshot: nobody writes on it: the copy is exact',
  ],
  'arrives elsewhere, a copy creating': [
    'act creating: volumes are being created in eu-west-1b',
    'RecordLifecycleActionHeartbeat: volumes are being created in eu-west-1b',
  ],
  'arrives elsewhere, a copy available': [
    'act attaching: vol-2 belong on i-new',
    'CreateTags: copies of them go to i-new',
    'CreateTags: says that i-new has them, before it can write on them',
    'AttachVolume: vol-2 belongs on i-new',
  ],
  'arrives elsewhere, a copy in error': [
    'act creating: db comes to eu-west-1b',
    'CreateVolume: /dev/sdf for i-new in eu-west-1b',
  ],
  'arrives to an empty set': [
    'act no-member: no volume and no snapshot of db is left; nothing empty takes its place',
    'RecordLifecycleActionHeartbeat: no volume and no snapshot of db is left; nothing empty takes its place',
  ],
  'arrives to a set that may begin empty': [
    'act began-empty: db has no member yet, and runbook:volumes-may-begin-empty allows that once',
    'CompleteLifecycleAction: db has no member yet, and runbook:volumes-may-begin-empty allows that once',
  ],
  'arrives, the volume itself creating': [
    'act creating: a volume of the set is being created',
    'RecordLifecycleActionHeartbeat: a volume of the set is being created',
  ],
  'arrives, one volume claimed twice': [
    'act ambiguous: /dev/sdf is claimed by vol-1, vol-2; take the tag runbook:volumes off all but the one to be carried: what is without it is left alone, and never deleted',
    'RecordLifecycleActionHeartbeat: /dev/sdf is claimed by vol-1, vol-2; take the tag runbook:volumes off all but the one to be carried: what is without it is left alone, and never deleted',
  ],
  'arrives, only snapshots left': [
    'act too-old: /dev/sdf has no volume any more; the newest complete set is 21600 s old, acceptable are 0 s (runbook:oldest-acceptable-seconds)',
    'RecordLifecycleActionHeartbeat: /dev/sdf has no volume any more; the newest complete set is 21600 s old, acceptable are 0 s (runbook:oldest-acceptable-seconds)',
  ],
  'arrives, only copied snapshots left': [
    'act too-old: /dev/sdf has no volume any more; the newest complete set is more than 21600 s old (it is a copy), acceptable are 0 s (runbook:oldest-acceptable-seconds)',
    'RecordLifecycleActionHeartbeat: /dev/sdf has no volume any more; the newest complete set is more than 21600 s old (it is a copy), acceptable are 0 s (runbook:oldest-acceptable-seconds)',
  ],
  'arrives, snapshots too old': [
    'act too-old: /dev/sdf has no volume any more; the newest complete set is 21600 s old, acceptable are 3600 s (runbook:oldest-acceptable-seconds)',
    'RecordLifecycleActionHeartbeat: /dev/sdf has no volume any more; the newest complete set is 21600 s old, acceptable are 3600 s (runbook:oldest-acceptable-seconds)',
  ],
  'arrives, the newest set pending': [
    'act set-pending: /dev/sdf has no volume any more; the set of 2026-11-22T02:00:00.000Z is not completed yet',
    'RecordLifecycleActionHeartbeat: /dev/sdf has no volume any more; the set of 2026-11-22T02:00:00.000Z is not completed yet',
  ],
  'arrives, the old one serves': [
    'act held: vol-1 are on i-old, which is healthy and in service, and is not stopped for a replacement; let the group terminate it first (MinHealthyPercentage below 100)',
    'RecordLifecycleActionHeartbeat: vol-1 are on i-old, which is healthy and in service, and is not stopped for a replacement; let the group terminate it first (MinHealthyPercentage below 100)',
  ],
  'arrives, the old one leaves': [
    'act leaving-side: i-old is leaving with vol-1',
    'RecordLifecycleActionHeartbeat: i-old is leaving with vol-1',
  ],
  'arrives, the old one hangs while stopping': [
    'act leaving-side: i-old is leaving with vol-1',
    'RecordLifecycleActionHeartbeat: i-old is leaving with vol-1',
  ],
  'arrives, the old one stopped': [
    'act leaving-side: i-old is leaving with vol-1',
    'RecordLifecycleActionHeartbeat: i-old is leaving with vol-1',
  ],
  'arrives, the old one shutting down': [
    'act shutting-down: i-old is shutting down',
    'RecordLifecycleActionHeartbeat: i-old is shutting down',
  ],
  'arrives, the old one out of the group': [
    'act held: vol-1 are on i-old, which is in no group',
    'RecordLifecycleActionHeartbeat: vol-1 are on i-old, which is in no group',
  ],
  'arrives, the old one not opted in': [
    'act not-opted-in: vol-1: i-old does not carry runbook:volumes = db itself: let the group propagate its tag, and tag the instances it has',
    'RecordLifecycleActionHeartbeat: vol-1: i-old does not carry runbook:volumes = db itself: let the group propagate its tag, and tag the instances it has',
  ],
  'arrives, the holder unknown': [
    'act holder-unknown: vol-1: i-old is not known to EC2',
    'RecordLifecycleActionHeartbeat: vol-1: i-old is not known to EC2',
  ],
  'arrives, the zone of the volume down': [
    'act cannot-copy: vol-1: in eu-west-1a, which is unavailable',
    'RecordLifecycleActionHeartbeat: vol-1: in eu-west-1a, which is unavailable',
  ],
  'arrives, the key disabled': [
    'act key-locked: the KMS key key-1 is Disabled: no volume that it encrypts can be made or attached; enable it',
    'RecordLifecycleActionHeartbeat: the KMS key key-1 is Disabled: no volume that it encrypts can be made or attached; enable it',
  ],
  'arrives not opted in': [
    'act not-opted-in: i-new does not carry runbook:volumes = db itself: let the group propagate its tag, and tag the instances it has',
    'RecordLifecycleActionHeartbeat: i-new does not carry runbook:volumes = db itself: let the group propagate its tag, and tag the instances it has',
  ],
  'arrives and has waited too long': [
    'act abandoned: /dev/sdf has no volume any more; there is no completed snapshot of every one of /dev/sdf',
    'CompleteLifecycleAction: /dev/sdf has no volume any more; there is no completed snapshot of every one of /dev/sdf',
  ],
  'arrives into the warm pool': [
    'act warm-pool: i-new goes to the warm pool, where it needs no volumes',
    'CompleteLifecycleAction: i-new goes to the warm pool, where it needs no volumes',
  ],
  'serves without its volumes': [
    'act attaching: vol-1 belong on i-new',
    'CreateTags: says that i-new has them, before it can write on them',
    'AttachVolume: vol-1 belongs on i-new',
  ],
  'arrives, launches abandoned before': [
    'act no-member: no volume and no snapshot of db is left; nothing empty takes its place',
    'RecordLifecycleActionHeartbeat: no volume and no snapshot of db is left; nothing empty takes its place',
  ],
  'leaves, running': [
    'act stopping: i-old has to leave vol-1',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
    'StopInstances: a writer that has stopped loses nothing',
  ],
  'leaves, to be frozen': [
    'act freezing: freeze makes the next set of snapshots consistent',
    'CreateTags: says that i-old has them, before it can write on them',
    'SendCommand: freeze makes the next set of snapshots consistent',
  ],
  'leaves, freezing': [
    'act freezing: freeze is freezing i-old',
    'RecordLifecycleActionHeartbeat: freeze is freezing i-old',
  ],
  'leaves, frozen': [
    'act frozen: i-old is frozen',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
    'SendCommand: a frozen file system would keep the instance from stopping',
  ],
  'leaves, its freezing unread': [
    'act stopping: i-old has to leave vol-1',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
    'StopInstances: a writer that has stopped loses nothing',
  ],
  'leaves with volumes that would go': [
    'act stopping: i-old has to leave vol-1',
    'ModifyInstanceAttribute: the data outlives the instance',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
    'StopInstances: a writer that has stopped loses nothing',
  ],
  'leaves, stopping': [
    'act stopping: i-old is stopping since 2026-11-22T07:59:50.000Z',
    'RecordLifecycleActionHeartbeat: i-old is stopping since 2026-11-22T07:59:50.000Z',
  ],
  'leaves, stopping for long': [
    'act forcing: i-old is stopping since 2026-11-22T07:53:20.000Z',
    'StopInstances: i-old is stopping since 2026-11-22T07:53:20.000Z',
  ],
  'leaves, stopping for ever': [
    'act left-unconfirmed: i-old is stopping since 2026-11-22T07:43:20.000Z; its end is left to Auto Scaling, the volumes outlive it',
    'CompleteLifecycleAction: i-old is stopping since 2026-11-22T07:43:20.000Z; its end is left to Auto Scaling, the volumes outlive it',
  ],
  'leaves, not to be stopped': [
    'act kept: i-old has to leave vol-1',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
  ],
  'leaves, stopped': ['act detaching: i-old is stopped', 'DetachVolume: i-old is stopped'],
  'leaves, pending': ['act holder-pending: i-old is pending', 'RecordLifecycleActionHeartbeat: i-old is pending'],
  'leaves, its volume off': [
    'act released: nobody writes on vol-1, and an exact copy is begun',
    'CreateSnapshot: nobody writes on it: the copy is exact',
    'CompleteLifecycleAction: nobody writes on vol-1, and an exact copy is begun',
  ],
  'leaves, an exact copy pending': [
    'act released: nobody writes on vol-1, and an exact copy is begun',
    'CompleteLifecycleAction: nobody writes on vol-1, and an exact copy is begun',
  ],
  'leaves, an exact copy there': [
    'act released: nobody writes on vol-1, and an exact copy is begun',
    'CompleteLifecycleAction: nobody writes on vol-1, and an exact copy is begun',
  ],
  'leaves with nothing': [
    'act nothing-to-carry: i-old has no volume of db',
    'CompleteLifecycleAction: i-old has no volume of db',
  ],
  'leaves for the warm pool': [
    'act stopping: i-old has to leave vol-1',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
    'StopInstances: a writer that has stopped loses nothing',
  ],
  'leaves, no hook any more': [
    'act stopping: i-old has to leave vol-1',
    'CreateTags: says that i-old has them, before it can write on them',
    'CreateSnapshots: the final snapshot has less left to copy, and there is something to fall back on',
    'StopInstances: a writer that has stopped loses nothing',
  ],
  'leaves, unknown to EC2': ['refuse instance-unknown: EC2 does not know i-old'],
  'in order': ['nothing in-order: db is in order'],
  'in order, swept': ['nothing in-order: db is in order'],
  'wants two': [
    'refuse not-one-instance: db wants 2 instances; a set of volumes is carried by one; let it want one (desired and maximum size 1), or take the tag runbook:volumes off the group',
  ],
  'shared by two groups': ['nothing in-order: db is in order'],
  'with a setting that cannot be read': ['refuse preflight: db: tag x: y'],
  'without hooks': [
    'refuse preflight: no launch hook of this runbook: an instance goes into service without its volumes; no terminate hook of this runbook: the last snapshot is taken only once a successor waits for it',
  ],
  'with a heartbeat too short': [
    'refuse preflight: receive: HeartbeatTimeout 30 s; at least 660 s outlast a lost event',
  ],
  'with launches suspended': ['nothing in-order: db is in order'],
  'with many snapshots': ['nothing in-order: db is in order'],
  'with a volume that was replaced': [
    'act tended: 1 call keeps db in order',
    'DeleteVolume: superseded since 2026-11-21T07:00:00.000Z, its content is elsewhere, and its successor is well',
  ],
  gone: ['nothing group-gone: the group is gone, or no longer tagged runbook:volumes'],
};

function told(scene: string): readonly string[] {
  const facts = SCENES[scene];
  if (facts === undefined) throw new Error(`there is no scene '${scene}'`);
  const decision = judge(facts);
  const pause = decision.kind === 'wait' ? ` ${decision.seconds}` : '';
  const plan = decision.kind === 'act' ? decision.plan : [];
  return [
    `${decision.kind}${pause} ${decision.code}: ${decision.because}`,
    ...plan.map(({ call, because }) => `${call.split(':')[1]}: ${because}`),
  ];
}

it.each(Object.entries(TOLD))('%s: told as it is', (scene, lines) => {
  expect(told(scene)).toEqual(lines);
});

it('each scene is told of', () => {
  expect(Object.keys(TOLD)).toEqual(Object.keys(SCENES));
});
