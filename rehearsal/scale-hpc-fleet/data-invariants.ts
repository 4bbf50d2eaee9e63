/** No node of a fleet whose data something brings is launched before they are there: judged by what FSx, DataSync and S3 have. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { records, show } from '../../simulator/services/ec2/state.ts';
import { tagOf } from '../records.ts';
import { gangsIn, jobsIn } from './standing.ts';

/** A run that brings data, with the source it is of. */
interface Run {
  readonly id: string;
  readonly source: string;
  readonly isWell: boolean;
}

function pathOf(task: Shape): string {
  const paths: unknown = task['Paths'];
  const first: unknown = Array.isArray(paths) ? paths[0] : undefined;
  return typeof first === 'string' ? first.replace('s3://', '/') : '';
}

function runsIn(world: World): readonly Run[] {
  const imports = world
    .records('fsx', 'DataRepositoryTasks')
    .filter(({ Type }) => Type === 'IMPORT_METADATA_FROM_REPOSITORY')
    .map((task) => ({
      id: show(task['TaskId']),
      source: `fsx:${show(task['FileSystemId'])}${pathOf(task)}`,
      isWell: task['Lifecycle'] === 'SUCCEEDED',
    }));
  const transfers = world.records('datasync', 'TaskExecutions').map(({ TaskExecutionArn: arn, Status }) => {
    const [, task = '', , id = ''] = show(arn).split('/');
    return { id, source: `datasync:${task}`, isWell: Status === 'SUCCESS' };
  });
  return [...imports, ...transfers];
}

function isMarked(world: World, source: string): boolean {
  const versions = world
    .records('s3', 'Objects')
    .filter(({ Bucket, Key }) => source === `s3://${show(Bucket)}/${show(Key)}`)
    .toSorted((one, other) => show(one['LastModified']).localeCompare(show(other['LastModified'])));
  const newest = versions.at(-1);
  return newest !== undefined && newest['DeleteMarker'] !== true;
}

/** What is known of a run: how many jobs there were when it began, and how many gangs have come since. */
interface Cover {
  readonly jobs: number;
  readonly gangs: number;
}

function coversIn(memory: { [key: string]: unknown }): Map<string, Cover> {
  const known = memory['covers'];
  const entries = isRecord(known) ? Object.entries(known) : [];
  return new Map(
    entries.map(([id, cover]) => [
      id,
      isRecord(cover) ? { jobs: Number(cover['jobs']), gangs: Number(cover['gangs']) } : { jobs: 0, gangs: 0 },
    ]),
  );
}

interface Fleet {
  readonly queue: string;
  readonly source: string;
}

function fleetsIn(world: World): readonly Fleet[] {
  return records(world, 'LaunchTemplates').flatMap((template) => {
    const [queue, source] = ['runbook:hpc-queue', 'runbook:stage-in'].map((key) => tagOf(template, key));
    return queue === undefined || source === undefined ? [] : [{ queue, source }];
  });
}

/** What is wrong with a gang that has just come. */
function fault(world: World, fleet: Fleet, covers: Map<string, Cover>, runs: readonly Run[]): string | undefined {
  if (fleet.source.startsWith('s3:'))
    return isMarked(world, fleet.source) ? undefined : `${fleet.source} was not there`;
  const own = runs.filter(({ source }) => source === fleet.source);
  for (const { id } of own) {
    const cover = covers.get(id);
    if (cover !== undefined) covers.set(id, { ...cover, gangs: cover.gangs + 1 });
  }
  const [latest] = own.filter(({ isWell }) => isWell).toReversed();
  if (latest === undefined) return `${fleet.source} has not ended well`;
  const { jobs, gangs } = covers.get(latest.id) ?? { jobs: 0, gangs: 1 };
  return gangs <= jobs
    ? undefined
    : `${jobs} jobs were there when ${latest.id} began, and ${gangs} gangs have come since`;
}

/** A gang comes for a job that was there when a stage-in began which has ended well. */
export const noLaunchBeforeItsData: Watcher = {
  name: 'no-launch-before-its-data',
  check: (world, memory) => {
    const fleets = fleetsIn(world);
    if (fleets.length === 0) return undefined;
    const isBeginning = memory['gangs'] === undefined;
    const runs = runsIn(world);
    const covers = coversIn(memory);
    for (const { id, source } of runs) {
      const fleet = fleets.find((one) => one.source === source);
      // Of one that ran before the world began nobody knows what it was begun for.
      const jobs = isBeginning || fleet === undefined ? 0 : jobsIn(world, fleet.queue);
      if (!covers.has(id)) covers.set(id, { jobs, gangs: 0 });
    }
    const before: unknown = memory['gangs'];
    const known = new Set(Array.isArray(before) ? before.map(show) : []);
    const gangs = gangsIn(world).filter(({ present }) => present > 0);
    const fresh = isBeginning ? [] : gangs.filter(({ id }) => !known.has(id));
    const faults = fresh.flatMap(({ id, queue }) => {
      const fleet = fleets.find((one) => one.queue === queue);
      const wrong = fleet === undefined ? undefined : fault(world, fleet, covers, runs);
      return wrong === undefined ? [] : [`gang ${id} came, and ${wrong}`];
    });
    memory['gangs'] = [...known, ...fresh.map(({ id }) => id), ...(isBeginning ? gangs.map(({ id }) => id) : [])];
    memory['covers'] = Object.fromEntries([...covers].map(([id, cover]) => [id, { ...cover }]));
    return faults[0];
  },
};
