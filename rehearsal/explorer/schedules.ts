/** Which fault plans an exploration tries: made from the requests and deliveries of the run without faults. */

import { tookEffect } from './effects.ts';
import { deathsOf, EXPLORED_OF_A_CLASS, foldedRequests, kindOfDelivery, type Moment } from './folding.ts';
import {
  NO_FAULTS,
  type DuplicateDelivery,
  type FaultKind,
  type FaultPlan,
  type FaultPoint,
  type LoggedRequest,
  type SimulationResult,
} from '../../simulator/engine/run-types.ts';
import { changesTheAccount } from '../sometimes.ts';
import { randomStream } from '../../simulator/engine/world.ts';

export type ExplorationMode = 'random' | 'exhaustive' | 'no-leases';

/** The plans to try, in order. */
export interface Schedules {
  readonly plans: readonly FaultPlan[];
  /** Requests that are alike to three others and were left to them. */
  readonly folded: number;
}

/** Below this many plans everything is crossed with everything. */
const CHEAP_PLANS = 400;
const RANDOM_PLANS = 200;
/** How long an older copy of the world can still be read; see the fault `stale-read`. */
const STALE_MS = 60_000;

const WHEN: readonly DuplicateDelivery['when'][] = ['with', 'during', 'after'];
const READ_FAULTS: readonly FaultKind[] = ['throttled', 'throttled-for-a-minute', 'failed-before', 'died-before'];
const WRITE_FAULTS: readonly FaultKind[] = [
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'reply-lost',
  'died-before',
  'died-after',
];
const CHECKPOINT_FAULTS: readonly FaultKind[] = ['throttled', 'died-before', 'died-after'];
/** Faults that are tried together with a second delivery: those after which it is not known what happened. */
const MURKY_FAULTS: ReadonlySet<FaultKind> = new Set(['died-after', 'reply-lost', 'died-before']);
/** Writes of the ledger that can lose to another run's; a release that loses has nothing to hand back. */
const CONTESTED: ReadonlySet<string> = new Set(['ledger:acquire', 'ledger:renew']);

function canBeStale(request: LoggedRequest, all: readonly LoggedRequest[]): boolean {
  if (request.kind !== 'read' || /^(?:ledger|lambda):/u.test(request.call)) return false;
  const at = Date.parse(request.at);
  return all.some(
    (write) =>
      write.index < request.index &&
      changesTheAccount(write) &&
      tookEffect(write) &&
      at - Date.parse(write.at) <= STALE_MS,
  );
}

/** The faults that can strike a request. */
export function faultsOf(request: LoggedRequest, all: readonly LoggedRequest[]): readonly FaultKind[] {
  if (request.call === 'lambda:CheckpointDurableExecution') return CHECKPOINT_FAULTS;
  if (request.kind === 'read') return canBeStale(request, all) ? [...READ_FAULTS, 'stale-read'] : READ_FAULTS;
  return CONTESTED.has(request.call) ? [...WRITE_FAULTS, 'lock-conflict'] : WRITE_FAULTS;
}

