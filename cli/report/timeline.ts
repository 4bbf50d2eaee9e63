/** A run's phases as a drawing: a lane for each target, a row for each kind of work, waits hatched. Pure. */

import type { Phase } from '../../shared/kernel/report/result.ts';
import { phaseGroup, type Group } from '../operate/show/moments.ts';
import { idOf } from '../results.ts';
import { countText, cutList, type Room } from './cut.ts';
import { el, styled, type Markup } from './html.ts';
import type { Report, ReportedRun } from './report.ts';
import { scaleOf, type Scale } from './scale.ts';
import { isTime, spentText, timeText } from './times.ts';

/** Rows of a lane, from top to bottom. */
const ROWS = ['detect', 'decide', 'act', 'verify', 'wait'] as const;

const HEAD_PX = 26;
const ROW_PX = 20;
const BAR_PX = 12;
const LANE_GAP_PX = 14;
const AXIS_PX = 30;
/** Room of the rows' names, percent; names of rows are of the drawing's own size, whatever the width. */
const NAMES_PERCENT = 21;
/** What took no time is seen all the same. */
const LEAST_PERCENT = 0.9;
/** Characters of a lane's title that fit on a telephone. */
const TITLE_CHARACTERS = 34;

type Row = (typeof ROWS)[number];

interface Bar {
  readonly row: Row;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Lane {
  readonly run: ReportedRun;
  readonly bars: readonly Bar[];
  readonly left: number;
}

function rowOf(group: Group): Row {
  return ROWS.find((row) => row === group) ?? 'act';
}

function barOf(phase: Phase): readonly Bar[] {
  const { startedAt, endedAt } = phase;
  if (!isTime(startedAt) || !isTime(endedAt)) return [];
  const [fromMs, toMs] = [Date.parse(startedAt), Date.parse(endedAt)];
  return toMs < fromMs ? [] : [{ row: rowOf(phaseGroup(phase)), fromMs, toMs }];
}

/** Shorter pauses are what a run needs for itself. */
const LEAST_WAIT_MS = 1_000;

/** Where nothing of the run is under way it waits, whether its record has a phase for that or not. */
function waitsIn(bars: readonly Bar[]): readonly Bar[] {
  const waits: Bar[] = [];
  let endMs = Number.POSITIVE_INFINITY;
  for (const { fromMs, toMs } of bars.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (fromMs - endMs >= LEAST_WAIT_MS) waits.push({ row: 'wait', fromMs: endMs, toMs: fromMs });
    endMs = endMs === Number.POSITIVE_INFINITY ? toMs : Math.max(endMs, toMs);
  }
  return waits;
}

/** A decision takes no time: it stands where what was seen ends and what was done begins. */
function decisionIn(bars: readonly Bar[]): readonly Bar[] {
  const firstAct = bars.findIndex(({ row }) => row === 'act');
  const before = bars[(firstAct < 0 ? bars.length : firstAct) - 1] ?? bars[0];
  return before === undefined ? [] : [{ row: 'decide', fromMs: before.toMs, toMs: before.toMs }];
}

function laneOf(run: ReportedRun, room: Room): readonly Lane[] {
  const bars = run.phases.flatMap(barOf);
  if (bars.length === 0) return [];
  const { first, left, last } = cutList(bars, room.bars);
  return [{ run, bars: [...first, ...decisionIn(bars), ...last, ...waitsIn(bars).slice(0, room.bars)], left }];
}

function percentText(value: number): string {
  return `${value.toFixed(2)}%`;
}

/** On the part of the width that is the axis'. */
function across(percent: number): number {
  return NAMES_PERCENT + (percent * (100 - NAMES_PERCENT)) / 100;
}

function bar({ row, fromMs, toMs }: Bar, y: number, scale: Scale, hatch: string): Markup {
  const width = Math.max(LEAST_PERCENT, across(scale.percent(toMs)) - across(scale.percent(fromMs)));
  const x = Math.min(across(scale.percent(fromMs)), 100 - width);
  const place = { x: percentText(x), y, width: percentText(width), height: BAR_PX, rx: 2 };
  return el('rect', { ...place, class: `bar ${row}`, ...(row === 'wait' ? { fill: `url(#${hatch})` } : {}) });
}

function rowsOf({ bars }: Lane): readonly Row[] {
  return ROWS.filter((row) => bars.some((one) => one.row === row));
}

function laneHeightPx(lane: Lane): number {
  return HEAD_PX + rowsOf(lane).length * ROW_PX + LANE_GAP_PX;
}

function titleOf({ run }: Lane): string {
  const text = run.target === '' ? run.runbook : idOf(run.target);
  return text.length <= TITLE_CHARACTERS ? text : `${text.slice(0, TITLE_CHARACTERS)}…`;
}

function drawLane(lane: Lane, top: number, scale: Scale, hatch: string): readonly Markup[] {
  const rows = rowsOf(lane);
  const yOf = (row: Row): number => top + HEAD_PX + rows.indexOf(row) * ROW_PX;
  return [
    el('text', { x: 0, y: top + 14, class: 'lane' }, titleOf(lane)),
    el('text', { x: '100%', y: top + 14, class: 'outcome', 'text-anchor': 'end' }, lane.run.outcome.slice(0, 20)),
    ...rows.flatMap((row) => [
      el('text', { x: 0, y: yOf(row) + 10, class: 'row' }, row),
      el('line', {
        x1: percentText(NAMES_PERCENT),
        x2: '100%',
        y1: yOf(row) + BAR_PX / 2,
        y2: yOf(row) + BAR_PX / 2,
        class: 'rail',
      }),
    ]),
    ...lane.bars.map((one) => bar(one, yOf(one.row), scale, hatch)),
  ];
}

function anchorOf(percent: number): 'start' | 'middle' | 'end' {
  if (percent < 10) return 'start';
  return percent > 90 ? 'end' : 'middle';
}

function axis(scale: Scale, y: number): readonly Markup[] {
  const beginMs = scale.ticks[0]?.ms ?? 0;
  return scale.ticks.flatMap(({ ms, percent }) => {
    const x = percentText(across(percent));
    const label = ms === beginMs ? timeText(new Date(ms).toISOString()) : `+${spentText(ms - beginMs)}`;
    return [
      el('line', { x1: x, x2: x, y1: y, y2: y + 6, class: 'tick' }),
      el('text', { x, y: y + 20, class: 'tick', 'text-anchor': anchorOf(percent) }, label),
    ];
  });
}

/** What the drawing shows, in a sentence for each lane. */
function description(lanes: readonly Lane[], left: number): string {
  const told = lanes.map(({ run, bars }) => {
    const from = Math.min(...bars.map(({ fromMs }) => fromMs));
    const to = Math.max(...bars.map(({ toMs }) => toMs));
    const spent = ROWS.flatMap((row) => {
      const own = bars.filter((one) => one.row === row);
      const ms = own.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      return own.length === 0 ? [] : [row === 'decide' ? 'decide' : `${row} ${spentText(ms)}`];
    });
    const name = run.target === '' ? run.runbook : `${run.runbook} ${idOf(run.target)}`;
    return `${name}: ${run.outcome} after ${spentText(to - from)}, ${spent.join(', ')}.`;
  });
  const more = left === 0 ? '' : ` ${countText(left)} more are not drawn.`;
  return `${told.join(' ')}${more} The list below says the same with times.`;
}

/** The drawing with its caption; nothing where no phase has a time. */
export function timelineFigure({ id, runs }: Pick<Report, 'id' | 'runs'>, room: Room): readonly Markup[] {
  const drawn = runs.slice(0, room.lanes).flatMap((run) => laneOf(run, room));
  const left = runs.length - drawn.length;
  if (drawn.length === 0) return [];
  const scale = scaleOf(drawn.flatMap(({ bars }) => bars.flatMap(({ fromMs, toMs }) => [fromMs, toMs])));
  const hatch = `${id}-hatch`;
  let top = 0;
  const lanes = drawn.flatMap((lane) => {
    const shapes = drawLane(lane, top, scale, hatch);
    top += laneHeightPx(lane);
    return shapes;
  });
  const bars = drawn.reduce((sum, lane) => sum + lane.left, 0);
  const omitted = [
    ...(left === 0 ? [] : [`${countText(left)} more runs are not drawn`]),
    ...(bars === 0 ? [] : [`${countText(bars)} phases are not drawn`]),
  ];
  const caption = ['Not to scale: longer stretches are drawn shorter than they are. Hatched: waiting.', ...omitted];
  return [
    el(
      'figure',
      { class: 'timeline' },
      el(
        'svg',
        { role: 'img', 'aria-labelledby': `${id}-drawn ${id}-drawn-text`, width: '100%', height: top + AXIS_PX },
        el('title', { id: `${id}-drawn` }, 'Phases of the run over time'),
        el('desc', { id: `${id}-drawn-text` }, description(drawn, left)),
        el(
          'defs',
          {},
          el(
            'pattern',
            { id: hatch, patternUnits: 'userSpaceOnUse', width: 6, height: 6 },
            el('path', { d: 'M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2', class: 'hatch' }),
          ),
        ),
        ...lanes,
        ...axis(scale, top),
      ),
      styled('figcaption', 'note', caption.join(' ')),
    ),
  ];
}
