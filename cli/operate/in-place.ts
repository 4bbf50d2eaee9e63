/** What every command of operation has: options that say where it works, and a place that is opened, named and closed. */

import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CommandIo } from '../terminal.ts';
import { tellHeader } from './header.ts';
import type { PlaceOptions } from './open.ts';
import type { Place } from './place.ts';

/** Registers commands. What they do is loaded when they are asked for. */
export type Registrar = (program: Command, io: CommandIo, end: (code: number) => void) => void;

/** Options that say where a command works. */
export interface PlaceFlags {
  readonly world?: string;
  readonly stack?: string;
  readonly account?: string;
}

/** Checks an account's id. */
export function accountId(text: string): string {
  if (!/^\d{12}$/u.test(text)) throw new InvalidArgumentError('expected a 12-digit account id.');
  return text;
}

/** Adds the options that every command of operation has. */
export function withPlaceOptions(command: Command): Command {
  return command
    .option('--world <file>', 'in a world file, which keeps its runs; without it in your account')
    .option('--stack <prefix>', 'the stack whose names begin so; without it all that are found')
    .addOption(new Option('--account <id>', 'refuse credentials of any other account').argParser(accountId));
}

/** Opens the place, says on standard error which it is, and closes it whatever comes. */
async function opened(
  io: CommandIo,
  { world, stack, account }: PlaceFlags,
  acts: Pick<PlaceOptions, 'acts'>,
  work: (place: Place) => Promise<number>,
): Promise<number> {
  const asked: PlaceOptions = {
    ...(world === undefined ? {} : { world }),
    ...(stack === undefined ? {} : { stack }),
    ...(account === undefined ? {} : { account }),
    ...acts,
  };
  const open = io.openPlace ?? (async (options: PlaceOptions) => (await import('./open.ts')).openPlace(io, options));
  const { world: _file, ...named } = asked;
  const place: Place = { ...(await open(asked)), asked: named };
  try {
    tellHeader(io, place);
    return await work(place);
  } finally {
    await place.close();
  }
}

/** Works in a place that is looked at. */
export function inPlace(io: CommandIo, flags: PlaceFlags, work: (place: Place) => Promise<number>): Promise<number> {
  return opened(io, flags, {}, work);
}

/** Works in a place that is changed: nobody else changes a world meanwhile. */
export function actingInPlace(
  io: CommandIo,
  flags: PlaceFlags,
  work: (place: Place) => Promise<number>,
): Promise<number> {
  return opened(io, flags, { acts: true }, work);
}

/** Examples under the help of a command, within 80 columns. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
