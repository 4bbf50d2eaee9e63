/** Managed prefix lists, as EC2 answers and as the runbook means them. */

import { EC2Client, ModifyManagedPrefixListCommand, type ManagedPrefixList } from '@aws-sdk/client-ec2';
import { ec2Arn } from '../../../shared/aws/arn.ts';
import { blocklistOf, entriesOf, taggedPrefixLists } from '../../../shared/aws/blocklist/prefix-lists.ts';
import { client } from '../../../shared/aws/clients.ts';
import { objectsOf, textOf } from '../../../shared/aws/planned-input.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io, Verification } from '../../../shared/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';
import type { PrefixList } from '../decide.ts';

/** A list that is tagged; its entries are read with `read`, which gives `null` for one that is gone. */
export interface LocatedPrefixList {
  readonly arn: string;
  readonly names: readonly string[];
  readonly read: () => Promise<PrefixList | null>;
}

/** All that are tagged, in EC2's order. Throws what AWS throws. */
export async function findPrefixLists(io: Io): Promise<readonly LocatedPrefixList[]> {
  const lists = await taggedPrefixLists([{ Name: 'owner-id', Values: [io.account] }], io);
  return lists.map((list) => {
    const { PrefixListId: id = '', PrefixListName: name = '' } = list;
    // Made of its id: EC2 need not say it, and two without one would be the same target.
    const arn = ec2Arn('prefix-list', id, io);
    return { arn, names: [arn, id, name, blocklistOf(list)], read: () => withEntries(list, io) };
  });
}

/** One list as it is; `null`: it is gone, or not tagged any more. */
export async function readPrefixList(id: string, io: Io): Promise<PrefixList | null> {
  const [list] = await taggedPrefixLists([{ Name: 'prefix-list-id', Values: [id] }], io);
  return list === undefined ? null : withEntries(list, io);
}

/** @throws TerminalError for an answer that cannot be understood */
async function withEntries(list: ManagedPrefixList, io: Io): Promise<PrefixList | null> {
  const { PrefixListId: id, PrefixListName: name = '', Version: version, MaxEntries: maxEntries } = list;
  const { AddressFamily: family, State: state = 'create-complete' } = list;
  if (id === undefined || version === undefined || maxEntries === undefined || family === undefined)
    throw new TerminalError(`${id ?? 'a prefix list'}: EC2's answer lacks its id, family, version or size`);
  // One that is being deleted, or never was made, takes nothing.
  if (/^delete-|^create-failed$/u.test(state)) return null;
  // Of the newest version: where that is a later one than was read before, EC2 refuses the change.
  const addresses = await entriesOf(id, io);
  return {
    id,
    name: name || id,
    family: family === 'IPv6' ? 'IPV6' : 'IPV4',
    version,
    maxEntries,
    isBusy: state.endsWith('-in-progress'),
    blocklist: blocklistOf(list),
    addresses,
  };
}

/** Adds and removes entries under the version that was read: who wrote in between is not overwritten, the run looks again. */
export const modifyPrefixList: Change = {
  send: (input, io) => {
    const [comes, goes] = [objectsOf(input, 'AddEntries'), objectsOf(input, 'RemoveEntries')];
    const { CurrentVersion } = input;
    // Without a version EC2 would take the change on top of anybody's.
    if (typeof CurrentVersion !== 'number') throw new TerminalError('plan: CurrentVersion: a number is missing');
    const command = new ModifyManagedPrefixListCommand({
      PrefixListId: textOf(input, 'PrefixListId'),
      CurrentVersion,
      ...(comes.length === 0
        ? {}
        : {
            AddEntries: comes.map((each) => ({ Cidr: textOf(each, 'Cidr'), Description: textOf(each, 'Description') })),
          }),
      ...(goes.length === 0 ? {} : { RemoveEntries: goes.map((each) => ({ Cidr: textOf(each, 'Cidr') })) }),
    });
    return client(EC2Client).send(command, { abortSignal: io.signal });
  },
  // Source: the "error codes" page of the EC2 API.
  means: {
    'InvalidPrefixListID.NotFound': 'conflict',
    InvalidPrefixListModification: 'conflict',
    PrefixListVersionMismatch: 'conflict',
    IncorrectState: 'wait',
  },
};

/** Between two looks at a change that is under way, and how many: EC2 is done within seconds. */
const [BETWEEN_LOOKS_MS, MOST_LOOKS] = [2_000, 8];

async function readAtRest(id: string, io: Io): Promise<PrefixList | null> {
  for (let look = 1; look < MOST_LOOKS; look += 1) {
    const list = await readPrefixList(id, io);
    if (list?.isBusy !== true) return list;
    await io.sleep(BETWEEN_LOOKS_MS);
  }
  return readPrefixList(id, io);
}

/**
 * Reads the list back once EC2 is done with it. Where its entries are not what was written, somebody has changed it since, and it is
 * looked at again.
 * @throws RetryableError
 */
export async function verifyPrefixList({ input }: PlannedCall, io: Io): Promise<Verification> {
  const id = textOf(input, 'PrefixListId');
  const list = await readAtRest(id, io);
  // Gone with all that was written.
  if (list === null) return { ok: true };
  const there = new Set(list.addresses);
  const cidrs = (member: string): string[] => objectsOf(input, member).map((each) => textOf(each, 'Cidr'));
  const isThere = cidrs('AddEntries').every((cidr) => there.has(cidr));
  if (isThere && cidrs('RemoveEntries').every((cidr) => !there.has(cidr))) return { ok: true };
  throw new RetryableError(`${id} is not what was written: somebody has changed it since`);
}
