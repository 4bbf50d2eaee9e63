/** Which alarms wake somebody, and which wait for the morning. */

/** An alarm that rings. */
export interface Ringing {
  readonly name: string;
  readonly since: string;
  readonly why: string;
  /** It is of the class `look`. */
  readonly isForTheMorning: boolean;
}

/** The alarms of the class `look` that every stack has (README, "Who hears, and of what"); of a runbook's own nobody here knows. */
const LOOKS = /-(?:look|undelivered|failed-runs|requests-failed|requests-waiting)$/u;
const PAGES = /-outcomes-undelivered$/u;

/** The alarms with their class; `null` where none are known. */
export function wordsOfAlarms(alarms: readonly Omit<Ringing, 'isForTheMorning'>[] | null): readonly Ringing[] | null {
  if (alarms === null) return null;
  return alarms.map((alarm) => ({ ...alarm, isForTheMorning: LOOKS.test(alarm.name) && !PAGES.test(alarm.name) }));
}
