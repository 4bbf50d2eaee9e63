/**
 * Stage-in: the data of a job is where it needs it before any node bills. A gang is launched for a job that had been counted before a
 * stage-in began that has ended well. One stage-in of a fleet runs at a time; it covers the jobs without a gang that were counted when
 * it was asked for, and those that come later need the next one. Pure.
 *
 * Which jobs are covered nobody can tell, for SQS gives only their number: how many there were is kept, and each gang that was asked for
 * since has had one of them.
 */

import type { Decision, PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { IMPORT, KEPT_MS, later, PARTITIONS, TRANSFER } from './calls.ts';
import type { StageRecord, StageRun, StageSource, Staging } from './facts.ts';
import type { Task } from './keeping.ts';
import { roomFor } from './launching.ts';
import type { Scene } from './scene.ts';

/** What comes before a launch. */
export type Staged =
  /** So many gangs may be launched: their jobs have their data. */
  | { readonly kind: 'launch'; readonly gangs: number }
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'hold'; readonly decision: Decision };

type Runs = Extract<Staging, { kind: 'runs' }>;

/** What was asked for and does not show for so long was not taken. */
const UNSEEN_SECONDS = 60;

/** Clocks are apart by less than that. */
const APART_SECONDS = 60;

/** Up to what count a stage-in still covers jobs; since when a marker has not been there. */
const [CAP, NO_MARKER_SINCE] = ['stageCap', 'noMarkerSince'];

/** AWS says by these that there is no such source, or that it is not tagged. Source: service authorization reference; the two APIs. */
const NO_SOURCE: ReadonlySet<string> = new Set(['AccessDeniedException', 'FileSystemNotFound', 'UnsupportedOperation']);

/** Another run was quicker: it is waited for, and nothing has failed. */
const BUSY: ReadonlySet<string> = new Set(['DataRepositoryTaskExecuting']);

/** What is to be done before gangs are launched for the jobs that are missing one. */
export function stageIn(scene: Scene): Staged {
  const { facts, demand } = scene;
  const { staging, settings } = facts;
  if (settings.stageIn === null) return { kind: 'launch', gangs: demand.missing };
  if (staging === null) return held(scene, 'staging-in', 'what brings the data was not looked at');
  if (staging.kind === 'marker')
    return staging.isThere ? { kind: 'launch', gangs: demand.missing } : markerMissing(scene, settings.stageIn);
  if (staging.fault !== null) return noSource(scene, staging.fault);
  return byRuns(scene, settings.stageIn, staging);
}

function byRuns(scene: Scene, source: StageSource, staging: Runs): Staged {
  const end = notedEnd(scene, staging);
  if (end !== undefined) return { kind: 'task', task: end };
  const covered = Math.min(scene.demand.missing, coveredBy(scene, staging));
  if (covered > 0) return { kind: 'launch', gangs: covered };
  // Nothing is brought for what may not come: it is told by the launch that it may not.
  if (roomFor(scene) < 1) return { kind: 'launch', gangs: scene.demand.missing };
  return underWay(scene, source, staging) ?? failing(scene, source, staging) ?? started(scene, source, staging);
}

function jobsWait({ demand: { missing } }: Scene): string {
  return missing === 1 ? '1 job waits' : `${missing} jobs wait`;
}

function held(scene: Scene, code: string, why: string, attention = false): Staged {
  const decision = nothing(scene.evidence, code, `${jobsWait(scene)} for data: ${why}`);
  return { kind: 'hold', decision: { ...decision, ...(attention ? { attention: true } : {}) } };
}

function noSource({ evidence }: Scene, why: string): Staged {
  return { kind: 'hold', decision: refuse(evidence, 'no-stage-in-source', why) };
}

/** Whoever uploads writes it last: until then the data are on their way. */
function markerMissing(scene: Scene, { text }: StageSource): Staged {
  const since = remembered(scene.facts.history, NO_MARKER_SINCE) ?? scene.now;
  const isLong = secondsSince(since, scene.now) >= scene.limits.longStageSeconds;
  return held(scene, 'staging-in', `${text} is not there, or not tagged runbook:hpc-queue, since ${since}`, isLong);
}

/** Gangs that were asked for at that time or later and have had a job: each has had one of those that were counted. */
function launchedSince({ facts: { gangs } }: Scene, { came }: Runs, at: string): number {
  const there = gangs.filter(({ state, upAt }) => state !== 'over' || upAt !== null).map(({ askedAt }) => askedAt);
  return [...there, ...came].filter((askedAt) => askedAt >= at).length;
}

