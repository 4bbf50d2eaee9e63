/** AWS's answers about an address and its instances as the facts a decision needs. Reads nothing itself. */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Address, Instance, Volume } from '@aws-sdk/client-ec2';
import {
  absentInstance,
  checksOf,
  hasWholeSet,
  instanceFacts,
  membershipOf,
  need,
  tagsOf,
} from '../../../shared/aws/ec2/reading.ts';
import { settingsReader, time, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import type { Membership } from '../../../shared/judgement/instance-health.ts';
import { parseProbe } from '../../../shared/kernel/probe.ts';
import type { AddressFacts, Machine, ProbeReading } from '../decide.ts';
import type { BothRounds } from './rounds.ts';
import { VIP, vipOf } from './vip.ts';

/** Without a tag. */
const PRIORITY = 100;
/** Where a priority cannot be read, the candidate comes last: a slip of the pen must not keep it from serving when nobody else can. */
const LAST_PRIORITY = 1_000_000;

/** What an address and its tags say; `probe`: what its own probe said. */
export function addressFacts(address: Address, all: readonly Address[], probe: ProbeReading): AddressFacts {
  const id = need(address.AllocationId, 'Addresses[].AllocationId');
  const vip = vipOf(address) ?? '';
  const { problems, read } = settingsReader(id, tagsOf(address.Tags));
  if (vip === '') problems.push(`${id}: tag ${VIP}: a name is missing`);
  return {
    allocationId: id,
    publicIp: need(address.PublicIp, `${id}.PublicIp`),
    vip,
    borderGroup: need(address.NetworkBorderGroup, `${id}.NetworkBorderGroup`),
    association: associationOf(address, id),
    ahead: aheadOf(address, all),
    fence: read('runbook:fence', 'none' as const, fencePolicy, 'none, best-effort or required'),
    probeTag: read<string | null>('runbook:probe', null, probeTag, 'like tcp:443 or http:80/healthz'),
    probe,
    failbackMinutes: read<number | null>('runbook:failback-minutes', null, wholeNumber, 'a whole number of minutes'),
    movedAt: read<string | null>('runbook:moved-at', null, time, 'a time'),
    ...read('runbook:moves', { moves: 0, announcedTo: null }, movesTag, 'a whole number'),
    problems,
  };
}

function associationOf(address: Address, id: string): AddressFacts['association'] {
  if (address.AssociationId === undefined) return null;
  const instanceId = address.InstanceId === undefined || address.InstanceId === '' ? null : address.InstanceId;
  return {
    instanceId,
    interfaceId: need(address.NetworkInterfaceId, `${id}.NetworkInterfaceId`),
    privateIp: need(address.PrivateIpAddress, `${id}.PrivateIpAddress`),
  };
}

/** Of the addresses of one name that share this one's plight, those that choose first. */
function aheadOf(address: Address, all: readonly Address[]): number {
  const id = address.AllocationId ?? '';
  const isAhead = (other: Address): boolean =>
    vipOf(other) === vipOf(address) &&
    (other.AllocationId ?? '') < id &&
    (other.InstanceId ?? '') === (address.InstanceId ?? '');
  return all.filter(isAhead).length;
}

function fencePolicy(text: string): AddressFacts['fence'] | undefined {
  return text === 'none' || text === 'best-effort' || text === 'required' ? text : undefined;
}

function probeTag(text: string): string | undefined {
  return parseProbe(text) === undefined ? undefined : text;
}

/** `3`, or `3 to i-…` while the fourth move is announced and not entered. */
function movesTag(text: string): Pick<AddressFacts, 'moves' | 'announcedTo'> | undefined {
  const [, moves, to] = /^(\d{1,6})(?: to (i-\w+))?$/u.exec(text) ?? [];
  return moves === undefined ? undefined : { moves: Number(moves), announcedTo: to ?? null };
}

/** What is known of an instance before it is knocked at. */
export function machineOf(instance: Instance, { statuses, groups, zones, spotTypes, volumes }: BothRounds): Machine {
  const id = need(instance.InstanceId, 'Instances[].InstanceId');
  const status = statuses.find(({ InstanceId }) => InstanceId === id);
  const membership = membershipIn(groups, id);
  const checks = status === undefined ? null : checksOf(status);
  const tags = tagsOf(instance.Tags);
  return {
    ...instanceFacts(instance, { checks, membership, zones, spotType: spotTypes.get(id) }),
    vip: tags.get(VIP) ?? null,
    priority: priorityOf(tags.get('runbook:vip-priority')),
    quarantinedAt: tags.get('runbook:quarantined') ?? null,
    volumesComplete: carriesWholeSet(id, membership, volumes),
    probe: 'none',
  };
}

function priorityOf(tag: string | undefined): number {
  if (tag === undefined) return PRIORITY;
  return wholeNumber(tag.trim()) ?? LAST_PRIORITY;
}

function membershipIn(groups: readonly AutoScalingGroup[], id: string): Membership | null {
  for (const group of groups) {
    const member = group.Instances?.find(({ InstanceId }) => InstanceId === id);
    if (member !== undefined) return membershipOf(group, member);
  }
  return null;
}

function carriesWholeSet(id: string, membership: Membership | null, volumes: readonly Volume[]): boolean {
  const set = membership?.volumeSet ?? null;
  return set === null || hasWholeSet(id, set, volumes);
}

/** EC2 was asked for exactly this instance and does not know it. */
export function absentMachine(id: string): Machine {
  return {
    ...absentInstance(id),
    vip: null,
    priority: LAST_PRIORITY,
    quarantinedAt: null,
    volumesComplete: false,
    probe: 'none',
  };
}
