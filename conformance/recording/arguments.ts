/** What `npm run conformance -- --aws` is told. */

import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';
import { UsageError } from '../../cli/terminal.ts';
import type { Scenario } from '../scenario.ts';
import { PLAYABLE, UNPLAYABLE } from './playable.ts';

/** Where recordings are kept, a file for each scenario. */
export const RECORDED = join(ROOT, 'conformance', 'recorded');
const JOURNALS = join(ROOT, '.build', 'recording-journals');

/** What a recording is to do. */
export interface RecordOptions {
  /** The account that is meant: any other is refused. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly scenarios: readonly Scenario[];
  /** Only says what would be created. */
  readonly lists: boolean;
  /** A person has said so already. */
  readonly isSure: boolean;
  /** Only takes away what earlier runs have left. */
  readonly cleans: boolean;
  /** Folder of the recordings. */
  readonly to: string;
  /** Folder of the journals. */
  readonly journals: string;
}

function scenarioOf(name: string): Scenario {
  const found = PLAYABLE.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const not = UNPLAYABLE.find(({ scenarios }) => scenarios.some((scenario) => scenario.name === name));
  throw new UsageError(
    not === undefined
      ? `--scenario ${name}: there is none of this name; --list names them`
      : `--scenario ${name}: it is not recorded in an account: ${not.because}`,
  );
}

/** What `parseArgs` says of an option that it does not know is one clear line. */
function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        aws: { type: 'boolean' },
        account: { type: 'string' },
        region: { type: 'string' },
        scenario: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        yes: { type: 'boolean' },
        clean: { type: 'boolean' },
        to: { type: 'string' },
        journals: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Reads the arguments.
 * @throws UsageError naming what is wrong
 */
export function optionsOf(argv: readonly string[]): RecordOptions {
  const { account, region, scenario = [], list, yes, clean, to, journals } = read(argv);
  if (account !== undefined && !/^\d{12}$/u.test(account))
    throw new UsageError(`--account ${account}: an account has 12 digits`);
  if (region !== undefined && !/^[a-z]{2}(?:-[a-z]+)+-\d$/u.test(region))
    throw new UsageError(`--region ${region}: that is no Region`);
  if (clean === true && list === true) throw new UsageError('--clean and --list: one of them');
  if (clean === true && scenario.length > 0) throw new UsageError('--clean takes away what all scenarios have left');
  return {
    account,
    region,
    scenarios: scenario.length === 0 ? PLAYABLE : [...new Set(scenario)].map(scenarioOf),
    lists: list === true,
    isSure: yes === true,
    cleans: clean === true,
    to: to ?? RECORDED,
    journals: journals ?? JOURNALS,
  };
}
