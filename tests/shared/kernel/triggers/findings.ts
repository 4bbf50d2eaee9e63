/** The findings of `tests/fixtures/findings`, read. */

import { readFileSync, readdirSync } from 'node:fs';
import { onFinding, type FindingDelivery } from '../../../../shared/kernel/triggers/finding.ts';
import type { Finding } from '../../../../shared/kernel/triggers/findings/finding.ts';
import { readersOf } from '../../../../shared/kernel/triggers/parser.ts';
import { parseSingle, told } from './events.ts';
import type { EventFixture } from './mutate.ts';

const FOLDER = new URL('../../../fixtures/findings/', import.meta.url);

export const FINDING_TRIGGERS = onFinding(told);
export const FINDING_READERS = readersOf(FINDING_TRIGGERS);

export function findingEvent(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

export const FINDING_FIXTURES: readonly EventFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .map((name) => ({ name, event: findingEvent(name) }));

export function findingDelivery(event: unknown): FindingDelivery {
  const delivery = parseSingle(event, FINDING_READERS);
  if (delivery.kind !== 'finding') throw new Error(`expected a finding, found ${delivery.kind}`);
  return delivery;
}

/** The first finding of an event, which must be readable. */
export function firstFinding(event: unknown): Finding {
  const [finding] = findingDelivery(event).findings;
  if (finding === undefined || 'problem' in finding) throw new Error('expected a finding that can be read');
  return finding;
}

/** The first finding of a fixture. */
export function findingOf(name: string): Finding {
  return firstFinding(findingEvent(name));
}
