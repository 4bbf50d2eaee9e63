/** What is decided about compute environments of AWS Batch. */

import { describe, expect, it } from 'vitest';
import { decide, type BatchFacts, type BatchJob } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { ago, batchFacts, environment, history, job, MISFIT, NOW, warm } from './batch-facts.ts';
import { LIMITS } from './fleet-facts.ts';

function decided(more: Partial<BatchFacts> = {}): Decision {
  return decide(batchFacts(more), LIMITS, NOW);
}

function planOf(decision: Decision): readonly PlannedCall[] {
  return decision.kind === 'act' ? decision.plan : [];
}

/** What minvCpus are set to; `undefined`: they are not. */
function minimum(decision: Decision): unknown {
  const update = planOf(decision).find(({ call }) => call === 'batch:UpdateComputeEnvironment');
  return update?.input['computeResources'];
}

function codeOf(decision: Decision): string {
  return `${decision.kind} ${decision.code}`;
}

describe('an environment whose queue has work', () => {
  it('has minvCpus for all nodes of its jobs, and the ledger knows before and after what people had set', () => {
    const jobs = [job('a', 4, { state: 'RUNNING' }), job('b', 2)];
    const decision = decided({ environment: environment({ minvCpus: 192 }), jobs });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'warmed',
      budget: 'counted',
      more: true,
      intent: 'warm cfd-a',
    });
    const value = { before: 192, set: 1_152, at: NOW, run: 'run-2' };
    expect(planOf(decision).map(({ call, input }) => [call, input])).toEqual([
      [
        'ledger:write',
        {
          partition: 'hpc-batch',
          key: 'cfd-a',
          ifVersion: 0,
          value: { ...value, from: 192 },
          expiresAt: '2027-12-27T08:00:00.000Z',
        },
      ],
      [
        'batch:UpdateComputeEnvironment',
        { computeEnvironment: environment().arn, computeResources: { minvCpus: 1_152 } },
      ],
      [
        'ledger:write',
        {
          partition: 'hpc-batch',
          key: 'cfd-a',
          ifVersion: 1,
          value: { ...value, from: null },
          expiresAt: '2027-12-27T08:00:00.000Z',
        },
      ],
    ]);
    expect(planOf(decision)[1]?.undo?.input['computeResources']).toEqual({ minvCpus: 192 });
  });

  it.each<[string, readonly BatchJob[], number | undefined]>([
    ['two gangs that fit, and not of the third', [job('a', 4), job('b', 3), job('c', 2), job('d', 1)], 1_344],
    ['what fits behind a gang that never will', [job('a', 9), job('b', 2)], 384],
    ['a job of one node, rounded up to an instance', [job('a', null, { vcpus: 1, memoryMiB: 1 })], 192],
    [
      'children of an array job, in whole instances together',
      [job('a', null, { vcpus: 100, memoryMiB: 1, count: 4 })],
      576,
    ],
    ['children that need more memory than vCPUs', [job('a', null, { vcpus: 1, memoryMiB: 393_200, count: 4 })], 384],
    [
      'three that make up one instance together',
      ['a', 'b', 'c'].map((id) => job(id, null, { vcpus: 64, memoryMiB: 1 })),
      192,
    ],
    ['an array job that is too large, as far as there is room', [job('a', null, { vcpus: 192, count: 99 })], 1_536],
    ['no node that asks for more vCPUs than an instance has', [job('a', 2, { vcpus: 193 })], undefined],
    ['a node that asks for what may be left of the memory', [job('a', 2, { memoryMiB: 786_400 })], 384],
    ['no node that asks for all of the memory', [job('a', 2, { memoryMiB: 786_432 })], undefined],
    ['no node that asks for GPUs where there are none', [job('a', 2, { gpus: 1 })], undefined],
    ['no job of which Batch says that it fits nowhere', [job('a', 2, { statusReason: MISFIT })], undefined],
    ['what runs, whatever was said of it', [job('a', 2, { state: 'RUNNING', statusReason: MISFIT })], 384],
    ['no node of another type', [job('a', 2, { instanceTypes: ['c7i.48xlarge'] })], undefined],
  ])('is warmed for %s', (_what, jobs, minvCpus) => {
    expect(minimum(decided({ jobs }))).toEqual(minvCpus === undefined ? undefined : { minvCpus });
  });

  it('is left as people have set it where that is enough', () => {
    const decision = decided({ environment: environment({ minvCpus: 768 }), jobs: [job('a', 4)] });
    expect(codeOf(decision)).toBe('nothing in-order');
  });

  it.each<[string, readonly BatchJob[], string, string]>([
    [
      'has no room now',
      [job('a', 6, { state: 'RUNNING' }), job('b', 4)],
      'at-maximum',
      'job job-b (b) is not begun in part: of 1536 vCPUs 1152 are for jobs before it',
    ],
    [
      'never has',
      [job('b', 16)],
      'at-maximum',
      'job job-b (b) is not begun: 16 nodes of hpc7a.96xlarge have 3072 vCPUs, and maxvCpus is 1536',
    ],
    [
      'asks for too much',
      [job('b', 2, { vcpus: 200 })],
      'does-not-fit',
      'job job-b (b) is not begun: a node of it asks for 200 vCPUs, and hpc7a.96xlarge has 192 for jobs',
    ],
    [
      'is one that Batch can put nowhere',
      [job('b', 2, { statusReason: MISFIT })],
      'misconfigured',
      `job job-b (b) is not begun: Batch says ${MISFIT}`,
    ],
    [
      'asks for GPUs',
      [job('b', 2, { gpus: 8 })],
      'does-not-fit',
      'job job-b (b) is not begun: a node of it asks for 8 GPUs, and hpc7a.96xlarge has 0 for jobs',
    ],
  ])('says of a gang that it %s', (_what, jobs, code, because) => {
    const set = environment({ minvCpus: 1_152 });
    expect(decided({ environment: set, jobs })).toMatchObject({ kind: 'nothing', code, because, attention: true });
  });
});

