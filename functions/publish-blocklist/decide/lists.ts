/** Which version of a list is published: the one that is offered, unless it can hardly be meant. Pure. */

import { isListed, type ListRow } from '../../../shared/judgement/blocklist/list-rows.ts';
import { LISTED, MOST_LISTED } from '../../../shared/judgement/blocklist/listed-rows.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { ListContent, ListFacts, ListNote, Protects } from './facts.ts';
import { PUBLISHED } from '../../../shared/judgement/blocklist/published.ts';

/** Why a version is not taken over. */
interface Doubt {
  readonly code: 'list-empty' | 'list-shrank' | 'list-gone' | 'list-too-long';
  readonly because: string;
}

/** Why the version of the row is not to be believed; `undefined`: it is. What was taken over once is. */
export function doubtOf(row: ListRow, note: ListNote | null, content: ListContent | null): Doubt | undefined {
  const { name, object, policy, isForced } = row;
  const stands =
    note === null ? 'nothing of it is published' : `the ${note.networks} networks of the version before it stand`;
  if (content === null) {
    const because = `version ${object.versionId} of ${name} is not there any more; what stands of it stays`;
    return { code: 'list-gone', because };
  }
  if (note?.versionId === object.versionId) return undefined;
  if (content.networks === 0) {
    const because = `${name} names no network in ${content.lines} lines; ${stands}`;
    return { code: 'list-empty', because };
  }
  if (note === null || isForced) return undefined;
  const lost = 100 - (100 * content.networks) / note.networks;
  if (lost <= policy.maxLossPercent) return undefined;
  const because = `${name} has ${content.networks} networks after ${note.networks}, and may lose ${policy.maxLossPercent} % at once; ${stands}. Block the list by hand if that is meant`;
  return { code: 'list-shrank', because };
}

/** Others read whom it protects in the ledger, for which it must not be too long. */
function tooLong({ name, policy }: ListRow, protects: Protects | undefined): Doubt | undefined {
  if (protects === undefined || protects.networks.length <= MOST_LISTED) return undefined;
  const because = `${name} names ${protects.networks.length} networks, and a list of use ${policy.use} may name ${MOST_LISTED}; nobody more is blocked until it is shorter, or unlisted`;
  return { code: 'list-too-long', because };
}

/** Whether others know whom this version protects. */
function isTold({ object, policy }: ListRow, protects: Protects | undefined): boolean {
  if (protects === undefined) return true;
  const { told } = protects;
  return told?.versionId === object.versionId && told.use === policy.use;
}

function tellingOf({ name, object, policy }: ListRow, protects: Protects | undefined, because: string): PlannedCall[] {
  if (protects === undefined) return [];
  const value = { use: policy.use, versionId: object.versionId, networks: protects.networks };
  return [plannedWrite({ partition: LISTED, key: name, ifVersion: protects.told?.version ?? 0, value }, because)];
}

/** What is told about a list, and noted of it. Its networks are published with the sets. */
export function decideList({ row, note, content, protects }: ListFacts, now: string): Decision {
  if (row === null || !isListed(row, now))
    return { kind: 'nothing', code: 'unlisted', because: 'the list does not hold any more', evidence: {} };
  const { name, object, policy } = row;
  const evidence = {
    list: name,
    objectVersion: object.versionId,
    use: policy.use,
    ...(content === null ? {} : evidenceOf(content)),
  };
  const doubt = doubtOf(row, note, content) ?? tooLong(row, protects);
  if (doubt !== undefined) return { kind: 'refuse', ...doubt, evidence, attention: true };
  const isNoted = note?.versionId === object.versionId;
  if (content === null || (isNoted && isTold(row, protects)))
    return { kind: 'nothing', code: 'list-current', because: `${name} is published in this version`, evidence };
  const because = saidOf(name, content);
  const value = { versionId: object.versionId, etag: object.etag, networks: content.networks };
  const write = { partition: PUBLISHED, key: noteKey(name), ifVersion: note?.version ?? 0, value };
  return {
    kind: 'act',
    code: 'list-accepted',
    because,
    evidence,
    plan: [...tellingOf(row, protects, because), ...(isNoted ? [] : [plannedWrite(write, because)])],
    intent: `publish ${name}`,
    budget: 'free',
  };
}

/** Where it is noted which version of a list was taken over. */
export function noteKey(name: string): string {
  return `list/${name}`;
}

function saidOf(name: string, { lines, networks, refusedLines }: ListContent): string {
  const bad = refusedLines === 0 ? '' : `; ${refusedLines} lines are not taken`;
  return `${name} has ${networks} networks in ${lines} lines${bad}`;
}

function evidenceOf({ lines, networks, counts, refused }: ListContent): Decision['evidence'] {
  const rows = refused.map(({ line, text, why, says }) => ({ line, text, why, says }));
  return { networks, lines, counts: { ...counts }, ...(rows.length === 0 ? {} : { refused: rows }) };
}
