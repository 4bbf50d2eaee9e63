/**
 * What esbuild cannot see by itself about the AWS SDK, as plugins for the Lambda bundles.
 *
 * `serverless.yml` names this file; `bench/` measures its effect. Each plugin fails the build when the source it was
 * written for has changed: a bundle that silently grew would only be noticed as a slower cold start.
 */

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { isReached } from './reached-clients.ts';
import { slimDurableSdk } from './slim-durable-sdk.ts';
import { slimEndpoints } from './slim-endpoints.ts';
import { slimRetries } from './slim-retries.ts';
import { slimS3 } from './slim-s3.ts';
import { slimSchemas } from './slim-schemas.ts';

/**
 * Lambda puts the role's credentials into the environment; the chain that looks for them in profiles, SSO, processes and
 * on container and instance endpoints is 60 KB that can only ever answer later or wrongly.
 */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, async () => {
      // Not from the importer's place: each client would bring a copy of its own.
      const found = await build.resolve('@aws-sdk/credential-provider-env', {
        kind: 'import-statement',
        resolveDir: import.meta.dirname,
      });
      return found.errors.length > 0
        ? { errors: found.errors }
        : { path: found.path, namespace: 'environment-credentials', sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ path }) => ({
      contents: `import { fromEnv } from ${JSON.stringify(path)}; export const defaultProvider = (init) => fromEnv(init);`,
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
};

/** Every client imports its whole `package.json` for the one line of it that goes into the user agent. */
const versionOnly: Plugin = {
  name: 'version-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
      const version: unknown =
        typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
      return typeof version === 'string'
        ? { contents: JSON.stringify({ version }), loader: 'json' }
        : { errors: [{ text: `${path}: no version` }] };
    });
  },
};

const S3 = '@aws-sdk/client-s3';

interface Unreached {
  readonly filter: RegExp;
  readonly exports: string;
  readonly why: string;
  /** The client that does reach it: a bundle with it keeps the part. */
  readonly but?: string;
}

/** Parts that Lambda's Node, our commands and our settings never reach; each says so should it be reached after all. */
const UNREACHED: readonly Unreached[] = [
  // Only with AWS_ENABLE_ENDPOINT_DISCOVERY; the cache brings a collection library along.
  {
    filter: /[\\/]@aws-sdk[\\/]endpoint-cache[\\/]dist-es[\\/]index\.js$/,
    exports: 'EndpointCache',
    why: 'endpoint discovery',
  },
  // Only in retry mode adaptive, which nothing of ours sets.
  {
    filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]util-retry[\\/]AdaptiveRetryStrategy\.js$/,
    exports: 'AdaptiveRetryStrategy',
    why: 'adaptive retrying',
  },
  // The fallback for a Node without crypto.
  {
    filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]Sha256Js\.js$/,
    exports: 'Sha256Js',
    why: 'SHA-256 in JavaScript',
  },
  // Only to sign the headers of an event stream's messages: 2 KB.
  {
    filter: /[\\/]@smithy[\\/]signature-v4[\\/]dist-es[\\/]HeaderFormatter\.js$/,
    exports: 'HeaderFormatter',
    why: 'signing event streams',
  },
  // Only in defaults mode auto and without the region that Lambda puts into the environment: 1 KB.
  {
    filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]getInstanceMetadataRegion\.js$/,
    exports: 'getInstanceMetadataRegion',
    why: 'the region of an instance',
  },
  // Only for an answer that is a stream; beside S3's objects Lambda's client alone is able to: 2 KB.
  {
    filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]util-stream[\\/]sdk-stream-mixin\.js$/,
    exports: 'sdkStreamMixin',
    why: 'an answer that is a stream',
    but: S3,
  },
  // Only for the client of S3.
  {
    filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]service-customizations[\\/]index\.js$/,
    exports: 'resolveParamsForS3',
    why: 'addressing buckets',
    but: S3,
  },
  // Only where endpoint rules ask for a signature of several Regions: EventBridge's global endpoints.
  {
    filter: /[\\/]@aws-sdk[\\/]core[\\/]dist-es[\\/].*[\\/]AwsSdkSigV4ASigner\.js$/,
    exports: 'AwsSdkSigV4ASigner',
    why: 'signing for several Regions',
  },
];

const unreachedParts: Plugin = {
  name: 'unreached-parts',
  setup(build) {
    build.onResolve({ filter: /^unreached$/ }, () => ({ path: 'unreached', namespace: 'unreached' }));
    build.onLoad({ filter: /.*/, namespace: 'unreached' }, () => ({
      // Made with the client, so only its use may throw.
      contents: `export const unreached = (why) => new Proxy({}, { get() { throw new Error(why + ' is not part of this bundle; see build/esbuild-plugins.ts'); } });`,
      loader: 'js',
    }));
    for (const { filter, exports, why, but } of UNREACHED) {
      const isKept = async (): Promise<boolean> => but !== undefined && (await isReached(but, build.initialOptions));
      build.onLoad({ filter }, async () =>
        (await isKept())
          ? undefined
          : {
              // A function, since one is called and the others are constructed.
              contents: `import { unreached } from 'unreached'; export function ${exports}() { return unreached('${why}'); }`,
              loader: 'js',
            },
      );
    }
  },
};

const EXTENSIBLE = [
  'getAwsRegionExtensionConfiguration',
  'getDefaultExtensionConfiguration',
  'getHttpAuthExtensionConfiguration',
  'getHttpHandlerExtensionConfiguration',
];
const NO_EXTENSIONS = `
  import { getHttpHandlerExtensionConfiguration } from '@smithy/core/protocols';
  export const resolveRuntimeExtensions = (config, extensions) => {
    if (extensions.length > 0) throw new Error('client extensions are not part of this bundle; see build/esbuild-plugins.ts');
    getHttpHandlerExtensionConfiguration(config);
    return config;
  };
`;

