/** A decision that asks a person for their word, whatever the deployment says. */

import { describe, expect, it } from 'vitest';
import { plain } from '../../../shared/kernel/hosts/plain-host.ts';
import type { ApprovalAnswer } from '../../../simulator/engine/run-types.ts';
import { decide } from '../../recycle-instances/decide.ts';
import { fleet, recycle, recycler, type How } from './recycling.ts';
import { instances } from './small-run.ts';

/** The small runbook, whose every plan asks. */
const ASKING: Parameters<typeof recycler>[0] = {
  decide: (...given) => {
    const decision = decide(...given);
    return decision.kind === 'act' ? { ...decision, approval: 'always' } : decision;
  },
};

const DEPLOYED = { OUTCOME_BUS: 'default', RUNBOOK_APPROVAL: 'never', RUNBOOK_APPROVAL_SECONDS: '600' };

async function asked(answers?: ApprovalAnswer, more: How = {}) {
  const how = { world: fleet(1), environment: DEPLOYED, answers, ...more };
  const end = await recycle(recycler(ASKING), how);
  const questions = end.world
    .records('eventbridge', 'Entries')
    .filter(({ Detail }) => /"callbackId"/u.test(String(Detail)));
  const told = end.results.map(({ result: { outcome, reason } }) => `${outcome} ${reason}`);
  return { told, questions: questions.length, instances: instances(end), end };
}

describe('a decision that asks by itself', () => {
  it('is carried out once a person has approved, who is asked once for all its stages', async () => {
    const { told, questions, instances: after } = await asked('given');
    expect(told).toEqual([expect.stringMatching(/^done /u)]);
    expect(questions).toBe(1);
    expect(after).toEqual(['i-0a1 running T-7:recycled']);
  });

  it.each<readonly [ApprovalAnswer | undefined, string]>([
    ['denied', 'refused not-approved: kim said no'],
    ['never', 'refused not-approved: nobody approved within 600 s'],
    ['late', 'refused not-approved: nobody approved within 600 s'],
    ['stale', 'refused drifted: another plan was approved'],
    ['forged', 'refused not-approved: the ledger has no word on it by kim'],
    [undefined, 'refused not-approved: nobody approved within 600 s'],
  ])('changes nothing where the person answers %s', async (answers, why) => {
    const { told, instances: after, end } = await asked(answers);
    expect(told).toEqual([why]);
    expect(after).toEqual(['i-0a1 running -']);
    expect(end.requests.filter(({ kind, call }) => kind === 'write' && call.startsWith('ec2:'))).toEqual([]);
  });

  it('ends with the question on a host that cannot wait', async () => {
    const end = await recycle(recycler({ ...ASKING, host: plain }), {
      world: fleet(1),
      environment: DEPLOYED,
      answers: 'given',
    });
    const [first] = end.results;
    expect(first?.result).toMatchObject({
      outcome: 'awaiting-approval',
      reason: 'stop: waits 600 s for a person: stop i-0a1',
    });
    expect(end.requests.filter(({ kind, call }) => kind === 'write' && call.startsWith('ec2:'))).toEqual([]);
  });
});
