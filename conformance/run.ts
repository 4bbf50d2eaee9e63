/**
 * `npm run conformance [-- --write]`: plays every scenario in the simulator and against moto, and says who is right.
 *
 * Exit code 0 also where Python is missing or moto cannot be installed: what was skipped is said. 1: an unexplained
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
import { installEmulator, startEmulator, type Emulator } from './emulator.ts';
import { openGateway } from './gateway.ts';
import { HANDLER_DRILLS, MOTO_ENDS } from './handler-drills.ts';
import { runHandler, type HandlerRun, type Way } from './handlers.ts';
import { KNOWN } from './known/all.ts';
import { ledgerContractOn, type ContractTest } from './ledger.ts';
import { playOnMoto } from './on-moto.ts';
import { playOnSimulator } from './on-simulator.ts';
import { endResultOf, faultsOf, page, resultOf, VERSION_LINE, type Run } from './report.ts';
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
      for (const way of WAYS) runs.push(await runHandler(drill, way, built, emulator));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return runs;
}

function tell(run: Run): void {
  for (const verdict of run.verdicts) say(`${verdict.operation.padEnd(52)} ${resultOf(verdict, run.known)}`);
  say(
    `ledger contract: ${run.contract.filter(({ failure }) => failure === undefined).length} of ${run.contract.length} tests hold`,
  );
  for (const handler of run.handlers)
    say(
      `${handler.drill.runbook}: ${handler.drill.name}; ${handler.way}: ${handler.outcome}, ${endResultOf(handler, run.known)}`,
    );
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

async function compared(simulator: readonly Played[], version: string): Promise<Run> {
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

async function main(writes: boolean): Promise<number> {
  const simulator = await playAllOnSimulator();
  say(`${SCENARIOS.length} scenarios played in the simulator`);
  let version: string;
  try {
    version = await installEmulator();
  } catch (error) {
    if (!(error instanceof ToolUnavailable)) throw error;
    say(`SKIPPED: the comparison with moto, the ledger on its DynamoDB, the handlers over HTTP: ${error.message}`);
    return 0;
  }
  const run = await compared(simulator, version);
  tell(run);
  const faults = [...faultsOf(run), ...settlePage(page(run), writes)];
  for (const fault of faults) say(`WRONG  ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.includes('--write'));
