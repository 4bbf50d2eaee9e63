/**
 * EC2 and Auto Scaling answers, converted once into our own types with required members. What a decision needs and AWS did
 * not say is an error, never a default: a failed read must not look like an empty answer.
 */

import type { AutoScalingGroup, Instance as GroupMember } from '@aws-sdk/client-auto-scaling';
import type {
  AvailabilityZone,
  Instance,
  InstanceNetworkInterface,
  InstanceNetworkInterfaceAssociation,
  InstanceStatus,
} from '@aws-sdk/client-ec2';
import { TerminalError } from '../../kernel/errors.ts';
import type {
  CheckResult,
  InstanceFacts,
  InstanceState,
  Membership,
  PrivateSlot,
  ScheduledEvent,
} from '../../judgement/instance-health.ts';

/** The value, or a `TerminalError` that names what AWS left out. */
export function need<T>(value: T | undefined | null, path: string): T {
  if (value === undefined || value === null) throw new TerminalError(`${path}: missing in AWS's answer`);
  return value;
}

export type Tags = ReadonlyMap<string, string>;

/** Tags by key. */
export function tagsOf(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Tags {
  return new Map((tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}

const STATES = new Set<string>(['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated']);

function isState(value: string): value is InstanceState {
  return STATES.has(value);
}

/** The state of an instance. Throws `TerminalError` for one that is not known. */
export function stateOf({ InstanceId, State }: Instance): InstanceState {
  const name: string = need(State?.Name, `${InstanceId}.State.Name`);
  if (!isState(name)) throw new TerminalError(`${InstanceId}.State.Name: '${name}' is no state this runbook knows`);
  return name;
}

const RESULTS = new Set<string>(['ok', 'impaired', 'insufficient-data', 'initializing', 'not-applicable']);

function isResult(value: string): value is CheckResult {
  return RESULTS.has(value);
}

function resultOf(status: string): CheckResult {
  // Checks are suppressed on purpose, e.g. during a maintenance of AWS's: they say nothing then.
  if (status === 'suppressed') return 'not-applicable';
  return isResult(status) ? status : 'unknown';
}

export type Checks = NonNullable<InstanceFacts['checks']>;

/** The status checks EC2 reports for an instance, by name. */
export function checksOf({
  SystemStatus,
  InstanceStatus: OwnStatus,
  AttachedEbsStatus,
  ApplicationStatus,
}: InstanceStatus): Checks {
  const named = {
    system: SystemStatus?.Status,
    instance: OwnStatus?.Status,
    attachedEbs: AttachedEbsStatus?.Status,
    application: ApplicationStatus?.Status,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, status]) => (status === undefined ? [] : [[name, resultOf(status)]])),
  );
}

/** EC2 lists events for a week after they are over, with this before their description. */
const IS_OVER = /^\s*\[(?:completed|cancell?ed)\]/iu;

/** What EC2 still has in mind for an instance, the soonest first. */
export function scheduledEventsOf({ Events }: InstanceStatus): readonly ScheduledEvent[] {
  const ahead = (Events ?? []).filter(({ Description }) => !IS_OVER.test(Description ?? ''));
  const events = ahead.map(({ Code, NotBefore }) => ({
    code: Code ?? 'scheduled event',
    notBefore: NotBefore?.toISOString() ?? null,
  }));
  return events.toSorted((left, right) => (left.notBefore ?? '').localeCompare(right.notBefore ?? ''));
}

/** The public side of an association, by whatever name: a Wavelength Zone has carrier addresses, an Outpost customer-owned ones. */
export function publicAddressOf({
  PublicIp,
  CarrierIp,
  CustomerOwnedIp,
}: Pick<InstanceNetworkInterfaceAssociation, 'PublicIp' | 'CarrierIp' | 'CustomerOwnedIp'>): string | undefined {
  return [PublicIp, CarrierIp, CustomerOwnedIp].find((address) => address !== undefined && address !== '');
}

/** The IPv4 addresses of an interface, the primary one first; an interface of an IPv6-only subnet has none. */
function ipv4Of({ PrivateIpAddresses, PrivateIpAddress, Association }: InstanceNetworkInterface): OwnAddress[] {
  const listed = PrivateIpAddresses ?? [];
  const own = listed.length > 0 || PrivateIpAddress === undefined ? listed : [{ PrivateIpAddress, Association }];
  const read = own.flatMap(({ PrivateIpAddress: privateIp, Primary, Association: association }) =>
    privateIp === undefined ? [] : [{ privateIp, isPrimary: Primary ?? privateIp === PrivateIpAddress, association }],
  );
  return read.toSorted((left, right) => Number(right.isPrimary) - Number(left.isPrimary));
}

interface OwnAddress {
  readonly privateIp: string;
  readonly isPrimary: boolean;
  readonly association: InstanceNetworkInterfaceAssociation | undefined;
}

/** Tags of a Kubernetes node: its network plugin gives the secondary addresses of its interfaces to pods. */
const IS_NODE_TAG = /^(?:kubernetes\.io\/cluster\/|(?:aws:)?eks:cluster-name$)/u;

