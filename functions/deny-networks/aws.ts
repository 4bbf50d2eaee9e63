/** Reads and writes for `deny-networks`. Behind it, in `aws/`: the `kinds` of enforcement points, `network-acls`, `prefix-lists` and `hosts`. */

import { kindOf, locateIn } from '../../shared/aws/blocklist/kind.ts';
import { readRows } from '../../shared/aws/blocklist/rows.ts';
import { LISTED, protectionsOf } from '../../shared/judgement/blocklist/listed-rows.ts';
import type { Wishes } from '../../shared/judgement/blocklist/wishes.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { openData } from '../../shared/kernel/ledger/data.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { sendCommand, verifyCommand } from './aws/host-commands.ts';
import { KINDS, type Seen } from './aws/kinds.ts';
import { createAclEntry, deleteAclEntry, replaceAclEntry, verifyAcl } from './aws/network-acls.ts';
import { modifyPrefixList, verifyPrefixList } from './aws/prefix-lists.ts';

export type { Seen } from './aws/kinds.ts';

/** What started the run: a name or an ARN, or `null` for everything. */
export type Request = { readonly target: string | null };

/** Lists of whom to block are not denied here: few rules have room. Those that protect are known by what was read of them. */
async function readWishes(io: Io): Promise<Wishes> {
  const [{ wishes, listRows }, listed] = await Promise.all([readRows(io), openData().list(LISTED)]);
  const { lists, faults, settling } = protectionsOf(listRows, listed, wishes.asOf);
  return { ...wishes, lists, guardFaults: [...wishes.guardFaults, ...faults], settling };
}

/** The enforcement points that are meant. */
export async function locate({ target }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  return locateIn(KINDS, target, readWishes(io), io);
}

/** Reads one of them again. */
export async function observe(target: string, _request: Request, io: Io): Promise<Seen> {
  return kindOf(KINDS, target).observe(target, await readWishes(io), io);
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'ec2:CreateNetworkAclEntry': createAclEntry,
  'ec2:DeleteNetworkAclEntry': deleteAclEntry,
  'ec2:ModifyManagedPrefixList': modifyPrefixList,
  'ec2:ReplaceNetworkAclEntry': replaceAclEntry,
  'ssm:SendCommand': sendCommand,
};

/**
 * Reads back what was written. Where it is not there, somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verify(
  _target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const command = plan.find(({ call }) => call === 'ssm:SendCommand');
  if (command !== undefined) return verifyCommand(command, io);
  const modify = plan.find(({ call }) => call === 'ec2:ModifyManagedPrefixList');
  return modify === undefined ? verifyAcl(plan, io) : verifyPrefixList(modify, io);
}
