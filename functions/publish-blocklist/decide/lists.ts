/** Which version of a list is published: the one that is offered, unless it can hardly be meant. Pure. */

import { isListed, type ListRow } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { ListContent, ListFacts, ListNote } from './facts.ts';
import { PUBLISHED } from '../../../shared/judgement/blocklist/published.ts';

/** Why a version is not taken over. */
interface Doubt {
  readonly code: 'list-empty' | 'list-shrank' | 'list-gone';
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

/** What is told about a list, and noted of it. Its networks are published with the sets. */
export function decideList({ row, note, content }: ListFacts, now: string): Decision {
  if (row === null || !isListed(row, now))
    return { kind: 'nothing', code: 'unlisted', because: 'the list does not hold any more', evidence: {} };
  const { name, object, policy } = row;
  const evidence = {
    list: name,
    objectVersion: object.versionId,
    use: policy.use,
    ...(content === null ? {} : evidenceOf(content)),
  };
  const doubt = doubtOf(row, note, content);
  if (doubt !== undefined) return { kind: 'refuse', ...doubt, evidence, attention: true };
  if (note?.versionId === object.versionId || content === null)
    return { kind: 'nothing', code: 'list-current', because: `${name} is published in this version`, evidence };
  const because = saidOf(name, content);
  const value = { versionId: object.versionId, etag: object.etag, networks: content.networks };
  const write = { partition: PUBLISHED, key: noteKey(name), ifVersion: note?.version ?? 0, value };
  return {
    kind: 'act',
    code: 'list-accepted',
    because,
    evidence,
    plan: [plannedWrite(write, because)],
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
