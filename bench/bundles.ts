/** Size and cold start of every function's bundle, beside the same handler bundled with esbuild's defaults. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, defaultOptions, deployedOptions } from '../build/bundle.ts';
import { ROOT } from '../build/cloudformation.ts';
import { discoverFunctions } from '../rehearsal/functions.ts';

/** Fresh processes per bundle; the median of nine hardly moves between runs. */
const PROCESSES = 9;

/** One function's figures. */
export interface BundleFigures {
  readonly name: string;
  readonly host: 'plain' | 'durable';
  readonly bytes: number;
  readonly initMs: number;
  readonly defaultBytes: number;
  readonly defaultInitMs: number;
  /** Largest parts of the deployed bundle. */
  readonly parts: readonly (readonly [part: string, bytes: number])[];
}

/** Milliseconds that importing `path` takes in a process of its own. */
function initMs(path: string): number {
  const script = `const began = process.hrtime.bigint(); await import(${JSON.stringify(pathToFileURL(path).href)}); console.log(Number(process.hrtime.bigint() - began) / 1e6); process.exit(0);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Takes turns, so that whatever else the machine does falls on both alike. */
function initOfBoth(ours: string, defaults: string): [number, number] {
  const times: [number[], number[]] = [[], []];
  for (let turn = 0; turn < PROCESSES; turn += 1) {
    times[0].push(initMs(ours));
    times[1].push(initMs(defaults));
  }
  return [median(times[0]), median(times[1])];
}

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly host: 'plain' | 'durable';
}

/** Handlers to measure: every runbook's, and the tests' durable one, so that the durable host is always among them. */
async function entries(): Promise<Entry[]> {
  const own = (await discoverFunctions(join(ROOT, 'functions'))).map(({ summary: { name, host } }): Entry => ({
    name,
    path: `functions/${name}/handler.ts`,
    host,
  }));
  return [...own, { name: 'recycle-instances (tests)', path: 'tests/recycle-instances/handler.ts', host: 'durable' }];
}

/** Bundles and times every handler. */
export async function measureBundles(): Promise<BundleFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-bench-'));
  try {
    const figures: BundleFigures[] = [];
    for (const [index, { name, path, host }] of (await entries()).entries()) {
      const ours = await bundle(path, join(folder, `${index}-ours.mjs`), deployedOptions());
      const defaults = await bundle(path, join(folder, `${index}-defaults.mjs`), defaultOptions());
      const [own, other] = initOfBoth(ours.path, defaults.path);
      figures.push({
        name,
        host,
        bytes: ours.bytes,
        initMs: own,
        defaultBytes: defaults.bytes,
        defaultInitMs: other,
        parts: ours.parts,
      });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
