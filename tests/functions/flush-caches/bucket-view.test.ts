/** Where a bucket is seen, out of the configuration of a distribution as CloudFront gives it. */

import { describe, expect, it } from 'vitest';
import { bucketView, isServedFrom } from '../../../functions/flush-caches/aws/bucket-view.ts';
import { UNSAID } from '../../../functions/flush-caches/decide.ts';

type Config = Parameters<typeof bucketView>[0];

const SOUGHT = { bucket: 'site', said: undefined };

function configOf(more: Partial<Config> = {}): Config {
  return {
    CallerReference: 'c',
    Comment: '',
    Enabled: true,
    Origins: {
      Quantity: 2,
      Items: [
        { Id: 's3', DomainName: 'site.s3.eu-west-1.amazonaws.com', OriginPath: '/live' },
        { Id: 'api', DomainName: 'api.example.com' },
      ],
    },
    DefaultCacheBehavior: { TargetOriginId: 's3', ViewerProtocolPolicy: 'https-only' },
    ...more,
  };
}

const behaviorsOf = (more: Partial<Config>): ReturnType<typeof bucketView>['behaviors'] =>
  bucketView(configOf(more), SOUGHT, UNSAID).behaviors;

describe('the view of a bucket', () => {
  it('is its origins, with what CloudFront puts in front, and the default behavior at the end', () => {
    expect(bucketView(configOf(), SOUGHT, UNSAID)).toEqual({
      origins: [{ id: 's3', path: '/live', isWebsite: false }],
      behaviors: [{ pattern: '*', origins: ['s3'], mayRewrite: false }],
      rootObject: null,
      spellings: UNSAID,
    });
  });

  it('has the behaviors in the order in which they are tried', () => {
    const Items = [
      { PathPattern: '/b/*', TargetOriginId: 'api', ViewerProtocolPolicy: 'https-only' as const },
      { PathPattern: '/a/*', TargetOriginId: 's3', ViewerProtocolPolicy: 'https-only' as const },
    ];
    const behaviors = behaviorsOf({ CacheBehaviors: { Quantity: 2, Items } });
    expect(behaviors.map(({ pattern, origins }) => [pattern, ...origins])).toEqual([
      ['/b/*', 'api'],
      ['/a/*', 's3'],
      ['*', 's3'],
    ]);
  });

  it('asks every member of an origin group', () => {
    const members = { Quantity: 2, Items: [{ OriginId: 'api' }, { OriginId: 's3' }] };
    const failover = { StatusCodes: { Quantity: 1, Items: [503] } };
    const [behavior] = behaviorsOf({
      OriginGroups: { Quantity: 1, Items: [{ Id: 'either', FailoverCriteria: failover, Members: members }] },
      DefaultCacheBehavior: { TargetOriginId: 'either', ViewerProtocolPolicy: 'https-only' },
    });
    expect(behavior?.origins).toEqual(['api', 's3']);
  });

  it.each([
    [
      'a function of CloudFront',
      { FunctionAssociations: { Quantity: 1, Items: [{ FunctionARN: 'f', EventType: 'viewer-request' as const }] } },
    ],
    [
      'Lambda@Edge',
      {
        LambdaFunctionAssociations: {
          Quantity: 1,
          Items: [{ LambdaFunctionARN: 'f', EventType: 'origin-request' as const }],
        },
      },
    ],
  ])('may be rewritten by %s', (_name, functions) => {
    const [behavior] = behaviorsOf({
      DefaultCacheBehavior: { TargetOriginId: 's3', ViewerProtocolPolicy: 'https-only', ...functions },
    });
    expect(behavior?.mayRewrite).toBe(true);
    const none = Object.fromEntries(Object.keys(functions).map((name) => [name, { Quantity: 0 }]));
    const [bare] = behaviorsOf({
      DefaultCacheBehavior: { TargetOriginId: 's3', ViewerProtocolPolicy: 'https-only', ...none },
    });
    expect(bare?.mayRewrite).toBe(false);
  });

  it.each([
    ['/index.html', 'index.html'],
    ['index.html', 'index.html'],
    ['', null],
  ])('has a root object without its slash: %j', (DefaultRootObject, rootObject) => {
    expect(bucketView(configOf({ DefaultRootObject }), SOUGHT, UNSAID).rootObject).toBe(rootObject);
  });

  it('is nothing where no origin is the bucket, unless a tag says which bucket an unnamed origin is', () => {
    expect(isServedFrom(configOf(), { bucket: 'other', said: undefined })).toBe(false);
    expect(isServedFrom(configOf(), { bucket: 'other', said: 'third' })).toBe(false);
    expect(isServedFrom(configOf(), { bucket: 'other', said: 'other' })).toBe(true);
    const { origins } = bucketView(configOf(), { bucket: 'other', said: 'other' }, UNSAID);
    expect(origins.map(({ id }) => id)).toEqual(['api']);
  });
});
