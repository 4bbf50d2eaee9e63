/** What follows from the facts of a compute environment before anything is decided, and what is to be remembered. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import { chosenOf, batchDemandOf, misfitOf, NO_DEMAND, sizeOf, type BatchDemand, type Misfit } from './batch-demand.ts';
import { STUCK_SECONDS, type BatchFacts, type BatchJob, type Environment, type TypeSize } from './batch-facts.ts';
import { isOpen } from './batch-record.ts';
import type { FleetLimits } from './facts.ts';

/** What is decided on. */
export interface BatchScene {
  readonly facts: BatchFacts;
  readonly environment: Environment;
  readonly limits: FleetLimits;
  readonly now: string;
  readonly evidence: Evidence;
  readonly misfit: Misfit | undefined;
  /** Size of its one type; `undefined`: it has not one, or EC2 does not know it. */
  readonly size: TypeSize | undefined;
  /** Which environment of the queue is warmed. */
  readonly chosen: Environment | undefined;
  readonly demand: BatchDemand;
  /** What people had set. */
  readonly base: number;
  /** What should stand there. */
  readonly target: number;
  /** Somebody else has changed minvCpus since we have. */
  readonly isTheirs: boolean;
  /** So long it has been so. */
  readonly theirsSeconds: number;
  /** So long minvCpus have been more than is wanted. */
  readonly spareSeconds: number;
  /** The multi-node job that has been RUNNABLE for longest, if that is long. */
  readonly stuck: { readonly job: BatchJob; readonly since: string } | undefined;
  readonly remember: { readonly [key: string]: string | null };
}

/** Keys of what is remembered. */
const [WAITING, SPARE_SINCE, THEIRS_SINCE] = ['waiting', 'spareSince', 'theirsSince'];

function changed(facts: BatchFacts, key: string, value: string | null): { readonly [key: string]: string | null } {
  // What cannot be read now is not to begin anew.
  if (typeof facts.history !== 'object') return {};
  return (remembered(facts.history, key) ?? null) === value ? {} : { [key]: value };
}

/** The first multi-node job that waits, and since when we have seen it wait. */
function waitingOf(
  { jobs, history }: BatchFacts,
  now: string,
): { readonly job: BatchJob; readonly since: string } | undefined {
  const job = jobs.find(({ state, nodes }) => state === 'RUNNABLE' && nodes !== null);
  if (job === undefined) return undefined;
  const [id, since] = (remembered(history, WAITING) ?? '').split(' ');
  return { job, since: id === job.id && since !== undefined ? since : now };
}

function evidenceOf(
  { settings, jobs, unreadJobs, record }: BatchFacts,
  environment: Environment,
  demand: BatchDemand,
): Evidence {
  const count = (state: BatchJob['state']): number => jobs.filter((job) => job.state === state).length;
  const { minvCpus, maxvCpus, desiredvCpus } = environment;
  return {
    environment: environment.name,
    queue: settings.queue,
    status: `${environment.state} ${environment.status}`,
    jobs: { runnable: count('RUNNABLE'), starting: count('STARTING'), running: count('RUNNING') },
    ...(unreadJobs === 0 ? {} : { jobsBehindThese: unreadJobs }),
    vCpus: { minimum: minvCpus, maximum: maxvCpus, desired: desiredvCpus, wanted: demand.vcpus },
    ...(record !== null && isOpen(record) ? { peoplesMinimum: record.before } : {}),
  };
}

/** Looks at the facts. */
export function batchSceneOf(
  facts: BatchFacts,
  environment: Environment,
  limits: FleetLimits,
  now: string,
): BatchScene {
  const { record, history } = facts;
  const misfit = misfitOf(environment, facts);
  const size = sizeOf(environment, facts);
  const chosen = chosenOf(facts, environment);
  const isChosen = chosen === environment && size !== undefined;
  const demand = isChosen ? batchDemandOf(facts.jobs, environment, size) : NO_DEMAND;
  const { minvCpus } = environment;
  const open = record !== null && isOpen(record) ? record : undefined;
  const isTheirs = open !== undefined && minvCpus !== open.set && minvCpus !== open.from;
  const base = open?.before ?? minvCpus;
  const target = Math.max(base, demand.vcpus);
  const isSpare = open !== undefined && target < minvCpus;
  const isIdle = isSpare || (isTheirs && demand.vcpus === 0);
  const spareSince = isIdle ? (remembered(history, SPARE_SINCE) ?? now) : null;
  const theirsSince = isTheirs ? (remembered(history, THEIRS_SINCE) ?? now) : null;
  const waiting = waitingOf(facts, now);
  const isStuck = waiting !== undefined && secondsSince(waiting.since, now) >= STUCK_SECONDS;
  return {
    facts,
    environment,
    limits,
    now,
    misfit,
    size,
    chosen,
    demand,
    base,
    target,
    isTheirs,
    evidence: evidenceOf(facts, environment, demand),
    theirsSeconds: secondsSince(theirsSince ?? now, now),
    spareSeconds: secondsSince(spareSince ?? now, now),
    stuck: isStuck ? waiting : undefined,
    remember: {
      ...changed(facts, WAITING, waiting === undefined ? null : `${waiting.job.id} ${waiting.since}`),
      ...changed(facts, SPARE_SINCE, spareSince),
      ...changed(facts, THEIRS_SINCE, theirsSince),
    },
  };
}
