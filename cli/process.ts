/** The command as a process: its streams, and what becomes of one that cannot be written to. */

import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { main } from './main.ts';
import { EXIT } from './results.ts';
import type { Sink } from './terminal.ts';

/** What the operating system says, in words. */
const WORDS: { readonly [code: string]: string } = {
  ENOSPC: 'there is no space left',
  EIO: 'the device does not take it',
  EFBIG: 'the file is too large',
  EDQUOT: 'the quota is used up',
};

/** A run in the account listens to Ctrl-C, and is not left in the middle because nobody reads what it says. */
function isActing(): boolean {
  return process.listenerCount('SIGINT') > 0;
}

// Asked of the system: a stream to a pipe has no `isTTY` at all, which is not false, and libraries take it for "not said".
const [isOutputTTY, isErrorTTY] = [isatty(process.stdout.fd), isatty(process.stderr.fd)];

/** Standard output as a sink that writes until the first failure, and the end of the process, which tells of it. */
class Output implements Sink {
  readonly isTTY = isOutputTTY;
  #failure: NodeJS.ErrnoException | undefined;
  /** What the command came to; absent while it runs. */
  #code: number | undefined;

  constructor() {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#failure !== undefined) return;
      this.#failure = error;
      if (this.#code !== undefined) this.#tell(this.#code);
      else if (!isActing()) {
        this.#tell(EXIT.ok);
        process.exit();
      }
    });
  }

  readonly write = (text: string): void => {
    if (this.#failure === undefined) process.stdout.write(text);
  };

  readonly columns = (): number => process.stdout.columns;

  /** The command has ended. A write may still fail: nothing waits for the last of them. */
  end(code: number): void {
    this.#code = code;
    this.#tell(code);
  }

  /** A reader that has seen enough (`| head`) is no failure. */
  #tell(code: number): void {
    const failure = this.#failure;
    const isLost = failure !== undefined && failure.code !== 'EPIPE';
    process.exitCode = isLost && code === EXIT.ok ? EXIT.failed : code;
    if (!isLost) return;
    const why = WORDS[failure.code ?? ''] ?? failure.message;
    process.stderr.write(`runbook: standard output cannot be written: ${why}\n`);
  }
}

/** The next line of standard input; empty where it ends before one. */
function readLine(): Promise<string> {
  const input = createInterface({ input: process.stdin });
  return new Promise((resolve) => {
    input.once('line', (line) => {
      resolve(line);
      input.close();
    });
    input.once('close', () => resolve(''));
  });
}

/** Runs the command as this process. */
export async function start(): Promise<void> {
  const output = new Output();
  // Whom standard error does not reach, nothing does; the exit code still says it.
  process.stderr.on('error', () => undefined);
  const code = await main(process.argv.slice(2), {
    stdout: output,
    stderr: {
      write: (text) => void process.stderr.write(text),
      isTTY: isErrorTTY,
      columns: () => process.stderr.columns,
    },
    env: process.env,
    functions: async () => {
      const { discoverFunctions } = await import('../rehearsal/functions.ts');
      return discoverFunctions(fileURLToPath(new URL('../functions', import.meta.url)));
    },
    drills: fileURLToPath(new URL('../drills', import.meta.url)),
    ...(isErrorTTY && isatty(process.stdin.fd) ? { readLine } : {}),
    onInterrupt: (listener) => {
      process.on('SIGINT', listener);
      return () => void process.off('SIGINT', listener);
    },
  });
  output.end(code);
  // A simulation that was stopped would go on for nobody.
  if (code === EXIT.stopped) process.exit();
}
