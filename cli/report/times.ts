/** Times on a page: UTC with its letter, and for programs in an element of their own. Pure. */

import { wholeMoment } from '../operate/times.ts';
import { el, type Markup } from './html.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/u;

/** Whether it is a time that has a place on an axis. */
export function isTime(at: string): boolean {
  return ISO.test(at) && !Number.isNaN(Date.parse(at));
}

/** `2026-11-22 08:02:07Z`; what is no time stays what it is. */
export function moment(at: string): Markup {
  return isTime(at) ? el('time', { datetime: at }, wholeMoment(at)) : at;
}

/** The same without its day. */
export function timeOfDay(at: string): Markup {
  return isTime(at) ? el('time', { datetime: at }, timeText(at)) : at;
}

/** `08:02:07Z`. */
export function timeText(at: string): string {
  return isTime(at) ? `${at.slice(11, 19)}Z` : at;
}

/** `40 ms`, `2.3 s`, `4 min 10 s`, `2 h 5 min`: spans of a run, which are shorter than those that people wait for. */
export function spentText(spentMs: number): string {
  if (!Number.isFinite(spentMs) || spentMs < 0) return '';
  if (Math.round(spentMs) < 1_000) return `${Math.round(spentMs)} ms`;
  if (spentMs < 60_000) return `${(spentMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(spentMs / 1_000);
  const [large, small, unit, part] =
    seconds < 3_600
      ? [Math.floor(seconds / 60), seconds % 60, 'min', 's']
      : [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), 'h', 'min'];
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${part}`;
}
