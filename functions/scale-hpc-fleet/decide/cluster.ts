/**
 * What `scale-hpc-fleet` does about one ParallelCluster: its partitions are parked (INACTIVE) while its queue has no job, so that the
 * cluster's own daemon ends their nodes, and unparked when a job comes. Slurm is reached by a command document on the head node alone. Pure.
 *
 * - What is parked is written to the ledger before the command, and nothing else is ever unparked.
 * - The document looks at Slurm's jobs once more between DOWN and INACTIVE: a job that begins meanwhile keeps its partition.
 * - While the cluster is PROTECTED or stopped nothing is changed.
 * - A command has no client token: one that is under way is waited for, and one whose reply was lost is looked up, before another is sent.
 */

import type { Act, Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { needsHistory, nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { pendingOf, secondsSince } from '../../../shared/judgement/since.ts';
import type { ClusterAnswer, ClusterCommand, ClusterFacts, ParkRecord, Verb } from './cluster-facts.ts';
import { commandCall, parkWrite, SEND_COMMAND } from './cluster-record.ts';
import { clusterSceneOf, isAskedNow, isIdle, isUnderWay, parkable, type ClusterScene } from './cluster-scene.ts';

/** A command that was sent and is not told of for so long was not taken. */
const UNSEEN_SECONDS = 60;
/** A command that is under way is looked at so often, and waited for so long. */
const [LOOK_SECONDS, PATIENCE_SECONDS] = [5, 60];
/** A command that fails, or says what cannot be read, is sent again after a quarter of an hour. Assumed. */
const AGAIN_SECONDS = 900;
/** An agent that was not reached is tried again after five ticks. */
const REACH_SECONDS = 300;

/** Says what is to be done for a head node. Pure; `now` is ISO 8601. */
export function decideCluster(facts: ClusterFacts, now: string): Decision {
  const { head } = facts;
  if (head === null) return nothing({}, 'gone', 'the head node is gone, or no longer tagged runbook:hpc-queue');
  if (facts.history === 'unread') return needsHistory({}, 'since when there is no job is in the ledger');
  const scene = clusterSceneOf(facts, head, now);
  const { remember } = scene;
  const decision = settlePending(scene, judge(scene));
  return Object.keys(remember).length > 0 ? { ...decision, remember } : decision;
}

function judge(scene: ClusterScene): Decision {
  const fault = unreadable(scene);
  if (fault !== undefined) return fault;
  const moving = scene.facts.commands.find(isUnderWay);
  if (moving !== undefined) return underWay(scene, moving);
  return settled(scene) ?? leftToOthers(scene) ?? failure(scene) ?? towards(scene);
}

/** What has to be known before anything is done. */
function unreadable({ facts, head, evidence }: ClusterScene): Decision | undefined {
  const { settings, documents, rivals, recordFault } = facts;
  const { queue } = settings;
  const [problem] = settings.problems;
  if (problem !== undefined) return refuse(evidence, 'unreadable-setting', problem);
  if (recordFault !== null)
    return refuse(evidence, 'unreadable-record', `${recordFault}: mend it, or delete it and unpark by hand in Slurm`);
  if (facts.jobs === null) return refuse(evidence, 'no-queue', `there is no queue ${queue}`);
  const [rival] = rivals;
  if (rival !== undefined)
    return refuse(evidence, 'queue-shared', `the jobs of ${queue} are those of ${rival} too: nobody knows whose`);
  const tag = `the tag runbook:hpc-queue = ${queue}`;
  if (documents.length > 1)
    return refuse(
      evidence,
      'document-ambiguous',
      `${documents.join(', ')} carry ${tag}: leave it on the one that parks`,
    );
  if (documents.length === 0)
    return refuse(evidence, 'no-document', `no command document of this account carries ${tag}: see examples/cluster`);
  if (head.state !== 'running')
    return refuse(evidence, 'head-node-unreachable', `the head node ${head.id} is ${head.state}`);
  const refused = (facts.refusals ?? []).findLast(({ call }) => call === SEND_COMMAND);
  return refused === undefined ? undefined : notTaken(facts, evidence, refused);
}

function notTaken(
  { head }: ClusterFacts,
  evidence: Decision['evidence'],
  { name, message }: { readonly name: string; readonly message: string },
): Decision {
  const because = `${head?.id}: Systems Manager does not take the command: ${name}: ${message}`;
  return refuse(evidence, name === 'InvalidInstanceId' ? 'head-node-unreachable' : 'command-failed', because);
}

function underWay({ evidence, head, now }: ClusterScene, { verb, requestedAt, status }: ClusterCommand): Decision {
  const because = `${head.name} was asked for ${verb} at ${requestedAt}, and that is ${status}`;
  if (secondsSince(requestedAt, now) < PATIENCE_SECONDS) return wait(evidence, 'asked', because, LOOK_SECONDS);
  return refuse(evidence, 'head-node-unreachable', because);
}

/** What has become of the command that the record knows of. Whatever the head node says after it tells that, if it did not itself. */
function settled(scene: ClusterScene): Decision | undefined {
  const { facts, record, now, evidence, head, last, answer } = scene;
  const { asked } = record;
  if (asked === null) return undefined;
  const { verb, at, partitions } = asked;
  const isSeen = facts.commands.some((one) => one.verb === verb && one.at === at);
  if (!isSeen && secondsSince(at, now) < UNSEEN_SECONDS)
    return wait(evidence, 'asked', `${head.name} was asked for ${verb} at ${at}`, LOOK_SECONDS);
  const names = partitions.join(', ');
  if (last === undefined || answer === undefined || last.at < at)
    return failure(scene) ?? askStatus(scene, `what has become of ${verb} of ${names}`);
  const inactive = inactiveOf(answer);
  const parked = record.parked.filter((name) => !partitions.includes(name) || inactive.has(name));
  const isDone = (name: string): boolean => inactive.has(name) === (verb === 'park');
  const [done, rest] = [partitions.filter(isDone), partitions.filter((name) => !isDone(name))];
  const kept = verb === 'park' ? 'jobs have begun there' : 'it is INACTIVE still';
  const because = [
    ...(done.length === 0 ? [] : [`${verb === 'park' ? 'INACTIVE' : 'UP'} now: ${done.join(', ')} of ${head.name}`]),
    ...(rest.length === 0 ? [] : [`not ${verb}ed: ${rest.join(', ')}, for ${kept}`]),
  ].join('; ');
  return noted(scene, done.length === 0 ? 'partitions-kept' : `${verb}ed`, because, { ...record, parked });
}

function inactiveOf({ partitions }: ClusterAnswer): ReadonlySet<string> {
  return new Set(partitions.filter(({ state }) => state === 'INACTIVE').map(({ name }) => name));
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name));
}

