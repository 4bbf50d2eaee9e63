/**
 * What is wrong or lacking before a gang is launched, one sentence each: nothing is launched for it.
 *
 * - Of the fleet: no rung would do, and the run refuses.
 * - Of a rung: it is passed, and the next may do.
 * - Of a rung for now: EC2 would refuse it for what the account has; it may do later.
 *
 * Compared is what the launch template asks for, not what a type has at most. Pure.
 */

import type { Fabric, GroupFact } from './fabric.ts';
import { FRESH, type Facts, type Rung, type Template } from './facts.ts';
import { isPresent, type Gang } from './gangs.ts';
import { interfacesFault, isEfa, layoutFault } from './interfaces.ts';
import { fleetOverstep, rungOverstep } from './oversteps.ts';
import { reservationDoubt, reservationFault } from './reservations.ts';

/** What is to be said of a rung. */
export type RungCheck =
  /** There is room for so many gangs, as far as AWS says; `doubt`: what may prove otherwise. */
  | { readonly kind: 'fit'; readonly gangs: number; readonly doubt?: string | undefined }
  | { readonly kind: 'unfit'; readonly because: string }
  /** It is for smaller gangs, which is how somebody wants it: nobody is told. */
  | { readonly kind: 'for-smaller'; readonly because: string }
  | { readonly kind: 'lacking'; readonly code: LackCode; readonly because: string };

type LackCode = 'quota-reached' | 'no-addresses' | 'reservation-full';

/** What a rung is checked against. */
interface Launch {
  readonly rung: Rung;
  readonly nodes: number;
  readonly template: Template;
  readonly fabric: Fabric;
  /** Gangs that were asked for and that EC2 does not show yet: it does not count them either. */
  readonly asked: readonly Gang[];
}

/** A gang whose nodes are not all there after so long may have to go. As of whom is asked whether it is protected. */
const LONG_MS = 600_000;

/**
 * A gang may be missing: there are more jobs than gangs that are sure to do one. It is asked before it is known how each gang stands, and
 * rather once too often.
 */
export function needsFabric(
  { ask, jobs, nodes, gangs, settings }: Pick<Facts, 'ask' | 'jobs' | 'nodes' | 'gangs' | 'settings'>,
  now: string,
): boolean {
  if (ask.kind !== 'scale' || jobs === null) return false;
  const byToken = Map.groupBy(nodes, ({ clientToken }) => clientToken ?? '');
  const sure = gangs.filter((record) => {
    const own = byToken.get(record.id) ?? [];
    const isWhole =
      own.filter(isPresent).length === record.nodes && own.every(({ state }) => !state.startsWith('stop'));
    const isYoung = Date.parse(now) - Date.parse(record.askedAt) < LONG_MS;
    const isComing = record.state === 'launching' && isYoung && (own.length === 0 || isWhole);
    const isFitting =
      record.queue === settings.queue && record.nodes === settings.nodesPerJob && record.noticedAt === null;
    return isFitting && (isComing || (record.state === 'up' && isWhole));
  });
  return jobs.visible + jobs.inFlight > sure.length;
}

/** What is wrong with the fleet, on whatever rung. */
export function fleetFault(
  template: Template,
  fabric: Fabric,
): { readonly code: string; readonly because: string } | undefined {
  const overstep = fleetOverstep(template);
  if (overstep !== undefined) return { code: 'unfit-template', because: overstep };
  const missing = groupsNamed(template).find((id) => !fabric.groups.some((group) => group.id === id));
  if (missing !== undefined) return { code: 'no-security-group', because: `there is no security group ${missing}` };
  const closed = template.interfaces.filter(isEfa).flatMap(({ Groups }) => closedGroups(Groups, fabric) ?? [])[0];
  if (closed !== undefined) return { code: 'efa-group-not-open', because: closed };
  const layout = layoutFault(template.interfaces);
  if (layout !== undefined) return { code: 'unfit-interfaces', because: layout };
  const image = imageFault(template, fabric);
  return image === undefined ? undefined : { code: 'unfit-image', because: image };
}

function groupsNamed({ interfaces, groups }: Template): readonly string[] {
  return [...new Set([...interfaces.flatMap(({ Groups }) => Groups), ...groups])];
}

/**
 * EFA passes only where the groups of an interface let in and out all traffic of one another, by their ids: leave to go anywhere is not
 * enough. Rules of several groups count together.
 */
