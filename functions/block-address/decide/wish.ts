/** What a run is asked, and what its target is called. */

import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import { listIncident, listName } from '../../../shared/judgement/blocklist/list-rows.ts';
import { NEVER_BLOCK } from '../../../shared/judgement/blocklist/rows.ts';
import type { Finding, UnreadFinding } from '../../../shared/kernel/triggers/findings/finding.ts';
import type { AlarmAsk, Ask } from './facts.ts';

/** A person's request about networks. */
export type NetworkAsk = Extract<Ask, { readonly cidr: string | null }>;

/** A person's request about a whole list. */
export type ListAsk = Extract<Ask, { readonly list: string }>;

/** What stands for a finding as an incident: unblocking for it takes back what it blocked. */
export function incidentOf({ id }: Pick<Finding, 'id'>): string {
  return `finding/${id}`;
}

/** The same for an alarm: each time it rings it is the same incident. */
export function incidentOfAlarm({ alarm }: Pick<AlarmAsk, 'alarm'>): string {
  return `alarm/${alarm}`;
}

/** What the target is called: the network, the incident, the finding, the alarm, or what may never be blocked. */
export function targetOf(ask: Ask): string {
  if (ask.action === 'read-never-block') return NEVER_BLOCK;
  if (ask.action === 'find-nobody') return 'forwarded-for';
  if (ask.action === 'heed') return targetOfFinding(ask.finding);
  if (ask.action === 'heed-alarm') return incidentOfAlarm(ask);
  if (ask.action === 'take-in') return listIncident(listName(ask.object));
  if ('list' in ask) return listIncident(ask.list.replace(/^s3:\/\//u, ''));
  return ask.cidr ?? `incident/${ask.incident ?? ''}`;
}

function targetOfFinding(finding: Finding | UnreadFinding): string {
  return incidentOf({ id: finding.id ?? ('where' in finding ? finding.where : '') });
}

/** An address in the one spelling of a network; `undefined` for what is none. */
export function canonical(address: string): string | undefined {
  const parsed = parseNetwork(address);
  return isMalformed(parsed) || address.includes('/') ? undefined : parsed.cidr;
}

/** A key of the ledger as a network in its one spelling; `undefined` for a name. */
export function networkNamed(key: string): string | undefined {
  const parsed = parseNetwork(key);
  return isMalformed(parsed) ? undefined : parsed.cidr;
}

/** The networks whose rows a finding is judged with: of every address that it names as the other side, whatever comes of it. */
export function namedIn(finding: Finding | UnreadFinding): readonly string[] {
  if ('problem' in finding) return [];
  return [...new Set(finding.remotes.flatMap(({ address }) => canonical(address) ?? []))];
}
