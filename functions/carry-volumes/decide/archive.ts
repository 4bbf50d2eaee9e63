/** Snapshots in the archive tier: of no use as they are, but a person may restore them. Pure. */

import { shellLine } from '../../../shared/kernel/shell.ts';
import type { SnapshotFacts } from './volume-set.ts';

/** Archived snapshots named in the evidence: a person restores the newest, not all. */
const MOST_NAMED = 11;

/** What the evidence says of those of these that are archived: which they are, and how to get at them. */
export function howToRestore(snapshots: readonly SnapshotFacts[]): { readonly archived?: readonly string[] } {
  const archived = snapshots
    .filter((snapshot) => snapshot.archived)
    .slice(0, MOST_NAMED)
    .map(({ id, startedAt }) => {
      const line = shellLine('aws', 'ec2', 'restore-snapshot-tier', '--snapshot-id', id, '--permanent-restore');
      return `${id} of ${startedAt} is in the archive tier, and of no use until it is restored, which takes hours: ${line}`;
    });
  return archived.length === 0 ? {} : { archived };
}
