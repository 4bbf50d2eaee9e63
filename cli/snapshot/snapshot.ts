/** `runbook snapshot`: the account as a world file, by reads alone. */

import { isRecord } from '../../simulator/engine/json.ts';
import { classify } from '../../shared/kernel/errors.ts';
import { worldText } from '../world-run.ts';
import { callerText } from '../operate/header.ts';
import { labelled, widthOf } from '../layout.ts';
import { EXIT } from '../results.ts';
import { paintFor, progressOn, UsageError, type CommandIo } from '../terminal.ts';
import { readAccount } from './account.ts';
import { askerOf, type Asker, type Row, type Unread } from './asking.ts';
import { countText } from './calls.ts';
import { cutTo } from './cut.ts';
import { readLedger } from './ledger.ts';
import { openSetting, type Setting, type SettingOptions } from './live.ts';
import { redactedWorld } from './redact/redact.ts';
import { worldOf } from './world.ts';
import { demandFree, writeWhole } from './write-file.ts';

/** Options as they are typed. */
export interface SnapshotFlags {
  readonly for?: string;
  readonly out?: string;
  readonly force?: true;
  readonly redact?: true;
  readonly json?: true;
  /** Home first. */
  readonly region?: readonly string[];
  readonly stack?: string;
  readonly account?: string;
}

/** What a test puts in the place of the account. */
export interface Ways {
  readonly open?: (io: CommandIo, options: SettingOptions) => Promise<Setting>;
  readonly wait?: (ms: number) => Promise<unknown>;
  readonly mostRecords?: number;
}

function tellHeader(io: CommandIo, { account, alias, region, caller }: Setting): void {
  const paint = paintFor(io.stderr, io.env);
  const text = `${account}${alias === null ? '' : ` (${alias})`} ${region}, as ${callerText(caller)}`;
  io.stderr.write(`${labelled([['LIVE', paint.red], ' '], text, widthOf(io.stderr))}\n`);
}

/** A warning for each thing that was not read, with what is missing. */
function tellUnread(io: CommandIo, unread: readonly Unread[]): void {
  for (const { call, region, missing, message } of unread) {
    const lacks = missing.length === 0 ? '' : `; missing: ${missing.join(', ')}`;
    io.stderr.write(`runbook: warning: not read: ${call} in ${region}: ${message}${lacks}\n`);
  }
}

/** The most names of members that a line has. */
const MOST_NAMED = 10;

function tellLeftOut(io: CommandIo, leftOut: readonly string[]): void {
  if (leftOut.length === 0) return;
  const more = leftOut.length > MOST_NAMED ? `; and ${leftOut.length - MOST_NAMED} more` : '';
  io.stderr.write(`runbook: warning: ${leftOut.slice(0, MOST_NAMED).join('; ')}${more}\n`);
}

/** What is never read, so that whoever rehearses knows what the world cannot say. */
const NEVER =
  'not in it, for it is never read: messages in queues, objects in buckets, user data, secrets, environments';

async function ledgerIn(
  io: CommandIo,
  { ledger, now }: Setting,
): Promise<{ readonly section: Row; readonly unread: readonly Unread[] }> {
  const nothing = { section: {}, unread: [] };
  const failed = (message: string, missing: readonly string[]) => ({
    section: {},
    unread: [{ call: 'ledger', region: 'its tables', missing, message }],
  });
  if (ledger.kind === 'none') {
    io.stderr.write('runbook: no stack is deployed here: the world has no ledger\n');
    return nothing;
  }
  if (ledger.kind === 'unread') return failed(ledger.why, ledger.isDenied ? ['ssm:GetParametersByPath'] : []);
  try {
    const { section, unreadable } = await readLedger(ledger.source, Date.parse(now));
    const unread = unreadable.map((message) => ({ call: 'ledger', region: 'its tables', missing: [], message }));
    return { section, unread };
  } catch (error) {
    const { name, message } = classify(error);
    return failed(`${name}: ${message}`, name.includes('AccessDenied') ? ['dynamodb:Query', 'dynamodb:GetItem'] : []);
  }
}

