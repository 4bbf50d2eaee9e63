/** The stacks that are deployed in an account and Region, as whoever is on call asks about them and acts on them. */

import { IAMClient, ListAccountAliasesCommand } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { nearest } from '../../../build/nearest.ts';
import { client } from '../../../shared/aws/clients.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { dynamoOperatorBook } from '../../../shared/kernel/ledger/operator-book.ts';
import { PLATES } from '../../../deploy/standard/plate.ts';
import { callerOf, regionOf, unknownCaller, type Caller } from '../../caller.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import type { DeployedRunbook, Place, Stack } from '../place.ts';
import { ANSWER_MS, inTime, wordsOf } from './asking.ts';
import { shareCredentials } from './credentials.ts';
import { detailsOf, executionOf, runOf, standingOf } from './executions.ts';
import { listPlates, type Plate, type Plates } from './plates.ts';
import { newestHeartbeats, ringingAlarms } from './signals.ts';
import { startRun } from './start.ts';
import { wake } from './wake.ts';

/** What was asked for on the command line. */
export interface LiveOptions {
  /** Prefix of one stack; absent: all that are found. */
  readonly stack?: string;
  /** The account that these credentials have to be of. */
  readonly account?: string;
}

/** What a stack is made of: from its plate, or from its prefix alone. */
type Described = Pick<Stack, 'prefix' | 'version' | 'parameters' | 'runbooks'> & { readonly controlTable: string };

/** Where stacks are looked for. */
interface Setting {
  readonly io: CommandIo;
  readonly region: string;
}

/** The plates, or why they cannot be had. */
type Found = Plates | { readonly why: string };

function deployedAs(prefix: string, name: string, host: DeployedRunbook['host']): DeployedRunbook {
  return { name, host, functionName: `${prefix}-${name}` };
}

function ofPlate({ prefix, version, parameters: { mode, ...others }, runbooks, controlTable }: Plate): Described {
  return {
    prefix,
    version,
    parameters: { ...others, ...(mode === 'none' ? {} : { mode }) },
    runbooks: Object.entries(runbooks)
      .map(([name, host]) => deployedAs(prefix, name, host))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    controlTable,
  };
}

/** A stack that has no plate: named as every stack is, with the runbooks that this version has. */
async function ofPrefix({ functions }: CommandIo, prefix: string): Promise<Described> {
  const runbooks = (await functions()).map(({ summary: { name, host } }) => deployedAs(prefix, name, host));
  return { prefix, version: null, parameters: {}, runbooks, controlTable: `${prefix}-control` };
}

/** The execution of a run: as it was started here, or as Lambda lists it. */
function executionFinder(region: string, runbooks: readonly DeployedRunbook[]) {
  const known = new Map<string, string>();
  return async (runbook: string, run: string): Promise<string | undefined> => {
    const deployed = runbooks.find(({ name }) => name === runbook);
    if (deployed?.host !== 'durable') return undefined;
    const key = `${runbook}#${run}`;
    const arn = known.get(key) ?? (await executionOf(region, deployed.functionName, run));
    if (arn !== undefined) known.set(key, arn);
    return arn;
  };
}

function stackOf({ region }: Pick<Setting, 'region'>, described: Described, others: readonly string[]): Stack {
  const { controlTable, ...stack } = described;
  const { prefix, runbooks } = stack;
  const executionArn = executionFinder(region, runbooks);
  const names = runbooks.map(({ name }) => name);
  return {
    ...stack,
    book: dynamoOperatorBook(controlTable, { region, timeoutMs: ANSWER_MS }),
    // A page that rings and is not seen is no rest: what does not answer is told as unread.
    heartbeats: () => inTime('CloudWatch', newestHeartbeats(region, prefix, names)),
    alarms: () => inTime('CloudWatch', ringingAlarms(region, prefix, others)),
    start: async (request, token) => {
      const runbook = runbooks.find(({ name }) => name === request.runbook);
      if (runbook !== undefined) return startRun(region, runbook, request, token);
      const [meant = ''] = nearest(request.runbook, names);
      throw new UsageError(`${prefix} has no runbook ${request.runbook}; did you mean ${meant}?`);
    },
    standing: async (runbook, run) => {
      const arn = await executionArn(runbook, run);
      const standing = arn === undefined ? undefined : await standingOf(region, arn);
      const isByName = arn !== undefined && standing?.kind === 'running' && runOf(arn) !== run;
      return isByName ? { ...standing, run: runOf(arn) } : standing;
    },
    wake: (callbackId, hint) => wake(region, callbackId, hint),
    details: async (runbook, run) => {
      const arn = await executionArn(runbook, run);
      return arn === undefined ? null : detailsOf(region, arn);
    },
  };
}

/** The account's alias; `null` where there is none, or it may not be read: the account's id says the same. */
export async function aliasOf(region: string): Promise<string | null> {
  try {
    const iam = client(IAMClient, { region, purpose: 'alias', timeoutMs: ANSWER_MS });
    const { AccountAliases: [alias = null] = [] } = await inTime('IAM', iam.send(new ListAccountAliasesCommand({})));
    return alias;
  } catch {
    return null;
  }
}

