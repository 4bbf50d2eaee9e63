/**
 * Whole gangs for the jobs of a queue: as many as there are jobs, each launched by one call and ended by one call, so that no job waits
 * for a part of its nodes and nobody pays for one.
 *
 * 1. What stands is put in order (`decide/keeping.ts`): a gang that came is noted, what AWS refused is remembered, what has lost a node
 *    goes whole. How a gang stands: `decide/gangs.ts`.
 * 2. Gangs that have been too many for long enough go, if nobody works there.
 * 3. Gangs that are missing are asked for, on the first rung that AWS has not refused lately (`decide/launching.ts`, `decide/rungs.ts`);
 *    where something brings their data, once it is there (`decide/staging.ts`). How many are missing or too many: `decide/demand.ts`.
 *    What is wrong or lacking there is said before (`decide/preflight.ts`).
 *
 * A plan is what can be done now; the next look decides the next. Nothing is launched where something that says how much there is to be
 * cannot be read:
 *
 * - `gone`, `unreadable-setting`, `no-queue`, `queue-shared`, `unreadable-ladder`, `unreadable-record`: below;
 * - what `preflight.ts` finds wrong with the fleet, or with each rung (`unfit-ladder`);
 * - `at-maximum`, `no-capacity`, `quota-reached`, `no-addresses`, `reservation-full`: a job waits (`launching.ts`);
 * - `gangs-fail`: what was launched last could not do a job, twice; `launch-refused`: EC2 does not take the request;
 * - `staging-in`, `stage-in-failed`, `no-stage-in-source`: it waits for its data (`staging.ts`);
 * - `no-such-gang`, `gang-busy`: what a person wants gone is not there, or at work.
 */

import type { Act, Decision } from '../../shared/kernel/decision.ts';
import { needsHistory, nothing, refuse } from '../../shared/judgement/decisions.ts';
import { pendingOf, secondsSince } from '../../shared/judgement/since.ts';
import { decideBatch } from './decide/batch.ts';
import type { BatchFacts } from './decide/batch-facts.ts';
import { decideCluster } from './decide/cluster.ts';
import type { ClusterFacts } from './decide/cluster-facts.ts';
import { endCalls, launchCall, TERMINATE } from './decide/calls.ts';
import type { Facts, FleetLimits } from './decide/facts.ts';
import { isServing } from './decide/gangs.ts';
import { emptied, endSpare, keep, keptBack, type Task } from './decide/keeping.ts';
import { launch, launchFault, type Launching } from './decide/launching.ts';
import { sceneOf, type Scene } from './decide/scene.ts';
import { rememberStaging, stageIn } from './decide/staging.ts';

// What `aws.ts` reads AWS and the ledger into.
export {
  CREATE_GROUP,
  DELETE_GROUP,
  gangKey,
  IMPORT,
  LAUNCH,
  OWN_GROUP,
  PARTITIONS,
  TERMINATE,
  TRANSFER,
} from './decide/calls.ts';
export * from './decide/batch-facts.ts';
export { BATCH_PARTITION, readWarmRecord, UPDATE } from './decide/batch-record.ts';
export * from './decide/cluster-facts.ts';
export {
  CLUSTER_PARTITION,
  lastLine,
  readAnswer,
  readComment,
  readParkRecord,
  SEND_COMMAND,
} from './decide/cluster-record.ts';
export * from './decide/facts.ts';
export type * from './decide/fabric.ts';
export { isPresent, nodesToAsk } from './decide/gangs.ts';
export { failuresIn } from './decide/gate.ts';
export { needsFabric } from './decide/preflight.ts';
export { keyOf } from './decide/rungs.ts';
export { attestedIn, readRecords, readStageRecord } from './decide/records-reader.ts';
export { readStageSource } from './decide/stage-source.ts';
export { readLadder, type WrittenRung } from './decide/ladder.ts';

/** Says what is to be done for a fleet, for a compute environment of AWS Batch, or for a ParallelCluster. Pure; `now` is ISO 8601. */
export function decide(facts: Facts | BatchFacts | ClusterFacts, limits: FleetLimits, now: string): Decision {
  if (facts.kind === 'cluster') return decideCluster(facts, now);
  return facts.kind === 'batch' ? decideBatch(facts, limits, now) : decideFleet(facts, limits, now);
}

