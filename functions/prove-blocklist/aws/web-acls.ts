/** Web ACLs: all of a scope, with the account's own rule groups that they ask. */

import {
  GetRuleGroupCommand,
  GetWebACLCommand,
  ListWebACLsCommand,
  WAFV2Client,
  type RuleGroup,
  type WebACL,
  type WebACLSummary,
} from '@aws-sdk/client-wafv2';
import { attempted, type Reading } from '../../../shared/aws/attempted.ts';
import { regionOf } from '../../../shared/aws/blocklist/tagged-sets.ts';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import type { Scope, WebAcl } from '../decide.ts';
import { BETWEEN_READINGS_MS } from './pauses.ts';
import { ownGroupsIn, rulesOf, type Groups } from './rules.ts';

/** A web ACL by itself: what it is attached to and whom it has seen is read later. */
export interface ReadAcl extends Pick<WebAcl, 'arn' | 'id' | 'name' | 'scope' | 'rules' | 'isSampled'> {
  /** By which WAF keeps samples of what no rule has decided. */
  readonly metric: string;
}

/** Web ACLs of a scope. WAF gives a marker with the last page, too: what comes after it is empty. */
async function summariesOf(scope: Scope, io: Io): Promise<readonly WebACLSummary[]> {
  const all: WebACLSummary[] = [];
  let marker: string | undefined;
  do {
    if (marker !== undefined) await io.sleep(BETWEEN_READINGS_MS);
    const command = new ListWebACLsCommand({ Scope: scope, NextMarker: marker });
    const { WebACLs = [], NextMarker } = await client(WAFV2Client, regionOf(scope)).send(command, {
      abortSignal: io.signal,
    });
    all.push(...WebACLs);
    marker = WebACLs.length === 0 ? undefined : NextMarker;
  } while (marker !== undefined);
  return all;
}

/** One of them; `undefined`: it is gone since it was listed. */
async function readOne({ Name, Id }: WebACLSummary, scope: Scope, io: Io): Promise<WebACL | undefined> {
  try {
    const command = new GetWebACLCommand({ Name, Id, Scope: scope });
    const { WebACL: acl } = await client(WAFV2Client, regionOf(scope)).send(command, { abortSignal: io.signal });
    return acl;
  } catch (error) {
    if (errorName(error) === 'WAFNonexistentItemException') return undefined;
    throw error;
  }
}

async function readGroup(arn: string, scope: Scope, io: Io): Promise<RuleGroup> {
  const command = new GetRuleGroupCommand({ ARN: arn });
  const { RuleGroup: group } = await client(WAFV2Client, regionOf(scope)).send(command, { abortSignal: io.signal });
  if (group?.Rules === undefined) throw new TerminalError(`${arn}: WAF's answer lacks its rules`);
  return group;
}

/** The groups that web ACLs ask, each once; of one that cannot be read nobody knows which sets it names. */
async function readGroups(acls: readonly WebACL[], scope: Scope, io: Io): Promise<Reading<Groups>> {
  const groups = new Map<string, RuleGroup>();
  const unread: string[] = [];
  for (const arn of new Set(acls.flatMap(ownGroupsIn))) {
    await io.sleep(BETWEEN_READINGS_MS);
    const one = await attempted(`rule group ${arn}`, io, () => readGroup(arn, scope, io));
    unread.push(...one.unread);
    if (one.value !== null) groups.set(arn, one.value);
  }
  return { value: groups, unread };
}

function aclOf(acl: WebACL, scope: Scope, groups: Groups): ReadAcl {
  const { ARN: arn = '', Id: id = '', Name: name = '', VisibilityConfig: visible } = acl;
  const { MetricName: metric = name, SampledRequestsEnabled: isSampled = true } = visible ?? {};
  return { arn, id, name, scope, rules: rulesOf(acl, groups), isSampled, metric };
}

/** All web ACLs of a scope, one after the other; one that cannot be read is told, and the others are there. */
export async function readWebAcls(scope: Scope, io: Io): Promise<Reading<readonly ReadAcl[]>> {
  const listed = await attempted(`web ACLs of ${scope}`, io, () => summariesOf(scope, io));
  const acls: WebACL[] = [];
  const unread = [...listed.unread];
  for (const summary of listed.value ?? []) {
    await io.sleep(BETWEEN_READINGS_MS);
    const one = await attempted(`web ACL ${summary.Name}`, io, () => readOne(summary, scope, io));
    unread.push(...one.unread);
    if (one.value !== null && one.value !== undefined) acls.push(one.value);
  }
  const groups = await readGroups(acls, scope, io);
  const read = acls.map((acl) => aclOf(acl, scope, groups.value ?? new Map()));
  return { value: read, unread: [...unread, ...groups.unread] };
}
