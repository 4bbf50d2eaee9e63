/** Faults of a replay that struck nothing: a plan that is about another run than this one shows nothing by passing. */

import { formatReplay } from '../rehearsal/replay.ts';
import { isRecord } from '../simulator/engine/json.ts';
import {
  NO_FAULTS,
  type DuplicateDelivery,
  type FaultPlan,
  type FaultPoint,
  type SimulationResult,
} from '../simulator/engine/run-types.ts';

type Replayed = Pick<SimulationResult, 'requests' | 'invocations' | 'timeline' | 'world'>;

function whyMissed({ request, kind, move }: FaultPoint, { requests }: Replayed): string | undefined {
  const log = requests[request];
  if (log === undefined)
    return requests.length === 0 ? 'the run sends no request' : `the run's requests are 0 to ${requests.length - 1}`;
  if (log.fault !== kind) return 'another fault of the plan is at the same request';
  // Whatever else strikes a request strikes it when it takes effect.
  if (kind !== 'died-before' && log.answeredAt === undefined) return `${log.call} never came to take effect`;
  if (log.missed !== true) return undefined;
  if (kind === 'world-moves') {
    const places = requests.filter(({ moves = [] }) => moves.includes(move ?? '')).map(({ index }) => index);
    const elsewhere = places.length === 0 ? 'nowhere in this run' : `only before ${places.join(', ')}`;
    return `nothing to change before ${log.call}, ${elsewhere}`;
  }
  if (kind === 'lease-stolen') return 'no lease is held then';
  if (kind === 'lock-conflict') return `${log.call} is a read`;
  return log.kind === 'write' ? `${log.call} is a write` : `nothing was changed in the minute before ${log.call}`;
}

/** How many second deliveries of an event reached a runbook. */
function secondDeliveries(event: number, { invocations, timeline }: Replayed): number {
  if (!invocations.some(({ delivery }) => delivery === event)) return 0;
  return timeline.filter(({ kind, text }) => kind === 'fault' && text === `second delivery of event ${event}`).length;
}

function missedDuplicates(duplicates: readonly DuplicateDelivery[], run: Replayed): readonly string[] {
  const left = new Map<number, number>();
  const events = run.invocations.filter(({ delivery }) => delivery >= 0).map(({ delivery }) => delivery);
  return duplicates.flatMap((duplicate) => {
    const { event } = duplicate;
    const still = left.get(event) ?? secondDeliveries(event, run);
    left.set(event, still - 1);
    if (still > 0) return [];
    const why = events.includes(event)
      ? 'it is delivered again already'
      : `no runbook is started by an event of that number${events.length === 0 ? '' : `; by ${[...new Set(events)].join(', ')}`}`;
    return [`${formatReplay({ ...NO_FAULTS, duplicates: [duplicate] })} (${why})`];
  });
}

/** Whether a person was asked for an approval. */
function isAsked({ world }: Replayed): boolean {
  return world.records('eventbridge', 'Entries').some((entry) => {
    const detail: unknown = typeof entry['Detail'] === 'string' ? JSON.parse(entry['Detail']) : undefined;
    return isRecord(detail) && isRecord(detail['approval']);
  });
}

function missedLasting(plan: FaultPlan, run: Replayed): readonly string[] {
  const sent = (call: string): boolean => run.requests.some((request) => request.call.startsWith(call));
  return [
    ...(plan.ledgerLost && !sent('ledger:') ? ['ledger-lost (the run asks no ledger)'] : []),
    ...(plan.leasesGrantedToAll && !sent('ledger:acquire') ? ['leases-granted-to-all (the run takes no lease)'] : []),
    ...(plan.ledgerFull === true && !sent('ledger:') ? ['ledger-full (the run asks no ledger)'] : []),
    ...(plan.approval !== undefined && !isAsked(run) ? [`approval:${plan.approval} (nobody is asked)`] : []),
  ];
}

/** Each fault of a plan that struck nothing in the run, as `--replay` takes it, and why; none: all have struck. */
export function missedFaults(plan: FaultPlan, run: Replayed): readonly string[] {
  const points = plan.points.flatMap((point) => {
    const why = whyMissed(point, run);
    return why === undefined ? [] : [`${formatReplay({ ...NO_FAULTS, points: [point] })} (${why})`];
  });
  return [...points, ...missedDuplicates(plan.duplicates, run), ...missedLasting(plan, run)];
}
