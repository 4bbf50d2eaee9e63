/** Which fault plans an exploration tries: made from the requests and deliveries of the run without faults. */

import { pointsAt, requestsUnderLease } from './faults.ts';
import {
  checkpointsBesideWrites,
  deathsOf,
  endingsOf,
  EXPLORED_OF_A_CLASS,
  foldedRequests,
  kindOfDelivery,
  likenesses,
  type Likeness,
  type Moment,
} from './folding.ts';
import {
  NO_FAULTS,
  type ApprovalAnswer,
  type DeployedFunction,
  type DuplicateDelivery,
  type FaultKind,
  type FaultPlan,
  type FaultPoint,
  type LoggedRequest,
  type SimulationResult,
} from '../../simulator/engine/run-types.ts';
import { isOfOwnState } from '../../simulator/engine/own-state.ts';
import { randomStream } from '../../simulator/engine/world.ts';

export type ExplorationMode = 'random' | 'exhaustive' | 'no-leases';

/** A plan to try. */
export interface Schedule {
  readonly plan: FaultPlan;
  /** Plans of the same kind strike the same step of a run that is alike, in whatever drill. Absent: there are none like it. */
  readonly kind: string | undefined;
}

/** The plans to try, in order. */
export interface Schedules {
  readonly schedules: readonly Schedule[];
  /** Requests that are alike to three others and were left to them. */
  readonly folded: number;
}

/** What an exploration takes on. */
export interface Effort {
  /** Other drills are explored beside: what the host does between reads is left to the small runbook. */
  readonly isAmongOthers: boolean;
  /** The runbook is there to prove the kernel: exceptions in every effect, approvals beside every fault. */
  readonly isOfTheKernel: boolean;
}

/** Below this many plans everything is crossed with everything. */
const CHEAP_PLANS = 400;
const RANDOM_PLANS = 200;

const WHEN: readonly DuplicateDelivery['when'][] = ['with', 'during', 'after'];
/** Faults that are tried together with a second delivery: those after which it is not known what happened. */
const MURKY_FAULTS: ReadonlySet<FaultKind> = new Set(['died-after', 'reply-lost', 'died-before']);
/** Faults that are tried alone: what comes of them does not depend on who else is at work. */
const LONE_FAULTS: ReadonlySet<FaultKind> = new Set(['refused', 'effect-throws', 'world-moves', 'lease-stolen']);
const ANSWERS: readonly ApprovalAnswer[] = ['given', 'twice', 'late', 'stale', 'denied', 'forged', 'never'];

