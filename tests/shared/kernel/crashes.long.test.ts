import { expect, it } from 'vitest';
import { CRASHES, wrongEnds } from './crash.ts';

it.each(CRASHES)('%s at every request: the run ends as without it', async (kind) => {
  expect(await wrongEnds(kind, 1)).toEqual([]);
});
