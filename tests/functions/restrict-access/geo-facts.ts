/** Builders of facts about distributions, and plans as text. */

import { restriction, type Restriction } from '../../../functions/restrict-access/decide/countries.ts';
import { decideDistribution } from '../../../functions/restrict-access/decide/distribution.ts';
import type { Distribution, DistributionFacts, GeoNote } from '../../../functions/restrict-access/decide/facts.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { ASKER, CLOCK, later, LIMITS, NOW } from './group-facts.ts';

export const ID = 'E2QWRUHAPOMQZL';
export const ARN = `arn:aws:cloudfront::111122223333:distribution/${ID}`;

export const EVERYBODY = restriction('none', []);
export const NO_AA = restriction('blacklist', ['AA']);
export const NO_AA_BB = restriction('blacklist', ['BB', 'AA']);

export function distribution(stands: Restriction = EVERYBODY, more: Partial<Distribution> = {}): Distribution {
  const plain = { id: ID, isTagged: true, etag: 'E1', status: 'Deployed', isStaging: false, notShut: [] };
  return { ...plain, restriction: stands, ...more };
}

export function note(more: Partial<GeoNote> = {}): GeoNote {
  const { sentAt: _sentAt, ...asker } = ASKER;
  return {
    kind: 'geo',
    ...asker,
    from: NOW,
    until: later(3_600),
    ended: null,
    over: null,
    countries: ['AA'],
    before: EVERYBODY,
    replaces: EVERYBODY,
    set: NO_AA,
    ...more,
  };
}

export function decided(more: Partial<DistributionFacts>, now = NOW): Decision {
  const noted = { note: null, version: 0 };
  const facts = { kind: 'distribution', history: 'unread', target: ARN, ask: null, asker: CLOCK } as const;
  return decideDistribution({ ...facts, distribution: distribution(), noted, ...more }, LIMITS, now);
}

export function shut(
  countries: readonly string[] = ['AA'],
  ttlSeconds = 3_600,
): Pick<DistributionFacts, 'ask' | 'asker'> {
  return { ask: { action: 'geo', countries, ttlSeconds }, asker: ASKER };
}

export const BEN = { ...ASKER, by: 'ben', delivery: 'request:2', run: 'run-2' };
export const lift = { ask: { action: 'lift' }, asker: BEN } as const;

function callText({ call, input }: PlannedCall): string {
  const { value, GeoRestriction } = input;
  if (call !== 'ledger:write') return `update ${JSON.stringify(GeoRestriction)}`;
  const over: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'over') : null;
  return typeof over === 'string' ? `note ${over}` : 'note';
}

export function planOf(decision: Decision): readonly string[] {
  return decision.kind === 'act' ? decision.plan.map(callText) : [`${decision.kind} ${decision.code}`];
}

export const UPDATE_AA = 'update {"RestrictionType":"blacklist","Quantity":1,"Items":["AA"]}';
export const UPDATE_NONE = 'update {"RestrictionType":"none","Quantity":0}';
