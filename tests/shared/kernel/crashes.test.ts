import { expect, it } from 'vitest';
import { CRASHES, wrongEnds } from './crash.ts';

/** All requests are struck in `crashes.long.test.ts`. */
const SHARE = 5;

it.each(CRASHES)('%s at one request in five: the run ends as without it', async (kind) => {
  expect(await wrongEnds(kind, SHARE)).toEqual([]);
});
