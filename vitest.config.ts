import { defineConfig } from 'vitest/config';

/** Minutes each: `npm run test:long`. */
const LONG = 'tests/**/*.long.test.ts';

/**
 * Files that share what they import: to load the SDK anew for each costs more than their tests. So they leave everything as they
 * found it; a stub on a client is restored when the file ends.
 */
const TOGETHER = [
  'bench/**/*',
  // Not those that load modules anew, or need clients made from what they put into the environment.
  'cli/!(aws|pages|regions)',
  'conformance/*',
  'deploy/*',
  'functions/**/*',
  'house/**/*',
  // Nor a test of ten seconds: one that is out of time goes on in the files after it.
  'recycle-*/!(explored)',
  'rehearsal/**/*',
  'shared/aws/**/*',
  'shared/judgement/**/*',
  'shared/kernel/*',
  'shared/kernel/{hosts,report,run,triggers}/*',
  'simulator/**/*',
].map((files) => `tests/${files}.test.ts`);

/** Those that take ten seconds by themselves begin early, beside others: at the end one worker would wait for the other. */
const EARLY = [
  'tests/build/{bundles,packaging}.test.ts',
  // Real processes, which mostly wait.
  'tests/examples/gang-worker/gang-worker.test.ts',
  'tests/functions/publish-blocklist/long-list.test.ts',
  'tests/house/iam/iam.test.ts',
  // What it plants in a module has to be there before anybody else loads that.
  'tests/rehearsal/heal-bastion/worlds.test.ts',
  'tests/rehearsal/scale-hpc-fleet/worlds.test.ts',
  'tests/rehearsal/worlds/worlds.test.ts',
];

const common = {
  // Two cores is what continuous integration has; more workers only add start-up time there.
  maxWorkers: 2,
  // Property tests take a few seconds alone, and several times that beside others on a loaded machine.
  testTimeout: 60_000,
};

export default defineConfig({
  test: {
    ...common,
    globalSetup: ['tests/house/temporary-folder.ts'],
    projects: [
      { test: { ...common, name: 'together', include: TOGETHER, exclude: [LONG, ...EARLY], isolate: false } },
      { test: { ...common, name: 'early', include: EARLY } },
      { test: { ...common, name: 'apart', include: ['tests/**/*.test.ts'], exclude: [LONG, ...TOGETHER, ...EARLY] } },
    ],
  },
});