/** Deliveries from outside and from the bus that a function did something about; alike ones beyond the third left out. */
function deliveriesOf({ invocations, requests }: SimulationResult): readonly number[] {
  const kinds = new Map<string, number>();
  const found = new Set<number>();
  const busy = new Set(requests.map(({ invocation }) => invocation));
  for (const invocation of invocations) {
    if (invocation.delivery < 0 || found.has(invocation.delivery) || !busy.has(invocation.index)) continue;
    const kind = `${invocation.runbook} ${kindOfDelivery(invocation)}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if ((kinds.get(kind) ?? 0) <= EXPLORED_OF_A_CLASS) found.add(invocation.delivery);
  }
  return [...found].toSorted((a, b) => a - b);
}

function plan(
  points: readonly FaultPoint[],
  duplicates: readonly DuplicateDelivery[],
  more: Partial<FaultPlan> = {},
): FaultPlan {
  return { ...NO_FAULTS, points, duplicates, ...more };
}

interface Material {
  /** Those that are not alike to three others. */
  readonly requests: readonly LoggedRequest[];
  readonly points: readonly FaultPoint[];
  readonly duplicates: readonly DuplicateDelivery[];
  readonly folded: number;
  /** The second deliveries that a point is tried with: of the delivery whose run it strikes. */
  readonly beside: (point: FaultPoint) => readonly DuplicateDelivery[];
}

function materialOf(without: SimulationResult, moments: readonly Moment[]): Material {
  const { requests, folded } = foldedRequests(without, moments);
  const deaths = deathsOf(without);
  const duplicates = deliveriesOf(without).flatMap((event) => WHEN.map((when) => ({ event, when })));
  const deliveryOf = (request: number): number =>
    without.invocations[without.requests[request]?.invocation ?? -1]?.delivery ?? -1;
  return {
    requests,
    points: requests.flatMap((request) => {
      const kinds = faultsOf(request, without.requests).filter((kind) => deaths.isNew(request, kind));
      return kinds.map((kind) => ({ request: request.index, kind }));
    }),
    duplicates,
    folded,
    beside: ({ request }) => {
      const own = duplicates.filter(({ event }) => event === deliveryOf(request));
      // A tick has no delivery to repeat: the first event comes again instead.
      return own.length > 0 ? own : duplicates.slice(0, WHEN.length);
    },
  };
}

function exhaustive({ points, duplicates, folded, beside }: Material): Schedules {
  const crossed = points.flatMap((point) => beside(point).map((duplicate) => plan([point], [duplicate])));
  const isCheap = crossed.length + points.length <= CHEAP_PLANS;
  const plans = [
    ...points.map((point) => plan([point], [])),
    ...duplicates.map((duplicate) => plan([], [duplicate])),
    ...crossed.filter(({ points: [point] }) => isCheap || (point !== undefined && MURKY_FAULTS.has(point.kind))),
    plan([], [], { ledgerLost: true }),
    ...duplicates.map((duplicate) => plan([], [duplicate], { ledgerLost: true })),
  ];
  return { plans, folded };
}

/** Every lease is granted to everybody, so safety has to come from the calls themselves: second deliveries beside murky faults. */
function withoutLeases({ points, duplicates, folded, beside }: Material): Schedules {
  const more = { leasesGrantedToAll: true };
  const murky = points.filter(({ kind }) => MURKY_FAULTS.has(kind));
  const plans = [
    plan([], [], more),
    ...duplicates.map((duplicate) => plan([], [duplicate], more)),
    ...murky.map((point) => plan([point], [], more)),
    ...murky.flatMap((point) => beside(point).map((duplicate) => plan([point], [duplicate], more))),
  ];
  return { plans, folded };
}

/** Faults that make sense at any request: in a run of several faults the numbers shift. */
const ANYWHERE: readonly FaultKind[] = [
  'throttled',
  'throttled-for-a-minute',
  'failed-before',
  'reply-lost',
  'died-before',
  'died-after',
  'stale-read',
];

function random({ requests, duplicates, folded }: Material, seed: number): Schedules {
  const draw = randomStream(seed, 'explorer');
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(draw() * from.length)];
  const plans = Array.from({ length: RANDOM_PLANS }, () => {
    const points = Array.from({ length: 2 + Math.floor(draw() * 3) }, () => ({
      request: pick(requests)?.index ?? 0,
      kind: pick(ANYWHERE) ?? 'throttled',
    }));
    const distinct = points
      .filter(({ request }, index) => points.findIndex((one) => one.request === request) === index)
      .toSorted((a, b) => a.request - b.request);
    const again = draw() < 0.5 ? pick(duplicates) : undefined;
    return plan(distinct, again === undefined ? [] : [again], { ledgerLost: draw() < 0.1 });
  });
  return { plans, folded };
}

/** Makes the plans of an exploration; the same for the same run without faults and seed. `moments`: how the account stood in that run. */
export function schedulesOf(
  mode: ExplorationMode,
  without: SimulationResult,
  moments: readonly Moment[],
  seed: number,
): Schedules {
  const material = materialOf(without, moments);
  if (mode === 'exhaustive') return exhaustive(material);
  return mode === 'no-leases' ? withoutLeases(material) : random(material, seed);
}
