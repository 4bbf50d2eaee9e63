import { describe, expect, it } from 'vitest';
import { loadDrills } from '../../rehearsal/drill.ts';
import { Rehearsal } from '../../rehearsal/explorer/rehearsal.ts';
import { HOMES } from '../../rehearsal/explorer/together.ts';
import { deployed } from '../../rehearsal/functions.ts';
import { NO_FAULTS, type ApprovalAnswer } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import { handler } from './handler.ts';

const [drill] = loadDrills(HOMES[0]?.drills ?? '', ['two-instances']);
if (drill === undefined) throw new Error('no drill');
const rehearsal = new Rehearsal(drill, [deployed(handler)], 1);

/** What the runs said that ended, and how many changes of the account there were. */
function toldIn({ results, requests }: SimulationEnd): readonly [readonly string[], number] {
  const told = results.map(({ result: { outcome, reason } }) => `${outcome} ${reason}`);
  const changes = requests.filter(({ call, kind }) => kind === 'write' && call.startsWith('ec2:'));
  return [[...new Set(told)], changes.length];
}

describe('a person who is asked', () => {
  it.each<readonly [ApprovalAnswer, string, number]>([
    ['late', 'refused not-approved: nobody approved within 600 s', 0],
    ['never', 'refused not-approved: nobody approved within 600 s', 0],
    ['denied', 'refused not-approved: kim said no', 0],
    ['stale', 'refused drifted: another plan was approved', 0],
    ['forged', 'refused not-approved: the ledger has no word on it by kim', 0],
  ])('and answers %s: %s', async (approval, told, changes) => {
    const { end, finding } = await rehearsal.rehearse({ ...NO_FAULTS, approval });
    expect(toldIn(end)).toEqual([[told], changes]);
    expect(finding.violations).toEqual([]);
  });

  it.each<ApprovalAnswer>(['given', 'twice'])('and approves (%s): the plan is carried out once', async (approval) => {
    const { end, finding } = await rehearsal.rehearse({ ...NO_FAULTS, approval });
    expect(end.results.map(({ result }) => result.outcome)).toEqual(['done', 'done']);
    expect(end.requests.filter(({ call }) => call === 'ec2:StopInstances')).toHaveLength(2);
    expect(finding.violations).toEqual([]);
    const tooLate = end.timeline.filter(({ text }) => text.startsWith('which comes too late'));
    expect(tooLate).toHaveLength(approval === 'twice' ? 2 : 0);
  });
});
