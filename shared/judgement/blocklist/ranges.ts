/** Ranges that AWS tells, in the form in which a row of `never-block` has them. Pure. */

import { TerminalError } from '../../kernel/errors.ts';
import { withoutCovered } from '../addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../addresses/parse.ts';

/**
 * What AWS writes is read as strictly as what a person does: a range that is not understood protects nobody.
 * @throws TerminalError that names it
 */
export function rangesOf(texts: readonly (string | undefined)[]): readonly string[] {
  const given = texts.filter((text) => text !== undefined && text !== '');
  const cidrs = given.map((text) => {
    const parsed = parseNetwork(text ?? '');
    if (isMalformed(parsed)) throw new TerminalError(`${text}: ${parsed.says}`);
    return parsed.cidr;
  });
  return withoutCovered(cidrs);
}
