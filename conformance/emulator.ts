/** Installs moto into a virtual environment and runs its server. */

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { installTool, programOf, type PythonTool } from '../build/python.ts';

const MOTO: PythonTool = {
  program: 'moto_server',
  folder: 'conformance',
  requirements: 'conformance/requirements.txt',
};
const START_TIMEOUT_MS = 30_000;

/**
 * Makes moto's virtual environment, unless it is there with the same pins.
 * @returns moto's version
 * @throws ToolUnavailable without Python, or when pip cannot install
 */
export async function installEmulator(): Promise<string> {
  return /^moto==(.+)$/mu.exec(await installTool(MOTO))?.[1] ?? 'unknown';
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
  const server = spawn(programOf(MOTO, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUNBUFFERED: '1', MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' },
  });
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
