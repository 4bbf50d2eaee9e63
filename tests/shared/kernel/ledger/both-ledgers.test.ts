import { array, assert, asyncProperty } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../../../shared/kernel/ledger/dynamodb.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { useTables } from './dynamo-tables.ts';
import { answersOf, operation } from './ledger-operations.ts';

const freshTable = useTables();

describe('both ledgers', () => {
  it('answer the same to any sequence of requests', async () => {
    const granted = { fresh: 0, resumed: 0, refused: 0 };
    await assert(
      asyncProperty(array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
        const expected = await answersOf(memoryLedger(), operations);
        expect(await answersOf(dynamoLedger(await freshTable()), operations)).toEqual(expected);
        for (const answer of expected) {
          if (typeof answer !== 'object' || answer === null || !('granted' in answer)) continue;
          if (answer.granted !== true) granted.refused += 1;
          else if ('resumed' in answer && answer.resumed === true) granted.resumed += 1;
          else granted.fresh += 1;
        }
      }),
      { numRuns: 30, seed: 20_261_122 },
    );
    // Sequences that only ever meet a free resource would compare nothing.
    expect(Math.min(granted.fresh, granted.resumed, granted.refused)).toBeGreaterThan(15);
  });
});
