/**
 * How a worker keeps its gang from being ended: it has its own node protected from termination. A Spot instance takes no such protection:
 * there it takes a lease in the data ledger, which whoever ends the gang closes first.
 */

import type { DataItem } from '../../../shared/kernel/ledger/data.ts';
import type { MemoryData } from '../../engine/data.ts';
import type { Shape, World } from '../../engine/model.ts';
import { instanceAttributeOperations } from '../../services/ec2/instance-attributes.ts';
import { isSpot, rankZero, type Gang } from './gangs.ts';

/** Partition of the data ledger. The key is the gang's. */
const LEASES = 'hpc-lease';

/** What a worker does with the data ledger: at once, so that nobody comes between its look and its write. */
export type LeaseBook = Pick<MemoryData, 'dump' | 'put'>;

/** What a worker has seen of its lease: that none takes a job any more, or its version. */
export type SeenLease = { readonly isClosed: boolean; readonly version: number };

function leaseOf(book: LeaseBook, gang: Gang): DataItem | undefined {
  return book.dump().find(({ partition, key }) => partition === LEASES && key === gang.id);
}

/** How the lease of a gang stands. */
export function seenLease(book: LeaseBook, gang: Gang): SeenLease {
  const item = leaseOf(book, gang);
  return { isClosed: item?.value['state'] === 'closed', version: item?.version ?? 0 };
}

function setProtection(world: World, node: Shape, Value: boolean): boolean {
  try {
    const input = { InstanceId: node['InstanceId'], DisableApiTermination: { Value } };
    instanceAttributeOperations['ModifyInstanceAttribute']?.run(input, world);
    return true;
  } catch {
    return false;
  }
}

/** Takes the gang; false: somebody has written the lease since it was seen, or the node is not there any more. */
export function hold(world: World, book: LeaseBook, gang: Gang, seen: SeenLease, untilMs: number): boolean {
  const node = rankZero(gang);
  if (node === undefined) return false;
  if (!isSpot(gang)) return setProtection(world, node, true);
  const { isClosed, version } = seenLease(book, gang);
  if (isClosed || version !== seen.version) return false;
  book.put({ partition: LEASES, key: gang.id, value: { state: 'busy', until: new Date(untilMs).toISOString() } });
  return true;
}

/** Has the lease last longer. A protection lasts. */
export function renew(book: LeaseBook, gang: Gang, untilMs: number): void {
  if (!isSpot(gang) || seenLease(book, gang).isClosed) return;
  book.put({ partition: LEASES, key: gang.id, value: { state: 'busy', until: new Date(untilMs).toISOString() } });
}

/** Gives back what was taken. */
export function giveBack(world: World, book: LeaseBook, gang: Gang): void {
  const node = rankZero(gang);
  if (isSpot(gang)) {
    if (seenLease(book, gang).isClosed) return;
    book.put({ partition: LEASES, key: gang.id, value: { state: 'free' } });
  } else if (node !== undefined) setProtection(world, node, false);
}
