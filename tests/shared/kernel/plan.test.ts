import { describe, expect, it } from 'vitest';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { approvalHash, planHash, stillUndoable, tokenOf } from '../../../shared/kernel/plan.ts';

const move: PlannedCall = {
  call: 'ec2:AssociateAddress',
  input: { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-2' },
  because: 'a',
};

describe('planHash', () => {
  it('does not depend on reasons or on the order of keys', () => {
    const same: PlannedCall = {
      call: move.call,
      input: { NetworkInterfaceId: 'eni-2', AllocationId: 'eipalloc-1' },
      because: 'b',
    };
    expect(planHash([move])).toBe(planHash([same]));
  });
  it('changes with an input', () => {
    expect(planHash([move])).not.toBe(planHash([{ ...move, input: { ...move.input, NetworkInterfaceId: 'eni-3' } }]));
  });
  it('changes with the order of the calls', () => {
    const stop: PlannedCall = { call: 'ec2:StopInstances', input: {}, because: '' };
    expect(planHash([move, stop])).not.toBe(planHash([stop, move]));
  });
  it('does not see the moment of the decision', () => {
    const at = (time: string): PlannedCall => ({
      call: 'ec2:CreateTags',
      input: { Tags: [{ Key: 'runbook:moved-at', Value: time }] },
      because: '',
    });
    expect(planHash([at('2026-11-22T08:00:00.000Z')])).toBe(planHash([at('2026-11-22T08:00:02Z')]));
  });
  it('does not see which run has made it, where that is said', () => {
    const by = (run: string): PlannedCall => ({
      call: 'ec2:CreateTags',
      input: { Tags: [{ Key: 'runbook:run', Value: run }] },
      because: '',
    });
    expect(planHash([by('run-1')], 'run-1')).toBe(planHash([by('run-2')], 'run-2'));
    expect(planHash([by('run-1')])).not.toBe(planHash([by('run-2')]));
    expect(planHash([move], 'run-1')).toBe(planHash([move]));
    const token = (ClientToken: string): PlannedCall => ({ ...move, input: { ...move.input, ClientToken } });
    expect(approvalHash([by('run-1'), token('a')], 'run-1')).toBe(approvalHash([by('run-2'), token('b')], 'run-2'));
  });
});

describe('stillUndoable', () => {
  const out = (Id: string): PlannedCall => ({
    call: 'toy:Out',
    input: { Id },
    because: '',
    undo: { call: 'toy:In', input: { Targets: [{ Id }] } },
  });
  const end = (...voids: readonly string[]): PlannedCall => ({ call: 'toy:End', input: {}, because: '', voids });
  const undone = (plan: readonly PlannedCall[]) => stillUndoable(plan).map(({ undo }) => undo !== undefined);

  it('takes the way back from what a later call has made void', () => {
    expect(undone([out('i-1'), out('i-2'), end('i-1')])).toEqual([false, true, false]);
    expect(undone([out('i-1'), out('i-2'), end('i-2', 'i-1')])).toEqual([false, false, false]);
  });
  it('leaves it to what comes later, and to whose id is only alike', () => {
    expect(undone([end('i-1'), out('i-1')])).toEqual([false, true]);
    expect(undone([out('i-12'), end('i-1')])).toEqual([true, false]);
    expect(stillUndoable([out('i-1')])).toEqual([out('i-1')]);
  });
});

describe('approvalHash', () => {
  const create = (token: string, zone = 'eu-west-1a'): PlannedCall => ({
    call: 'ec2:CreateVolume',
    input: { ClientToken: token, AvailabilityZone: zone },
    because: '',
  });
  it('does not see which try it is, but whatever else is different', () => {
    expect(approvalHash([create('a')])).toBe(approvalHash([create('b')]));
    expect(planHash([create('a')])).not.toBe(planHash([create('b')]));
    expect(approvalHash([create('a')])).not.toBe(approvalHash([create('a', 'eu-west-1b')]));
  });
});

describe('tokenOf', () => {
  it('keeps its parts apart', () => {
    expect(tokenOf('ab', 'c')).not.toBe(tokenOf('a', 'bc'));
    expect(tokenOf('a')).toMatch(/^[0-9a-f]{32}$/u);
  });
});
