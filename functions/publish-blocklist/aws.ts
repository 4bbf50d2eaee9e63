/**
 * Reads and writes for `publish-blocklist`. Behind it, in `aws/`: what the ledger wants (`wishes`, with `lists`); the `kinds` of
 * enforcement points: WAF IP sets (`enforcement-points`, `ip-sets`, and `set-groups` for those that share a blocklist),
 * `network-acls`, `prefix-lists`.
 */

import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { readSet, scopeIn, updateIpSet } from './aws/ip-sets.ts';
import type { Seen } from './aws/kind.ts';
import { foundOf, KINDS } from './aws/kinds.ts';
import { createAclEntry, deleteAclEntry, replaceAclEntry, verifyAcl } from './aws/network-acls.ts';
import { modifyPrefixList, verifyPrefixList } from './aws/prefix-lists.ts';
import { readWishes } from './aws/wishes.ts';

export type { Seen } from './aws/kind.ts';

/** What started the run: a name or an ARN, or `null` for everything. */
export type Request = { readonly target: string | null };

/** The lists and the enforcement points that are meant. A kind of which nobody can say which there are holds up no other. */
export async function locate({ target }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const ledger = readWishes(io);
  const [, ...kinds] = await Promise.all([ledger, ...KINDS.map((kind) => foundOf(kind, ledger, io))]);
  const found = kinds.flat();
  const meant = target === null ? found : found.filter(({ names }) => names.includes(target));
  // Nobody can say that there is no such thing while a kind does not answer.
  const told =
    meant.length > 0 ? meant : found.filter(({ names, located }) => names.length === 0 && 'fault' in located);
  return told.map(({ located }) => located);
}

/** Reads one of them again, a set with those that share its blocklist. */
export async function observe(target: string, _request: Request, io: Io): Promise<Seen> {
  const kind = KINDS.find(({ name, isOne }) => isOne(target) || target.startsWith(name));
  if (kind === undefined) throw new TerminalError(`${target} is no kind of enforcement point`);
  return kind.observe(target, await readWishes(io), io);
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'ec2:CreateNetworkAclEntry': createAclEntry,
  'ec2:DeleteNetworkAclEntry': deleteAclEntry,
  'ec2:ModifyManagedPrefixList': modifyPrefixList,
  'ec2:ReplaceNetworkAclEntry': replaceAclEntry,
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
  if (update !== undefined) return verifySet(target, update, io);
  const modify = plan.find(({ call }) => call === 'ec2:ModifyManagedPrefixList');
  if (modify !== undefined) return verifyPrefixList(modify, io);
  return plan.some(({ call }) => call.startsWith('ec2:')) ? verifyAcl(plan, io) : { ok: true };
}

async function verifySet(arn: string, { input }: PlannedCall, io: Io): Promise<Verification> {
  const [name, id] = [textOf(input, 'Name'), textOf(input, 'Id')];
  const set = await readSet({ arn, name, id, scope: scopeIn(input), blocklist: '', shard: 0 }, io);
  const wanted = new Set(textsOf(input, 'Addresses'));
  const isThere =
    set !== null && set.addresses.length === wanted.size && set.addresses.every((cidr) => wanted.has(cidr));
  if (isThere) return { ok: true };
  throw new RetryableError(`${name} is not what was written: somebody has changed it since`);
}
