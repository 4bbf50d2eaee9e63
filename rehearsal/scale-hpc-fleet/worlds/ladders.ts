/** Generated ladders: rungs in three zones, of two types, and the placement groups, pools and reservations that they lead to. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Happening } from '../../worlds/case.ts';
import { chance, mostly, subnetOf, zoneAt, ZONES } from '../../worlds/pieces.ts';

/** One card, and two: a template with two interfaces fits the second alone. */
export const TYPES = ['c5n.18xlarge', 'hpc7a.96xlarge'] as const;

/** As a ladder says that each gang gets a placement group of its own. */
export const FRESH = 'fresh';

type Kind = 'on-demand' | 'spot' | 'reservation';

/** How a reservation differs from what is launched into it. */
type Misfit = 'none' | 'in-no-group' | 'in-another-group' | 'of-another-account' | 'of-another-platform' | 'dedicated';

/** How much there is of a rung, while the world goes on. */
type Supply = 'plenty' | 'exact' | 'one-short' | 'none' | 'comes' | 'goes' | 'flaps';

const aRung = fc.record({
  zone: fc.nat(2),
  /** Each of its gangs has a placement group of its own. */
  isFresh: chance(10),
  kind: mostly<Kind>('on-demand', [15, 'spot'], [12, 'reservation']),
  supply: mostly<Supply>(
    'plenty',
    [14, 'exact'],
    [10, 'one-short'],
    [8, 'none'],
    [8, 'comes'],
    [5, 'goes'],
    [5, 'flaps'],
  ),
  misfit: mostly<Misfit>(
    'none',
    [20, 'in-no-group'],
    [8, 'in-another-group'],
    [6, 'of-another-account'],
    [8, 'of-another-platform'],
    [6, 'dedicated'],
  ),
  /** When it changes, seconds. */
  at: fc.integer({ min: 60, max: 2_400 }),
});

export type DrawnRung = typeof aRung extends fc.Arbitrary<infer R> ? R : never;

export const someRungs: fc.Arbitrary<readonly DrawnRung[]> = fc.array(aRung, { minLength: 1, maxLength: 4 });

/** A rung as the parameter has it. */
interface WrittenRung {
  readonly instanceType: string;
  readonly subnetId: string;
  readonly placementGroup?: string;
  readonly market?: 'spot';
  readonly reservation?: string;
}

/** What a ladder belongs to. */
export interface Place {
  readonly letter: string;
  readonly nodes: number;
  readonly instanceType: string;
  /** Its placement groups, and so its capacity, are those of other fleets too. */
  readonly isShared: boolean;
}

/** A rung as it is written, with what is there for it. */
export interface PlacedRung {
  readonly written: WrittenRung;
  readonly zone: string;
  readonly group: string | null;
  readonly drawn: DrawnRung;
}

/** The rungs of a fleet, none twice. */
export function placedRungs(
  drawn: readonly DrawnRung[],
  { letter, nodes, instanceType, isShared }: Place,
): readonly PlacedRung[] {
  const all = drawn.map((rung): PlacedRung => {
    const zone = zoneAt(rung.zone);
    const isFresh = rung.isFresh && rung.kind !== 'reservation';
    // One node alone needs no group.
    const named = `${isShared ? 'mpi' : `${letter}-mpi`}-${zone.slice(-1)}`;
    const group = nodes === 1 && isShared ? null : isFresh ? FRESH : named;
    const written = {
      instanceType,
      subnetId: subnetOf(zone),
      ...(group === null ? {} : { placementGroup: group }),
      ...(rung.kind === 'spot' ? { market: 'spot' as const } : {}),
      ...(rung.kind === 'reservation' ? { reservation: `cr-0${letter}${zone.slice(-1)}` } : {}),
    };
    return { written, zone, group, drawn: rung };
  });
  return [...new Map(all.map((rung) => [JSON.stringify(rung.written), rung])).values()];
}

const PLENTY = 1_000;

