import { defineConfig } from 'vitest/config';

/** Tests that take minutes, and all of those of which `npm test` tries a share (`tests/share.ts`). */
export default defineConfig({
  test: {
    include: [
      'tests/**/*.long.test.ts',
      'tests/**/*-properties.test.ts',
      'tests/cli/drills.test.ts',
      'tests/functions/reassign-elastic-ip/mutations.test.ts',
      'tests/house/iam/iam.test.ts',
      'tests/rehearsal/drills.test.ts',
      'tests/shared/kernel/crashes.test.ts',
      'tests/shared/kernel/triggers/triggers-faults.test.ts',
    ],
    env: { TEST_LONG: 'yes' },
    maxWorkers: 2,
    testTimeout: 600_000,
  },
});
