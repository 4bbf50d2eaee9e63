/** What people have at stake in their data: every acknowledged write, every copy that is the last. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { attachmentOf } from '../../../simulator/services/ec2/attachments.ts';
import { find, list, part, records, show, text } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { named, watching } from '../../worlds/looks.ts';
import { INVARIANTS } from '../invariants.ts';

const SET = 'runbook:volumes';
const SUPERSEDED = 'runbook:superseded-at';

function never(): boolean {
  return false;
}

/** Whether somebody else than the runbook lays hands on volumes at this moment. */
function isByHand(given: Given, nowMs: number): boolean {
  return given.isScripted('ec2/Volumes/', nowMs);
}

const acceptances = new WeakMap<Given, boolean>();

/** Whether people accept somewhere in this world that a copy takes the place of what is still out of reach, and say how old it may be. */
function isForkAccepted(given: Given): boolean {
  // Asked at every moment of a run.
  const known = acceptances.get(given);
  if (known !== undefined) return known;
  const isAccepted = JSON.stringify(given.case.world).includes('runbook:oldest-acceptable-seconds');
  acceptances.set(given, isAccepted);
  return isAccepted;
}

function held(name: string, quotes: string, excused: (given: Given, nowMs: number) => boolean = never): Interest {
  return { name, quotes, watch: watching(named(INVARIANTS, name), excused) };
}

/** Whether a snapshot can be made a volume of at once. */
function isUsable(snapshot: Shape): boolean {
  return snapshot['State'] === 'completed' && (text(snapshot, 'StorageTier') ?? 'standard') === 'standard';
}

/** Whether a snapshot holds all that was ever written to a volume itself. */
function isExactOf(world: World, snapshot: Shape, volumeId: string): boolean {
  const until = new Map(list(snapshot, 'Holds').map((hold) => [hold['WriteId'], show(hold['Until'])]));
  return records(world, 'Writes')
    .filter((write) => write['VolumeId'] === volumeId)
    .every((write) => (until.get(write['WriteId']) ?? '') >= show(write['Until'] ?? world.clock.iso()));
}

/** A volume as it was at the last look. */
interface Known {
  readonly lineage: string | undefined;
  readonly isLoose: boolean;
  readonly set: string;
  readonly beganAsCopy: boolean;
}

function knownVolumes(world: World): ReadonlyMap<string, Known> {
  return new Map(
    records(world, 'Volumes').flatMap((volume) => {
      const set = tagOf(volume, SET);
      if (set === undefined || volume['State'] === 'deleting' || volume['State'] === 'creating') return [];
      const known: Known = {
        lineage: text(volume, 'Lineage'),
        isLoose: attachmentOf(volume) === undefined && volume['State'] === 'available',
        set,
        beganAsCopy: text(volume, 'SnapshotId') !== undefined,
      };
      return [[show(volume['VolumeId']), known] as const];
    }),
  );
}

/** Whether the data of a volume that is gone lives on: in a volume in use, or in a snapshot that can be used and lacks nothing. */
function livesOn(world: World, volumeId: string, { lineage }: Known): boolean {
  const isSuccessor = (volume: Shape): boolean =>
    lineage !== undefined &&
    text(volume, 'Lineage') === lineage &&
    tagOf(volume, SUPERSEDED) === undefined &&
    attachmentOf(volume)?.['State'] === 'attached';
  const isCopy = (snapshot: Shape): boolean => isUsable(snapshot) && isExactOf(world, snapshot, volumeId);
  return (
    records(world, 'Volumes').some(isSuccessor) ||
    records(world, 'Snapshots').some((snapshot) => snapshot['VolumeId'] === volumeId && isCopy(snapshot))
  );
}

const onlyWhatLivesOnIsDeleted: Interest = {
  name: 'only-what-lives-on-is-deleted',
  quotes: 'AWS itself shows that its content is elsewhere',
  watch: (given) => {
    let before: ReadonlyMap<string, Known> = new Map();
    return (world) => {
      const now = knownVolumes(world);
      const gone = [...before].filter(([id, known]) => known.isLoose && !now.has(id));
      before = now;
      if (isByHand(given, world.clock.now())) return undefined;
      // A copy that nobody ever wrote to holds nothing of its own.
      const lost = gone.find(([id, known]) => !livesOn(world, id, known) && isWritten(world, id));
      return lost === undefined
        ? undefined
        : `${lost[0]} was deleted: no successor is in use, and no completed exact snapshot of it is left`;
    };
  },
};

