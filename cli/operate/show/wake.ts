/** When somebody looks at the targets of a run next. Pure. */

import { idOf } from '../../results.ts';
import { schedulesOf } from '../schedules.ts';
import { momentText, spanText } from '../times.ts';
import type { Story } from './story.ts';

/** What is next, in words; `undefined`: nothing that is known. */
export function wakeText({ standing, states, summary }: Story, now: string): string | undefined {
  if (standing?.kind === 'running') {
    const { wakesAt } = standing;
    return wakesAt === undefined
      ? 'the run goes on'
      : `the run sleeps until ${momentText(wakesAt, now)} (${spanText(Date.parse(wakesAt) - Date.parse(now))})`;
  }
  const held = states.find(({ until = '' }) => Date.parse(until) > Date.parse(now));
  if (held !== undefined)
    return `the run has ${idOf(held.resource)} in hand until ${momentText(held.until ?? '', now)}`;
  const schedule = summary === undefined ? undefined : schedulesOf([summary]).get(summary.name);
  return schedule === undefined ? undefined : `the schedule of ${summary?.name} looks again, ${schedule.expression}`;
}
