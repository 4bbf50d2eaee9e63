/** How it stands with the cache of a stage. Pure. */

import type { Stage } from './stage-facts.ts';

/**
 * - `ready`: it can be flushed.
 * - `none`: there is none.
 * - `empty`: it is being made. What was cached before a change of its size is deleted, and what is cached later is later than the request.
 * - `flushing`: somebody's flush is under way, ours or another.
 * - `deleting`: what is in it is not gone yet. The stage may say already that none is enabled.
 * - `unavailable`: one is enabled, and cannot be used.
 */
export type Readiness = 'ready' | 'none' | 'empty' | 'flushing' | 'deleting' | 'unavailable';

/**
 * What the status of a cache means for flushing it.
 * Sources: https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html (cacheClusterStatus),
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html (changes of the size), and of a size without a
 * cache https://github.com/hashicorp/terraform-provider-aws/issues/22866.
 */
export function readiness({ hasCache, status }: Stage): Readiness {
  if (status === 'DELETE_IN_PROGRESS') return 'deleting';
  if (!hasCache) return 'none';
  if (status === 'AVAILABLE') return 'ready';
  if (status === 'FLUSH_IN_PROGRESS') return 'flushing';
  return status === 'CREATE_IN_PROGRESS' ? 'empty' : 'unavailable';
}
