/** Takes in lists: a row says which version of an object is meant, and until when. What stands in it is read where it is published. */

import {
  isListed,
  LIST,
  listIncident,
  listName,
  listValue,
  type ListObject,
  type ListPolicy,
  type ListRow,
} from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Act, Decision, Nothing, PlannedCall, Refuse } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { after } from './blocking.ts';
import type { BlockLimits, Facts, ListsSeen, OfferedObject } from './facts.ts';
import type { ListAsk } from './wish.ts';

function refuse(code: string, because: string, evidence: Refuse['evidence']): Refuse {
  return { kind: 'refuse', code, because, evidence, attention: true };
}

function writeOf(row: ListRow, limits: BlockLimits, because: string): PlannedCall {
  const expiresAt = after(row.until, limits.keptSeconds);
  return plannedWrite(
    { partition: LIST, key: row.name, ifVersion: row.version, value: listValue(row), expiresAt },
    because,
  );
}

function evidenceOf({ name, object, policy, until }: ListRow): Act['evidence'] {
  return { list: name, objectVersion: object.versionId, use: policy.use, until };
}

/** A row that is written, and what is said of it. What takes a list in says so: that is what is taken back. */
function act(row: ListRow, code: string, because: string, limits: BlockLimits): Act {
  const write = writeOf(row, limits, because);
  const takesIn = code === 'listed' ? { blocksFor: listIncident(row.name) } : {};
  return {
    kind: 'act',
    code,
    because,
    evidence: evidenceOf(row),
    plan: [{ ...write, input: { ...write.input, ...takesIn } }],
    intent: `${code} ${row.name}`,
    budget: 'counted',
  };
}

/** This very run has written it, and died before it told. */
function told(row: ListRow, code: string, limits: BlockLimits): Nothing {
  const because = `${row.name} is written`;
  const untold = [writeOf({ ...row, version: row.version - 1 }, limits, because)];
  return { kind: 'nothing', code, because, evidence: evidenceOf(row), untold };
}

/** Versions of one key follow one another in the order of their sequencers, the shorter one padded (S3 user guide, event messages). */
function isOlder(one: ListObject, than: ListObject): boolean {
  if (one.sequencer === null || than.sequencer === null) return false;
  const length = Math.max(one.sequencer.length, than.sequencer.length);
  return one.sequencer.padEnd(length, '0') < than.sequencer.padEnd(length, '0');
}

/** Takes in the version of an object that was just made. */
export function takeIn({ asker, lists }: Facts, object: OfferedObject, limits: BlockLimits, now: string): Decision {
  const name = listName(object);
  const { versionId, sizeBytes, ...rest } = object;
  if (versionId === null)
    return refuse('list-unversioned', `${name} has no version: switch versioning on for its bucket`, { list: name });
  if (sizeBytes !== null && sizeBytes > limits.maxListBytes) {
    const because = `${name} has ${sizeBytes} bytes, more than the ${limits.maxListBytes} that are read; the version before it stands`;
    return refuse('list-too-large', because, { list: name, sizeBytes, most: limits.maxListBytes });
  }
  if (sizeBytes === 0)
    return refuse('list-empty', `${name} is empty; the version before it stands`, {
      list: name,
      objectVersion: versionId,
    });
  const { settingsFault } = lists;
  if (settingsFault !== null)
    return refuse('list-settings-unreadable', `${settingsFault}; the version before it stands`, { list: name });
  const before = lists.rows.find((row) => row.name === name);
  const next = { ...rest, versionId };
  const settled = before && whySettled(before, next, asker.run, limits, now);
  if (settled !== undefined) return settled;
  const policy = policyOf(lists, limits);
  const { by, why, delivery, run } = asker;
  const until = after(now, policy.ttlSeconds);
  const version = before?.version ?? 0;
  const row = { name, object: next, policy, isForced: false, by, why, from: now, until, delivery, run, version };
  return act(row, 'listed', `${name} has a new version, which holds until ${until}`, limits);
}

function policyOf({ settings }: ListsSeen, limits: BlockLimits): ListPolicy {
  return {
    use: 'block',
    widestIpv4: limits.widestIpv4,
    widestIpv6: limits.widestIpv6,
    maxLossPercent: limits.maxLossPercent,
    ttlSeconds: limits.listTtlSeconds,
    ...settings,
  };
}

