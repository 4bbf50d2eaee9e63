/** The durable SDK, cut down to the operations that `shared/kernel/hosts/durable-host.ts` offers a runbook and to the two commands it sends. */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** The two commands the durable SDK sends. */
const COMMANDS = ['CheckpointDurableExecutionCommand', 'GetDurableExecutionStateCommand'] as const;
const DYNAMIC = "import('@aws-sdk/client-lambda')";

/**
 * The durable SDK imports `@aws-sdk/client-lambda` dynamically and whole. A dynamic import keeps esbuild from dropping
 * anything reachable through it, the code shared with the other clients included; so it becomes a static import of
 * the client and its two commands.
 */
function importStatically(source: string): string {
  return [
    "import { LambdaClient } from '@aws-sdk/client-lambda/dist-es/LambdaClient.js';",
    ...COMMANDS.map((command) => `import { ${command} } from '@aws-sdk/client-lambda/dist-es/commands/${command}.js';`),
    source.replace(DYNAMIC, `Promise.resolve({ ${['LambdaClient', ...COMMANDS].join(', ')} })`),
  ].join('\n');
}

const refuse = (what: string): string =>
  `throw new Error('${what} not part of this bundle; see build/slim-durable-sdk.ts');`;

/** What a runbook has no way to reach; a call of it after all says so. */
const REPLACED: Readonly<Record<string, string>> = {
  createInvokeHandler: `const createInvokeHandler = () => { ${refuse('invoke() is')} };`,
  createWaitForConditionHandler: `const createWaitForConditionHandler = () => { ${refuse('waitForCondition() is')} };`,
  createWaitForCallbackHandler: `const createWaitForCallbackHandler = () => { ${refuse('waitForCallback() is')} };`,
  createParallelHandler: `const createParallelHandler = () => { ${refuse('parallel() is')} };`,
  createPromiseHandler: `const createPromiseHandler = () => { ${refuse('promise combinators are')} };`,
  createPluginRunner: 'const createPluginRunner = () => ({});',
  loadConfiguredPlugins: `async function loadConfiguredPlugins(plugins = []) { if (plugins.length > 0 || process.env.DURABLE_EXECUTION_PLUGINS) { ${refuse('instrumentation plugins are')} } }`,
};

/** The declaration of `name` at the top level of the SDK's one file, as its bundler laid it out. */
const declarationOf = (name: string): RegExp =>
  new RegExp(`^(?:const ${name} = \\(|(?:async )?function ${name}\\()[\\s\\S]*?^\\};?\\n`, 'gmu');

/** Puts the error in place of every operation no runbook can reach. */
export function cutOperations(source: string): string {
  return Object.entries(REPLACED).reduce((rest, [name, replacement]) => {
    const found = rest.match(declarationOf(name))?.length ?? 0;
    if (found !== 1) throw new Error(`expected ${name} once, found it ${found} times`);
    return rest.replace(declarationOf(name), () => `${replacement}\n`);
  }, source);
}

const NAMED_BY_CLASS = 'this.name = this.constructor.name;';

/** The SDK names its errors after their classes, whose names minifying takes away: a failed execution would show the error `Zt`. */
export function nameErrors(source: string): string {
  if (!source.includes(NAMED_BY_CLASS)) throw new Error(`expected ${NAMED_BY_CLASS}`);
  return source.replaceAll(/^class (\w+) extends \w*Error \{\n/gmu, "$&    static name = '$1';\n");
}

const VERBOSE_CALL = /^( +)log\("/gmu;
const SILENT = 'VERBOSE';

/** Labels what the SDK says under DURABLE_VERBOSE_MODE alone, which nothing of ours sets, so that esbuild drops it. */
export function labelVerbose(source: string): string {
  const labelled = source.replaceAll(VERBOSE_CALL, `$1${SILENT}: log("`);
  if (labelled === source) throw new Error('expected calls of log()');
  return labelled;
}

/** 35 KB by the static import, 15 KB by the operations, 8 KB by what it would say of itself. */
export const slimDurableSdk: Plugin = {
  name: 'slim-durable-sdk',
  setup(build) {
    build.onLoad({ filter: /[\\/]durable-execution-sdk-js[\\/]dist[\\/]index\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      try {
        if (source.split(DYNAMIC).length !== 2) throw new Error(`expected ${DYNAMIC} once`);
        const slim = importStatically(nameErrors(labelVerbose(cutOperations(source))));
        const { code } = await build.esbuild.transform(slim, { dropLabels: [SILENT] });
        return { contents: code, loader: 'js' };
      } catch (cause) {
        return { errors: [{ text: `${path}: ${String(cause)}; has the durable SDK changed?` }] };
      }
    });
  },
};
