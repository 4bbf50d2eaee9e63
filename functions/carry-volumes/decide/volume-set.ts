/**
 * A set of data volumes: which volume of it is the true one, which snapshot is an exact copy. Pure.
 *
 * What is true is written on the volumes themselves, so that it survives any run. `runbook:run` on a volume is its label: whom
 * it was last given to (`carry-volumes/INSTANCE`), with `/copy` behind it while it is a copy that was never put to use. The
 * label is changed before a volume is attached. So a snapshot that carries the label of its volume plus `/final`, which is
 * only ever taken of an unattached volume, is exact for as long as the volume's label does not change; whoever may have
 * written since would have changed it.
 */

import { deviceName } from '../../../shared/judgement/device-names.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';

/** Where a volume is and an instance runs. Neither a zone's border nor an Outpost's can be crossed but by a snapshot. */
export interface Site {
  readonly zone: string;
  /** ARN; `null`: in the Region. */
  readonly outpost: string | null;
}

/** An EBS volume of the set. Times are ISO 8601. */
export interface VolumeFacts extends Site {
  readonly id: string;
  /** The tag `runbook:device`; else `runbook:was-at`; else where it is attached now; `null`: none of them says. */
  readonly device: string | null;
  /** A tag says so: it is known wherever the volume goes. */
  readonly deviceNoted: boolean;
  /** EC2's word: `creating`, `available`, `in-use`, `deleting`, `deleted`, `error`. */
  readonly state: string;
  readonly createdAt: string;
  readonly snapshotId: string | null;
  readonly type: string;
  readonly sizeGiB: number;
  readonly iops: number | null;
  readonly throughput: number | null;
  readonly kmsKeyId: string | null;
  /** Several instances may have it, and write on it, at once. */
  readonly multiAttach: boolean;
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
  /** In the archive tier: no volume can be made of it before somebody restores it. */
  readonly archived: boolean;
  /** Restored from the archive for a while: it goes back there by itself. */
  readonly lent: boolean;
  /** Made by CopySnapshot: `volumeId` and `startedAt` say nothing of the data. */
  readonly copied: boolean;
  /** Kept on an Outpost, or in a Local Zone, and of use only there. `null`, `null`: in the Region. */
  readonly keptAt: { readonly zone: string | null; readonly outpost: string | null };
  /**
   * What its description says, which nobody can change once it is taken: `quiet`, ours, of a volume that nobody had; `written`,
   * ours, of one in use; `none`; `foreign`, somebody else's words.
   */
  readonly description: 'quiet' | 'written' | 'none' | 'foreign';
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

/** Snapshots of one moment, one per device. In lists newest moment first; those of whom the moment is not known come last. */
export interface SnapshotSet {
  readonly startedAt: string;
  /** Copies: `startedAt` is when they were copied, and the data are older. */
  readonly copied: boolean;
  readonly snapshots: ReadonlyMap<string, SnapshotFacts>;
}

const PREFIX = 'carry-volumes';
/** Snapshots without a run tag that began within this time are one set: one CreateSnapshots call, or one scheduled policy. */
const SET_SECONDS = 60;
/** A policy that takes a set a day may fail once. A place that no set of this time before the newest has is given up. */
const REMEMBERED_SECONDS = 172_800;
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
  return `${PREFIX}/${namedBy(run) ?? 'nobody'}/final`;
}

/** Whether a run tag is one of these labels. */
export function isOurs(run: string | null): run is string {
  return run !== null && run.startsWith(`${PREFIX}/`);
}

/** A copy that was never put to use. */
export function isCopy({ run }: Pick<VolumeFacts, 'run'>): boolean {
  return isOurs(run) && run.endsWith('/copy');
}

