/** Tests over thousands of cases: `npm test` tries a share of them, `npm run test:long` all. */

const IS_LONG = process.env['TEST_LONG'] === 'yes';

/** Of all cases `npm test` tries one in so many. */
export const SHARE = IS_LONG ? 1 : 8;

/** How many of so many cases are tried. */
export function cases(all: number): number {
  return Math.ceil(all / SHARE);
}
