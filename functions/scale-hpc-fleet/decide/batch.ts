/**
 * What `scale-hpc-fleet` does about one compute environment of AWS Batch. Batch's own scheduler keeps a gang together; here its
 * instances are asked for before it asks (`minvCpus`), and what keeps a job waiting is said. Pure.
 *
 * - `minvCpus` are raised to what the jobs of its queue need, whole gangs, and lowered once that has been less for long enough.
 * - What people had set is kept in the ledger before it is changed, is never gone below, and is given back.
 * - What somebody else sets meanwhile stands: nothing is changed until there is no work, and then the record is closed.
 */

import type { Act, Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { needsHistory, nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { pendingOf, secondsSince } from '../../../shared/judgement/since.ts';
import type { BatchFacts, WarmRecord } from './batch-facts.ts';
import { unfitBecause, type Misfit } from './batch-demand.ts';
import { changeCalls, isOpen, recordWrite, UPDATE, updateCall } from './batch-record.ts';
import { batchSceneOf, type BatchScene } from './batch-scene.ts';
import { reasonsOf } from './batch-waits.ts';
import type { FleetLimits } from './facts.ts';

/** Says what is to be done for a compute environment. Pure; `now` is ISO 8601. */
export function decideBatch(facts: BatchFacts, limits: FleetLimits, now: string): Decision {
  const { environment } = facts;
  if (environment === null)
    return nothing({}, 'gone', 'the compute environment is gone, or no longer tagged runbook:hpc-queue');
  if (facts.history === 'unread') return needsHistory({}, 'since when a job waits is in the ledger');
  const scene = batchSceneOf(facts, environment, limits, now);
  if (facts.setback !== undefined) return refuse(scene.evidence, 'not-verified', facts.setback.why);
  const decision = settlePending(scene, judge(scene));
  const { remember } = scene;
  return Object.keys(remember).length > 0 ? { ...decision, remember } : decision;
}

function judge(scene: BatchScene): Decision {
  const { facts, environment, evidence, misfit } = scene;
  const [problem] = facts.settings.problems;
  if (problem !== undefined) return refuse(evidence, 'unreadable-setting', problem);
  if (facts.recordFault !== null)
    return refuse(
      evidence,
      'unreadable-record',
      `${facts.recordFault}: mend it, or delete it and set minvCpus yourself`,
    );
  const { name, status } = environment;
  if (status === 'UPDATING' || status === 'CREATING')
    return nothing(evidence, 'updating', `${name} is ${status}: nothing of it is changed meanwhile`);
  if (status === 'DELETING' || status === 'DELETED')
    return nothing(evidence, 'environment-goes', `${name} is ${status}`);
  const refused = (facts.refusals ?? []).findLast(({ call }) => call === UPDATE);
  if (refused !== undefined) return refuse(evidence, 'not-taken', `Batch does not change minvCpus: ${refused.message}`);
  const change = changeOf(scene);
  if (change !== undefined) return change;
  const waits = explained(scene);
  if (waits !== undefined) return waits;
  return misfit === undefined ? atRest(scene) : refuse(evidence, misfit.code, misfit.because);
}

/** What is to be changed, or keeps us from changing anything; `undefined`: neither. */
function changeOf(scene: BatchScene): Decision | undefined {
  const { facts, environment, base, misfit, isTheirs, limits, now, evidence } = scene;
  const { record } = facts;
  const { minvCpus, status, name } = environment;
  // Of what is INVALID Batch scales nothing.
  if (status === 'INVALID') return undefined;
  if (isTheirs) return theirs(scene);
  const isPending = record !== null && record.from !== null;
  const goal = misfit === undefined ? goalOf(scene) : base;
  if (goal === minvCpus && !isPending) return undefined;
  // What was given back a moment ago may not show yet: what does show is not what people have set.
  const isLate = record !== null && !isOpen(record) && record.set !== minvCpus;
  if (isLate && secondsSince(record.at, now) < limits.unseenSeconds)
    return nothing(evidence, 'settling', `${name} had minvCpus ${record.set} a moment ago, and shows ${minvCpus}`);
  return changeTo(scene, goal);
}

/** Up at once; down when that has been enough for long enough. */
function goalOf({ target, environment: { minvCpus }, facts, spareSeconds }: BatchScene): number {
  if (target >= minvCpus) return target;
  return spareSeconds >= facts.settings.idleSeconds ? target : minvCpus;
}

function changeTo(scene: BatchScene, goal: number): Act {
  const { facts, environment, base, now, demand } = scene;
  const { minvCpus, name } = environment;
  const record: WarmRecord = {
    version: facts.record?.version ?? 0,
    before: base,
    set: goal,
    from: null,
    at: now,
    run: facts.run,
  };
  const { queue } = facts.settings;
  if (goal === minvCpus) {
    const because = `${name} has minvCpus ${goal}, as Batch was asked`;
    return { ...act(scene, 'change-noted', because, changeCalls(environment, record, because)), ...untold(scene) };
  }
  if (goal > minvCpus) {
    const because = `the jobs of ${queue} need ${demand.vcpus} vCPUs: minvCpus of ${name} from ${minvCpus} to ${goal}`;
    return { ...act(scene, 'warmed', because, changeCalls(environment, record, because)), budget: 'counted' };
  }
  const why = scene.misfit?.because ?? `the jobs of ${queue} need ${demand.vcpus} vCPUs`;
  const because = `${why}: minvCpus of ${name} from ${minvCpus} back to ${goal}`;
  return act(scene, 'returned', because, changeCalls(environment, record, because));
}

/** Whoever changes minvCpus after us has the last word. */
function theirs(scene: BatchScene): Decision | undefined {
  const { facts, environment, evidence, limits, now, demand } = scene;
  const { minvCpus, name } = environment;
  const { record } = facts;
  const because = `somebody else has set minvCpus of ${name} to ${minvCpus}`;
  const isOver =
    demand.vcpus === 0 &&
    scene.spareSeconds >= facts.settings.idleSeconds &&
    scene.theirsSeconds >= limits.unseenSeconds;
  if (record === null) return undefined;
  if (!isOver)
    return (
      explained(scene) ??
      nothing(
        evidence,
        'changed-by-others',
        `${because}, where we had set ${record.set}: theirs stands until there is no work`,
      )
    );
  const left = { ...record, before: minvCpus, set: minvCpus, from: null, at: now, run: facts.run };
  return act(scene, 'left-to-others', `${because}: it stays, and is what they get back`, [
    recordWrite(name, left, 'nothing of ours is left to be given back'),
  ]);
}

/** A job has waited for long: for what. Of a queue with several environments the one that is warmed tells it. */
function explained(scene: BatchScene): Decision | undefined {
  const { stuck, chosen, environment, demand, evidence } = scene;
  if (stuck === undefined || (chosen !== undefined && chosen !== environment)) return undefined;
  const reasons = reasonsOf(stuck.job, scene);
  // It waits for its turn.
  if (reasons.length === 0 && demand.held !== undefined) return undefined;
  const { name, id, nodes } = stuck.job;
  const why = reasons.length === 0 ? 'neither Batch nor its environment says why' : reasons.join('; ');
  return refuse(
    { ...evidence, waits: { job: id, since: stuck.since } },
    'job-waits',
    `job ${name} (${id}) of ${nodes} nodes is RUNNABLE since ${stuck.since} or longer: ${why}`,
  );
}

/** A look is over. */
function atRest(scene: BatchScene): Decision {
  const { facts, environment, chosen, demand, evidence } = scene;
  const { name, minvCpus } = environment;
  const { queue } = facts.settings;
  if (chosen !== undefined && chosen !== environment)
    return nothing(evidence, 'other-first', `${chosen.name} is before ${name} in ${queue}, and has room for its jobs`);
  const kept = keptOut(scene);
  if (kept !== undefined) return { ...nothing(evidence, kept.code, kept.because), attention: true };
  const because = `${facts.jobs.length} jobs of ${queue} need ${demand.vcpus} vCPUs, and minvCpus of ${name} is ${minvCpus}`;
  return nothing(evidence, 'in-order', because);
}

/** The first job that waits and has no room here: not now, or not at all. */
function keptOut({ facts, environment, size, demand }: BatchScene): Misfit | undefined {
  if (size === undefined) return undefined;
  for (const job of facts.jobs) {
    const who = `job ${job.name} (${job.id})`;
    const unfit = job.state === 'RUNNABLE' ? unfitBecause(job, environment, size) : undefined;
    if (unfit !== undefined) return { code: unfit.code, because: `${who} is not begun: ${unfit.because}` };
    if (job !== demand.held) continue;
    const because = `${who} is not begun in part: of ${environment.maxvCpus} vCPUs ${demand.vcpus} are for jobs before it`;
    return { code: 'at-maximum', because };
  }
  return undefined;
}

function act(scene: BatchScene, code: string, because: string, plan: readonly PlannedCall[]): Act {
  const { evidence, environment, facts } = scene;
  const intent = `warm ${environment.name}`;
  const note = { run: facts.run };
  return { kind: 'act', code, because, evidence, intent, note, plan, budget: 'free', more: true };
}

/** What a run has done that did not live to tell of it. */
function untold({ facts, environment }: BatchScene): Pick<Act, 'untold'> {
  const { record, history } = facts;
  const pending = pendingOf(history);
  const isDone = record !== null && record.set === environment.minvCpus && record.run === pending?.note['run'];
  if (!isDone || pending === undefined || pending.note['run'] === facts.run) return {};
  const from = record.from ?? record.before;
  return { untold: [updateCall(environment, from, record.set, 'set by a run that did not tell of it')] };
}

/** What a run has announced, and did not live to tell of, is told once there is nothing left to do: before what keeps a job waiting. */
function settlePending(scene: BatchScene, decision: Decision): Decision {
  const { facts, misfit, environment } = scene;
  const pending = pendingOf(facts.history);
  const isForeign = pending !== undefined && pending.note['run'] !== facts.run;
  const isOver = decision.kind === 'nothing' || decision.code === 'job-waits' || decision.code === misfit?.code;
  // It is not known yet what has become of it.
  const isUnknown = decision.code === 'updating' || typeof facts.record?.from === 'number';
  if (!isForeign || !isOver || isUnknown) return decision;
  const { evidence } = decision;
  const { intent, note } = pending;
  const { code, because } =
    decision.kind === 'nothing'
      ? decision
      : { code: 'change-noted', because: `${environment.name} has minvCpus ${environment.minvCpus}, as it should` };
  return { kind: 'act', code, because, evidence, plan: [], intent, note, budget: 'free', ...untold(scene) };
}
