/** What stands above everything that is told of a place: whose account it is, where, and whether it is real. */

import { labelled, widthOf } from '../layout.ts';
import { paintFor, type CommandIo } from '../terminal.ts';
import type { Place } from './place.ts';
import { wholeMoment } from './times.ts';

/** `arn:aws:sts::111122223333:assumed-role/oncall/kim`. Source: AWS IAM user guide, "IAM ARNs". */
const PRINCIPAL = /^arn:[^:]*:(?:sts|iam)::\d{12}:(?:assumed-role\/(.+)\/([^/]+)|([a-z-]+)\/(?:.*\/)?([^/]+)|(root))$/u;

/** Who asks, in few words: `role oncall (kim)`, `user kim`. What is no such ARN stays as it is. */
export function callerText(caller: string): string {
  const [, role, session, kind, name, root] = PRINCIPAL.exec(caller) ?? [];
  if (role !== undefined && session !== undefined) return `role ${role} (${session})`;
  if (kind !== undefined && name !== undefined) return `${kind} ${name}`;
  return root === undefined ? caller : 'root of the account';
}

/** The header in one line. */
function headerText(place: Place): string {
  const { account, alias, region } = place;
  if (place.kind === 'world') return `WORLD ${place.file ?? '?'}, ${account} ${region}, at ${wholeMoment(place.now())}`;
  return `LIVE ${account}${alias === null ? '' : ` (${alias})`} ${region}, as ${callerText(place.caller)}`;
}

/** Says on standard error where the command works: for people and programs alike. */
export function tellHeader(io: CommandIo, place: Place): void {
  const paint = paintFor(io.stderr, io.env);
  const [kind = '', ...rest] = headerText(place).split(' ');
  const colour = place.kind === 'live' ? paint.red : paint.magenta;
  const text = labelled([[kind, colour], ' '], rest.join(' '), widthOf(io.stderr));
  io.stderr.write(`${text}\n`);
}
