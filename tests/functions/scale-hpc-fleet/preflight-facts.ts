/** A fleet whose job waits for four EFA nodes, for tests of what is said before a launch. */

import {
  decide,
  type Fabric,
  type Facts,
  type Rung,
  type Template,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { fabricOf, facts, LIMITS, NOW, RUNG, TEMPLATE } from './fleet-facts.ts';

export const SG = 'sg-0a1b2c3d4e5f60718';
export const OTHER_SG = 'sg-0b2c3d4e5f607182a';

export function interfaceOn(
  card: number,
  more: Partial<Template['interfaces'][number]> = {},
): Template['interfaces'][number] {
  return {
    DeviceIndex: card === 0 ? 0 : 1,
    NetworkCardIndex: card,
    InterfaceType: 'efa',
    Groups: [SG],
    DeleteOnTermination: true,
    AssociatePublicIpAddress: null,
    ...more,
  };
}

const EFA: Template = { ...TEMPLATE, interfaces: [interfaceOn(0), interfaceOn(1)] };
export const OPEN = { id: SG, vpcId: 'vpc-1', isDefault: false, from: [SG], to: [SG] };
export const RESERVED: Rung = { ...RUNG, reservation: 'cr-1' };
export const NEXT: Rung = { ...RUNG, subnetId: 'subnet-2', zone: 'eu-west-1b', placementGroup: 'cfd-b' };

export interface Given {
  readonly template?: Partial<Template>;
  readonly rungs?: readonly Rung[];
  readonly fabric?: Partial<Fabric>;
  readonly more?: Partial<Facts>;
}

/** A job waits for four nodes. */
function given({ template = {}, rungs = [RUNG], fabric = {}, more = {} }: Given): Facts {
  return facts({
    template: { ...EFA, ...template },
    ladder: { rungs },
    fabric: { ...fabricOf(rungs), groups: [OPEN], ...fabric },
    jobs: { visible: 1, inFlight: 0 },
    ...more,
  });
}

export function decided(one: Given): Decision {
  return decide(given(one), LIMITS, NOW);
}

export function said(one: Given): readonly string[] {
  const { kind, code, because } = decided(one);
  return [kind, code, because];
}

const held = fabricOf([RESERVED]).reservations['cr-1'];
if (held === undefined) throw new Error('the reservation of the rung');
/** The reservation of the rung. */
export const HELD: Fabric['reservations'][string] = held;