/** What somebody else has set UP, or taken away, is ours no more. */
function leftToOthers(scene: ClusterScene): Decision | undefined {
  const { record, answer, jobs, last, now, evidence, head } = scene;
  const { known } = record;
  // For a moment Systems Manager may show less than it has.
  if (known !== null && (last === undefined || last.at < known) && secondsSince(known, now) < UNSEEN_SECONDS)
    return wait(evidence, 'asked', `what ${head.name} has said at ${known} does not show`, LOOK_SECONDS);
  if (answer !== undefined && last?.at !== known) {
    const inactive = inactiveOf(answer);
    const gone = record.parked.filter((name) => !inactive.has(name));
    if (gone.length > 0) {
      const because = `somebody else has changed ${gone.join(', ')}, which we had parked: that stays`;
      const next = { ...record, parked: without(record.parked, gone), left: [...record.left, ...gone] };
      return noted(scene, 'left-to-others', because, next);
    }
  }
  if (jobs === 0 || record.left.length === 0) return undefined;
  return noted(scene, 'left-ended', `a job has come: ${record.left.join(', ')} may be parked after it`, {
    ...record,
    left: [],
  });
}

function noted(scene: ClusterScene, code: string, because: string, record: ParkRecord): Act {
  const known = scene.answer === undefined ? record.known : (scene.last?.at ?? null);
  return act(scene, code, because, [parkWrite(scene.head, { ...record, known, asked: null }, scene.now, because)]);
}

/** The last command came to nothing: when the next is due. */
function failure({ last, evidence, now, head }: ClusterScene): Decision | undefined {
  if (last === undefined) return undefined;
  const { verb, requestedAt, status, details, answer, said } = last;
  const isReached = !['DeliveryTimedOut', 'Undeliverable'].includes(details);
  const until = new Date(Date.parse(requestedAt) + (isReached ? AGAIN_SECONDS : REACH_SECONDS) * 1_000).toISOString();
  if ((status === 'Success' && answer !== null) || until <= now) return undefined;
  const what = `${verb} on ${head.name} ended as ${details}${said === '' ? '' : `: ${said}`}; sent again from ${until}`;
  if (!isReached) return refuse(evidence, 'head-node-unreachable', what);
  return refuse(evidence, status === 'Success' ? 'unreadable-answer' : 'command-failed', what);
}

function several(jobs: number): string {
  return jobs === 1 ? 'there is 1 job' : `there are ${jobs} jobs`;
}

/** What is to be done to have the partitions as they should be. */
function towards(scene: ClusterScene): Decision {
  const { goal, answer, isFresh, evidence, jobs, facts } = scene;
  if (goal.verb === 'none')
    return nothing(evidence, 'in-order', `there is no job of ${facts.settings.queue}, and not for long enough`);
  const { queue } = facts.settings;
  const why = jobs === 0 ? `there is no job of ${queue}` : `${several(jobs)} of ${queue} to do`;
  const because = goal.by === null ? why : `${goal.by} wants it`;
  if (!isFresh || answer === undefined) return askStatus(scene, because);
  const closed = closedBecause(scene, answer);
  if (closed !== undefined) return closed;
  return goal.verb === 'park' ? park(scene, answer, because) : unpark(scene, because);
}

