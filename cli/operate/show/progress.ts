/** How far long work has come, by the counters that its steps keep. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Detail } from '../place.ts';
import { spanText } from '../times.ts';

/** How far it has come. */
export interface Progress {
  readonly done: number;
  /** `undefined`: nobody knows how much there is. */
  readonly total?: number;
  readonly beganAt: string;
}

/** What runbooks call what is done, the most telling first. */
const DONE = ['done', 'moved', 'sent', 'copied', 'deleted', 'received'] as const;
const TOTAL = ['total', 'maxItems', 'maxMessages'] as const;

function firstNumber(members: JsonObject, names: readonly string[]): number | undefined {
  return names.map((name) => members[name]).find((value) => typeof value === 'number');
}

/** Of what a step has kept the counters: the rest of it may be what people have put into messages. */
export function countersIn(kept: JsonObject): JsonObject {
  const counters = [...DONE, ...TOTAL].filter((name) => typeof kept[name] === 'number');
  const { beganAt } = kept;
  return {
    ...Object.fromEntries(counters.map((name) => [name, kept[name]])),
    ...(typeof beganAt === 'string' ? { beganAt } : {}),
  };
}

/** The counters of the last step that has kept some; `undefined`: none has. `note` stands beside the intent. */
export function progressIn(details: readonly Detail[], note: JsonObject, beganAt: string): Progress | undefined {
  const steps = details.filter(({ output }) => output !== undefined && firstNumber(output, DONE) !== undefined);
  const last = steps.toSorted((one, other) => (one.at < other.at ? -1 : 1)).at(-1);
  const done = firstNumber(last?.output ?? {}, DONE);
  if (done === undefined) return undefined;
  const total = firstNumber({ ...note, ...last?.input, ...last?.output }, TOTAL);
  const began = last?.output?.['beganAt'];
  return { done, ...(total === undefined ? {} : { total }), beganAt: typeof began === 'string' ? began : beganAt };
}

/** `120 of 400, about 3 min left`. */
export function progressText({ done, total, beganAt }: Progress, now: string): string {
  if (total === undefined) return `${done} done`;
  const spentMs = Date.parse(now) - Date.parse(beganAt);
  const leftMs = done === 0 ? Number.NaN : (spentMs / done) * Math.max(0, total - done);
  return `${done} of ${total}${Number.isNaN(leftMs) ? '' : `, about ${spanText(leftMs)} left`}`;
}
