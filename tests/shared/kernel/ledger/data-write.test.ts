import { afterEach, describe, expect, it } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { Io } from '../../../../shared/kernel/definition.ts';
import { dataWrite } from '../../../../shared/kernel/ledger/data-write.ts';
import { plannedWrite, writeOf } from '../../../../shared/kernel/ledger/planned-write.ts';
import { memoryData } from '../../../../simulator/engine/data.ts';
import { makeIo } from '../../../../shared/kernel/run/io.ts';

const WRITE = { partition: 'block', key: 'a', ifVersion: 0, value: { why: 'INC-1' } };
const IO: Io = makeIo({
  run: 'r',
  account: '111122223333',
  region: 'eu-west-1',
  signal: new AbortController().signal,
  target: '',
});

describe('a planned write', () => {
  const data = memoryData();
  const restore = surroundWith({ data });
  afterEach(restore);

  it('is what was planned, and holds once', async () => {
    const planned = plannedWrite({ ...WRITE, expiresAt: '2026-12-01T00:00:00.000Z' }, 'why');
    expect(planned).toEqual({
      call: 'ledger:write',
      because: 'why',
      input: { ...WRITE, expiresAt: '2026-12-01T00:00:00.000Z' },
    });
    expect(writeOf(planned.input)).toEqual(planned.input);
    await dataWrite.send(planned.input, IO);
    expect(data.dump()).toEqual([{ partition: 'block', key: 'a', version: 1, value: { why: 'INC-1' } }]);
    await expect(dataWrite.send(planned.input, IO)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'block/a was written meanwhile',
    });
    expect(dataWrite.means).toEqual({ ConditionalCheckFailedException: 'conflict' });
  });

  it.each([{}, { ...WRITE, ifVersion: '0' }, { ...WRITE, value: 1 }, { ...WRITE, key: 1 }])(
    'is nothing else: %j',
    (input) => {
      expect(() => writeOf(input)).toThrow('ledger:write: expected partition, key, ifVersion and value');
    },
  );
});
