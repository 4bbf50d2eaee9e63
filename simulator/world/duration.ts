/** ISO 8601 durations of the files that people write: `PT40S`, `PT1H30M`, `P1DT12H`. */

const FORM = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/u;

/** Milliseconds of a duration in days, hours, minutes and seconds; `undefined` when it is not one. */
export function parseDuration(text: string): number | undefined {
  const match = FORM.exec(text);
  // "P" and "…T" name no amount.
  if (match === null || !/\d[DHMS]$/u.test(text)) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
}
