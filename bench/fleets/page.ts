/** The table of the laws, for the terminal and for docs/fleets.md. Pure. */

import { BOOT_SECONDS, goals, spreadIn, type Measured } from './comparison.ts';
import type { Figures } from './figures.ts';

interface Column {
  readonly head: string;
  readonly figure: keyof Figures;
  readonly digits: number;
}

const COLUMNS: readonly Column[] = [
  { head: 'wait p50, min', figure: 'waitP50Minutes', digits: 0 },
  { head: 'wait p95, min', figure: 'waitP95Minutes', digits: 0 },
  { head: 'node-hours, of the bound', figure: 'share', digits: 2 },
  { head: 'node-hours in partial gangs', figure: 'partialNodeHours', digits: 0 },
  { head: 'jobs killed', figure: 'kills', digits: 0 },
  { head: 'jobs not served', figure: 'unserved', digits: 0 },
  { head: 'launches a job', figure: 'launchesAJob', digits: 1 },
  { head: 'API calls a job', figure: 'callsAJob', digits: 0 },
];

/** The table's head: the law, and its figures. */
export const HEAD: readonly string[] = ['law', ...COLUMNS.map(({ head }) => head)];

/** A law's row: of each figure the median of the seeds, and the least and the most. */
export function rowOf(measured: Measured): readonly string[] {
  const cells = COLUMNS.map(({ figure, digits }) => {
    const { median, least, most } = spreadIn(measured, figure);
    return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
  });
  return [measured.law, ...cells];
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

const INTRODUCTION = `# Fleets: laws of scaling beside one another

\`npm run bench -- --fleets\` prints this table; with \`--record\` it writes this page and its picture. \`--swf FILE\` takes the jobs from a log in the
[Standard Workload Format](https://www.cs.huji.ac.il/labs/parallel/workload/swf.html) instead (\`--processors-per-node N\`, 1 if not said; \`--days N\` from its first job, 2 if not said).
The code is in [bench/fleets](../bench/fleets).`;

const PICTURE = '![Node-hours against the wait of the slowest twentieth of jobs, for each law](fleets.svg)';

const MEANING = `Each cell is the median of the seeds, and the least and the most.

- **Bound**: Σ nodes × run time + boot × nodes of the largest job. Nobody needs less.
- **Partial gangs**: nodes that bill, do no job, and are too few for one where they stand.
- **Killed**: a job whose node was ended while it ran. It begins again, as the first of its queue. A job counts each time.
- **Not served**: not done within twelve hours after the last day.
- **API calls**: all requests that the law needs, those of the ledger and of the metrics too. What a fixed tick costs is shared among few jobs here.`;

const ASSUMED = `## What is assumed

- Jobs of 2, 4, 8, 16 and 32 nodes for two days, some 230 of them, median run 40 minutes; a queue for each size. Three zones, whose capacity others use too: a
  quarter of the time a zone has three nodes or fewer, half of the time 8 to 36, a quarter 40 to 72. What runs is not taken away.
- A node can work ${BOOT_SECONDS} seconds after its launch, and bills from its launch to its end.
- Laws that count messages (target tracking, KEDA's, Buildkite's) are told that a message is work for N nodes. Theirs is an Auto Scaling group for each
  queue; one with a cluster placement group has one zone, so the queues are spread over the zones. Target tracking keeps one node in each: with
  none its metric is a division by nothing.
- ParallelCluster has a Slurm queue for each size with a partition in each zone; a node of one size does no job of another. Its scheduler looks
  at once when a job comes or is done, and each minute.
- \`scale-hpc-fleet\` is the \`decide\` that is deployed, each minute, with \`runbook:idle-seconds\` at \`auto\` and the three zones as its ladder. EC2 shows
  a node as running when it can work, so that \`auto\` is the boot time. SQS counts right.
- The laws are in [bench/fleets/laws](../bench/fleets/laws), each with its source. Laws and limits were looked at on the seeds 1 to 20 alone; this table is of others.`;

/** The page. */
export function pageOf(measured: readonly Measured[], seeds: readonly number[]): string {
  const goalRows = goals(measured).map(({ words, isMet }) => markdownRow([words, isMet ? 'met' : '**missed**']));
  return [
    INTRODUCTION,
    '',
    PICTURE,
    '',
    `Boot ${BOOT_SECONDS} s, held-out seeds ${seeds.at(0)} to ${seeds.at(-1)}:`,
    '',
    markdownRow(HEAD),
    markdownRow(HEAD.map((_cell, column) => (column === 0 ? '---' : '--:'))),
    ...measured.map((each) => markdownRow(rowOf(each))),
    '',
    MEANING,
    '',
    '## Goals of scale-hpc-fleet',
    '',
    markdownRow(['goal', '']),
    markdownRow(['---', '---']),
    ...goalRows,
    '',
    'Best-effort is no goal: it holds parts of gangs until the rest comes, and people pay for them.',
    '',
    ASSUMED,
    '',
  ].join('\n');
}