function isWritten(world: World, volumeId: string): boolean {
  return records(world, 'Writes').some((write) => write['VolumeId'] === volumeId);
}

const RUN = 'runbook:run';

const snapshotsOfPeopleStay: Interest = {
  name: 'snapshots-of-people-stay',
  quotes: 'Snapshots that people or their policies took are never touched',
  watch: (given) => {
    let before: ReadonlyMap<string, boolean> = new Map();
    return (world) => {
      const now = new Map(
        records(world, 'Snapshots').map((snapshot) => [
          show(snapshot['SnapshotId']),
          tagOf(snapshot, RUN)?.startsWith('carry-volumes/') === true,
        ]),
      );
      const gone = [...before].find(([id, isOurs]) => !isOurs && !now.has(id));
      before = now;
      if (gone === undefined || given.isScripted('ec2/Snapshots/', world.clock.now())) return undefined;
      return `${gone[0]} was deleted, which no run of ours had taken`;
    };
  },
};

const ENDING: ReadonlySet<string> = new Set(['shutting-down', 'terminated']);

/** The state of the instance that a volume is on. */
function stateOfHolder(world: World, volumeId: string): string {
  const holder = text(attachmentOf(find(world, 'Volumes', volumeId) ?? {}), 'InstanceId');
  return text(part(find(world, 'Instances', holder), 'State'), 'Name') ?? '';
}

const foreignVolumesStay: Interest = {
  name: 'volumes-of-others-stay',
  quotes: 'volumes of the set',
  watch: (given) => {
    let before: ReadonlyMap<string, string> = new Map();
    return (world) => {
      const foreign = records(world, 'Volumes').filter((volume) => tagOf(volume, SET) === undefined);
      const now = new Map(
        foreign.map((volume) => [show(volume['VolumeId']), show(attachmentOf(volume)?.['State'] ?? 'none')]),
      );
      // EC2 itself takes the volumes off an instance that it ends.
      const isEnding = (id: string): boolean => ENDING.has(stateOfHolder(world, id));
      const isTakenOff = ([id, state]: readonly [string, string]): boolean =>
        state === 'attached' && now.get(id) === 'detaching' && !isEnding(id);
      const moved = [...before].find(isTakenOff);
      const taken = [...before].find(([id, state]) => state === 'none' && now.get(id) === 'attaching');
      before = now;
      if (isByHand(given, world.clock.now())) return undefined;
      const [id] = moved ?? taken ?? [];
      return id === undefined
        ? undefined
        : `${id}, which is of no set, was ${moved === undefined ? 'attached' : 'detached'}`;
    };
  },
};

/** The set of the volume, and that of the instance it is being attached to. */
function setsThatMeet(world: World, volume: Shape): readonly [string, string] | undefined {
  const attachment = attachmentOf(volume);
  const set = tagOf(volume, SET);
  if (set === undefined || attachment?.['State'] !== 'attaching') return undefined;
  const holder = find(world, 'Instances', text(attachment, 'InstanceId'));
  return [set, tagOf(holder ?? {}, SET) ?? 'none'];
}

const setsStayApart: Interest = {
  name: 'sets-stay-apart',
  quotes: 'a name means itself, character by character',
  watch: (given) => (world) => {
    if (isByHand(given, world.clock.now())) return undefined;
    for (const volume of records(world, 'Volumes')) {
      const [set, other] = setsThatMeet(world, volume) ?? [];
      if (set !== other) return `${show(volume['VolumeId'])} of ${set} is attached to an instance of ${other}`;
    }
    return undefined;
  },
};

/** What is at stake in data. */
export const OF_DATA: readonly Interest[] = [
  held('no-acknowledged-write-lost', 'so that no acknowledged write is lost'),
  held(
    'never-two-attachments',
    'a copy is known to be exact for just as long as nobody can have written since',
    isForkAccepted,
  ),
  held('no-empty-volume', 'Nothing empty ever takes the place of data.'),
  held('data-volume-never-deleted-on-termination', 'and `DeleteOnTermination` false, both read back'),
  onlyWhatLivesOnIsDeleted,
  snapshotsOfPeopleStay,
  foreignVolumesStay,
  setsStayApart,
];