/** How many there are at first, and what comes of it: seconds, and how many from then on. */
function supplyOf({ supply, at }: DrawnRung, nodes: number): readonly (readonly [seconds: number, count: number])[] {
  const flaps = [0, 1, 2, 3, 4].map((index) => [index * at, index % 2 === 0 ? nodes - 1 : 2 * nodes] as const);
  const supplies: { readonly [S in Supply]: readonly (readonly [number, number])[] } = {
    plenty: [[0, PLENTY]],
    exact: [[0, nodes]],
    'one-short': [[0, nodes - 1]],
    none: [[0, 0]],
    comes: [
      [0, 0],
      [at, 2 * nodes],
    ],
    goes: [
      [0, 2 * nodes],
      [at, 0],
    ],
    flaps,
  };
  return supplies[supply];
}

/** The pools of all ladders, and how a script changes them: rungs of one type, zone and group draw on one. */
export function poolsOf(all: readonly { readonly rungs: readonly PlacedRung[]; readonly nodes: number }[]): {
  readonly capacity: readonly Shape[];
  readonly script: readonly Happening[];
} {
  const wanted = all.flatMap(({ rungs, nodes }) =>
    rungs.filter(({ drawn }) => drawn.kind !== 'reservation').map((rung) => ({ rung, nodes })),
  );
  const pools = [
    ...Map.groupBy(wanted, ({ rung }) => `${rung.written.instanceType}/${rung.zone}/${rung.group ?? ''}`).values(),
  ];
  return {
    capacity: pools.flatMap(([first]): Shape[] =>
      first === undefined
        ? []
        : [
            {
              InstanceType: first.rung.written.instanceType,
              AvailabilityZone: first.rung.zone,
              ...(first.rung.group === null || first.rung.group === FRESH ? {} : { PlacementGroup: first.rung.group }),
              Available: supplyOf(first.rung.drawn, first.nodes)[0]?.[1] ?? 0,
            },
          ],
    ),
    script: pools.flatMap(([first], index) =>
      first === undefined
        ? []
        : supplyOf(first.rung.drawn, first.nodes)
            .slice(1)
            .map(([seconds, count]) => ({ seconds, set: { [`capacity/${index}/Available`]: count } })),
    ),
  };
}

/** A placement group of no rung, in each zone. */
const othersIn = (zone: string): string => `others-${zone.slice(-1)}`;

export const OTHERS: readonly Shape[] = ZONES.map((zone) => ({
  GroupName: othersIn(zone),
  GroupId: `pg-0${othersIn(zone)}`,
}));

/** What a reservation says of group, platform and tenancy. */
function attributesOf({ zone, group, drawn: { misfit } }: PlacedRung, account: string): Shape {
  const arnOf = (name: string, owner: string): Shape => ({
    PlacementGroupArn: `arn:aws:ec2:eu-west-1:${owner}:placement-group/${name}`,
  });
  const own = group === null ? {} : arnOf(group, account);
  const all: { readonly [M in Misfit]: Shape } = {
    none: own,
    'in-no-group': {},
    'in-another-group': arnOf(othersIn(zone), account),
    // What a launch that names no group meets there is not simulated.
    'of-another-account': group === null ? {} : arnOf(group, '444455556666'),
    'of-another-platform': { ...own, InstancePlatform: 'SUSE Linux' },
    dedicated: { ...own, Tenancy: 'dedicated' },
  };
  return all[misfit];
}

/** The reservations that rungs name; a share of them smaller than a gang. */
export function reservationsOf(rungs: readonly PlacedRung[], nodes: number, account: string): readonly Shape[] {
  return rungs.flatMap((rung): Shape[] => {
    const { written, zone, drawn } = rung;
    if (written.reservation === undefined) return [];
    const count = supplyOf(drawn, nodes)[0]?.[1] ?? 0;
    return [
      {
        CapacityReservationId: written.reservation,
        InstanceType: written.instanceType,
        AvailabilityZone: zone,
        TotalInstanceCount: Math.min(count, 2 * nodes),
        AvailableInstanceCount: Math.min(count, 2 * nodes),
        InstanceMatchCriteria: 'targeted',
        State: 'active',
        ...attributesOf(rung, account),
      },
    ];
  });
}
