/** What AWS says of an interface that holds an address and belongs to no instance. */

import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { loneInterface } from '../../../functions/reassign-elastic-ip/aws/interfaces.ts';

const ADDRESS = { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-x' };
const OWN: NetworkInterface = { NetworkInterfaceId: 'eni-x', InterfaceType: 'interface', Status: 'available' };

function seen(change: Partial<NetworkInterface> = {}, address: object = {}): unknown {
  return loneInterface({ ...ADDRESS, ...address }, new Map([['eni-x', { ...OWN, ...change }]])).loneInterface;
}

describe('an interface that belongs to no instance', () => {
  it('is loose where it is the account’s own, and attached to nothing', () => {
    expect(seen()).toEqual({ service: null, isLoose: true });
    expect(seen({ Status: 'in-use' })).toEqual({ service: null, isLoose: false });
    expect(seen({ Attachment: { Status: 'detaching' } })).toEqual({ service: null, isLoose: false });
    const { Status: _status, ...unsaid } = OWN;
    expect(loneInterface(ADDRESS, new Map([['eni-x', unsaid]])).loneInterface).toEqual({
      service: null,
      isLoose: false,
    });
  });

  it.each([
    [{ InterfaceType: 'natGateway', Description: 'of nat-1' } as const, {}, 'natGateway (of nat-1)'],
    [{ RequesterManaged: true, Description: '' }, {}, 'service'],
    [{ Operator: { Managed: true, Principal: 'eks' } }, {}, 'service'],
    [{ Description: 'ELB app/web' }, { ServiceManaged: 'alb' }, 'alb (ELB app/web)'],
    [{ InterfaceType: 'network_load_balancer' } as const, {}, 'network_load_balancer'],
  ])('is a service’s: %j %j', (change, address, service) => {
    expect(seen(change, address)).toEqual({ service, isLoose: false });
  });

  it('that EC2 does not show is not spoken of', () => {
    expect(loneInterface(ADDRESS, new Map())).toEqual({});
    expect(loneInterface({ AllocationId: 'eipalloc-1' }, new Map([['eni-x', OWN]]))).toEqual({});
  });
});
