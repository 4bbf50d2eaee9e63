/** The tests that need the emulator's server; `npm test` does not run them. */

import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['conformance/**/*.test.ts'], maxWorkers: 1, testTimeout: 20_000 } });
