/** The account of the credentials: whose it is, in which Region, and the ledger of its stack. */

import { STSClient } from '@aws-sdk/client-sts';
import { client } from '../../shared/aws/clients.ts';
import { classify } from '../../shared/kernel/errors.ts';
import { itemOf } from '../../shared/kernel/ledger/data.ts';
import { dynamoOperatorBook } from '../../shared/kernel/ledger/operator-book.ts';
import { itemsBehind } from '../../shared/kernel/ledger/record-book.ts';
import { callerOf, regionOf, unknownCaller } from '../caller.ts';
import { shareCredentials } from '../operate/live/credentials.ts';
import { aliasOf } from '../operate/live/live-place.ts';
import { listPlates, type Plate } from '../operate/live/plates.ts';
import { wordsOf } from '../operate/live/asking.ts';
import { UsageError, type CommandIo } from '../terminal.ts';
import { guardReads } from './guard.ts';
import type { LedgerSource } from './ledger.ts';

/** Nobody waits at a keyboard for a single one of these; a hundred of them may be on their way. */
const ANSWER_MS = 10_000;

/** The ledger that belongs to the world, or why there is none in it. */
export type FoundLedger =
  | { readonly kind: 'found'; readonly prefix: string; readonly source: LedgerSource }
  | { readonly kind: 'none' }
  | { readonly kind: 'unread'; readonly why: string; readonly isDenied: boolean };

/** Where a snapshot is taken. */
export interface Setting {
  readonly account: string;
  readonly alias: string | null;
  readonly region: string;
  /** ARN of whoever asks. */
  readonly caller: string;
  /** ISO 8601. */
  readonly now: string;
  readonly ledger: FoundLedger;
  readonly close: () => void;
}

/** What was asked for on the command line. */
export interface SettingOptions {
  readonly region?: string;
  readonly stack?: string;
  readonly account?: string;
}

function sourceOf({ controlTable, dataTable }: Plate, region: string): LedgerSource {
  const use = { region, timeoutMs: ANSWER_MS };
  const table = { ...use, name: dataTable ?? controlTable.replace(/-control$/u, '-data') };
  return {
    book: dynamoOperatorBook(controlTable, use),
    data: async (partition) => (await itemsBehind(table, partition, '')).map(itemOf),
  };
}

/** The ledger that belongs to an account and Region: of the stack that is named, or of the one that there is. */
export async function ledgerOf(region: string, stack: string | undefined): Promise<FoundLedger> {
  let plates: readonly Plate[];
  try {
    ({ plates } = await listPlates(region));
  } catch (error) {
    return { kind: 'unread', why: wordsOf(error), isDenied: classify(error).name.includes('AccessDenied') };
  }
  const prefixes = plates.map(({ prefix }) => prefix);
  if (stack !== undefined && !prefixes.includes(stack))
    throw new UsageError(`there is no stack ${stack} here; there are: ${prefixes.join(', ') || 'none'}`);
  if (stack === undefined && plates.length > 1)
    throw new UsageError(
      `a world has the ledger of one stack, and there are ${prefixes.join(', ')}: --stack PREFIX names one`,
    );
  const plate = plates.find(({ prefix }) => stack === undefined || prefix === stack);
  if (plate === undefined) return { kind: 'none' };
  return { kind: 'found', prefix: plate.prefix, source: sourceOf(plate, region) };
}

/**
 * Opens the account. Nothing but reads of the table of calls leaves this process until it is closed.
 * @throws UsageError where there are no credentials, no Region, another account than the stated one, or no such stack
 */
export async function openSetting(
  { env }: CommandIo,
  { region: asked, stack, account: stated }: SettingOptions,
): Promise<Setting> {
  const region = asked ?? (await regionOf(env));
  const unguard = guardReads();
  const sts = client(STSClient, { region, purpose: 'caller', timeoutMs: ANSWER_MS });
  let unshare = (): void => undefined;
  const close = (): void => {
    unshare();
    unguard();
  };
  try {
    try {
      unshare = await shareCredentials(sts);
    } catch (error) {
      throw unknownCaller(error, env);
    }
    const { account, arn } = await callerOf({ ...env, AWS_REGION: region }, sts);
    if (stated !== undefined && stated !== account)
      throw new UsageError(`--account says ${stated}, but these credentials are of ${account}: nothing was read`);
    const [alias, ledger] = await Promise.all([aliasOf(region), ledgerOf(region, stack)]);
    return { account, alias, region, caller: arn, now: new Date().toISOString(), ledger, close };
  } catch (error) {
    close();
    throw error;
  }
}
