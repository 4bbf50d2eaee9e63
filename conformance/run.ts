/**
 * `npm run conformance [-- --write | --aws …]`: plays every scenario in the simulator and against moto, those about queues against ElasticMQ too, and
 * says who is right. With `--aws` it records AWS's own answers instead (recording/record.ts).
 *
 * Exit code 0 also where Python or Java is missing, or what they run cannot be installed: what was skipped is said. 1: an unexplained
 * difference, or a page that is not what the run found.
 */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../build/cloudformation.ts';
import { buildRunbook, type Built } from './bundles.ts';
import { compare } from './compare.ts';
import { uncovered } from './coverage.ts';
import { ToolUnavailable } from '../build/python.ts';
import { runOnElasticMq, type ElasticMqRun } from './elasticmq/run.ts';
import { installEmulator, startEmulator, type Emulator } from './emulator.ts';
import { openGateway } from './gateway.ts';
import { HANDLER_DRILLS, MOTO_ENDS } from './handler-drills.ts';
import { runHandler, type HandlerRun, type Way } from './handlers.ts';
import { KNOWN } from './known/all.ts';
import { elasticMqDifferences } from './known/elasticmq.ts';
import { ledgerContractOn, type ContractTest } from './ledger.ts';
import { playOnMoto } from './on-moto.ts';
import { playOnSimulator } from './on-simulator.ts';
import {
  endResultOf,
  faultsOf,
  faultsOfQueues,
  faultsOfRecordings,
  page,
  resultOf,
  VERSION_LINE,
  type Run,
} from './report.ts';
import { mostSurplus } from './elasticmq/redrive-through-faults.ts';
import { recordedDifferences } from './known/recorded.ts';
import { RECORDED } from './recording/arguments.ts';
import { PLAYABLE } from './recording/playable.ts';
import { proveRecording } from './recording/proof.ts';
import { record } from './recording/record.ts';
import { readRecordings, recordedBy, type Recorded } from './recording/recorded.ts';
import { readRecorded, RECORDED_FILE } from '../simulator/engine/recorded.ts';
import { REGION, type Played } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { readTextFile } from './text-file.ts';

const PAGE = join(ROOT, 'docs', 'conformance.md');
const WAYS: readonly Way[] = [
  'command, planning',
  'command, acting without the ledger',
  'Lambda handler with the ledger',
];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function demandWhole(played: readonly Played[], where: string): void {
  const broken = played.flatMap(({ scenario, failure }) =>
    failure === undefined ? [] : [`${where}: ${scenario}: ${failure}`],
  );
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

async function playAllOnSimulator(): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (const scenario of SCENARIOS) played.push(await playOnSimulator(scenario));
  demandWhole(played, 'simulator');
  const open = uncovered(played);
  if (open.length > 0) throw new Error(`no scenario asks for ${open.join(', ')}`);
  return played;
}

async function playAllOnMoto(emulator: Emulator): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (const scenario of SCENARIOS) played.push(await playOnMoto(scenario, emulator));
  demandWhole(played, 'moto');
  return played;
}

async function ledgerContract(emulator: Emulator): Promise<readonly ContractTest[]> {
  await emulator.reset();
  const gateway = await openGateway(emulator.url);
  try {
    return await ledgerContractOn(gateway.url, REGION);
  } finally {
    gateway.close();
  }
}

