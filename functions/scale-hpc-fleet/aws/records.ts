/** What the ledger keeps of a fleet. */

import type { LaunchTemplate } from '@aws-sdk/client-ec2';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import {
  attestedIn,
  gangKey,
  PARTITIONS,
  readRecords,
  type Facts,
  type GangRecord,
  type Node,
  type Settings,
} from '../decide.ts';

/** Throws what the ledger throws: what is not known is not nothing. */
export async function recordsOf({ LaunchTemplateId }: LaunchTemplate): Promise<ReturnType<typeof readRecords>> {
  const fleet = gangKey(need(LaunchTemplateId, 'LaunchTemplates[].LaunchTemplateId'), '');
  const data = openData();
  const [gangs, rungs, leases] = await Promise.all([
    data.list(PARTITIONS.gangs, fleet),
    data.list(PARTITIONS.capacity),
    data.list(PARTITIONS.leases),
  ]);
  return readRecords(gangs, rungs, leases);
}

/** Gangs whose nodes are asked in one look what they have said: the oldest of those that all run. They are up then, or go. */
const MOST_ASKED = 20;

/** What the nodes of gangs that are coming up have said; nothing where the fleet does not want to know. */
export async function attestedOf(
  gangs: readonly GangRecord[],
  nodes: readonly Node[],
  { attestSeconds }: Settings,
): Promise<Facts['attested']> {
  if (attestSeconds === null) return {};
  const running = Map.groupBy(
    nodes.filter(({ state }) => state === 'running'),
    ({ clientToken }) => clientToken ?? '',
  );
  const whole = gangs.filter(({ id, state, nodes: size }) => state === 'launching' && running.get(id)?.length === size);
  const coming = whole.toSorted((one, other) => one.askedAt.localeCompare(other.askedAt)).slice(0, MOST_ASKED);
  const data = openData();
  const said = await Promise.all(
    coming.map(async ({ id }) => [id, attestedIn(await data.list(PARTITIONS.attests, `${id}/`))] as const),
  );
  return Object.fromEntries(said);
}