async function platesOf(region: string): Promise<Found> {
  try {
    return await inTime('Systems Manager', listPlates(region));
  } catch (error) {
    return { why: wordsOf(error) };
  }
}

const ONE_BY_NAME = '--stack PREFIX names one';

function all({ io, region }: Setting, account: string, found: Found): Described[] {
  if ('why' in found)
    throw new UsageError(`the stacks here are not known: ${PLATES} cannot be listed (${found.why}); ${ONE_BY_NAME}`);
  for (const { name, why } of found.unread) io.stderr.write(`runbook: the stack of ${name} is left out: ${why}\n`);
  if (found.plates.length === 0)
    throw new UsageError(
      `no stack is found in ${account} ${region} (nothing readable below ${PLATES}): look at account and Region; ` +
        `${ONE_BY_NAME} that was deployed before stacks had plates`,
    );
  return found.plates.map(ofPlate);
}

/** Whether a prefix without a plate is that of a stack: its table says it. One that does not answer may be. */
async function isThere({ region }: Setting, { controlTable }: Described): Promise<boolean> {
  try {
    await dynamoOperatorBook(controlTable, { region, timeoutMs: ANSWER_MS }).switches();
    return true;
  } catch (error) {
    return errorName(error) !== 'ResourceNotFoundException';
  }
}

async function byName(setting: Setting, account: string, prefix: string, found: Found): Promise<Described> {
  const { io, region } = setting;
  const plates = 'why' in found ? [] : found.plates;
  const plate = plates.find((one) => one.prefix === prefix);
  if (plate !== undefined) return ofPlate(plate);
  const derived = await ofPrefix(io, prefix);
  if (!(await isThere(setting, derived))) {
    const [meant] = nearest(
      prefix,
      plates.map((one) => one.prefix),
    );
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new UsageError(`there is no stack ${prefix} in ${account} ${region}${hint}`);
  }
  const unread = 'why' in found ? found.why : found.unread.find(({ name }) => name === `${PLATES}/${prefix}`)?.why;
  io.stderr.write(
    `runbook: ${prefix} does not say what it is (${unread ?? 'it has no plate: deploy it again'}): its names follow from the prefix\n`,
  );
  return derived;
}

function checkAccount(stated: string | undefined, { account }: Caller): void {
  if (stated === undefined || stated === account) return;
  throw new UsageError(`--account says ${stated}, but these credentials are of ${account}: nothing was done`);
}

/** Opens the credentials; with the client of STS that they were found by. */
async function openCredentials(
  { env }: CommandIo,
  region: string,
): Promise<{ readonly sts: STSClient; readonly close: () => void }> {
  const sts = client(STSClient, { region, purpose: 'caller', timeoutMs: ANSWER_MS });
  try {
    return { sts, close: await shareCredentials(sts) };
  } catch (error) {
    throw unknownCaller(error, env);
  }
}

/** Who asks, and what there is. An account that is stated is asked for first: nothing else is sent to another. */
async function look(
  { io, region }: Setting,
  stated: string | undefined,
  sts: STSClient,
): Promise<{ readonly caller: Caller; readonly alias: string | null; readonly found: Found }> {
  const asked = inTime('STS', callerOf(io.env, sts)).catch((error: unknown) => {
    throw unknownCaller(error, io.env);
  });
  if (stated !== undefined) checkAccount(stated, await asked);
  const [caller, alias, found] = await Promise.all([asked, aliasOf(region), platesOf(region)]);
  return { caller, alias, found };
}

/**
 * Finds out where the caller is: account, Region, and the stacks there. Close it at the end.
 * @throws UsageError for another account than the stated one, and where there is no stack, in one line that says what to do
 */
export async function livePlace(io: CommandIo, { stack, account: stated }: LiveOptions): Promise<Place> {
  const region = await regionOf(io.env);
  const { sts, close } = await openCredentials(io, region);
  try {
    const setting: Setting = { io, region };
    const { caller, alias, found } = await look(setting, stated, sts);
    const { account, arn, userId } = caller;
    const described =
      stack === undefined ? all(setting, account, found) : [await byName(setting, account, stack, found)];
    const prefixes = 'why' in found ? [] : found.plates.map(({ prefix }) => prefix);
    return {
      kind: 'live',
      account,
      alias,
      region,
      caller: arn,
      person: userId,
      file: null,
      now: () => new Date().toISOString(),
      stacks: described.map((one) => stackOf(setting, one, prefixes)),
      // EC2's client is loaded for whom it is for.
      quarantineOf: async (id) => (await import('./quarantine.ts')).quarantineOf(region, id),
      pardon: async (id, value) => (await import('./quarantine.ts')).pardon(region, id, value),
      keep: () => Promise.resolve(),
      close: () => Promise.resolve(close()),
    };
  } catch (error) {
    close();
    throw error;
  }
}
