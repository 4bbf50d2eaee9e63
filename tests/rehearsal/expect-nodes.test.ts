/** How many instances a drill wants for a queue, in all or zone by zone. */

import { describe, expect, it } from 'vitest';
import { checkNodes } from '../../rehearsal/expect-nodes.ts';
import { parseExpectation } from '../../rehearsal/expect.ts';
import { serviceWorld } from '../simulator/services/service-world.ts';

function node(id: string, queue: string, zone: string, state = 'running'): object {
  return {
    InstanceId: id,
    State: { Code: state === 'running' ? 16 : 48, Name: state },
    Placement: { AvailabilityZone: zone },
    Tags: [{ Key: 'runbook:hpc-queue', Value: queue }],
  };
}

const { world } = serviceWorld({
  ec2: {
    Instances: [
      node('i-1', 'mpi', 'eu-west-1a'),
      node('i-2', 'mpi', 'eu-west-1b'),
      node('i-3', 'mpi', 'eu-west-1b', 'terminated'),
      node('i-4', 'cfd', 'eu-west-1b'),
    ],
  },
});

function faults(nodes: object): string[] {
  return checkNodes(parseExpectation({ results: [], nodes }), world);
}

describe('the nodes of a queue', () => {
  it('are counted without those that are gone, and those of other queues', () => {
    expect(faults({ mpi: 2, cfd: 1, other: 0 })).toEqual([]);
    expect(faults({ mpi: 3 })).toEqual(['nodes of mpi: expected 3, found 2']);
  });

  it('are counted zone by zone where that is asked', () => {
    expect(faults({ mpi: { 'eu-west-1a': 1, 'eu-west-1b': 1 } })).toEqual([]);
    expect(faults({ mpi: { 'eu-west-1a': 2 } })).toEqual([
      'nodes of mpi: expected {"eu-west-1a":2}, found {"eu-west-1a":1,"eu-west-1b":1}',
    ]);
  });
});
