/** What is watched while gangs come and go: that each watcher notices what it is there for, and nothing else. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { record, staged, watch, type Stage } from '../watching.ts';

const TEMPLATE = { LaunchTemplateId: 'lt-0a1', LaunchTemplateName: 'mpi', LaunchTemplateData: { ImageId: 'ami-0a1' } };

function tags(gang: string, size: number): Shape[] {
  const own = { 'hpc-queue': 'mpi-jobs', run: `scale-hpc-fleet/${gang}`, 'nodes-per-job': String(size) };
  return Object.entries(own).map(([key, Value]) => ({ Key: `runbook:${key}`, Value }));
}

function node(gang: string, index: number, size = 2): Shape {
  return { InstanceId: `i-${gang}${index}`, AmiLaunchIndex: index, Tags: tags(gang, size) };
}

/** A fleet with these instances, and so many jobs. */
function fleet(instances: readonly Shape[], jobs = 0): Stage {
  const Messages = Array.from({ length: jobs }, (_, id) => ({ Body: String(id) }));
  const fleetTags = [{ Key: 'runbook:hpc-queue', Value: 'mpi-jobs' }];
  return staged({
    ec2: { Instances: instances, LaunchTemplates: [{ ...TEMPLATE, Tags: fleetTags }] },
    sqs: { Queues: [{ QueueName: 'mpi-jobs', Messages }] },
    workers: [{ queue: 'mpi-jobs', works: 'PT10M' }],
  });
}

function instance({ world }: Stage, id: string): Shape {
  return record(world, 'ec2', 'Instances', 'InstanceId', id);
}

function becomes(stage: Stage, id: string, Name: string): () => void {
  return () => {
    instance(stage, id)['State'] = { Name };
  };
}

function worker({ world }: Stage): Shape {
  return record(world, 'workers', 'Workers', 'queue', 'mpi-jobs');
}

function request(call: string, input: Shape, more: Partial<LoggedRequest> = {}): LoggedRequest {
  const at = '2026-11-22T08:00:00.000Z';
  return { index: 0, invocation: 0, runbook: 'scale-hpc-fleet', call, kind: 'write', input, at, depth: 1, ...more };
}

describe('no-part-of-a-gang-lasts', () => {
  const found = (stage: Stage, ...steps: readonly (() => void)[]): string | undefined =>
    watch('no-part-of-a-gang-lasts', stage.world, steps);
  const later = (stage: Stage, seconds: number) => (): void => stage.pass(seconds);

  it('is broken by what is left of a gang after two ticks and a minute', () => {
    const stage = fleet([node('a', 0), node('a', 1)]);
    expect(found(stage, becomes(stage, 'i-a1', 'terminated'), later(stage, 181))).toBe(
      '1 of the 2 nodes of gang a are there since 2026-11-22T08:00:00.000Z',
    );
  });

  it('holds until then, while the gang is held, and where nothing is left', () => {
    const soon = fleet([node('a', 0), node('a', 1)]);
    const isSoon = [becomes(soon, 'i-a1', 'terminated'), later(soon, 180), becomes(soon, 'i-a0', 'shutting-down')];
    expect(found(soon, ...isSoon, later(soon, 600))).toBeUndefined();
    const held = fleet([node('a', 0), node('a', 1)]);
    worker(held)['holds'] = [{ gang: 'a' }];
    expect(found(held, becomes(held, 'i-a1', 'terminated'), later(held, 600))).toBeUndefined();
  });

  it('counts from when a lease that nobody renews is over', () => {
    const stage = fleet([node('a', 0), node('a', 1)]);
    worker(stage)['holds'] = [{ gang: 'a', until: '2026-11-22T08:05:00.000Z' }];
    const gone = becomes(stage, 'i-a1', 'terminated');
    expect(found(stage, gone, later(stage, 301), later(stage, 179))).toBeUndefined();
    expect(found(stage, later(stage, 0), later(stage, 181))).toContain('1 of the 2 nodes');
  });
});

