/** Bundles a module as it is deployed, and beside it whole as the SDK comes, and runs both: they have to say the same. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type BuildOptions } from 'esbuild';
import { afterAll } from 'vitest';
import { defaultOptions, deployedOptions } from '../../build/bundle.ts';
import { ROOT } from '../../build/cloudformation.ts';

const MANY_MB = 64 * 1024 * 1024;

/** A folder that is gone after the tests of a file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Paths of a module's bundles: as deployed, and with the whole SDK. */
export interface BothBundles {
  readonly slim: string;
  readonly whole: string;
}

/** Both bundles of a module, given as its text. */
export async function bundleBoth(contents: string, folder: string, name: string): Promise<BothBundles> {
  const paths = { slim: join(folder, `${name}.slim.mjs`), whole: join(folder, `${name}.whole.mjs`) };
  const bundled = (options: BuildOptions, outfile: string): Promise<unknown> =>
    build({
      ...options,
      stdin: { contents, resolveDir: ROOT, loader: 'ts' },
      outfile,
      absWorkingDir: ROOT,
      logLevel: 'silent',
    });
  await bundled(deployedOptions(), paths.slim);
  await bundled(defaultOptions(), paths.whole);
  return paths;
}

const CREDENTIALS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
};

/** What the `handler` of a bundle answers in a process that has nothing but this environment. */
export async function runBundle(
  path: string,
  environment: Readonly<Record<string, string>>,
  input: unknown = {},
): Promise<unknown> {
  const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(path).href)}); const answer = JSON.stringify(await handler(${JSON.stringify(input)})); process.stdout.write('\\n' + answer, () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...CREDENTIALS, ...environment },
    maxBuffer: MANY_MB,
  });
  // The durable SDK writes its log there too; the answer is the last line.
  const answer: unknown = JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
  return answer;
}

/** Status, content type, body and, if any, the type of the error in a header. */
export type Answer = readonly [status: number, type: string, body: string, errorType?: string];

/** A service on this machine. */
export interface Service {
  readonly endpoint: string;
  readonly close: () => Promise<void>;
}

/** A service that gives `answer`. */
export async function startService(answer: (request: IncomingMessage, body: string) => Answer): Promise<Service> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const [status, type, text, errorType] = answer(request, body);
      response
        .writeHead(status, {
          'content-type': type,
          ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
        })
        .end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const endpoint = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  return { endpoint, close: () => new Promise((resolve) => void server.close(() => resolve())) };
}
