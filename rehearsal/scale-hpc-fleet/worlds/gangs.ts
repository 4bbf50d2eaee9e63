/** Generated gangs that stand when a world begins: with their nodes, what the ledger keeps of them, and who is at work there. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { chance, mostly, oddText, sometimes, timeAt } from '../../worlds/pieces.ts';
import { BEGIN } from '../../worlds/case.ts';
import type { Fleet } from './fleets.ts';
import { interfacesOf, keptInterfaces } from './interfaces.ts';
import { FRESH, type PlacedRung } from './ladders.ts';

/** What the ledger says of it; `none`: nothing, it is of no gang. */
type Record = 'up' | 'launching' | 'ending' | 'over' | 'none' | 'damaged';

const aGang = fc.record({
  rung: fc.nat(3),
  record: mostly<Record>('up', [10, 'launching'], [6, 'ending'], [10, 'over'], [4, 'none'], [3, 'damaged']),
  /** Of its nodes when the world begins. */
  nodes: mostly<'all' | 'one-gone' | 'one-stopped' | 'none' | 'pending'>(
    'all',
    [6, 'one-gone'],
    [5, 'one-stopped'],
    [5, 'none'],
    [5, 'pending'],
  ),
  /** Node 0, or another, is protected by a person; or a worker has died that never gives it back. */
  protection: mostly<'none' | 'first' | 'other'>('none', [10, 'first'], [9, 'other']),
  lease: mostly<'none' | 'free' | 'busy' | 'past' | 'damaged' | 'closed'>(
    'none',
    [8, 'free'],
    [8, 'busy'],
    [6, 'past'],
    [5, 'damaged'],
    [4, 'closed'],
  ),
  /** It was launched for jobs of another size, or of another queue. */
  misfit: mostly<'none' | 'size' | 'queue'>('none', [5, 'size'], [4, 'queue']),
  tags: mostly<'right' | 'removed' | 'odd'>('right', [5, 'removed'], [5, 'odd']),
  odd: oddText,
  isOld: chance(70),
});

type DrawnGang = typeof aGang extends fc.Arbitrary<infer G> ? G : never;

export const someGangs: fc.Arbitrary<readonly DrawnGang[]> = sometimes(50, fc.array(aGang, { maxLength: 3 })).map(
  (some) => some ?? [],
);

/** A gang with its place. */
export interface Gang extends DrawnGang {
  readonly id: string;
  readonly fleet: Fleet;
  readonly placed: PlacedRung;
  readonly size: number;
}

const ID_DIGITS = 32;

/** The gangs of a fleet; at most some hundred nodes of them. */
export function gangsOf(fleet: Fleet): readonly Gang[] {
  return fleet.gangs.flatMap((drawn, index): Gang[] => {
    const placed = fleet.placed[drawn.rung % fleet.placed.length];
    if (placed === undefined || fleet.nodes > 100) return [];
    const size = drawn.misfit === 'size' ? fleet.nodes * 2 : fleet.nodes;
    return [{ ...drawn, id: `${fleet.letter}${index}`.padEnd(ID_DIGITS, '0'), fleet, placed, size }];
  });
}

const BEGIN_MS = Date.parse(BEGIN);

/** Seconds after the beginning, so it is before. */
function askedAt({ isOld, record }: DrawnGang): number {
  if (record === 'launching') return isOld ? -2_000 : -90;
  return isOld ? -7_200 : -700;
}

/** Id of one of its nodes. */
export function nodeId({ id }: Pick<Gang, 'id'>, index: number): string {
  return `i-0${id.slice(0, 2)}${index.toString(16).padStart(13, '0')}`;
}

/** What the tags of its nodes say of the queue. */
function queueOf({ misfit, fleet }: Gang): string {
  return misfit === 'queue' ? `old-${fleet.queueName}` : fleet.queueName;
}

function tagsOf(gang: Gang): readonly Shape[] {
  const all = [
    { Key: 'runbook:hpc-queue', Value: queueOf(gang) },
    { Key: 'runbook:run', Value: `scale-hpc-fleet/${gang.id}` },
    { Key: 'runbook:nodes-per-job', Value: String(gang.size) },
  ];
  if (gang.tags === 'right') return all;
  // The worker finds its gang by the first: an odd one is of nobody.
  const [queue, ...others] = all;
  return gang.tags === 'removed' ? others : [{ ...queue, Value: gang.odd }, ...others];
}

function stateOf({ nodes }: Gang, index: number): Shape {
  if (nodes === 'pending') return { Code: 0, Name: 'pending' };
  if (index === 1 && nodes === 'one-gone') return { Code: 48, Name: 'terminated' };
  return index === 1 && nodes === 'one-stopped' ? { Code: 80, Name: 'stopped' } : { Code: 16, Name: 'running' };
}

