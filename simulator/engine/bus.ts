/** Events on their way to the functions: EventBridge rules, schedules, whatever is given from outside, second deliveries. */

import type { EventPattern } from '../../shared/kernel/definition.ts';
import { isRead, readersOf } from '../../shared/kernel/triggers/parser.ts';
import { parseSchedule, ScheduleError, type Schedule } from '../../shared/kernel/triggers/schedule-expression.ts';
import { fedBy, isGathered } from '../hosts/queue-source.ts';
import { isRecord } from './json.ts';
import { NotSimulatedError, type BusEvent, type Clock } from './model.ts';
import type { LiveInvocation } from './requests.ts';
import type { DeployedFunction, DuplicateDelivery, GivenEvent, TimelineEntry } from './run-types.ts';
import { randomStream, type SimulatedWorld } from './world.ts';

/** EventBridge delivers in about half a second to a second and a half, in no order. Assumed. */
const DELIVERY_MS = { least: 500, spread: 1_001 };
/** How long after the first run's end a late second delivery arrives. */
const LATE_DUPLICATE_MS = 1_000;
/** Schedules tick for a waiting target at most this long: no runbook waits longer for a schedule. */
const TICKING_AT_MOST_MS = 6 * 3_600_000;

/** A schedule as Scheduler keeps it. Throws `NotSimulatedError` for what is no recurring one. */
export function scheduleOf(expression: string): Schedule {
  try {
    return parseSchedule(expression);
  } catch (error) {
    throw error instanceof ScheduleError ? new NotSimulatedError(`schedule ${error.message}`) : error;
  }
}

function literalMatches(wanted: unknown, actual: unknown): boolean {
  if (!isRecord(wanted)) return Array.isArray(actual) ? actual.includes(wanted) : wanted === actual;
  const prefix = wanted['prefix'];
  if (typeof prefix !== 'string' || Object.keys(wanted).length !== 1)
    throw new NotSimulatedError(`event pattern ${JSON.stringify(wanted)}`);
  return typeof actual === 'string' && actual.startsWith(prefix);
}

/** Whether an EventBridge rule with this pattern lets the event through. */
export function matches(pattern: EventPattern, event: Record<string, unknown>): boolean {
  const { source, 'detail-type': detailType, detail: wanted = {} } = pattern;
  if (!source.some((one) => literalMatches(one, event['source']))) return false;
  if (!detailType.some((one) => literalMatches(one, event['detail-type']))) return false;
  const detail: unknown = event['detail'];
  return Object.entries(wanted).every(
    ([key, values]) => isRecord(detail) && values.some((one) => literalMatches(one, detail[key])),
  );
}

function hasSchedule(fn: DeployedFunction): boolean {
  return fn.summary.triggers.some((trigger) => trigger.schedule !== undefined);
}

function takesAlarms(fn: DeployedFunction): boolean {
  return fn.summary.triggers.some(
    (trigger) => trigger.name === 'alarm' || trigger.pattern?.source.includes('aws.cloudwatch') === true,
  );
}

/** The functions that read all that is in an event. Where none does it is everybody's, so that each says what it reads. */
export function whoReads<F extends DeployedFunction>(event: unknown, functions: readonly F[]): readonly F[] {
  const able = functions.filter(({ summary }) => isRead(event, readersOf(summary.triggers)));
  return able.length > 0 ? able : functions;
}

/**
 * The functions that AWS would start for an event given from outside. An EventBridge event goes by the rules; an alarm
 * action to whoever listens to alarms; a manual request to the runbook it names; what comes out of a function's own queue to
 * that; another envelope of SNS or SQS to everybody who reads what is in it, since which topic or queue feeds whom is not in the world.
 */