function recordCount(value: unknown): number {
  if (!isRecord(value)) return 0;
  const own = Object.values(value)
    .filter((one) => Array.isArray(one))
    .flat().length;
  return own + Object.values(value).reduce<number>((sum, one) => sum + recordCount(one), 0);
}

async function runbookNames({ functions }: CommandIo): Promise<readonly string[]> {
  return (await functions()).map(({ summary }) => summary.name);
}

interface Taken {
  readonly file: Row;
  readonly unread: readonly Unread[];
}

async function take(io: CommandIo, flags: SnapshotFlags, setting: Setting, ask: Asker): Promise<Taken> {
  const { region: others = [] } = flags;
  const regions = [setting.region, ...others.filter((one) => one !== setting.region)];
  const read = await readAccount(ask, { account: setting.account, regions });
  const ledger = await ledgerIn(io, setting);
  const made = worldOf({ now: setting.now, account: setting.account, region: setting.region }, read, ledger.section);
  tellLeftOut(io, made.leftOut);
  const cut = flags.for === undefined ? made.file : cutTo(made.file, flags.for);
  const file = flags.redact === true ? await redactedWorld(cut, await runbookNames(io)) : cut;
  return { file, unread: [...ask.unread(), ...ledger.unread] };
}

/** Where the world goes. */
function demandPlace(io: CommandIo, { out, force, json }: SnapshotFlags): void {
  if (out !== undefined) demandFree(out, force === true);
  else if (json === true)
    throw new UsageError(
      'snapshot: --json tells of the file that --out FILE names; without it the world itself is printed',
    );
  else if (io.stdout.isTTY)
    throw new UsageError('snapshot: name a file with --out world.json; a world is too long for a terminal');
  if (out === undefined && force === true) throw new UsageError('snapshot: --force goes with --out');
}

function tellWritten(io: CommandIo, flags: SnapshotFlags, { file, unread }: Taken): void {
  const { out, json } = flags;
  const text = worldText(file);
  if (out === undefined) {
    io.stdout.write(text);
    return;
  }
  writeWhole(out, text, flags.force === true);
  const records = recordCount(file);
  if (json === true) io.stdout.write(`${JSON.stringify({ out, records, unread }, null, 2)}\n`);
  else io.stdout.write(`${out}: ${records} records; ${NEVER}\nnpx runbook handle EVENT.json --world ${out}\n`);
}

/**
 * Takes a snapshot.
 * @returns the exit code: 0 all was read, 5 some of it was not, 1 nothing was
 * @throws UsageError, BadInputError for what was asked for wrongly
 */
export async function snapshot(io: CommandIo, flags: SnapshotFlags, ways: Ways = {}): Promise<number> {
  demandPlace(io, flags);
  const [home] = flags.region ?? [];
  const { stack, account } = flags;
  const setting = await (ways.open ?? openSetting)(io, {
    ...(home === undefined ? {} : { region: home }),
    ...(stack === undefined ? {} : { stack }),
    ...(account === undefined ? {} : { account }),
  });
  const progress = progressOn(io.stderr);
  try {
    tellHeader(io, setting);
    io.stderr.write(`reads ${countText()} at most, and changes nothing; --list-calls names them\n`);
    const ask = askerOf({
      say: (text) => {
        progress.clear();
        io.stderr.write(`runbook: ${text}\n`);
      },
      heard: (count) => progress.show(`${count} answers`),
      ...ways,
    });
    const taken = await take(io, flags, setting, ask);
    progress.clear();
    tellUnread(io, taken.unread);
    if (ask.answered() === 0) {
      io.stderr.write('runbook: nothing could be read: nothing was written\n');
      return EXIT.failed;
    }
    tellWritten(io, flags, taken);
    return taken.unread.length > 0 ? EXIT.partly : EXIT.ok;
  } finally {
    progress.clear();
    setting.close();
  }
}
