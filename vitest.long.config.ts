import { defineConfig } from 'vitest/config';

/** Tests that take minutes: properties over thousands of cases, of which `npm test` has a small share. */
export default defineConfig({
  test: {
    include: ['tests/**/*.long.test.ts'],
    maxWorkers: 2,
    testTimeout: 600_000,
  },
});
