import { describe, expect, it } from 'vitest';
import { concerned, loadDrills } from '../../rehearsal/drill.ts';
import { Rehearsal } from '../../rehearsal/explorer/rehearsal.ts';
import { HOMES } from '../../rehearsal/explorer/together.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { NO_FAULTS, type FaultKind, type FaultPlan } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';

const [home] = HOMES;
const all = await discoverFunctions(home?.functions ?? '');
const rehearsals = loadDrills(home?.drills ?? '', ['in-turn', 'in-turn-plain']).map(
  (drill) => new Rehearsal(drill, concerned(drill, all), 1),
);

/** The executions of the second turn, and how often it was asked for. */
function secondTurn({ executions, requests }: SimulationEnd): readonly [readonly string[], number] {
  const names = executions.map(({ name }) => name).filter((name) => name.startsWith('recycle-in-turn_'));
  return [names, requests.filter(({ call }) => call === 'lambda:Invoke').length];
}

async function rehearsed(plan: Partial<FaultPlan>): Promise<readonly (readonly [readonly string[], number])[]> {
  const found: (readonly [readonly string[], number])[] = [];
  for (const rehearsal of rehearsals) {
    const { end, finding } = await rehearsal.rehearse({ ...NO_FAULTS, ...plan });
    expect(finding.violations).toEqual([]);
    found.push(secondTurn(end));
  }
  return found;
}

/** Rehearses with a fault at the request that starts the second turn. */
async function struck(kind: FaultKind): Promise<readonly (readonly [readonly string[], number])[]> {
  const found: (readonly [readonly string[], number])[] = [];
  for (const rehearsal of rehearsals) {
    const { end: calm } = await rehearsal.rehearse(NO_FAULTS);
    const request = calm.requests.find(({ call }) => call === 'lambda:Invoke')?.index ?? -1;
    const { end, finding } = await rehearsal.rehearse({ ...NO_FAULTS, points: [{ request, kind }] });
    expect(finding.violations).toEqual([]);
    found.push(secondTurn(end));
  }
  return found;
}

const TURN = ['recycle-in-turn_T-7_i-0b2_c45ca8055306694235ab'];

describe('the second turn, on the durable host and from the plain one', () => {
  it('is started once, by name', async () => {
    expect(await rehearsed({})).toEqual([
      [TURN, 1],
      [TURN, 1],
    ]);
  });

  it.each(['with', 'during', 'after'] as const)('is one execution when either event comes twice, %s', async (when) => {
    for (const event of [0, 1]) {
      const found = await rehearsed({ duplicates: [{ event, when }] });
      expect(found.map(([names]) => names)).toEqual([TURN, TURN]);
    }
  });

  it.each<readonly [FaultKind, number]>([
    ['throttled', 2],
    ['failed-before', 2],
    ['reply-lost', 2],
    ['died-before', 2],
    ['died-after', 2],
    ['effect-throws', 2],
  ])('is one execution after %s, asked for %i times', async (kind, times) => {
    expect(await struck(kind)).toEqual([
      [TURN, times],
      [TURN, times],
    ]);
  });

  it('is none where Lambda refuses it, and people are told', async () => {
    const [durable] = rehearsals;
    const { end: calm } = (await durable?.rehearse(NO_FAULTS)) ?? {};
    const request = calm?.requests.find(({ call }) => call === 'lambda:Invoke')?.index ?? -1;
    const { end } = (await durable?.rehearse({ ...NO_FAULTS, points: [{ request, kind: 'refused' }] })) ?? {};
    expect(end?.results.map(({ result: { outcome, reason } }) => `${outcome} ${reason}`)).toEqual([
      'refused next-not-started: i-0a1 runs again, and the next turn cannot be started: Function not found',
    ]);
    expect(end?.executions.filter(({ name }) => TURN.includes(name))).toEqual([]);
  });
});
