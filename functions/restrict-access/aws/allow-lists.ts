/** The prefix list that is a group's allow-list, or why none can be. */

import {
  EC2Client,
  paginateDescribeManagedPrefixLists,
  paginateGetManagedPrefixListEntries,
  type ManagedPrefixList,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { AllowListReading } from '../decide.ts';

const ID = /^pl-[0-9a-f]+$/u;

/** The owner of the lists that AWS manages. Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
const AWS = 'AWS';

/** A list that is there has these; while it is being changed the version before it holds. */
const USABLE = /^(?:create-complete|modify-|restore-)/u;

/** Anything with a prefix: what the entry lets in is EC2's to know. */
const NETWORK = /^[0-9a-f:.]+\/\d{1,3}$/iu;

/**
 * @param named its name or id, as the group's tag has it; empty names none
 */
export async function readAllowList(named: string, io: Io): Promise<AllowListReading | null> {
  if (named === '') return null;
  const name = ID.test(named) ? 'prefix-list-id' : 'prefix-list-name';
  const lists = await collect(
    paginateDescribeManagedPrefixLists(
      { client: client(EC2Client) },
      { Filters: [{ Name: name, Values: [named] }] },
      { abortSignal: io.signal },
    ),
    ({ PrefixLists }) => PrefixLists,
  );
  const [list, ...others] = lists;
  if (list === undefined) return null;
  if (others.length > 0)
    return {
      refused: 'prefix-list-ambiguous',
      because: `${lists.length} prefix lists are called ${named}: tag the id`,
    };
  return readingOf(list, named, io);
}

async function readingOf(list: ManagedPrefixList, named: string, io: Io): Promise<AllowListReading> {
  const { PrefixListId: id = '', PrefixListName: name = named, OwnerId: owner, State: state = '' } = list;
  if (owner === AWS)
    return {
      refused: 'prefix-list-of-aws',
      because: `${name} is managed by AWS: it lets in whoever uses that service`,
    };
  const unreadable = (why: string): AllowListReading => ({
    refused: 'prefix-list-unreadable',
    because: `no entry of ${name} (${id}) can be read: ${why}`,
  });
  if (!USABLE.test(state)) return unreadable(`it is ${state}`);
  try {
    const entries = await collect(
      paginateGetManagedPrefixListEntries(
        { client: client(EC2Client) },
        { PrefixListId: id },
        { abortSignal: io.signal },
      ),
      ({ Entries }) => Entries,
    );
    const cidrs = entries.flatMap(({ Cidr }) => (Cidr !== undefined && NETWORK.test(Cidr) ? [Cidr] : []));
    const isLost = entries.length > 0 && cidrs.length === 0;
    return isLost ? unreadable(`what EC2 lists are no networks`) : { id, name, cidrs };
  } catch (error) {
    // It went between the two questions.
    if (/^InvalidPrefixListI[Dd]\.NotFound$/u.test(errorName(error))) return unreadable('it is gone');
    throw error;
  }
}
