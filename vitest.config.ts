import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/house/temporary-folder.ts'],
    // Minutes each: `npm run test:long`.
    exclude: ['tests/**/*.long.test.ts'],
    // Two cores is what continuous integration has; more workers only add start-up time there.
    maxWorkers: 2,
    // Property tests take a few seconds alone, and several times that beside others on a loaded machine.
    testTimeout: 60_000,
  },
});