/**
 * Each client offers its settings to extensions, of which we have none: half a KB of every client and 1 KB that they share.
 * Without any, offering them still hands the HTTP handler its logger and time-out; nothing else of it has an effect.
 */
const noExtensions: Plugin = {
  name: 'no-extensions',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]runtimeExtensions\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const offered = [...source.matchAll(/\b(get\w+)\(runtimeConfig\)/gu)].map(([, name = '']) => name);
        return offered.toSorted().join() === EXTENSIBLE.join()
          ? { contents: NO_EXTENSIONS, loader: 'js' }
          : { errors: [{ text: `${path}: offers something else to extensions than the SDK did` }] };
      },
    );
  },
};

const ONE_REGION =
  "import { SignatureV4 } from '@smithy/signature-v4'; export class SignatureV4MultiRegion extends SignatureV4 { static sigv4aDependency() { return 'none'; } }";

/** Directory buckets alone are signed for with credentials of their own; what S3's client has for it extends the class. */
const NO_SESSIONS = `
  export class SignatureV4SignWithCredentials {
    constructor() { throw new Error('directory buckets are not part of this bundle; see build/esbuild-plugins.ts'); }
  }
`;

/**
 * EventBridge's client can sign for its global endpoints, S3's for access points in several Regions, which nothing of ours uses; both
 * are left with the signer all clients share.
 */
const oneRegion: Plugin = {
  name: 'one-region',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]signature-v4-multi-region[\\/]dist-es[\\/]index\.js$/ }, async () => ({
      contents: (await isReached(S3, build.initialOptions)) ? ONE_REGION + NO_SESSIONS : ONE_REGION,
      loader: 'js',
    }));
  },
};

const EVENT_STREAMS = `
  const missing = () => { throw new Error('event streams are not part of this bundle; see build/esbuild-plugins.ts'); };
  export class EventStreamSerde { constructor() { missing(); } }
  export const eventStreamSerdeProvider = () => new Proxy({}, { get: missing });
  export const resolveEventStreamSerdeConfig = (config) => Object.assign(config, { eventStreamMarshaller: config.eventStreamSerdeProvider(config) });
`;

/** None of our commands streams events; the code for it, and what only it needs, is 10 KB of Lambda's client. Using it would say so. */
const noEventStreams: Plugin = {
  name: 'no-event-streams',
  setup(build) {
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, () => ({
      path: 'event-streams',
      namespace: 'no-event-streams',
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace: 'no-event-streams' }, () => ({ contents: EVENT_STREAMS, loader: 'js' }));
  },
};

const DATES = ['parseEpochTimestamp', 'parseRfc3339DateTimeWithOffset', 'parseRfc7231DateTime'];

/**
 * The SDK reads times in two ways: by an older module in JSON and in a header, by a newer one everywhere else. The newer reads the
 * same; without the older a bundle is 5 KB smaller.
 */
const oneReaderOfTimes: Plugin = {
  name: 'one-reader-of-times',
  setup(build) {
    const filter = /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/](?:JsonShapeDeserializer2|parseRetryAfterHeader)\.js$/;
    build.onLoad({ filter }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = DATES.reduce(
        (text, name) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'gu'), `_${name}`),
        source,
      );
      return contents === source
        ? { errors: [{ text: `${path}: reads times in another way than the SDK did` }] }
        : { contents, loader: 'js' };
    });
  },
};

const NO_PROFILE = `
  import { CredentialsProviderError } from '../property-provider/CredentialsProviderError';
  export const fromSharedConfigFiles = () => async () => {
    throw new CredentialsProviderError('profiles are not part of this bundle; see build/esbuild-plugins.ts', {});
  };
`;

/** What the environment does not say the SDK looks for in the profiles of a home, and Lambda has none: 2 KB, and two files at each start. */
const noProfiles: Plugin = {
  name: 'no-profiles',
  setup(build) {
    const filter = /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]node-config-provider[\\/]fromSharedConfigFiles\.js$/;
    build.onLoad({ filter }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return source.includes('throw new CredentialsProviderError(') &&
        source.includes('await loadSharedConfigFiles(init)')
        ? { contents: NO_PROFILE, loader: 'js', resolveDir: dirname(path) }
        : { errors: [{ text: `${path}: reads profiles in another way than the SDK did` }] };
    });
  },
};

const QUIET = 'export const state = {}; export const emitWarningIfUnsupportedVersion = () => undefined;';

/** Which Node a function runs on stands in `serverless.yml`; the SDK's words on older ones are half a KB. */
const noVersionWarning: Plugin = {
  name: 'no-version-warning',
  setup(build) {
    const filter = /[\\/]@aws-sdk[\\/]core[\\/]dist-es[\\/].*[\\/]emitWarningIfUnsupportedVersion\.js$/;
    build.onLoad({ filter }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const exported = [...source.matchAll(/export const (\w+)/gu)].map(([, name]) => name);
      return exported.join() === 'state,emitWarningIfUnsupportedVersion'
        ? { contents: QUIET, loader: 'js' }
        : { errors: [{ text: `${path}: warns in another way than the SDK did` }] };
    });
  },
};

export default [
  slimSchemas,
  environmentCredentials,
  slimDurableSdk,
  versionOnly,
  unreachedParts,
  noExtensions,
  oneRegion,
  noEventStreams,
  slimS3,
  slimEndpoints,
  slimRetries,
  oneReaderOfTimes,
  noProfiles,
  noVersionWarning,
];
