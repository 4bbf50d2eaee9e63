/** What is watched while compute environments of AWS Batch are warmed. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { record, staged, watch, type Stage } from '../watching.ts';

function begin(jobs: readonly Shape[], minvCpus = 0): Stage {
  const computeResources = { instanceTypes: ['hpc7a.96xlarge'], maxvCpus: 1_536, minvCpus };
  return staged({
    ec2: { InstanceTypes: [{ InstanceType: 'hpc7a.96xlarge', VCpuInfo: { DefaultVCpus: 192 } }] },
    batch: {
      computeEnvironments: [{ computeEnvironmentName: 'a', computeResources }],
      jobQueues: [{ jobQueueName: 'cfd', computeEnvironmentOrder: [{ computeEnvironment: 'a' }] }],
      jobs: jobs.map((job, index) => ({ jobId: String(index), jobQueue: 'cfd', ...job })),
    },
  });
}

function sets({ world }: Stage, minvCpus: number): () => void {
  return () => {
    const environment = record(world, 'batch', 'computeEnvironments', 'computeEnvironmentName', 'a');
    Object.assign(environment['computeResources'] ?? {}, { minvCpus });
  };
}

describe('no-more-is-warmed-than-jobs-ask-for', () => {
  const found = (stage: Stage, ...steps: readonly (() => void)[]): string | undefined =>
    watch('no-more-is-warmed-than-jobs-ask-for', stage.world, steps);
  const gang = { nodeProperties: { numNodes: 2, mainNode: 0 } };

  it('is broken by an instance more than the jobs have ever needed', () => {
    const stage = begin([gang, {}, { status: 'SUCCEEDED' }]);
    expect(found(stage, sets(stage, 577))).toBe('a has minvCpus 577, and its jobs never needed more than 576 at once');
  });

  it('is kept by what they needed once, and by what people had set', () => {
    const stage = begin([gang]);
    const ends = (): void => {
      record(stage.world, 'batch', 'jobs', 'jobId', '0')['status'] = 'SUCCEEDED';
    };
    expect(found(stage, sets(stage, 384), ends)).toBeUndefined();
    const set = begin([], 768);
    expect(found(set, sets(set, 768))).toBeUndefined();
  });
});