function slotsOfInterface(card: InstanceNetworkInterface, isNode: boolean): PrivateSlot[] {
  const { NetworkInterfaceId: interfaceId, Attachment } = card;
  if (interfaceId === undefined) return [];
  const addresses = ipv4Of(card);
  const secondaries = addresses.filter(({ isPrimary }) => !isPrimary);
  return addresses.map((address) => {
    const { privateIp, isPrimary, association } = address;
    const publicIp = publicAddressOf(association ?? {}) ?? null;
    // `amazon` owns the public addresses it assigns by itself; they give way to an Elastic IP.
    const isAmazons = association?.IpOwnerId === 'amazon';
    return {
      interfaceId,
      privateIp,
      networkCardIndex: Attachment?.NetworkCardIndex ?? 0,
      deviceIndex: Attachment?.DeviceIndex ?? 0,
      isPrimary,
      ordinal: Math.max(0, secondaries.indexOf(address)),
      elasticIp: isAmazons ? null : publicIp,
      amazonIp: isAmazons ? publicIp : null,
      isOfPod: isNode && !isPrimary,
    };
  });
}

const ATTACHED: ReadonlySet<string> = new Set(['attaching', 'attached']);

/** Interfaces that are ours to use: attached, and not managed by a service, which lets nobody else change them. */
function isUsable({ Attachment, Operator }: InstanceNetworkInterface): boolean {
  return ATTACHED.has(Attachment?.Status ?? 'attached') && Operator?.Managed !== true;
}

function slotsOf({ NetworkInterfaces, Tags: tags }: Instance): PrivateSlot[] {
  const place = ({ Attachment }: InstanceNetworkInterface): number =>
    (Attachment?.NetworkCardIndex ?? 0) * 1_000 + (Attachment?.DeviceIndex ?? 0);
  const usable = (NetworkInterfaces ?? []).filter(isUsable);
  const isNode = [...tagsOf(tags).keys()].some((key) => IS_NODE_TAG.test(key));
  return usable.toSorted((left, right) => place(left) - place(right)).flatMap((card) => slotsOfInterface(card, isNode));
}

/** The first public address of an instance; `undefined` for one that has none. */
export function publicIpOf({ NetworkInterfaces, PublicIpAddress }: Instance): string | undefined {
  const associated = (NetworkInterfaces ?? [])
    .flatMap(({ PrivateIpAddresses }) => PrivateIpAddresses ?? [])
    .find(({ Association }) => Association?.PublicIp !== undefined);
  return PublicIpAddress ?? associated?.Association?.PublicIp;
}

/** A member of an Auto Scaling group, as its group sees it. */
export function membershipOf(group: AutoScalingGroup, member: GroupMember): Membership {
  const tags = tagsOf(group.Tags);
  const name = need(group.AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName');
  return {
    group: name,
    lifecycleState: need(member.LifecycleState, `${name}.${member.InstanceId}.LifecycleState`),
    healthy: need(member.HealthStatus, `${name}.${member.InstanceId}.HealthStatus`).toLowerCase() === 'healthy',
    volumeSet: tags.get('runbook:volumes') ?? null,
    mayBeFenced: tags.get('runbook:fence-asg') === 'replace',
  };
}

/** What stands beside an instance in other answers. */
export interface Beside {
  readonly checks: InstanceFacts['checks'];
  readonly membership: Membership | null;
  readonly zones: ReadonlyMap<string, AvailabilityZone>;
  /** Type of the Spot request behind the instance, where it was read. */
  readonly spotType?: string | undefined;
  /** The zone of an instance that does not say where it is; absent: that is an error. */
  readonly zoneUnsaid?: string;
}

/** The border group of a zone that does not name it: the Region's, for its ordinary zones (`eu-west-1a`); of a Local or Wavelength Zone it is not known. */
function borderGroupOf(zone: string): string {
  return /^([a-z]{2,4}(?:-[a-z]+)+-\d)[a-z]$/u.exec(zone)?.[1] ?? '';
}

/** Throws `TerminalError` where EC2 leaves out what a decision needs. */
export function instanceFacts(instance: Instance, beside: Beside): InstanceFacts {
  const { checks, membership, zones, spotType, zoneUnsaid } = beside;
  const id = need(instance.InstanceId, 'Instances[].InstanceId');
  const state = stateOf(instance);
  const zone = need(instance.Placement?.AvailabilityZone ?? zoneUnsaid, `${id}.Placement.AvailabilityZone`);
  const known = zones.get(zone);
  const isSpot = instance.InstanceLifecycle === 'spot';
  return {
    id,
    state,
    launchedAt: instance.LaunchTime?.toISOString() ?? null,
    zone,
    zoneState: known?.State ?? 'unknown',
    borderGroup: known?.NetworkBorderGroup ?? borderGroupOf(zone),
    // A status read just before a stop may still be there; what does not run has none.
    checks: state === 'running' ? checks : null,
    spot: !isSpot ? 'no' : spotType === 'one-time' || spotType === 'persistent' ? spotType : 'unknown',
    membership,
    slots: slotsOf(instance),
  };
}

/** Asked for exactly this instance, EC2 does not know it (any more). */
export function absentInstance(id: string): InstanceFacts {
  return {
    id,
    state: 'absent',
    launchedAt: null,
    zone: '',
    zoneState: 'unknown',
    borderGroup: '',
    checks: null,
    spot: 'no',
    membership: null,
    slots: [],
  };
}
