import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cksum } from '../../../functions/deny-networks/decide/cksum.ts';

it('gives what the command of that name gives', () => {
  expect([cksum(''), cksum('\0'), cksum('198.51.100.9/32,1795338000\0')]).toEqual([
    '4294967295-0',
    '4215202376-1',
    '2056719869-27',
  ]);
});

it('of any text of ASCII, however long', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.string({ unit: 'binary-ascii', minLength: 60_000, maxLength: 70_000 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { stdout } = spawnSync('cksum', { input: text, encoding: 'latin1' });
      expect(cksum(text)).toBe(stdout.trim().replace(' ', '-'));
    }),
    { numRuns: 30 },
  );
});
