/** Runs the ledger's contract against the emulator, and reads what came of it. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../build/cloudformation.ts';

const report = z.looseObject({
  testResults: z.array(
    z.looseObject({
      message: z.string().optional(),
      assertionResults: z.array(
        z.looseObject({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()).default([]) }),
      ),
    }),
  ),
});

/** One test of the contract. */
export interface ContractTest {
  readonly title: string;
  readonly failure?: string;
}

/** The environment of somebody whose AWS is the server at `url`. */
export function environmentFor(url: string, region: string): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...rest } = process.env;
  return {
    ...rest,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'conformance',
    AWS_SECRET_ACCESS_KEY: 'conformance',
  };
}

/** A failed test is told in the report, so that how the program ended says nothing more. */
function runTests(parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { cwd: ROOT, env, maxBuffer: 50_000_000 }, () => resolve());
  });
}

/** Runs every test of the contract against the server at `url`. @throws when the tests could not be run at all */
export async function ledgerContractOn(url: string, region: string): Promise<readonly ContractTest[]> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-conformance-'));
  const outputFile = join(folder, 'ledger.json');
  const parameters = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'conformance/vitest.config.ts',
    '--reporter=json',
    `--outputFile=${outputFile}`,
  ];
  try {
    await runTests(parameters, environmentFor(url, region));
    const { testResults } = report.parse(JSON.parse(readFileSync(outputFile, 'utf8')));
    const tests = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ title, status, failureMessages }) =>
        status === 'passed' ? { title } : { title, failure: failureMessages[0]?.split('\n')[0] ?? status },
      ),
    );
    if (tests.length === 0)
      throw new Error(`no test of the ledger's contract was run: ${testResults[0]?.message ?? ''}`);
    return tests;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
