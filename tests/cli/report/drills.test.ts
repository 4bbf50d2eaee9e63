import { describe, expect, it } from 'vitest';
import { drillReport } from '../../../cli/report/of-drill.ts';
import { drillPages } from '../../../cli/report/drill-pages.ts';
import { explorationOnRecord, receiptOfDrill, receiptOfEndings } from '../../../cli/report/rehearsed.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { loadDrills, runDrill, type Drill, type DrillRun } from '../../../rehearsal/drill.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { attribute, parsed, textOf } from './reports.ts';

const functions = await discoverFunctions('functions');
const summaries = functions.map(({ summary }) => summary);

async function played(name: string): Promise<{ readonly drill: Drill; readonly run: DrillRun }> {
  const [drill] = loadDrills('drills', [name]);
  if (drill === undefined) throw new Error(name);
  return { drill, run: await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS }) };
}

async function pageOf(...names: readonly string[]): Promise<string> {
  const pages = drillPages(1, summaries);
  for (const name of names) pages.add({ ...(await played(name)), faults: '' });
  return pages.page();
}

const EXPLORED = {
  commit: '5fb0b606222b0d2bcfc9feca0f7657d8249491ca',
  modes: [{ mode: 'exhaustive' as const, drills: 2, schedules: 1_234, violations: 0 }],
};

describe('the report of a drill', () => {
  it.each([
    ['instance-dies', 'It is over', 'You need not act'],
    [
      'stale-alarm',
      'The runbook refused to act',
      'You must act: the event is too old to act on: a schedule looks at the present state, or start it by hand',
    ],
    [
      'only-planned',
      'Only planned: nothing was done',
      'You decide: start it without --dry-run, or let mode be apply, and it acts',
    ],
  ])('%s says so', async (name, over, act) => {
    const { drill, run } = await played(name);
    const receipt = receiptOfDrill(drill, undefined, undefined);
    const report = drillReport(drill, run, { seed: 1, faults: '', summaries, receipt });
    expect(report.verdict).toMatchObject({ over, act });
    expect(report.title).toBe(drill.title);
    expect(report.faults).toEqual([]);
  });

  it('tells what started it, and how it is taken back without a world file', async () => {
    const { drill, run } = await played('instance-dies');
    const receipt = receiptOfDrill(drill, undefined, undefined);
    const report = drillReport(drill, run, { seed: 1, faults: '', summaries, receipt });
    expect(report.moments.find(({ group }) => group === 'trigger')?.text).toBe(
      'alarm web-a-status-check: OK -> ALARM starts reassign-elastic-ip',
    );
    expect(report.runs[0]?.undo?.request).toMatch(/^npx runbook run reassign-elastic-ip --target /u);
    expect(report.runs[0]?.undo?.request).not.toContain('--world');
    expect(report.next).toBe('the schedule of reassign-elastic-ip looks again, rate(1 minute)');
  });

  it('says what was not as expected', async () => {
    const { drill, run } = await played('instance-dies');
    const receipt = receiptOfDrill(drill, undefined, undefined);
    const broken = { ...run, failures: ['final: ec2/Addresses/…: expected a, found b'] };
    const report = drillReport(drill, broken, { seed: 1, faults: '3:refused', summaries, receipt });
    expect(report.faults).toEqual(broken.failures);
    expect(report.where).toContainEqual(['Rehearsal', 'NOT as expected: 1 amiss']);
    expect(report.where).toContainEqual(['Seed', '1, faults 3:refused']);
  });

  it('has the same bytes each time, and no fault in its HTML', async () => {
    const [one, other] = [await pageOf('instance-dies'), await pageOf('instance-dies')];
    expect(one).toBe(other);
    expect(parsed(one).errors).toEqual([]);
  });

  it('hides what people have put into messages', async () => {
    const page = await pageOf('redrive-poison-is-parked');
    expect(page).not.toMatch(/ReceiptHandle=(?!…)/u);
    expect(page).not.toMatch(/MessageBody=(?!…)/u);
    expect(parsed(page).errors).toEqual([]);
  });
});

describe('several drills', () => {
  it('are one page with an index', async () => {
    const page = await pageOf('instance-dies', 'stale-alarm');
    const { elements, errors } = parsed(page);
    expect(errors).toEqual([]);
    const nav = elements.find(({ tagName }) => tagName === 'nav');
    expect(nav === undefined ? '' : textOf(nav).replaceAll(/\s+/gu, ' ')).toContain(
      'An instance check fails: the standby in the other zone takes the address Drill instance-diesIt is over. You need not act.',
    );
    const ids = elements.flatMap((one) => attribute(one, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const levels = elements.flatMap(({ tagName }) => (/^h[1-6]$/u.test(tagName) ? [Number(tagName[1])] : []));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
  });
});

describe('a receipt', () => {
  const drill = { name: 'instance-dies', title: 'An instance check fails' };

  it.each([
    [undefined, 'Not explored: no whole exploration is on record.', false],
    [
      EXPLORED,
      'Not explored, as far as is known: the last whole exploration (5fb0b606: 2 drills, 1,234 schedules (exhaustive)) does not say which drills it tried.',
      false,
    ],
    [
      { ...EXPLORED, modes: EXPLORED.modes.map((one) => ({ ...one, each: { other: 3 } })) },
      'Not explored: the last whole exploration (5fb0b606) did not try it.',
      false,
    ],
    [
      { ...EXPLORED, modes: EXPLORED.modes.map((one) => ({ ...one, each: { 'instance-dies': 1_001 } })) },
      '1,001 schedules (exhaustive) of its own at 5fb0b606, beside those it shares with other drills; no violation.',
      true,
    ],
  ])('by a record %#', (record, explored, isExplored) => {
    expect(receiptOfDrill(drill, record, undefined).drills).toEqual([{ ...drill, explored, isExplored }]);
  });

  it('counts what was explored for the page', () => {
    const own = { mode: 'exhaustive', schedules: 1, violations: 2 };
    const { drills, ran, rehearsed } = receiptOfDrill(drill, EXPLORED, own);
    expect(drills[0]?.explored).toBe('1 schedule (exhaustive) for this page; 2 violations.');
    expect(ran).toBe(rehearsed);
    expect(ran).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/u);
  });

  it('names the drills that end as an incident did, by its code where they do', () => {
    const ending = { runbook: 'reassign-elastic-ip', outcome: 'refused', code: 'kill-switch' };
    const receipt = receiptOfEndings('0.0.9+00000000', [ending], 'drills', false);
    expect(receipt.ran).toBe('0.0.9+00000000');
    expect(receipt.drills.map(({ name }) => name)).toEqual(['freeze-over', 'kill-switch']);
    expect(receiptOfEndings(null, [{ ...ending, outcome: 'unheard-of' }], 'drills', false).drills).toEqual([]);
    expect(receiptOfEndings(null, [ending], '/nowhere', true).drills).toEqual([]);
  });

  it('reads the record of this tree, and of one that has none', () => {
    expect(explorationOnRecord()?.commit).toMatch(/^[0-9a-f]{40}$/u);
    expect(explorationOnRecord('/nowhere')).toBeUndefined();
  });
});
