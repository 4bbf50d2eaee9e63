/**
 * What was refused in this run already, so that it is not asked for again: EC2 will not put the address there, or another
 * address of the name was quicker. Nothing of it had an effect. Pure.
 */

import type { Json, Refusal } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { AddressFacts, Facts, Machine } from './facts.ts';

/** A private address that EC2 refused to put the address on. */
export interface RefusedPlace {
  readonly interfaceId: string;
  readonly privateIp: string;
  /** Only this private address is out of the question, not its whole instance. */
  readonly isPlaceOnly: boolean;
  readonly why: string;
}

/** A place that another address has claimed. */
export interface ClaimedPlace {
  /** As one word. */
  readonly place: string;
  /** Its allocation id; empty: it is none that this run sees. */
  readonly by: string;
}

/** EC2 says so of a private address that the interface does not have (any more). */
const OF_THE_PLACE = 'InvalidParameterValue';

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The places that EC2 has refused in this run. */
export function refusedPlaces({ refusals = [] }: Facts): readonly RefusedPlace[] {
  return refusals
    .filter(({ call, meaning }) => call === 'ec2:AssociateAddress' && meaning === 'refused')
    .map(({ input, name, message }) => ({
      interfaceId: textIn(input['NetworkInterfaceId']),
      privateIp: textIn(input['PrivateIpAddress']),
      isPlaceOnly: name === OF_THE_PLACE,
      why: `EC2 will not have the address there (${name}: ${message})`,
    }));
}

/** The places that other addresses were quicker to claim: the ledger names them by their ARN. */
export function claimedPlaces({ refusals = [], siblings }: Facts): readonly ClaimedPlace[] {
  return refusals
    .filter(({ call }) => call === 'ledger:claim')
    .map(({ input, message }) => ({
      place: textIn(input['claim']),
      by: siblings.find(({ allocationId }) => message.includes(`/${allocationId} `))?.allocationId ?? '',
    }));
}

/** How long what another run announced may still come true: that run ends within two minutes, and its effect shows a little later. */
const ANNOUNCED_SECONDS = 150;

/** The places that runs on other addresses have announced that they take, as the ledger knows when a schedule or a person asks. */
export function announcedPlaces({ address, siblings, announced = [] }: Facts, now: string): readonly ClaimedPlace[] {
  return announced.flatMap(({ target, at, note }) => {
    const sibling = siblings.find(({ allocationId }) => target.endsWith(`/${allocationId}`));
    if (sibling === undefined || sibling.allocationId === address.allocationId) return [];
    if (secondsSince(at, now) > ANNOUNCED_SECONDS) return [];
    return [{ place: `${textIn(note['interfaceId'])}/${textIn(note['privateIp'])}`, by: sibling.allocationId }];
  });
}

/** How long an announcement in the tags holds: the run that made it goes on within seconds, and the next tick must not wait for one that died. */
const TAG_ANNOUNCED_SECONDS = 50;

/** An address says in its tags that it goes to this instance, and so lately that it may still come true. */
export function isAnnounced({ announcedTo, movedAt }: AddressFacts, { id }: Machine, now: string): boolean {
  return announcedTo === id && movedAt !== null && secondsSince(movedAt, now) <= TAG_ANNOUNCED_SECONDS;
}

/** What EC2 has refused about an instance as a whole. */
export function refusedInstance(places: readonly RefusedPlace[], { slots }: Machine): RefusedPlace | undefined {
  return places.find(
    ({ interfaceId, isPlaceOnly }) => !isPlaceOnly && slots.some((slot) => slot.interfaceId === interfaceId),
  );
}

/** The budget that does not allow another move now: `cooldown` or `window`, and until when. */
export function refusedBudget({ refusals = [] }: Facts): Refusal | undefined {
  return refusals.find(({ call }) => call === 'ledger:acquire');
}

/** Why EC2 did not stop an instance in this run; `undefined`: it was not asked to, or did. */
export function refusedStop({ refusals = [] }: Facts, instanceId: string): Refusal | undefined {
  return refusals.find(
    ({ call, meaning, input }) =>
      call === 'ec2:StopInstances' &&
      meaning === 'refused' &&
      JSON.stringify(input['InstanceIds']).includes(instanceId),
  );
}
