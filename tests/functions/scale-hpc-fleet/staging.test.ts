/** Data that is brought before a gang comes: what is covered, what is started, and what is said meanwhile. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  readStageRecord,
  readStageSource,
  type Facts,
  type StageRecord,
  type StageRun,
  type Staging,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Decision, PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { ago, facts, FOUR, history, launching, LIMITS, nodesOf, NOW, record, SETTINGS } from './fleet-facts.ts';

const FILE_SYSTEM = 'fs-0a1b2c3d4e5f60718';
const TASK = 'task-0a1b2c3d4e5f60718';
const TASK_ARN = `arn:aws:datasync:eu-west-1:111122223333:task/${TASK}`;

const NOTHING: StageRecord = { version: 0, asked: null, staged: null, failed: null };

type Runs = Extract<Staging, { kind: 'runs' }>;

function runs(more: Partial<Runs> = {}): Runs {
  return { kind: 'runs', target: FILE_SYSTEM, fault: null, runs: [], record: NOTHING, came: [], ...more };
}

function run(seconds: number, state: StageRun['state'], more: Partial<StageRun> = {}): StageRun {
  return { id: `task-${seconds}`, state, isStageIn: true, startedAt: ago(seconds), reason: null, ...more };
}

/** A fleet whose data `text` brings, with so many jobs. */
function fleet(text: string, visible: number, staging: Staging, more: Partial<Facts> = {}): Facts {
  const stageIn = readStageSource(text) ?? null;
  return facts({ settings: { ...SETTINGS, stageIn }, jobs: { visible, inFlight: 0 }, staging, ...more });
}

function decided(given: Facts): Decision {
  return decide(given, LIMITS, NOW);
}

function calls(decision: Decision): readonly string[] {
  return decision.kind === 'act' ? decision.plan.map(({ call }) => call) : [];
}

function planned(decision: Decision, index: number): PlannedCall | undefined {
  return decision.kind === 'act' ? decision.plan[index] : undefined;
}

function written(decision: Decision): unknown {
  return planned(decision, 0)?.input['value'];
}

const FSX = `fsx:${FILE_SYSTEM}`;
const START = ['ledger:write', 'fsx:CreateDataRepositoryTask'];
const LAUNCH = ['ledger:write', 'ec2:RunInstances'];

describe('the tag', () => {
  it('names an object, a file system or a DataSync task', () => {
    expect(readStageSource('s3://cases/mpi/READY')).toMatchObject({ kind: 's3', bucket: 'cases', key: 'mpi/READY' });
    expect(readStageSource(FSX)).toMatchObject({ kind: 'fsx', fileSystem: FILE_SYSTEM, path: null });
    expect(readStageSource(`${FSX}/cases/mpi`)).toMatchObject({ path: 's3://cases/mpi' });
    expect(readStageSource(`datasync:${TASK}`)).toMatchObject({ kind: 'datasync', task: TASK });
  });

  it.each([
    '',
    's3://cases',
    's3://cases/',
    'S3://cases/a',
    'fsx:fs-1',
    `${FSX}/`,
    `${FSX}x`,
    'datasync:task-1',
    'fs-0a1b2c3d',
  ])('is none of these: %o', (text) => {
    expect(readStageSource(text)).toBeUndefined();
  });
});

describe('a marker', () => {
  it('lets all gangs come once it is there', () => {
    const decision = decided(fleet('s3://cases/READY', 2, { kind: 'marker', isThere: true }));
    expect([decision.code, calls(decision)]).toEqual(['gangs-launched', [...LAUNCH, ...LAUNCH]]);
  });

  it('is waited for, and after hours people are told', () => {
    const missing = { kind: 'marker', isThere: false } as const;
    const first = decided(fleet('s3://cases/READY', 1, missing));
    expect(first).toMatchObject({ kind: 'nothing', code: 'staging-in', remember: { noMarkerSince: NOW } });
    expect(first.attention).toBeUndefined();
    const late = { history: history({ noMarkerSince: ago(14_400) }) };
    expect(decided(fleet('s3://cases/READY', 1, missing, late))).toMatchObject({ code: 'staging-in', attention: true });
    const there = decided(fleet('s3://cases/READY', 1, { kind: 'marker', isThere: true }, late));
    expect(there.remember).toEqual({ shortSince: NOW, noMarkerSince: null });
  });
});