describe('nobody-at-work-is-ended', () => {
  const terminate = (id: string, more: Partial<LoggedRequest> = {}): LoggedRequest =>
    request('ec2:TerminateInstances', { InstanceIds: [id] }, { answeredAt: '2026-11-22T08:00:01.000Z', ...more });
  const found = (loss: Shape | undefined, sent: readonly LoggedRequest[]): string | undefined => {
    const stage = fleet([node('a', 0), node('a', 1)]);
    const losing = (): void => {
      worker(stage)['losses'] = loss === undefined ? [] : [{ gang: 'a', node: 'i-a1', byCall: true, ...loss }];
    };
    return watch('nobody-at-work-is-ended', stage.world, [losing], [], sent);
  };
  const at = '2026-11-22T08:00:01.000Z';

  it('is broken by a call that terminates a node of a gang that is at a job', () => {
    expect(found({ at }, [terminate('i-a1')])).toBe(`i-a1 was terminated at ${at} while gang a was at a job`);
  });

  it('holds where nobody was at a job, the node went by itself, or somebody else terminated it', () => {
    expect(found(undefined, [terminate('i-a1')])).toBeUndefined();
    expect(found({ at, byCall: false }, [terminate('i-a1')])).toBeUndefined();
    expect(found({ at }, [terminate('i-a0')])).toBeUndefined();
    expect(found({ at: '2026-11-22T08:00:02.000Z' }, [terminate('i-a1')])).toBeUndefined();
    expect(found({ at }, [terminate('i-a1', { at: '2026-11-22T08:00:03.000Z' })])).toBeUndefined();
  });
});

describe('no-double-launch', () => {
  const found = (stage: Stage, ...steps: readonly (() => void)[]): string | undefined =>
    watch('no-double-launch', stage.world, steps);
  const launched =
    (stage: Stage, ...gangs: readonly string[]) =>
    (): void => {
      for (const gang of gangs)
        stage.world
          .records('ec2', 'Instances')
          .push(...[0, 1].map((index) => ({ ...node(gang, index), State: { Name: 'pending' } })));
    };

  it('is broken by a second gang for one job', () => {
    const stage = fleet([], 1);
    expect(found(stage, launched(stage, 'a'), launched(stage, 'b'))).toBe(
      'mpi-jobs has 2 gangs, and there were never more than 1 jobs at once',
    );
  });

  it('is broken by a gang for no job', () => {
    const stage = fleet([]);
    expect(found(stage, launched(stage, 'a'))).toContain('1 gangs, and there were never more than 0 jobs');
  });

  it('holds for gangs that are kept when their jobs are done, those of the beginning, and what takes the place of a part', () => {
    const kept = fleet([], 2);
    const done = (): void => {
      record(kept.world, 'sqs', 'Queues', 'QueueName', 'mpi-jobs')['Messages'] = [];
    };
    expect(found(kept, launched(kept, 'a', 'b'), done)).toBeUndefined();
    const begun = fleet([node('a', 0), node('a', 1)]);
    expect(found(begun, becomes(begun, 'i-a1', 'terminated'), launched(begun, 'b'))).toBeUndefined();
  });
});

describe('all-or-none', () => {
  const found = (...sent: readonly LoggedRequest[]): string | undefined =>
    watch('all-or-none', fleet([]).world, [], [], sent);
  const launch = (input: Shape, more: Partial<LoggedRequest> = {}): LoggedRequest =>
    request('ec2:RunInstances', { MinCount: 4, MaxCount: 4, ClientToken: 'a', ...input }, more);

  it('is broken by a launch that may come in part, or that cannot be repeated', () => {
    expect(found(launch({}), launch({ MinCount: 1 }))).toBe('a launch has MinCount 1, MaxCount 4, ClientToken a');
    expect(found(launch({ ClientToken: undefined }))).toBe('a launch has MinCount 4, MaxCount 4, ClientToken none');
  });

  it('holds for whole launches, and is nothing to others', () => {
    expect(found(launch({}), launch({ MinCount: 1 }, { runbook: 'another' }))).toBeUndefined();
  });
});
