/** What follows from the facts of a head node before anything is decided, and what is to be remembered. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type {
  ClusterAnswer,
  ClusterCommand,
  ClusterFacts,
  HeadNode,
  ParkRecord,
  SlurmPartition,
} from './cluster-facts.ts';

/** A partition that a status of this age shows idle may be parked: the document looks again before it does. */
const FRESH_SECONDS = 300;
/** While jobs are done it is asked so often whether the cluster is PROTECTED: ten bootstrap failures take longer. */
const AT_WORK_SECONDS = 900;
/** Where nothing is to be done a status is asked for so often: somebody may have set a partition UP. */
const AT_REST_SECONDS = 3_000;

/** What should become of the partitions. */
type Goal =
  /** `by`: whoever wants it by hand. */
  { readonly verb: 'park' | 'unpark' | 'none'; readonly by: string | null };

/** What is decided on. */
export interface ClusterScene {
  readonly facts: ClusterFacts;
  readonly head: HeadNode;
  readonly now: string;
  readonly evidence: Evidence;
  readonly record: ParkRecord;
  /** Jobs of the queue; 0 too where there is no queue. */
  readonly jobs: number;
  readonly goal: Goal;
  /** The newest command that has ended. */
  readonly last: ClusterCommand | undefined;
  /** What the head node has said in it. */
  readonly answer: ClusterAnswer | undefined;
  /** That is not long ago. */
  readonly isFresh: boolean;
  readonly remember: { readonly [key: string]: string | null };
}

/** Since when there has been no job. */
const IDLE_SINCE = 'idleSince';

/** States of a command that may still come to something. Source: CommandInvocation, `Status`. */
const MOVING: ReadonlySet<string> = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** Whether a command may still come to something. */
export function isUnderWay({ status }: ClusterCommand): boolean {
  return MOVING.has(status);
}

/** No job of Slurm's is there, at work or waiting, and new ones may begin. */
export function isIdle({ state, running, pending }: SlurmPartition): boolean {
  return state === 'UP' && running === 0 && pending === 0;
}

/** Partitions that may be parked. Those that others have set UP are theirs, but for whoever asks by hand. */
export function parkable({ answer, record, goal, facts }: ClusterScene): readonly string[] {
  const isByHand = goal.by !== null && facts.ask.kind === 'park';
  const idle = (answer?.partitions ?? []).filter(isIdle).map(({ name }) => name);
  return isByHand ? idle : idle.filter((name) => !record.left.includes(name));
}

/** What a person has asked for in this run and the ledger does not know yet. */
export function isAskedNow({ ask, record, run }: Pick<ClusterFacts, 'ask' | 'record' | 'run'>): boolean {
  return (ask.kind === 'park' || ask.kind === 'unpark') && record.hand?.run !== run;
}

function goalOf(facts: ClusterFacts, jobs: number, idleSince: string | null, now: string): Goal {
  const { ask, record, settings } = facts;
  if ((ask.kind === 'park' || ask.kind === 'unpark') && isAskedNow(facts)) return { verb: ask.kind, by: ask.by };
  const { hand } = record;
  if (hand?.verb === 'park') return { verb: 'park', by: hand.by };
  if (jobs > 0) return { verb: 'unpark', by: null };
  // Whoever unparks by hand has the idle time for the first job.
  const since = hand !== null && idleSince !== null && hand.at > idleSince ? hand.at : idleSince;
  const isLong = since !== null && secondsSince(since, now) >= settings.idleSeconds;
  return { verb: isLong ? 'park' : 'none', by: null };
}

function evidenceOf(
  { settings, jobs, record }: ClusterFacts,
  head: HeadNode,
  answer: ClusterAnswer | undefined,
): Evidence {
  const { name, state } = head;
  const told = answer?.partitions.map(
    (one) => `${one.name} ${one.state}, ${one.running} at work, ${one.pending} waiting`,
  );
  return {
    cluster: name,
    headNode: state,
    queue: settings.queue,
    ...(jobs === null ? {} : { jobs: { waiting: jobs.visible, atWork: jobs.inFlight } }),
    ...(answer === undefined ? {} : { fleet: answer.fleet, partitions: told ?? [] }),
    ...(record.parked.length === 0 ? {} : { parked: [...record.parked] }),
    ...(record.hand?.verb === 'park' ? { heldBy: `${record.hand.by} since ${record.hand.at}` } : {}),
  };
}

/** Looks at the facts. */
export function clusterSceneOf(facts: ClusterFacts, head: HeadNode, now: string): ClusterScene {
  const { record, history, commands } = facts;
  const jobs = facts.jobs === null ? 0 : facts.jobs.visible + facts.jobs.inFlight;
  const known = remembered(history, IDLE_SINCE);
  const idleSince = jobs > 0 ? null : (known ?? now);
  // What cannot be read now is not to begin anew.
  const isKept = typeof history !== 'object' || facts.jobs === null || (known ?? null) === idleSince;
  const last = commands.find((command) => !isUnderWay(command));
  // What was said before a command that failed holds no more: it may have done a part.
  const isNews = last !== undefined && last.at >= (record.known ?? '');
  const answer = (isNews && last.status === 'Success' ? last.answer : null) ?? undefined;
  const goal = goalOf(facts, jobs, idleSince, now);
  const scene = { facts, head, now, record, jobs, goal, last, answer };
  const freshSeconds = freshSecondsOf(scene);
  const isFresh = last !== undefined && answer !== undefined && secondsSince(last.at, now) < freshSeconds;
  return {
    ...scene,
    evidence: evidenceOf(facts, head, answer),
    isFresh,
    remember: isKept ? {} : { [IDLE_SINCE]: idleSince },
  };
}

/** Something depends on how the head node stands now, or nothing does. */
function freshSecondsOf(scene: Pick<ClusterScene, 'answer' | 'facts' | 'goal' | 'record'>): number {
  const { answer, facts, goal, record } = scene;
  if (isAskedNow(facts) || answer?.fleet !== 'RUNNING') return FRESH_SECONDS;
  if (goal.verb === 'unpark') return record.parked.length > 0 ? FRESH_SECONDS : AT_WORK_SECONDS;
  return isWorkLeft(scene) ? FRESH_SECONDS : AT_REST_SECONDS;
}

/** A partition is UP that is none of others': it is to be parked, or will be when its jobs are done. */
function isWorkLeft({ answer, record }: Pick<ClusterScene, 'answer' | 'record'>): boolean {
  return (answer?.partitions ?? []).some(({ name, state }) => state === 'UP' && !record.left.includes(name));
}