function decideFleet(facts: Facts, limits: FleetLimits, now: string): Decision {
  if (facts.template === null) return gone(facts);
  if (facts.history === 'unread') return needsHistory({}, 'since when gangs are too few or too many is in the ledger');
  const scene = sceneOf(facts, facts.template, limits, now);
  const { evidence, demand } = scene;
  if (facts.setback !== undefined) return refuse(evidence, 'not-verified', facts.setback.why);
  const decision = settlePending(scene, facts.ask.kind === 'end' ? endOne(scene, facts.ask) : judge(scene));
  const remember = { ...demand.remember, ...rememberStaging(scene) };
  return Object.keys(remember).length > 0 ? { ...decision, remember } : decision;
}

function gone({ ask }: Facts): Decision {
  const because = 'the launch template is gone, or no longer tagged runbook:hpc-queue';
  return ask.kind === 'end' ? refuse({}, 'gone', because) : nothing({}, 'gone', because);
}

function judge(scene: Scene): Decision {
  const tasks = keep(scene);
  if (tasks.length > 0) return act(scene, tasks);
  const unread = unreadable(scene);
  // What is too many is known without the ladder, and without what is wrong with other gangs.
  if (unread?.code === 'no-queue') return unread;
  const spare = endSpare(scene);
  if (spare.length > 0) return act(scene, spare);
  const next = unread ?? scaleUp(scene);
  // A group that EC2 does not give up holds up no gang.
  const empty = next.kind === 'act' ? [] : emptied(scene);
  return empty.length > 0 ? act(scene, empty) : next;
}

/** What has to be known before anything is launched. */
function unreadable({ facts, evidence }: Scene): Decision | undefined {
  const { settings, ladder, jobs, rivals, unreadable: records } = facts;
  const [problem] = settings.problems;
  if (problem !== undefined) return refuse(evidence, 'unreadable-setting', problem);
  if (jobs === null) return refuse(evidence, 'no-queue', `there is no queue ${settings.queue}`);
  const [rival] = rivals;
  if (rival !== undefined)
    return refuse(
      evidence,
      'queue-shared',
      `the jobs of ${settings.queue} are those of ${rival} too: each would launch for all`,
    );
  if ('fault' in ladder) return refuse(evidence, 'unreadable-ladder', ladder.fault);
  const [record] = records;
  const isOdd = record !== undefined;
  return isOdd
    ? refuse(evidence, 'unreadable-record', `${record}: mend it, or delete it once its nodes are gone`)
    : undefined;
}

function scaleUp(scene: Scene): Decision {
  const { demand } = scene;
  if (demand.missing === 0) return inOrder(scene);
  const failing = gangsFail(scene);
  if (failing !== undefined) return failing;
  // Nothing is brought for a gang that would not come.
  const fault = launchFault(scene);
  if (fault !== undefined) return told(scene, fault);
  const staged = stageIn(scene);
  if (staged.kind === 'hold') return staged.decision;
  if (staged.kind === 'task') return act(scene, [staged.task]);
  const wished = launch({ ...scene, demand: { ...demand, missing: staged.gangs } });
  return wished.kind === 'launch' ? launching(scene, wished) : told(scene, wished);
}

/** Why no gang comes. */
function told({ evidence }: Scene, wished: Exclude<Launching, { kind: 'launch' }>): Decision {
  if (wished.kind === 'refuse') return refuse(evidence, wished.code, wished.because);
  const { code, because, attention } = wished;
  return { ...nothing(evidence, code, because), ...(attention ? { attention } : {}) };
}

/** A gang that could not work is tried once more, and then it is a matter for people: each costs what a boot of all its nodes costs. */
function gangsFail({ facts: { failures, ask }, limits, template, evidence }: Scene): Decision | undefined {
  const [last] = failures;
  const isWanted = ask.kind === 'scale' && ask.by !== undefined;
  if (last === undefined || failures.length < limits.maxFailures || isWanted) return undefined;
  const because =
    `${failures.length} gangs in a row could do no job, at last: ${last.why}. ` +
    `None is launched until ${template.name} has another default version than ${template.version}, or a person asks`;
  return refuse(evidence, 'gangs-fail', because);
}

/** A rung that was passed for what is wrong with it is told of: nobody would miss it. */
function launching(scene: Scene, { tasks, claims, passed }: Extract<Launching, { kind: 'launch' }>): Act {
  const planned: Act = { ...act(scene, tasks), budget: 'counted', claims };
  if (passed.length === 0) return planned;
  return { ...planned, because: `${planned.because}; passed: ${passed.join('; ')}`, attention: true };
}

