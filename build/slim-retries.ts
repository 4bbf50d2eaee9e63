/**
 * The SDK's retries, left out of bundles that send every request once.
 *
 * Every client of ours has `maxAttempts: 1` (`shared/aws/clients.ts`): what failed is looked at, not sent again. The code that
 * would decide on a second attempt is 8 KB. The durable SDK's own client does repeat its checkpoints, so a bundle with the
 * durable host keeps all of it.
 */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

const DURABLE = /\bdurable-host\b|\bdurable-execution\b/u;

/**
 * The module as clients import it. The headers and the metadata are those of a first attempt that is not followed by another; a
 * client that allows for more says so.
 */
const SENT_ONCE = `
  import { normalizeProvider } from '@smithy/core/client';
  import { HttpRequest } from '@smithy/core/protocols';
  import { v4 } from '@smithy/core/serde';
  const missing = (what) => new Error(what + ' is not part of this bundle; see build/slim-retries.ts');
  export const RETRY_MODES = { STANDARD: 'standard', ADAPTIVE: 'adaptive' };
  export const DEFAULT_RETRY_MODE = RETRY_MODES.STANDARD;
  export const DEFAULT_MAX_ATTEMPTS = 1;
  export class Retry { static v2026 = false; }
  export const NODE_MAX_ATTEMPT_CONFIG_OPTIONS = {
    environmentVariableSelector: () => undefined,
    configFileSelector: () => undefined,
    default: DEFAULT_MAX_ATTEMPTS,
  };
  export const NODE_RETRY_MODE_CONFIG_OPTIONS = {
    environmentVariableSelector: (env) => env.AWS_RETRY_MODE,
    configFileSelector: () => undefined,
    default: DEFAULT_RETRY_MODE,
  };
  export const resolveRetryConfig = (input) => {
    const mode = normalizeProvider(input.retryMode ?? DEFAULT_RETRY_MODE);
    return Object.assign(input, {
      maxAttempts: normalizeProvider(input.maxAttempts ?? DEFAULT_MAX_ATTEMPTS),
      retryStrategy: async () => {
        if ((await mode()) !== RETRY_MODES.STANDARD) throw missing('adaptive retrying');
        return { mode: RETRY_MODES.STANDARD };
      },
    });
  };
  const once = (options) => (next) => async (args) => {
    await options.retryStrategy();
    const maxAttempts = await options.maxAttempts();
    if (maxAttempts !== 1) throw missing('sending a request ' + maxAttempts + ' times');
    if (HttpRequest.isInstance(args.request)) {
      args.request.headers['amz-sdk-invocation-id'] = v4();
      args.request.headers['amz-sdk-request'] = 'attempt=1; max=1';
    }
    const noted = (about) => Object.assign(about.$metadata ??= {}, { attempts: 1, totalRetryDelay: 0 });
    try {
      const answer = await next(args);
      noted(answer.output);
      return answer;
    } catch (error) {
      if (typeof error === 'object' && error !== null) noted(error);
      throw error;
    }
  };
  export const getRetryPlugin = (options) => ({
    applyToStack: (stack) =>
      stack.add(once(options), { name: 'retryMiddleware', tags: ['RETRY'], step: 'finalizeRequest', priority: 'high', override: true }),
  });
`;

/** The files of ours that a build begins with; none for one that is given as text. */
function entriesOf({ entryPoints, absWorkingDir = '' }: BuildOptions): readonly string[] {
  if (entryPoints === undefined) return [];
  const entries: readonly unknown[] = Array.isArray(entryPoints) ? entryPoints : Object.values(entryPoints);
  return entries.flatMap((entry) => {
    const path: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'in') : entry;
    return typeof path === 'string' ? [resolve(absWorkingDir, path)] : [];
  });
}

/** Whether every request of the bundle is sent once: it begins with a file of ours, and none that has the durable host. */
async function sendsOnce(options: BuildOptions): Promise<boolean> {
  const sources = await Promise.all(entriesOf(options).map((path) => readFile(path, 'utf8')));
  return sources.length > 0 && sources.every((source) => !DURABLE.test(source));
}

/** Takes the retries out of a bundle that has no use for them. */
export const slimRetries: Plugin = {
  name: 'slim-retries',
  async setup(build) {
    if (!(await sendsOnce(build.initialOptions))) return;
    build.onResolve({ filter: /^@smithy\/core\/retry$/ }, ({ resolveDir }) => ({
      path: 'retry',
      namespace: 'slim-retries',
      sideEffects: false,
      pluginData: { resolveDir },
    }));
    build.onLoad(
      { filter: /.*/, namespace: 'slim-retries' },
      ({ pluginData }: { pluginData: { resolveDir: string } }) => ({
        contents: SENT_ONCE,
        loader: 'js',
        resolveDir: pluginData.resolveDir,
      }),
    );
  },
};
