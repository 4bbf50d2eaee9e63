/** Runs of the small runbook on the simulated AWS, with parts of it replaced. */

import * as z from 'zod/mini';
import type { Limits, RunbookDefinition } from '../../../shared/kernel/definition.ts';
import { durable } from '../../../shared/kernel/hosts/durable-host.ts';
import { runbook, type RunbookHandler } from '../../../shared/kernel/runbook.ts';
import { onRequest } from '../../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../../shared/kernel/triggers/schedule.ts';
import { NO_FAULTS, type FaultPlan, type SimulationOptions } from '../../../simulator/engine/run-types.ts';
import { simulate, type Controls, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { applyAtOnce, locate, observe, verify, type Request, type Seen } from '../../recycle-instances/aws.ts';
import { decide } from '../../recycle-instances/decide.ts';
import { LIMITS } from '../../recycle-instances/limits.ts';

type Definition = RunbookDefinition<Request, Seen, Limits>;

const onPerson = onRequest('recycle-instances', z.strictObject({ ticket: z.string() }), ({ ticket }): Request => ({
  ticket,
}));
/** For a runbook that ticks, too. */
export const TICKING = [onPerson, onSchedule('rate(5 minutes)', (): Request => ({ ticket: 'T-7' }))];

/** The small runbook with `more` instead of its own parts. */
export function recycler(more: Partial<Definition> = {}): RunbookHandler {
  return runbook<Request, Seen, Limits>({
    name: 'recycle-instances',
    host: durable,
    disruptive: true,
    timeoutSeconds: 60,
    triggers: [onPerson],
    limits: LIMITS,
    ledgerLost: 'refuse',
    locate,
    observe,
    decide,
    apply: applyAtOnce,
    verify,
    ...more,
  });
}

/** A world with so many running instances to be recycled: `i-0a1`, `i-0b2`, or `i-0000…` where there are more than two. */
export function fleet(count: number): object {
  const ids = count <= 2 ? ['i-0a1', 'i-0b2'].slice(0, count) : range(count).map((index) => `i-0${pad(index)}`);
  const Instances = ids.map((InstanceId, index) => ({
    InstanceId,
    PrivateIpAddress: `10.0.${index >> 7}.${10 + (index & 127)}`,
    Tags: [{ Key: 'recycle', Value: 'yes' }],
  }));
  return { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1', ec2: { Instances } };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function pad(index: number): string {
  return String(index).padStart(16, '0');
}

const REQUEST = { runbook: 'recycle-instances', params: { ticket: 'T-7' }, requestedBy: 'kim' };

/** A tick of its schedule. */
export const TICK = {
  version: '0',
  id: '11111111-2222-3333-4444-555555555555',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '111122223333',
  time: '2026-11-22T08:00:00Z',
  region: 'eu-west-1',
  resources: [],
  detail: {},
};

export interface How {
  readonly world?: object;
  readonly events?: SimulationOptions['events'];
  readonly faults?: Partial<FaultPlan>;
  readonly environment?: SimulationOptions['environment'];
  readonly answers?: SimulationOptions['answers'];
  readonly runForMs?: number;
}

/** Runs it to its end; asked for once by a person, if nothing else is said. */
export function recycle(
  handler: RunbookHandler,
  {
    world = fleet(2),
    events = [{ event: REQUEST, afterMs: 0 }],
    faults = {},
    environment = {},
    answers,
    runForMs = 0,
  }: How = {},
  prepare?: (controls: Controls) => void,
): Promise<SimulationEnd> {
  return simulate(
    {
      world,
      events,
      functions: [{ summary: handler.runbook, handler }],
      seed: 1,
      faults: { ...NO_FAULTS, ...faults },
      runForMs,
      environment,
      answers,
      watchers: [],
    },
    prepare,
  );
}

/** `i-0a1 done`, by target. */
export function outcomes({ results }: SimulationEnd): readonly string[] {
  return results.map(({ result }) => `${result.target?.split('/')[1] ?? ''} ${result.outcome}`).toSorted();
}

/** How the executions ended, and with how many results. */
export function executions(end: SimulationEnd): readonly string[] {
  return end.executions.map(({ status, result }) => {
    const parsed: unknown = JSON.parse(result ?? '{}');
    const results: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'results') : undefined;
    return `${status} ${Array.isArray(results) ? results.length : 0}`;
  });
}

/** Resources whose lease nobody has handed back. */
export function held({ ledger }: SimulationEnd): readonly string[] {
  return ledger.resources.filter(({ owner }) => owner !== undefined).map(({ resource }) => resource);
}
