/** Parts of a run, for tests of one stage alone: a host that runs everything at once, and states in the middle of a run. */

import { readConfig, type Config } from '../../../../shared/kernel/config.ts';
import type { Act, Decision, KernelFacts } from '../../../../shared/kernel/decision.ts';
import type { Host, HostKind } from '../../../../shared/kernel/hosts/host.ts';
import { durable } from '../../../../shared/kernel/hosts/durable-host.ts';
import { plain } from '../../../../shared/kernel/hosts/plain-host.ts';
import type { Ledger } from '../../../../shared/kernel/ledger/ledger.ts';
import type { RunContext, TargetRun } from '../../../../shared/kernel/run/context.ts';
import { begin, type Acting, type RunState } from '../../../../shared/kernel/run/state.ts';
import { tallyOf } from '../../../../shared/kernel/run/tally.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { judge, LAMP, lightUp, LIMITS, type Seen } from '../toy-runbook.ts';

export const NOW = '2026-11-22T08:00:00.000Z';

/** A host that keeps the names of its steps and waits. */
export interface TestHost extends Host {
  readonly begun: string[];
}

/** Every step is run at once, every wait is over at once. */
export function hostOf(kind: HostKind, more: Partial<Host> = {}): TestHost {
  const begun: string[] = [];
  const host: TestHost = {
    kind,
    run: 'run-1',
    account: '111122223333',
    region: 'eu-west-1',
    remainingMs: () => 60_000,
    operationsLeft: () => 1_000,
    begun,
    step: (name, effect) => {
      begun.push(name);
      return effect();
    },
    wait: (name, seconds) => {
      begun.push(`${name} ${seconds}`);
      return Promise.resolve();
    },
    each: (_name, items, work) =>
      Promise.all(items.map(async ({ value }) => ({ ok: true as const, value: await work(value, host) }))),
    ...more,
  };
  return host;
}

export interface Change {
  readonly host?: TestHost;
  readonly ledger?: Ledger;
  readonly runbook?: Partial<TargetRun<Seen>['runbook']>;
  readonly config?: Partial<Config>;
  readonly limits?: Partial<typeof LIMITS>;
  readonly held?: Omit<KernelFacts, 'history'>;
  readonly dryRun?: boolean;
  readonly isTick?: boolean;
  readonly isAsked?: boolean;
  readonly left?: boolean;
}

/** The toy's run on its lamp. */
export function runOf(change: Change = {}): TargetRun<Seen> & { readonly host: TestHost } {
  const { host = hostOf('plain'), ledger = memoryLedger(), held = {}, left } = change;
  const { dryRun = false, isTick = false, isAsked = false } = change;
  const limits = { ...LIMITS, ...change.limits };
  const context: RunContext<Seen> = {
    runbook: {
      name: 'light-lamps',
      ledgerLost: 'refuse',
      timeoutSeconds: 60,
      host: host.kind === 'plain' ? plain : durable,
      observe: () => Promise.resolve({ lit: false }),
      decide: (facts) => judge(facts),
      apply: {},
      verify: () => Promise.resolve({ ok: true }),
      ...change.runbook,
    },
    limits,
    config: { ...readConfig(), ...change.config },
    ledger,
    dryRun,
    mode: { mode: dryRun ? 'plan' : 'apply', from: 'row all' },
    isTick,
    isAsked,
    trigger: { kind: 'schedule' },
    begunAt: NOW,
    tally: tallyOf(limits.maxTargets),
    switches: { on: undefined, lost: false, at: NOW },
    locatedAt: NOW,
    phases: [],
  };
  return { ...context, host, target: LAMP, left, held };
}

/** A state at `NOW`, nothing done yet. */
export function stateOf(change: Partial<RunState<Seen>> = {}): RunState<Seen> {
  const run = runOf();
  return { ...begin<Seen>(run, { target: LAMP, facts: { lit: false } }, 'unread'), now: NOW, ...change };
}

/** A decision to light the lamp, on its way. */
export function actingOf(change: Partial<RunState<Seen>> = {}, more: Partial<Act> = {}): Acting<Seen> {
  return { state: stateOf(change), sight: { facts: { lit: false }, at: NOW }, decision: lightUp(undefined, more) };
}

/** A lease as it stands in a state. */
export function heldLease(more: { readonly intent?: string; readonly booked?: boolean; readonly epoch?: number } = {}) {
  const { intent = 'lamp 1 lit', booked = true, epoch = 1 } = more;
  const held = { resource: LAMP, owner: `run-1|${LAMP}`, epoch, until: '2026-11-22T08:00:30.000Z' };
  return { held, intent, booked };
}

/** Some decision that does nothing. */
export const NOTHING = { kind: 'nothing', code: 'lit', because: 'the lamp is lit', evidence: { lit: true } } as const;

/** A decision of this kind. */
export function decisionOf(kind: Decision['kind']): Decision {
  if (kind === 'act') return lightUp();
  if (kind === 'wait') return { ...NOTHING, kind, seconds: 5 };
  return { ...NOTHING, kind };
}