/** A look is over: what runs is what is wanted, or nobody can tell yet. */
function inOrder({ demand, evidence, gangs, facts, limits, now }: Scene): Decision {
  const { jobs, unsure, untakenSince } = demand;
  const serving = gangs.filter(isServing).length;
  const isOdd =
    facts.oddLeases.length > 0 ||
    evidence['ofNoGang'] !== undefined ||
    evidence['atWorkWithoutJob'] !== undefined ||
    gangs.some(({ record, standing, isBusy }) => standing === 'broken' && isBusy && record.noticedAt === null);
  const attention = isOdd ? { attention: true as const } : {};
  if (unsure > 0)
    return {
      ...nothing(
        evidence,
        'counting',
        `${several(jobs, 'job')} for ${several(serving, 'gang')}: whether SQS counts right shows in a minute`,
      ),
      ...attention,
    };
  const asked = gangs.filter(({ standing }) => standing === 'asked').length;
  if (asked > 0)
    return {
      ...nothing(evidence, 'asked-for', `${several(asked, 'gang')} asked for, which EC2 does not show yet`),
      ...attention,
    };
  if (untakenSince !== null && secondsSince(untakenSince, now) >= limits.untakenSeconds)
    return {
      ...nothing(
        evidence,
        'jobs-not-taken',
        `${several(facts.jobs?.visible ?? 0, 'job')} of ${facts.settings.queue} wait beside gangs that are up since ${untakenSince}: look at their workers`,
      ),
      attention: true,
    };
  const because = `${several(jobs, 'job')} of ${facts.settings.queue}, ${several(serving, 'gang')}`;
  return { ...nothing(evidence, 'in-order', because), ...attention };
}

function several(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** Some of what is to be done: more than fits is left to the next look. */
function act(scene: Scene, tasks: readonly Task[]): Act {
  const { evidence, template, limits, facts } = scene;
  const now = tasks.slice(0, limits.maxGangsAtOnce);
  const [first] = now;
  return {
    kind: 'act',
    code: first?.code ?? 'gangs-noted',
    because: now.map(({ because }) => because).join('; '),
    evidence,
    ...(now.some(({ attention }) => attention === true) ? { attention: true as const } : {}),
    intent: `scale ${template.id}`,
    note: { run: facts.run },
    plan: now.flatMap(({ calls }) => calls),
    budget: 'free',
    more: true,
  };
}

/** A person wants a gang gone. */
function endOne(scene: Scene, { gang: id, by }: Extract<Facts['ask'], { kind: 'end' }>): Decision {
  const { evidence, gangs, facts, template, now } = scene;
  const gang = gangs.find(({ record }) => record.id === id);
  if (gang?.standing === 'asked')
    return nothing(
      evidence,
      'asked-for',
      `gang ${id} is asked for, and EC2 does not show it yet: ask again in a minute`,
    );
  if (gang === undefined || gang.nodes.length === 0) {
    const isOver = facts.gangs.some((record) => record.id === id);
    return isOver
      ? nothing(evidence, 'gang-gone', `gang ${id} has no node any more`)
      : refuse(evidence, 'no-such-gang', `the fleet has no gang ${id}`);
  }
  const kept = keptBack(gang, scene);
  if (kept !== undefined) return act(scene, [kept]);
  const wasRefused = (facts.refusals ?? []).some(({ call }) => call === TERMINATE);
  if (gang.isBusy || wasRefused) return refuse(evidence, 'gang-busy', `gang ${id} is at a job: its worker protects it`);
  const why = `${by} wants it gone`;
  const calls = endCalls(template.id, gang, facts.leases[id], why, now);
  return act(scene, [{ code: 'gangs-ended', because: `gang ${id} goes, whole: ${why}`, calls }]);
}

/** What a run has announced, and did not live to tell of, is told once there is nothing left to do. */
function settlePending({ facts, gangs, template }: Scene, decision: Decision): Decision {
  const pending = pendingOf(facts.history);
  const isOpen = gangs.some(({ standing }) => standing === 'asked');
  if (pending === undefined || pending.note['run'] === facts.run || decision.kind !== 'nothing' || isOpen)
    return decision;
  const { code, because, evidence } = decision;
  const made = gangs.filter(
    (gang) => gang.record.run === pending.note['run'] && gang.nodes.length > 0 && isServing(gang),
  );
  const untold = made.flatMap(({ record }) =>
    record.launch === null
      ? []
      : [launchCall(template.id, record, record.launch, 'launched by a run that did not tell of it')],
  );
  return {
    kind: 'act',
    code,
    because,
    evidence,
    plan: [],
    intent: pending.intent,
    note: pending.note,
    budget: 'free',
    untold,
  };
}
