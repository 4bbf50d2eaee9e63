/** What started a run: a person who is on record, else the event or the schedule that its record names; and who stopped it. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Operation } from '../place.ts';
import type { Moment } from './moments.ts';
import type { ShownRecord } from './record.ts';

function reader(trigger: JsonObject): (name: string) => string {
  return (name) => {
    const value = trigger[name];
    return typeof value === 'string' ? value : '';
  };
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

/** In words, by the kind of the delivery. */
const WORDS: { readonly [kind: string]: (told: (name: string) => string) => string } = {
  schedule: () => 'the schedule',
  alarm: (told) => `alarm ${told('alarmName')} went to ${told('state')}`,
  'metric-alarm': (told) => `alarm ${told('alarmName')} went to ${told('state')}`,
  'instance-state': (told) => `${told('instanceId')} is ${told('state')}`,
  lifecycle: (told) => `hook ${told('hook')} of ${told('group')}: ${told('instanceId')} is ${told('transition')}`,
  request: (told) => `a request by ${told('requestedBy') || 'nobody it names'}${because(told('reason'))}`,
};

/** Of what is not known here its kind and all that it names. */
function triggerText(trigger: JsonObject): string {
  const told = reader(trigger);
  const words = WORDS[told('kind')];
  if (words !== undefined) return words(told);
  const named = Object.keys(trigger).filter((name) => name !== 'kind' && name !== 'at');
  return [told('kind'), ...named.map(told)].filter((word) => word !== '').join(' ');
}

function ofRecord({ trigger, phases, at }: ShownRecord): readonly Moment[] {
  if (trigger === undefined) return [];
  const happened = reader(trigger)('at');
  const when = happened === '' ? (phases[0]?.startedAt ?? at) : happened;
  return [{ at: when, group: 'trigger', target: '', text: `started by ${triggerText(trigger)}` }];
}

/** When somebody had the run stopped; it heeds that at its next call. */
function stopMoments(operations: readonly Operation[], run: string): readonly Moment[] {
  return operations
    .filter(({ what, more }) => what === 'stop' && more['run'] === run && more['isChanged'] !== false)
    .map(({ at, by, reason }) => ({ at, group: 'trigger', target: '', text: `stopped by ${by}${because(reason)}` }));
}

/** The moments at which it was started, and stopped by somebody. */
export function triggerMoments(
  records: readonly ShownRecord[],
  operations: readonly Operation[],
  run: string,
): readonly Moment[] {
  const byHand = operations
    .filter(({ what, more }) => what === 'run' && [more['run'], more['token']].includes(run))
    .map(({ at, by, reason }): Moment => {
      return { at, group: 'trigger', target: '', text: `started by ${by}${because(reason)}` };
    });
  const started = byHand.length > 0 ? byHand : records.flatMap(ofRecord).slice(0, 1);
  return [...started, ...stopMoments(operations, run)];
}
