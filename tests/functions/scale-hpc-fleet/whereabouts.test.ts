/** What `scale-hpc-fleet` reads of where the nodes of gangs are: placement groups of their own, and how close they are in the network. */

import { describe, expect, it } from 'vitest';
import { readNodes } from '../../../functions/scale-hpc-fleet/aws/nodes.ts';
import { ownGroupsOf } from '../../../functions/scale-hpc-fleet/aws/own-groups.ts';
import { topologyOf } from '../../../functions/scale-hpc-fleet/aws/topology.ts';
import type { GangRecord } from '../../../functions/scale-hpc-fleet/decide.ts';
import { gangId, launching, record, RUNG } from './fleet-facts.ts';
import { node, tags, within } from './small-account.ts';

const NO_RIVALS: ReadonlySet<string> = new Set();

describe('placement groups of gangs', () => {
  const fresh = { ...RUNG, placementGroup: 'fresh' };
  const groups = ['a', 'b'].map((letter) => ({
    GroupName: `runbook-hpc-${gangId(letter)}`,
    GroupId: `pg-0${letter}`,
    Tags: tags({ 'runbook:hpc-queue': 'mpi-jobs', 'runbook:run': `scale-hpc-fleet/${gangId(letter)}` }),
  }));
  const foreign = { GroupName: 'cfd', GroupId: 'pg-0c', Tags: tags({ 'runbook:hpc-queue': 'mpi-jobs' }) };
  const ec2 = { PlacementGroups: [...groups, foreign] };
  const lingering = new Set([gangId('b')]);

  it('are those with their names and the tag, and are used as long as a node has not gone', async () => {
    const { value } = await within(
      (io) => ownGroupsOf('mpi-jobs', { ladder: { rungs: [fresh] }, gangs: [], lingering }, io),
      { ec2 },
    );
    expect(value).toEqual([
      { gang: gangId('a'), isUsed: false },
      { gang: gangId('b'), isUsed: true },
    ]);
  });

  it('are looked for while a gang had one, and else not at all', async () => {
    const after = { ladder: { rungs: [RUNG] }, gangs: [record('a', { rung: fresh })], lingering };
    expect((await within((io) => ownGroupsOf('mpi-jobs', after, io), { ec2 })).value).toHaveLength(2);
    const renamed = { ...after, gangs: [record('a', { rung: fresh, queue: 'mpi-jobs' })] };
    expect((await within((io) => ownGroupsOf('mpi-jobs-2', renamed, io), { ec2 })).value).toHaveLength(2);
    const never = { ladder: { rungs: [RUNG] }, gangs: [record('a')], lingering };
    const { value, requests } = await within((io) => ownGroupsOf('mpi-jobs', never, io), { ec2 });
    expect([value, requests.length]).toEqual([[], 0]);
  });
});

describe('the topology of a gang', () => {
  const [a, b] = [gangId('a'), gangId('b')];
  const hpc = { InstanceType: 'hpc7a.96xlarge' };
  const Instances = [
    node('i-0a', a, hpc),
    node('i-0b', a, { ...hpc, Placement: { AvailabilityZone: 'eu-west-1a', GroupName: 'mpi-b' } }),
    node('i-0c', b, hpc),
    node('i-0d', b, { ...hpc, State: { Name: 'pending', Code: 0 } }),
  ];
  const two = { nodes: 2 };
  const read = (gangs: readonly GangRecord[], points: Parameters<typeof within>[2] = []) =>
    within(
      async (io) => {
        const { nodes } = await readNodes('mpi-jobs', gangs, NO_RIVALS, io);
        return topologyOf(gangs, nodes, io);
      },
      { ec2: { Instances } },
      points,
    );

  it('is read once all of its nodes run, and before it is noted as up', async () => {
    const gangs = [launching('a', 60, two), launching('b', 60, two)];
    expect((await read(gangs)).value).toEqual({ [a]: 2 });
    expect((await read([record('a', two)])).value).toEqual({});
  });

  it('holds nobody up where EC2 does not tell it', async () => {
    const topology = 2; // after the two requests for nodes, counted from 0
    const { value, thrown } = await read([launching('a', 60, two)], [{ request: topology, kind: 'refused' }]);
    expect([value, thrown]).toEqual([{ [a]: null }, undefined]);
  });
});
