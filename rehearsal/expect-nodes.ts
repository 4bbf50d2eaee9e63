/** How many instances must be there for a queue's jobs in the end: `nodes` of `expect.json`. */

import { z } from 'zod';
import { isRecord } from '../simulator/engine/json.ts';
import type { Shape, World } from '../simulator/engine/model.ts';

const count = z.int().min(0);

export const nodesMembers = {
  /** By the value of `runbook:hpc-queue` the instances that are there, in all or zone by zone. */
  nodes: z.record(z.string(), z.union([count, z.record(z.string(), count)])).default({}),
};

interface ExpectedNodes {
  readonly nodes: { readonly [queue: string]: number | { readonly [zone: string]: number } };
}

const GONE = new Set(['shutting-down', 'terminated']);

function queueOf({ Tags }: Shape): unknown {
  const tags: readonly unknown[] = Array.isArray(Tags) ? Tags : [];
  return tags.filter(isRecord).find(({ Key }) => Key === 'runbook:hpc-queue')?.['Value'];
}

function isThere({ State }: Shape): boolean {
  return isRecord(State) && !GONE.has(String(State['Name']));
}

function zoneOf({ Placement }: Shape): string {
  return isRecord(Placement) ? String(Placement['AvailabilityZone']) : '';
}

/** What is there against what must be. */
export function checkNodes({ nodes }: ExpectedNodes, world: World): string[] {
  const instances = world.data['ec2']?.['Instances'] ?? [];
  return Object.entries(nodes).flatMap(([queue, wanted]) => {
    const there = instances.filter((instance) => queueOf(instance) === queue && isThere(instance));
    const zones = Object.fromEntries([...Map.groupBy(there, zoneOf)].map(([zone, of]) => [zone, of.length]));
    const found = typeof wanted === 'number' ? there.length : zones;
    const [expected, shown] = [JSON.stringify(wanted), JSON.stringify(found)];
    return expected === shown ? [] : [`nodes of ${queue}: expected ${expected}, found ${shown}`];
  });
}
