/** A server of somebody else's, run on a free port of this machine for as long as it is needed. */

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';

const START_TIMEOUT_MS = 30_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('the system gives no free port');
  return address.port;
}

/** How a server is started. */
export interface ServerPlan {
  /** Path of the program. */
  readonly program: string;
  readonly args: (port: number) => readonly string[];
  readonly environment: (port: number) => Readonly<Record<string, string>>;
  /** A path that answers once it is up, e.g. `/moto-api/`. */
  readonly health: string;
}

/** A server that runs. */
export interface Server {
  readonly url: string;
  /** What it has written since the last call. */
  readonly said: () => string;
  readonly stop: () => void;
}

async function awaitServer(url: string, { program, health }: ServerPlan, server: ChildProcess): Promise<void> {
  const from = performance.now();
  while (performance.now() - from < START_TIMEOUT_MS) {
    if (server.exitCode !== null) break;
    try {
      await fetch(`${url}${health}`);
      return;
    } catch {
      await new Promise((resolve) => void setTimeout(resolve, 100));
    }
  }
  throw new Error(`${program} does not answer`);
}

/** Starts it. Stop it, or the process does not end. Throws with what it said when it does not come up. */
export async function startServer(plan: ServerPlan): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(plan.program, [...plan.args(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUNBUFFERED: '1', ...plan.environment(port) },
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
    await awaitServer(url, plan, server);
  } catch (error) {
    stop();
    throw new Error(`${String(error)}: ${said().slice(-500)}`, { cause: error });
  }
  return { url, said, stop };
}
