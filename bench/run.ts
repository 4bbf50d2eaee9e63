/** `npm run bench`: one table of figures, all from one run on one machine, so that the ratios mean something. */

import { measureAccounts, type AccountFigures } from './accounts.ts';
import { measureBundles, type BundleFigures } from './bundles.ts';
import { measureDrills, type DrillFigures } from './drills.ts';
import { printFleets } from './fleets.ts';
import { dollarsOf, measureIdle, type IdlePart, type IdleRow } from './idle.ts';
import { measureMerging, type MergingFigures } from './merging.ts';
import { PRICES_OF } from './prices.ts';
import { measureRedrive, type Race, type RedriveFigures } from './redrive.ts';
import { measureThroughput, type Throughput } from './throughput.ts';

const BUDGET_KB = { plain: 350, durable: 520 };
/** Init beside esbuild's defaults. */
const INIT_SHARE = 0.25;
const INVOCATIONS_PER_SECOND = 1_500;
/** Parts shown of each bundle: what to look at when it should become smaller. */
const PARTS = 5;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const verdict = (good: boolean): string => (good ? 'ok' : 'MISSED');

function bundleRow({ name, host, bytes, initMs, defaultBytes, defaultInitMs }: BundleFigures): string[] {
  const share = initMs / defaultInitMs;
  return [
    name,
    host,
    `${Math.round(bytes / 1_000)} KB`,
    `${BUDGET_KB[host]} KB`,
    verdict(bytes <= BUDGET_KB[host] * 1_000),
    `${Math.round(defaultBytes / 1_000)} KB`,
    `${initMs.toFixed(0)} ms`,
    `${defaultInitMs.toFixed(0)} ms`,
    share.toFixed(2),
    verdict(share <= INIT_SHARE),
  ];
}

function drillRow({ name, invocations, reads, writes, depth, tripsBeforeFirstWrite }: DrillFigures): string[] {
  return [
    name,
    String(invocations),
    String(reads),
    String(writes),
    String(depth),
    tripsBeforeFirstWrite === undefined ? '-' : String(tripsBeforeFirstWrite),
  ];
}

function accountRow({
  name,
  longestSeconds,
  timeoutSeconds,
  calls,
  pages,
  ledger,
  acted,
  told,
  tookSeconds,
}: AccountFigures): string[] {
  return [
    name,
    `${longestSeconds.toFixed(1)} s`,
    `${timeoutSeconds} s`,
    verdict(longestSeconds < timeoutSeconds && tookSeconds < timeoutSeconds),
    ...[calls, pages, ledger, acted, told].map(String),
    `${tookSeconds.toFixed(2)} s`,
  ];
}

/**
 * Of thirteen runbooks and the rest of the stack. `alarmMetrics`: two of each runbook (it ticks; its failed runs are kept), and twenty of
 * the stack and of what only some runbooks have. `dollars`: that and the key are 5.60, a function that ticks is 0.60 to 1.50, a daily one
 * next to nothing. `operations`: the execution, its `start`, and one step.
 */
const IDLE_BUDGET = { alarms: 24, alarmMetrics: 46, dollars: 18, operations: 3 };

function idleRow({ name, invocations, callsATick, operationsATick, metrics, parts }: IdleRow): string[] {
  const operations = `${operationsATick} (at most ${IDLE_BUDGET.operations}: ${verdict(operationsATick <= IDLE_BUDGET.operations)})`;
  return [
    name,
    String(invocations),
    String(callsATick),
    operations,
    String(metrics),
    `$${dollarsOf(parts).toFixed(2)}`,
  ];
}

function idlePart({ what, count, price }: IdlePart): string[] {
  const isTiny = price < 0.001;
  const each = isTiny ? `$${Number((price * 1_000_000).toPrecision(6))} a million` : `$${price.toFixed(2)}`;
  return [what, count < 1 ? count.toFixed(2) : count.toFixed(0), each, `$${(count * price).toFixed(2)}`];
}

/** Of cidr-tools 12, and of 100,000 IPv4 addresses in milliseconds. */
const MERGING_BUDGET = { share: 1.1, ms: 150 };

function mergingRow({ list, order, left, ms, cidrToolsMs }: MergingFigures): string[] {
  const share = ms / cidrToolsMs;
  return [
    `${list}, ${order}`,
    String(left),
    `${ms.toFixed(1)} ms`,
    `${cidrToolsMs.toFixed(1)} ms`,
    share.toFixed(2),
    verdict(share <= MERGING_BUDGET.share && ms < MERGING_BUDGET.ms),
  ];
}

/**
 * Of redriving. `faster`: than the plain loop, where each call takes 10 ms longer. `asFast`, `processor`: of its speed and its processor
 * time a letter, where no call waits for anything. `grows`: the process, from ten thousand letters to a hundred thousand.
 */
const REDRIVE_BUDGET = { faster: 5.6, asFast: 1, processor: 1, grows: 1.25, manyMiB: 150 };

function raceRow({ name, letters, plain, ours }: Race, least: number, most: number): string[] {
  const [faster, processor] = [ours.perSecond / plain.perSecond, ours.cpuMsEach / plain.cpuMsEach];
  return [
    name,
    String(letters),
    `${Math.round(plain.perSecond)}/s`,
    `${Math.round(ours.perSecond)}/s`,
    `${faster.toFixed(2)} (at least ${least}: ${verdict(faster >= least)})`,
    `${plain.cpuMsEach.toFixed(2)} ms`,
    `${ours.cpuMsEach.toFixed(2)} ms`,
    `${processor.toFixed(2)} (at most ${most}: ${verdict(processor <= most)})`,
    `${Math.round((ours.perSecond * ours.cpuMsEach) / 10)} %`,
  ];
}

