import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** Tests of one stage alone, in milliseconds and with little to import: most mutants die of them. */
const QUICK = /\/(?:tests\/shared\/kernel\/(?:run|report|hosts)|tests\/functions\/[^/]+)\//u;

/** The first test that fails ends the trial of a mutant: the quick ones go first. */
class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (QUICK.test(moduleId) ? 0 : 1);
    return Promise.resolve(files.toSorted((one, other) => rank(one) - rank(other)));
  }
}

/**
 * For mutation tests: what judges the decisions, and the kernel by itself and with the small runbook. A test here is run
 * hundreds of times, so those that try a whole run in every second, at every request or on a thousand targets are left out: they
 * are for what these let live.
 */
export default defineConfig({
  test: {
    include: [
      'tests/functions/*/decide*.test.ts',
      'tests/shared/kernel/**/*.test.ts',
      'tests/recycle-instances/*.test.ts',
    ],
    exclude: [
      'tests/functions/*/decide-properties.test.ts',
      'tests/recycle-instances/explored.test.ts',
      'tests/shared/kernel/{crashes,kill-switch-any-second,many-targets}.test.ts',
      'tests/shared/kernel/ledger/both-ledgers.test.ts',
      'tests/shared/kernel/report/fitted.test.ts',
      // They do not come to what is mutated.
      'tests/shared/kernel/{config,json,printable,probe,shell}.test.ts',
      'tests/shared/kernel/triggers/**',
    ],
    sequence: { sequencer: QuickFirst },
    // What every test file imports is loaded once.
    isolate: false,
    testTimeout: 10_000,
  },
});
