import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PARTITIONS, readLedger } from '../../../cli/snapshot/ledger.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { memoryOperatorBook } from '../../../simulator/engine/operator-book.ts';

const file = z.looseObject({
  data: z.record(z.string(), z.array(z.string())).default({}),
});

describe('the ledger of a snapshot', () => {
  it('has every partition that a function has', () => {
    const all = readdirSync('functions').flatMap((name) => {
      const { data } = file.parse(
        parse(readFileSync(`functions/${name}/function.yml`, 'utf8'), { logLevel: 'silent' }),
      );
      return Object.values(data).flat();
    });
    expect([...new Set(all)].toSorted()).toEqual([...PARTITIONS]);
  });

  it('has switches but those of single runs, data, and the newest records without what people put into messages', async () => {
    const at = '2026-11-22T07:00:00.000Z';
    const body = { outcome: 'done', plan: [{ call: 'sqs:SendMessage', input: { MessageBody: 'card 4111 1111' } }] };
    const row = { scope: 'all', reason: 'game day', by: 'kim', at };
    const ledger = memoryLedger({
      switches: [row, { ...row, scope: 'run:carry-volumes_i-0a1/2f9c' }],
      records: [
        { runbook: 'redrive-dead-letters', run: '0a', target: 'arn:aws:sqs:eu-west-1:111122223333:q', at, body },
      ],
    });
    const data = memoryData();
    data.know({ partition: 'block', key: '192.0.2.1/32', value: { reasons: [] } });
    const source = { book: memoryOperatorBook(ledger), data: (partition: string) => data.list(partition) };
    const { section, unreadable } = await readLedger(source, Date.parse('2026-11-22T08:00:00Z'));
    expect(unreadable).toEqual([]);
    expect(section).toMatchObject({
      switches: [row],
      data: [{ partition: 'block', key: '192.0.2.1/32', version: 1, value: { reasons: [] } }],
      runs: [{ run: '0a', body: { plan: [{ input: { MessageBody: '(16 bytes; --show-data shows them)' } }] } }],
    });
  });
});
