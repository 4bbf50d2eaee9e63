/** AWS's answers about addresses as the facts a decision needs. Reads nothing itself. */

import type { Address } from '@aws-sdk/client-ec2';
import { need, publicAddressOf, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { settingsReader, time, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { parseProbe } from '../../../shared/kernel/probe.ts';
import { parseWish, WISH_FORM, type AddressFacts, type Wish } from '../decide.ts';
import { VIP, vipOf } from './vip.ts';

/** Of an address that has not moved. */
const NO_MOVES: Pick<AddressFacts, 'moves' | 'announcedTo' | 'announcedFrom' | 'announcedLoser'> = {
  moves: 0,
  announcedTo: null,
  announcedFrom: null,
  announcedLoser: null,
};

/** What an address and its tags say. `region`: where an address is that does not name its border group. Throws `TerminalError` where AWS leaves out what it cannot be moved without. */
export function addressFacts(address: Address, region: string): AddressFacts {
  const id = need(address.AllocationId, 'Addresses[].AllocationId');
  const vip = vipOf(address) ?? '';
  const { problems, read } = settingsReader(id, tagsOf(address.Tags));
  if (vip === '') problems.push(`${id}: tag ${VIP}: a name is missing`);
  return {
    allocationId: id,
    publicIp: need(publicAddressOf(address), `${id}.PublicIp`),
    vip,
    borderGroup: address.NetworkBorderGroup ?? region,
    isCustomerOwned: !isUnsaid(address.CustomerOwnedIpv4Pool) || !isUnsaid(address.CustomerOwnedIp),
    association: associationOf(address, id),
    wish: read<Wish | null>('runbook:interface', null, parseWish, WISH_FORM),
    fence: read('runbook:fence', 'none' as const, fencePolicy, 'none, best-effort or required'),
    probeTag: read<string | null>('runbook:probe', null, probeTag, 'like tcp:443 or http:80/healthz'),
    probe: 'none',
    failbackMinutes: read<number | null>('runbook:failback-minutes', null, wholeNumber, 'a whole number of minutes'),
    movedAt: read<string | null>('runbook:moved-at', null, time, 'a time'),
    ...read('runbook:moves', NO_MOVES, movesTag, 'a whole number'),
    problems,
  };
}

/** The addresses by their name, those left out whose record cannot be read: they are told of by the runs on themselves. */
export function readableByVip(
  addresses: readonly Address[],
  region: string,
): ReadonlyMap<string, readonly AddressFacts[]> {
  const readable = addresses.flatMap((address) => {
    try {
      return [addressFacts(address, region)];
    } catch (error) {
      if (error instanceof TerminalError) return [];
      throw error;
    }
  });
  return Map.groupBy(readable, ({ vip }) => vip);
}

function associationOf(address: Address, id: string): AddressFacts['association'] {
  const { AssociationId, InstanceId, NetworkInterfaceId, PrivateIpAddress } = address;
  // Whatever of it is said, it is somewhere: taken for free, it would be taken from whoever has it.
  if ([AssociationId, InstanceId, NetworkInterfaceId].every(isUnsaid)) return null;
  return {
    instanceId: isUnsaid(InstanceId) ? null : (InstanceId ?? null),
    interfaceId: need(NetworkInterfaceId, `${id}.NetworkInterfaceId`),
    privateIp: need(PrivateIpAddress, `${id}.PrivateIpAddress`),
  };
}

function isUnsaid(text: string | undefined): boolean {
  return text === undefined || text === '';
}

function fencePolicy(text: string): AddressFacts['fence'] | undefined {
  return text === 'none' || text === 'best-effort' || text === 'required' ? text : undefined;
}

function probeTag(text: string): string | undefined {
  return parseProbe(text) === undefined ? undefined : text;
}

/** Older versions announced only where a move goes. */
const MOVES = /^(\d{1,6})(?: to (i-\w+)(?: from (eni-\w+\/[\d.]+)(?: loser (i-\w+))?)?)?$/u;

/** `3`, or `3 to i-… from eni-…/10.0.0.5 loser i-…` while the fourth move is announced and not entered. */
function movesTag(text: string): typeof NO_MOVES | undefined {
  const [, moves, announcedTo = null, announcedFrom = null, announcedLoser = null] = MOVES.exec(text) ?? [];
  return moves === undefined ? undefined : { moves: Number(moves), announcedTo, announcedFrom, announcedLoser };
}