/** In place of a count: there was no job at all. */
const NO_JOB = 'none';

/**
 * How many jobs of those that were counted at a time there still are, with the gangs that were asked for since: fewer than there were
 * where an idle gang took one. It only falls: a job that comes later was not among them.
 */
function capOf(scene: Scene, staging: Runs, { covers, at }: { readonly covers: number; readonly at: string }): number {
  const { demand, facts } = scene;
  const launched = launchedSince(scene, staging, at);
  const [first = '', second = ''] = (remembered(facts.history, CAP) ?? '').split(' ');
  if (first === NO_JOB && second >= at) return Math.min(covers, launched);
  const now = launched + demand.missing + demand.unsure;
  return Math.min(covers, now, first === at && /^\d+$/u.test(second) ? Number(second) : covers);
}

/** Jobs without a gang whose data are there. */
function coveredBy(scene: Scene, staging: Runs): number {
  const { staged } = staging.record;
  if (staged === null) return 0;
  return Math.max(0, capOf(scene, staging, staged) - launchedSince(scene, staging, staged.at));
}

/** What is to be remembered of a fleet's stage-in. What cannot be read now is not to begin anew. */
export function rememberStaging(scene: Scene): { readonly [key: string]: string | null } {
  const { history, staging, jobs } = scene.facts;
  if (typeof history !== 'object') return {};
  if (staging === null) return jobs === null ? {} : rememberNoJob(scene);
  if (staging.kind === 'marker')
    return changed(
      scene,
      NO_MARKER_SINCE,
      staging.isThere ? null : (remembered(history, NO_MARKER_SINCE) ?? scene.now),
    );
  const covering = staging.record.asked ?? staging.record.staged;
  return covering === null ? {} : changed(scene, CAP, `${covering.at} ${capOf(scene, staging, covering)}`);
}

/** Nothing was looked at, for there is no job: none that comes now was among those that were counted. */
function rememberNoJob(scene: Scene): { readonly [key: string]: string | null } {
  const known = remembered(scene.facts.history, CAP);
  return known === undefined || known.startsWith(NO_JOB) ? {} : changed(scene, CAP, `${NO_JOB} ${scene.now}`);
}

function changed({ facts }: Scene, key: string, value: string | null): { readonly [key: string]: string | null } {
  return (remembered(facts.history, key) ?? null) === value ? {} : { [key]: value };
}

/** What AWS shows of the one that was asked for; one that ended well before others. */
function ownRun({ runs, record: { asked } }: Runs): StageRun | undefined {
  if (asked === null) return undefined;
  const own = runs.filter(
    ({ id, isStageIn, startedAt }) =>
      isStageIn && !asked.known.includes(id) && secondsSince(asked.at, startedAt) >= -APART_SECONDS,
  );
  return own.find(({ state }) => state === 'well') ?? own.find(({ state }) => state === 'running') ?? own[0];
}

const STARTS: ReadonlySet<string> = new Set([IMPORT, TRANSFER]);

/** AWS would not start it, in this run, since it was asked for last. */
function refusalOf({ facts }: Scene, { record: { asked } }: Runs): Refusal | undefined {
  if (asked === null) return undefined;
  return (facts.refusals ?? []).findLast(({ call, at }) => STARTS.has(call) && at >= asked.at);
}

/** The one that was asked for has ended, or AWS would not start it. */
function notedEnd(scene: Scene, staging: Runs): Task | undefined {
  const { asked, failed } = staging.record;
  const { now } = scene;
  if (asked === null) return undefined;
  const run = ownRun(staging);
  if (run?.state === 'running') return undefined;
  if (run?.state === 'well')
    return noted(scene, `${run.id} has brought the data of ${several(asked.covers)}`, {
      ...staging.record,
      asked: null,
      staged: { covers: asked.covers, at: asked.at },
      failed: null,
    });
  const refusal = refusalOf(scene, staging);
  if (run === undefined && refusal === undefined) return undefined;
  const [name, message] =
    run === undefined ? [refusal?.name ?? '', refusal?.message ?? ''] : [run.id, run.reason ?? ''];
  const times = (failed?.times ?? 0) + 1;
  const isBusy = BUSY.has(name);
  const what = run === undefined ? 'it was not started' : 'it has failed';
  return noted(scene, `the data of ${several(asked.covers)}: ${what}: ${said(name, message)}`, {
    ...staging.record,
    asked: null,
    failed: isBusy ? failed : { times, at: now, name, message },
  });
}