describe('an environment that is warm', () => {
  const warmed = environment({ minvCpus: 768, desiredvCpus: 768 });
  const spare = (seconds: number): BatchFacts['history'] => history({ spareSince: ago(seconds) });

  it('begins to be idle when less is needed', () => {
    expect(decided({ environment: warmed, record: warm(768) })).toMatchObject({
      code: 'in-order',
      remember: { spareSince: NOW },
    });
  });

  it('is kept until it has been idle for long enough, and given back exactly', () => {
    const record = warm(768, { before: 100 });
    expect(minimum(decided({ environment: warmed, record, history: spare(1_199) }))).toBeUndefined();
    const decision = decided({ environment: warmed, record, history: spare(1_200) });
    expect(codeOf(decision)).toBe('act returned');
    expect(minimum(decision)).toEqual({ minvCpus: 100 });
    expect(planOf(decision)[0]?.input).toMatchObject({ ifVersion: 2, value: { before: 100, set: 100, from: 768 } });
    expect(planOf(decision)[2]?.input).toMatchObject({ ifVersion: 3, expiresAt: '2026-11-23T08:00:00.000Z' });
  });

  it('goes down to what its jobs need still', () => {
    const jobs = [job('a', 2, { state: 'RUNNING' })];
    const decision = decided({ environment: warmed, record: warm(768), jobs, history: spare(1_300) });
    expect(minimum(decision)).toEqual({ minvCpus: 384 });
  });

  it('is given back when Batch says of its job that it fits nowhere', () => {
    const jobs = [job('a', 4, { statusReason: MISFIT })];
    const decision = decided({ environment: warmed, record: warm(768), jobs, history: spare(1_200) });
    expect(minimum(decision)).toEqual({ minvCpus: 0 });
  });

  it('takes jobs by the GPUs, too', () => {
    const types = { 'hpc7a.96xlarge': { vcpus: 192, memoryMiB: null, gpus: 8 } };
    const jobs = [job('a', null, { vcpus: 1, gpus: 4, count: 3 })];
    expect(minimum(decided({ types, jobs }))).toEqual({ minvCpus: 384 });
  });

  it('forgets that it was idle', () => {
    const decision = decided({ environment: warmed, record: warm(768), jobs: [job('a', 4)], history: spare(1_300) });
    expect(decision).toMatchObject({ code: 'in-order', remember: { spareSince: null } });
  });

  it('is given back at once where it is disabled, and not touched where it is INVALID', () => {
    const record = warm(768);
    const disabled = decided({ environment: { ...warmed, state: 'DISABLED' }, record, jobs: [job('a', 4)] });
    expect(minimum(disabled)).toEqual({ minvCpus: 0 });
    const invalid = decided({ environment: { ...warmed, status: 'INVALID' }, record, history: spare(9_000) });
    expect(codeOf(invalid)).toBe('refuse environment-invalid');
  });

  it('is asked for once more where nobody knows whether Batch took it', () => {
    const record = warm(768, { from: 0, version: 1 });
    const jobs = [job('a', 4)];
    const again = decided({ record, jobs });
    expect(codeOf(again)).toBe('act warmed');
    expect(planOf(again)[0]?.input).toMatchObject({ ifVersion: 1, value: { before: 0, set: 768, from: 0 } });
    const taken = decided({ environment: warmed, record, jobs });
    expect(codeOf(taken)).toBe('act change-noted');
    expect(planOf(taken).map(({ input }) => input['value'])).toEqual([
      { before: 0, set: 768, from: null, at: NOW, run: 'run-2' },
    ]);
  });

  it('closes the record of a change that was never made and is not wanted any more', () => {
    const decision = decided({ record: warm(768, { from: 0, version: 1 }) });
    expect(planOf(decision).map(({ input }) => input['value'])).toEqual([
      { before: 0, set: 0, from: null, at: NOW, run: 'run-2' },
    ]);
  });
});

