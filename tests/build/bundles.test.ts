/** What the plugins leave out of a bundle is not missed: beside the same module with the whole SDK a bundle does the same. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { bundleBoth, runBundle, startService, temporaryFolder, type BothBundles, type Service } from './bundle-runs.ts';
import { checkpointAnswer, CHECKPOINT_FAILURES, serviceAnswer } from './bundle-services.ts';
import { sourceFiles } from '../house/tidy-files.ts';

const folder = temporaryFolder();
/** The whole SDK of every client takes seconds to bundle, and more on a busy machine. */
const BUNDLING_MS = 60_000;

/** The clients we bundle, the durable SDK's among them, with the name of their class. */
function clients(): [name: string, className: string][] {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const names = [
    ...Object.keys(dependencies).filter((name) => name.startsWith('@aws-sdk/client-')),
    '@aws-sdk/client-lambda',
  ];
  return names.map((name) => [
    name,
    /from "\.\/(\w+Client)"/u.exec(readFileSync(join(ROOT, 'node_modules', name, 'dist-es/index.js'), 'utf8'))?.[1] ??
      '',
  ]);
}

const DYNAMODB = 'DynamoDBClient ';

/** DynamoDB's endpoint of an account is the Region's in a bundle: the one that there is without any account. */
function ofRegions(places: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(places).map(([key, place]) => {
      if (!key.startsWith(DYNAMODB)) return [key, place];
      const { Region, Endpoint } = z
        .looseObject({ Region: z.string().optional(), Endpoint: z.string().optional() })
        .parse(JSON.parse(key.slice(DYNAMODB.length)));
      return [key, places[`${DYNAMODB}${JSON.stringify({ Region, Endpoint })}`]];
    }),
  );
}

describe('endpoints', () => {
  let paths: BothBundles;
  beforeAll(async () => {
    const imports = clients().map(([name, className]) => `import { ${className} } from '${name}';`);
    const names = clients().map(([, className]) => className);
    paths = await bundleBoth(
      `${imports.join('\n')} import { placesOf } from './tests/build/bundled-endpoints.ts'; export const handler = (extra) => placesOf({ ${names.join(', ')} }, extra);`,
      folder,
      'endpoints',
    );
  }, BUNDLING_MS);

  it('are the same for every client, partition, custom endpoint and account', async () => {
    const places = z.record(z.string(), z.unknown()).parse(await runBundle(paths.slim, {}));
    expect(places).toEqual(ofRegions(z.record(z.string(), z.unknown()).parse(await runBundle(paths.whole, {}))));
    expect(Object.keys(places).length).toBeGreaterThan(15_000);
    const urlOf = (client: string, region: string): unknown =>
      places[`${client} ${JSON.stringify({ Region: region })}`];
    expect(['eu-west-1', 'cn-north-1', 'us-gov-west-1'].map((region) => urlOf('EC2Client', region))).toEqual([
      { url: 'https://ec2.eu-west-1.amazonaws.com/', properties: {}, headers: {} },
      { url: 'https://ec2.cn-north-1.amazonaws.com.cn/', properties: {}, headers: {} },
      { url: 'https://ec2.us-gov-west-1.amazonaws.com/', properties: {}, headers: {} },
    ]);
  });

  it.each(['UseFIPS', 'UseDualStack', 'IsSearchOperation'])(
    'with %s are none, and the error says so',
    async (parameter) => {
      const places = z.record(z.string(), z.unknown()).parse(await runBundle(paths.slim, {}, { [parameter]: true }));
      expect([...new Set(Object.values(places))]).toEqual([
        `${parameter} is not part of this bundle; see build/slim-endpoints.ts`,
      ]);
    },
  );
});

describe('schemas', () => {
  let comparer: string;
  beforeAll(async () => {
    const contents = `import { compareSchemas } from './tests/build/compared-schemas.ts'; export const handler = async ([slim, whole]) => compareSchemas((await import(slim)).default, (await import(whole)).default);`;
    comparer = (await bundleBoth(contents, folder, 'comparer')).whole;
  }, BUNDLING_MS);

  it.each(clients().map(([name]) => name))('of %s are those of the SDK', async (name) => {
    const contents = `import * as schemas from '${name}/dist-es/schemas/schemas_0.js'; export default schemas;`;
    const { slim, whole } = await bundleBoth(contents, folder, `schemas-${name.split('/').at(-1)}`);
    const { schemas, differences } = z
      .object({ schemas: z.int(), differences: z.array(z.string()) })
      .parse(await runBundle(comparer, {}, [slim, whole]));
    expect(differences).toEqual([]);
    expect(schemas).toBeGreaterThan(30);
  });
});

