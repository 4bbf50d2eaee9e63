import { describe, expect, it } from 'vitest';
import { ofPerson } from '../../../functions/flush-caches/aws.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';

const STAGE = 'arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod';
const ARN = 'arn:aws:cloudfront::111122223333:distribution/E1ABCDEFGHIJKL';

function asked(params: Parameters<typeof ofPerson>[0], more: Partial<RequestDelivery> = {}) {
  return ofPerson(params, {
    kind: 'request',
    id: 'request:0123',
    runbook: 'flush-caches',
    params: {},
    dryRun: false,
    target: 'site',
    ...more,
  });
}

const TENANT = 'dt_2wjDZi3hD1ivOXf6rpZJO1AB';

describe('a request', () => {
  it('is for all that have the name, or for one by its id or ARN', () => {
    const of = (target: string) => asked({ paths: ['/a'] }, { target }).asked?.of;
    expect(of('site')).toEqual({ by: 'tag', text: 'site' });
    expect(of('E1ABCDEFGHIJKL')).toEqual({ by: 'id', text: 'E1ABCDEFGHIJKL' });
    expect(of(ARN)).toEqual({ by: 'id', text: 'E1ABCDEFGHIJKL', arn: ARN });
    expect(of(TENANT)).toEqual({ by: 'id', text: TENANT });
    const tenant = `arn:aws:cloudfront::111122223333:distribution-tenant/${TENANT}`;
    expect(of(tenant)).toEqual({ by: 'id', text: TENANT, arn: tenant });
    expect(asked({ whole: ['stage', 'stage'] }, { target: STAGE }).asked).toMatchObject({
      of: { by: 'arn', text: STAGE },
      items: [],
      whole: ['stage'],
    });
  });

  it('asks for each path and each tag once, as CloudFront takes it', () => {
    const paths = ['/b c', '/a/*', '/a/x', '/b%20c', '/d~', '/e~', '/f~', '/g~', '/h~', '/i~'];
    expect(asked({ paths, cacheTags: ['T', 't'] }, { reason: 'why', requestedBy: 'kim' })).toEqual({
      delivery: 'request:0123',
      asked: {
        of: { by: 'tag', text: 'site' },
        items: ['#t', '/a/*', '/b%20c', '/d*', '/e*', '/f*', '/g*', '/h*', '/i*'],
        whole: [],
        by: 'kim',
        why: 'why',
        asked: 12,
        isCollapsed: false,
        collapsedPaths: 9,
        widened: 6,
        widenedFirst: ['d', 'e', 'f', 'g', 'h'].map((name) => ({ asked: `/${name}~`, sent: `/${name}*` })),
      },
    });
  });

  it('is collapsed where that is asked for, and says what it would be where not', () => {
    const paths = ['/a/1', '/a/2', '/b'];
    expect(asked({ paths }).asked).toMatchObject({ items: paths, collapsedPaths: 2, isCollapsed: false });
    expect(asked({ paths, collapse: true }).asked).toMatchObject({ items: ['/a/*', '/b'], isCollapsed: true });
  });

  it('of nobody is somebody’s', () => {
    expect(asked({ paths: ['/a'] }).asked).toMatchObject({ by: 'somebody', why: '' });
  });

  it.each([
    [
      'params.paths: say which paths, or which cacheTags; all paths are ["/*"], and what has no paths is flushed by "whole"',
      {},
      {},
    ],
    ['params.paths[1]: a path begins with /', { paths: ['/a', 'b'] }, {}],
    [
      'params.paths[0]: /~kim cannot be named, and only /* is there before it: say /* if all is meant',
      { paths: ['/~kim'] },
      {},
    ],
    ['params.cacheTags[0]: a tag is written without its #', { cacheTags: ['#a'] }, {}],
    [
      'target: arn:aws:s3:::bucket/x is not the ARN of a distribution, a tenant, a stage or a cluster',
      { paths: ['/a'] },
      { target: 'arn:aws:s3:::bucket/x' },
    ],
    [
      `params.whole: ${STAGE} is a stage, which has no paths: say "whole": ["stage"], or ["authorizers"]`,
      { paths: ['/a'] },
      { target: STAGE },
    ],
    [`params.paths: ${STAGE} is a stage`, { paths: ['/a'], whole: ['stage' as const] }, { target: STAGE }],
    [`params.whole: ${STAGE} is a stage`, { whole: ['stage' as const, 'cluster' as const] }, { target: STAGE }],
    [
      'params.paths: E1ABCDEFGHIJKL is a distribution: say its paths or cacheTags',
      { whole: ['stage' as const] },
      { target: ARN },
    ],
    [
      'params.whole: E1ABCDEFGHIJKL is a distribution, which has no "stage", "authorizers"',
      { paths: ['/a'], whole: ['stage' as const, 'authorizers' as const] },
      { target: 'E1ABCDEFGHIJKL' },
    ],
  ])('is bad input: %s', (message, params, more) => {
    expect(() => asked(params, more)).toThrow(message);
  });

  it('has to say which caches', () => {
    const { target: _none, ...rest } = {
      kind: 'request',
      id: 'r',
      runbook: 'flush-caches',
      params: {},
      dryRun: false,
      target: '',
    } as const;
    expect(() => ofPerson({ paths: ['/a'] }, rest)).toThrow('target: say which caches');
  });
});
