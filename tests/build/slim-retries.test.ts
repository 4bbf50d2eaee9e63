/** A bundle without the SDK's retries sends what the whole SDK sends, once, and names the same errors. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, defaultOptions, deployedOptions } from '../../build/bundle.ts';
import { runBundle, startService, temporaryFolder, type Service } from './bundle-runs.ts';
import { serviceAnswer } from './bundle-services.ts';

const folder = temporaryFolder();
/** The whole SDK of every client takes seconds to bundle, and more on a busy machine. */
const BUNDLING_MS = 60_000;
const CLIENTS = 'tests/build/bundled-clients.ts';
/** Of the code that decides on a second attempt. */
const TEXTS = ['acquireInitialRetryToken', 'No retry token available'];

describe('a bundle that begins with a file without the durable host', () => {
  let slim = '';
  let whole = '';
  let service: Service;
  let requests: unknown[] = [];

  beforeAll(async () => {
    slim = (await bundle(CLIENTS, join(folder, 'slim.mjs'), deployedOptions())).path;
    whole = (await bundle(CLIENTS, join(folder, 'whole.mjs'), defaultOptions())).path;
    service = await startService((request, body) => {
      const { 'amz-sdk-invocation-id': id, 'amz-sdk-request': attempt, 'x-amz-target': target } = request.headers;
      requests.push({ attempt, target, body, hasId: /^[0-9a-f-]{36}$/u.test(String(id)) });
      return serviceAnswer(request, body);
    });
  }, BUNDLING_MS);
  afterAll(() => service.close());

  async function run(path: string, input = {}, environment = {}): Promise<unknown> {
    requests = [];
    const answers = await runBundle(path, { AWS_ENDPOINT_URL: service.endpoint, ...environment }, input);
    return { answers, requests };
  }

  it('has none of the code that retries', () => {
    const [short, long] = [slim, whole].map((path) => readFileSync(path, 'utf8'));
    expect(TEXTS.filter((text) => short?.includes(text))).toEqual([]);
    expect(TEXTS.some((text) => long?.includes(text))).toBe(true);
  });

  it('sends, signs and names as the whole SDK does', async () => {
    const answered = await run(slim);
    expect(answered).toEqual(await run(whole));
    expect(requests.length).toBeGreaterThanOrEqual(12);
    expect(requests).toContainEqual(expect.objectContaining({ attempt: 'attempt=1; max=1', hasId: true }));
  });

  it.each([
    [{ maxAttempts: 3 }, {}, 'sending a request 3 times'],
    [{}, { AWS_RETRY_MODE: 'adaptive' }, 'adaptive retrying'],
  ])('with %j and %j says that it cannot', async (input, environment, what) => {
    const { answers } = Object(
      await run(slim, input, environment).catch((error: unknown) => ({ answers: String(error) })),
    );
    expect(JSON.stringify(answers)).toContain(`${what} is not part of this bundle; see build/slim-retries.ts`);
    expect(requests).toEqual([]);
  });
});

describe('a bundle with the durable host', () => {
  it(
    'keeps them: its client repeats checkpoints',
    async () => {
      const { path } = await bundle(
        'tests/recycle-instances/handler.ts',
        join(folder, 'durable.mjs'),
        deployedOptions(),
      );
      expect(readFileSync(path, 'utf8')).toContain(TEXTS[0]);
    },
    BUNDLING_MS,
  );
});
