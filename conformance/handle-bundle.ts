/** `node conformance/handle-bundle.ts BUNDLE -- ARGUMENTS`: the `runbook` command, on a built bundle instead of the sources. */

import { main } from '../cli/main.ts';
import { loadBundle } from './bundles.ts';

const [path = '', , ...argv] = process.argv.slice(2);
const sink = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  isTTY: false,
  columns: () => 80,
});

process.exitCode = await main(argv, {
  stdout: sink(process.stdout),
  stderr: sink(process.stderr),
  env: process.env,
  functions: async () => [await loadBundle(path)],
  drills: '',
  onInterrupt: () => () => undefined,
});
