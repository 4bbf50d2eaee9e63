import { describe, expect, it } from 'vitest';
import { memoryData, type MemoryData } from '../../../simulator/engine/data.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { startWorkers } from '../../../simulator/hosts/workers.ts';
import { liveMessages, queuesOf, standingOf } from '../../../simulator/services/sqs/state.ts';
import { parseWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { serviceWorld, type ServiceWorld } from '../services/service-world.ts';

const URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/mpi-jobs';
/** With `starts` of none its looks are at whole twenties of seconds from the beginning of the world on. */
const WORKER = { queue: 'mpi-jobs', works: 'PT10M', starts: 'PT0S' };

interface Scene extends ServiceWorld {
  readonly data: MemoryData;
}

/** The nodes of a gang, `g1-0` and so on; they ran long before the world began. */
function gang(name: string, size = 2, more: Shape = {}): Shape[] {
  return Array.from({ length: size }, (_, index) => ({
    InstanceId: `i-${name}${index}`,
    AmiLaunchIndex: index,
    Placement: { AvailabilityZone: 'eu-west-1a' },
    ClientToken: name,
    Tags: [
      { Key: 'runbook:hpc-queue', Value: 'mpi-jobs' },
      { Key: 'runbook:run', Value: `scale-hpc-fleet/${name}` },
      { Key: 'runbook:nodes-per-job', Value: String(size) },
    ],
    ...more,
  }));
}

function scene(instances: readonly Shape[], messages: number, worker: Shape = {}, queue: Shape = {}): Scene {
  const Messages = Array.from({ length: messages }, (_, id) => ({ Body: JSON.stringify({ id }) }));
  const made = serviceWorld({
    ec2: { Instances: instances },
    sqs: { Queues: [{ QueueName: 'mpi-jobs', Messages, ...queue }, { QueueName: 'dead' }] },
    workers: [{ ...WORKER, ...worker }],
  });
  const data = memoryData();
  startWorkers(made.world, data);
  return { ...made, data };
}

function figures({ world }: ServiceWorld): Shape {
  return world.records('workers', 'Workers')[0] ?? {};
}

function standings({ world }: ServiceWorld): readonly string[] {
  const now = world.clock.now();
  return queuesOf(world).flatMap((queue) => liveMessages(queue, now).map((message) => standingOf(queue, message, now)));
}

function isProtected({ world }: ServiceWorld, id: string): boolean {
  return (
    world.records('ec2', 'Instances').find(({ InstanceId }) => InstanceId === id)?.['DisableApiTermination'] === true
  );
}

function end(made: ServiceWorld, ...InstanceIds: readonly string[]): void {
  made.call('ec2:TerminateInstances', { InstanceIds });
}

function send(made: ServiceWorld, MessageBody: string): void {
  made.call('sqs:SendMessage', { QueueUrl: URL, MessageBody });
}

describe('a worker', () => {
  it('protects its first node before it takes a job, and gives that back when the job is deleted', () => {
    const made = scene(gang('a'), 1);
    made.pass(0.3);
    expect([isProtected(made, 'i-a0'), isProtected(made, 'i-a1'), standings(made)]).toEqual([true, false, ['visible']]);
    made.pass(0.2);
    expect([standings(made), figures(made)['started']]).toEqual([['in flight'], 1]);
    expect(() => end(made, 'i-a0', 'i-a1')).toThrow('may not be terminated');
    made.pass(600);
    expect([standings(made), isProtected(made, 'i-a0')]).toEqual([[], true]);
    made.quiesce();
    expect(isProtected(made, 'i-a0')).toBe(false);
    expect(figures(made)).toMatchObject({ started: 1, finished: 1, killed: 0, lost: 0, twice: 0, jobs: [], holds: [] });
  });

  it('does one job after the other, and each gang its own', () => {
    const made = scene([...gang('a'), ...gang('b')], 3);
    // The third at the next look after the first: every twenty seconds.
    expect(made.quiesce()).toBeCloseTo(620 + 600 + 0.6, 5);
    expect(figures(made)).toMatchObject({ started: 3, finished: 3, twice: 0 });
  });

  it('gives its protection back where another gang was first', () => {
    const made = scene([...gang('a'), ...gang('b')], 1);
    made.pass(0.5);
    expect([isProtected(made, 'i-a0'), isProtected(made, 'i-b0')]).toEqual([true, true]);
    made.pass(0.2);
    expect([isProtected(made, 'i-a0'), isProtected(made, 'i-b0')]).toEqual([true, false]);
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 1, finished: 1 });
  });

  it('waits for nothing while there is no job, and takes what comes at its next look', () => {
    const made = scene(gang('a'), 0);
    expect(made.clock.foreground()).toBe(0);
    made.pass(65);
    send(made, '{}');
    // Looks are every twenty seconds since the world began.
    made.pass(14);
    expect(isProtected(made, 'i-a0')).toBe(false);
    made.pass(1.3);
    expect(isProtected(made, 'i-a0')).toBe(true);
    made.quiesce();
    expect(figures(made)).toMatchObject({ finished: 1 });
  });

  it('begins when all nodes of its gang have run for so long', () => {
    const [first, second] = gang('a');
    const made = scene([first ?? {}, { ...second, State: { Name: 'pending' } }], 1, { starts: 'PT30S' });
    made.pass(49);
    expect(figures(made)['started']).toBe(0);
    made.pass(2);
    expect(figures(made)['started']).toBe(1);
  });

  it('does nothing on instances that are no whole gang', () => {
    const [first, second] = gang('a');
    const made = scene([first ?? {}, { ...second, State: { Code: 80, Name: 'stopped' } }], 1);
    expect(made.quiesce()).toBe(0);
    expect(figures(made)['started']).toBe(0);
  });

  it('keeps a job hidden for as long as it is at it', () => {
    const made = scene([...gang('a'), ...gang('b')], 1, { works: 'PT30M', visibility: 'PT1M' });
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 1, finished: 1, twice: 0 });
  });

  it('leaves what it fails on to its time-out', () => {
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111122223333:dead',
      maxReceiveCount: 3,
    });
    const made = scene(gang('a'), 1, { fails: 1 }, { Attributes: { RedrivePolicy } });
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 2, failed: 1, finished: 1, twice: 1 });
  });

  it('fails without end only as long as others keep the world going', () => {
    const made = scene(gang('a'), 1, { fails: 'all' });
    made.pass(1);
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 1, failed: 1 });
    made.pass(200);
    expect(figures(made)).toMatchObject({ started: 2, failed: 1 });
  });
});

