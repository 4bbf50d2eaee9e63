/** The request that takes a move back. */

import { describe, expect, it } from 'vitest';
import { undoRequest } from '../../../functions/reassign-elastic-ip/aws.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';

const HERE = { AllocationId: 'eipalloc-1', AllowReassociation: true };
const because = 'i-0a is impaired';
const MOVE = {
  call: 'ec2:AssociateAddress',
  input: { ...HERE, NetworkInterfaceId: 'eni-b', PrivateIpAddress: '10.0.0.2' },
  because,
  undo: {
    call: 'ec2:AssociateAddress',
    input: { ...HERE, NetworkInterfaceId: 'eni-a', PrivateIpAddress: '10.0.0.1' },
  },
};

function tagging(Key: string): PlannedCall {
  return { call: 'ec2:CreateTags', input: { Resources: ['i-0a'], Tags: [{ Key, Value: 'x' }] }, because };
}

describe('the request that takes a move back', () => {
  it('is for the place that the address was on', () => {
    expect(undoRequest('eipalloc-1', [MOVE, tagging('runbook:moves')])).toEqual({
      runbook: 'reassign-elastic-ip',
      target: 'eipalloc-1',
      params: { action: 'move', to: 'eni-a', privateIp: '10.0.0.1' },
    });
  });

  it('accepts whom the same plan has quarantined, or it could never be granted', () => {
    expect(undoRequest('eipalloc-1', [MOVE, tagging('runbook:quarantined')])).toMatchObject({
      params: { to: 'eni-a', force: true },
    });
  });

  it('is none for a move from nobody', () => {
    const { undo: _none, ...fromNobody } = MOVE;
    expect(undoRequest('eipalloc-1', [fromNobody])).toBeUndefined();
  });
});
