/** What is to be done for gangs whatever the demand: what came is noted, what AWS has refused, and what is not whole goes. Pure. */

import type { PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import {
  capacityWrite,
  cameWrites,
  CREATE_GROUP,
  DELETE_GROUP,
  deleteGroupCall,
  endCalls,
  gangWrite,
  groupOf,
  LAUNCH,
  launchCalls,
  OWN_GROUP,
  PARTITIONS,
  TERMINATE,
} from './calls.ts';
import type { GangRecord, Node } from './facts.ts';
import { isFitting, type Gang } from './gangs.ts';
import { afterRefusal, keyOf, launchedOf, memoryOf, nameOf } from './rungs.ts';
import type { Scene } from './scene.ts';

/** One thing to do, of one gang. */
export interface Task {
  readonly code:
    | 'gangs-noted'
    | 'capacity-noted'
    | 'refusal-noted'
    | 'gangs-ended'
    | 'gangs-launched'
    | 'stage-in-started'
    | 'stage-in-noted';
  readonly because: string;
  readonly calls: readonly PlannedCall[];
  /** It is a matter for people. */
  readonly attention?: true;
}

/** A call that was asked for and has not shown for so long is asked for once more, in the same words. */
const ASKED_AGAIN_SECONDS = 60;

/** All that is to be done, in the order of the gangs. */
export function keep(scene: Scene): readonly Task[] {
  const written = new Set<string>();
  return scene.gangs.flatMap((gang): readonly Task[] => {
    const task = taskFor(gang, scene);
    if (task === undefined) return [];
    // Of a rung's memory one plan writes once: the second write would be on what the first has changed.
    const rungs = task.calls.flatMap(({ input: { partition, key } }) =>
      partition === PARTITIONS.capacity && typeof key === 'string' ? [key] : [],
    );
    const isSecond = rungs.some((key) => written.has(key));
    for (const key of rungs) written.add(key);
    return isSecond ? [] : [task];
  });
}

function taskFor(gang: Gang, scene: Scene): Task | undefined {
  const { record, standing, isBusy } = gang;
  const kept = keptBack(gang, scene);
  if (kept !== undefined) return kept;
  const loss = noticed(gang, scene);
  if (loss !== undefined) return loss;
  if (record.state === 'launching' && standing === 'whole') return cameUp(gang, scene);
  if (standing === 'asked') return refusedOrLost(gang, scene);
  const thin = thinned(gang, scene);
  if (thin !== undefined) return thin;
  if (standing === 'gone') return writtenOff(gang, scene);
  if (isBusy || isLeftAlone(gang, scene)) return undefined;
  if (standing === 'ending') return ended(gang, record.why ?? 'it was to go', scene);
  if (standing === 'broken') return ended(gang, lossOf(gang), scene);
  if (standing === 'late') return ended(gang, 'it has not come up', scene);
  if (standing === 'unfit') return ended(gang, gang.unfit ?? 'it is not what was asked for', scene);
  if (standing === 'whole' && !isFitting(gang, scene.facts.settings))
    return ended(gang, 'it is for another queue, or for jobs of another size', scene);
  return standing === 'orphan' ? ofNoUse(gang, scene) : undefined;
}

function lossOf({ record, nodes }: Gang): string {
  if (record.noticedAt !== null) return 'EC2 takes one of its nodes back';
  const missing = Math.max(1, record.nodes - nodes.filter(({ state }) => !state.startsWith('stop')).length);
  return `${missing} of its ${record.nodes} nodes are gone`;
}

/** As a refusal is named by AWS, what its rung has lost is named so. */
const INTERRUPTED = 'SpotInterruption';

/** One notice is the whole gang's, and its rung's: there EC2 wants so many back. Those of its other nodes are no news. */
function noticed({ record, nodes }: Gang, { facts, template, now }: Scene): Task | undefined {
  const { ask, memory } = facts;
  const isMeant = ask.kind === 'notice' && nodes.some(({ id }) => id === ask.node);
  const isOpen = record.state === 'launching' || record.state === 'up';
  if (!isMeant || !isOpen || record.noticedAt !== null) return undefined;
  const known = memoryOf(record.rung, memory);
  const refusals = afterRefusal(known, { nodes: record.nodes, at: now, name: INTERRUPTED });
  const because = `EC2 takes ${ask.node} of gang ${record.id} back: ${nameOf(record.rung)}`;
  const calls = [
    capacityWrite(record.rung, known.version, refusals, now, because),
    gangWrite(template.id, { ...record, noticedAt: now }, now, because),
  ];
  return { code: 'gangs-noted', because, calls };
}

/**
 * AWS would not end it, for somebody protects one of its nodes: it was too late, or it is not ours to end. What was written off stays so,
 * and is people's to look at: nobody works there for us.
 */
export function keptBack({ record, nodes }: Gang, { facts, template, now }: Scene): Task | undefined {
  const isOver = record.state === 'over';
  if (record.state !== 'ending' && !isOver) return undefined;
  const said = (facts.refusals ?? []).findLast(
    ({ call, input, meaning }) => call === TERMINATE && meaning === 'refused' && names(input['InstanceIds'], nodes),
  );
  // What was refused before it was tried again is old.
  if (said === undefined || said.at < (record.keptAt ?? '')) return undefined;
  const because = `gang ${record.id} stays: ${said.message}`;
  if (isOver) {
    const kept: GangRecord = { ...record, keptAt: now };
    return { code: 'gangs-noted', because, calls: [gangWrite(template.id, kept, now, because)], attention: true };
  }
  const state = record.upAt === null ? 'launching' : 'up';
  const back: GangRecord = { ...record, state, why: null, keptAt: now, spareAt: null };
  return { code: 'gangs-noted', because, calls: [gangWrite(template.id, back, now, because)] };
}

function names(ids: unknown, nodes: readonly Node[]): boolean {
  return Array.isArray(ids) && nodes.some(({ id }) => ids.includes(id));
}

/** It was tried not long ago, and AWS would not. */
function isLeftAlone({ record }: Gang, { limits, now }: Scene): boolean {
  return record.keptAt !== null && secondsSince(record.keptAt, now) < limits.keptSeconds;
}

/** What of a gang's launch may be at fault: the version that was launched. */
function launchedAs({ launch }: GangRecord, { template }: Scene): string {
  return launchedOf({ id: template.id, version: launch?.templateVersion ?? template.version });
}

function cameUp({ record }: Gang, scene: Scene): Task {
  const { facts, template, now } = scene;
  const because = `gang ${record.id} is up: ${record.nodes} nodes of ${nameOf(record.rung)}`;
  const up: GangRecord = { ...record, state: 'up', upAt: now };
  const came = { nodes: record.nodes, launched: launchedAs(record, scene) };
  const memory = cameWrites(record.rung, memoryOf(record.rung, facts.memory), came, now);
  return { code: 'gangs-noted', because, calls: [...memory, gangWrite(template.id, up, now, because)] };
}

/** Since when is kept: a gang that stays so has lost a node of which EC2 tells nothing any more. */
function thinned({ record, nodes, standing }: Gang, { template, now }: Scene): Task | undefined {
  const [isThin, wasThin] = [standing === 'thin', record.thinSince !== null];
  const isNews = isThin !== wasThin && (isThin || standing === 'whole');
  if (!isNews) return undefined;
  const because = `EC2 shows ${nodes.length} of the ${record.nodes} nodes of gang ${record.id}`;
  const noted: GangRecord = { ...record, thinSince: isThin ? now : null };
  return { code: 'gangs-noted', because, calls: [gangWrite(template.id, noted, now, because)] };
}

function refusalOf(record: GangRecord, refusals: readonly Refusal[]): Refusal | undefined {
  const isOwn = ({ call, input }: Refusal): boolean =>
    (call === LAUNCH && input['ClientToken'] === record.id) ||
    (call === CREATE_GROUP && input['GroupName'] === groupOf(record));
  return refusals.find((refusal) => refusal.meaning !== 'conflict' && isOwn(refusal));
}

/** Characters of AWS's sentence that are kept with a rung. */
const MOST_SAID = 300;

/**
 * What AWS has refused is remembered: that it has nothing there for all fleets, that it does not take the request for this launch template.
 * What has not shown is asked for once more.
 */
function refusedOrLost({ record }: Gang, scene: Scene): Task | undefined {
  const { facts, template, now } = scene;
  const said = refusalOf(record, facts.refusals ?? []);
  if (said === undefined) return askedAgain(record, scene);
  const { name, at, meaning, message } = said;
  const { rung, nodes } = record;
  const isOfRequest = meaning === 'refused';
  const because = isOfRequest
    ? `EC2 does not launch ${template.name} as ${nameOf(rung)}: ${name}: ${message}`
    : `${nameOf(rung)} has no ${nodes} nodes: ${name}`;
  const over: GangRecord = { ...record, state: 'over', why: name };
  const memory = memoryOf(rung, facts.memory);
  const about = isOfRequest ? { of: launchedAs(record, scene), message: message.slice(0, MOST_SAID) } : {};
  const refusals = afterRefusal(memory, { nodes, at, name, ...about });
  const calls = [
    capacityWrite(rung, memory.version, refusals, now, because),
    gangWrite(template.id, over, now, because),
  ];
  return isOfRequest
    ? { code: 'refusal-noted', because, calls, attention: true }
    : { code: 'capacity-noted', because, calls };
}

function askedAgain(record: GangRecord, { template, now }: Scene): Task | undefined {
  const { launch } = record;
  if (launch === null || secondsSince(launch.sentAt, now) < ASKED_AGAIN_SECONDS) return undefined;
  const because = `gang ${record.id} was asked for, and does not show: the same call gives the same nodes`;
  const again: GangRecord = { ...record, launch: { ...launch, sentAt: now } };
  return { code: 'gangs-launched', because, calls: launchCalls(template.id, again, because, now) };
}

function writtenOff(gang: Gang, scene: Scene): Task {
  const { record, hasShown } = gang;
  const { template, now } = scene;
  const why = record.why ?? (record.state === 'launching' ? 'it never came up' : 'its nodes are gone');
  const because = `gang ${record.id} is over: ${why}`;
  const isFailure = hasShown && isFailed(gang);
  const over: GangRecord = { ...(isFailure ? failed(record, why, scene) : record), state: 'over', why };
  return {
    code: 'gangs-noted',
    because,
    calls: [...inVain(record, NEVER_UP, scene), gangWrite(template.id, over, now, because)],
  };
}

/**
 * What was launched and never worked is no better than a refusal: a key or an image that cannot be used ends each that is tried. It says
 * nothing of what others launch there.
 */
const [NEVER_UP, UNFIT] = ['NeverUp', 'Unfit'];

function inVain(record: GangRecord, name: string, scene: Scene): readonly PlannedCall[] {
  const { state, rung, nodes, noticedAt } = record;
  const { facts, now } = scene;
  // What EC2 has taken back is remembered as that.
  if (state !== 'launching' || noticedAt !== null) return [];
  const memory = memoryOf(rung, facts.memory);
  const refusals = afterRefusal(memory, { nodes, at: now, name, of: launchedAs(record, scene) });
  const because = `${nodes} nodes of ${nameOf(rung)} came, and were of no use`;
  return [capacityWrite(rung, memory.version, refusals, now, because)];
}

/** It was launched and never did a job. Spot instances that are taken back meanwhile tell nothing of what was launched. */
function isFailed({ record, standing }: Gang): boolean {
  const isTakenBack = record.rung.market === 'spot' && (standing === 'broken' || standing === 'gone');
  return record.state === 'launching' && record.noticedAt === null && !isTakenBack;
}

function failed(record: GangRecord, why: string, { template, now }: Scene): GangRecord {
  const templateVersion = record.launch?.templateVersion ?? template.version;
  return { ...record, failure: { at: now, why, templateVersion } };
}

function ended(gang: Gang, why: string, scene: Scene): Task {
  const { facts, template, now } = scene;
  const { record, standing } = gang;
  const because = `gang ${record.id} goes, whole: ${why}`;
  const going = isFailed(gang) ? { ...gang, record: failed(record, why, scene) } : gang;
  const calls = endCalls(template.id, going, facts.leases[record.id], why, now);
  const name = standing === 'unfit' ? UNFIT : NEVER_UP;
  return { code: 'gangs-ended', because, calls: [...inVain(record, name, scene), ...calls] };
}

/** Placement groups that were made for gangs that are over, and are empty. */
export function emptied({ facts }: Scene): readonly Task[] {
  const over = new Set(facts.gangs.filter(({ state }) => state === 'over').map(({ id }) => id));
  // What EC2 would not delete in this run is left to the next.
  const kept = new Set(
    (facts.refusals ?? []).flatMap(({ call, input }) => (call === DELETE_GROUP ? input['GroupName'] : [])),
  );
  const empty = facts.ownGroups.filter(
    ({ gang, isUsed }) => !isUsed && over.has(gang) && !kept.has(`${OWN_GROUP}${gang}`),
  );
  return empty.map(({ gang }) => ({
    code: 'gangs-noted',
    because: `the placement group of gang ${gang} goes`,
    calls: [deleteGroupCall(gang)],
  }));
}

/** It was written off, and some of it is there: what came late goes, when it is beyond doubt that nobody has just asked for it. */
function ofNoUse(gang: Gang, scene: Scene): Task | undefined {
  if (secondsSince(gang.record.askedAt, scene.now) < scene.limits.orphanSeconds) return undefined;
  return ended(gang, 'it was written off, and came all the same', scene);
}

/** Gangs that have been too many for long enough, and at which nobody works: those of the lowest rung first, and the oldest. */
export function endSpare(scene: Scene): readonly Task[] {
  const { gangs, demand, rungs } = scene;
  const places = new Map(rungs.map((rung, index) => [keyOf(rung), index]));
  const placeOf = ({ record }: Gang): number => places.get(keyOf(record.rung)) ?? rungs.length;
  const idle = gangs.filter(
    (gang) =>
      gang.record.state === 'up' &&
      gang.standing === 'whole' &&
      isFitting(gang, scene.facts.settings) &&
      !gang.isBusy &&
      !isLeftAlone(gang, scene),
  );
  const sorted = idle.toSorted(
    (one, other) => placeOf(other) - placeOf(one) || one.record.askedAt.localeCompare(other.record.askedAt),
  );
  return sorted.slice(0, demand.spare).map((gang) => {
    const record: GangRecord = { ...gang.record, spareAt: scene.now };
    return ended({ ...gang, record }, 'there is no job for it', scene);
  });
}
