import { describe, expect, it } from 'vitest';
import { memoryData } from '../../../simulator/engine/data.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import { changeLedger } from '../../../simulator/world/ledger.ts';

const WORLD = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };
const SWITCH = { scope: 'all', reason: 'network change', by: 'mara', at: '2026-11-22T07:45:00Z' };
const ARN = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1';

describe("a world's ledger", () => {
  it('is empty and answers when the file says nothing', () => {
    expect(parseWorld(WORLD).ledger).toEqual({
      lost: false,
      asks: false,
      approvals: [],
      switches: [],
      modes: [],
      resources: [],
      runs: [],
      calls: [],
      operations: [],
      data: [],
    });
  });

  it('begins with the switches and the histories the file gives', async () => {
    const { switches, resources } = parseWorld({
      ...WORLD,
      ledger: {
        switches: [SWITCH],
        resources: [
          { resource: ARN, runbook: 'reassign-elastic-ip', history: { actions: ['2026-11-22T07:28:00.000Z'] } },
        ],
      },
    }).ledger;
    const ledger = memoryLedger({ switches, resources });
    expect(await ledger.switches()).toEqual([SWITCH]);
    expect(await ledger.resource(ARN)).toEqual({ epoch: 0, actions: ['2026-11-22T07:28:00.000Z'], memory: {} });
  });

  it('may say that its runbooks only plan, and since when and until when a switch holds', async () => {
    const freeze = { ...SWITCH, from: '2026-12-23T00:00:00Z', until: '2027-01-02T00:00:00Z' };
    const mode = { ...SWITCH, mode: 'plan' };
    const parsed = parseWorld({ ...WORLD, ledger: { modes: [mode], switches: [freeze] } });
    const ledger = memoryLedger(parsed.ledger);
    expect(await ledger.modes()).toMatchObject([{ scope: 'all', mode: 'plan' }]);
    expect(await ledger.switches()).toEqual([freeze]);
    const { from, until } = freeze;
    const change = { path: 'ledger/switches/all', value: { reason: 'r', by: 'b', from, until }, at: from };
    expect(changeLedger(ledger, memoryData(), change)).toBe(true);
    expect((await ledger.switches()).find(({ scope }) => scope === 'all')).toMatchObject({ from, until });
  });

  it('has its switches turned by a script, items of the data ledger written, and nothing else', async () => {
    const ledger = memoryLedger({ switches: [SWITCH] });
    const data = memoryData();
    const at = '2026-11-22T08:03:00.000Z';
    const change = (path: string, value: unknown): boolean => changeLedger(ledger, data, { path, value, at });
    expect(change('ledger/switches/all', null)).toBe(true);
    expect(change('ledger/switches/carry-volumes', { reason: 'test', by: 'mara' })).toBe(true);
    expect(change('ledger/data/allow/198.51.100.0/24', { reason: 'office' })).toBe(true);
    expect(change('ec2/Instances/i-1/State/Name', 'stopped')).toBe(false);
    expect(await ledger.switches()).toEqual([{ scope: 'carry-volumes', reason: 'test', by: 'mara', at }]);
    expect(data.dump()).toEqual([
      { partition: 'allow', key: '198.51.100.0/24', version: 1, value: { reason: 'office' } },
    ]);
  });

  it.each([
    ['an unknown member', { ledger: { switch: [] } }, /ledger\.switch/u],
    [
      'a switch without a person',
      { ledger: { switches: [{ scope: 'all', reason: 'x', at: '2026-11-22T07:45:00Z' }] } },
      /ledger\.switches\[0\]\.by/u,
    ],
    [
      'a script that changes a history',
      { script: [{ after: 'PT1S', set: { 'ledger/resources/x': null } }] },
      /script\[0\]\.set\["ledger\/resources\/x"\].*ledger\/switches/u,
    ],
    [
      'a switch turned on without a reason',
      { script: [{ after: 'PT1S', set: { 'ledger/switches/all': true } }] },
      /script\[0\].*"reason", "by"/u,
    ],
  ])('refuses %s with its path', (_what, more, message) => {
    expect(() => parseWorld({ ...WORLD, ...more })).toThrow(message);
  });
});
