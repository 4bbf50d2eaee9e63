import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Controls } from '../../../simulator/engine/simulation.ts';
import { instances, outcomes, RECYCLED, run, WORLD } from './small-run.ts';

const detailShape = z.object({
  outcome: z.string(),
  target: z.string(),
  approval: z.object({ callbackId: z.string(), planHash: z.string() }).optional(),
});

describe('a durable run', () => {
  it('carries two targets through two waits side by side, and ends done', async () => {
    const end = await run();
    expect(end.error).toBeUndefined();
    expect(instances(end)).toEqual(RECYCLED);
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 done']);
  });
  it('sends each mutating call once', async () => {
    const end = await run();
    const sent = end.requests
      .filter(({ kind, call }) => kind === 'write' && call.startsWith('ec2:'))
      .map(({ call }) => call);
    expect(sent.toSorted()).toEqual([
      ...Array.from({ length: 6 }, () => 'ec2:CreateTags'),
      ...Array.from({ length: 2 }, () => 'ec2:StartInstances'),
      ...Array.from({ length: 2 }, () => 'ec2:StopInstances'),
    ]);
  });
  it('is the same run for the same seed, byte for byte', async () => {
    const [first, second] = [await run(), await run()];
    expect(JSON.stringify(first.requests)).toBe(JSON.stringify(second.requests));
    expect(JSON.stringify(first.timeline)).toBe(JSON.stringify(second.timeline));
  });
  it('holds its leases while it waits, and hands them back', async () => {
    const end = await run();
    expect(end.ledger.resources.map(({ owner, history }) => [owner, history.pending, history.actions.length])).toEqual([
      [undefined, undefined, 1],
      [undefined, undefined, 1],
    ]);
    expect(end.requests.some(({ call }) => call === 'ledger:renew')).toBe(true);
  });
  it('finds nothing to do when it is asked again', async () => {
    const end = await run({
      world: {
        ...WORLD,
        ec2: {
          Instances: WORLD.ec2.Instances.map((instance) => ({
            ...instance,
            Tags: [...instance.Tags, { Key: 'recycle-stage', Value: 'T-7:recycled' }],
          })),
        },
      },
    });
    expect(outcomes(end)).toEqual(['i-0a1 nothing', 'i-0b2 nothing']);
  });
  it('reports the target that cannot be recycled and finishes the other', async () => {
    const end = await run({ script: [{ after: 'PT5S', set: { 'ec2/Instances/i-0a1/State/Name': 'terminated' } }] });
    expect(outcomes(end)).toEqual(['i-0a1 refused', 'i-0b2 done']);
  });
});

describe('an approval', () => {
  const environment = { RUNBOOK_APPROVAL: 'always', RUNBOOK_APPROVAL_SECONDS: '600', OUTCOME_BUS: 'default' };

  /** What the person on call got: the outcome events that ask. */
  function asked(
    controls: Controls,
  ): readonly { readonly target: string; readonly callbackId: string; readonly planHash: string }[] {
    return controls.world.records('eventbridge', 'Entries').flatMap((entry) => {
      const detail = detailShape.parse(JSON.parse(String(entry['Detail'])));
      return detail.outcome === 'awaiting-approval' && detail.approval !== undefined
        ? [{ target: detail.target, ...detail.approval }]
        : [];
    });
  }

  function answerAfter(seconds: number, answer: (planHash: string) => object): (controls: Controls) => void {
    return (controls) => {
      controls.clock.after(seconds * 1_000, () => {
        for (const { callbackId, planHash } of asked(controls))
          controls.durable.completeCallback(callbackId, JSON.stringify(answer(planHash)));
      });
    };
  }

  it('of exactly this plan lets it run, with the later stages of the same intent', async () => {
    const end = await run(
      { environment },
      answerAfter(60, (planHash) => ({ approve: true, planHash, by: 'kim' })),
    );
    expect(end.error).toBeUndefined();
    expect(instances(end)).toEqual(RECYCLED);
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 done']);
  });
  it('that is waited for is on record, and the end of the run takes its place', async () => {
    const waiting: string[] = [];
    const end = await run({ environment }, (controls) => {
      controls.clock.after(30_000, () => {
        const records = controls.ledger.dump().records.map(({ body }) => body);
        waiting.push(...records.map(({ outcome, approval }) => JSON.stringify({ outcome, approval })));
      });
      answerAfter(60, (planHash) => ({ approve: true, planHash, by: 'kim' }))(controls);
    });
    expect(waiting).toHaveLength(2);
    expect(waiting[0]).toMatch(
      /^\{"outcome":"awaiting-approval","approval":\{"callbackId":"[^"]+","planHash":"[0-9a-f]+","expiresInSeconds":600\}\}$/u,
    );
    expect(end.ledger.records.map(({ body }) => body['outcome'])).toEqual(['done', 'done']);
  });
  it('of another plan is refused as drifted', async () => {
    const end = await run(
      { environment },
      answerAfter(60, () => ({ approve: true, planHash: 'something else', by: 'kim' })),
    );
    expect(end.results.map(({ result }) => result.reason)).toEqual([
      'drifted: another plan was approved',
      'drifted: another plan was approved',
    ]);
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it('that was given for a world that has moved on is refused', async () => {
    const end = await run(
      {
        environment,
        script: [
          {
            after: 'PT30S',
            set: {
              'ec2/Instances/i-0a1/Tags': [
                { Key: 'recycle', Value: 'yes' },
                { Key: 'recycle-stage', Value: 'T-7:stopping' },
              ],
            },
          },
        ],
      },
      answerAfter(60, (planHash) => ({ approve: true, planHash, by: 'kim' })),
    );
    const moved = end.results.find(({ result }) => result.target?.endsWith('i-0a1'));
    expect(moved?.result.reason).toBe('drifted: what was approved is no longer what would be done');
  });
  it('that is a no changes nothing', async () => {
    const end = await run(
      { environment },
      answerAfter(60, (planHash) => ({ approve: false, planHash, by: 'kim' })),
    );
    expect(end.results.map(({ result }) => result.reason)).toEqual([
      'not-approved: kim said no',
      'not-approved: kim said no',
    ]);
  });
  it.each([
    ['no yes', (planHash: string) => JSON.stringify({ planHash, by: 'kim' }), 'kim'],
    ['a yes of another kind', (planHash: string) => JSON.stringify({ approve: 'true', planHash }), 'a person'],
    ['a word', () => 'yes', 'a person'],
    ['a list', () => '[]', 'a person'],
    ['nothing', () => 'null', 'a person'],
  ])('that says %s is a no', async (_what, answer, by) => {
    const end = await run({ environment }, (controls) => {
      controls.clock.after(60_000, () => {
        for (const { callbackId, planHash } of asked(controls))
          controls.durable.completeCallback(callbackId, answer(planHash));
      });
    });
    expect(end.results.map(({ result }) => result.reason)).toEqual([
      `not-approved: ${by} said no`,
      `not-approved: ${by} said no`,
    ]);
  });
  it('that nobody gives in time changes nothing', async () => {
    const end = await run({ environment });
    expect(end.results.map(({ result }) => result.reason)).toEqual([
      'not-approved: nobody approved within 600 s',
      'not-approved: nobody approved within 600 s',
    ]);
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it('is waited for without holding a lease', async () => {
    const end = await run({ environment });
    expect(end.requests.filter(({ call }) => call === 'ledger:acquire')).toEqual([]);
  });
});
