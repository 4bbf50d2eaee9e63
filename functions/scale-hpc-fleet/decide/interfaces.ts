/** Which network interfaces EC2 gives a node together: on whatever type, and on one. Pure. */

import type { TypeFact } from './fabric.ts';
import type { InterfaceSpec } from './facts.ts';

export function isEfa({ InterfaceType }: InterfaceSpec): boolean {
  return InterfaceType === 'efa' || InterfaceType === 'efa-only';
}

function placeOf({ NetworkCardIndex: card, DeviceIndex: device }: InterfaceSpec): string {
  return `network card ${card}, device index ${device}`;
}

/** What comes twice, the first such. */
function twiceIn<T>(all: readonly T[]): T | undefined {
  return all.find((one, index) => all.indexOf(one) < index);
}

/** What no type takes. Source: API_InstanceNetworkInterfaceSpecification; of `efa-only` the user guide, efa-acc-inst-types. */
export function layoutFault(interfaces: readonly InterfaceSpec[]): string | undefined {
  const twice = twiceIn(interfaces.map(placeOf));
  if (twice !== undefined) return `the launch template has two interfaces on ${twice}`;
  const primary = interfaces.find((one) => one.NetworkCardIndex === 0 && one.DeviceIndex === 0);
  if (interfaces.length > 0 && primary === undefined)
    return 'the launch template has interfaces, and no primary one (network card 0, device index 0)';
  if (primary?.InterfaceType === 'efa-only') return 'the primary interface of the launch template is efa-only';
  return interfaces.length > 1 && interfaces.some(({ AssociatePublicIpAddress: isPublic }) => isPublic === true)
    ? `the launch template wants a public address, which a node with ${interfaces.length} interfaces cannot have`
    : undefined;
}

/** Their network card 0 takes no EFA, which EC2 says of no card. Source: github.com/aws/aws-parallelcluster/issues/7143. */
const PLAIN_CARD_0 = /^p6-b300\./u;

/** What a type does not take. One EFA interface for each card: the user guide's page on EFA. */
export function interfacesFault(
  name: string,
  type: TypeFact | undefined,
  interfaces: readonly InterfaceSpec[],
): string | undefined {
  if (type === undefined) return undefined;
  const { hasEfa, maxEfaInterfaces: most } = type;
  const efa = interfaces.filter(isEfa).map(({ NetworkCardIndex }) => NetworkCardIndex);
  if (efa.length > 0 && hasEfa === false) return `${name} has no EFA, and the launch template asks for it`;
  if (most !== null && efa.length > most)
    return `of EFA interfaces ${name} takes ${most} at most, and the launch template has ${efa.length}`;
  const crowded = twiceIn(efa);
  if (crowded !== undefined)
    return `network card ${crowded} of ${name} takes one EFA interface, and the launch template has more on it`;
  if (efa.includes(0) && PLAIN_CARD_0.test(name))
    return `network card 0 of ${name} takes no EFA interface, and the launch template has one on it`;
  return interfaces.flatMap((one) => cardFault(name, type, one) ?? [])[0];
}

function cardFault(
  name: string,
  { cards }: TypeFact,
  { NetworkCardIndex: card, DeviceIndex: device }: InterfaceSpec,
): string | undefined {
  if (cards === null) return undefined;
  const room = cards[card];
  if (room === undefined) return `${name} has no network card ${card}, and the launch template has an interface on it`;
  return room !== null && device >= room
    ? `network card ${card} of ${name} takes ${room} interfaces, and the launch template has one with device index ${device}`
    : undefined;
}
