/**
 * How a worker keeps its gang from being ended: it has its own node protected from termination. A Spot instance takes no such protection:
 * there it takes a lease in the data ledger, which whoever ends the gang closes first.
 */

import type { DataItem } from '../../../shared/kernel/ledger/data.ts';
import type { MemoryData } from '../../engine/data.ts';
import type { Shape, World } from '../../engine/model.ts';
import { instanceAttributeOperations } from '../../services/ec2/instance-attributes.ts';
import { isSpot, rankZero, type Gang } from './gangs.ts';

/** Partitions of the data ledger: leases by gang, what nodes say of themselves by GANG/INDEX, gangs by TEMPLATE/GANG. */
const [LEASES, ATTESTS, GANGS] = ['hpc-lease', 'hpc-attest', 'hpc-gang'];

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

/** Has each node of the gang say that it can work, or why it cannot. */
export function attest(book: LeaseBook, gang: Gang, fault: string | undefined, now: string): void {
  const said = fault === undefined ? { ok: true } : { ok: false, why: fault };
  for (const index of gang.nodes.keys())
    book.put({ partition: ATTESTS, key: `${gang.id}/${index}`, value: { ...said, at: now } });
}

/** The gang may have jobs: whoever launched it has found all of its nodes fit. */
export function isReleased(book: LeaseBook, gang: Gang): boolean {
  const isOwn = ({ partition, key }: DataItem): boolean => partition === GANGS && key.endsWith(`/${gang.id}`);
  return book.dump().some((item) => isOwn(item) && item.value['state'] === 'up');
}