function redriveText({ delayed, loopback, large, memory }: RedriveFigures): string {
  const { faster, asFast, processor, grows, manyMiB } = REDRIVE_BUDGET;
  const growth = memory.manyMiB / memory.fewMiB;
  return [
    table(
      ['line', 'letters', 'plain loop', 'ours', 'faster', 'processor each', 'ours', 'share', 'of a core'],
      [raceRow(delayed, faster, processor), raceRow(loopback, asFast, processor)],
    ),
    '',
    `${large.arrived} of ${large.letters} letters of 200 KB arrived (${verdict(large.arrived === large.letters)}), ${Math.round(large.perSecond)} a second`,
    `with a heap of 64 MiB the process takes ${Math.round(memory.fewMiB)} MiB for 10,000 letters, ${Math.round(memory.manyMiB)} MiB for 100,000 (at most ${manyMiB}: ${verdict(memory.manyMiB <= manyMiB)}): ${growth.toFixed(2)} times as much (at most ${grows}: ${verdict(growth <= grows)})`,
    `The plain loop is bound by the way there and back; ours by the processor, which the SDK takes to sign, send and read: alone on a core it would move ${Math.round(1_000 / delayed.ours.cpuMsEach)} a second.`,
  ].join('\n');
}

async function printRedrive(): Promise<void> {
  const figures = await measureRedrive();
  if (typeof figures === 'string') print('Redriving dead letters', `SKIPPED: ${figures}`);
  else
    print(
      `Redriving dead letters (ElasticMQ ${figures.version} on this machine, bodies of 1 KB, medians of 3)`,
      redriveText(figures),
    );
}

function print(title: string, body: string): void {
  console.log(`${title}\n\n${body}\n`);
}

if (process.argv.includes('--redrive')) {
  await printRedrive();
  process.exit(0);
}

if (process.argv.includes('--fleets')) {
  printFleets(process.argv.slice(2), { print, table, verdict });
  process.exit(0);
}

// First, and with `--merging` alone: what else the bench leaves behind would be collected at its cost.
print(
  `Merging (of processor, median of 5; at most ${MERGING_BUDGET.share} of cidr-tools 12, and ${MERGING_BUDGET.ms} ms)`,
  table(['list', 'networks', 'merge', 'cidr-tools', 'share', ''], measureMerging().map(mergingRow)),
);
if (process.argv.includes('--merging')) process.exit(0);
const bundles = await measureBundles();
print(
  'Bundles (init: import in a fresh process, median of 9)',
  table(
    ['function', 'host', 'size', 'budget', '', 'defaults', 'init', 'defaults', 'share', ''],
    bundles.map(bundleRow),
  ),
);
for (const { name, parts } of bundles)
  console.log(
    `  ${name}: ${parts
      .slice(0, PARTS)
      .map(([part, bytes]) => `${part} ${Math.round(bytes / 1_000)} KB`)
      .join(', ')}`,
  );
console.log('');

const { invocations, seconds }: Throughput = await measureThroughput();
const rate = invocations / seconds;
print(
  'Simulator, durable host, trivial handler',
  `${invocations} invocations in ${seconds.toFixed(2)} s: ${Math.round(rate)} a second (at least ${INVOCATIONS_PER_SECOND}: ${verdict(rate >= INVOCATIONS_PER_SECOND)})`,
);

print(
  'Drills (requests sent, ledger and checkpoints included)',
  table(
    ['drill', 'invocations', 'reads', 'writes', 'depth', 'trips before the first write'],
    (await measureDrills()).map(drillRow),
  ),
);

print(
  'Large accounts (three ticks; calls, further pages and ledger requests of the first; took: of processor, simulator included)',
  table(
    ['account', 'longest run', 'time-out', '', 'calls', 'pages', 'ledger', 'acted', 'told', 'took'],
    (await measureAccounts()).map(accountRow),
  ),
);

const idle = await measureIdle();
print(
  `At rest, a month, each runbook with one thing to look after (prices of ${PRICES_OF}, us-east-1, no free tier)`,
  [
    table(
      ['function', 'invocations', 'calls a tick', 'durable operations a tick', 'metrics', 'costs'],
      idle.rows.map(idleRow),
    ),
    '',
    table(['paid for', 'how much', 'each', 'costs'], idle.parts.map(idlePart)),
    '',
    `${idle.alarms} alarms (at most ${IDLE_BUDGET.alarms}: ${verdict(idle.alarms <= IDLE_BUDGET.alarms)}) on ${idle.alarmMetrics} metrics (at most ${IDLE_BUDGET.alarmMetrics}: ${verdict(idle.alarmMetrics <= IDLE_BUDGET.alarmMetrics)})`,
    `in all $${idle.dollars.toFixed(2)} (at most $${IDLE_BUDGET.dollars}: ${verdict(idle.dollars <= IDLE_BUDGET.dollars)}); a hundred addresses more: $${idle.dollarsAHundredAddresses.toFixed(2)}`,
  ].join('\n'),
);

await printRedrive();
