/** Spans of time in few columns. Pure. */

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** A span in five columns, seconds: `41s`, `11m`, `2h05m`, `12h`, `4d`; `?`: it is not known. */
export function shortSpan(seconds: number | 'unknown'): string {
  if (seconds === 'unknown') return '?';
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)}m`;
  if (seconds < 10 * HOUR) {
    const minutes = Math.round(seconds / MINUTE);
    return `${Math.floor(minutes / MINUTE)}h${String(minutes % MINUTE).padStart(2, '0')}m`;
  }
  return seconds < 4 * DAY ? `${Math.round(seconds / HOUR)}h` : `${Math.round(seconds / DAY)}d`;
}