/** The instance that one of these labels names. */
export function namedBy(run: string | null): string | undefined {
  return isOurs(run) ? run.split('/')[1] : undefined;
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

/** The name of the volume's place in the set. */
export function placeOf({ device, id }: Pick<VolumeFacts, 'device' | 'id'>): string {
  return device === null ? id : deviceName(device);
}

/** In one zone, and on one Outpost or on none. */
export function isSameSite(left: Site, right: Site): boolean {
  return left.zone === right.zone && left.outpost === right.outpost;
}

/** A site in words. */
export function describeSite({ zone, outpost }: Site): string {
  return outpost === null ? zone : `${zone} on ${outpost.slice(outpost.lastIndexOf('/') + 1)}`;
}

/** A volume can be made of it, as far as its own state goes. */
export function isReady({ state, archived }: Pick<SnapshotFacts, 'state' | 'archived'>): boolean {
  return state === 'completed' && !archived;
}

/** It is there, or will be: neither failed nor in the Recycle Bin. */
export function isBegun({ state }: Pick<SnapshotFacts, 'state'>): boolean {
  return state === 'pending' || state === 'completed';
}

/** A volume can be made of it at the site. */
export function isUsableAt(snapshot: SnapshotFacts, site: Site): boolean {
  const { zone, outpost } = snapshot.keptAt;
  const isWithinReach = (zone === null || zone === site.zone) && (outpost === null || outpost === site.outpost);
  return isReady(snapshot) && isWithinReach;
}

function byAge(left: { readonly startedAt: string }, right: { readonly startedAt: string }): number {
  return Date.parse(left.startedAt) - Date.parse(right.startedAt);
}

function placeOfSnapshot({ device, volumeId }: SnapshotFacts, volumes: readonly VolumeFacts[]): string | undefined {
  const source = volumes.find(({ id }) => id === volumeId);
  // People may have given its volume another place since.
  if (source !== undefined && isLive(source) && source.deviceNoted) return placeOf(source);
  if (device !== null) return deviceName(device);
  return source === undefined ? undefined : placeOf(source);
}

/** The sets that live snapshots form, newest first. A snapshot whose place nobody knows is in none. */
export function snapshotSets(
  snapshots: readonly SnapshotFacts[],
  volumes: readonly VolumeFacts[],
): readonly SnapshotSet[] {
  interface Open extends SnapshotSet {
    readonly run: string;
    readonly snapshots: Map<string, SnapshotFacts>;
  }
  const open: Open[] = [];
  const usable = snapshots.filter((snapshot) => snapshot.supersededAt === null && isBegun(snapshot));
  for (const snapshot of usable.toSorted(byAge)) {
    const place = placeOfSnapshot(snapshot, volumes);
    if (place === undefined) continue;
    const run = snapshot.run ?? '';
    const { copied, startedAt } = snapshot;
    const fits = (set: Open): boolean => {
      if (set.run !== run || set.copied !== copied) return false;
      // No writer comes between the final ones, however far apart they are; a later one of the same volume replaces the earlier.
      if (run.endsWith('/final') && !copied) return true;
      const isOfOneMoment = Date.parse(startedAt) - Date.parse(set.startedAt) <= SET_SECONDS * 1_000;
      return isOfOneMoment && !set.snapshots.has(place);
    };
    const known = open.findLast(fits);
    if (known === undefined) open.push({ run, copied, startedAt, snapshots: new Map([[place, snapshot]]) });
    else known.snapshots.set(place, snapshot);
  }
  const newestFirst = open.toSorted(byAge).toReversed();
  return [...newestFirst.filter(({ copied }) => !copied), ...newestFirst.filter(({ copied }) => copied)];
}

function memberAt(device: string, atPlace: readonly VolumeFacts[]): Member {
  const here = atPlace.filter(isLive);
  const copies = here.filter(isCopy);
  const accepted = here.filter((volume) => !isCopy(volume));
  const [only] = accepted;
  if (accepted.length > 1) return { device, volume: null, rivals: accepted, copies };
  if (only !== undefined) return { device, volume: only, rivals: [], copies };
  const heir = heirAmong(copies, atPlace);
  return { device, volume: heir, rivals: [], copies: copies.filter((copy) => copy !== heir) };
}

/**
 * The copy whose turn it was when a run ended between superseding what was there and labelling it: the newest was made of the
 * newest. Where the true volume was not given up but lost, a copy that was never put to use is no heir: it may be of any moment.
 */
function heirAmong(copies: readonly VolumeFacts[], atPlace: readonly VolumeFacts[]): VolumeFacts | null {
  const isGivenUpFor = (copy: VolumeFacts): boolean =>
    atPlace.some(({ supersededAt }) => supersededAt !== null && secondsSince(copy.createdAt, supersededAt) >= 0);
  const heirs = copies.filter(isGivenUpFor);
  const [newest = null] = heirs.toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
  return newest;
}

/** The sets that tell which places there are: the newest, and those so little older that they may be of the same days. */
function rememberedPlaces(sets: readonly SnapshotSet[]): readonly string[] {
  const [newest] = sets;
  // Each by itself: what is final is of one set, however far apart.
  const isLate = ({ startedAt }: SnapshotFacts): boolean =>
    newest !== undefined && secondsSince(startedAt, newest.startedAt) <= REMEMBERED_SECONDS;
  return sets.flatMap(({ snapshots }) => [...snapshots].flatMap(([place, each]) => (isLate(each) ? [place] : [])));
}

/**
 * The places of the set and who fills them: all that a live volume claims, and all that the snapshots of the last days remember. The
 * newest alone may be ours, of a set that had lost a volume already.
 */
export function membersOf(volumes: readonly VolumeFacts[], snapshots: readonly SnapshotFacts[]): readonly Member[] {
  const live = volumes.filter(isLive);
  const remembered = rememberedPlaces(snapshotSets(snapshots, volumes));
  const places = new Set([...live.map(placeOf), ...remembered]);
  return [...places].toSorted().map((device) =>
    memberAt(
      device,
      volumes.filter((volume) => placeOf(volume) === device),
    ),
  );
}

/** A place whose volume is gone: only snapshots know of it. */
export function isLost({ volume, rivals }: Member): boolean {
  return volume === null && rivals.length === 0;
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
  return `${volume.id} ${volume.state} in ${describeSite(volume)}${where}`;
}

/** Taken by this runbook of a volume that was still written. */
export function isWarm({ run }: Pick<SnapshotFacts, 'run'>): boolean {
  return isOurs(run) && !run.endsWith('/final');
}

/**
 * Snapshots that hold all that was ever written on the volume; of any state and tier, newest first. The label alone proves nothing:
 * that nobody had the volume when it was taken stands in its description, which nobody can change.
 */
export function exactCopies(volume: VolumeFacts, snapshots: readonly SnapshotFacts[]): readonly SnapshotFacts[] {
  return snapshots
    .filter((snapshot) => isExactCopy(snapshot, volume))
    .toSorted(byAge)
    .toReversed();
}

/** Whether a snapshot holds all that was ever written on a volume of the set. */
export function isExactCopy(snapshot: SnapshotFacts, volume: Pick<VolumeFacts, 'id' | 'run'>): boolean {
  const { volumeId, run, copied, description } = snapshot;
  return volumeId === volume.id && run === finalLabelOf(volume) && description === 'quiet' && !copied;
}

/** The first set that has a snapshot for every device of which a volume can be made, at the site if one is given. */
export function newestCompleteSet(
  sets: readonly SnapshotSet[],
  devices: readonly string[],
  site?: Site,
): SnapshotSet | undefined {
  const isUsable = (snapshot: SnapshotFacts | undefined): boolean =>
    snapshot !== undefined && (site === undefined ? isReady(snapshot) : isUsableAt(snapshot, site));
  return sets.find(({ snapshots }) => devices.every((device) => isUsable(snapshots.get(device))));
}