function said(name: string, message: string): string {
  return message === '' ? name : `${name}: ${message}`;
}

function several(jobs: number): string {
  return jobs === 1 ? '1 job' : `${jobs} jobs`;
}

function noted(scene: Scene, because: string, record: StageRecord): Task {
  return { code: 'stage-in-noted', because, calls: [stageWrite(scene, record, because)] };
}

/** One runs, whoever started it, or has just been asked for. */
function underWay(scene: Scene, { text }: StageSource, { runs, record: { asked } }: Runs): Staged | undefined {
  const running = runs.find(({ state }) => state === 'running');
  if (running !== undefined) {
    const { id, startedAt } = running;
    const isLong = secondsSince(startedAt, scene.now) >= scene.limits.longStageSeconds;
    return held(scene, 'staging-in', `${id} of ${text} runs since ${startedAt}`, isLong);
  }
  if (asked === null || secondsSince(asked.at, scene.now) >= UNSEEN_SECONDS) return undefined;
  return held(scene, 'staging-in', `${text} was asked for at ${asked.at}, and does not show yet`);
}

/** The last has failed: when the next is due. */
function failing(scene: Scene, { text }: StageSource, { record: { failed } }: Runs): Staged | undefined {
  if (failed === null) return undefined;
  const { stageBackOffSeconds, stageAgainSeconds, maxStageAgainSeconds } = scene.limits;
  const isMissing = NO_SOURCE.has(failed.name);
  // What is missing is mended by a person, who waits for it: a request that AWS refuses costs nothing.
  const isFirst = failed.times === 1 || isMissing;
  const seconds = isFirst
    ? stageBackOffSeconds
    : Math.min(maxStageAgainSeconds, stageAgainSeconds * 2 ** (failed.times - 2));
  const until = new Date(Date.parse(failed.at) + seconds * 1_000).toISOString();
  if (until <= scene.now) return undefined;
  const why = said(failed.name, failed.message);
  if (isMissing) return noSource(scene, `${text} is not there, or not tagged runbook:hpc-queue: ${why}`);
  const times = failed.times === 1 ? 'once' : `${failed.times} times`;
  return held(scene, 'stage-in-failed', `${text} has failed ${times} (${why}); tried again from ${until}`, !isFirst);
}

/** The ledger knows of it before AWS does. */
function started(scene: Scene, source: StageSource, { runs, record, target }: Runs): Staged {
  const { demand, facts, now } = scene;
  const because = `the data of ${several(demand.missing)} of ${facts.settings.queue}: ${source.text}`;
  const near = runs.filter(({ startedAt }) => secondsSince(startedAt, now) <= 2 * APART_SECONDS).map(({ id }) => id);
  const asked = { covers: demand.missing, at: now, known: near };
  const write = stageWrite(scene, { ...record, asked }, 'what is asked for is known before it runs');
  const calls = [write, startCall(scene, source, { target, version: record.version }, because)];
  return { kind: 'task', task: { code: 'stage-in-started', because, calls } };
}

function startCall(
  { facts: { seed } }: Scene,
  source: StageSource,
  { target, version }: { readonly target: string; readonly version: number },
  because: string,
): PlannedCall {
  if (source.kind === 'datasync') return { call: TRANSFER, input: { TaskArn: target }, because };
  const path = source.kind === 'fsx' ? source.path : null;
  // A run may need two stage-ins: by the token of the first FSx would show that one again.
  const input = {
    ClientRequestToken: `${seed}-${version}`,
    FileSystemId: target,
    Type: 'IMPORT_METADATA_FROM_REPOSITORY',
    ...(path === null ? {} : { Paths: [path] }),
    Report: { Enabled: false },
  };
  return { call: IMPORT, input, because };
}

function stageWrite({ facts, template, now }: Scene, record: StageRecord, because: string): PlannedCall {
  const { version, asked, staged, failed } = record;
  const write = {
    partition: PARTITIONS.staging,
    key: template.id,
    ifVersion: version,
    value: {
      source: facts.settings.stageIn?.text ?? '',
      asked: asked === null ? null : { ...asked, known: [...asked.known] },
      staged,
      failed,
    },
    expiresAt: later(now, KEPT_MS),
  };
  return plannedWrite(write, because);
}
