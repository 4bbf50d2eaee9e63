/** The simulated AWS Batch: compute environments, job queues and jobs; only minvCpus and desiredvCpus can be changed. */

import { ComputeEnvironmentDetail$, JobDetail$, JobQueueDetail$, JobSummary$ } from '@aws-sdk/client-batch';
import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../../engine/model.ts';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { isShape, part, show } from '../ec2/state.ts';
import { pageOf, recordsGiven, sizeOf } from '../listing.ts';
import { batchSchema } from './schema.ts';
import { settle, shrink, submitted } from './scheduler.ts';
import {
  COLLECTIONS,
  complete,
  find,
  findAll,
  isCollection,
  isPart,
  records,
  SERVICE,
  type Collection,
} from './state.ts';

const API = 'https://docs.aws.amazon.com/batch/latest/APIReference/API_';

/** Source: API_DescribeComputeEnvironments, API_DescribeJobQueues (maxResults). */
const MOST_PER_PAGE = 100;
/** Source: API_ListJobs (maxResults, with a status). */
const MOST_LISTED = 1_000;
/** Source: API_DescribeJobs (jobs). */
const MOST_DESCRIBED = 100;
/** How long an environment is UPDATING after a change of its scale. Assumed. */
const UPDATING_MS = 5_000;

const output = {
  computeEnvironments: outputOf(ComputeEnvironmentDetail$),
  jobQueues: outputOf(JobQueueDetail$),
  jobs: outputOf(JobDetail$),
  summary: outputOf(JobSummary$),
};

function refused(message: string): Error {
  return awsError('ClientException', message);
}

/** What is not there is left out, and is no error. */
function described(call: string, collection: 'computeEnvironments' | 'jobQueues'): Operation['run'] {
  return (input, world) => {
    const all = recordsGiven(world, { call: `batch:${call}`, service: SERVICE, collection });
    const names = strings(input, collection);
    const found = names.length === 0 ? all : findAll(world, collection, names);
    const { items, next } = pageOf(found, input['nextToken'], sizeOf(input['maxResults'], MOST_PER_PAGE));
    return { [collection]: items.map(output[collection]), ...(next === undefined ? {} : { nextToken: next }) };
  };
}

function summaryOf(job: Shape): Shape {
  const nodes = part(job, 'nodeProperties')['numNodes'];
  const { nodeProperties: _whole, container: _all, ...shown } = output.summary(job);
  return { ...shown, ...(nodes === undefined ? {} : { nodeProperties: { numNodes: nodes } }) };
}

function listJobs(input: Shape, world: World): object {
  for (const member of ['filters', 'arrayJobId', 'multiNodeJobId'])
    if (input[member] !== undefined) throw new NotSimulatedError(`batch:ListJobs ${member}`);
  const queue = find(world, 'jobQueues', input['jobQueue']);
  if (queue === undefined) throw refused(`Job queue ${show(input['jobQueue'])} does not exist`);
  const { jobStatus: status = 'RUNNING' } = input;
  const found = recordsGiven(world, { call: 'batch:ListJobs', service: SERVICE, collection: 'jobs' }).filter(
    // Nodes are listed by multiNodeJobId, children by arrayJobId.
    (job) => job['jobQueue'] === queue['jobQueueArn'] && job['status'] === status && !isPart(job['jobId']),
  );
  const { items, next } = pageOf(found, input['nextToken'], sizeOf(input['maxResults'], MOST_LISTED));
  return { jobSummaryList: items.map(summaryOf), ...(next === undefined ? {} : { nextToken: next }) };
}

function describeJobs(input: Shape, world: World): object {
  const ids = strings(input, 'jobs');
  if (ids.length > MOST_DESCRIBED) throw refused(`jobs: at most ${MOST_DESCRIBED}`);
  return { jobs: findAll(world, 'jobs', ids).map(output.jobs) };
}

function count(value: unknown, otherwise: unknown): number {
  if (typeof value === 'number') return value;
  return typeof otherwise === 'number' ? otherwise : 0;
}

