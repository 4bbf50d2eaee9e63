/** Reads and writes AWS for `reassign-elastic-ip`: everything in one round of reads side by side, a second one only in rare cases. */

import {
  AutoScalingClient,
  paginateDescribeAutoScalingGroups,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, paginateDescribeAlarms, type DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeInstanceStatus,
  paginateDescribeSpotInstanceRequests,
  paginateDescribeVolumes,
  StopInstancesCommand,
  type Address,
  type AvailabilityZone,
  type Instance,
  type InstanceStatus,
  type Volume,
} from '@aws-sdk/client-ec2';
import { alarmFacts } from './aws/alarms.ts';
import { ec2Arn, lastPartOf } from '../../shared/aws/arn.ts';
import { client } from '../../shared/aws/clients.ts';
import { chunksOf, collect } from '../../shared/aws/pages.ts';
import { lookUntil } from '../../shared/aws/patience.ts';
import type { Json, JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import type { Io, Located, Verification } from '../../shared/kernel/definition.ts';
import {
  absentInstance,
  checksOf,
  hasWholeSet,
  instanceFacts,
  membershipOf,
  need,
  publicIpOf,
  tagsOf,
} from '../../shared/aws/ec2/reading.ts';
import { errorName, RetryableError, TerminalError } from '../../shared/kernel/errors.ts';
import {
  isOurs,
  isShortlyBefore,
  waitingIn,
  type HookDescription,
  type HookFacts,
  type NamedHook,
} from '../../shared/judgement/hooks.ts';
import { readChecks, type Membership } from '../../shared/judgement/instance-health.ts';
import { completeLifecycleAction, readHooks, recordHeartbeat } from '../../shared/aws/auto-scaling/lifecycle.ts';
import { tagListOf, textOf, textsOf } from '../../shared/aws/planned-input.ts';
import { parseProbe, type ProbeTarget } from '../../shared/kernel/probe.ts';
import { settingsReader, time, wholeNumber } from '../../shared/aws/tag-settings.ts';
import type { AddressFacts, AlarmFacts, Ask, Facts, Machine, ProbeReading } from './decide.ts';

/** What started the run, as JSON. */
export type Request = {
  readonly ask: Ask;
  /** Of a person's request: allocation id, public IP, ARN or name; `null`: whatever the event concerns. */
  readonly target: string | null;
  readonly group: string | null;
  readonly hook: NamedHook | null;
  /** Alarms that the named composite alarm combines. */
  readonly childAlarmNames: readonly string[];
};

export type Seen = Omit<Facts, 'history' | 'setback'>;

const RUNBOOK = 'reassign-elastic-ip';
const VIP = 'runbook:vip';
/** The most an EC2 listing gives in a page: fewer dependent round trips. */
const PAGE = 1_000;
/** DescribeInstanceStatus and DescribeAlarms take at most 100 names. */
const NAMES = 100;
/** One lost packet is no outage: a holder is silent after this many attempts, as far apart. */
const PROBE_ATTEMPTS = 3;
const PROBE_PAUSE_MS = 2_000;
/** Association usually shows in seconds (5 to 6 in NGINX's tests); ten times that is beyond doubt. */
const PATIENCE_MS = 60_000;

function tagged(key: string): { Filters: { Name: string; Values: string[] }[] } {
  return { Filters: [{ Name: 'tag-key', Values: [key] }] };
}

/** What the first round of reads gives. */
interface Round {
  readonly addresses: readonly Address[];
  readonly instances: readonly Instance[];
  readonly statuses: readonly InstanceStatus[];
  /** The statuses are only the first page of a large account's. */
  readonly moreStatuses: boolean;
  readonly groups: readonly AutoScalingGroup[];
  readonly zones: ReadonlyMap<string, AvailabilityZone>;
  readonly volumes: readonly Volume[];
  readonly hooks: ReadonlyMap<string, readonly HookDescription[]>;
  readonly alarms: readonly AlarmFacts[];
}

async function readAlarms({ ask, childAlarmNames }: Request, { signal }: Io): Promise<AlarmFacts[]> {
  const [asked] = ask.kind === 'event' ? ask.alarmNames : [];
  // A hook or a state says enough by itself; a reconcile finds the alarms that are still red after their event.
  if (ask.kind === 'event' && asked === undefined) return [];
  const which: Partial<DescribeAlarmsCommandInput> =
    asked === undefined ? { StateValue: 'ALARM' } : { AlarmNames: [asked, ...childAlarmNames].slice(0, NAMES) };
  const pages = paginateDescribeAlarms(
    { client: client(CloudWatchClient), pageSize: NAMES },
    { ...which, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    { abortSignal: signal },
  );
  const read = await collect(pages, (page) => [page]);
  return alarmFacts(
    read.flatMap(({ MetricAlarms }) => MetricAlarms ?? []),
    read.flatMap(({ CompositeAlarms }) => CompositeAlarms ?? []),
    asked,
  );
}

async function firstStatuses({ signal }: Io): Promise<{ statuses: readonly InstanceStatus[]; moreStatuses: boolean }> {
  // EC2 cannot filter statuses by tag, and whose are needed is not known yet. One page is all but the largest accounts'.
  for await (const page of paginateDescribeInstanceStatus(
    { client: client(EC2Client), pageSize: PAGE },
    {},
    { abortSignal: signal },
  )) {
    return { statuses: page.InstanceStatuses ?? [], moreStatuses: page.NextToken !== undefined };
  }
  return { statuses: [], moreStatuses: false };
}

async function readRound(request: Request, io: Io): Promise<Round> {
  const ec2 = client(EC2Client);
  const options = { abortSignal: io.signal };
  const pages = { client: ec2, pageSize: PAGE };
  const [addresses, instances, status, groups, zones, volumes, hooks, alarms] = await Promise.all([
    ec2.send(new DescribeAddressesCommand(tagged(VIP)), options),
    collect(paginateDescribeInstances(pages, tagged(VIP), options), ({ Reservations }) =>
      Reservations?.flatMap(({ Instances }) => Instances ?? []),
    ),
    firstStatuses(io),
    collect(
      paginateDescribeAutoScalingGroups(
        { client: client(AutoScalingClient), pageSize: NAMES },
        { Filters: [{ Name: 'tag-key', Values: [VIP] }] },
        options,
      ),
      ({ AutoScalingGroups }) => AutoScalingGroups,
    ),
    ec2.send(new DescribeAvailabilityZonesCommand({}), options),
    collect(paginateDescribeVolumes(pages, tagged('runbook:volumes'), options), ({ Volumes }) => Volumes),
    readHooks(request.hook === null ? [] : [request.hook.group], io),
    readAlarms(request, io),
  ]);
  const zoneMap = new Map(
    (zones.AvailabilityZones ?? []).map((zone) => [need(zone.ZoneName, 'AvailabilityZones[].ZoneName'), zone]),
  );
  return { addresses: addresses.Addresses ?? [], instances, ...status, groups, zones: zoneMap, volumes, hooks, alarms };
}

function vipOf(address: Address): string {
  return tagsOf(address.Tags).get(VIP) ?? '';
}

/** The addresses the request concerns. */
function concerned({ ask, target, group }: Request, { addresses, instances, groups, alarms }: Round): Address[] {
  if (target !== null) {
    const id = lastPartOf(target);
    return addresses.filter(
      (address) => [address.AllocationId, address.PublicIp].includes(id) || vipOf(address) === target,
    );
  }
  if (ask.kind !== 'event') return [...addresses];
  const ids = new Set([...ask.instanceIds, ...alarms.flatMap(({ instanceIds }) => instanceIds)]);
  const names = new Set(
    instances.filter(({ InstanceId }) => ids.has(InstanceId ?? '')).map(({ Tags: tags }) => tagsOf(tags).get(VIP)),
  );
  for (const { AutoScalingGroupName, Tags: tags } of groups)
    if (AutoScalingGroupName === group) names.add(tagsOf(tags).get(VIP));
  return addresses.filter((address) => ids.has(address.InstanceId ?? '') || names.has(vipOf(address)));
}

/** The rare second round: untagged holders, statuses beyond the first page, Spot requests, hooks that wait. */
async function readMore(
  round: Round,
  chosen: readonly Address[],
  io: Io,
): Promise<Round & { readonly spotTypes: ReadonlyMap<string, string> }> {
  const pages = { client: client(EC2Client), pageSize: PAGE };
  const options = { abortSignal: io.signal };
  const known = new Set(round.instances.map(({ InstanceId }) => InstanceId));
  const strangers = chosen.flatMap(({ InstanceId }) =>
    InstanceId === undefined || InstanceId === '' || known.has(InstanceId) ? [] : [InstanceId],
  );
  const running = round.moreStatuses
    ? [
        ...round.instances
          .filter(({ State }) => State?.Name === 'running')
          .flatMap(({ InstanceId }) => InstanceId ?? []),
        ...strangers,
      ]
    : [];
  const holders = new Set(
    chosen.filter((address) => tagsOf(address.Tags).has('runbook:fence')).map(({ InstanceId }) => InstanceId),
  );
  const spotHolders = round.instances
    .filter(({ InstanceId, InstanceLifecycle }) => InstanceLifecycle === 'spot' && holders.has(InstanceId))
    .flatMap(({ InstanceId }) => InstanceId ?? []);
  const names = new Set(chosen.map(vipOf));
  const waiting = round.groups.filter(
    ({ AutoScalingGroupName, Instances, Tags: tags }) =>
      !round.hooks.has(AutoScalingGroupName ?? '') &&
      names.has(tagsOf(tags).get(VIP) ?? '') &&
      (Instances ?? []).some(({ LifecycleState }) => LifecycleState?.endsWith(':Wait')),
  );
  const chunks = chunksOf(running, NAMES);
  const byId = (ids: string[]): { Filters: { Name: string; Values: string[] }[] } => ({
    Filters: [{ Name: 'instance-id', Values: ids }],
  });
  const [found, statuses, spot, hooks] = await Promise.all([
    strangers.length === 0
      ? []
      : collect(paginateDescribeInstances(pages, byId(strangers), options), ({ Reservations }) =>
          Reservations?.flatMap(({ Instances }) => Instances ?? []),
        ),
    Promise.all(
      chunks.map((InstanceIds) =>
        collect(
          paginateDescribeInstanceStatus({ client: pages.client }, { InstanceIds }, options),
          ({ InstanceStatuses }) => InstanceStatuses,
        ),
      ),
    ),
    spotHolders.length === 0
      ? []
      : collect(
          paginateDescribeSpotInstanceRequests(pages, byId(spotHolders), options),
          ({ SpotInstanceRequests }) => SpotInstanceRequests,
        ),
    readHooks(
      waiting.map(({ AutoScalingGroupName }) => need(AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName')),
      io,
    ),
  ]);
  const spotTypes = new Map(
    spot.flatMap(({ InstanceId, Type }) =>
      InstanceId === undefined || Type === undefined ? [] : [[InstanceId, Type]],
    ),
  );
  return {
    ...round,
    instances: [...round.instances, ...found],
    statuses: [...round.statuses, ...statuses.flat()],
    hooks: new Map([...round.hooks, ...hooks]),
    spotTypes,
  };
}

type Full = Awaited<ReturnType<typeof readMore>>;

function fencePolicy(text: string): AddressFacts['fence'] | undefined {
  return text === 'none' || text === 'best-effort' || text === 'required' ? text : undefined;
}

/** `3`, or `3 to i-…` while the fourth move is announced and not entered. */
function movesTag(text: string): Pick<AddressFacts, 'moves' | 'announcedTo'> | undefined {
  const [, moves, to] = /^(\d{1,6})(?: to (i-\w+))?$/u.exec(text) ?? [];
  return moves === undefined ? undefined : { moves: Number(moves), announcedTo: to ?? null };
}

/** Of the addresses of one name that share this one's plight, those that choose first. */
function aheadOf(address: Address, all: readonly Address[]): number {
  const id = address.AllocationId ?? '';
  return all.filter(
    (other) =>
      vipOf(other) === vipOf(address) &&
      (other.AllocationId ?? '') < id &&
      (other.InstanceId ?? '') === (address.InstanceId ?? ''),
  ).length;
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

function addressFacts(address: Address, all: readonly Address[], probe: ProbeReading): AddressFacts {
  const id = need(address.AllocationId, 'Addresses[].AllocationId');
  const tags = tagsOf(address.Tags);
  const { problems, read } = settingsReader(id, tags);
  if (vipOf(address) === '') problems.push(`${id}: tag ${VIP}: a name is missing`);
  return {
    allocationId: id,
    publicIp: need(address.PublicIp, `${id}.PublicIp`),
    vip: vipOf(address),
    borderGroup: need(address.NetworkBorderGroup, `${id}.NetworkBorderGroup`),
    association: associationOf(address, id),
    ahead: aheadOf(address, all),
    fence: read('runbook:fence', 'none' as const, fencePolicy, 'none, best-effort or required'),
    probeTag: read<string | null>(
      'runbook:probe',
      null,
      (text) => (parseProbe(text) === undefined ? undefined : text),
      'like tcp:443 or http:80/healthz',
    ),
    probe,
    failbackMinutes: read<number | null>('runbook:failback-minutes', null, wholeNumber, 'a whole number of minutes'),
    movedAt: read<string | null>('runbook:moved-at', null, time, 'a time'),
    ...read('runbook:moves', { moves: 0, announcedTo: null }, movesTag, 'a whole number'),
    problems,
  };
}

/** Where a priority cannot be read, the candidate comes last: a slip of the pen must not keep it from serving when nobody else can. */
const LAST_PRIORITY = 1_000_000;

function machineOf(instance: Instance, full: Full, probe: ProbeReading): Machine {
  const id = need(instance.InstanceId, 'Instances[].InstanceId');
  const status = full.statuses.find(({ InstanceId }) => InstanceId === id);
  const membership = membershipIn(full.groups, id);
  const tags = tagsOf(instance.Tags);
  const priority = tags.get('runbook:vip-priority');
  return {
    ...instanceFacts(instance, {
      checks: status === undefined ? null : checksOf(status),
      membership,
      zones: full.zones,
      spotType: full.spotTypes.get(id),
    }),
    vip: tags.get(VIP) ?? null,
    priority: priority === undefined ? 100 : (wholeNumber(priority.trim()) ?? LAST_PRIORITY),
    quarantinedAt: tags.get('runbook:quarantined') ?? null,
    volumesComplete:
      membership === null || membership.volumeSet === null || hasWholeSet(id, membership.volumeSet, full.volumes),
    probe,
  };
}

function membershipIn(groups: readonly AutoScalingGroup[], id: string): Membership | null {
  for (const group of groups) {
    const member = group.Instances?.find(({ InstanceId }) => InstanceId === id);
    if (member !== undefined) return membershipOf(group, member);
  }
  return null;
}

/** EC2 was asked for exactly this instance and does not know it. */
function absentMachine(id: string): Machine {
  return {
    ...absentInstance(id),
    vip: null,
    priority: LAST_PRIORITY,
    quarantinedAt: null,
    volumesComplete: false,
    probe: 'none',
  };
}

/** The lifecycle actions of the name's groups that wait for us, and whether the event's own does not show yet. */
function hooksOf(
  vip: string,
  full: Full,
  named: NamedHook | null,
): { readonly hooks: HookFacts[]; readonly hookUnseen: boolean } {
  const hooks: HookFacts[] = [];
  let hookUnseen = false;
  for (const group of full.groups) {
    const tags = tagsOf(group.Tags);
    if (tags.get(VIP) !== vip) continue;
    const name = need(group.AutoScalingGroupName, 'AutoScalingGroups[].AutoScalingGroupName');
    const described = full.hooks.get(name) ?? [];
    const carries = tags.has('runbook:volumes');
    // Where volumes are carried, the launch belongs to the runbook that carries them, and a hook is ours only by name.
    const ours = described.filter(
      (each) =>
        isOurs(each, carries ? [...described, { ...each, hook: '' }] : described, RUNBOOK) &&
        !(carries && each.transition === 'launching'),
    );
    const event =
      named !== null &&
      named.group === name &&
      ours.some(({ hook, transition }) => hook === named.hook && transition === named.transition)
        ? named
        : null;
    // Members of a warm pool are not among the group's instances.
    if (event?.toWarmPool === true) hooks.push(event);
    for (const { InstanceId, LifecycleState } of group.Instances ?? []) {
      const id = need(InstanceId, `${name}.Instances[].InstanceId`);
      const transition = waitingIn(LifecycleState);
      if (id === event?.instanceId && isShortlyBefore(event.transition, LifecycleState ?? '')) hookUnseen = true;
      for (const each of ours) {
        if (each.transition !== transition) continue;
        const own = event !== null && event.instanceId === id && event.hook === each.hook;
        hooks.push({
          group: name,
          hook: each.hook,
          instanceId: id,
          transition,
          token: own ? event.token : null,
          toWarmPool: false,
        });
      }
    }
    if (
      event?.transition === 'launching' &&
      !event.toWarmPool &&
      !(group.Instances ?? []).some(({ InstanceId }) => InstanceId === event.instanceId)
    )
      hookUnseen = true;
  }
  return { hooks, hookUnseen };
}

async function knock(host: string, target: ProbeTarget, attempts: number, io: Io): Promise<ProbeReading> {
  for (let attempt = 1; ; attempt += 1) {
    if ((await io.probe(host, target)) === 'ok') return 'ok';
    if (attempt >= attempts) return 'failed';
    await io.sleep(PROBE_PAUSE_MS);
  }
}

/** The facts about one address. Probes only where the answer could matter: a holder that is down needs none. */
async function factsAbout(address: Address, request: Request, full: Full, io: Io): Promise<Seen> {
  const vip = vipOf(address);
  const holderId = address.InstanceId ?? '';
  const target = parseProbe(tagsOf(address.Tags).get('runbook:probe') ?? '');
  const chosen = full.instances.filter(
    ({ InstanceId, Tags: tags }) => InstanceId === holderId || tagsOf(tags).get(VIP) === vip,
  );
  const standbyProbe = async (instance: Instance): Promise<ProbeReading> => {
    const publicIp = publicIpOf(instance);
    const isUp = instance.State?.Name === 'running' && instance.InstanceId !== holderId;
    return target === undefined || publicIp === undefined || !isUp ? 'none' : knock(publicIp, target, 1, io);
  };
  const holderProbe = async (): Promise<ProbeReading> => {
    const holder = chosen.find(({ InstanceId }) => InstanceId === holderId);
    if (target === undefined || holder === undefined || address.PublicIp === undefined) return 'none';
    const { state, checks } = machineOf(holder, full, 'none');
    return state !== 'running' || readChecks(checks).verdict === 'impaired'
      ? 'none'
      : knock(address.PublicIp, target, PROBE_ATTEMPTS, io);
  };
  const [probe, ...probes] = await Promise.all([holderProbe(), ...chosen.map(standbyProbe)]);
  const machines = chosen.map((instance, index) => machineOf(instance, full, probes[index] ?? 'none'));
  if (holderId !== '' && !machines.some(({ id }) => id === holderId)) machines.push(absentMachine(holderId));
  const told = full.alarms.flatMap(({ instanceIds }) => instanceIds);
  const ask: Ask =
    request.ask.kind === 'event'
      ? { ...request.ask, instanceIds: [...new Set([...request.ask.instanceIds, ...told])] }
      : request.ask;
  const about = new Set(machines.map(({ id }) => id));
  const alarms = full.alarms.filter(({ instanceIds }) => instanceIds.some((id) => about.has(id)));
  return {
    ask,
    address: addressFacts(address, full.addresses, probe),
    instances: machines,
    alarms,
    ...hooksOf(vip, full, request.hook),
  };
}

function arnOf(address: Address, io: Io): string {
  return ec2Arn('elastic-ip', need(address.AllocationId, 'Addresses[].AllocationId'), io);
}

/** The addresses a request concerns, with all that is to be known about each. Throws what AWS throws: an answer that failed is not an empty one. */
export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const round = await readRound(request, io);
  const chosen = concerned(request, round);
  if (chosen.length === 0) return [];
  const full = await readMore(round, chosen, io);
  return Promise.all(
    chosen.map(async (address) => ({
      target: arnOf(address, io),
      facts: await factsAbout(address, request, full, io),
    })),
  );
}

/** Reads one address again. Throws `TerminalError` when it is no longer there to be moved. */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const round = await readRound(request, io);
  const address = round.addresses.find((each) => arnOf(each, io) === target);
  if (address === undefined) throw new TerminalError(`${target}: released, or no longer tagged ${VIP}`);
  return factsAbout(address, request, await readMore(round, [address], io), io);
}

type Send = (input: JsonObject, io: Io) => Promise<Json>;

/** Errors that mean "not as it was seen": look again. A pending instance cannot take an address; an interface may be gone. */
const CHANGED = new Set([
  'IncorrectInstanceState',
  'InvalidNetworkInterfaceID.NotFound',
  'InvalidInstanceID.NotFound',
  'InvalidInstanceID',
]);

/** Sends a change. `gone`: the resource need not be there any more (a loser that was terminated meanwhile). */
async function change(request: Promise<unknown>, gone?: RegExp): Promise<Json> {
  try {
    await request;
    return null;
  } catch (error) {
    const name = errorName(error);
    if (gone?.test(name) === true) return 'gone';
    if (CHANGED.has(name)) throw new RetryableError(`${name}: ${String(error)}`);
    throw error;
  }
}

const associateAddress: Send = (input, { signal }) => {
  const place = {
    NetworkInterfaceId: textOf(input, 'NetworkInterfaceId'),
    PrivateIpAddress: textOf(input, 'PrivateIpAddress'),
  };
  return change(
    client(EC2Client).send(
      new AssociateAddressCommand({ AllocationId: textOf(input, 'AllocationId'), ...place, AllowReassociation: true }),
      { abortSignal: signal },
    ),
  );
};
const createTags: Send = (input, { signal }) =>
  change(
    client(EC2Client).send(new CreateTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) }), {
      abortSignal: signal,
    }),
    /^InvalidInstanceID/u,
  );
