/** How fast dead letters go back, beside a plain loop, on ElasticMQ on this machine; and what that takes of processor and memory. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { bundle, deployedOptions } from '../build/bundle.ts';
import { ToolUnavailable } from '../build/python.ts';
import { countIn, dropPair, makeLetters, makePair } from '../conformance/elasticmq/dead-letters.ts';
import { fetchElasticMq, startElasticMq } from '../conformance/elasticmq/server.ts';
import { environmentFor } from '../conformance/ledger.ts';
import { REGION } from '../conformance/scenario.ts';
import { openSlowLine } from '../conformance/elasticmq/slow-line.ts';

const run = promisify(execFile);

/** Turns of each way, one after the other, so that whatever else the machine does falls on both alike. */
const TURNS = 3;
/** As between a function and SQS in the same Region, and somewhat more. Assumed. */
const DELAY_MS = 10;
const [KILOBYTE, LARGE] = [1_024, 200 * 1_024];
/** Letters of each case: so many that what Node compiles on the way does not decide. */
const LETTERS = { delayed: 6_000, loopback: 6_000, large: 1_000, few: 10_000, many: 100_000 };
/** Of the heap, in MiB: with it what grows shows in the size of the process. */
const HEAP_MIB = 64;

/** Of one process, on a machine that is busy with other things. */
const MOVE_TIMEOUT_MS = 900_000;

type Way = 'plain' | 'ours';

const figuresSchema = z.object({ moved: z.number(), ms: z.number(), cpuMs: z.number(), rssMiB: z.number() });
type Moved = z.infer<typeof figuresSchema>;

/** One way on one machine: medians. */
interface Speed {
  readonly perSecond: number;
  readonly cpuMsEach: number;
}

/** A case of both ways. */
export interface Race {
  readonly name: string;
  readonly letters: number;
  readonly plain: Speed;
  readonly ours: Speed;
}

/** Everything that was measured. What it costs to note attempts belongs here, once they are noted. */
export interface RedriveFigures {
  readonly version: string;
  readonly delayed: Race;
  readonly loopback: Race;
  /** Of so many large letters so many arrived. */
  readonly large: { readonly letters: number; readonly arrived: number; readonly perSecond: number };
  readonly memory: { readonly fewMiB: number; readonly manyMiB: number };
}

interface Stage {
  readonly url: string;
  readonly mover: string;
}

interface Round {
  readonly letters: number;
  readonly bytes: number;
  readonly delayMs: number;
  readonly nodeOptions?: readonly string[];
}

let rounds = 0;

/** Makes letters and moves them, in a process of its own. Throws where one is missing, or there twice. */
async function moveBy(way: Way, { url, mover }: Stage, round: Round): Promise<Moved> {
  const { letters, bytes, delayMs, nodeOptions = [] } = round;
  rounds += 1;
  const pair = await makePair(url, `orders-${rounds}`);
  await makeLetters(url, pair, letters, bytes);
  const line = delayMs === 0 ? undefined : await openSlowLine(url, delayMs);
  const seen = line?.url ?? url;
  try {
    const parameters = [...nodeOptions, mover, way, `${seen}${pair.dead}`, `${seen}${pair.source}`, String(delayMs)];
    const { stdout } = await run(process.execPath, parameters, {
      env: environmentFor(seen, REGION),
      timeout: MOVE_TIMEOUT_MS,
    });
    const figures = figuresSchema.parse(JSON.parse(stdout));
    const [arrived, left] = [await countIn(url, pair.source), await countIn(url, pair.dead)];
    if (arrived !== letters || left !== 0)
      throw new Error(`${way}: of ${letters} letters ${arrived} have arrived, and ${left} stayed`);
    return figures;
  } finally {
    line?.close();
    await dropPair(url, pair);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function speedOf(all: readonly Moved[]): Speed {
  return {
    perSecond: median(all.map(({ moved, ms }) => (moved * 1_000) / ms)),
    cpuMsEach: median(all.map(({ moved, cpuMs }) => cpuMs / moved)),
  };
}

async function race(name: string, stage: Stage, round: Round): Promise<Race> {
  const [plain, ours]: [Moved[], Moved[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn += 1) {
    plain.push(await moveBy('plain', stage, round));
    ours.push(await moveBy('ours', stage, round));
  }
  return { name, letters: round.letters, plain: speedOf(plain), ours: speedOf(ours) };
}

async function measureOn(version: string, stage: Stage): Promise<RedriveFigures> {
  // ElasticMQ is slow before Java has compiled it: that would be the first turn's loss.
  await moveBy('ours', stage, { letters: LETTERS.loopback, bytes: KILOBYTE, delayMs: 0 });
  const delayed = await race(`${DELAY_MS} ms a call`, stage, {
    letters: LETTERS.delayed,
    bytes: KILOBYTE,
    delayMs: DELAY_MS,
  });
  const loopback = await race('loopback', stage, { letters: LETTERS.loopback, bytes: KILOBYTE, delayMs: 0 });
  const large = await moveBy('ours', stage, { letters: LETTERS.large, bytes: LARGE, delayMs: 0 });
  const nodeOptions = [`--max-old-space-size=${HEAP_MIB}`];
  const rssOf = async (letters: number): Promise<number> =>
    (await moveBy('ours', stage, { letters, bytes: KILOBYTE, delayMs: 0, nodeOptions })).rssMiB;
  return {
    version,
    delayed,
    loopback,
    large: { letters: LETTERS.large, arrived: large.moved, perSecond: (large.moved * 1_000) / large.ms },
    memory: { fewMiB: await rssOf(LETTERS.few), manyMiB: await rssOf(LETTERS.many) },
  };
}

/** Measures it; a text: why it is skipped. */
export async function measureRedrive(): Promise<RedriveFigures | string> {
  let version: string;
  try {
    version = await fetchElasticMq();
  } catch (error) {
    if (error instanceof ToolUnavailable) return error.message;
    throw error;
  }
  const folder = mkdtempSync(join(tmpdir(), 'runbook-redrive-'));
  const server = await startElasticMq();
  try {
    const { path } = await bundle('bench/redrive-mover.ts', join(folder, 'mover.mjs'), deployedOptions());
    return await measureOn(version, { url: server.url, mover: path });
  } finally {
    server.stop();
    rmSync(folder, { recursive: true });
  }
}