async function runHandlers(emulator: Emulator): Promise<readonly HandlerRun[]> {
  const names = readdirSync(join(ROOT, 'functions'));
  const forgotten = names.filter(
    (name) => !(name in MOTO_ENDS) && HANDLER_DRILLS.every(({ runbook }) => runbook !== name),
  );
  if (forgotten.length > 0) throw new Error(`conformance/handler-drills.ts says nothing of ${forgotten.join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'runbook-bundles-'));
  const runs: HandlerRun[] = [];
  const builds = new Map<string, Built>();
  try {
    for (const drill of HANDLER_DRILLS) {
      const built = builds.get(drill.runbook) ?? (await buildRunbook(drill.runbook, folder));
      builds.set(drill.runbook, built);
      for (const way of drill.isOnlyPlanned === true ? WAYS.slice(0, 1) : WAYS)
        runs.push(await runHandler(drill, way, built, emulator));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return runs;
}

function tell(run: Motos): void {
  for (const verdict of run.verdicts) say(`${verdict.operation.padEnd(52)} ${resultOf(verdict, run.known)}`);
  say(
    `ledger contract: ${run.contract.filter(({ failure }) => failure === undefined).length} of ${run.contract.length} tests hold`,
  );
  for (const handler of run.handlers)
    say(
      `${handler.drill.runbook}: ${handler.drill.name}; ${handler.way}: ${handler.outcome}, ${endResultOf(handler, run.known)}`,
    );
}

function tellQueues({ verdicts, redrives }: ElasticMqRun): void {
  for (const verdict of verdicts)
    say(`${verdict.operation.padEnd(52)} ElasticMQ: ${resultOf(verdict, elasticMqDifferences, 'ElasticMQ')}`);
  for (const redrive of redrives) {
    const { seed, letters, outcome, lost, surplus, counts } = redrive;
    say(
      `redrive through faults, seed ${seed}: ${letters} letters, ${lost} lost, ${surplus} there twice (told of ${mostSurplus(redrive)}), ${outcome}; ${disturbed(counts)}`,
    );
  }
}

function disturbed(counts: { readonly [fate: string]: number }): string {
  const of = (kind: string): number =>
    Object.entries(counts).reduce((sum, [fate, count]) => sum + (fate.endsWith(` ${kind}`) ? count : 0), 0);
  return `of ${Object.values(counts).reduce((sum, count) => sum + count, 0)} requests ${of('fail')} with failed entries, ${of('lose')} without reply, ${of('kill')} killed`;
}

/** Compares the page with the run, or writes it; returns what is wrong. */
function settlePage(text: string, writes: boolean): readonly string[] {
  if (writes) {
    writeFileSync(PAGE, text);
    return [];
  }
  const plain = (whole: string): string => whole.replace(VERSION_LINE, '');
  return plain(readTextFile(PAGE) ?? '') === plain(text)
    ? []
    : ['docs/conformance.md is not what this run found: npm run conformance -- --write'];
}

/** What was found on moto. */
type Motos = Omit<Run, 'queues' | 'recorded'>;

/** Holds the simulator against what AWS itself has answered, and what it claims to be recorded against that. */
async function settleRecordings(writes: boolean): Promise<{ recorded: Recorded; faults: readonly string[] }> {
  const files = readRecordings(RECORDED);
  const names = new Set(files.map(({ scenario }) => scenario));
  const played: Played[] = [];
  for (const scenario of PLAYABLE) if (names.has(scenario.name)) played.push(await playOnSimulator(scenario));
  const recorded = recordedBy(files, played, recordedDifferences);
  say(`${files.length} scenarios are recorded from AWS`);
  const text = `${JSON.stringify(recorded.proved, null, 2)}\n`;
  if (writes) writeFileSync(RECORDED_FILE, text);
  const isSo = JSON.stringify(readRecorded()) === JSON.stringify(recorded.proved);
  const stale = isSo
    ? []
    : ['simulator/engine/recorded.json is not what the recordings prove: npm run conformance -- --write'];
  return { recorded, faults: [...faultsOfRecordings(recorded), ...stale] };
}

async function compared(simulator: readonly Played[], version: string): Promise<Motos> {
  const emulator = await startEmulator();
  try {
    const verdicts = compare(simulator, await playAllOnMoto(emulator));
    const contract = await ledgerContract(emulator);
    return {
      version,
      scenarios: SCENARIOS.length,
      verdicts,
      known: KNOWN,
      contract,
      handlers: await runHandlers(emulator),
    };
  } finally {
    emulator.stop();
  }
}

/** `undefined`: it is skipped, and why is said. */
async function runOnMoto(simulator: readonly Played[]): Promise<Motos | undefined> {
  let version: string;
  try {
    version = await installEmulator();
  } catch (error) {
    if (!(error instanceof ToolUnavailable)) throw error;
    say(`SKIPPED: the comparison with moto, the ledger on its DynamoDB, the handlers over HTTP: ${error.message}`);
    return undefined;
  }
  const wrong = await proveRecording();
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  say('a recording in an account of moto: refused, killed and cleaned up after, done, and nothing left');
  return compared(simulator, version);
}

async function main(writes: boolean): Promise<number> {
  const simulator = await playAllOnSimulator();
  say(`${SCENARIOS.length} scenarios played in the simulator`);
  // A redrive through faults waits for minutes, in which moto has the processor.
  const [motos, queues] = await Promise.all([runOnMoto(simulator), runOnElasticMq()]);
  const { recorded, faults: ofRecordings } = await settleRecordings(writes);
  const faults: string[] = [...ofRecordings];
  if (motos !== undefined) {
    tell(motos);
    faults.push(...faultsOf(motos));
  }
  if (typeof queues === 'string') say(`SKIPPED: SQS on ElasticMQ, a redrive through faults: ${queues}`);
  else {
    tellQueues(queues);
    faults.push(...faultsOfQueues(queues));
  }
  // The page has both.
  if (motos !== undefined && typeof queues !== 'string')
    faults.push(...settlePage(page({ ...motos, queues, recorded }), writes));
  for (const fault of faults) say(`WRONG  ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  const argv = process.argv.slice(2);
  process.exitCode = argv.includes('--aws') ? await record(argv) : await main(argv.includes('--write'));
}