/** The run without faults, and how the account stood in it. */
export interface Calmly {
  readonly without: SimulationResult;
  readonly moments: readonly Moment[];
  readonly functions: readonly DeployedFunction[];
  /** The same where a person is asked for every plan, and approves. For runbooks of the kernel that can ask. */
  readonly asked?: Omit<Calmly, 'asked'>;
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

/** Whether all can ask a person, and wait for the answer. The plain host cannot. */
export function canAsk(functions: readonly DeployedFunction[]): boolean {
  return functions.every(({ summary }) => summary.host === 'durable');
}

interface Material {
  /** Those that are not alike to three others. */
  readonly requests: readonly LoggedRequest[];
  readonly points: readonly FaultPoint[];
  readonly duplicates: readonly DuplicateDelivery[];
  readonly folded: number;
  /** Answers to approvals worth trying; none where a function is deployed that cannot ask. */
  readonly answers: readonly ApprovalAnswer[];
  /** The second deliveries that a point is tried with: of the delivery whose run it strikes. */
  readonly beside: (point: FaultPoint) => readonly DuplicateDelivery[];
  readonly schedule: (
    points: readonly FaultPoint[],
    duplicates: readonly DuplicateDelivery[],
    more?: Partial<FaultPlan>,
  ) => Schedule;
}

/** The kinds of plans: what they strike, in words that are the same in every drill. */
function kindsIn(without: SimulationResult, alike: readonly Likeness[]): Material['schedule'] {
  const endings = endingsOf(without);
  const wordsOf = (delivery: number): string => {
    const runs = without.invocations.filter((one) => one.delivery === delivery);
    const words = runs.map((run) => `${run.runbook} ${kindOfDelivery(run)} ${endings[run.index] ?? ''}`);
    return [...new Set(words)].join('+');
  };
  return (points, duplicates, more = {}) => {
    const plan = { ...NO_FAULTS, points, duplicates, ...more };
    const struck = points.map(({ request, kind, move = '' }) => `${alike[request]?.kind ?? ''} ${kind} ${move}`);
    const again = duplicates.map(({ event, when }) => `again ${when} ${wordsOf(event)}`);
    const everywhere = plan.leasesGrantedToAll ? ['leases granted'] : [];
    const words = [...struck, ...again, ...everywhere].join(' | ');
    // What lasts for the whole run meets all of the drill: no other is like it.
    const lasts = plan.ledgerLost || plan.ledgerFull === true || plan.approval !== undefined;
    return { plan, kind: lasts || struck.length + again.length === 0 ? undefined : words };
  };
}

function materialOf(calmly: Calmly, effort: Effort): Material {
  const { without, functions } = calmly;
  const alike = likenesses(without, calmly.moments);
  const { requests, folded } = foldedRequests(without, alike);
  const deaths = deathsOf(without);
  const duplicates = deliveriesOf(without).flatMap((event) => WHEN.map((when) => ({ event, when })));
  const deliveryOf = (request: number): number =>
    without.invocations[without.requests[request]?.invocation ?? -1]?.delivery ?? -1;
  const reach = { underLease: requestsUnderLease(without), isOfTheKernel: effort.isOfTheKernel };
  const besideWrites = checkpointsBesideWrites(without);
  const isTried = ({ call, index }: LoggedRequest): boolean =>
    !effort.isAmongOthers || !isOfOwnState(call) || besideWrites.has(index);
  return {
    requests,
    points: requests
      .filter(isTried)
      .flatMap((request) =>
        pointsAt(request, without.requests, reach).filter(({ kind }) => deaths.isNew(request, kind)),
      ),
    duplicates,
    folded,
    answers: canAsk(functions) && requests.length > 0 ? ANSWERS : [],
    beside: ({ request }) => {
      const own = duplicates.filter(({ event }) => event === deliveryOf(request));
      // A tick has no delivery to repeat: the first event comes again instead.
      return own.length > 0 ? own : duplicates.slice(0, WHEN.length);
    },
    schedule: kindsIn(without, alike),
  };
}

/** Faults beside an approval that is asked for and given. */
function besideApproval(asked: Calmly | undefined, effort: Effort): readonly Schedule[] {
  if (asked === undefined) return [];
  const { points, schedule } = materialOf(asked, effort);
  const known = points.filter(({ kind }) => !LONE_FAULTS.has(kind));
  return known.map((point) => schedule([point], [], { approval: 'given' }));
}

function exhaustive({ points, duplicates, folded, answers, beside, schedule }: Material): Schedules {
  const company = points.filter(({ kind }) => !LONE_FAULTS.has(kind));
  const crossed = company.flatMap((point) => beside(point).map((duplicate) => ({ point, duplicate })));
  const isCheap = crossed.length + company.length <= CHEAP_PLANS;
  const schedules = [
    ...points.map((point) => schedule([point], [])),
    ...duplicates.map((duplicate) => schedule([], [duplicate])),
    ...crossed
      .filter(({ point }) => isCheap || MURKY_FAULTS.has(point.kind))
      .map(({ point, duplicate }) => schedule([point], [duplicate])),
    schedule([], [], { ledgerLost: true }),
    ...duplicates.map((duplicate) => schedule([], [duplicate], { ledgerLost: true })),
    schedule([], [], { ledgerFull: true }),
    ...answers.map((approval) => schedule([], [], { approval })),
  ];
  return { schedules, folded };
}

/** Every lease is granted to everybody, so safety has to come from the calls themselves: second deliveries beside murky faults. */
function withoutLeases({ points, duplicates, folded, beside, schedule }: Material): Schedules {
  const more = { leasesGrantedToAll: true };
  const murky = points.filter(({ kind }) => MURKY_FAULTS.has(kind));
  const schedules = [
    schedule([], [], more),
    ...duplicates.map((duplicate) => schedule([], [duplicate], more)),
    ...murky.map((point) => schedule([point], [], more)),
    ...murky.flatMap((point) => beside(point).map((duplicate) => schedule([point], [duplicate], more))),
  ];
  return { schedules, folded };
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
  const schedules = Array.from({ length: RANDOM_PLANS }, () => {
    const points = Array.from({ length: 2 + Math.floor(draw() * 3) }, () => ({
      request: pick(requests)?.index ?? 0,
      kind: pick(ANYWHERE) ?? 'throttled',
    }));
    const distinct = points
      .filter(({ request }, index) => points.findIndex((one) => one.request === request) === index)
      .toSorted((a, b) => a.request - b.request);
    const again = draw() < 0.5 ? pick(duplicates) : undefined;
    const plan = {
      ...NO_FAULTS,
      points: distinct,
      duplicates: again === undefined ? [] : [again],
      ledgerLost: draw() < 0.1,
    };
    return { plan, kind: undefined };
  });
  return { schedules, folded };
}

/** Makes the plans of an exploration; the same for the same run without faults and seed. */
export function schedulesOf(mode: ExplorationMode, calmly: Calmly, effort: Effort, seed: number): Schedules {
  const material = materialOf(calmly, effort);
  if (mode === 'exhaustive') {
    const { schedules, folded } = exhaustive(material);
    return { schedules: [...schedules, ...besideApproval(calmly.asked, effort)], folded };
  }
  return mode === 'no-leases' ? withoutLeases(material) : random(material, seed);
}
