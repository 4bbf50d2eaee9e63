/** `npm run bench -- --fleets`: laws of scaling beside `scale-hpc-fleet`, and what one of its decisions takes. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, goals } from './fleets/comparison.ts';
import { measureBytes, measureDecisions } from './fleets/decide-speed.ts';
import { HEAD, pageOf, rowOf } from './fleets/page.ts';
import { plot } from './fleets/plot.ts';
import { readSwf } from './fleets/swf.ts';
import { DAY, madeTrace, SEEDS_HELD_OUT, SEEDS_TO_LOOK_AT, SIZES, traceOf, type Trace } from './fleets/trace.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');

/**
 * Of a decision. `ms`: over a thousand nodes and a thousand jobs. `grows`: from 250 to 4,000, sixteen times as many, as n log n does,
 * with a tenth for the clock. `bytes`: what a step of a durable execution keeps.
 */
const DECISION_BUDGET = { nodes: 1_000, ms: 50, grows: ((16 * Math.log(4_000)) / Math.log(250)) * 1.1, bytes: 250_000 };

/** How tables and verdicts are printed. */
export interface Printing {
  readonly print: (title: string, body: string) => void;
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => string;
  readonly verdict: (good: boolean) => string;
}

interface Chosen {
  readonly title: string;
  readonly traces: readonly Trace[];
}

interface Options {
  readonly swf?: string | undefined;
  readonly days: number;
  readonly processorsPerNode: number;
  readonly isToLookAt: boolean;
  readonly isToRecord: boolean;
}

function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fleets: { type: 'boolean' },
      record: { type: 'boolean' },
      look: { type: 'boolean' },
      swf: { type: 'string' },
      days: { type: 'string' },
      'processors-per-node': { type: 'string' },
    },
  });
  return {
    swf: values.swf,
    days: positive('--days', values.days ?? '2'),
    processorsPerNode: positive('--processors-per-node', values['processors-per-node'] ?? '1'),
    isToLookAt: values.look === true,
    isToRecord: values.record === true,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name}: '${text}' is no number above 0`);
  return value;
}

function chosenBy({ swf, days, processorsPerNode, isToLookAt }: Options): Chosen {
  const [seeds, kind] = isToLookAt ? [SEEDS_TO_LOOK_AT, 'seeds to look at'] : [SEEDS_HELD_OUT, 'held-out seeds'];
  const title = `${kind} ${seeds.at(0)} to ${seeds.at(-1)}`;
  if (swf === undefined) return { title, traces: seeds.map((seed) => madeTrace(seed)) };
  const read = readSwf(readFileSync(swf, 'utf8'), { processorsPerNode, sizes: SIZES, untilSeconds: days * DAY });
  const { jobs, damaged, unknown, tooLarge } = read;
  if (jobs.length === 0) throw new Error(`--swf: ${swf} has no job that could be taken`);
  const left = `${damaged.length} damaged lines, ${unknown} jobs of unknown length or size, ${tooLarge} too large`;
  return {
    title: `${jobs.length} jobs of ${swf} (left out: ${left}), capacity of the ${title}`,
    traces: seeds.map((seed) => traceOf(jobs, seed)),
  };
}

function decisionText({ table, verdict }: Printing): string {
  const figures = measureDecisions();
  const growth = (figures.at(-1)?.ms ?? 0) / (figures.at(0)?.ms ?? 1);
  const { nodes, ms, grows, bytes: most } = DECISION_BUDGET;
  const taken = figures.find((each) => each.nodes === nodes)?.ms ?? Infinity;
  return [
    table(
      ['nodes and jobs', 'decide', 'beside the row above'],
      figures.map((each) => [String(each.nodes), `${each.ms.toFixed(2)} ms`, each.ratio?.toFixed(2) ?? '-']),
    ),
    '',
    `${nodes} nodes and jobs in ${taken.toFixed(2)} ms (at most ${ms}: ${verdict(taken < ms)}); sixteen times as many take ${growth.toFixed(1)} times as long (n log n: ${grows.toFixed(1)} at most: ${verdict(growth <= grows)})`,
    ...measureBytes().map(({ words, bytes, isBeyond }) => {
      const judged = isBeyond ? 'more gangs than a fleet may have' : `at most ${most}: ${verdict(bytes <= most)}`;
      return `facts of ${words}: ${bytes} bytes (${judged})`;
    }),
  ].join('\n');
}

/** Measures, prints, and with `--record` writes docs/fleets.md and docs/fleets.svg. */
export function printFleets(args: readonly string[], printing: Printing): void {
  const { print, table, verdict } = printing;
  const options = optionsOf(args);
  const { title, traces } = chosenBy(options);
  print('A decision of scale-hpc-fleet (median of 15, gangs of five)', decisionText(printing));
  const measured = compare(traces);
  print(`Laws of scaling: median (least to most); ${title}`, table(HEAD, measured.map(rowOf)));
  print(
    'Goals of scale-hpc-fleet',
    goals(measured)
      .map(({ words, isMet }) => `${words}: ${verdict(isMet)}`)
      .join('\n'),
  );
  if (!options.isToRecord) return;
  if (options.swf !== undefined || options.isToLookAt) throw new Error('--record: of the held-out seeds alone');
  writeFileSync(join(DOCS, 'fleets.md'), pageOf(measured, SEEDS_HELD_OUT));
  writeFileSync(join(DOCS, 'fleets.svg'), plot(measured));
}