function closedGroups(ids: readonly string[], { groups }: Fabric): string | undefined {
  const defaults = groups.filter(({ isDefault }) => isDefault);
  // Which VPC's it is differs from rung to rung: each has to do.
  if (ids.length === 0) return defaults.flatMap((one) => closedAmong([one], 'the default ') ?? [])[0];
  return closedAmong(
    groups.filter(({ id }) => ids.includes(id)),
    '',
  );
}

function closedAmong(own: readonly GroupFact[], which: string): string | undefined {
  const ids = new Set(own.map(({ id }) => id));
  if (own.length === 0) return undefined;
  const whom = own.length === 1 ? 'itself' : 'one another';
  const lacks = [
    ...(own.some(({ from }) => from.some((id) => ids.has(id))) ? [] : [`no ingress rule from ${whom}`]),
    ...(own.some(({ to }) => to.some((id) => ids.has(id))) ? [] : [`no egress rule to ${whom}`]),
  ];
  if (lacks.length === 0) return undefined;
  const rules = `${lacks.join(' and ')} for all traffic (protocol -1), which EFA needs`;
  const named = [...ids].join(', ');
  return own.length === 1 ? `${which}security group ${named} has ${rules}` : `security groups ${named} have ${rules}`;
}

function imageFault({ imageId, interfaces }: Template, { image }: Fabric): string | undefined {
  if (imageId === null) return 'the launch template names no image';
  if (imageId.startsWith('resolve:'))
    return `the launch template names its image by a parameter (${imageId}), which the runbook may not read: name it by id`;
  if (image === null) return `there is no image ${imageId} that this account may use`;
  if (image.state !== 'available') return `image ${imageId} is ${image.state}`;
  return image.platform?.startsWith('Windows') === true && interfaces.some(isEfa)
    ? `image ${imageId} is Windows, and EFA is for Linux alone`
    : undefined;
}

/** What is to be said of each rung, in their order. */
export function checkRungs(
  { fabric, settings }: Facts,
  template: Template,
  rungs: readonly Rung[],
  gangs: readonly Gang[],
): readonly RungCheck[] {
  const asked = gangs.filter(({ standing }) => standing === 'asked');
  return rungs.map((rung): RungCheck => {
    if (fabric === null) return { kind: 'fit', gangs: Number.POSITIVE_INFINITY };
    return checkRung({ rung, nodes: settings.nodesPerJob, template, fabric, asked });
  });
}

function checkRung(launch: Launch): RungCheck {
  const { rung, nodes, template, fabric } = launch;
  if (rung.maxNodes !== undefined && nodes > rung.maxNodes)
    return { kind: 'for-smaller', because: `for gangs of ${rung.maxNodes} nodes at most, and a job takes ${nodes}` };
  const because =
    typeFault(launch) ??
    interfacesFault(rung.instanceType, fabric.types[rung.instanceType], template.interfaces) ??
    rungOverstep(template, rung) ??
    placementFault(launch) ??
    reservationFault(rung, template, fabric) ??
    vpcFault(launch);
  if (because !== undefined) return { kind: 'unfit', because };
  const rooms = [addresses(launch), quota(launch), reservation(launch)].flatMap((room) => room ?? []);
  const [lacking] = rooms.filter(({ gangs }) => gangs < 1);
  if (lacking !== undefined) return { kind: 'lacking', code: lacking.code, because: lacking.because };
  const gangs = Math.min(Number.POSITIVE_INFINITY, ...rooms.map((room) => room.gangs));
  return { kind: 'fit', gangs, doubt: reservationDoubt(rung, fabric) };
}

function typeFault({ rung, fabric }: Launch): string | undefined {
  const { instanceType, zone, market } = rung;
  const type = fabric.types[instanceType];
  if (type === undefined) return `there is no instance type ${instanceType} in this Region`;
  if (!fabric.offered.includes(`${instanceType}/${zone}`)) return `${instanceType} is not offered in ${zone}`;
  if (type.usage?.includes(market) === false) return `${instanceType} cannot be had ${market}`;
  return type.hasEna === false ? `${instanceType} has no ENA` : undefined;
}

