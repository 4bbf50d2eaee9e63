/** Managed prefix lists, as EC2 answers. */

import {
  EC2Client,
  paginateDescribeManagedPrefixLists,
  paginateGetManagedPrefixListEntries,
  type Filter,
  type ManagedPrefixList,
} from '@aws-sdk/client-ec2';
import { isMalformed, parseNetwork } from '../../judgement/addresses/parse.ts';
import type { Io } from '../../kernel/definition.ts';
import { client } from '../clients.ts';
import { collect } from '../pages.ts';
import { TAG } from './tag.ts';

/** Those that pass the filters, in EC2's order: it filters them by name, id and owner only. Throws what AWS throws. */
export function describePrefixLists(filters: readonly Filter[], io: Io): Promise<readonly ManagedPrefixList[]> {
  const pages = paginateDescribeManagedPrefixLists(
    { client: client(EC2Client) },
    { Filters: [...filters] },
    { abortSignal: io.signal },
  );
  return collect(pages, ({ PrefixLists }) => PrefixLists);
}

/** The blocklist that a list is tagged with; empty: none. */
export function blocklistOf({ Tags = [] }: ManagedPrefixList): string {
  return Tags.find(({ Key }) => Key === TAG)?.Value ?? '';
}

/** Those of them that are tagged. Throws what AWS throws. */
export async function taggedPrefixLists(filters: readonly Filter[], io: Io): Promise<readonly ManagedPrefixList[]> {
  const lists = await describePrefixLists(filters, io);
  return lists.filter(({ Tags = [] }) => Tags.some(({ Key }) => Key === TAG));
}

/** EC2 spells IPv6 its own way. What our own parser refuses (`0.0.0.0/0`) is somebody else's, and stays as it is. */
function canonical(text: string): string {
  const parsed = parseNetwork(text);
  return isMalformed(parsed) ? text : parsed.cidr;
}

/** What is in a list. Throws what AWS throws. */
export async function entriesOf(id: string, io: Io): Promise<readonly string[]> {
  const pages = paginateGetManagedPrefixListEntries(
    { client: client(EC2Client) },
    { PrefixListId: id },
    { abortSignal: io.signal },
  );
  const entries = await collect(pages, ({ Entries }) => Entries);
  return entries.map(({ Cidr = '' }) => canonical(Cidr));
}