describe('a stage-in', () => {
  it('is asked for when a job has no gang, for the jobs that there are', () => {
    const decision = decided(fleet(`${FSX}/cases`, 3, runs()));
    expect([decision.code, calls(decision)]).toEqual(['stage-in-started', START]);
    expect(written(decision)).toMatchObject({ source: `${FSX}/cases`, asked: { covers: 3, at: NOW, known: [] } });
    expect(planned(decision, 1)?.input).toEqual({
      ClientRequestToken: '0123456789abcdef0123456789abcdef-0',
      FileSystemId: FILE_SYSTEM,
      Type: 'IMPORT_METADATA_FROM_REPOSITORY',
      Paths: ['s3://cases'],
      Report: { Enabled: false },
    });
  });

  it('is an execution of a DataSync task where the tag says so', () => {
    const decision = decided(fleet(`datasync:${TASK}`, 1, runs({ target: TASK_ARN })));
    expect(planned(decision, 1)).toMatchObject({
      call: 'datasync:StartTaskExecution',
      input: { TaskArn: TASK_ARN },
    });
  });

  it('is not asked for where no gang may come, nor beside one that runs, whoever started it', () => {
    const full = fleet(FSX, 1, runs(), {
      settings: { ...SETTINGS, stageIn: readStageSource(FSX) ?? null, maxNodes: 3 },
    });
    expect(decided(full).code).toBe('at-maximum');
    const others = runs({ runs: [run(900, 'running', { isStageIn: false })] });
    expect(decided(fleet(FSX, 1, others))).toMatchObject({
      kind: 'nothing',
      code: 'staging-in',
      because: `1 job waits for data: task-900 of ${FSX} runs since ${ago(900)}`,
    });
    const long = decided(fleet(FSX, 1, runs({ runs: [run(14_400, 'running')] })));
    expect([long.code, long.attention]).toEqual(['staging-in', true]);
  });

  it('does not show at once, and is asked for again after a minute', () => {
    const asked = (seconds: number): Runs =>
      runs({ record: { ...NOTHING, version: 4, asked: { covers: 1, at: ago(seconds), known: [] } } });
    expect(decided(fleet(FSX, 1, asked(59))).code).toBe('staging-in');
    expect(calls(decided(fleet(FSX, 2, asked(60))))).toEqual(START);
  });

  it('that began before is not the one that was asked for', () => {
    const asked = { covers: 1, at: ago(30), known: ['task-40'] };
    const known = runs({ record: { ...NOTHING, asked }, runs: [run(40, 'well')] });
    expect(decided(fleet(FSX, 1, known)).code).toBe('staging-in');
    const old = runs({ record: { ...NOTHING, asked: { ...asked, known: [] } }, runs: [run(91, 'well')] });
    expect(decided(fleet(FSX, 1, old)).code).toBe('staging-in');
    const other = run(20, 'well', { isStageIn: false });
    const foreign = runs({ record: { ...NOTHING, asked }, runs: [other] });
    expect(decided(fleet(FSX, 1, foreign)).code).toBe('staging-in');
  });

  it('that has ended well covers as many jobs as there were when it was asked for', () => {
    const asked = { covers: 2, at: ago(300), known: [] };
    const ended = runs({ record: { ...NOTHING, version: 5, asked }, runs: [run(295, 'well')] });
    const noted = decided(fleet(FSX, 5, ended));
    expect([noted.code, calls(noted)]).toEqual(['stage-in-noted', ['ledger:write']]);
    expect(written(noted)).toMatchObject({ asked: null, staged: { covers: 2, at: ago(300) }, failed: null });
    const staged = runs({ record: { ...NOTHING, version: 6, staged: { covers: 2, at: ago(300) } } });
    expect(calls(decided(fleet(FSX, 5, staged)))).toEqual([...LAUNCH, ...LAUNCH]);
  });

  it('covers nobody once its gangs have come: those that came later need the next one', () => {
    const staged = runs({ record: { ...NOTHING, version: 6, staged: { covers: 2, at: ago(300) } } });
    const gangs = [launching('a', 20), launching('b', 20)];
    expect(calls(decided(fleet(FSX, 5, staged, { gangs })))).toEqual(START);
    const before = [record('a', { askedAt: ago(400), upAt: ago(310) })];
    const more = { gangs: before, nodes: nodesOf('a', FOUR), history: history({ shortSince: ago(100) }) };
    expect(calls(decided(fleet(FSX, 5, staged, more)))).toEqual([...LAUNCH, ...LAUNCH]);
    const came = { ...staged, came: [ago(200), ago(100)] };
    expect(calls(decided(fleet(FSX, 5, came)))).toEqual(START);
  });

  it('covers no job that comes after those that it was for have gone', () => {
    const staged = runs({ record: { ...NOTHING, staged: { covers: 2, at: ago(300) } } });
    const few = decided(fleet(FSX, 1, staged, { gangs: [launching('a', 20)] }));
    expect(few.remember).toEqual({ stageCap: `${ago(300)} 1` });
    const without = fleet(FSX, 0, runs(), { staging: null, history: history({ stageCap: `${ago(300)} 2` }) });
    expect(decided(without).remember).toEqual({ stageCap: `none ${NOW}` });
    const still = { ...without, history: history({ stageCap: `none ${ago(60)}` }) };
    expect(decided(still).remember).toBeUndefined();
    expect(calls(decided(fleet(FSX, 1, staged, { history: still.history })))).toEqual(START);
    const later = runs({ record: { ...NOTHING, staged: { covers: 2, at: ago(59) } } });
    expect(calls(decided(fleet(FSX, 1, later, { history: still.history })))).toEqual(LAUNCH);
    const known = { history: history({ stageCap: `${ago(300)} 0` }) };
    expect(calls(decided(fleet(FSX, 1, staged, known)))).toEqual(START);
    const ofAnother = { history: history({ stageCap: `${ago(900)} 0` }) };
    expect(calls(decided(fleet(FSX, 1, staged, ofAnother)))).toEqual(LAUNCH);
  });

  it('is for the source that the tag names now, and what cannot be read covers nobody', () => {
    const item = (value: object): Parameters<typeof readStageRecord>[0] => ({
      partition: 'hpc-stage-in',
      key: 'lt-0a1',
      version: 3,
      value: { asked: null, staged: { covers: 1, at: NOW }, failed: null, ...value },
    });
    expect(readStageRecord(item({ source: FSX }), FSX).staged).toEqual({ covers: 1, at: NOW });
    expect(readStageRecord(item({ source: 'fsx:fs-0b' }), FSX)).toEqual({ ...NOTHING, version: 3 });
    expect(readStageRecord(item({ source: FSX, staged: 'yes' }), FSX)).toEqual({ ...NOTHING, version: 3 });
    expect(readStageRecord(undefined, FSX)).toEqual(NOTHING);
  });
});

