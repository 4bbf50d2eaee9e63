/** Scenes from the life of a set of volumes, each by what differs from the usual. */

import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import {
  abandoned,
  activity,
  ago,
  arrivingFacts,
  attachment,
  ELSEWHERE,
  exact,
  group,
  groupFactsOf,
  hook,
  hookDescription,
  leavingFacts,
  loose,
  machine,
  settings,
  snapshot,
  there,
  volume,
  waiting,
} from './volume-facts.ts';

const newcomer = machine('i-new', 'Pending:Wait');
const onOld = (change: Parameters<typeof attachment>[1] = {}) => volume({ attachments: [attachment('i-old', change)] });
const stopped = machine('i-old', 'Terminating:Wait', { state: 'stopped' });
const both = (old: Parameters<typeof machine>[2], lifecycleState: string | null = 'Terminating:Wait') => ({
  machines: [newcomer, machine('i-old', lifecycleState, old)],
});

/** By what one would say of the scene. */
export const SCENES: { readonly [scene: string]: Facts } = {
  'arrives beside its volume': arrivingFacts(),
  'arrives and boots': arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { state: 'pending' })] }),
  'arrives, unknown to EC2': arrivingFacts({ machines: [] }),
  'arrives, its hook not shown yet': arrivingFacts({ hook: null, hookUnseen: true }),
  'arrives, another run at it': arrivingFacts({ hook: null, heldUntil: ago(-60) }),
  'arrived with all of it': arrivingFacts({ volumes: [there] }),
  'arrives, volumes attaching': arrivingFacts({
    volumes: [
      volume({
        run: 'carry-volumes/i-new',
        attachments: [attachment('i-new', { state: 'attaching', attachedAt: ago(10) })],
      }),
    ],
  }),
  'arrives, an attachment stuck': arrivingFacts({
    volumes: [
      volume({
        run: 'carry-volumes/i-new',
        attachments: [attachment('i-new', { state: 'attaching', attachedAt: ago(100) })],
      }),
    ],
  }),
  'arrives, would take the volume with it': arrivingFacts({
    volumes: [
      volume({ run: 'carry-volumes/i-new', attachments: [attachment('i-new', { deleteOnTermination: true })] }),
    ],
  }),
  'arrives elsewhere, an exact copy there': arrivingFacts({ ...ELSEWHERE, snapshots: [exact()] }),
  'arrives elsewhere, the exact copy pending': arrivingFacts({
    ...ELSEWHERE,
    snapshots: [exact({ state: 'pending', completedAt: null })],
  }),
  'arrives elsewhere, no exact copy': arrivingFacts({ ...ELSEWHERE, snapshots: [snapshot()] }),
  'arrives elsewhere, no snapshot': arrivingFacts(ELSEWHERE),
  'arrives elsewhere, a copy creating': arrivingFacts({
    ...ELSEWHERE,
    snapshots: [exact()],
    volumes: [
      loose(),
      volume({
        id: 'vol-2',
        zone: 'eu-west-1b',
        state: 'creating',
        run: 'carry-volumes/i-new/copy',
        snapshotId: 'snap-exact',
        attachments: [],
        createdAt: ago(5),
      }),
    ],
  }),
  'arrives elsewhere, a copy available': arrivingFacts({
    ...ELSEWHERE,
    snapshots: [exact()],
    volumes: [
      loose(),
      volume({
        id: 'vol-2',
        zone: 'eu-west-1b',
        state: 'available',
        run: 'carry-volumes/i-new/copy',
        snapshotId: 'snap-exact',
        attachments: [],
        createdAt: ago(5),
      }),
    ],
  }),
  'arrives elsewhere, a copy in error': arrivingFacts({
    ...ELSEWHERE,
    snapshots: [exact()],
    volumes: [
      loose(),
      volume({
        id: 'vol-2',
        zone: 'eu-west-1b',
        state: 'error',
        run: 'carry-volumes/i-new/copy',
        snapshotId: 'snap-exact',
        attachments: [],
        createdAt: ago(5),
      }),
    ],
  }),
  'arrives to an empty set': arrivingFacts({ volumes: [] }),
  'arrives to a set that may begin empty': arrivingFacts({ volumes: [], settings: settings({ mayBeginEmpty: true }) }),
  'arrives, the volume itself creating': arrivingFacts({ volumes: [loose({ state: 'creating' })] }),
  'arrives, one volume claimed twice': arrivingFacts({ volumes: [loose(), loose({ id: 'vol-2' })] }),
  'arrives, only snapshots left': arrivingFacts({ volumes: [], snapshots: [snapshot()] }),
  'arrives, only copied snapshots left': arrivingFacts({ volumes: [], snapshots: [snapshot({ copied: true })] }),
  'arrives, snapshots too old': arrivingFacts({
    volumes: [],
    snapshots: [snapshot()],
    settings: settings({ oldestAcceptableSeconds: 3_600 }),
  }),
  'arrives, the newest set pending': arrivingFacts({
    volumes: [],
    snapshots: [snapshot({ state: 'pending', completedAt: null })],
  }),
  'arrives, the old one serves': arrivingFacts({ ...both({}, 'InService'), volumes: [onOld()] }),
  'arrives, the old one leaves': arrivingFacts({ ...both({}), volumes: [onOld()] }),
  'arrives, the old one hangs while stopping': arrivingFacts({
    ...both({ state: 'stopping', stopAskedAt: ago(400) }),
    volumes: [onOld()],
  }),
  'arrives, the old one stopped': arrivingFacts({ ...both({ state: 'stopped' }), volumes: [onOld()] }),
  'arrives, the old one shutting down': arrivingFacts({
    ...both({ state: 'shutting-down' }, null),
    volumes: [onOld()],
  }),
  'arrives, the old one out of the group': arrivingFacts({ ...both({}, null), volumes: [onOld()] }),
  'arrives, the old one not opted in': arrivingFacts({ ...both({ optedIn: false }, null), volumes: [onOld()] }),
  'arrives, the holder unknown': arrivingFacts({ volumes: [onOld()] }),
  'arrives, the zone of the volume down': arrivingFacts({
    ...ELSEWHERE,
    zones: { 'eu-west-1a': 'unavailable', 'eu-west-1b': 'available' },
    snapshots: [snapshot()],
  }),
  'arrives, the key disabled': arrivingFacts({
    volumes: [loose({ kmsKeyId: 'key-1' })],
    keys: { 'key-1': 'Disabled' },
  }),
  'arrives not opted in': arrivingFacts({ machines: [machine('i-new', 'Pending:Wait', { optedIn: false })] }),
  'arrives and has waited too long': waiting(2_000, { volumes: [], snapshots: [snapshot({ state: 'pending' })] }),
  'arrives into the warm pool': arrivingFacts({ hook: hook('launching', 'i-new', { toWarmPool: true }) }),
  'serves without its volumes': arrivingFacts({
    hook: null,
    machines: [machine('i-new', 'InService')],
    ask: { kind: 'reconcile' },
  }),
  'arrives, launches abandoned before': arrivingFacts({
    volumes: [],
    group: group({ activities: [activity('launch', 'i-new'), abandoned(100), abandoned(4_000), abandoned(8_000)] }),
  }),
  'leaves, running': leavingFacts(),
  'leaves, to be frozen': leavingFacts({
    settings: settings({ freezeDocument: 'freeze' }),
    freeze: { document: 'freeze', commands: [] },
  }),
  'leaves, freezing': leavingFacts({
    settings: settings({ freezeDocument: 'freeze' }),
    freeze: { document: 'freeze', commands: [{ script: 'pre-script', status: 'InProgress', requestedAt: ago(3) }] },
  }),
  'leaves, frozen': leavingFacts({
    settings: settings({ freezeDocument: 'freeze' }),
    freeze: { document: 'freeze', commands: [{ script: 'pre-script', status: 'Success', requestedAt: ago(3) }] },
  }),
  'leaves, its freezing unread': leavingFacts({
    settings: settings({ freezeDocument: 'freeze' }),
    freeze: { document: 'freeze', commands: 'unread' },
  }),
  'leaves with volumes that would go': leavingFacts({ volumes: [onOld({ deleteOnTermination: true })] }),
  'leaves, stopping': leavingFacts({
    machines: [machine('i-old', 'Terminating:Wait', { state: 'stopping', stopAskedAt: ago(10) })],
  }),
  'leaves, stopping for long': leavingFacts({
    machines: [machine('i-old', 'Terminating:Wait', { state: 'stopping', stopAskedAt: ago(400) })],
  }),
  'leaves, stopping for ever': leavingFacts({
    machines: [machine('i-old', 'Terminating:Wait', { state: 'stopping', stopAskedAt: ago(1_000) })],
  }),
  'leaves, not to be stopped': leavingFacts({ machines: [machine('i-old', 'Terminating:Wait', { stoppable: false })] }),
  'leaves, stopped': leavingFacts({ machines: [stopped] }),
  'leaves, pending': leavingFacts({ machines: [machine('i-old', 'Terminating:Wait', { state: 'pending' })] }),
  'leaves, its volume off': leavingFacts({ machines: [stopped], volumes: [loose()] }),
  'leaves, an exact copy pending': leavingFacts({
    machines: [stopped],
    volumes: [loose()],
    snapshots: [exact({ state: 'pending', completedAt: null })],
  }),
  'leaves, an exact copy there': leavingFacts({ machines: [stopped], volumes: [loose()], snapshots: [exact()] }),
  'leaves with nothing': leavingFacts({ volumes: [] }),
  'leaves for the warm pool': leavingFacts({ hook: hook('terminating', 'i-old', { toWarmPool: true }) }),
  'leaves, no hook any more': leavingFacts({ hook: null }),
  'leaves, unknown to EC2': leavingFacts({ machines: [] }),
  'in order': groupFactsOf(),
  'in order, swept': groupFactsOf({ ask: { kind: 'sweep' } }),
  'wants two': groupFactsOf({ group: group({ desired: 2, max: 2 }) }),
  'shared by two groups': groupFactsOf({ group: group({ sharers: ['db-blue'] }) }),
  'with a setting that cannot be read': groupFactsOf({ settings: settings({ problems: ['db: tag x: y'] }) }),
  'without hooks': groupFactsOf({ group: group({ hooks: [] }) }),
  'with a heartbeat too short': groupFactsOf({
    group: group({ hooks: [hookDescription('launching', { heartbeatSeconds: 30 }), hookDescription('terminating')] }),
  }),
  'with launches suspended': groupFactsOf({
    group: group({ launchSuspended: true }),
    machines: [],
    volumes: [loose()],
  }),
  'with many snapshots': groupFactsOf({
    snapshots: [1, 2, 3, 4, 5].map((day) =>
      snapshot({ id: `snap-${day}`, startedAt: ago(day * 86_400), completedAt: ago(day * 86_400 - 100) }),
    ),
  }),
  'with a volume that was replaced': groupFactsOf({
    volumes: [volume({ run: 'carry-volumes/i-old' }), loose({ id: 'vol-0', supersededAt: ago(90_000) })],
    snapshots: [exact({ volumeId: 'vol-0', id: 'snap-0' }), snapshot()],
  }),
  gone: groupFactsOf({ group: group({ name: '' }), machines: [], volumes: [] }),
};
