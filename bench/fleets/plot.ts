/** The laws as points: node-hours against the wait of the slowest. SVG, readable on light and on dark. Pure. */

import { spreadIn, type Measured } from './comparison.ts';
import type { Spread } from './figures.ts';

const SIZE = { width: 860, height: 480, left: 84, right: 24, top: 28, bottom: 64 };

/** Labels nearer than this to one another are moved apart. */
const LABEL_PX = 17;
const LABEL_WIDTH_PX = 230;

const TICKS = {
  wait: [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
  hours: [1, 1.1, 1.2, 1.5, 2, 3, 4, 5, 8],
} as const;

interface Axis {
  readonly least: number;
  readonly most: number;
  readonly ticks: readonly number[];
  readonly at: (value: number) => number;
}

/** Logarithmic, from the tick below the least to the tick above the most. */
function axisOf(spreads: readonly Spread[], ticks: readonly number[], from: number, to: number): Axis {
  const [low, high] = [Math.min(...spreads.map(({ least }) => least)), Math.max(...spreads.map(({ most }) => most))];
  const least = ticks.findLast((tick) => tick <= low) ?? ticks[0] ?? 1;
  const most = ticks.find((tick) => tick >= high) ?? ticks.at(-1) ?? 10;
  const at = (value: number): number =>
    from + ((Math.log(value) - Math.log(least)) / (Math.log(most) - Math.log(least))) * (to - from);
  return { least, most, ticks: ticks.filter((tick) => tick >= least && tick <= most), at };
}

const px = (value: number): string => value.toFixed(1);

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function lineOf(kind: string, [x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string {
  return `<line class="${kind}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
}

function textOf(x: number, y: number, anchor: string, text: string, kind = 'text'): string {
  return `<text class="${kind}" x="${px(x)}" y="${px(y)}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

/** Where a point and its label stand. */
interface Point {
  readonly law: string;
  readonly wait: Spread;
  readonly hours: Spread;
  readonly x: number;
  readonly y: number;
  readonly labelY: number;
  readonly isOurs: boolean;
}

/** From the top: a label that would stand on one above it goes down. */
function placed(points: readonly Omit<Point, 'labelY'>[]): readonly Point[] {
  const done: Point[] = [];
  for (const point of points.toSorted((one, other) => one.y - other.y)) {
    const near = done.filter(({ x }) => Math.abs(x - point.x) < LABEL_WIDTH_PX).map(({ labelY }) => labelY + LABEL_PX);
    done.push({ ...point, labelY: Math.max(point.y + 4, ...near) });
  }
  return done;
}

function drawn({ wait, hours, x, y, isOurs }: Point, across: Axis, up: Axis): readonly string[] {
  const kind = isOurs ? 'ours' : 'other';
  return [
    lineOf(`${kind} spread`, [across.at(wait.least), y], [across.at(wait.most), y]),
    lineOf(`${kind} spread`, [x, up.at(hours.least)], [x, up.at(hours.most)]),
    `<circle class="${kind} point" cx="${px(x)}" cy="${px(y)}" r="5"/>`,
  ];
}

/** Over all lines: each has an edge of the ground's colour. */
function labelled({ law, x, labelY, isOurs }: Point): readonly string[] {
  const isLeft = x + LABEL_WIDTH_PX > SIZE.width - SIZE.right;
  const weight = isOurs ? ' strong' : '';
  return ['edge', 'text'].map((kind) =>
    textOf(isLeft ? x - 12 : x + 12, labelY - 6, isLeft ? 'end' : 'start', law, `${kind}${weight}`),
  );
}

const STYLE = `<style>
text { font: 13px system-ui, sans-serif; }
.ground { fill: #ffffff; } .text { fill: #1f2328; } .strong { font-weight: 700; }
.edge { fill: #ffffff; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; }
.grid { stroke: #d1d9e0; } .spread { stroke-width: 1.5; opacity: 0.55; }
.other { stroke: #59636e; fill: #59636e; } .ours { stroke: #0969da; fill: #0969da; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; } .text { fill: #f0f6fc; } .edge { fill: #0d1117; stroke: #0d1117; } .grid { stroke: #3d444d; }
.other { stroke: #9198a1; fill: #9198a1; } .ours { stroke: #4493f8; fill: #4493f8; }
}
</style>`;

function axes(across: Axis, up: Axis): readonly string[] {
  const { width, height, left, right, top, bottom } = SIZE;
  const floor = height - bottom;
  return [
    ...across.ticks.flatMap((tick) => [
      lineOf('grid', [across.at(tick), top], [across.at(tick), floor]),
      textOf(across.at(tick), floor + 20, 'middle', String(tick)),
    ]),
    ...up.ticks.flatMap((tick) => [
      lineOf('grid', [left, up.at(tick)], [width - right, up.at(tick)]),
      textOf(left - 8, up.at(tick) + 4, 'end', String(tick)),
    ]),
    textOf((left + width - right) / 2, height - 16, 'middle', 'wait of a job, 95th percentile (minutes, logarithmic)'),
    `<text class="text" text-anchor="middle" transform="translate(22 ${px((top + floor) / 2)}) rotate(-90)">node-hours billed (multiple of the bound, logarithmic)</text>`,
  ];
}

/** The picture; the last law is ours. */
export function plot(measured: readonly Measured[]): string {
  const { width, height, left, right, top, bottom } = SIZE;
  const spreads = measured.map((each) => ({
    law: each.law,
    wait: spreadIn(each, 'waitP95Minutes'),
    hours: spreadIn(each, 'share'),
  }));
  const across = axisOf(
    spreads.map(({ wait }) => wait),
    TICKS.wait,
    left,
    width - right,
  );
  const up = axisOf(
    spreads.map(({ hours }) => hours),
    TICKS.hours,
    height - bottom,
    top,
  );
  const points = spreads.map((each, index) => ({
    ...each,
    x: across.at(each.wait.median),
    y: up.at(each.hours.median),
    isOurs: index === spreads.length - 1,
  }));
  const labels = placed(points);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Node-hours billed against the 95th percentile of the wait, for each law: medians and spread of the held-out seeds">`,
    STYLE,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...axes(across, up),
    ...labels.flatMap((point) => drawn(point, across, up)),
    ...labels.flatMap(labelled),
    textOf(width - right, 18, 'end', 'points: median of the seeds; lines: least to most'),
    '</svg>',
    '',
  ].join('\n');
}
