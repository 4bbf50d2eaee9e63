/** Installs moto into a virtual environment and runs its server. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../build/cloudformation.ts';
import { readTextFile } from './text-file.ts';

const run = promisify(execFile);

const FOLDER = join(ROOT, '.build', 'conformance');
const PINS = join(ROOT, 'conformance', 'requirements.txt');
/** Installing takes about 20 s; a package index that is out of reach must not hold up everything else. */
const INSTALL_TIMEOUT_MS = 150_000;
const START_TIMEOUT_MS = 30_000;

/** Why there is no emulator to compare with. */
export class EmulatorUnavailable extends Error {
  override readonly name = 'EmulatorUnavailable';
}

function program(name: string): string {
  return process.platform === 'win32' ? join(FOLDER, 'Scripts', `${name}.exe`) : join(FOLDER, 'bin', name);
}

async function python(): Promise<string> {
  for (const name of [process.env['PYTHON'] ?? 'python3', 'python']) {
    try {
      await run(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']);
      return name;
    } catch {
      // The next one, then.
    }
  }
  throw new EmulatorUnavailable('there is no Python of 3.10 or newer with its venv module (PYTHON names another one)');
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? String(Reflect.get(error, 'stderr') ?? '').trim() || error.message : String(error);
  return text.split('\n').at(-1) ?? text;
}

/**
 * Makes the virtual environment, unless it is there with the same pins.
 * @returns moto's version
 * @throws EmulatorUnavailable without Python, or when pip cannot install
 */
export async function installEmulator(): Promise<string> {
  const pins = readFileSync(PINS, 'utf8');
  const stamp = join(FOLDER, 'installed.txt');
  const version = /^moto==(.+)$/mu.exec(pins)?.[1] ?? 'unknown';
  if (existsSync(program('moto_server')) && readTextFile(stamp) === pins) return version;
  const name = await python();
  mkdirSync(FOLDER, { recursive: true });
  try {
    await run(name, ['-m', 'venv', '--clear', FOLDER]);
    await run(program('python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--requirement', PINS], { timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    throw new EmulatorUnavailable(`pip could not install ${PINS.slice(ROOT.length + 1)}: ${firstLine(error)}`);
  }
  writeFileSync(stamp, pins);
  return version;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('the system gives no free port');
  return address.port;
}

/** A server that runs. */
export interface Emulator {
  readonly url: string;
  /** Forgets everything, so that a scenario begins with nothing. */
  readonly reset: () => Promise<void>;
  /** What it has written since the last call; an operation it lacks is a trace in there and nothing in its answer. */
  readonly said: () => string;
  readonly stop: () => void;
}

async function awaitServer(url: string, server: ChildProcess, said: () => string): Promise<void> {
  const from = performance.now();
  while (performance.now() - from < START_TIMEOUT_MS) {
    if (server.exitCode !== null) break;
    try {
      await fetch(`${url}/moto-api/`);
      return;
    } catch {
      await new Promise((resolve) => void setTimeout(resolve, 100));
    }
  }
  throw new Error(`moto_server does not answer: ${said().slice(-500)}`);
}

/** Starts the server on a free port of this machine. Stop it, or the process does not end. */
export async function startEmulator(): Promise<Emulator> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // Without its thousand images a reset takes a twentieth of the time.
  const server = spawn(program('moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONUNBUFFERED: '1', MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' } });
  let text = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const said = (): string => {
    const answer = text;
    text = '';
    return answer;
  };
  const stop = (): void => void server.kill();
  try {
    await awaitServer(url, server, said);
  } catch (error) {
    stop();
    throw error;
  }
  const reset = async (): Promise<void> => {
    const { status } = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
    if (status !== 200) throw new Error(`moto's reset answered ${status}`);
  };
  return { url, reset, said, stop };
}