describe('clients', () => {
  let paths: BothBundles;
  let service: Service;
  let requests: unknown[] = [];

  beforeAll(async () => {
    paths = await bundleBoth("export { handler } from './tests/build/bundled-clients.ts';", folder, 'clients');
    service = await startService((request, body) => {
      // What differs between two runs, or by the version that a client wrote into its CommonJS form.
      const {
        authorization,
        'user-agent': agent,
        'x-amz-user-agent': _agent,
        'amz-sdk-invocation-id': _id,
        'x-amz-date': _date,
        ...headers
      } = request.headers;
      const credential = authorization?.replaceAll(/\d{8}(?=\/)|Signature=.*/gu, '');
      requests.push({
        body,
        headers,
        credential,
        agent: agent?.replaceAll(/\d+\.\d+\.\d+/gu, 'VERSION'),
        method: request.method,
        url: request.url,
      });
      return serviceAnswer(request, body);
    });
  }, BUNDLING_MS);
  afterAll(() => service.close());

  async function run(
    path: string,
    environment: Readonly<Record<string, string>> = {},
    input = {},
  ): Promise<{ answers: unknown; requests: readonly unknown[] }> {
    requests = [];
    const answers = await runBundle(path, { AWS_ENDPOINT_URL: service.endpoint, ...environment }, input);
    return { answers, requests };
  }

  it('sign with the role of the environment, read answers, and name every error as the service does', async () => {
    const { answers } = await run(paths.slim);
    const client = (status: number, name: string, message: string) => ({ name, message, status, fault: 'client' });
    const server = (status: number, name: string, message: string) => ({ name, message, status, fault: 'server' });
    expect(answers).toEqual({
      condition: client(400, 'ConditionalCheckFailedException', 'The conditional request failed'),
      throughput: client(400, 'ProvisionedThroughputExceededException', 'slower'),
      events: server(500, 'InternalException', 'try later'),
      validation: client(400, 'ValidationError', 'No active Lifecycle Action found'),
      renamed: server(500, 'ResourceContentionFault', 'You already have a pending update'),
      throttled: client(400, 'Throttling', 'Rate exceeded'),
      associated: client(400, 'Resource.AlreadyAssociated', 'resource eipalloc-1 is already associated'),
      limited: server(503, 'RequestLimitExceeded', 'Request limit exceeded.'),
      unmodelled: client(400, 'InvalidInstanceID.NotFound', "The instance ID 'i-0a1' does not exist"),
      nested: client(400, 'InvalidInstanceID.NotFound', "The instance ID 'i-0a1' does not exist"),
      instances: [
        {
          InstanceId: 'i-0a1',
          LaunchTime: '2026-11-22T08:00:00.000Z',
          State: { Code: 16, Name: 'running' },
          EnaSupport: true,
          Tags: [{ Key: 'runbook:vip', Value: 'web' }],
        },
      ],
      alarms: [{ AlarmName: 'a', StateValue: 'OK', StateUpdatedTimestamp: '2026-11-22T08:00:00.000Z' }],
    });
  });

  it('send the requests of the whole SDK, and read the same in the answers', async () => {
    const [slim, whole] = [await run(paths.slim), await run(paths.whole)];
    expect(slim).toEqual(whole);
    const signed = z.array(
      z.object({ credential: z.string().startsWith('AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE//eu-west-1/') }),
    );
    expect(signed.parse(slim.requests)).toHaveLength(12);
  });

  it('send nothing where FIPS or dual stack is asked for, and say why', async () => {
    for (const [variable, parameter] of [
      ['AWS_USE_FIPS_ENDPOINT', 'UseFIPS'],
      ['AWS_USE_DUALSTACK_ENDPOINT', 'UseDualStack'],
    ] as const) {
      await expect(run(paths.slim, { [variable]: 'true' })).rejects.toThrow(
        `${parameter} is not part of this bundle; see build/slim-endpoints.ts`,
      );
    }
    expect(requests).toEqual([]);
  });

  it('take no extensions, and say so', async () => {
    await expect(run(paths.slim, {}, { extensions: [{}] })).rejects.toThrow(
      'client extensions are not part of this bundle; see build/esbuild-plugins.ts',
    );
  });

  it.each([
    ['AWS_RETRY_MODE', 'adaptive', 'adaptive retrying'],
    ['AWS_DEFAULTS_MODE', 'auto', 'the region of an instance'],
  ])('with %s=%s say that the bundle has no such part', async (variable, value, what) => {
    await expect(run(paths.slim, { [variable]: value })).rejects.toThrow(
      `${what} is not part of this bundle; see build/esbuild-plugins.ts`,
    );
  });
});

