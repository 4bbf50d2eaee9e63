/**
 * Which snapshots of a set are judged. People and their policies may keep thousands; what a look learns has to fit a checkpoint
 * of the durable execution, so it is bounded there, in bytes, and what is left out is the oldest, and said.
 */

import type { SnapshotFacts } from '../decide.ts';
import { snapshotFacts } from './ebs-reading.ts';
import { readEach } from './records.ts';
import type { Round } from './round.ts';

/**
 * Of the 250,000 bytes that a step may keep (`shared/kernel/hosts/host.ts`), so much is for each kind: about a hundred snapshots
 * of ours, a hundred and fifty of people's, and as many replaced ones as an hour of ticks deletes. The rest is for everything else.
 */
const BYTES = { ours: 60_000, peoples: 80_000, replaced: 50_000 };

type Kind = keyof typeof BYTES;

function kindOf({ run, supersededAt }: SnapshotFacts): Kind {
  if (supersededAt !== null) return 'replaced';
  return run?.startsWith('carry-volumes/') === true ? 'ours' : 'peoples';
}

const NEWEST_FIRST = (left: SnapshotFacts, right: SnapshotFacts): number => (left.startedAt < right.startedAt ? 1 : -1);

/** As many as fit, from the first on. */
function fitting(snapshots: readonly SnapshotFacts[], most: number): readonly SnapshotFacts[] {
  let bytes = 0;
  return snapshots.filter((snapshot) => {
    bytes += Buffer.byteLength(JSON.stringify(snapshot)) + 1;
    return bytes <= most;
  });
}

/** The snapshots of the set, newest first, as many of each kind as a checkpoint holds; of what is left out how many, or why. */
export function readSnapshots({ snapshots, volumes }: Pick<Round, 'snapshots' | 'volumes'>): {
  readonly snapshots: readonly SnapshotFacts[];
  readonly leftOut: readonly string[];
} {
  const here = new Set(volumes.map(({ VolumeId }) => VolumeId));
  // A volume that is made of a snapshot has the tags of the one it replaces, where that is still there.
  const { read, leftOut } = readEach(snapshots, (each) => snapshotFacts(each, !here.has(each.VolumeId)));
  const judged = (['ours', 'peoples', 'replaced'] as const).map((kind) => {
    const all = read.filter((snapshot) => kindOf(snapshot) === kind).toSorted(NEWEST_FIRST);
    // Of what is to be deleted the oldest come first: the others have their turn when these are gone.
    return { all, kept: fitting(kind === 'replaced' ? all.toReversed() : all, BYTES[kind]) };
  });
  const kept = judged.flatMap((each) => each.kept);
  const cut = read.length - kept.length;
  return {
    snapshots: kept.toSorted(NEWEST_FIRST),
    leftOut:
      cut === 0 ? leftOut : [...leftOut, `${cut} of ${read.length} snapshots are not judged: the oldest of their kind`],
  };
}
