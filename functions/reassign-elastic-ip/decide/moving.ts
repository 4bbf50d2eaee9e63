/** Moving the address to a candidate: what must be down first, and the plan of the move. Pure. */

import type { Act, Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { refuse, wait } from '../../../shared/judgement/decisions.ts';
import { completion, type HookFacts } from '../../../shared/judgement/hooks.ts';
import type { PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import { remembered } from '../../../shared/judgement/since.ts';
import type { Standby } from './candidates.ts';
import type { AddressFacts, Facts, Machine } from './facts.ts';
import { fenceOf, type Fence } from './fencing.ts';
import { announcement, associate, mayQuarantine, noteOf, records } from './move-records.ts';
import { isMakeshift, keyOf, makeshiftMemory, PLACE_KEY, type Place } from './places.ts';
import { isAnnounced, refusedStop } from './refusals.ts';
import { othersOf, othersOn } from './siblings.ts';
import type { View } from './view.ts';

/** Why the address moves; `budget`: whether the move counts against cool-down and window. */
export interface Cause {
  readonly code: string;
  readonly why: string;
  readonly budget: Act['budget'];
}

/** Moves the address to a candidate: at once, once its holder is down, or not at all, as its fence demands. */
export function relocate(view: View, { machine, slot }: Standby, { code, why, budget }: Cause): Decision {
  const { facts, holder, evidence, now } = view;
  const { address } = facts;
  if (slot === null)
    return refuse(evidence, 'no-free-private-address', `${machine.id} has no private address for ${address.publicIp}`);
  const fence = fenceFor(view, machine);
  if (fence.kind === 'refuse')
    return refuse(evidence, 'cannot-fence', `${why}; the address demands a fence, but ${fence.why}`);
  if (fence.kind === 'wait') return wait(evidence, 'fence-pending', `${why}; ${fence.why}`, 15);
  const rival = rivalFor(view, machine);
  if (rival !== undefined)
    return wait(evidence, 'place-announced', `${why}; ${rival.publicIp} is announced for ${machine.id}`, 15);
  const loser = machine.id === holder?.id ? null : loserOf(view);
  const because = `${why}; ${machine.id} is good`;
  const act = {
    kind: 'act' as const,
    code,
    because,
    evidence: { ...evidence, fence: fence.why, ...givenUp(machine, slot) },
    intent: `${address.allocationId} -> ${machine.id} ${slot.interfaceId}/${slot.privateIp}`,
    note: {
      from: holder?.id ?? null,
      was: address.association && keyOf(address.association),
      ...noteOf(address, { id: machine.id, ...slot }, now, loser),
    },
    budget,
    ...claimOn(facts, slot),
    // Hooks are answered whether it may move or not.
    ...(facts.hooks.length > 0 ? { onDenied: 'decide' as const } : {}),
    ...(facts.ask.kind !== 'move' && isMakeshift(view.demand, slot)
      ? { remember: { [PLACE_KEY]: makeshiftMemory(view.demand, slot) } }
      : {}),
  };
  const announcing = announcement(address, machine, loser, now);
  // Announced is not read by the others yet: the next look sees whether one of them has announced the same.
  if (mustAnnounceFirst(view, machine)) return { ...act, plan: [announcing], more: true };
  // Asked to stop is not stopped: the next look sees whether it is, and goes on from there.
  if (fence.kind === 'stop') return { ...act, plan: [fence.call], more: true };
  const plan = [
    ...(facts.history === 'lost' && !isAnnounced(address, machine, now) ? [announcing] : []),
    ...fence.calls,
    move(facts, machine, slot, because),
    ...records(address, now, loser),
    ...facts.hooks
      .filter((hook) => isDoneWith(view, hook, machine))
      .map((hook) => completion(hook, `${address.publicIp} is on ${machine.id}: ${hook.instanceId} need not wait`)),
  ];
  return { ...act, plan };
}

/** An Elastic IP takes the place of an address of Amazon's, and to undo the move does not bring that one back. */
function givenUp({ id }: Machine, { amazonIp }: PrivateSlot): JsonObject {
  return amazonIp === null ? {} : { givesUp: `${amazonIp}, which ${id} has from Amazon: nothing brings it back` };
}

/**
 * The place is this address's own until the run ends. Other addresses of the name are moved by runs of their own, and two
 * that see different things may choose the same place, where the second would displace the first. One alone has no rival.
 */
export function claimOn(facts: Facts, place: Place): Pick<Act, 'claims'> {
  return othersOf(facts).length === 0 ? {} : { claims: [keyOf(place)] };
}

/** Without the ledger nothing can be claimed: among several addresses of a name each says in its tags first where it goes. */
function mustAnnounceFirst({ facts, now }: View, machine: Machine): boolean {
  const { history, address } = facts;
  return history === 'lost' && othersOf(facts).length > 0 && !isAnnounced(address, machine, now);
}

/**
 * Without the ledger: another address that has announced itself for the same instance, and is not there yet. Who comes first
 * by its id cannot know whether its own announcement was seen in time, so it lets the other one through; who comes second
 * takes the first one's place for taken.
 */
function rivalFor({ facts, now }: View, machine: Machine): AddressFacts | undefined {
  if (facts.history !== 'lost') return undefined;
  return othersOf(facts).find(
    (other) =>
      other.allocationId > facts.address.allocationId &&
      other.association?.instanceId !== machine.id &&
      isAnnounced(other, machine, now),
  );
}

/** Nobody waits for anything any more in this hook, once the address is on `machine`. */
function isDoneWith({ facts, beside }: View, { transition, instanceId }: HookFacts, machine: Machine): boolean {
  if (transition === 'terminating') return othersOn(facts, instanceId).length === 0;
  return beside.length === 0 || instanceId === machine.id;
}

function fenceFor(view: View, machine: Machine): Fence {
  const { facts, holder, health } = view;
  const { address } = facts;
  // From one interface of an instance to another there is nobody to be kept from it.
  if (machine.id === holder?.id) return { kind: 'clear', why: 'it stays on its holder', calls: [] };
  // What is no instance cannot be stopped.
  if (health.verdict === 'foreign' && address.fence === 'required') return { kind: 'refuse', why: health.why };
  const isOurs = holder?.vip === address.vip;
  const fence = fenceOf(address.fence, holder, isOurs, health.verdict === 'good');
  return holder === null ? fence : withRefusedStop(fence, facts, holder);
}

/** EC2 will not stop the holder (it is protected, say): as good as not being allowed to. */
function withRefusedStop(fence: Fence, facts: Facts, { id }: Machine): Fence {
  const refused = refusedStop(facts, id);
  if (refused === undefined) return fence;
  const why = `EC2 does not stop ${id} (${refused.name}: ${refused.message})`;
  if (fence.kind === 'stop') return { kind: 'refuse', why };
  return fence.kind === 'clear' && fence.calls.length > 0
    ? { kind: 'clear', why: `not fenced: ${why}`, calls: [] }
    : fence;
}

/** The holder, where losing the address is to quarantine it: one that fails must not be the next candidate. */
export function loserOf({ facts, holder, health }: View): Machine | null {
  if (holder === null || health.verdict !== 'bad') return null;
  return mayQuarantine(holder, facts) ? holder : null;
}

function move(facts: Facts, machine: Machine, place: Place, because: string): PlannedCall {
  const { allocationId, association: before } = facts.address;
  return {
    ...associate(allocationId, keyOf(place)),
    because,
    ...(before === null ? {} : { undo: associate(allocationId, keyOf(before)) }),
    ...proofOf(facts, machine),
  };
}

/** The probe has to answer at the new holder only if it ever did there: the silence of another proves nothing. */
function proofOf({ address, history }: Facts, { id }: Machine): { readonly expect?: JsonObject } {
  const hasAnswered = remembered(history, `probe:${id}`) !== undefined;
  return hasAnswered && address.probeTag !== null ? { expect: { probe: address.probeTag } } : {};
}
