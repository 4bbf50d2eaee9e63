/** What holds an address and is no instance. Reads nothing itself. */

import type { Address, NetworkInterface } from '@aws-sdk/client-ec2';
import type { Facts } from '../decide.ts';

/** Types of interfaces that people make; all others are some service's. */
const OWN_TYPES = new Set(['interface', 'efa', 'efa-only', 'trunk', 'branch']);

/** The interface as a decision needs it; nothing where an instance or nobody holds the address, or EC2 does not show it. */
export function loneInterface(
  address: Address,
  interfaces: ReadonlyMap<string, NetworkInterface>,
): Pick<Facts, 'loneInterface'> {
  const found = interfaces.get(address.NetworkInterfaceId ?? '');
  if (found === undefined) return {};
  const service = serviceOf(address, found);
  const isLoose = service === null && found.Status === 'available' && found.Attachment === undefined;
  return { loneInterface: { service, isLoose } };
}

/** EC2 lets nobody else have the address of a service that it manages, or that a service has asked for. */
function serviceOf({ ServiceManaged }: Address, found: NetworkInterface): string | null {
  const { Description: description, InterfaceType: type = 'interface', Operator, RequesterManaged } = found;
  const isServices =
    ServiceManaged !== undefined || RequesterManaged === true || Operator?.Managed === true || !OWN_TYPES.has(type);
  if (!isServices) return null;
  const name = ServiceManaged ?? (OWN_TYPES.has(type) ? 'service' : type);
  return description === undefined || description === '' ? name : `${name} (${description})`;
}
