import { expect, it } from 'vitest';
import { loadDrills, runDrill } from '../../rehearsal/drill.ts';
import { HOMES } from '../../rehearsal/explorer/together.ts';
import { deployed } from '../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';
import { handler } from './handler.ts';

it('starts four instances at the pace that the runbooks may have of the quota', async () => {
  const [home] = HOMES;
  const [drill] = loadDrills(home?.drills ?? '', ['four-instances']);
  if (drill === undefined) throw new Error('the drill is there');
  const { result } = await runDrill(drill, [deployed(handler)], { seed: 1, faults: NO_FAULTS });
  const starts = result.requests.filter(({ call }) => call === 'ec2:StartInstances').map(({ at }) => Date.parse(at));
  // Two tokens, one more in four seconds: no three of them within that.
  const spans = starts.slice(2).map((at, index) => (at - (starts[index] ?? 0)) / 1_000);
  expect([starts.length, spans.every((seconds) => seconds >= 4)]).toEqual([4, true]);
  expect(result.requests.filter(({ call }) => call === 'ledger:book')).toHaveLength(4);
});