function placementFault({ rung, nodes, fabric }: Launch): string | undefined {
  const { placementGroup: name, zone, instanceType } = rung;
  if (name === null) return undefined;
  if (name === FRESH) return strategyFault(instanceType, 'cluster', fabric);
  const group = fabric.placementGroups[name];
  if (group === undefined) return `there is no placement group ${name}`;
  const { strategy, state, zones } = group;
  if (state !== 'available') return `placement group ${name} is ${state}`;
  if (nodes > 1 && strategy !== 'cluster')
    return `placement group ${name} has the strategy ${strategy}, and ${nodes} nodes of one job need cluster`;
  const unsuited = strategyFault(instanceType, strategy, fabric);
  if (unsuited !== undefined) return unsuited;
  const other = zones.find((each) => each !== zone);
  return strategy === 'cluster' && other !== undefined
    ? `placement group ${name} has instances in ${other}, and the subnet is in ${zone}`
    : undefined;
}

function strategyFault(instanceType: string, strategy: string, { types }: Fabric): string | undefined {
  return types[instanceType]?.strategies?.includes(strategy) === false
    ? `${instanceType} cannot be in a placement group of the strategy ${strategy}`
    : undefined;
}

function vpcFault({ rung: { subnetId }, template, fabric }: Launch): string | undefined {
  const vpcId = fabric.subnets[subnetId]?.vpcId ?? null;
  const named = new Set(groupsNamed(template));
  const other = fabric.groups.find((group) => named.has(group.id) && group.vpcId !== null && group.vpcId !== vpcId);
  return vpcId === null || other === undefined
    ? undefined
    : `${subnetId} is in ${vpcId}, and security group ${other.id} is in ${other.vpcId}`;
}

/** How many gangs find room, and what is to be said where that is none. */
interface Room {
  readonly gangs: number;
  readonly code: LackCode;
  readonly because: string;
}

function nodesAsked({ asked }: Launch, isMeant: (rung: Rung) => boolean): number {
  return asked.filter(({ record }) => isMeant(record.rung)).reduce((sum, { record }) => sum + record.nodes, 0);
}

/** `efa-only` interfaces carry no address. */
function addresses(launch: Launch): Room | undefined {
  const { rung, nodes, template, fabric } = launch;
  const free = fabric.subnets[rung.subnetId]?.freeAddresses ?? null;
  if (free === null) return undefined;
  const carrying = template.interfaces.filter(({ InterfaceType }) => InterfaceType !== 'efa-only').length;
  const each = template.interfaces.length === 0 ? 1 : carrying;
  const left = Math.max(0, free - each * nodesAsked(launch, ({ subnetId }) => subnetId === rung.subnetId));
  return {
    gangs: each === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / (each * nodes)),
    code: 'no-addresses',
    because: `${rung.subnetId} has ${left} free addresses, and ${nodes} nodes take ${each * nodes}`,
  };
}

function reservation(launch: Launch): Room | undefined {
  const { rung, nodes, fabric } = launch;
  const found = rung.reservation === null ? undefined : fabric.reservations[rung.reservation];
  if (found === undefined) return undefined;
  const left = Math.max(0, found.available - nodesAsked(launch, ({ reservation: id }) => id === rung.reservation));
  return {
    gangs: Math.floor(left / nodes),
    code: 'reservation-full',
    because: `capacity reservation ${rung.reservation} has ${left} instances left, and a job takes ${nodes}`,
  };
}

/**
 * An upper bound of what is left: others in the account hold some of the quota, too, and EC2's own refusal does the rest. What is reserved
 * counts from when it was reserved, and not again when it is launched into.
 */
function quota(launch: Launch): Room | undefined {
  const { rung, nodes, fabric } = launch;
  const { instanceType, market } = rung;
  const found = rung.reservation === null ? fabric.quotas[`${instanceType}/${market}`] : undefined;
  const each = fabric.types[instanceType]?.vcpus ?? null;
  if (found === undefined || each === null) return undefined;
  const asked = launch.asked.filter(({ record: { rung: other } }) => {
    return other.reservation === null && fabric.quotas[`${other.instanceType}/${other.market}`]?.code === found.code;
  });
  const coming = asked.reduce(
    (sum, { record }) => sum + record.nodes * (fabric.types[record.rung.instanceType]?.vcpus ?? 0),
    0,
  );
  const held = found.held + coming;
  return {
    gangs: Math.floor(Math.max(0, found.vcpus - held) / (each * nodes)),
    code: 'quota-reached',
    because: `of the ${found.vcpus} vCPUs of quota ${found.code} fleets hold ${held}, and ${nodes} nodes take ${each * nodes}`,
  };
}
