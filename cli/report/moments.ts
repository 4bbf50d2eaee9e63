/** What happened when, as a list that is read: the drawing above it shows nothing that does not stand here. Pure. */

import { targetsIn, type Moment } from '../operate/show/moments.ts';
import { idOf } from '../results.ts';
import { countText, cutList, cutText, type Room } from './cut.ts';
import { el, styled, type Markup } from './html.ts';
import type { Report } from './report.ts';
import { spentText, timeOfDay } from './times.ts';

/** The moments that there is room for. */
export function moments(
  report: Pick<Report, 'moments'>,
  room: Room,
): {
  readonly first: readonly Moment[];
  readonly left: number;
  readonly last: readonly Moment[];
  /** Each says which target it is about. */
  readonly isLabelled: boolean;
} {
  return { ...cutList(report.moments, room.moments), isLabelled: targetsIn(report.moments).length > 1 };
}

function item(moment: Moment, isLabelled: boolean, { characters }: Room): Markup {
  const { at, group, target, text, because = '', spentMs = Number.NaN, isBad } = moment;
  const spent = spentText(spentMs);
  return el(
    'li',
    { class: isBad === true ? `moment ${group} bad` : `moment ${group}` },
    styled('span', 'at', timeOfDay(at)),
    ' ',
    styled('span', 'group', group),
    ' ',
    styled(
      'span',
      'told',
      ...(isLabelled && target !== '' ? [el('code', {}, cutText(idOf(target), characters)), ' '] : []),
      styled('span', 'what', cutText(text, characters)),
      ...(spent === '' ? [] : [styled('span', 'spent', ` (${spent})`)]),
      ...(because === '' ? [] : [styled('span', 'because', `because ${cutText(because, characters)}`)]),
    ),
  );
}

/** The list. */
export function momentList(report: Report, room: Room): Markup {
  const { first, left, last, isLabelled } = moments(report, room);
  const gap =
    left === 0
      ? []
      : [el('li', { class: 'left-out' }, `${countText(left)} moments left out; \`runbook show --json\` has them`)];
  return el(
    'ol',
    { class: 'moments' },
    ...first.map((one) => item(one, isLabelled, room)),
    ...gap,
    ...last.map((one) => item(one, isLabelled, room)),
  );
}
