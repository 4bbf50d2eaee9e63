/** The interfaces of generated launch templates, and what is wrong with them on purpose. */

import type { Shape } from '../../../simulator/engine/model.ts';

/** How the template says what interfaces there are. */
export type Interfaces = 'one' | 'two' | 'sparse' | 'plain' | 'none';

/** What keeps EFA from working: EC2 itself refuses each of these. */
export type Fabric = 'right' | 'type-without-efa' | 'not-offered' | 'no-such-group';

/** What a template's interfaces are made from. */
interface Wired {
  readonly interfaces: Interfaces;
  readonly fabric: Fabric;
}

export const EFA_GROUP = 'sg-0efa';

/** The interfaces of a template; what AWS calls optional is left out of some. */
export function interfacesOf({ interfaces, fabric }: Wired): readonly Shape[] {
  const Groups = [fabric === 'no-such-group' ? 'sg-0gone' : EFA_GROUP];
  const first = { DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'efa', Groups };
  const all: { readonly [I in Interfaces]: readonly Shape[] } = {
    none: [],
    plain: [{ DeviceIndex: 0, Groups, DeleteOnTermination: true }],
    sparse: [{ InterfaceType: 'efa', Groups }],
    one: [first],
    two: [first, { DeviceIndex: 1, NetworkCardIndex: 1, InterfaceType: 'efa-only', Groups }],
  };
  return all[interfaces];
}

/** The interfaces as the ledger keeps them of a launch. */
export function keptInterfaces(fleet: Wired): readonly Shape[] {
  return interfacesOf(fleet).map((spec) => ({
    DeviceIndex: 0,
    NetworkCardIndex: 0,
    InterfaceType: 'interface',
    DeleteOnTermination: true,
    AssociatePublicIpAddress: null,
    ...spec,
  }));
}
