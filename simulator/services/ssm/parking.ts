/** What a document that parks the partitions of a Slurm cluster does on its head node, and prints. */

import { strings } from '../ec2/filters.ts';
import { isShape, part, show, text } from '../ec2/state.ts';
import type { Shape, World } from '../../engine/model.ts';

/** Compute fleets in which the document of `examples/cluster` changes nothing. */
const CLOSED = (fleet: string): boolean => fleet !== 'RUNNING';

function partitionsOf(document: Shape): readonly (readonly [string, Shape])[] {
  return Object.entries(part(part(document, 'Parks'), 'Partitions')).flatMap(([name, value]) =>
    isShape(value) ? [[name, value] as const] : [],
  );
}

function countIn(partition: Shape, member: string): number {
  const value = partition[member];
  return typeof value === 'number' ? value : 0;
}

function fleetOf(document: Shape): string {
  return text(part(document, 'Parks'), 'Fleet') ?? 'RUNNING';
}

/** Sets INACTIVE or UP what its parameters name, as the script of `examples/cluster/park-partitions.yml` does. */
export function carryOutParking(world: World, document: Shape, command: string, parameters: Shape): void {
  const named = (strings(parameters, 'partitions')[0] ?? '').split(' ');
  if (command === 'status' || CLOSED(fleetOf(document))) return;
  for (const [, partition] of partitionsOf(document).filter(([name]) => named.includes(name))) {
    const jobs = countIn(partition, 'Running') + countIn(partition, 'Pending');
    if (command === 'unpark' && partition['State'] === 'INACTIVE') partition['State'] = 'UP';
    if (command === 'park' && (partition['State'] ?? 'UP') === 'UP' && jobs === 0) partition['State'] = 'INACTIVE';
  }
  world.assume("ssm: that clustermgtd ends the nodes of INACTIVE partitions, and Slurm's jobs, are not modelled");
}

/** The line of JSON that the script prints when it is done, whatever it was asked for. */
export function printedByParking(document: Shape): string {
  const causes = strings(part(document, 'Parks'), 'Causes');
  const partitions = partitionsOf(document).map(([name, partition]) => ({
    name,
    state: show(partition['State'] ?? 'UP'),
    running: countIn(partition, 'Running'),
    pending: countIn(partition, 'Pending'),
  }));
  return `${JSON.stringify({ fleet: fleetOf(document), partitions, causes })}\n`;
}