describe('the durable SDK', () => {
  const CUT = ['invoke', 'waitForCondition', 'waitForCallback', 'parallel', 'promise'];
  let paths: BothBundles;
  let service: Service;
  let requests: string[] = [];

  beforeAll(async () => {
    paths = await bundleBoth("export { handler } from './tests/build/bundled-durable.ts';", folder, 'durable');
    service = await startService((request, body) => {
      const [, execution = '', call = ''] =
        /durable-execution\/([^/]+)\/1\/(\w+)/u.exec(decodeURIComponent(request.url ?? '')) ?? [];
      requests.push(`${execution} ${call}`);
      return checkpointAnswer(execution, body);
    });
  }, BUNDLING_MS);
  afterAll(() => service.close());

  async function run(
    path: string,
    operations: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ answers: unknown; requests: readonly string[] }> {
    requests = [];
    const answers = await runBundle(path, { AWS_ENDPOINT_URL: service.endpoint, ...environment }, operations);
    return { answers, requests };
  }

  it('judges each error of its client as with the whole client: what ends the invocation, what the execution, and what is sent again', async () => {
    const steps = Object.fromEntries(Object.keys(CHECKPOINT_FAILURES).map((name) => [name, 'step']));
    const [slim, whole] = [await run(paths.slim, steps), await run(paths.whole, steps)];
    expect(slim).toEqual(whole);
    const ended = (message: string) => ({
      Status: 'FAILED',
      Error: {
        ErrorType: 'CheckpointUnrecoverableExecutionError',
        ErrorMessage: `[Unrecoverable Execution] Checkpoint failed: ${message}`,
      },
    });
    expect(slim.answers).toEqual({
      stale: { threw: '[Unrecoverable Invocation] Checkpoint failed: Invalid Checkpoint Token' },
      invalid: ended('no such operation'),
      denied: ended('not allowed'),
      key: ended('no key'),
      throttled: { threw: '[Unrecoverable Invocation] Checkpoint failed: Rate exceeded' },
      broken: { threw: '[Unrecoverable Invocation] Checkpoint failed: try later' },
      paged: { threw: 'Invalid Checkpoint Token' },
    });
    expect(slim.requests.filter((request) => request.startsWith('throttled'))).toHaveLength(3);
  });

  it('runs the operations of the durable host as before', async () => {
    const operations = Object.fromEntries(['step', 'wait', 'map', 'callback', 'child'].map((name) => [name, name]));
    const [slim, whole] = [await run(paths.slim, operations), await run(paths.whole, operations)];
    expect(slim).toEqual(whole);
    expect(slim.answers).toMatchObject({
      step: { Status: 'SUCCEEDED', Result: '"done"' },
      wait: { Status: 'PENDING' },
      map: { Status: 'SUCCEEDED', Result: '[2,4]' },
    });
  });

  it('refuses the operations that are cut out, and instrumentation plugins, in words', async () => {
    const { answers } = await run(paths.slim, Object.fromEntries(CUT.map((name) => [name, name])));
    const refused = (what: string) => ({
      Status: 'FAILED',
      Error: { ErrorMessage: `${what} not part of this bundle; see build/slim-durable-sdk.ts`, ErrorType: 'Error' },
    });
    expect(answers).toEqual({
      invoke: refused('invoke() is'),
      waitForCondition: refused('waitForCondition() is'),
      waitForCallback: refused('waitForCallback() is'),
      parallel: refused('parallel() is'),
      promise: refused('promise combinators are'),
    });
    expect((await run(paths.slim, { step: 'step' }, { DURABLE_EXECUTION_PLUGINS: 'some-plugin' })).answers).toEqual({
      step: refused('instrumentation plugins are'),
    });
  });

  it('is asked by no source of ours for an operation that is cut out: only bundles lack it', () => {
    const asks = new RegExp(`\\bcontext\\.(?:${CUT.join('|')})\\b`, 'u');
    const deployed = sourceFiles().filter(({ path }) => /^(?:functions|shared)\/.*\.ts$/u.test(path));
    expect(deployed.filter(({ text }) => text.includes('durable-execution-sdk-js')).map(({ path }) => path)).toEqual([
      'shared/kernel/hosts/durable-host.ts',
    ]);
    expect(deployed.filter(({ text }) => asks.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