describe('a gang that loses a node at a job', () => {
  it('shows the job again at the next look, gives its protection back, and takes nothing more', () => {
    const made = scene(gang('a'), 1);
    made.pass(30);
    end(made, 'i-a1');
    expect(figures(made)).toMatchObject({
      killed: 1,
      jobs: [],
      losses: [{ gang: 'a', node: 'i-a1', byCall: true, at: '2026-11-22T08:00:30.000Z' }],
    });
    made.pass(9);
    expect([standings(made), isProtected(made, 'i-a0')]).toEqual([['in flight'], true]);
    made.pass(1.3);
    expect([standings(made), isProtected(made, 'i-a0')]).toEqual([['visible'], false]);
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 1, finished: 0, holds: [] });
  });

  it('leaves the job to its time-out where the first node went, and another gang does it', () => {
    const made = scene(gang('a'), 1);
    made.pass(30);
    made.set('ec2/Instances/i-a0/State/Name', 'stopped');
    expect(figures(made)).toMatchObject({ killed: 0, lost: 1, holds: [] });
    made.pass(269);
    expect(standings(made)).toEqual(['in flight']);
    made.pass(2);
    expect(standings(made)).toEqual(['visible']);
    const both = scene([...gang('a'), ...gang('b')], 1);
    both.pass(30);
    end(both, 'i-a1');
    both.quiesce();
    expect(figures(both)).toMatchObject({ started: 2, twice: 1, killed: 1, finished: 1 });
  });

  it('takes no job once a node went while there was none', () => {
    const made = scene(gang('a'), 0);
    made.pass(30);
    end(made, 'i-a1');
    send(made, '{}');
    made.quiesce();
    expect([figures(made)['started'], standings(made)]).toEqual([0, ['visible']]);
  });
});

