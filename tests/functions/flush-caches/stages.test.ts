/** What is read of stages of API Gateway, and sent, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { apply, locate, observe, ofPerson, TICK, type Request } from '../../../functions/flush-caches/aws.ts';
import { observeStage } from '../../../functions/flush-caches/aws/observed-stage.ts';
import { flushAuthorizers, flushStageCache } from '../../../functions/flush-caches/aws/stages.ts';
import { sendCall } from '../../../shared/kernel/run/send.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { inFunction } from '../in-a-function.ts';

const AT = 'arn:aws:apigateway:eu-west-1::';
const [PROD, TEST, HTTP] = [
  '/restapis/a1b2c3d4e5/stages/prod',
  '/restapis/a1b2c3d4e5/stages/test',
  '/apis/h/stages/live',
];
const NAME = { restApiId: 'a1b2c3d4e5', stageName: 'prod' };
const TAGS = { 'runbook:flush': 'shop' };
const WORDS = 'flush-caches-0123456789abcdef-';

function worldOf(more: object = {}): object {
  return {
    now: '2026-11-29T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    'api-gateway': {
      RestApis: [{ id: 'a1b2c3d4e5' }],
      Stages: [
        { ...NAME, cacheClusterEnabled: true, cacheClusterSize: '0.5', tags: TAGS, ...more },
        { ...NAME, stageName: 'test' },
      ],
    },
    apigatewayv2: { Stages: [{ ApiId: 'h', StageName: 'live', Tags: TAGS }] },
    cloudfront: {
      Distributions: [
        { Id: 'E1ABCDEFGHIJKL', DistributionConfig: {}, Tags: [{ Key: 'runbook:flush', Value: 'shop' }] },
      ],
    },
  };
}

function asked(target: string, params: Parameters<typeof ofPerson>[0] = { whole: ['stage'] }): Request {
  const id = 'request:0123456789abcdef01';
  return ofPerson(params, { kind: 'request', id, runbook: 'flush-caches', params: {}, dryRun: false, target });
}

async function inWorld<T>(work: (io: Io) => Promise<T>, more: object = {}): Promise<T> {
  const { value, thrown } = await inFunction(worldOf(more), work);
  if (value === undefined) throw thrown;
  return value;
}

describe('targets', () => {
  const targets = (request: Request) =>
    inWorld(async (io) => (await locate(request, io)).map(({ target }) => target.replace(AT, '')));

  it('are the stages that have the name, of HTTP APIs too; distributions only where paths are asked for', async () => {
    expect(await targets(asked('shop'))).toEqual([HTTP, PROD]);
    expect(await targets(asked('shop', { whole: ['authorizers'] }))).toEqual([HTTP, PROD]);
    expect(await targets(asked('shop', { paths: ['/a'] }))).toEqual([
      'arn:aws:cloudfront::111122223333:distribution/E1ABCDEFGHIJKL',
    ]);
    expect(await targets(asked('shop', { paths: ['/a'], whole: ['stage'] }))).toHaveLength(3);
    expect(await targets(asked('shop', { whole: ['cluster'] }))).toEqual([]);
  });

  it('are the one of an ARN, of this Region alone', async () => {
    expect(await targets(asked(`${AT}${TEST}`))).toEqual([TEST]);
    expect(await targets(asked(`arn:aws:apigateway:us-east-1::${TEST}`))).toEqual([]);
    expect(await targets(TICK)).toEqual([]);
  });
});

describe('a stage', () => {
  const seen = (path: string, request: Request, more: object = {}) =>
    inWorld((io) => observeStage(`${AT}${path}`, request, io), more);

  it('is read with what matters to its cache', async () => {
    const more = {
      methodSettings: { '*/*': { cachingEnabled: true }, 'a/GET': {}, 'b/GET': { cachingEnabled: false } },
      canarySettings: { percentTraffic: 10 },
    };
    expect(await seen(PROD, asked('shop', { whole: ['authorizers', 'stage'] }), more)).toEqual({
      kind: 'stage',
      target: `${AT}${PROD}`,
      name: { isRest: true, apiId: 'a1b2c3d4e5', stageName: 'prod' },
      ask: {
        by: 'somebody',
        why: '',
        words: WORDS,
        begunAt: '2026-11-29T09:00:00.000Z',
        caches: ['stage', 'authorizers'],
      },
      stage: {
        isTagged: true,
        hasCache: true,
        status: 'AVAILABLE',
        size: '0.5',
        cachingSettings: 1,
        hasCanaryApart: true,
      },
      written: [],
    });
    expect(await seen(PROD, asked('shop'), { canarySettings: { useStageCache: true } })).toMatchObject({
      stage: { hasCanaryApart: false },
    });
  });

  it('without the tag, one that is gone, one of an HTTP API, and one of a tick are looked at no further', async () => {
    expect(await seen(TEST, asked('shop'))).toMatchObject({
      stage: { isTagged: false, hasCache: false, status: 'NOT_AVAILABLE', size: null },
    });
    expect(await seen(PROD.replace('prod', 'gone'), asked('shop'))).toMatchObject({ stage: null });
    expect(await seen(HTTP, asked('shop'))).toMatchObject({ stage: null, name: { isRest: false } });
    expect(await seen(PROD, TICK)).toMatchObject({ stage: null, ask: null });
  });

  it('is what its ARN says it is', async () => {
    await expect(seen('/restapis/a1b2c3d4e5', asked('shop'))).rejects.toThrow('is no stage');
    const { thrown } = await inFunction(worldOf(), (io) => observe(`${AT}/restapis/a1b2c3d4e5`, asked('shop'), io));
    expect(String(thrown)).toContain('is no cache that is known here');
  });

  it('that cannot be read is an error, never one that is gone', async () => {
    const point = { request: 0, kind: 'throttled' } as const;
    const { thrown } = await inFunction(worldOf(), (io) => observe(`${AT}${PROD}`, asked('shop'), io), [point]);
    expect(thrown).toMatchObject({ name: 'TooManyRequestsException' });
  });

  it('is read with what was written down of requests in these words', async () => {
    const written = async (key: string, value: { at?: string }) =>
      inWorld(async (io) => {
        await openData().write({ partition: 'flush-stage', key, ifVersion: 0, value });
        return observe(`${AT}${PROD}`, asked('shop'), io);
      });
    const at = '2026-11-29T08:59:59.000Z';
    expect(await written(`a1b2c3d4e5/prod/${WORDS}/stage`, { at })).toMatchObject({
      written: [{ cache: 'stage', at, version: 1 }],
    });
    expect(await written('a1b2c3d4e5/prod/others/stage', { at })).toMatchObject({ written: [] });
    expect(await written(`a1b2c3d4e5/prod/${WORDS}/new`, { at })).toMatchObject({ written: [] });
    await expect(written(`a1b2c3d4e5/prod/${WORDS}/stage`, {})).rejects.toThrow('cannot be read: it lacks at');
  });
});

describe('the calls', () => {
  it('are sent as planned', async () => {
    const { requests } = await inFunction(worldOf(), async (io) => {
      expect(await sendCall(flushStageCache, NAME, io)).toEqual({});
      expect(await sendCall(flushAuthorizers, NAME, io)).toEqual({});
    });
    expect(requests.map(({ call, input }) => [call, input])).toEqual([
      ['apigateway:FlushStageCache', NAME],
      ['apigateway:FlushStageAuthorizersCache', NAME],
    ]);
    expect(Object.keys(apply)).toEqual(expect.arrayContaining(requests.map(({ call }) => call)));
  });

  it.each([
    ['a flush is under way', 'wait', { cacheClusterStatus: 'FLUSH_IN_PROGRESS' }, NAME],
    ['there is no cache', 'refused', { cacheClusterEnabled: false }, NAME],
    ['it is gone', 'conflict', {}, { ...NAME, stageName: 'gone' }],
  ])('say what it means where %s', async (_why, meaning, more, input) => {
    expect(await inWorld((io) => sendCall(flushStageCache, input, io), more)).toMatchObject({ said: { meaning } });
  });
});
