/**
 * A set of data volumes: which volume of it is the true one, which snapshot is an exact copy. Pure.
 *
 * What is true is written on the volumes themselves, so that it survives any run. `runbook:run` on a volume is its label: whom
 * it was last given to (`carry-volumes/INSTANCE`), with `/copy` behind it while it is a copy that was never put to use. The
 * label is changed before a volume is attached. So a snapshot that carries the label of its volume plus `/final`, which is
 * only ever taken of an unattached volume, is exact for as long as the volume's label does not change; whoever may have
 * written since would have changed it.
 */

/** An EBS volume of the set. Times are ISO 8601. */
export interface VolumeFacts {
  readonly id: string;
  /** The tag `runbook:device`; else where it is attached now; `null`: neither says. */
  readonly device: string | null;
  readonly zone: string;
  /** EC2's word: `creating`, `available`, `in-use`, `deleting`, `deleted`, `error`. */
  readonly state: string;
  readonly createdAt: string;
  readonly snapshotId: string | null;
  readonly type: string;
  readonly sizeGiB: number;
  readonly iops: number | null;
  readonly throughput: number | null;
  readonly kmsKeyId: string | null;
  /** The label: tag `runbook:run`. */
  readonly run: string | null;
  readonly supersededAt: string | null;
  /** All tags that a copy takes with it: not AWS's own, not our status. */
  readonly tags: { readonly [key: string]: string };
  readonly attachments: readonly VolumeAttachment[];
}

/** `state`: `attaching`, `attached`, `detaching`, `detached`, `busy`. */
export interface VolumeAttachment {
  readonly instanceId: string;
  readonly device: string;
  readonly state: string;
  readonly deleteOnTermination: boolean;
  readonly attachedAt: string | null;
}

/** A snapshot of the set. */
export interface SnapshotFacts {
  readonly id: string;
  readonly volumeId: string;
  readonly device: string | null;
  /** EC2's word: `pending`, `completed`, `error`, `recoverable`, `recovering`. */
  readonly state: string;
  readonly startedAt: string;
  readonly completedAt: string | null;
  readonly sizeGiB: number;
  readonly kmsKeyId: string | null;
  readonly run: string | null;
  readonly supersededAt: string | null;
  /** The file systems were frozen when it was taken: more than crash-consistent. */
  readonly frozen: boolean;
  readonly tags: { readonly [key: string]: string };
}

/** One place in the set: a device name and who fills it. */
export interface Member {
  readonly device: string;
  /** The true volume; `null`: only snapshots are left, or `rivals` claim the place. */
  readonly volume: VolumeFacts | null;
  /** More than one true volume: a person has to say which. Empty otherwise. */
  readonly rivals: readonly VolumeFacts[];
  /** Copies made by runs that have not been put to use. */
  readonly copies: readonly VolumeFacts[];
}

/** Snapshots of one moment, newest moment first in lists; one per device. */
export interface SnapshotSet {
  readonly startedAt: string;
  readonly snapshots: ReadonlyMap<string, SnapshotFacts>;
}

const PREFIX = 'carry-volumes';
/** Snapshots without a run tag that began within this time are one set: one CreateSnapshots call, or one scheduled policy. */
const SET_SECONDS = 60;
const ENDED = new Set(['deleting', 'deleted', 'error']);

/** The label of a volume that is given to an instance. */
export function labelOf(instanceId: string): string {
  return `${PREFIX}/${instanceId}`;
}

/** The label of a copy made for an instance, until it is put to use. */
export function copyLabelOf(instanceId: string): string {
  return `${PREFIX}/${instanceId}/copy`;
}

/** The run tag of an exact copy of the volume as it is now. */
export function finalLabelOf({ run }: Pick<VolumeFacts, 'run'>): string {
  const holder = isOurs(run) ? run.split('/')[1] : 'nobody';
  return `${PREFIX}/${holder}/final`;
}

/** Whether a run tag is one of these labels. */
export function isOurs(run: string | null): run is string {
  return run !== null && run.startsWith(`${PREFIX}/`);
}

/** A copy that was never put to use. */
export function isCopy({ run }: Pick<VolumeFacts, 'run'>): boolean {
  return isOurs(run) && run.endsWith('/copy');
}

/** Not superseded, and not on its way out. */
export function isLive({ state, supersededAt }: Pick<VolumeFacts, 'state' | 'supersededAt'>): boolean {
  return supersededAt === null && !ENDED.has(state);
}

/** The volume's attachment to an instance. */
export function attachmentTo(volume: VolumeFacts, instanceId: string): VolumeAttachment | undefined {
  return volume.attachments.find(
    (attachment) => attachment.instanceId === instanceId && attachment.state !== 'detached',
  );
}

/** The instance that has the volume in any way, also while it is attaching or detaching. */
export function holderOf(volume: VolumeFacts): string | null {
  return volume.attachments.find(({ state }) => state !== 'detached')?.instanceId ?? null;
}

