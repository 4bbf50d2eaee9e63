/** What others may do to the account between a look of flush-caches and its call. */

import type { Shape } from '../../simulator/engine/model.ts';
import { text } from '../../simulator/services/ec2/state.ts';
import type { Meddling } from '../world-moves.ts';

const FLUSHES = ['apigateway:FlushStageCache', 'apigateway:FlushStageAuthorizersCache'];

/** Something happens to the stage that is about to be flushed. */
function stage(
  name: string,
  set: { readonly [member: string]: unknown } | null,
  excuses: NonNullable<Meddling['excuses']> = {},
): Meddling {
  return {
    name,
    before: FLUSHES,
    excuses,
    happens: (input: Shape) => {
      const path = `api-gateway/Stages/${text(input, 'restApiId') ?? ''}/${text(input, 'stageName') ?? ''}`;
      if (set === null) return { [path]: null };
      return Object.fromEntries(Object.entries(set).map(([member, value]) => [`${path}/${member}`, value]));
    },
  };
}

/** What may happen before which call of flush-caches. */
export const WORLD_MOVES: readonly Meddling[] = [
  stage('stage-deleted', null),
  stage('flushed-by-hand', { cacheClusterStatus: 'FLUSH_IN_PROGRESS' }),
  stage(
    'cache-resized',
    { cacheClusterStatus: 'CREATE_IN_PROGRESS' },
    { 'every-asked-stage-flushed-since': 'a cache that is made anew is empty, and is not flushed' },
  ),
  stage('cache-given-up', { cacheClusterEnabled: false, cacheClusterStatus: 'DELETE_IN_PROGRESS' }),
  stage('cache-gone', { cacheClusterEnabled: false, cacheClusterStatus: 'NOT_AVAILABLE' }),
];