describe('an environment that somebody else has changed', () => {
  const theirs = environment({ minvCpus: 384 });
  const record = warm(768);

  it('is left alone while there is work', () => {
    const decision = decided({ environment: theirs, record, jobs: [job('a', 8)] });
    expect(decision).toMatchObject({ kind: 'nothing', code: 'changed-by-others', remember: { theirsSince: NOW } });
  });

  it('is theirs for good once there has been no work for the idle time, and it is no stale answer', () => {
    const since = (idle: number, changed: number): BatchFacts['history'] =>
      history({ spareSince: ago(idle), theirsSince: ago(changed) });
    expect(codeOf(decided({ environment: theirs, record, history: since(1_199, 300) }))).toBe(
      'nothing changed-by-others',
    );
    expect(codeOf(decided({ environment: theirs, record, history: since(1_200, 299) }))).toBe(
      'nothing changed-by-others',
    );
    const decision = decided({ environment: theirs, record, history: since(1_200, 300) });
    expect(codeOf(decision)).toBe('act left-to-others');
    expect(planOf(decision).map(({ input }) => input['value'])).toEqual([
      { before: 384, set: 384, from: null, at: NOW, run: 'run-2' },
    ]);
  });

  it('begins anew from what they have set, once what was given back must have shown', () => {
    const closed = warm(0, { at: ago(299) });
    const jobs = [job('a', 4)];
    expect(codeOf(decided({ environment: theirs, record: closed, jobs }))).toBe('nothing settling');
    const decision = decided({ environment: theirs, record: { ...closed, at: ago(300) }, jobs });
    expect(planOf(decision)[0]?.input).toMatchObject({ value: { before: 384, set: 768, from: 384 } });
  });
});

