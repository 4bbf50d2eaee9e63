/** What the tests of single reads and calls hand them: nothing but the SDK's edge is replaced. */

import { makeIo } from '../../../shared/kernel/run/io.ts';

export const IO = makeIo({
  run: 'r',
  account: '111122223333',
  region: 'eu-west-1',
  signal: new AbortController().signal,
  target: 't',
});

/** What AWS throws under a name. */
export function error(name: string): Error {
  return Object.assign(new Error('no'), { name });
}
