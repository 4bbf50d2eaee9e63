/** What `scale-hpc-fleet` reads and sends of ParallelClusters, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { apply, locate, observe, ofPerson, TICK } from '../../../functions/scale-hpc-fleet/aws.ts';
import type { SeenCluster } from '../../../functions/scale-hpc-fleet/aws/cluster.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { FLEET_ARN, node, tags, within } from './small-account.ts';

const HEAD_ARN = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0head1';
const PARK = { kind: 'park' as const, by: 'ana' };

function member(id: string, type: string, cluster: string, more: Shape = {}, queue = 'cfd-jobs'): Shape {
  return {
    InstanceId: id,
    Placement: { AvailabilityZone: 'eu-west-1a' },
    Tags: tags({
      Name: type,
      'parallelcluster:cluster-name': cluster,
      'parallelcluster:node-type': type,
      'runbook:hpc-queue': queue,
    }),
    ...more,
  };
}

function document(name: string, more: Shape = {}): Shape {
  const Parks = { Partitions: { efa: { Running: 1 }, small: {} } };
  const Parameters = [{ Name: 'command' }, { Name: 'partitions' }];
  return { Name: name, Tags: tags({ 'runbook:hpc-queue': 'cfd-jobs' }), Parks, Parameters, ...more };
}

function account(instances: readonly Shape[], ssm: Shape = {}): Shape {
  return {
    ec2: { Instances: instances },
    ssm: {
      InstanceInformation: instances.map(({ InstanceId }) => ({ InstanceId })),
      Documents: [
        document('park'),
        document('automation', { DocumentType: 'Automation' }),
        document('shared', { Owner: '444455556666' }),
        document('other', { Tags: [] }),
      ],
      ...ssm,
    },
    sqs: { Queues: [{ QueueName: 'cfd-jobs', Messages: [{ MessageId: 'm-1', Body: 'a job' }] }] },
  };
}

const CLUSTER = [
  member('i-0head1', 'HeadNode', 'cfd'),
  member('i-0node1', 'Compute', 'cfd'),
  member('i-0login', 'LoginNode', 'cfd'),
  member('i-0head2', 'HeadNode', 'wind', {}, 'wind-jobs'),
];

async function meant(target: string | null, ask: typeof TICK.ask | typeof PARK = PARK): Promise<readonly string[]> {
  const { value = [] } = await within((io) => locate({ target, ask }, io), account(CLUSTER));
  return value.map((found) => found.target.split('/').at(-1) ?? '');
}

async function look(change: Shape = account(CLUSTER)): Promise<SeenCluster | undefined> {
  const { value, thrown } = await within((io) => observe(HEAD_ARN, TICK, io), change);
  expect(thrown).toBeUndefined();
  return value?.kind === 'cluster' ? value : undefined;
}

describe('the cluster that is meant', () => {
  it('is each whose head node carries the tag, beside the fleets, and none of its other nodes', async () => {
    expect(await meant(null, TICK.ask)).toEqual(['lt-0a1', 'i-0head1', 'i-0head2']);
  });

  it('is the one of that name, or whose head node has that id, Name or ARN', async () => {
    expect(await meant('cfd')).toEqual(['i-0head1']);
    expect(await meant('i-0head2')).toEqual(['i-0head2']);
    expect(await meant(HEAD_ARN)).toEqual(['i-0head1']);
    // All head nodes are called so: it is nobody's name.
    expect(await meant('HeadNode')).toEqual([]);
    expect(await meant('i-0node1')).toEqual([]);
    expect(await meant(FLEET_ARN)).toEqual([]);
    expect(await meant('lt-0a1')).toEqual([]);
    expect(await meant('lt-0a1', TICK.ask)).toEqual(['lt-0a1']);
  });

  it('is said by whoever wants it parked or unparked', () => {
    const delivered = { id: 'e-1', kind: 'request' as const, runbook: 'scale-hpc-fleet', params: {}, dryRun: false };
    const delivery = { ...delivered, target: 'cfd', requestedBy: 'ana' };
    expect(ofPerson({ action: 'park' }, delivery)).toEqual({ target: 'cfd', ask: PARK });
    expect(ofPerson({ action: 'unpark' }, { ...delivered, target: 'cfd' })).toEqual({
      target: 'cfd',
      ask: { kind: 'unpark', by: 'somebody' },
    });
    expect(() => ofPerson({ action: 'park' }, delivered)).toThrow(BadInputError);
    expect(() => ofPerson({ action: 'park', gang: 'a' }, delivery)).toThrow('only the action end is about one gang');
  });

  it('is not known where EC2 does not answer, and whoever asks for it hears of that', async () => {
    const faults = (request: number) => [{ request, kind: 'throttled' as const }];
    const all = await within((io) => locate(TICK, io), account(CLUSTER), faults(2));
    expect(all.value?.map(({ target, fault }) => [target.split('/').at(-1), fault?.class])).toEqual([
      ['lt-0a1', undefined],
      ['*', 'retryable'],
    ]);
    const asked = await within((io) => locate({ target: 'cfd', ask: PARK }, io), account(CLUSTER), faults(0));
    expect(asked.thrown).toBeDefined();
  });
});

describe('a look at a head node', () => {
  it('has it with its queue, and the one command document of this account that carries the tag', async () => {
    expect(await look()).toEqual({
      kind: 'cluster',
      ask: TICK.ask,
      run: 'r',
      head: { id: 'i-0head1', name: 'cfd', state: 'running' },
      settings: { queue: 'cfd-jobs', idleSeconds: 600, problems: [] },
      rivals: [],
      jobs: { visible: 1, inFlight: 0 },
      documents: ['park'],
      commands: [],
      record: { version: 0, parked: [], left: [], hand: null, known: null, asked: null },
      recordFault: null,
    });
  });

  it('names the fleets and clusters that do the jobs of the same queue', async () => {
    const [head, ...others] = CLUSTER;
    const twin = member('i-0head3', 'HeadNode', 'cfd-2');
    const seen = await look(account([head ?? {}, twin, ...others]));
    expect(seen?.rivals).toEqual(['cfd-2']);
    const ofFleet = await look(account([member('i-0head1', 'HeadNode', 'cfd', {}, 'mpi-jobs')]));
    expect(ofFleet?.rivals).toEqual(['mpi']);
  });

  it('names a tag that cannot be read, and looks no further', async () => {
    const seen = await look(account([member('i-0head1', 'HeadNode', 'cfd', {}, 'no queue')]));
    expect(seen?.settings).toMatchObject({ queue: null, problems: [expect.stringContaining('runbook:hpc-queue')] });
    expect(seen?.documents).toEqual([]);
  });

  it('is of nothing where the head node has ended', async () => {
    const seen = await look(
      account([member('i-0head1', 'HeadNode', 'cfd', { State: { Name: 'terminated', Code: 48 } })]),
    );
    expect(seen?.head).toBeNull();
  });

  it('has what the head node was asked and has said, and of others’ commands nothing', async () => {
    const input = {
      InstanceIds: ['i-0head1'],
      DocumentName: 'park',
      Parameters: { command: ['park'], partitions: ['efa small'] },
      TimeoutSeconds: 60,
      Comment: 'scale-hpc-fleet park 2026-11-22T08:00:00.000Z',
    };
    const { value } = await within(async (io) => {
      await apply['ssm:SendCommand']?.send(input, io);
      await apply['ssm:SendCommand']?.send({ ...input, Comment: 'by hand' }, io);
      await io.sleep(10_000);
      return observe(HEAD_ARN, TICK, io);
    }, account(CLUSTER));
    expect(value?.kind === 'cluster' ? value.commands : []).toMatchObject([
      {
        verb: 'park',
        at: '2026-11-22T08:00:00.000Z',
        status: 'Success',
        answer: {
          fleet: 'RUNNING',
          partitions: [
            { name: 'efa', state: 'UP', running: 1, pending: 0 },
            { name: 'small', state: 'INACTIVE', running: 0, pending: 0 },
          ],
          causes: [],
        },
      },
    ]);
  });
});

describe('a fleet', () => {
  it('has no node of a cluster, and the cluster of its queue is its rival', async () => {
    const instances = [
      node('i-0mine', 'f'.repeat(32)),
      member('i-0head1', 'HeadNode', 'cfd', {}, 'mpi-jobs'),
      member('i-0node1', 'Compute', 'cfd', {}, 'mpi-jobs'),
      member('i-0gone', 'HeadNode', 'old', { State: { Name: 'terminated', Code: 48 } }, 'mpi-jobs'),
    ];
    const { value } = await within((io) => observe(FLEET_ARN, TICK, io), { ec2: { Instances: instances } });
    const fleet = value?.kind === 'fleet' ? value : undefined;
    expect(fleet?.nodes.map(({ id }) => id)).toEqual(['i-0mine']);
    expect(fleet?.rivals).toEqual(['cfd']);
  });

  it('is not meant by the notice of a compute node', async () => {
    const ask = { kind: 'notice' as const, node: 'i-0node1' };
    const instances = [member('i-0node1', 'Compute', 'cfd', {}, 'mpi-jobs')];
    const { value } = await within((io) => locate({ target: null, ask }, io), { ec2: { Instances: instances } });
    expect(value).toEqual([]);
  });
});
