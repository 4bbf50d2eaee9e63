/** A runbook whose whole account is one object: for tests of the kernel, where AWS would only be in the way. */

import { afterEach, beforeEach, vi } from 'vitest';
import * as z from 'zod/mini';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { Act, Decision, Json, JsonObject, KernelFacts, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Limits, RunbookDefinition, Verification } from '../../../shared/kernel/definition.ts';
import { plain } from '../../../shared/kernel/hosts/plain-host.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { runbook, type RunbookHandler } from '../../../shared/kernel/runbook.ts';
import { onInstanceState } from '../../../shared/kernel/triggers/instance-state.ts';
import { onRequest } from '../../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../../shared/kernel/triggers/schedule.ts';
import { memoryLedger, type MemoryLedger } from '../../../simulator/engine/ledger.ts';

export interface Seen {
  readonly lit: boolean;
}
export type ToyFacts = Seen & KernelFacts;
export type ToyRequest = { readonly only: string };

export const LIMITS: Limits = {
  maxAgeSeconds: 900,
  maxTargets: 3,
  cooldownSeconds: 300,
  maxActionsPerWindow: 2,
  windowSeconds: 3_600,
  maxLooks: 3,
  maxWaitSeconds: 60,
  maxCalls: 4,
};

export const LAMP = 'arn:aws:toy:eu-west-1:111122223333:lamp/1';

export function lightUp(plan?: readonly PlannedCall[], more: Partial<Act> = {}): Act {
  const light: PlannedCall = {
    call: 'toy:Light',
    input: { Lamp: 1 },
    because: 'it is dark',
    undo: { call: 'toy:Douse', input: { Lamp: 1 } },
  };
  return {
    kind: 'act',
    code: 'dark',
    because: 'the lamp is dark',
    evidence: { lit: false },
    plan: plan ?? [light],
    intent: 'lamp 1 lit',
    budget: 'counted',
    ...more,
  };
}

export function judge(facts: ToyFacts): Decision {
  return facts.lit ? { kind: 'nothing', code: 'lit', because: 'the lamp is lit', evidence: { lit: true } } : lightUp();
}

/** The toy account, what was sent to it, and what the run said. */
export interface Toy {
  readonly handler: RunbookHandler;
  readonly ledger: MemoryLedger;
  readonly account: { lit: boolean; targets: string[] };
  readonly sent: string[];
  readonly lines: { readonly [key: string]: unknown }[];
  /** Gives the handler an event; returns the results, or throws as Lambda would see it. */
  readonly give: (event: unknown, run?: string) => Promise<readonly RunResult[]>;
  /** Results from the log, for runs that throw. */
  readonly logged: () => readonly RunResult[];
  readonly close: () => void;
}

type Overrides = Partial<RunbookDefinition<ToyRequest, Seen, Limits>>;

function isResult(value: unknown): value is RunResult {
  return typeof value === 'object' && value !== null && 'runbook' in value && 'outcome' in value && 'reason' in value;
}

function resultsIn(answer: unknown): readonly RunResult[] {
  const results: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'results') : undefined;
  return Array.isArray(results) ? results.filter(isResult) : [];
}

/** Makes a toy; `change` replaces parts of the definition. */
export function makeToy(
  change: (account: Toy['account'], sent: string[]) => Overrides = () => ({}),
  ledger: MemoryLedger = memoryLedger(),
): Toy {
  const account = { lit: false, targets: [LAMP] };
  const sent: string[] = [];
  const lines: { readonly [key: string]: unknown }[] = [];
  const restore = surroundWith({
    ledger,
    write: (line) => {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed === 'object' && parsed !== null) lines.push({ ...parsed });
    },
  });
  const send =
    (call: string, lit: boolean) =>
    (_input: JsonObject): Promise<Json> => {
      sent.push(call);
      account.lit = lit;
      return Promise.resolve({ Lamp: 1 });
    };
  const verified = (): Promise<Verification> => Promise.resolve({ ok: true });
  const handler = runbook<ToyRequest, Seen, Limits>({
    name: 'light-lamps',
    host: plain,
    disruptive: false,
    timeoutSeconds: 60,
    triggers: [
      onInstanceState(['stopped'], () => ({ only: '' })),
      onSchedule('rate(1 minute)', () => ({ only: '' })),
      onRequest('light-lamps', z.strictObject({ only: z.optional(z.string()) }), ({ only }) => ({ only: only ?? '' })),
    ],
    limits: LIMITS,
    ledgerLost: 'refuse',
    locate: () => Promise.resolve(account.targets.map((target) => ({ target }))),
    observe: () => Promise.resolve({ lit: account.lit }),
    decide: judge,
    apply: { 'toy:Light': send('Light', true), 'toy:Douse': send('Douse', false) },
    verify: verified,
    ...change(account, sent),
  });
  const context = (run: string): object => ({
    awsRequestId: run,
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:light-lamps',
    getRemainingTimeInMillis: () => 60_000,
  });
  return {
    handler,
    ledger,
    account,
    sent,
    lines,
    give: async (event, run = 'run-1') => resultsIn(await handler(event, context(run))),
    logged: () => lines.flatMap(({ result }) => (isResult(result) ? [result] : [])),
    close: restore,
  };
}

/** An event of the toy's trigger. */
export function stoppedEvent(change: { readonly [key: string]: unknown } = {}): object {
  return {
    version: '0',
    id: '11111111-2222-3333-4444-555555555555',
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: '111122223333',
    time: new Date().toISOString(),
    region: 'eu-west-1',
    resources: ['arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0'],
    detail: { 'instance-id': 'i-0123456789abcdef0', state: 'stopped' },
    ...change,
  };
}

/** A tick of the toy's schedule. */
export function tick(): object {
  return stoppedEvent({ 'detail-type': 'Scheduled Event', source: 'aws.scheduler', resources: [], detail: {} });
}

/** For a test file: toys on simulated time from 08:00, each closed after its test. */
export function useToys(): typeof makeToy {
  let open: Toy[] = [];
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'Date'],
      now: new Date('2026-11-22T08:00:00Z'),
    });
    vi.setTimerTickMode('nextTimerAsync');
    // As it is deployed where it is to act: it holds where the ledger does not answer.
    vi.stubEnv('RUNBOOK_MODE', 'apply');
  });
  afterEach(() => {
    for (const made of open.toReversed()) made.close();
    open = [];
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });
  return (...parameters) => {
    const made = makeToy(...parameters);
    open.push(made);
    return made;
  };
}
