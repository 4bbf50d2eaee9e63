import { describe, expect, it } from 'vitest';
import { answerWith, batchWithout, fates, type Fate } from '../../../conformance/elasticmq/batch-faults.ts';

const batch = (...ids: readonly string[]): string =>
  JSON.stringify({ QueueUrl: 'http://q', Entries: ids.map((Id) => ({ Id, MessageBody: `body ${Id}` })) });
const BATCH = batch('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');

function chosen(seed: number, operation: string, count: number): readonly Fate[] {
  const fateOf = fates(seed);
  return Array.from({ length: count }, () => fateOf(operation, BATCH));
}

describe('what becomes of a request', () => {
  it('is chosen by the seed', () => {
    expect(chosen(1, 'SendMessageBatch', 50)).toEqual(chosen(1, 'SendMessageBatch', 50));
    expect(chosen(1, 'SendMessageBatch', 50)).not.toEqual(chosen(2, 'SendMessageBatch', 50));
  });

  it('is of every kind for a batch, and never a failed entry for a receive', () => {
    const kinds = (operation: string) => new Set(chosen(1, operation, 200).map(({ kind }) => kind));
    expect(kinds('DeleteMessageBatch')).toEqual(new Set(['pass', 'kill', 'lose', 'fail']));
    expect(kinds('ReceiveMessage')).toEqual(new Set(['pass', 'kill', 'lose']));
  });

  it('is nothing for a question about a queue', () => {
    expect(chosen(1, 'GetQueueAttributes', 200).every(({ kind }) => kind === 'pass')).toBe(true);
  });
});

describe('a batch of which entries fail', () => {
  it('is passed on without them', () => {
    expect(batchWithout(batch('0', '1', '2'), ['1'])).toBe(batch('0', '2'));
  });

  it('is not passed on where none is left', () => {
    expect(batchWithout(batch('0', '1'), ['0', '1'])).toBeUndefined();
  });

  it('is answered with them, beside what failed there', () => {
    const answer = JSON.stringify({ Successful: [{ Id: '0' }], Failed: [{ Id: '2', Code: 'X', SenderFault: true }] });
    expect(JSON.parse(answerWith(answer, ['1']))).toMatchObject({
      Successful: [{ Id: '0' }],
      Failed: [
        { Id: '2', Code: 'X' },
        { Id: '1', Code: 'InternalError', SenderFault: false },
      ],
    });
    expect(JSON.parse(answerWith('{}', ['0']))).toMatchObject({ Successful: [], Failed: [{ Id: '0' }] });
  });
});