function placeOf({ device, id }: VolumeFacts): string {
  return device ?? id;
}

function byAge(left: { readonly startedAt: string }, right: { readonly startedAt: string }): number {
  return Date.parse(left.startedAt) - Date.parse(right.startedAt);
}

function placeOfSnapshot({ device, volumeId }: SnapshotFacts, volumes: readonly VolumeFacts[]): string | undefined {
  const source = volumes.find(({ id }) => id === volumeId);
  return device ?? (source === undefined ? undefined : placeOf(source));
}

/** The sets that live snapshots form, newest first. A snapshot whose place nobody knows is in none. */
export function snapshotSets(
  snapshots: readonly SnapshotFacts[],
  volumes: readonly VolumeFacts[],
): readonly SnapshotSet[] {
  interface Open {
    readonly run: string;
    readonly startedAt: string;
    readonly snapshots: Map<string, SnapshotFacts>;
  }
  const open: Open[] = [];
  const usable = snapshots.filter(
    ({ state, supersededAt }) => supersededAt === null && (state === 'pending' || state === 'completed'),
  );
  for (const snapshot of usable.toSorted(byAge)) {
    const place = placeOfSnapshot(snapshot, volumes);
    if (place === undefined) continue;
    const run = snapshot.run ?? '';
    const fits = ({ run: of, startedAt, snapshots: members }: Open): boolean => {
      // No writer comes between the final ones, however far apart they are; a later one of the same volume replaces the earlier.
      if (of !== run) return false;
      return (
        run.endsWith('/final') ||
        (!members.has(place) && Date.parse(snapshot.startedAt) - Date.parse(startedAt) <= SET_SECONDS * 1_000)
      );
    };
    const known = open.findLast(fits);
    if (known === undefined) open.push({ run, startedAt: snapshot.startedAt, snapshots: new Map([[place, snapshot]]) });
    else known.snapshots.set(place, snapshot);
  }
  return open.toSorted(byAge).toReversed();
}

function memberAt(device: string, here: readonly VolumeFacts[]): Member {
  const copies = here.filter(isCopy);
  const accepted = here.filter((volume) => !isCopy(volume));
  const [only] = accepted;
  if (accepted.length > 1) return { device, volume: null, rivals: accepted, copies };
  if (only !== undefined) return { device, volume: only, rivals: [], copies };
  // Where all others are superseded, the copies are what is left; the newest was made of the newest.
  const [heir = null] = copies.toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
  return { device, volume: heir, rivals: [], copies: copies.filter((copy) => copy !== heir) };
}

/** The places of the set and who fills them: all that a live volume claims, and all that the newest snapshots remember. */
export function membersOf(volumes: readonly VolumeFacts[], snapshots: readonly SnapshotFacts[]): readonly Member[] {
  const live = volumes.filter(isLive);
  const [newest] = snapshotSets(snapshots, volumes);
  const places = new Set([...live.map(placeOf), ...(newest?.snapshots.keys() ?? [])]);
  return [...places].toSorted().map((device) =>
    memberAt(
      device,
      live.filter((volume) => placeOf(volume) === device),
    ),
  );
}

/** Copies on an instance that are no members of the set: they stay where they are, and outlive it too. */
export function copiesOn(members: readonly Member[], instanceId: string): VolumeFacts[] {
  return members.flatMap(({ copies }) => copies.filter((copy) => attachmentTo(copy, instanceId) !== undefined));
}

/** Who fills a place, in words. */
export function describeMember({ volume, rivals }: Member): string {
  if (rivals.length > 0) return `claimed by ${rivals.map(({ id }) => id).join(', ')}`;
  if (volume === null) return 'no volume';
  const holder = holderOf(volume);
  const where = holder === null ? '' : ` on ${holder}`;
  return `${volume.id} ${volume.state} in ${volume.zone}${where}`;
}

/** Taken by this runbook of a volume that was still written. */
export function isWarm({ run }: Pick<SnapshotFacts, 'run'>): boolean {
  return isOurs(run) && !run.endsWith('/final');
}

/** Snapshots that hold all that was ever written on the volume; of any state, newest first. */
export function exactCopies(volume: VolumeFacts, snapshots: readonly SnapshotFacts[]): readonly SnapshotFacts[] {
  const label = finalLabelOf(volume);
  return snapshots
    .filter(({ volumeId, run }) => volumeId === volume.id && run === label)
    .toSorted(byAge)
    .toReversed();
}

/** The newest set that has a completed snapshot for every device. */
export function newestCompleteSet(sets: readonly SnapshotSet[], devices: readonly string[]): SnapshotSet | undefined {
  return sets.find(({ snapshots }) => devices.every((device) => snapshots.get(device)?.state === 'completed'));
}