function targetsOf(event: unknown, functions: readonly DeployedFunction[]): readonly DeployedFunction[] {
  if (!isRecord(event)) return functions;
  if (typeof event['source'] === 'string' && typeof event['detail-type'] === 'string') {
    if (event['detail-type'] === 'Scheduled Event') return functions.filter(hasSchedule);
    return functions.filter((fn) =>
      fn.summary.triggers.some((trigger) => trigger.pattern !== undefined && matches(trigger.pattern, event)),
    );
  }
  if ('alarmData' in event) return functions.filter(takesAlarms);
  if (typeof event['runbook'] === 'string') return functions.filter((fn) => fn.summary.name === event['runbook']);
  const fed = fedBy(event, functions);
  if (fed.length > 0) return fed;
  // What gathers is fed by its queue alone, whatever else it could read.
  const others = functions.filter((fn) => !isGathered(fn));
  const records: unknown = event['Records'];
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  // A durable function takes no SQS source.
  if (isRecord(first) && first['eventSource'] === 'aws:sqs')
    return whoReads(
      event,
      others.filter((fn) => fn.summary.host === 'plain'),
    );
  return whoReads(event, others.length > 0 ? others : functions);
}

function nameOf(event: unknown): string {
  if (!isRecord(event)) return 'event';
  if (typeof event['detail-type'] === 'string') return `${event['detail-type']} ${JSON.stringify(event['detail'])}`;
  if (typeof event['runbook'] === 'string') return `request ${JSON.stringify(event)}`;
  return 'alarmData' in event ? `alarm action ${JSON.stringify(event['alarmData'])}` : 'envelope';
}

export interface BusOptions {
  readonly clock: Clock;
  /** Where the functions are. */
  readonly region: string;
  readonly seed: number;
  readonly functions: readonly DeployedFunction[];
  readonly duplicates: readonly DuplicateDelivery[];
  readonly deliver: (fn: DeployedFunction, event: unknown, delivery: number, name?: string) => void;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
  /** Puts an event into the queue that gathers; or gives it as it comes out of one, where the world has none. */
  readonly queued: (event: unknown) => object | undefined;
  /** Whether some target's last outcome is `waiting`. */
  readonly waiting: () => boolean;
  readonly runForMs: number;
}

interface Delivery {
  readonly event: unknown;
  /** Of the run that it starts. */
  readonly name: string | undefined;
  readonly targets: readonly DeployedFunction[];
  readonly still: DuplicateDelivery['when'][];
}

/** Carries events to functions. */
export class Bus {
  /** Every event published on a bus, in whatever Region, whoever hears it. */
  readonly events: BusEvent[] = [];
  readonly #options: BusOptions;
  readonly #startMs: number;
  readonly #delay: () => number;
  readonly #deliveries: Delivery[] = [];

  constructor(options: BusOptions) {
    this.#options = options;
    this.#startMs = options.clock.now();
    this.#delay = randomStream(options.seed, 'bus');
  }

