/**
 * Reads and writes for `publish-blocklist`. Behind it, in `aws/`: what the ledger wants (`wishes`, with `lists`), and what it is
 * published to (`kinds`): which sets there are (`enforcement-points`), what is in them (`ip-sets`), which of them share a blocklist
 * (`set-groups`).
 */

import { kindOf, locateIn } from '../../shared/aws/blocklist/kind.ts';
import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { RetryableError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { readSet, scopeIn, updateIpSet } from './aws/ip-sets.ts';
import { KINDS, type Seen } from './aws/kinds.ts';
import { readWishes } from './aws/wishes.ts';

export type { Seen } from './aws/kinds.ts';

/** What started the run: a name or an ARN, or `null` for everything. */
export type Request = { readonly target: string | null };

/** The lists and the sets that are meant. */
export async function locate({ target }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  return locateIn(KINDS, target, readWishes(io), io);
}

/** Reads one of them again, a set with those that share its blocklist. */
export async function observe(target: string, _request: Request, io: Io): Promise<Seen> {
  return kindOf(KINDS, target).observe(target, await readWishes(io), io);
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'wafv2:UpdateIPSet': updateIpSet,
};

/**
 * Reads back what was written. Where it is not there, somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verify(
  target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const update = plan.find(({ call }) => call === 'wafv2:UpdateIPSet');
  if (update === undefined) return { ok: true };
  const { input } = update;
  const [name, id] = [textOf(input, 'Name'), textOf(input, 'Id')];
  const set = await readSet({ arn: target, name, id, scope: scopeIn(input), blocklist: '', shard: 0 }, io);
  const wanted = new Set(textsOf(input, 'Addresses'));
  const isThere =
    set !== null && set.addresses.length === wanted.size && set.addresses.every((cidr) => wanted.has(cidr));
  if (isThere) return { ok: true };
  throw new RetryableError(`${name} is not what was written: somebody has changed it since`);
}
