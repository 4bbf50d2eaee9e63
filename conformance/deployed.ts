/**
 * `npm run deployed [-- --before REVISION]`: deploys the stack as a person would, into an account that an emulator plays, tries it there, deploys it
 * again, over its predecessor, and takes it away.
 *
 * Exit code 0 also where Python is missing or the emulator cannot be installed: what was skipped is said. 1: something is wrong.
 */

import { parseArgs } from 'node:util';
import { ToolUnavailable } from '../build/python.ts';
import { environmentOf, installAccount, openAccount } from './deployed/account.ts';
import { CHECKS, clientsOf, gone, stands, type Account, type Check } from './deployed/checks.ts';
import { deploy, remove } from './deployed/framework.ts';
import { GAPS } from './deployed/gaps.ts';
import { operated } from './deployed/operated.ts';
import { treeAsItIs, treeBefore, type Tree } from './deployed/trees.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What is done in the account, and what was wrong on the way. */
class Trial {
  readonly #account: Account;
  readonly #environment: Readonly<Record<string, string>>;
  wrong = 0;

  constructor(url: string) {
    this.#account = clientsOf(url);
    this.#environment = environmentOf({ url });
  }

  async check([name, look]: Check): Promise<void> {
    const from = performance.now();
    const faults = await look(this.#account).catch((error: unknown) => [String(error)]);
    const seconds = ((performance.now() - from) / 1_000).toFixed(1);
    say(`${faults.length === 0 ? 'ok   ' : 'WRONG'}  ${name} (${seconds} s)`);
    for (const fault of faults) say(`         ${fault}`);
    this.wrong += faults.length;
  }

  /** Deploys a tree, and sees that all of it stands. */
  async deploy(what: string, { folder }: Tree): Promise<void> {
    let ids: readonly string[] = [];
    await this.check([
      what,
      async () => {
        ids = await deploy(folder, this.#environment);
        return [];
      },
    ]);
    await this.check(stands(ids));
  }

  /** Operates what stands there. */
  async operate(): Promise<void> {
    await this.check(operated(this.#environment));
  }

  async remove({ folder }: Tree): Promise<void> {
    await this.check([
      'removed',
      async () => {
        await remove(folder, this.#environment);
        return [];
      },
    ]);
    await this.check(gone);
  }
}

async function tryAll(trial: Trial, now: Tree, revision: string | undefined): Promise<void> {
  await trial.deploy('deployed', now);
  for (const check of CHECKS) await trial.check(check);
  await trial.operate();
  await trial.deploy('deployed again, without a change', now);
  const before = treeBefore(revision);
  if (before === undefined) say('SKIPPED  the version before: the history does not reach so far');
  else {
    try {
      await trial.deploy(`deployed as it was at ${before.revision.slice(0, 7)}`, before.tree);
      await trial.deploy('deployed over that', now);
    } finally {
      before.tree.discard();
    }
  }
  await trial.remove(now);
}

async function main(revision: string | undefined): Promise<number> {
  try {
    say(`ministack ${await installAccount()}`);
  } catch (error) {
    if (!(error instanceof ToolUnavailable)) throw error;
    say(`SKIPPED: the stack on an emulator: ${error.message}`);
    return 0;
  }
  const account = await openAccount();
  const now = treeAsItIs();
  try {
    const trial = new Trial(account.url);
    await tryAll(trial, now, revision);
    say('\nNot tried, for the emulator lacks:');
    for (const { lacks, instead } of GAPS) say(`- ${lacks}; ${instead}`);
    return trial.wrong === 0 ? 0 : 1;
  } finally {
    account.stop();
    now.discard();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { before: { type: 'string' } } });
  process.exitCode = await main(values.before);
}
