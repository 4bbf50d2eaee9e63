import { afterEach, describe, expect, it } from 'vitest';
import { undoRequest, verify } from '../../../functions/block-address/aws.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { asked, CIDR, LATER, reason, row } from './scene.ts';

function planOf(decision: Decision): readonly PlannedCall[] {
  return decision.kind === 'act' ? decision.plan : [];
}

describe('the way back', () => {
  const standing = row(CIDR, reason('INC-1'), reason('INC-2'));
  const unblocked = { runbook: 'block-address', params: { action: 'unblock', cidr: CIDR, incident: 'INC-1' } };

  it('of a block is to unblock for that incident, and for no other', () => {
    const others = row(CIDR, reason('INC-2'));
    expect(undoRequest(CIDR, planOf(asked({ action: 'block', incident: 'INC-1' }, { row: others })))).toEqual(
      unblocked,
    );
  });

  it('of a block by hand is to unblock what is by that hand', () => {
    expect(undoRequest(CIDR, planOf(asked({ action: 'block' })))).toMatchObject({
      params: { incident: 'mara: by hand' },
    });
  });

  it('of a block that is told by a run after it died is the same', () => {
    const told = asked(
      { action: 'block', incident: 'INC-1' },
      { row: row(CIDR, reason('INC-1', LATER, { run: 'run-1' }), reason('INC-2')) },
    );
    expect(undoRequest(CIDR, told.kind === 'nothing' ? (told.untold ?? []) : [])).toEqual(unblocked);
  });

  it.each([
    ['unblocks', { action: 'unblock', incident: 'INC-1' }],
    ['extends', { action: 'extend', incident: 'INC-1', ttlSeconds: 86_400 }],
    ['allows', { action: 'allow' }],
  ] as const)('is not offered to who %s: it would lift a reason that somebody else has', (_what, ask) => {
    const plan = planOf(asked(ask, { row: standing }));
    expect(plan).toHaveLength(1);
    expect(undoRequest(CIDR, plan)).toBeUndefined();
  });
});

describe('what was written', () => {
  const data = memoryData({ items: [{ partition: 'block', key: CIDR, version: 3, value: {} }] });
  const restore = surroundWith({ data });
  afterEach(restore);

  it('is there in its version or a later one, and not in an earlier', async () => {
    const write = (ifVersion: number): PlannedCall =>
      plannedWrite({ partition: 'block', key: CIDR, ifVersion, value: {} }, '');
    expect(await verify(CIDR, [write(1)])).toEqual({ ok: true });
    expect(await verify(CIDR, [write(2)])).toEqual({ ok: true });
    expect(await verify(CIDR, [write(2), write(3)])).toEqual({ ok: false, why: `block/${CIDR} is not there` });
  });
});
