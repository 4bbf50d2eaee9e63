/** Real processes of the worker's script, whose `aws`, `curl`, `fi_info` and `findmnt` are answered by an account in memory. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Account, type Node } from './account.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** The script. */
export const SCRIPT = join(ROOT, 'examples', 'gang-worker', 'worker.sh');

/** Hands its words to the account, and prints what comes back: in bash, which begins in a few milliseconds. */
const PROGRAM = `#!/usr/bin/env bash
exec 3<>"/dev/tcp/127.0.0.1/$FAKE_PORT" || exit 255
printf '%s\\0' "$#" "$FAKE_NODE" "\${0##*/}" "$@" >&3
read -r code <&3 || exit 255
if ((code == 0)); then cat <&3; else cat <&3 >&2; fi
exit "$code"
`;

const PROGRAMS = ['aws', 'curl', 'fi_info', 'findmnt'];

/** Short times: a second is the shortest that SQS knows. */
const TIMES = {
  GANG_HIDDEN_SECONDS: '4',
  GANG_POLL_SECONDS: '0',
  GANG_TICK_SECONDS: '0.2',
  GANG_GRACE_SECONDS: '1',
  GANG_RESCUE_SECONDS: '2',
  GANG_HOLD_SECONDS: '20',
};

/** A worker that runs. */
export interface Worker {
  readonly process: ChildProcess;
  /** What it has logged so far. */
  readonly log: () => string;
}

/** A test's own account, folder and processes. */
export class Stage {
  readonly account = new Account();
  /** Where jobs leave what the test looks at; they know it as `$OUT`. */
  readonly out = mkdtempSync(join(tmpdir(), 'runbook-gang-worker-'));
  readonly #bin = join(this.out, 'bin');
  readonly #server: Server;
  readonly #workers: Worker[] = [];

  constructor() {
    mkdirSync(this.#bin);
    writeFileSync(join(this.#bin, 'program'), PROGRAM, { mode: 0o755 });
    for (const name of PROGRAMS) symlinkSync('program', join(this.#bin, name));
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #serve(socket: Socket): void {
    let heard = '';
    socket.setEncoding('utf8');
    // A worker that is killed leaves its calls in the middle.
    socket.on('error', () => socket.destroy());
    socket.on('data', (text: string) => {
      heard += text;
      const [count = '', node = '', program = '', ...words] = heard.split('\0');
      if (!heard.endsWith('\0') || words.length <= Number(count)) return;
      const { code, text: said } = this.account.answer(node, program, words.slice(0, -1));
      socket.end(`${code}\n${said}`);
    });
  }

  /** Starts the worker of a node. */
  start({ id }: Node, command: string, more: Readonly<Record<string, string>> = {}): Worker {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const started = spawn('bash', [SCRIPT], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: `${this.#bin}:${process.env['PATH'] ?? ''}`,
        FAKE_PORT: String(port),
        FAKE_NODE: id,
        OUT: this.out,
        GANG_LEDGER: 'runbook-test-data',
        GANG_COMMAND: command,
        GANG_DIR: join(this.out, id),
        ...TIMES,
        ...more,
      },
    });
    let log = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
    const worker = { process: started, log: () => log };
    this.#workers.push(worker);
    return worker;
  }

  /** Starts all nodes of a gang; node 0 comes first. */
  startAll(nodes: readonly Node[], command: string, more: Readonly<Record<string, string>> = {}): Worker[] {
    return nodes.map((node) => this.start(node, command, more));
  }

  /** What a job has left. */
  left(name: string): string | undefined {
    const path = join(this.out, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  /** Waits until it is so. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const endMs = Date.now() + 25_000;
    while (!isSo()) {
      if (Date.now() > endMs) throw new Error(`not within 25 s: ${what}\n${this.story()}`);
      await pause(20);
    }
  }

  /** For whoever reads of a test that failed. */
  story(): string {
    return [...this.account.calls, ...this.#workers.map(({ log }) => log())].join('\n');
  }

  /** Ends whatever the test has left. */
  async close(): Promise<void> {
    for (const { process: one } of this.#workers) {
      if (one.exitCode === null && one.signalCode === null) {
        one.kill('SIGTERM');
        const late = setTimeout(() => one.kill('SIGKILL'), 5_000);
        await once(one, 'exit');
        clearTimeout(late);
      }
    }
    this.#server.close();
  }
}