function askStatus(scene: ClusterScene, why: string): Act {
  const because = `${why}: ${scene.head.name} is asked how it stands`;
  return act(scene, 'status-asked', because, [send(scene, 'status', [], because)]);
}

/** While the cluster is PROTECTED or does not run nothing is changed. */
function closedBecause(
  { evidence, head, facts }: ClusterScene,
  { fleet, causes }: ClusterAnswer,
): Decision | undefined {
  if (fleet === 'RUNNING') return undefined;
  const { name } = head;
  if (fleet !== 'PROTECTED') {
    const because = `the compute fleet of ${name} is ${fleet}: nothing is parked or unparked`;
    return isAskedNow(facts)
      ? refuse(evidence, 'cluster-stopped', because)
      : nothing(evidence, 'cluster-stopped', because);
  }
  const why = causes.length === 0 ? 'clustermgtd says no cause' : causes.join('; ');
  const remedy = `mend that, then pcluster update-compute-fleet --cluster-name ${name} --status START_REQUESTED`;
  return refuse({ ...evidence, causes: [...causes] }, 'cluster-protected', `${name} is PROTECTED: ${why}. ${remedy}`);
}

function park(scene: ClusterScene, answer: ClusterAnswer, because: string): Decision {
  const { facts, evidence, head } = scene;
  const isNew = isAskedNow(facts);
  const busy = answer.partitions.find((one) => one.state === 'UP' && !isIdle(one));
  if (isNew && busy !== undefined)
    return refuse(
      evidence,
      'partition-busy',
      `${busy.name} of ${head.name} has ${busy.running} jobs at work and ${busy.pending} waiting: it is not parked`,
    );
  const idle = parkable(scene);
  if (idle.length > 0) return change(scene, 'park', idle, because);
  if (isNew) return noted(scene, 'hold-noted', `${because}: nothing of ${head.name} is UP`, handed(scene));
  return nothing(evidence, 'in-order', `${because}, and nothing of ${head.name} is to be parked`);
}

function unpark(scene: ClusterScene, because: string): Decision {
  const { facts, record, evidence, head } = scene;
  if (record.parked.length > 0) return change(scene, 'unpark', record.parked, because);
  if (isAskedNow(facts))
    return noted(scene, 'hold-ended', `${because}: nothing of ${head.name} is parked`, handed(scene));
  return nothing(evidence, 'in-order', `${because}, and nothing of ${head.name} is parked by us`);
}

/** The record, with what a person wants in this run. */
function handed({ facts, record, now }: ClusterScene): ParkRecord {
  const { ask, run } = facts;
  if (ask.kind !== 'park' && ask.kind !== 'unpark') return record;
  return isAskedNow(facts) ? { ...record, hand: { verb: ask.kind, by: ask.by, at: now, run } } : record;
}

/** The ledger knows of it before the head node does. */
function change(scene: ClusterScene, verb: 'park' | 'unpark', partitions: readonly string[], why: string): Act {
  const { facts, head, now } = scene;
  const because = `${why}: ${partitions.join(', ')} of ${head.name} ${verb === 'park' ? 'to INACTIVE' : 'back to UP'}`;
  const record = handed(scene);
  const parked = verb === 'park' ? [...without(record.parked, partitions), ...partitions] : record.parked;
  const asked = { verb, partitions, at: now, run: facts.run };
  const left = without(record.left, partitions);
  const calls = [
    parkWrite(head, { ...record, parked, left, asked }, now, 'what is asked for is known before it is done'),
    send(scene, verb, partitions, because),
  ];
  return { ...act(scene, `${verb}ing`, because, calls), budget: 'counted' };
}

function send(
  { facts, head, now }: ClusterScene,
  verb: Verb,
  partitions: readonly string[],
  because: string,
): PlannedCall {
  const [document = ''] = facts.documents;
  return commandCall({ head, document, verb, partitions, now, because });
}

function act(
  { evidence, head, facts }: ClusterScene,
  code: string,
  because: string,
  plan: readonly PlannedCall[],
): Act {
  const note = { run: facts.run };
  return { kind: 'act', code, because, evidence, intent: `park ${head.name}`, note, plan, budget: 'free', more: true };
}

/**
 * What a run has announced, and did not live to tell of, is told once there is nothing left to do. Where a refusal ends it no later run takes
 * it up: only a command of which we do not know the end is still to be looked for.
 */
function settlePending({ facts }: ClusterScene, decision: Decision): Decision {
  const pending = pendingOf(facts.history);
  if (pending === undefined) return decision;
  if (decision.kind === 'refuse' && facts.record.asked === null && facts.recordFault === null)
    return { ...decision, over: true };
  if (decision.kind !== 'nothing' || pending.note['run'] === facts.run) return decision;
  const { code, because, evidence } = decision;
  const { intent, note } = pending;
  return { kind: 'act', code, because, evidence, plan: [], intent, note, budget: 'free' };
}
