/** What is watched while the partitions of ParallelClusters are parked. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { record, staged, watch, type Stage } from '../watching.ts';

function begin(efa: Shape): Stage {
  return staged({ ssm: { Documents: [{ Name: 'park', Parks: { Partitions: { efa, small: {} } } }] } });
}

/** `efa` gets that state; by a command, or by somebody else. */
function sets({ world }: Stage, State: string, command?: 'park' | 'unpark'): () => void {
  return () => {
    const { Parks } = record(world, 'ssm', 'Documents', 'Name', 'park');
    const partitions: unknown = Reflect.get(Object(Parks), 'Partitions');
    Object.assign(Object(Reflect.get(Object(partitions), 'efa')), { State });
    const Parameters = { command: [command], partitions: ['efa'] };
    if (command !== undefined) world.records('ssm', 'CommandInvocations').push({ InvocationId: command, Parameters });
  };
}

describe('no-partition-at-work-or-of-others-is-changed', () => {
  const found = (stage: Stage, ...steps: readonly (() => void)[]): string | undefined =>
    watch('no-partition-at-work-or-of-others-is-changed', stage.world, steps);

  it('is broken by a partition that is parked with a job in it', () => {
    const stage = begin({ Pending: 1 });
    expect(found(stage, sets(stage, 'INACTIVE', 'park'))).toBe('park/efa was parked with 1 jobs in it');
    const theirs = begin({ Running: 1 });
    expect(found(theirs, sets(theirs, 'INACTIVE'))).toBeUndefined();
  });

  it('is broken by one that is unparked and was not parked by us', () => {
    const stage = begin({ State: 'INACTIVE' });
    expect(found(stage, sets(stage, 'UP', 'unpark'))).toBe('park/efa was unparked, and we had not parked it');
    const again = begin({});
    const steps = [sets(again, 'INACTIVE', 'park'), sets(again, 'UP'), sets(again, 'INACTIVE')];
    expect(found(again, ...steps)).toBeUndefined();
  });

  it('is kept by one that is parked, and unparked again; and by what others do', () => {
    const stage = begin({});
    expect(found(stage, sets(stage, 'INACTIVE', 'park'), sets(stage, 'UP', 'unpark'))).toBeUndefined();
    const theirs = begin({ State: 'INACTIVE' });
    expect(found(theirs, sets(theirs, 'UP'))).toBeUndefined();
  });
});
