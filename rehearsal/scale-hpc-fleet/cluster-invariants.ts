/** What must hold of the partitions of ParallelClusters at every moment of a run of scale-hpc-fleet. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { part, show } from '../../simulator/services/ec2/state.ts';
import { strings } from '../../simulator/services/ec2/filters.ts';

/** A partition of a cluster as it stands. */
interface Standing {
  readonly name: string;
  readonly partition: string;
  readonly isInactive: boolean;
  readonly jobs: number;
}

function jobsOf(partition: Shape): number {
  return Number(partition['Running'] ?? 0) + Number(partition['Pending'] ?? 0);
}

function partitionsIn(world: World): readonly Standing[] {
  return world.records('ssm', 'Documents').flatMap((document) =>
    Object.entries(part(part(document, 'Parks'), 'Partitions')).flatMap(([partition, value]) => {
      if (!isRecord(value)) return [];
      const name = `${show(document['Name'])}/${partition}`;
      return [{ name, partition, isInactive: value['State'] === 'INACTIVE', jobs: jobsOf(value) }];
    }),
  );
}

function isNamedBy(world: World, command: 'park' | 'unpark', { partition }: Standing): boolean {
  return world.records('ssm', 'CommandInvocations').some((invocation) => {
    const parameters = part(invocation, 'Parameters');
    const [names = ''] = strings(parameters, 'partitions');
    return strings(parameters, 'command')[0] === command && names.split(' ').includes(partition);
  });
}

function known(memory: { [key: string]: unknown }, key: string): { readonly [name: string]: unknown } {
  const value = memory[key];
  return isRecord(value) ? value : {};
}

/** A partition becomes INACTIVE only where no job is, and what we have not parked does not become UP by us. */
const partitionsOfOthersStay: Watcher = {
  name: 'no-partition-at-work-or-of-others-is-changed',
  check: (world, memory) => {
    const [before, ours] = [known(memory, 'inactive'), known(memory, 'ours')];
    const all = partitionsIn(world);
    const parked = all.filter((one) => one.isInactive && before[one.name] === false && isNamedBy(world, 'park', one));
    const unparked = all.filter((one) => !one.isInactive && before[one.name] === true);
    memory['inactive'] = Object.fromEntries(all.map(({ name, isInactive }) => [name, isInactive]));
    memory['ours'] = {
      ...ours,
      ...Object.fromEntries(unparked.map(({ name }) => [name, false])),
      ...Object.fromEntries(parked.map(({ name }) => [name, true])),
    };
    const busy = parked.find(({ jobs }) => jobs > 0);
    if (busy !== undefined) return `${busy.name} was parked with ${busy.jobs} jobs in it`;
    const theirs = unparked.find((one) => ours[one.name] !== true && isNamedBy(world, 'unpark', one));
    return theirs === undefined ? undefined : `${theirs.name} was unparked, and we had not parked it`;
  },
};

/** The invariants of ParallelClusters. */
export const OF_CLUSTERS: readonly Watcher[] = [partitionsOfOthersStay];