function scaleOf(environment: Shape, wanted: Shape): { readonly least: number; readonly desired: number } {
  const { minvCpus, maxvCpus, desiredvCpus } = part(environment, 'computeResources');
  const least = count(wanted['minvCpus'], minvCpus);
  const desired = count(wanted['desiredvCpus'], desiredvCpus);
  if (least < 0 || least > count(maxvCpus, 0)) throw refused('minvCpus should be less than or equal to maxvCpus');
  // Source: AWS Batch User Guide, "Error message when you update the desiredvCpus setting".
  if (wanted['desiredvCpus'] !== undefined && desired < count(desiredvCpus, 0))
    throw refused(
      'Manually scaling down compute environment is not supported. Disconnecting job queues from compute environment will cause it to scale-down to minvCpus.',
    );
  return { least, desired };
}

function updateComputeEnvironment(input: Shape, world: World): object {
  const { computeEnvironment: name, computeResources: wanted, ...others } = input;
  const beyond = isShape(wanted)
    ? Object.keys(wanted).filter((member) => member !== 'minvCpus' && member !== 'desiredvCpus')
    : ['computeResources'];
  const [unknown] = [...Object.keys(others), ...beyond];
  if (unknown !== undefined || !isShape(wanted))
    throw new NotSimulatedError(`batch:UpdateComputeEnvironment ${unknown ?? ''}`);
  const environment = find(world, 'computeEnvironments', name);
  if (environment === undefined) throw refused(`${show(name)} does not exist`);
  if (environment['type'] !== 'MANAGED') throw refused('computeResources of an UNMANAGED compute environment');
  if (environment['status'] === 'UPDATING' || environment['status'] === 'DELETING') {
    world.assume('batch: a compute environment that is UPDATING is not updated');
    throw refused(`Cannot update, resource is being modified.`);
  }
  const { least, desired } = scaleOf(environment, wanted);
  const resources = part(environment, 'computeResources');
  resources['minvCpus'] = least;
  resources['desiredvCpus'] = Math.max(desired, least);
  updating(world, environment);
  return {
    computeEnvironmentName: environment['computeEnvironmentName'],
    computeEnvironmentArn: environment['computeEnvironmentArn'],
  };
}

function updating(world: World, environment: Shape): void {
  const { status, computeEnvironmentName: name } = environment;
  environment['status'] = 'UPDATING';
  settle(world);
  world.clock.after(UPDATING_MS, () => {
    const later = find(world, 'computeEnvironments', name);
    if (later?.['status'] !== 'UPDATING') return;
    later['status'] = status;
    shrink(world, later);
    settle(world);
  });
}

/** A record appears, or is replaced as a whole; its members are set as they are. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (!isCollection(collection)) return false;
  if (path.length > 0 || !isShape(value)) return false;
  put(world, collection, { ...value, [COLLECTIONS[collection]]: key });
  return true;
}

function put(world: World, collection: Collection, record: Shape): void {
  complete(world, collection, record);
  const all = records(world, collection);
  const index = all.findIndex((one) => one[COLLECTIONS[collection]] === record[COLLECTIONS[collection]]);
  if (index < 0) all.push(record);
  else all[index] = record;
  if (collection !== 'jobs') return;
  submitted(world, record);
  settle(world);
}

const operations: { readonly [operation: string]: Operation } = {
  DescribeComputeEnvironments: {
    kind: 'read',
    grade: 'documented',
    source: `${API}DescribeComputeEnvironments.html`,
    run: described('DescribeComputeEnvironments', 'computeEnvironments'),
  },
  DescribeJobQueues: {
    kind: 'read',
    grade: 'documented',
    source: `${API}DescribeJobQueues.html`,
    run: described('DescribeJobQueues', 'jobQueues'),
  },
  ListJobs: { kind: 'read', grade: 'documented', source: `${API}ListJobs.html`, run: listJobs },
  DescribeJobs: { kind: 'read', grade: 'documented', source: `${API}DescribeJobs.html`, run: describeJobs },
  UpdateComputeEnvironment: {
    kind: 'write',
    grade: 'documented',
    source: `${API}UpdateComputeEnvironment.html`,
    run: updateComputeEnvironment,
  },
};

export const batch: ServiceModel = {
  name: SERVICE,
  prefix: 'batch',
  schema: batchSchema,
  collections: COLLECTIONS,
  operations,
  start: (world) => {
    for (const collection of Object.keys(COLLECTIONS).filter(isCollection))
      for (const record of world.data[SERVICE]?.[collection] ?? []) complete(world, collection, record);
    for (const job of world.data[SERVICE]?.['jobs'] ?? []) submitted(world, job);
    if (world.data[SERVICE] !== undefined) settle(world);
  },
  change,
};
