/** WAF IP sets, as WAF answers and as the runbook means them. */

import { GetIPSetCommand, UpdateIPSetCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { regionOf } from '../../../shared/aws/blocklist/tagged-sets.ts';
import { client } from '../../../shared/aws/clients.ts';
import { textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import { paced } from '../../../shared/kernel/run/pace.ts';
import type { IpSet } from '../decide.ts';
import type { Point } from './enforcement-points.ts';

/**
 * WAF spells IPv6 out; what is compared is what it means. An entry that another family's set would hold (`::ffff:1.2.3.4`) is none of
 * ours, and stays as WAF spells it: under its IPv4 name the set could not be written any more.
 */
function canonical(name: string, family: AddressFamily, text: string): string {
  const parsed = parseNetwork(text);
  if (isMalformed(parsed)) throw new TerminalError(`${name}: ${text}: ${parsed.says}`);
  return parsed.family === family ? parsed.cidr : text;
}

/** A set as it is; `null`: it is gone. */
export async function readSet({ name, id, scope, blocklist, shard }: Point, io: Io): Promise<IpSet | null> {
  try {
    const command = new GetIPSetCommand({ Name: name, Id: id, Scope: scope });
    const { IPSet: set, LockToken } = await client(WAFV2Client, regionOf(scope)).send(command, {
      abortSignal: io.signal,
    });
    if (set?.Addresses === undefined || set.IPAddressVersion === undefined || LockToken === undefined)
      throw new TerminalError(`${name}: WAF's answer lacks its addresses, their family or its lock token`);
    const { IPAddressVersion: family } = set;
    return {
      name,
      id,
      blocklist,
      shard,
      scope,
      family,
      description: set.Description || null,
      lockToken: LockToken,
      addresses: set.Addresses.map((text) => canonical(name, family, text)),
    };
  } catch (error) {
    if (errorName(error) === 'WAFNonexistentItemException') return null;
    throw error;
  }
}

/** Of which scope a planned call is. */
export function scopeIn(input: JsonObject): Point['scope'] {
  return textOf(input, 'Scope') === 'CLOUDFRONT' ? 'CLOUDFRONT' : 'REGIONAL';
}

/**
 * Writes a set under the lock token that its content was read with: who wrote in between is not overwritten, the run looks again.
 * WAF takes one UpdateIPSet a second from all callers of an account and Region together.
 */
export const updateIpSet: Change = {
  send: (input, io) =>
    client(WAFV2Client, regionOf(scopeIn(input))).send(
      new UpdateIPSetCommand({
        Name: textOf(input, 'Name'),
        Scope: scopeIn(input),
        Id: textOf(input, 'Id'),
        Description: typeof input['Description'] === 'string' ? input['Description'] : undefined,
        Addresses: textsOf(input, 'Addresses'),
        LockToken: textOf(input, 'LockToken'),
      }),
      { abortSignal: io.signal },
    ),
  means: {
    WAFOptimisticLockException: 'conflict',
    WAFNonexistentItemException: 'conflict',
    WAFUnavailableEntityException: 'wait',
  },
  paced: paced({ name: 'wafv2:UpdateIPSet', perSecond: 1, burst: 1 }),
};
