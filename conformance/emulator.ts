/** Installs moto into a virtual environment and runs its server. */

import { installTool, programOf, type PythonTool } from '../build/python.ts';
import { startServer, type Server } from './server.ts';

const MOTO: PythonTool = {
  program: 'moto_server',
  folder: 'conformance',
  requirements: 'conformance/requirements.txt',
};

/**
 * Makes moto's virtual environment, unless it is there with the same pins.
 * @returns moto's version
 * @throws ToolUnavailable without Python, or when pip cannot install
 */
export async function installEmulator(): Promise<string> {
  return /^moto==(.+)$/mu.exec(await installTool(MOTO))?.[1] ?? 'unknown';
}

/** Moto, as it runs. An operation that it lacks is a trace in what it `said`, and nothing in its answer. */
export interface Emulator extends Server {
  /** Forgets everything, so that a scenario begins with nothing. */
  readonly reset: () => Promise<void>;
}

/** Starts the server on a free port of this machine, `account` in it if that is not the example's. Stop it, or the process does not end. */
export async function startEmulator(account?: string): Promise<Emulator> {
  const server = await startServer({
    program: programOf(MOTO, 'moto_server'),
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
    // Without its thousand images a reset takes a twentieth of the time.
    environment: () => ({
      MOTO_EC2_LOAD_DEFAULT_AMIS: 'false',
      ...(account === undefined ? {} : { MOTO_ACCOUNT_ID: account }),
    }),
    health: '/moto-api/',
  });
  const reset = async (): Promise<void> => {
    const { status } = await fetch(`${server.url}/moto-api/reset`, { method: 'POST' });
    if (status !== 200) throw new Error(`moto's reset answered ${status}`);
  };
  return { ...server, reset };
}
