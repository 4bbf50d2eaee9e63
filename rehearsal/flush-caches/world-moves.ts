/** What others may do to the account between a look of flush-caches and its call. */

import type { Shape } from '../../simulator/engine/model.ts';
import { show, text } from '../../simulator/services/ec2/state.ts';
import { clusterOf, membersOf, records } from '../../simulator/services/elasticache/state.ts';
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

const REBOOT = ['elasticache:RebootCacheCluster'];

/** ElastiCache, or a person, makes another node the primary: what is rebooted then is a replica, which copies what is to be flushed. */
const primaryMoved: Meddling = {
  name: 'primary-moved',
  before: REBOOT,
  excuses: {
    'never-a-reboot-of-a-replica': 'it was the primary when the call left; that it is not any more is told afterwards',
  },
  happens: ({ CacheClusterId: id }, world) => {
    const group = records(world, 'ReplicationGroups').find((one) =>
      membersOf(one).some(({ CacheClusterId, CurrentRole }) => CacheClusterId === id && CurrentRole === 'primary'),
    );
    const members = group === undefined ? [] : membersOf(group);
    const heir = members.find(({ CurrentRole }) => CurrentRole === 'replica')?.['CacheClusterId'];
    if (group === undefined || heir === undefined) return undefined;
    const moved = members.map((member) => ({
      ...member,
      CurrentRole: member['CacheClusterId'] === heir ? 'primary' : 'replica',
    }));
    const path = `elasticache/ReplicationGroups/${show(group['ReplicationGroupId'])}/NodeGroups`;
    return { [path]: [{ NodeGroupId: '0001', Status: 'available', NodeGroupMembers: moved }] };
  },
};

/** A backup begins: ElastiCache reboots nothing until it is over. */
const backupBegins: Meddling = {
  name: 'backup-begins',
  before: REBOOT,
  happens: ({ CacheClusterId: id }, world) => {
    const cluster = clusterOf(world, id);
    if (cluster?.['CacheClusterStatus'] !== 'available') return undefined;
    return { [`elasticache/CacheClusters/${show(id)}/CacheClusterStatus`]: 'snapshotting' };
  },
};

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
  primaryMoved,
  backupBegins,
];
