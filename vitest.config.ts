import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Two cores is what continuous integration has; more workers only add start-up time there.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