describe('a stage-in that fails', () => {
  const asked = { covers: 1, at: ago(100), known: [] };

  function refused(name: string): readonly Refusal[] {
    return [{ call: START[1] ?? '', input: {}, meaning: 'refused', name, message: 'no', at: ago(50) }];
  }

  function failed(times: number, seconds: number, name = 'task-9'): Runs {
    return runs({ record: { ...NOTHING, failed: { times, at: ago(seconds), name, message: '3 files' } } });
  }

  it('is noted with what AWS says of it', () => {
    const ended = runs({ record: { ...NOTHING, asked }, runs: [run(99, 'failed', { reason: '3 files' })] });
    const decision = decided(fleet(FSX, 1, ended));
    expect(decision.because).toBe('the data of 1 job: it has failed: task-99: 3 files');
    expect(written(decision)).toMatchObject({
      asked: null,
      failed: { times: 1, at: NOW, name: 'task-99', message: '3 files' },
    });
  });

  it('and so is one that AWS would not start, unless another was quicker', () => {
    const pending = runs({ record: { ...NOTHING, asked } });
    const noted = decided(fleet(FSX, 1, pending, { refusals: refused('ServiceLimitExceeded') }));
    expect(written(noted)).toMatchObject({ asked: null, failed: { times: 1, name: 'ServiceLimitExceeded' } });
    const busy = decided(fleet(FSX, 1, pending, { refusals: refused('DataRepositoryTaskExecuting') }));
    expect(written(busy)).toMatchObject({ asked: null, failed: null });
  });

  it('is tried once more after a minute, then people are told and it is tried rarely', () => {
    const first = decided(fleet(FSX, 1, failed(1, 54)));
    expect([first.code, first.attention]).toEqual(['stage-in-failed', undefined]);
    expect(calls(decided(fleet(FSX, 1, failed(1, 55))))).toEqual(START);
    expect(decided(fleet(FSX, 1, failed(2, 3_599)))).toMatchObject({ code: 'stage-in-failed', attention: true });
    expect(calls(decided(fleet(FSX, 1, failed(2, 3_600))))).toEqual(START);
    expect(decided(fleet(FSX, 1, failed(3, 7_199))).code).toBe('stage-in-failed');
    expect(calls(decided(fleet(FSX, 1, failed(3, 7_200))))).toEqual(START);
    expect(calls(decided(fleet(FSX, 1, failed(40, 28_800))))).toEqual(START);
  });

  it.each(['AccessDeniedException', 'FileSystemNotFound', 'UnsupportedOperation'])(
    'with %s has no source, and is tried as soon as that may be mended',
    (name) => {
      expect(decided(fleet(FSX, 1, failed(5, 54, name)))).toMatchObject({ kind: 'refuse', code: 'no-stage-in-source' });
      expect(calls(decided(fleet(FSX, 1, failed(5, 55, name))))).toEqual(START);
    },
  );

  it('keeps nobody waiting whose data are there', () => {
    const staging = failed(2, 60);
    const both = { ...staging, record: { ...staging.record, staged: { covers: 1, at: ago(900) } } };
    expect(calls(decided(fleet(FSX, 2, both)))).toEqual(LAUNCH);
  });

  it('is refused where the source is known to be missing', () => {
    const missing = runs({ fault: 'there is no file system' });
    expect(decided(fleet(FSX, 1, missing))).toMatchObject({ code: 'no-stage-in-source', attention: true });
    expect(decided(fleet(FSX, 0, missing)).code).toBe('in-order');
  });
});