  /** An event of EventBridge that a rule puts into a queue, and Lambda takes out of it; the others get it at once. */
  #route(event: unknown, targets: readonly DeployedFunction[], name?: string): void {
    const isRuled = isRecord(event) && 'detail-type' in event && event['detail-type'] !== 'Scheduled Event';
    const gathered = isRuled ? targets.filter(isGathered) : [];
    const others = targets.filter((fn) => !gathered.includes(fn));
    if (others.length > 0 || gathered.length === 0) this.#deliver(event, others, name);
    if (gathered.length === 0) return;
    const handed = this.#options.queued(event);
    if (handed !== undefined) this.#deliver(handed, gathered);
  }

  /** An event that a service in the world published. Every Region has a bus of its own, and the rules are at home. */
  publish = (event: BusEvent): void => {
    this.events.push(event);
    if (event.region !== this.#options.region) return;
    const targets = targetsOf(event, this.#options.functions);
    if (targets.length === 0) return;
    const delayMs = DELIVERY_MS.least + Math.floor(this.#delay() * DELIVERY_MS.spread);
    this.#options.clock.after(delayMs, () => this.#route(event, targets));
  };

  /** An event given from outside. */
  external({ event, afterMs, runbook, name }: GivenEvent): void {
    const { clock, functions } = this.#options;
    const targets = (): readonly DeployedFunction[] =>
      runbook === undefined ? targetsOf(event, functions) : functions.filter((fn) => fn.summary.name === runbook);
    clock.after(afterMs, () => this.#route(event, targets(), name));
  }

  /** An event that a function gave to another: Lambda puts it into a queue of its own, out of which it may come twice. */
  invoked(fn: DeployedFunction, event: unknown, name: string | undefined): void {
    this.#deliver(event, [fn], name);
  }

  #deliver(event: unknown, targets: readonly DeployedFunction[], name?: string): void {
    const { deliver, duplicates, note } = this.#options;
    const index = this.#deliveries.length;
    const when = duplicates.filter((duplicate) => duplicate.event === index).map((duplicate) => duplicate.when);
    this.#deliveries.push({ event, name, targets, still: when.filter((one) => one !== 'with') });
    note('event', `${nameOf(event)} -> ${targets.map((fn) => fn.summary.name).join(', ') || 'nobody'}`);
    for (const fn of targets) deliver(fn, event, index, name);
    if (when.includes('with')) this.#again(index, 1);
  }

  #again(index: number, delayMs: number): void {
    const delivery = this.#deliveries[index];
    if (delivery === undefined) return;
    this.#options.clock.after(delayMs, () => {
      this.#options.note('fault', `second delivery of event ${index}`);
      for (const fn of delivery.targets) this.#options.deliver(fn, delivery.event, index, delivery.name);
    });
  }

  #duplicate(index: number, when: DuplicateDelivery['when'], delayMs: number): void {
    const still = this.#deliveries[index]?.still;
    const place = still?.indexOf(when) ?? -1;
    if (place < 0) return;
    still?.splice(place, 1);
    this.#again(index, delayMs);
  }

  /** Whether every second delivery has been made. */
  isSpent(): boolean {
    const { duplicates } = this.#options;
    const isLeft = ({ event, when }: DuplicateDelivery): boolean =>
      this.#deliveries[event] === undefined || this.#deliveries[event].still.includes(when);
    return !duplicates.some(isLeft);
  }

  /** Hears of every request, for the second delivery during the first run. */
  sent(invocation: LiveInvocation): void {
    if (invocation.requests === 1) this.#duplicate(invocation.delivery, 'during', 1);
  }

  /** Hears of every invocation's end, for the second delivery after the first run. */
  ended(invocation: LiveInvocation): void {
    // A run without a single request has no "during": the second delivery must not be lost.
    this.#duplicate(invocation.delivery, 'during', 1);
    this.#duplicate(invocation.delivery, 'after', LATE_DUPLICATE_MS);
  }

  /** Starts the schedules. Ticks are background. */
  startSchedules(world: SimulatedWorld): void {
    for (const fn of this.#options.functions) {
      for (const { schedule } of fn.summary.triggers) {
        if (schedule !== undefined) this.#tick(scheduleOf(schedule), fn, world);
      }
    }
  }

  #tick(schedule: Schedule, fn: DeployedFunction, world: SimulatedWorld): void {
    const { clock, deliver, note } = this.#options;
    const nextMs = schedule.next(clock.now());
    if (nextMs === undefined) return;
    clock.after(
      nextMs - clock.now(),
      () => {
        this.#tick(schedule, fn, world);
        if (clock.now() - this.#startMs > this.#options.runForMs && !this.ticking()) return;
        note('event', `schedule -> ${fn.summary.name}`);
        const tick = {
          version: '0',
          id: world.uuid(),
          'detail-type': 'Scheduled Event',
          source: 'aws.scheduler',
          account: world.account,
          time: `${clock.iso().slice(0, 19)}Z`,
          region: world.region,
          resources: [],
          detail: '{}',
        };
        deliver(fn, tick, -1);
      },
      { background: true },
    );
  }

  /** Whether a schedule still has to come to a waiting target. */
  ticking(): boolean {
    const { clock, functions, waiting } = this.#options;
    return clock.now() - this.#startMs <= TICKING_AT_MOST_MS && functions.some(hasSchedule) && waiting();
  }
}
