/** Placement groups that were made for one gang. */

import { DescribePlacementGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { FRESH, OWN_GROUP, type Facts, type GangRecord, type OwnGroup, type Rung } from '../decide.ts';
import { TAG } from './templates.ts';

/** Those of a fleet. Only where a rung of its ladder has such groups, or a gang that the ledger knows of had one: it costs a request. */
export async function ownGroupsOf(
  queue: string | null,
  {
    ladder,
    gangs,
    lingering,
  }: {
    readonly ladder: Facts['ladder'];
    readonly gangs: readonly GangRecord[];
    readonly lingering: ReadonlySet<string>;
  },
  io: Io,
): Promise<readonly OwnGroup[]> {
  const isFresh = ({ placementGroup }: Rung): boolean => placementGroup === FRESH;
  const isInLadder = 'rungs' in ladder && ladder.rungs.some(isFresh);
  // A group carries the queue that its gang was launched for, which may be called otherwise by now.
  const before = gangs.filter(({ rung }) => isFresh(rung)).map((gang) => gang.queue);
  if (!isInLadder && before.length === 0) return [];
  const queues = new Set([...(queue === null ? [] : [queue]), ...before]);
  if (queues.size === 0) return [];
  const command = new DescribePlacementGroupsCommand({ Filters: [{ Name: `tag:${TAG}`, Values: [...queues] }] });
  const { PlacementGroups = [] } = await client(EC2Client).send(command, { abortSignal: io.signal });
  return PlacementGroups.flatMap(({ GroupName = '', State }) => {
    if (!GroupName.startsWith(OWN_GROUP) || State !== 'available') return [];
    const gang = GroupName.slice(OWN_GROUP.length);
    return [{ gang, isUsed: lingering.has(gang) }];
  });
}
