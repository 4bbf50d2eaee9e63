/** How close the nodes of a gang are in the network: evidence, and nothing that a gang is held back for. */

import { EC2Client, paginateDescribeInstanceTopology } from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Facts, GangRecord, Node } from '../decide.ts';

/** Instances that one request names. Source: API_DescribeInstanceTopology. */
const MOST_NAMED = 100;

/** Gangs that are looked at in one look: of EC2's bucket of requests it takes no more than a few. */
const MOST_GANGS = 5;

/**
 * By gang, of those that all run and are not up yet: under how many network nodes of the lowest layer they are; `null`: it was not read.
 * EC2 says nothing of types that it has no topology of: they are left out.
 */
export async function topologyOf(
  gangs: readonly GangRecord[],
  nodes: readonly Node[],
  io: Io,
): Promise<Facts['topology']> {
  const byToken = Map.groupBy(nodes, ({ clientToken }) => clientToken ?? '');
  const whole = gangs.flatMap(({ id, state, nodes: size }) => {
    const own = (byToken.get(id) ?? []).filter((node) => node.state === 'running');
    return state === 'launching' && own.length === size && size > 1 ? [{ id, own }] : [];
  });
  const told = await Promise.all(
    whole.map(async ({ id, own }, index) => [id, index < MOST_GANGS ? await lowestNodes(own, io) : null] as const),
  );
  return Object.fromEntries(told.filter(([, count]) => count !== 0));
}

async function lowestNodes(nodes: readonly Node[], io: Io): Promise<number | null> {
  const ids = nodes.map(({ id }) => id);
  try {
    const lowest = await Promise.all(
      chunksOf(ids, MOST_NAMED).map((InstanceIds) =>
        collect(
          paginateDescribeInstanceTopology({ client: client(EC2Client) }, { InstanceIds }, { abortSignal: io.signal }),
          ({ Instances }) => (Instances ?? []).flatMap(({ NetworkNodes }) => NetworkNodes?.at(-1) ?? []),
        ),
      ),
    );
    return new Set(lowest.flat()).size;
  } catch {
    // It is told to people, and nothing is decided by it.
    return null;
  }
}
