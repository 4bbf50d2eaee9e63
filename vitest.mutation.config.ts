import { defineConfig } from 'vitest/config';

/** For mutation tests: only what judges `decide.ts`, which needs neither AWS nor the simulator. */
export default defineConfig({
  test: {
    include: ['tests/functions/*/decide*.test.ts'],
    exclude: ['tests/functions/*/decide-properties.test.ts'],
    testTimeout: 5_000,
  },
});
