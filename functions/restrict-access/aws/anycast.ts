/** The account's Anycast static IP lists: addresses of CloudFront's that are its own alone, and may never be blocked. */

import {
  CloudFrontClient,
  GetAnycastIpListCommand,
  ListAnycastIpListsCommand,
  type AnycastIpList,
  type AnycastIpListSummary,
} from '@aws-sdk/client-cloudfront';
import { client } from '../../../shared/aws/clients.ts';
import { rangesOf } from '../../../shared/judgement/blocklist/ranges.ts';
import { ANYCAST, ANYCAST_READ, NEVER_BLOCK, rangesRowsOf } from '../../../shared/judgement/blocklist/rows.ts';
import type { Io, Located, Observed } from '../../../shared/kernel/definition.ts';
import { classify, TerminalError } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import type { AnycastFacts } from '../decide.ts';
import { GLOBAL } from './distributions.ts';

/** All pages. An answer without the list is none: it does not say that there is nothing. */
async function summaries(io: Io): Promise<readonly AnycastIpListSummary[]> {
  const found: AnycastIpListSummary[] = [];
  let marker: string | undefined;
  do {
    const { AnycastIpLists: page } = await client(CloudFrontClient, GLOBAL).send(
      new ListAnycastIpListsCommand(marker === undefined ? {} : { Marker: marker }),
      { abortSignal: io.signal },
    );
    if (page === undefined) throw new TerminalError("CloudFront's answer lacks AnycastIpLists");
    found.push(...(page.Items ?? []));
    marker = page.NextMarker === '' ? undefined : page.NextMarker;
  } while (marker !== undefined);
  return found;
}

/** Its addresses, and the ranges that the account has brought along for it. */
function textsIn({ AnycastIps, IpamConfig }: AnycastIpList): readonly (string | undefined)[] {
  const brought = IpamConfig?.IpamCidrConfigs ?? [];
  return [...(AnycastIps ?? []), ...brought.flatMap(({ Cidr, AnycastIp }) => [Cidr, AnycastIp])];
}

async function addressesOf({ Id }: AnycastIpListSummary, io: Io): Promise<readonly (string | undefined)[]> {
  const { AnycastIpList: list } = await client(CloudFrontClient, GLOBAL).send(new GetAnycastIpListCommand({ Id }), {
    abortSignal: io.signal,
  });
  if (list === undefined) throw new TerminalError(`${Id ?? ''}: CloudFront's answer lacks AnycastIpList`);
  return textsIn(list);
}

/** What stands at CloudFront now. Not every partition has such lists: what cannot be read is told, and fails nothing else. */
async function readRanges(io: Io): Promise<Pick<AnycastFacts, 'ranges' | 'fault'>> {
  try {
    const lists = await summaries(io);
    const texts = await Promise.all(lists.map((list) => addressesOf(list, io)));
    return { ranges: rangesOf(texts.flat()), fault: null };
  } catch (error) {
    const { name, message } = classify(error);
    return { ranges: null, fault: `${name}: ${message}` };
  }
}

/**
 * What stands at CloudFront, and what the ledger has of it.
 * @throws TerminalError for a row that cannot be read, and what DynamoDB throws
 */
export async function readAnycast(io: Io): Promise<Observed<AnycastFacts>> {
  const [read, item] = await Promise.all([readRanges(io), openData().read(NEVER_BLOCK, ANYCAST)]);
  const { rows, unreadable } = rangesRowsOf(item === undefined ? [] : [item]);
  const [says] = unreadable;
  if (says !== undefined) throw new TerminalError(says);
  return { kind: 'anycast-ip-lists', target: ANYCAST_READ, ...read, row: rows[0] ?? null };
}

/** A target of each tick, but where the account has none and never had. */
export async function locateAnycast(io: Io): Promise<readonly Located<Observed<AnycastFacts>>[]> {
  try {
    const facts = await readAnycast(io);
    return facts.row === null && facts.ranges?.length === 0 ? [] : [{ target: ANYCAST_READ, facts }];
  } catch (error) {
    return [{ target: ANYCAST_READ, fault: classify(error) }];
  }
}
