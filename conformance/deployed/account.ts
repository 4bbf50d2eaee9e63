/** An account of AWS on this machine, in an emulator that nobody here wrote: ministack. */

import { delimiter, join } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';
import { installTool, programOf, type PythonTool } from '../../build/python.ts';
import { startServer, type Server } from '../server.ts';

const MINISTACK: PythonTool = {
  program: 'ministack',
  folder: 'deployed',
  requirements: 'conformance/deployed/requirements.txt',
};

const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** What an SDK, the framework and the functions find in their environment: the account, and nothing of anybody's own. */
export function environmentOf({ url }: Pick<Server, 'url'>): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_PROFILE: '',
    AWS_SESSION_TOKEN: '',
  };
}

/**
 * Makes ministack's virtual environment, unless it is there with the same pins.
 * @returns its version
 * @throws ToolUnavailable without Python, or when pip cannot install
 */
export async function installAccount(): Promise<string> {
  return /^ministack==(.+)$/mu.exec(await installTool(MINISTACK))?.[1] ?? 'unknown';
}

/** Opens the account: empty, and on this machine alone. Stop it, or the process does not end. */
export function openAccount(): Promise<Server> {
  return startServer({
    program: programOf(MINISTACK, 'ministack'),
    args: () => [],
    environment: (port) => ({
      // Its default is every address of the machine.
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      MINISTACK_REGION: REGION,
      // Its Lambda starts `node`: the one that the functions are written for.
      PATH: `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    }),
    health: '/_ministack/health',
  });
}
