/**
 * `node conformance/invoke-bundle.ts BUNDLE NAME ACCOUNT REGION EVENT.json`: invokes a deployed bundle as Lambda does, once,
 * with the environment of the process. The last line on standard output is the answer, or the error.
 */

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [path = '', name = '', account = '', region = '', eventFile = ''] = process.argv.slice(2);
const module: unknown = await import(pathToFileURL(path).href);
const handler: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'handler') : undefined;
if (typeof handler !== 'function') throw new TypeError(`${path} exports no handler`);

/** Lambda's longest run. */
const LONGEST_MS = 900_000;
const context = {
  awsRequestId: '11111111-2222-4333-8444-555555555555',
  functionName: name,
  invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:${name}`,
  getRemainingTimeInMillis: () => LONGEST_MS - performance.now(),
};
const event: unknown = JSON.parse(readFileSync(eventFile, 'utf8'));
try {
  const answer: unknown = await Reflect.apply(handler, undefined, [event, context]);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ errorType: error instanceof Error ? error.name : 'Error', errorMessage: String(error) })}\n`,
  );
  process.exitCode = 1;
}
