/** The interfaces of generated launch templates, and what is wrong with them on purpose. */

import type { Shape } from '../../../simulator/engine/model.ts';

/** How the template says what interfaces there are. */
export type Interfaces = 'one' | 'two' | 'sparse' | 'plain' | 'none';

/** What keeps EFA from working: EC2 itself refuses each of these, but that a group is not open to itself. */
export type Fabric =
  | 'right'
  | 'type-without-efa'
  | 'not-offered'
  | 'no-such-group'
  | 'group-without-ingress'
  | 'group-without-egress'
  | Layout;

/** Interfaces that no instance can have together. */
type Layout = 'two-in-one-place' | 'no-primary' | 'efa-only-primary' | 'public-beside-another' | 'two-efa-on-one-card';

/** What a template's interfaces are made from. */
interface Wired {
  readonly interfaces: Interfaces;
  readonly fabric: Fabric;
}

/** Open to itself in both directions; and two that are open to the whole world, and not to themselves in one. */
const [EFA_GROUP, NO_INGRESS_GROUP, NO_EGRESS_GROUP] = ['sg-0efa', 'sg-0noin', 'sg-0noout'] as const;

const TO_ITSELF = (GroupId: string): readonly Shape[] => [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }];
const ANYWHERE = (_group: string): readonly Shape[] => [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];

function groupOf(fabric: Fabric): string {
  if (fabric === 'no-such-group') return 'sg-0gone';
  if (fabric === 'group-without-ingress') return NO_INGRESS_GROUP;
  return fabric === 'group-without-egress' ? NO_EGRESS_GROUP : EFA_GROUP;
}

/** The security groups of all templates, and of whoever else is in their VPC. */
export function groupRecords(): readonly Shape[] {
  return [
    groupRecord(EFA_GROUP, TO_ITSELF, TO_ITSELF),
    groupRecord(NO_INGRESS_GROUP, ANYWHERE, TO_ITSELF),
    groupRecord(NO_EGRESS_GROUP, TO_ITSELF, ANYWHERE),
  ];
}

function groupRecord(GroupId: string, ingress: typeof TO_ITSELF, egress: typeof TO_ITSELF): Shape {
  return {
    GroupId,
    GroupName: `efa-${GroupId.slice(4)}`,
    VpcId: 'vpc-0aa',
    IpPermissions: ingress(GroupId),
    IpPermissionsEgress: egress(GroupId),
  };
}

/** What EC2 gives no instance, each with one thing wrong. */
function oddOnes(first: Shape): { readonly [fabric: string]: readonly Shape[] } {
  const plain = { ...first, InterfaceType: 'interface', DeviceIndex: 1 };
  return {
    'two-in-one-place': [first, first],
    'no-primary': [plain],
    'efa-only-primary': [{ ...first, InterfaceType: 'efa-only' }],
    'public-beside-another': [first, { ...plain, AssociatePublicIpAddress: true }],
    'two-efa-on-one-card': [first, { ...first, DeviceIndex: 1 }],
  };
}

/** The interfaces of a template; what AWS calls optional is left out of some. */
export function interfacesOf({ interfaces, fabric }: Wired): readonly Shape[] {
  const Groups = [groupOf(fabric)];
  const first = { DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'efa', Groups };
  const odd = oddOnes(first)[fabric];
  if (odd !== undefined) return odd;
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
