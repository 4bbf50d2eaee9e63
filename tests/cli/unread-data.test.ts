import { describe, expect, it } from 'vitest';
import { unreadData } from '../../cli/unread-data.ts';

describe('the data ledger of handle --aws without --ledger', () => {
  it('is empty, and says once that it is not the one of the account', async () => {
    const said: string[] = [];
    const data = unreadData((line) => void said.push(line));
    expect(said).toEqual([]);
    expect(await data.list('hpc-gang', 'lt-0a1/')).toEqual([]);
    expect(await data.read('hpc-lease', 'b9247112')).toBeUndefined();
    expect(said).toEqual([
      'warning: the ledger is not read (give --ledger PREFIX): what runbooks keep there, a gang that runs, is not known',
    ]);
  });

  it('keeps what is written to it as long as the command runs', async () => {
    const data = unreadData(() => undefined);
    expect(await data.write({ partition: 'hpc-gang', key: 'a', ifVersion: 0, value: {} })).toBe(true);
    expect(await data.write({ partition: 'hpc-gang', key: 'a', ifVersion: 0, value: {} })).toBe(false);
  });
});
