/** What is in WAF IP sets. */

import { GetIPSetCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { regionOf, type SetName } from '../../../shared/aws/blocklist/tagged-sets.ts';
import { client } from '../../../shared/aws/clients.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { TaggedSet } from '../decide.ts';

/** WAF spells IPv6 out; what our own parser refuses is somebody else's, and blocks nobody that we have asked for. */
function canonical(text: string): readonly string[] {
  const parsed = parseNetwork(text);
  return isMalformed(parsed) ? [] : [parsed.cidr];
}

/**
 * What is in a set.
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readContent({ name, id, scope }: SetName, io: Io): Promise<NonNullable<TaggedSet['content']>> {
  const command = new GetIPSetCommand({ Name: name, Id: id, Scope: scope });
  const { IPSet: set } = await client(WAFV2Client, regionOf(scope)).send(command, { abortSignal: io.signal });
  if (set?.Addresses === undefined || set.IPAddressVersion === undefined)
    throw new TerminalError(`${name}: WAF's answer lacks its addresses, or their family`);
  return { family: set.IPAddressVersion, addresses: set.Addresses.flatMap(canonical) };
}
