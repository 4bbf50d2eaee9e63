/** Placement groups that were made for one gang. */

import { DescribePlacementGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { FRESH, OWN_GROUP, type Facts, type GangRecord, type OwnGroup } from '../decide.ts';
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
  const rungs = [...('rungs' in ladder ? ladder.rungs : []), ...gangs.map(({ rung }) => rung)];
  if (queue === null || !rungs.some(({ placementGroup }) => placementGroup === FRESH)) return [];
  const command = new DescribePlacementGroupsCommand({ Filters: [{ Name: `tag:${TAG}`, Values: [queue] }] });
  const { PlacementGroups = [] } = await client(EC2Client).send(command, { abortSignal: io.signal });
  return PlacementGroups.flatMap(({ GroupName = '', State }) => {
    if (!GroupName.startsWith(OWN_GROUP) || State !== 'available') return [];
    const gang = GroupName.slice(OWN_GROUP.length);
    return [{ gang, isUsed: lingering.has(gang) }];
  });
}
