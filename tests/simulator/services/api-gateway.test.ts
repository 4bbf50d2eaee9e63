/** Stages of API Gateway and their caches. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

const PROD = { restApiId: 'a1b2c3d4e5', stageName: 'prod' };

function world(more: Shape = {}, others: readonly Shape[] = []): ServiceWorld {
  const Stages = [{ ...PROD, cacheClusterEnabled: true, tags: { team: 'web' }, ...more }, ...others];
  return serviceWorld({ 'api-gateway': { RestApis: [{ id: 'a1b2c3d4e5' }], Stages } });
}

function status({ call }: ServiceWorld): unknown {
  return call('apigateway:GetStage', PROD)['cacheClusterStatus'];
}

describe('a stage', () => {
  it('is told as get-stage prints it, without what only the simulator knows', () => {
    const made = world({ FlushTakes: 'PT5S', methodSettings: { '*/*': { cachingEnabled: true } } });
    made.call('apigateway:FlushStageAuthorizersCache', PROD);
    expect(made.call('apigateway:GetStage', PROD)).toEqual({
      stageName: 'prod',
      cacheClusterEnabled: true,
      cacheClusterStatus: 'AVAILABLE',
      methodSettings: { '*/*': { cachingEnabled: true } },
      tags: { team: 'web' },
    });
  });

  it('without a cache says so', () => {
    const bare = world({ cacheClusterEnabled: false, cacheClusterSize: '0.5' });
    expect(status(bare)).toBe('NOT_AVAILABLE');
    expect(() => bare.call('apigateway:FlushStageCache', PROD)).toThrow(
      expect.objectContaining({ name: 'BadRequestException' }),
    );
  });

  it('that is not there is not found, for want of the stage or of its API', () => {
    const made = world();
    for (const call of ['GetStage', 'FlushStageCache', 'FlushStageAuthorizersCache'])
      expect(() => made.call(`apigateway:${call}`, { ...PROD, stageName: 'test' })).toThrow(
        'Invalid stage identifier specified',
      );
    expect(() => made.call('apigateway:GetStage', { ...PROD, restApiId: 'x' })).toThrow(
      expect.objectContaining({
        name: 'NotFoundException',
        message: 'Invalid API identifier specified 111122223333:x',
      }),
    );
    const alone = serviceWorld({ 'api-gateway': { Stages: [PROD] } });
    expect(() => alone.call('apigateway:GetStage', { ...PROD, stageName: 'x' })).toThrow('Invalid stage');
  });

  it('has to be of an API that the file has, if it has any', () => {
    expect(() => world({}, [{ restApiId: 'other', stageName: 'prod' }])).toThrow('there is no RestApi other');
  });

  it('is told by its tags, and so is one of an HTTP API', () => {
    const { call } = serviceWorld({
      'api-gateway': { Stages: [{ ...PROD, tags: { team: 'web' } }] },
      apigatewayv2: { Stages: [{ ApiId: 'h', StageName: '$default', Tags: { team: 'web' } }] },
    });
    const found: unknown = call('tag:GetResources', { ResourceTypeFilters: ['apigateway'] })['ResourceTagMappingList'];
    expect(found).toEqual(
      ['/apis/h/stages/$default', '/restapis/a1b2c3d4e5/stages/prod'].map((path) => ({
        ResourceARN: `arn:aws:apigateway:eu-west-1::${path}`,
        Tags: [{ Key: 'team', Value: 'web' }],
      })),
    );
  });
});

describe('a flush', () => {
  it('is under way for a while, in which no other is taken', () => {
    const made = world({ FlushTakes: 'PT40S' });
    expect(made.call('apigateway:FlushStageCache', PROD)).toEqual({});
    made.pass(39);
    expect(status(made)).toBe('FLUSH_IN_PROGRESS');
    expect(() => made.call('apigateway:FlushStageCache', PROD)).toThrow(
      expect.objectContaining({ name: 'ConflictException' }),
    );
    made.pass(1);
    expect(status(made)).toBe('AVAILABLE');
    expect(made.world.records('api-gateway', 'Stages')[0]?.['Flushes']).toEqual([
      { At: '2026-11-22T08:00:00.000Z', Of: 'data' },
    ]);
  });

  it('takes half a minute where nothing else is said', () => {
    const made = world();
    made.call('apigateway:FlushStageCache', PROD);
    expect(made.quiesce()).toBe(30);
    expect(status(made)).toBe('AVAILABLE');
  });
});

describe('a cache that is at something when the world begins', () => {
  it.each([
    ['FLUSH_IN_PROGRESS', 30, 'AVAILABLE'],
    ['CREATE_IN_PROGRESS', 240, 'AVAILABLE'],
    ['DELETE_IN_PROGRESS', 240, 'NOT_AVAILABLE'],
  ])('%s is over after %i seconds', (begun, seconds, ended) => {
    const made = world({ cacheClusterStatus: begun });
    made.pass(seconds - 1);
    expect(status(made)).toBe(begun);
    made.pass(1);
    expect(status(made)).toBe(ended);
  });

  it('may begin it later, as a script says, and stays what another script says', () => {
    const made = world();
    made.set('api-gateway/Stages/prod/cacheClusterStatus', 'CREATE_IN_PROGRESS');
    made.pass(100);
    made.set('api-gateway/Stages/a1b2c3d4e5/prod/cacheClusterStatus', 'DELETE_IN_PROGRESS');
    made.pass(200);
    expect(status(made)).toBe('DELETE_IN_PROGRESS');
    expect(() => made.set('api-gateway/Stages/none/cacheClusterStatus', 'AVAILABLE')).toThrow('there is no');
    made.set('api-gateway/Stages/prod/cacheClusterEnabled', false);
    expect(made.call('apigateway:GetStage', PROD)['cacheClusterEnabled']).toBe(false);
  });

  it('has to say a duration that is one', () => {
    expect(() => world({ FlushTakes: 'soon' })).toThrow('must be a duration such as PT30S');
  });
});
