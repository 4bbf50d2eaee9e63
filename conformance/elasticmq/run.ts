/**
 * `node conformance/elasticmq/run.ts`: plays the scenarios about queues in the simulator and on ElasticMQ, and redrives through faults.
 *
 * A process of its own, for a run through faults waits for minutes, and the simulator keeps time for the process that it is in. The last
 * line on standard output is what was found.
 */

import { ToolUnavailable } from '../../build/python.ts';
import { compare, type Verdict } from '../compare.ts';
import { fetchElasticMq, startElasticMq } from './server.ts';
import { aboutQueues, ELASTICMQ_SCENARIOS, playOnElasticMq } from './play.ts';
import { playOnSimulator } from '../on-simulator.ts';
import { redriveThroughFaults, type FaultyRedrive } from './redrive-through-faults.ts';
import type { Played } from '../scenario.ts';
import { script } from '../script.ts';

/** What was found on ElasticMQ. JSON. */
export interface ElasticMqRun {
  readonly version: string;
  readonly scenarios: number;
  readonly verdicts: readonly Verdict[];
  readonly redrives: readonly FaultyRedrive[];
}

/** Redrives at once, each of so many letters, through faults of its own. */
const SEEDS = [1, 2, 3];
const LETTERS = 300;

function demandWhole(played: readonly Played[]): readonly Played[] {
  const broken = played.flatMap(({ scenario, failure }) => (failure === undefined ? [] : [`${scenario}: ${failure}`]));
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return played;
}

async function find(): Promise<ElasticMqRun> {
  const version = await fetchElasticMq();
  const simulator: Played[] = [];
  for (const scenario of ELASTICMQ_SCENARIOS) simulator.push(aboutQueues(await playOnSimulator(scenario)));
  const server = await startElasticMq();
  try {
    const verdicts = compare(demandWhole(simulator), demandWhole(await playOnElasticMq(server)));
    const redrives = await Promise.all(SEEDS.map((seed) => redriveThroughFaults(server.url, seed, LETTERS)));
    return { version, scenarios: ELASTICMQ_SCENARIOS.length, verdicts, redrives };
  } finally {
    server.stop();
  }
}

function isRun(found: unknown): found is ElasticMqRun {
  return typeof found === 'object' && found !== null && 'verdicts' in found && 'redrives' in found;
}

/**
 * Finds it in a process of its own; a text: why it is skipped.
 * @throws with what the process said, where it broke off
 */
export async function runOnElasticMq(): Promise<ElasticMqRun | string> {
  const { stdout, stderr } = await script('elasticmq/run.ts', [], process.env);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`the run on ElasticMQ broke off: ${stderr.slice(-1_000)}`);
  const found: unknown = JSON.parse(line);
  if (isRun(found)) return found;
  return String(typeof found === 'object' && found !== null ? Reflect.get(found, 'skipped') : found);
}

if (import.meta.main) {
  try {
    process.stdout.write(`${JSON.stringify(await find())}\n`);
  } catch (error) {
    if (!(error instanceof ToolUnavailable)) throw error;
    process.stdout.write(`${JSON.stringify({ skipped: error.message })}\n`);
  }
}