describe('an environment that is not warmed', () => {
  const queue = batchFacts().queue ?? undefined;
  it.each<[string, Partial<BatchFacts>]>([
    ['nothing gone', { environment: null }],
    ['nothing needs-history', { history: 'unread' }],
    ['refuse not-verified', { setback: { plan: [], why: 'it is not there' } }],
    ['refuse unreadable-setting', { settings: { queue: null, idleSeconds: 1_200, problems: ['cfd-a: tag'] } }],
    ['refuse unreadable-record', { recordFault: 'hpc-batch/cfd-a: set' }],
    ['nothing updating', { environment: environment({ status: 'UPDATING' }) }],
    ['nothing updating', { environment: environment({ status: 'CREATING' }) }],
    ['nothing environment-goes', { environment: environment({ status: 'DELETING' }) }],
    ['refuse environment-invalid', { environment: environment({ status: 'INVALID', statusReason: 'CLIENT_ERROR' }) }],
    ['refuse environment-disabled', { environment: environment({ state: 'DISABLED' }) }],
    ['refuse unmanaged', { environment: environment({ type: 'UNMANAGED' }) }],
    ['refuse not-on-demand', { environment: environment({ resources: 'SPOT' }) }],
    ['refuse not-on-demand', { environment: environment({ resources: 'FARGATE' }) }],
    ['refuse not-one-type', { environment: environment({ instanceTypes: ['optimal'] }) }],
    ['refuse not-one-type', { environment: environment({ instanceTypes: ['hpc7a.96xlarge', 'c7i.48xlarge'] }) }],
    ['refuse not-one-subnet', { environment: environment({ subnets: ['subnet-0a', 'subnet-0b'] }) }],
    ['refuse unknown-type', { types: {} }],
    ['refuse no-job-queue', { queue: null }],
    [
      'refuse not-in-queue',
      { queue: { ...queue, state: 'ENABLED', status: 'VALID', statusReason: null, environments: [] } },
    ],
    [
      'refuse queue-disabled',
      { queue: { state: 'DISABLED', status: 'VALID', statusReason: null, environments: [environment().arn] } },
    ],
    [
      'refuse queue-disabled',
      { queue: { state: 'ENABLED', status: 'INVALID', statusReason: 'x', environments: [environment().arn] } },
    ],
  ])('%s', (expected, more) => {
    const decision = decided({ jobs: [job('a', 4)], ...more });
    expect(codeOf(decision)).toBe(expected);
    expect(minimum(decision)).toBeUndefined();
  });

  it('is not asked twice in one run where Batch has refused', () => {
    const call = 'batch:UpdateComputeEnvironment';
    const refusal = { call, input: {}, meaning: 'refused' as const, name: 'ClientException', message: 'no', at: NOW };
    expect(decided({ jobs: [job('a', 4)], refusals: [refusal] })).toMatchObject({ kind: 'refuse', code: 'not-taken' });
  });
});

describe('two environments of one queue', () => {
  const first = environment({ name: 'cfd-0', maxvCpus: 768 });
  const inQueue = {
    state: 'ENABLED',
    status: 'VALID',
    statusReason: null,
    environments: [first.arn, environment().arn],
  };
  const both = (more: Partial<BatchFacts>): string => codeOf(decided({ queue: inQueue, others: [first], ...more }));

  it('are warmed in the order of the queue', () => {
    expect(both({ jobs: [job('a', 4)] })).toBe('nothing other-first');
  });

  it('are passed over where no job can come to them', () => {
    expect(both({ jobs: [job('a', 5)] })).toBe('act warmed');
    expect(both({ jobs: [job('a', 4)], others: [{ ...first, status: 'INVALID' }] })).toBe('act warmed');
    expect(both({ jobs: [job('a', 4)], others: [{ ...first, subnets: [] }] })).toBe('act warmed');
  });
});

describe('a run that died', () => {
  const pending = { intent: 'warm cfd-a', at: ago(60), note: { run: 'run-1' } };
  const warmed = environment({ minvCpus: 768, desiredvCpus: 768 });

  it('is told of, with what it has set', () => {
    const jobs = [job('a', 4)];
    const call = { call: 'batch:UpdateComputeEnvironment', input: { computeResources: { minvCpus: 768 } } };
    expect(decided({ environment: warmed, record: warm(768), jobs, history: { ...history(), pending } })).toMatchObject(
      {
        kind: 'act',
        code: 'in-order',
        plan: [],
        untold: [call],
      },
    );
    const open = warm(768, { from: 0, version: 1 });
    expect(decided({ environment: warmed, record: open, jobs, history: { ...history(), pending } })).toMatchObject({
      code: 'change-noted',
      untold: [call],
    });
  });

  it('is told of before what keeps a job waiting, and not before it is known what became of it', () => {
    const waiting = { ...history({ waiting: `a ${ago(900)}` }), pending };
    const jobs = [job('a', 16)];
    const decision = decided({ environment: warmed, record: warm(768, { before: 768 }), jobs, history: waiting });
    expect(decision).toMatchObject({ kind: 'act', code: 'change-noted', plan: [] });
    const record = warm(768, { from: 0 });
    const invalid = { ...warmed, status: 'INVALID' };
    expect(decided({ environment: invalid, record, jobs, history: waiting })).toMatchObject({ code: 'job-waits' });
  });

  it('is only settled where it has set nothing', () => {
    const decision = decided({ history: { ...history(), pending } });
    expect(decision).toMatchObject({ kind: 'act', code: 'in-order', plan: [], intent: 'warm cfd-a' });
    expect(decision).not.toHaveProperty('untold');
  });
});