const deleteTags: Send = (input, { signal }) =>
  change(
    client(EC2Client).send(new DeleteTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) }), {
      abortSignal: signal,
    }),
    /^InvalidInstanceID/u,
  );
const stopInstances: Send = (input, { signal }) =>
  change(
    client(EC2Client).send(
      new StopInstancesCommand({ InstanceIds: textsOf(input, 'InstanceIds'), Force: true, SkipOsShutdown: true }),
      { abortSignal: signal },
    ),
  );

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Send } = {
  'ec2:AssociateAddress': associateAddress,
  'ec2:CreateTags': createTags,
  'ec2:DeleteTags': deleteTags,
  'ec2:StopInstances': stopInstances,
  'autoscaling:CompleteLifecycleAction': completeLifecycleAction,
  'autoscaling:RecordLifecycleActionHeartbeat': recordHeartbeat,
};

/** Looks until the address shows where it was sent, and answers there where the plan expects that; a minute at most. */
export async function verify(
  _target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const move = plan.find(({ call }) => call === 'ec2:AssociateAddress');
  if (move === undefined) return { ok: true };
  const [id, wanted] = [
    textOf(move.input, 'AllocationId'),
    `${textOf(move.input, 'NetworkInterfaceId')}/${textOf(move.input, 'PrivateIpAddress')}`,
  ];
  const probe = parseProbe(typeof move.expect?.['probe'] === 'string' ? move.expect['probe'] : '');
  return lookUntil(io, PATIENCE_MS, async () => {
    const { Addresses } = await client(EC2Client).send(new DescribeAddressesCommand({ AllocationIds: [id] }), {
      abortSignal: io.signal,
    });
    const [seen] = Addresses ?? [];
    const isThere = `${seen?.NetworkInterfaceId}/${seen?.PrivateIpAddress}` === wanted;
    if (!isThere) return { ok: false, why: `${id} is not on ${wanted}` };
    const answer = probe === undefined ? 'ok' : await io.probe(need(seen?.PublicIp, `${id}.PublicIp`), probe);
    return answer === 'ok' ? { ok: true } : { ok: false, why: `${id} is on ${wanted}, but its probe says ${answer}` };
  });
}

/** The request that moves the address back; none for a move from nobody. */
export function undoRequest(target: string, plan: readonly PlannedCall[]): JsonObject | undefined {
  const back = plan.find(({ call }) => call === 'ec2:AssociateAddress')?.undo?.input;
  return back === undefined
    ? undefined
    : { runbook: RUNBOOK, target, params: { action: 'move', to: textOf(back, 'NetworkInterfaceId') } };
}