describe('a worker on Spot instances', () => {
  const spot = (): Shape[] => gang('a', 2, { InstanceLifecycle: 'spot' });
  const lease = ({ data }: Scene): unknown => data.dump().find(({ key }) => key === 'a')?.value;

  it('takes a lease, has it last while it works, and gives it back', () => {
    const made = scene(spot(), 1);
    made.pass(1);
    expect(lease(made)).toEqual({ state: 'busy', until: '2026-11-22T08:05:00.200Z' });
    expect(isProtected(made, 'i-a0')).toBe(false);
    made.pass(300);
    expect(lease(made)).toEqual({ state: 'busy', until: '2026-11-22T08:10:00.400Z' });
    made.quiesce();
    expect(lease(made)).toEqual({ state: 'free' });
    expect(figures(made)).toMatchObject({ finished: 1, holds: [] });
  });

  it('takes no job any more whose lease was closed', () => {
    const made = scene(spot(), 1);
    made.data.put({ partition: 'hpc-lease', key: 'a', value: { state: 'closed' } });
    made.quiesce();
    expect([figures(made)['started'], lease(made)]).toEqual([0, { state: 'closed' }]);
  });

  it('looks again where somebody wrote the lease between its look and its write', () => {
    const made = scene(spot(), 1);
    made.pass(0.1);
    made.data.put({ partition: 'hpc-lease', key: 'a', value: { state: 'closed' } });
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 0, holds: [] });
  });

  it('leaves its lease to its end when its first node is ended without notice', () => {
    const made = scene(spot(), 1);
    made.pass(1);
    made.set('ec2/Instances/i-a0/State', { Code: 48, Name: 'terminated' });
    made.pass(1);
    expect(figures(made)).toMatchObject({ lost: 0, killed: 1, holds: [{ gang: 'a' }] });
    expect(lease(made)).toMatchObject({ state: 'busy' });
  });

  it.each(['i-a0', 'i-a1'])('lets its job go once when %s is to be taken back, and takes no other', (id) => {
    const made = scene(spot(), 1);
    made.pass(1);
    made.set(`ec2/Instances/${id}/SpotInterruption`, 'terminate');
    made.pass(6);
    expect(figures(made)).toMatchObject({ started: 1, lost: 1, killed: 0, jobs: [], holds: [] });
    expect([standings(made), lease(made)]).toEqual([['visible'], { state: 'free' }]);
    made.quiesce();
    expect(figures(made)).toMatchObject({ started: 1, lost: 1 });
  });

  it('gives up at once what it takes in the moment of a notice, and takes nothing after one', () => {
    const made = scene(spot(), 1);
    made.pass(0.3);
    made.set('ec2/Instances/i-a1/SpotInterruption', 'terminate');
    made.pass(10);
    expect([standings(made), figures(made)['jobs'], lease(made)]).toEqual([['visible'], [], { state: 'free' }]);
    const idle = scene(spot(), 0);
    idle.pass(1);
    idle.set('ec2/Instances/i-a0/SpotInterruption', 'terminate');
    send(idle, '{}');
    idle.quiesce();
    expect(figures(idle)).toMatchObject({ started: 0 });
  });
});

describe('workers in a world file', () => {
  it('have a queue that is there, each its own', () => {
    expect(() => serviceWorld({ workers: [WORKER] })).toThrow('workers[0].queue: there is no queue mpi-jobs');
    expect(() => serviceWorld({ sqs: { Queues: [{ QueueName: 'mpi-jobs' }] }, workers: [WORKER, WORKER] })).toThrow(
      'workers[1].queue: mpi-jobs has a worker already: one is on all of its gangs',
    );
    expect(() => serviceWorld({ workers: [{ queue: 'mpi-jobs', works: '10m' }] })).toThrow(
      'workers[0].works: must be a duration such as PT1S',
    );
  });

  it('are at the top, not in another Region', () => {
    expect(() => serviceWorld({ regions: { 'us-east-1': { workers: [] } } })).toThrow(
      'regions.us-east-1.workers: is one for all Regions: write it at the top',
    );
  });

  it('are kept with the job that they are at when the world is written down, and go on with it', () => {
    const made = scene(gang('a'), 1, { fails: 'all', until: 'PT1M' });
    made.pass(100);
    const kept = worldFile(made.world);
    expect(kept['workers']).toMatchObject([
      {
        queue: 'mpi-jobs',
        until: '2026-11-22T08:01:00.000Z',
        started: 1,
        jobs: [{ gang: 'a' }],
        holds: [{ gang: 'a' }],
      },
    ]);
    expect(parseWorld(kept).data['workers']?.['Workers']).toEqual(kept['workers']);
    const later = serviceWorld(kept);
    startWorkers(later.world, memoryData());
    expect(later.quiesce()).toBeCloseTo(500.6, 1);
    expect(figures(later)).toMatchObject({ started: 1, finished: 1, jobs: [], holds: [] });
  });
});