/** Why a version is not taken in: it was, a newer one is here, or a person does not want the list. */
function whySettled(
  before: ListRow,
  next: ListObject,
  run: string,
  limits: BlockLimits,
  now: string,
): Nothing | Refuse | undefined {
  const evidence = evidenceOf(before);
  if (before.object.versionId === next.versionId) {
    if (before.run === run) return told(before, 'listed', limits);
    return { kind: 'nothing', code: 'already-listed', because: `${before.name} is listed in this version`, evidence };
  }
  if (isOlder(next, before.object))
    return { kind: 'nothing', code: 'superseded', because: `${before.name} is listed in a newer version`, evidence };
  if (before.ended === undefined || after(before.until, limits.settledSeconds) <= now) return undefined;
  const because = `${before.ended.by} unlisted ${before.name} at ${before.until}, and no new version is taken in for ${limits.settledSeconds} s; block it by hand to have it back`;
  return refuse('unlisted-by-hand', because, evidence);
}

/** A list by its name, its address in S3, or its key where only one list has that. */
function named(lists: ListsSeen, name: string): ListRow | undefined {
  const bare = name.replace(/^s3:\/\//u, '');
  const exact = lists.rows.find((row) => row.name === bare);
  const byKey = lists.rows.filter(({ object }) => object.key === bare);
  return exact ?? (byKey.length === 1 ? byKey[0] : undefined);
}

/** What a list is for, by what a person asks to do with it. */
const USES = { block: 'block', allow: 'allow', share: 'shared-egress' } as const;

/** What a person asks about a whole list. */
export function aboutList({ asker, lists }: Facts, ask: ListAsk, limits: BlockLimits, now: string): Decision {
  const row = named(lists, ask.list);
  if (row === undefined) {
    const known = lists.rows.map(({ name }) => name);
    const because = `no list is called ${ask.list}, or several are; put it into the bucket of lists first`;
    return { kind: 'refuse', code: 'no-such-list', because, evidence: { list: ask.list, known } };
  }
  const seconds = ask.ttlSeconds ?? row.policy.ttlSeconds;
  if (ask.action !== 'unblock' && (seconds < limits.minTtlSeconds || seconds > limits.maxTtlSeconds)) {
    const because = `ttlSeconds ${seconds} is not from ${limits.minTtlSeconds} to ${limits.maxTtlSeconds}`;
    return { kind: 'refuse', code: 'ttl-out-of-range', because, evidence: { ttlSeconds: seconds } };
  }
  if (ask.action === 'unblock') return unlist(row, asker, limits, now);
  const until = after(now, seconds);
  const { ended: _ended, ...rest } = row;
  const { by, why, delivery, run } = asker;
  if (ask.action === 'extend') return extend({ ...rest, until, run }, row, limits, now);
  const use = USES[ask.action];
  const wished = { ...rest, policy: { ...row.policy, use }, isForced: true, by, why, delivery, run, from: now, until };
  if (row.run === run) return told(row, 'listed', limits);
  return act(wished, 'listed', `${by} asks for ${row.name} to be listed as it is (${use}) until ${until}`, limits);
}

function unlist(row: ListRow, { by, run }: Facts['asker'], limits: BlockLimits, now: string): Decision {
  if (row.ended?.run === run) return told(row, 'unlisted', limits);
  if (!isListed(row, now))
    return { kind: 'nothing', code: 'not-listed', because: `${row.name} is not listed`, evidence: evidenceOf(row) };
  const ended = { ...row, until: now, ended: { by, run } };
  return act(ended, 'unlisted', `${by} asks for ${row.name} to be unlisted`, limits);
}

function extend(longer: ListRow, row: ListRow, limits: BlockLimits, now: string): Decision {
  if (!isListed(row, now))
    return { kind: 'nothing', code: 'not-listed', because: `${row.name} is not listed`, evidence: evidenceOf(row) };
  if (row.run === longer.run) return told(row, 'extended', limits);
  if (row.until >= longer.until)
    return {
      kind: 'nothing',
      code: 'long-enough',
      because: `${row.name} holds until ${row.until}`,
      evidence: evidenceOf(row),
    };
  return act(longer, 'extended', `${row.name} holds until ${longer.until}`, limits);
}
