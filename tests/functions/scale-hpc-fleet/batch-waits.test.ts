/** What is said of a multi-node job of AWS Batch that waits. */

import { describe, expect, it } from 'vitest';
import { decide, type BatchFacts } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { ago, batchFacts, environment, history, job, MISFIT, NOW, warm } from './batch-facts.ts';
import { LIMITS } from './fleet-facts.ts';

function decided(more: Partial<BatchFacts> = {}): Decision {
  return decide(batchFacts(more), LIMITS, NOW);
}

function codeOf(decision: Decision): string {
  return `${decision.kind} ${decision.code}`;
}

describe('a multi-node job that stays RUNNABLE', () => {
  const waiting = (seconds: number, id = 'a'): BatchFacts['history'] => history({ waiting: `${id} ${ago(seconds)}` });
  const warmed = environment({ minvCpus: 768, desiredvCpus: 768 });
  const told = (more: Partial<BatchFacts>): string => {
    const decision = decided({ environment: warmed, jobs: [job('a', 4)], history: waiting(600), ...more });
    return decision.code === 'job-waits' ? decision.because.split(': ').slice(1).join(': ') : codeOf(decision);
  };

  it('is remembered from when it was seen first, and told after ten minutes', () => {
    expect(decided({ environment: warmed, jobs: [job('a', 4)] })).toMatchObject({
      code: 'in-order',
      remember: { waiting: `a ${NOW}` },
    });
    expect(told({ history: waiting(599) })).toBe('nothing in-order');
    expect(told({ history: waiting(900, 'b') })).toBe('nothing in-order');
    expect(told({})).toBe('neither Batch nor its environment says why');
  });

  it.each<[string, Partial<BatchFacts>, string]>([
    [
      'on Spot',
      { environment: { ...warmed, resources: 'SPOT' } },
      'cfd-a is of Spot instances, on which Batch runs no multi-node parallel job',
    ],
    ['an INVALID one', { environment: { ...warmed, status: 'INVALID', statusReason: 'why' } }, 'cfd-a is INVALID: why'],
    ['a small one', { jobs: [job('a', 9)] }, '9 nodes of hpc7a.96xlarge have 1728 vCPUs, and maxvCpus is 1536'],
    [
      'a full subnet',
      { environment: environment({ minvCpus: 768, desiredvCpus: 192 }), freeAddresses: 2 },
      '3 more instances and 4 nodes of it need an address each, and subnet-0a has 2 free',
    ],
    [
      'a subnet without addresses for the nodes on instances that run',
      { freeAddresses: 3 },
      '4 nodes of it need an address each, and subnet-0a has 3 free',
    ],
    [
      'a subnet without addresses for instances, on EKS',
      {
        environment: environment({ minvCpus: 768, desiredvCpus: 192 }),
        jobs: [job('a', 4, { hasInterfaces: false })],
        freeAddresses: 2,
      },
      '3 more instances need an address each, and subnet-0a has 2 free',
    ],
    [
      'nothing where pods have the addresses of their hosts',
      { jobs: [job('a', 4, { hasInterfaces: false })], freeAddresses: 0 },
      'neither Batch nor its environment says why',
    ],
    [
      'memory that may not be there',
      { jobs: [job('a', 4, { memoryMiB: 786_000 })] },
      'of 786432 MiB the system keeps some: ask for 5 percent less',
    ],
    ['what Batch says, once', { jobs: [job('a', 4, { statusReason: MISFIT })] }, `Batch says ${MISFIT}`],
    [
      'what Batch says',
      { jobs: [job('a', 4, { statusReason: 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - none' })] },
      'Batch says CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - none',
    ],
    ['other words', { jobs: [job('a', 4, { statusReason: 'retried' })] }, 'neither Batch nor its environment says why'],
  ])('is explained by %s', (_what, more, because) => {
    expect(told(more)).toBe(because);
  });

  it('waits for its turn where others have the room, and for another environment where that is first', () => {
    const full = environment({ minvCpus: 1_152, desiredvCpus: 1_152 });
    const jobs = [job('b', 6, { state: 'RUNNING' }), job('a', 4)];
    expect(told({ environment: full, jobs })).toBe('nothing at-maximum');
    const first = environment({ name: 'cfd-0' });
    const environments = [first.arn, warmed.arn];
    const queue = { state: 'ENABLED', status: 'VALID', statusReason: null, environments };
    expect(told({ others: [first], queue, record: warm(768) })).toBe('nothing other-first');
  });

  it('is no job of one node', () => {
    expect(told({ jobs: [job('a', null)] })).toBe('nothing in-order');
  });
});
