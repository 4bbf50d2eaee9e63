import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recordOf } from '../../../cli/operate/show/record.ts';
import { approvalHash } from '../../../shared/kernel/plan.ts';
import type { ApprovalKey, ApprovalRow } from '../../../shared/kernel/ledger/ledger.ts';
import type { MemoryLedger } from '../../../simulator/engine/ledger.ts';
import type { Controls, SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { instances, outcomes, RECYCLED, run, WORLD } from './small-run.ts';

const detailShape = z.object({
  outcome: z.string(),
  run: z.string(),
  target: z.string(),
  approval: z.object({ callbackId: z.string(), planHash: z.string() }).optional(),
});

/** What a person is asked. */
interface Question {
  readonly run: string;
  readonly target: string;
  readonly callbackId: string;
  readonly planHash: string;
}

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
  function asked(controls: Controls): readonly Question[] {
    return controls.world.records('eventbridge', 'Entries').flatMap((entry) => {
      const detail = detailShape.parse(JSON.parse(String(entry['Detail'])));
      return detail.outcome === 'awaiting-approval' && detail.approval !== undefined
        ? [{ run: detail.run, target: detail.target, ...detail.approval }]
        : [];
    });
  }

  /** A row of the ledger, as the command writes it. */
  function word(changes: Partial<ApprovalRow> = {}): ApprovalRow {
    return {
      verdict: 'approve',
      at: '2026-11-22T08:01:00.000Z',
      by: 'arn:kim',
      reason: '',
      until: '2026-11-22T08:11:00.000Z',
      ...changes,
    };
  }

  /** So much later a person gives their word, and wakes each run. */
  function answerAfter(
    seconds: number,
    give: (question: Question, ledger: MemoryLedger) => object | string,
  ): (controls: Controls) => void {
    return (controls) => {
      controls.clock.after(seconds * 1_000, () => {
        for (const question of asked(controls)) {
          const said = give(question, controls.ledger);
          const text = typeof said === 'string' ? said : JSON.stringify(said);
          controls.durable.completeCallback(question.callbackId, text);
        }
      });
    };
  }

  function saying(row: ApprovalRow, changes: Partial<ApprovalKey> = {}) {
    return ({ run: ofRun, target, planHash }: Question, ledger: MemoryLedger): object => {
      void ledger.approve({ person: 'AROA1:kim', run: ofRun, target, planHash, ...changes }, row);
      return { person: 'AROA1:kim', planHash };
    };
  }

  const both = (reason: string): readonly string[] => [reason, reason];
  const reasonsOf = (end: SimulationEnd): readonly string[] => end.results.map(({ result }) => result.reason);

  it('of exactly this plan lets it run, with the later stages of the same intent, and stands in its record', async () => {
    const end = await run({ environment }, answerAfter(60, saying(word())));
    expect(end.error).toBeUndefined();
    expect(instances(end)).toEqual(RECYCLED);
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 done']);
    expect(end.ledger.records.map(({ body }) => body['evidence'])).toMatchObject([
      { approvedBy: 'arn:kim (AROA1:kim)' },
      { approvedBy: 'arn:kim (AROA1:kim)' },
    ]);
  });
  it('that is waited for is on record, and the end of the run takes its place', async () => {
    const waiting: string[] = [];
    const areWhole: boolean[] = [];
    const end = await run({ environment }, (controls) => {
      controls.clock.after(30_000, () => {
        const records = controls.ledger.dump().records.map(({ body }) => body);
        waiting.push(...records.map(({ outcome, approval }) => JSON.stringify({ outcome, approval })));
        const shown = controls.ledger.dump().records.map(({ body, ...key }) => recordOf(key, body));
        areWhole.push(...shown.map(({ plan, approval }) => approvalHash(plan) === approval?.planHash));
      });
      answerAfter(60, saying(word()))(controls);
    });
    expect(waiting).toHaveLength(2);
    // Whoever reads the record can tell that it shows what waits.
    expect(areWhole).toEqual([true, true]);
    expect(waiting[0]).toMatch(
      /^\{"outcome":"awaiting-approval","approval":\{"callbackId":"[^"]+","planHash":"[0-9a-f]+","expiresInSeconds":600\}\}$/u,
    );
    expect(end.ledger.records.map(({ body }) => body['outcome'])).toEqual(['done', 'done']);
  });
  it('of another plan is refused as drifted', async () => {
    const end = await run(
      { environment },
      answerAfter(60, (question, ledger) => ({ ...saying(word())(question, ledger), planHash: 'something else' })),
    );
    expect(reasonsOf(end)).toEqual(both('drifted: another plan was approved'));
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
      answerAfter(60, saying(word())),
    );
    const moved = end.results.find(({ result }) => result.target?.endsWith('i-0a1'));
    expect(moved?.result.reason).toBe('drifted: what was approved is no longer what would be done');
  });
  it.each<[string, ApprovalRow, string]>([
    [
      'a no with its reason',
      word({ verdict: 'reject', reason: 'not on a Friday' }),
      'not-approved: arn:kim (AROA1:kim) said no: not on a Friday',
    ],
    ['a no without one', word({ verdict: 'reject' }), 'not-approved: arn:kim (AROA1:kim) said no'],
    [
      'a yes whose time is over',
      word({ until: '2026-11-22T08:00:59.000Z' }),
      'not-approved: what arn:kim (AROA1:kim) said counted until 2026-11-22T08:00:59.000Z',
    ],
    ['a yes without an end', word({ until: '' }), 'not-approved: what arn:kim (AROA1:kim) said counted until '],
  ])('that is %s changes nothing', async (_what, row, reason) => {
    const end = await run({ environment }, answerAfter(60, saying(row)));
    expect(reasonsOf(end)).toEqual(both(reason));
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it.each<[string, Partial<ApprovalKey>]>([
    ['another run', { run: 'another' }],
    ['another target', { target: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0c3' }],
    ['another plan', { planHash: 'another' }],
    ['another person', { person: 'AROA2:eve' }],
  ])('that is about %s is none', async (_what, changes) => {
    const end = await run({ environment }, answerAfter(60, saying(word(), changes)));
    expect(reasonsOf(end)).toEqual(both('not-approved: the ledger has no word on it by AROA1:kim'));
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it.each<[string, (planHash: string) => string, string]>([
    [
      'a yes as it was before',
      (planHash) => JSON.stringify({ approve: true, planHash, by: 'kim' }),
      'not-approved: the run was woken in nobody’s name',
    ],
    ['a person that is no text', () => JSON.stringify({ person: 7 }), 'drifted: another plan was approved'],
    ['a word', () => 'yes', 'drifted: another plan was approved'],
    ['a list', () => '[]', 'drifted: another plan was approved'],
    ['nothing', () => 'null', 'drifted: another plan was approved'],
  ])('of which the callback alone says %s is none', async (_what, text, reason) => {
    const end = await run(
      { environment },
      answerAfter(60, (question, ledger) => {
        saying(word())(question, ledger);
        return text(question.planHash);
      }),
    );
    expect(reasonsOf(end)).toEqual(both(reason));
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it('that cannot be read is none, and the run says so', async () => {
    const end = await run({ environment }, (controls) => {
      Reflect.set(controls.ledger, 'approval', () => Promise.reject(new Error('no answer')));
      answerAfter(60, saying(word()))(controls);
    });
    expect(reasonsOf(end)).toEqual(both('ledger-lost: the approval by AROA1:kim cannot be read (Error)'));
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it('that counts until the very moment in which it is read has come too late', async () => {
    const end = await run({ environment }, (controls) => {
      const read = controls.ledger.approval;
      const late = async (key: ApprovalKey): ReturnType<typeof read> => {
        const row = await read(key);
        return row && { ...row, until: new Date().toISOString() };
      };
      Reflect.set(controls.ledger, 'approval', late);
      answerAfter(60, saying(word()))(controls);
    });
    expect(instances(end)).toEqual(['i-0a1 running -', 'i-0b2 running -']);
  });
  it('that is read in vain once is read again', async () => {
    const failed: string[] = [];
    const end = await run({ environment }, (controls) => {
      const read = controls.ledger.approval;
      const once = (key: ApprovalKey): ReturnType<typeof read> =>
        failed.includes(key.target) || failed.push(key.target) === 0
          ? read(key)
          : Promise.reject(new Error('no answer'));
      Reflect.set(controls.ledger, 'approval', once);
      answerAfter(60, saying(word()))(controls);
    });
    expect(failed).toHaveLength(2);
    expect(outcomes(end)).toEqual(['i-0a1 done', 'i-0b2 done']);
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
