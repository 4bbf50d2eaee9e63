/** Where a person says that the address is to go: an instance, an interface, a private address. A name is binding. Pure. */

import type { PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import { judgingOf, standbyOn, type Standby } from './candidates.ts';
import type { Machine, MoveAsk } from './facts.ts';
import { keyOf, type Demand } from './places.ts';
import type { View } from './view.ts';

/** What the person says is nearer than the instance: its interface, or one of its private addresses. */
function isPlaceNamed({ to, privateIp, interface: wish }: MoveAsk): boolean {
  return to.startsWith('eni-') || privateIp !== null || wish !== null;
}

/** The instance is the one that is named, or has the interface that is. */
function isNamed({ to }: MoveAsk, { id, slots }: Machine): boolean {
  return id === to || slots.some(({ interfaceId }) => interfaceId === to);
}

/** Nothing that the person says speaks against this private address. */
function isMeant({ to, privateIp, interface: wish }: MoveAsk, { id }: Machine, slot: PrivateSlot): boolean {
  if (id !== to && slot.interfaceId !== to) return false;
  if (privateIp !== null && slot.privateIp !== privateIp) return false;
  const { deviceIndex, isPrimary } = wish ?? { deviceIndex: null, isPrimary: null };
  return (
    (deviceIndex === null || deviceIndex === slot.deviceIndex) && (isPrimary === null || isPrimary === slot.isPrimary)
  );
}

/** The address is where the person wants it. */
export function isWhereAsked({ facts: { address }, holder }: View, ask: MoveAsk): boolean {
  const { association } = address;
  if (holder === null || association === null || !isNamed(ask, holder)) return false;
  if (!isPlaceNamed(ask)) return true;
  const slot = holder.slots.find((each) => keyOf(each) === keyOf(association));
  return slot !== undefined && isMeant(ask, holder, slot);
}

/** The candidates that the person means, each with the private address that is meant, or with what is against it. */
export function standbysNamed({ facts, holder, seeking, limits, now, demand }: View, ask: MoveAsk): readonly Standby[] {
  const isPlaced = isPlaceNamed(ask);
  const judging = judgingOf({ facts, holder, isSeeking: false, seeking, limits, now }, demand);
  return facts.instances
    .filter((machine) => machine.vip === facts.address.vip && isNamed(ask, machine))
    .filter((machine) => isPlaced || machine.id !== holder?.id)
    .map((machine) => {
      const slots = judging.slotsOf(machine).filter((slot) => isMeant(ask, machine, slot));
      return isPlaced ? placedOn(judging, machine, slots, ask, demand) : standbyOn(judging, machine, slots, demand);
    });
}

/** As a candidate, where only these private addresses are meant, and any of them will do. */
function placedOn(
  judging: ReturnType<typeof judgingOf>,
  machine: Machine,
  slots: readonly PrivateSlot[],
  { privateIp, interface: wish, to }: MoveAsk,
  demand: Demand,
): Standby {
  const [first] = slots;
  if (first === undefined) {
    const asked = [to, privateIp, wish === null ? null : 'that interface'].filter((word) => word !== null).join(' ');
    const why = `has no private address for ${asked}`;
    return { machine, slot: null, flaws: [...judging.flawsOf(machine), { kind: 'misfit', why }], load: 0 };
  }
  const isPrimary = privateIp === null ? (wish?.isPrimary ?? null) : first.isPrimary;
  return standbyOn(judging, machine, slots, { ...demand, wish: { deviceIndex: first.deviceIndex, isPrimary } });
}
