/**
 * What esbuild cannot see by itself about the AWS SDK, as plugins for the Lambda bundles.
 *
 * `serverless.yml` names this file; `bench/` measures its effect. Each plugin fails the build when the source it was
 * written for has changed: a bundle that silently grew would only be noticed as a slower cold start.
 */

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

const SCHEMA_FILE = /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const SCHEMA_DECLARATION = /^(export var|var) (\w+\$?) = (\[[\s\S]*?\]);$/gmu;

/** Wraps the schema arrays of a client's schema file so that a bundler may drop the unused ones. */
export function markSchemasPure(source: string): string {
  return source.replaceAll(SCHEMA_DECLARATION, '$1 $2 = /* @__PURE__ */ (() => $3)();');
}

const STRING_CONSTANT = /^const (_\w+) = ("[^"\\\n]*");\n/gmu;
/** Strings are matched too, so that a name inside one is left alone. */
const STRING_OR_NAME = /"[^"\n]*"|`[^`\n]*`|\b_\w+\b/gu;

/** Puts a string that is used once where it is used; as a variable each costs a declaration more. */
export function inlineStrings(source: string): string {
  const uses = new Map<string, number>();
  for (const [word] of source.matchAll(STRING_OR_NAME)) uses.set(word, (uses.get(word) ?? 0) + 1);
  const once = new Map<string, string>();
  const rest = source.replaceAll(STRING_CONSTANT, (declaration, name: string, text: string) => {
    if (uses.get(name) !== 2) return declaration;
    once.set(name, text);
    return '';
  });
  return rest.replaceAll(STRING_OR_NAME, (word) => once.get(word) ?? word);
}

/**
 * A client declares its schemas as arrays with computed keys, which esbuild has to take for side effects: all 1.3 MB of
 * EC2's would stay for the ten commands we use.
 */
const pureSchemas: Plugin = {
  name: 'pure-schemas',
  setup(build) {
    build.onLoad({ filter: SCHEMA_FILE }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const marked = inlineStrings(markSchemasPure(source));
      const contents = WITH_ERROR_CLASSES.test(path) ? marked : dropErrorClasses(marked);
      return marked === source ? { errors: [{ text: `${path}: no schema arrays found; has the SDK changed its layout?` }] } : { contents, loader: 'js' };
    });
  },
};

/** Errors whose name on the wire (`ResourceContention`) is not the SDK's, and which `shared/errors.ts` knows by the latter. */
const RENAMED_ERRORS = new Set(['LimitExceededFault', 'ResourceContentionFault', 'ScalingActivityInProgressFault']);
/** The durable SDK judges errors of its own client; that one stays whole. */
const WITH_ERROR_CLASSES = /@aws-sdk[\\/]client-lambda[\\/]/u;
const ERROR_REGISTRATION = /^\w+_registry\.registerError\((\w+)\$, \1\);$/gmu;

/** Leaves out the error classes of a client: without its class an error still has its name, message, status and members. */
export function dropErrorClasses(source: string): string {
  return source.replaceAll(ERROR_REGISTRATION, (registration, name: string) => (name.endsWith('ServiceException') || RENAMED_ERRORS.has(name) ? registration : ''));
}

