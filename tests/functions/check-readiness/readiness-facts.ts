/** Builders of facts for the tests of `check-readiness`: a stack on which nothing is wrong, and what may be. */

import type { Facts, Seen } from '../../../functions/check-readiness/decide.ts';
import type { ReadinessLimits } from '../../../functions/check-readiness/decide/facts.ts';
import { STACK_ALARMS } from '../../../shared/judgement/readiness.ts';
import { KERNEL_LIMITS } from '../../shared/judgement/blocklist/ledger-facts.ts';

export const NOW = '2026-11-22T06:20:01.000Z';

export const LIMITS: ReadinessLimits = { ...KERNEL_LIMITS, toldAgainSeconds: 604_800, blindSeconds: 86_400 };

type Of<M extends Seen['matter']> = Extract<Seen, { readonly matter: M }>;

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:ops-';

export function topic(name: string, subscription = `${TOPIC}${name}:1`): Of<'subscriptions'>['topics'][number] {
  return { name: `ops-${name}`, subscribers: [{ subscription, endpoint: 'on-call@example.com' }] };
}

export const TOPICS: Of<'subscriptions'> = {
  matter: 'subscriptions',
  topics: ['page', 'look', 'messages', 'chat', 'outcomes'].map((name) => topic(name)),
};

type Alarm = NonNullable<Of<'alarms'>['alarms']>[number];

export function alarm(name: string, change: Partial<Alarm> = {}): Alarm {
  return { name: `ops-${name}`, isMuted: false, actions: 1, state: 'OK', since: '2026-11-01T00:00:00.000Z', ...change };
}

/** The alarms of the stack, those that are changed among them. */
export function alarms(...changed: readonly Alarm[]): Of<'alarms'> {
  const names = new Set(changed.map(({ name }) => name));
  const others = STACK_ALARMS.map((name) => alarm(name)).filter(({ name }) => !names.has(name));
  return { matter: 'alarms', alarms: [...others, ...changed] };
}

export function fn(change: Partial<Of<'functions'>['functions'][number]> = {}): Of<'functions'> {
  const well = { name: 'ops-heal', isThere: true, reserved: 10, state: 'Active', update: 'Successful', why: '' };
  return { matter: 'functions', functions: [{ ...well, ...change }] };
}

export function queue(change: Partial<Of<'queues'>['queues'][number]> = {}): Of<'queues'> {
  const well = { name: 'ops-failed-runs', isThere: true, letters: 0, retentionSeconds: 1_209_600 };
  return { matter: 'queues', queues: [{ ...well, ...change }] };
}

export function rules(...given: readonly (readonly [name: string, bus: string, state: string])[]): Of<'rules'> {
  return { matter: 'rules', rules: given.map(([name, bus, state]) => ({ name, bus, state })), outcomes: 'ops' };
}

export function facts(seen: Seen, change: Partial<Facts> = {}): Facts {
  return { prefix: 'ops', run: 'run-2', isAsked: false, seen, unread: [], history: 'unread', memory: {}, ...change };
}

/** What was told: when, and by which run. */
export function told(findings: { readonly [key: string]: string }): Facts['memory'] {
  return { told: JSON.stringify(findings) };
}