/** The placement group that its nodes are in. */
function groupOf({ placed, id }: Gang): string | null {
  return placed.group === FRESH ? `runbook-hpc-${id}` : placed.group;
}

/** The placement group that was made for it alone. */
export function ownGroupRecords(gang: Gang): readonly Shape[] {
  if (gang.placed.group !== FRESH) return [];
  const [queue, run] = tagsOf({ ...gang, tags: 'right' });
  return [{ GroupName: groupOf(gang), GroupId: `pg-0${gang.id.slice(0, 2)}`, Tags: [queue, run] }];
}

/** The interfaces of a node, as its launch template has them. */
function wiresOf(gang: Gang, index: number): Shape {
  const all = interfacesOf(gang.fleet);
  if (all.length === 0) return {};
  return {
    NetworkInterfaces: all.map(({ InterfaceType, DeviceIndex = 0, NetworkCardIndex = 0 }, place) => ({
      NetworkInterfaceId: `eni-0${nodeId(gang, index).slice(3)}${place}`,
      ...(InterfaceType === undefined ? {} : { InterfaceType }),
      SubnetId: gang.placed.written.subnetId,
      Attachment: { DeviceIndex, NetworkCardIndex, Status: 'attached' },
    })),
  };
}

/** Its nodes, in EC2. */
export function instanceRecords(gang: Gang): readonly Shape[] {
  const { placed, protection, size, id, nodes } = gang;
  if (nodes === 'none') return [];
  const isSpot = placed.drawn.kind === 'spot';
  const isProtected = (index: number): boolean =>
    !isSpot && ((protection === 'first' && index === 0) || (protection === 'other' && index === size - 1));
  return Array.from({ length: size }, (_none, index) => ({
    InstanceId: nodeId(gang, index),
    InstanceType: placed.written.instanceType,
    ImageId: 'ami-0a1',
    State: stateOf(gang, index),
    LaunchTime: timeAt(BEGIN_MS, askedAt(gang)),
    AmiLaunchIndex: index,
    SubnetId: placed.written.subnetId,
    VpcId: 'vpc-0aa',
    Placement: {
      AvailabilityZone: placed.zone,
      Tenancy: 'default',
      ...(groupOf(gang) === null ? {} : { GroupName: groupOf(gang) }),
    },
    ClientToken: id,
    ...wiresOf(gang, index),
    Tags: tagsOf(gang),
    ...(isSpot ? { InstanceLifecycle: 'spot' } : {}),
    ...(isProtected(index) ? { DisableApiTermination: true } : {}),
  }));
}

function rungOf({ written, zone, group, drawn }: PlacedRung): Shape {
  return {
    instanceType: written.instanceType,
    subnetId: written.subnetId,
    zone,
    placementGroup: group,
    market: drawn.kind === 'spot' ? 'spot' : 'on-demand',
    reservation: written.reservation ?? null,
  };
}

/** What the ledger keeps of it. */
export function dataItems(gang: Gang): readonly Shape[] {
  const { record, fleet, id, size, placed } = gang;
  if (record === 'none') return [];
  const [at, isUp] = [askedAt(gang), record !== 'launching'];
  const value = {
    state: record === 'damaged' ? 'up' : record,
    nodes: record === 'damaged' ? 0 : size,
    queue: queueOf(gang),
    rung: rungOf(placed),
    launch: isUp
      ? null
      : { templateVersion: '1', interfaces: [...keptInterfaces(fleet)], sentAt: timeAt(BEGIN_MS, at) },
    askedAt: timeAt(BEGIN_MS, at),
    upAt: isUp ? timeAt(BEGIN_MS, at + BOOTED_SECONDS) : null,
    why: record === 'ending' ? 'there is no job for it' : null,
    keptAt: null,
    thinSince: null,
    run: 'before',
  };
  return [{ partition: 'hpc-gang', key: `${fleet.templateId}/${id}`, value }, ...leaseItems(gang)];
}

/** How long gangs took to boot that stand when a world begins. */
export const BOOTED_SECONDS = 200;

function leaseItems({ lease, id }: Gang): readonly Shape[] {
  const value = {
    none: undefined,
    free: { state: 'free' },
    closed: { state: 'closed' },
    busy: { state: 'busy', until: timeAt(BEGIN_MS, 900) },
    past: { state: 'busy', until: timeAt(BEGIN_MS, -600) },
    damaged: { state: 'busy', until: 'tomorrow' },
  }[lease];
  return value === undefined ? [] : [{ partition: 'hpc-lease', key: id, value }];
}