/**
 * Lambda puts the role's credentials into the environment; the chain that looks for them in profiles, SSO, processes and
 * on container and instance endpoints is 60 KB that can only ever answer later or wrongly.
 */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, async () => {
      // Not from the importer's place: each client would bring a copy of its own.
      const found = await build.resolve('@aws-sdk/credential-provider-env', { kind: 'import-statement', resolveDir: import.meta.dirname });
      return found.errors.length > 0 ? { errors: found.errors } : { path: found.path, namespace: 'environment-credentials', sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ path }) => ({
      contents: `import { fromEnv } from ${JSON.stringify(path)}; export const defaultProvider = (init) => fromEnv(init);`,
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
};

/** The two commands the durable SDK sends. */
const DURABLE_COMMANDS = ['CheckpointDurableExecutionCommand', 'GetDurableExecutionStateCommand'] as const;

/**
 * The durable SDK imports `@aws-sdk/client-lambda` dynamically and whole. A dynamic import keeps esbuild from dropping
 * anything reachable through it, the code shared with the other clients included; so it becomes a static import of
 * the client and its two commands.
 */
const slimDurableClient: Plugin = {
  name: 'slim-durable-client',
  setup(build) {
    build.onLoad({ filter: /[\\/]durable-execution-sdk-js[\\/]dist[\\/]index\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const dynamic = "import('@aws-sdk/client-lambda')";
      if (source.split(dynamic).length !== 2) return { errors: [{ text: `${path}: expected ${dynamic} once; has the durable SDK changed?` }] };
      const imports = ['LambdaClient', ...DURABLE_COMMANDS];
      const contents = [
        "import { LambdaClient } from '@aws-sdk/client-lambda/dist-es/LambdaClient.js';",
        ...DURABLE_COMMANDS.map((command) => `import { ${command} } from '@aws-sdk/client-lambda/dist-es/commands/${command}.js';`),
        source.replace(dynamic, `Promise.resolve({ ${imports.join(', ')} })`),
      ].join('\n');
      return { contents, loader: 'js' };
    });
  },
};

/** Every client imports its whole `package.json` for the one line of it that goes into the user agent. */
const versionOnly: Plugin = {
  name: 'version-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
      const version: unknown = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
      return typeof version === 'string' ? { contents: JSON.stringify({ version }), loader: 'json' } : { errors: [{ text: `${path}: no version` }] };
    });
  },
};

/** Parts that Lambda's Node, our commands and our settings never reach; each says so should it be reached after all. */
const UNREACHED: readonly { readonly filter: RegExp; readonly exports: string; readonly why: string }[] = [
  // Only with AWS_ENABLE_ENDPOINT_DISCOVERY; the cache brings a collection library along.
  { filter: /[\\/]@aws-sdk[\\/]endpoint-cache[\\/]dist-es[\\/]index\.js$/, exports: 'EndpointCache', why: 'endpoint discovery' },
  // Only in retry mode adaptive; every client of ours sends once.
  { filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]util-retry[\\/]AdaptiveRetryStrategy\.js$/, exports: 'AdaptiveRetryStrategy', why: 'adaptive retrying' },
  // The fallback for a Node without crypto.
  { filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]Sha256Js\.js$/, exports: 'Sha256Js', why: 'SHA-256 in JavaScript' },
];

const unreachedParts: Plugin = {
  name: 'unreached-parts',
  setup(build) {
    for (const { filter, exports, why } of UNREACHED) {
      build.onLoad({ filter }, () => ({
        // Made with the client, so only its use may throw.
        contents: `export class ${exports} { constructor() { return new Proxy(this, { get() { throw new Error('${why} is not part of this bundle; see build/esbuild-plugins.ts'); } }); } }`,
        loader: 'js',
      }));
    }
  },
};

/** EventBridge's client can sign for its global endpoints, which nothing of ours uses; it is left with the signer all clients share. */
const oneRegion: Plugin = {
  name: 'one-region',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]signature-v4-multi-region[\\/]dist-es[\\/]index\.js$/ }, () => ({
      contents: "import { SignatureV4 } from '@smithy/signature-v4'; export class SignatureV4MultiRegion extends SignatureV4 { static sigv4aDependency() { return 'none'; } }",
      loader: 'js',
    }));
  },
};

/** None of our commands streams events; the code for it, and what only it needs, stays out. Using it would say so. */
const noEventStreams: Plugin = {
  name: 'no-event-streams',
  setup(build) {
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: 'event-streams', namespace: 'no-event-streams' } : undefined));
    build.onLoad({ filter: /.*/, namespace: 'no-event-streams' }, () => ({
      contents: "throw new Error('event streams are not part of this bundle; see no-event-streams in build/esbuild-plugins.ts');",
      loader: 'js',
    }));
  },
};

export default [pureSchemas, environmentCredentials, slimDurableClient, versionOnly, unreachedParts, oneRegion, noEventStreams];
