/** Gangs as workers see them: instances that were launched by one call, and carry the name of their queue in a tag. */

import type { Shape, World } from '../../engine/model.ts';
import { list, records, show, stateOf, text } from '../../services/ec2/state.ts';

/** Instances of one launch. */
export interface Gang {
  /** The client token of its launch. */
  readonly id: string;
  /** All that was ever launched of it, by launch index. */
  readonly nodes: readonly Shape[];
  /** As many as one job needs. */
  readonly size: number;
}

function isFor(queue: unknown, instance: Shape): boolean {
  return list(instance, 'Tags').some((tag) => tag['Value'] === queue);
}

function launchIndex({ AmiLaunchIndex: index }: Shape): number {
  return Number(index ?? 0);
}

/** The gangs of a queue. */
export function gangsOf(world: World, queue: unknown): readonly Gang[] {
  const own = records(world, 'Instances').filter((instance) => isFor(queue, instance));
  const byLaunch = Map.groupBy(own, (instance) => text(instance, 'ClientToken') ?? '');
  byLaunch.delete('');
  return [...byLaunch].map(([id, nodes]) => ({
    id,
    nodes: nodes.toSorted((one, other) => launchIndex(one) - launchIndex(other)),
    size: nodes.length,
  }));
}

/** All of its nodes run. */
export function isWhole({ nodes, size }: Gang): boolean {
  return nodes.length === size && nodes.every((node) => stateOf(node) === 'running');
}

/** It has run, and does not any more. */
export function hasLeft(node: Shape): boolean {
  return !['pending', 'running'].includes(stateOf(node));
}

/** One of its nodes is gone, or EC2 takes it back in two minutes: what is left can do no job. */
export function isBroken({ nodes }: Gang): boolean {
  return nodes.some((node) => hasLeft(node) || node['SpotInterruption'] !== undefined);
}

/** The node that speaks for the gang; `undefined`: it is not there any more. */
export function rankZero({ nodes }: Gang): Shape | undefined {
  const [first] = nodes;
  return first !== undefined && launchIndex(first) === 0 && stateOf(first) === 'running' ? first : undefined;
}

export function isSpot({ nodes }: Gang): boolean {
  return nodes.some((node) => node['InstanceLifecycle'] === 'spot');
}

/** Since when all of its nodes have run, for a gang that does so when the world begins. */
export function launchedMs({ nodes }: Gang): number {
  return Math.max(...nodes.map((node) => Date.parse(show(node['LaunchTime']))));
}
