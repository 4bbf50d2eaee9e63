/** What others may do to the account between a look of recycle-instances and its call. */

import { instanceBecomes, instanceIn, type Meddling } from '../world-moves.ts';

/** What may happen before which call of recycle-instances. */
export const WORLD_MOVES: readonly Meddling[] = [
  instanceBecomes('stopped-by-hand', 'stopped', ['ec2:StopInstances'], instanceIn('InstanceIds')),
  instanceBecomes(
    'terminated-by-hand',
    'terminated',
    ['ec2:StopInstances', 'ec2:StartInstances'],
    instanceIn('InstanceIds'),
  ),
  instanceBecomes('tagged-terminated', 'terminated', ['ec2:CreateTags'], instanceIn('Resources'), {
    'recycled-only-when-it-runs': 'CreateTags takes no condition on the state of the instance',
  }),
];
