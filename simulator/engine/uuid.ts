/** UUIDs in the world's records. */

import type { World } from './model.ts';

/** A UUID of version 4's form from the world's own counter: the same in each run of the same seed. */
export function uuid(world: World): string {
  const digits = world
    .id('u')
    .replace(/[^0-9a-f]/gu, '')
    .padStart(30, '0')
    .slice(-30);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(12, 15)}`,
    `8${digits.slice(15, 18)}`,
    digits.slice(18),
  ].join('-');
}
