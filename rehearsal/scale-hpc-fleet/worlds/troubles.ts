/** What happens meanwhile in generated worlds of fleets: nodes are lost, protected, stopped; people change templates and tags; requests go wrong. */

import * as fc from 'fast-check';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import type { Happening } from '../../worlds/case.ts';
import { mostly, moments, oddText, pickOf, sometimes, type Moment } from '../../worlds/pieces.ts';
import type { Fleet } from './fleets.ts';
import { nodeId, type Gang } from './gangs.ts';

const aFault: fc.Arbitrary<FaultPoint> = fc.record({
  request: fc.integer({ min: 10, max: 2_500 }),
  kind: mostly<FaultPoint['kind']>(
    'reply-lost',
    [10, 'throttled'],
    [6, 'throttled-for-a-minute'],
    [10, 'failed-before'],
    [12, 'died-before'],
    [20, 'died-after'],
    [8, 'lock-conflict'],
  ),
});

/** Faults of single requests, in a fifth of the worlds. */
export const faults: fc.Arbitrary<readonly FaultPoint[]> = sometimes(
  20,
  fc.array(aFault, { minLength: 1, maxLength: 6 }),
).map((some) => some ?? []);

type OfNode = 'node-lost' | 'node-stopped' | 'protected' | 'unprotected' | 'untagged' | 'both-lose-one';
type OfFleet =
  | 'version'
  | 'nodes-changed'
  | 'queue-renamed'
  | 'fleet-untagged'
  | 'fleet-deleted'
  | 'most-changed'
  | 'tag-odd'
  | 'queue-deleted';

const aTrouble = fc.record({
  kind: mostly<OfNode | OfFleet>(
    'node-lost',
    [10, 'both-lose-one'],
    [10, 'node-stopped'],
    [8, 'protected'],
    [6, 'unprotected'],
    [5, 'untagged'],
    [8, 'version'],
    [6, 'nodes-changed'],
    [4, 'queue-renamed'],
    [4, 'fleet-untagged'],
    [4, 'fleet-deleted'],
    [5, 'most-changed'],
    [4, 'tag-odd'],
    [3, 'queue-deleted'],
  ),
  which: fc.nat(5),
  node: fc.nat(20),
  odd: oddText,
});

type Trouble = typeof aTrouble extends fc.Arbitrary<infer T> ? T : never;

export const troubles: fc.Arbitrary<readonly Moment<Trouble>[]> = sometimes(
  45,
  moments(aTrouble, { within: 1_800, count: 3, most: 2 }),
).map((some) => some ?? []);

function isOfNode(kind: Trouble['kind']): kind is OfNode {
  return /^(?:node-|protected|unprotected|untagged|both-)/u.test(kind);
}

/** To nodes of gangs that stand when the world begins; the ids of others are not known beforehand. */
function toNode(kind: OfNode, { which, node }: Trouble, gangs: readonly Gang[]): Happening['set'] | undefined {
  const gang = pickOf(gangs, which);
  if (gang === undefined) return undefined;
  const path = (of: Gang): string => `ec2/Instances/${nodeId(of, node % of.size)}`;
  const other = pickOf(gangs, which + 1) ?? gang;
  const [first, terminated] = [`ec2/Instances/${nodeId(gang, 0)}/DisableApiTermination`, 'terminated'];
  const all: { readonly [K in OfNode]: Happening['set'] } = {
    'node-lost': { [`${path(gang)}/State/Name`]: terminated },
    'both-lose-one': { [`${path(gang)}/State/Name`]: terminated, [`${path(other)}/State/Name`]: terminated },
    'node-stopped': { [`${path(gang)}/State/Name`]: 'stopped' },
    protected: { [first]: true },
    unprotected: { [first]: false },
    untagged: { [`${path(gang)}/Tags/runbook:hpc-queue`]: null },
  };
  return all[kind];
}

function toFleet(kind: OfFleet, { odd }: Trouble, fleet: Fleet): Happening['set'] {
  const template = `ec2/LaunchTemplates/${fleet.templateId}`;
  const half = String(Math.max(1, Math.floor(fleet.nodes / 2)));
  const all: { readonly [K in OfFleet]: Happening['set'] } = {
    version: { [`${template}/DefaultVersionNumber`]: 2 },
    'nodes-changed': { [`${template}/Tags/runbook:nodes-per-job`]: half },
    'queue-renamed': { [`${template}/Tags/runbook:hpc-queue`]: `${fleet.queueName}-2` },
    'fleet-untagged': { [`${template}/Tags/runbook:hpc-queue`]: null },
    'fleet-deleted': { [template]: null },
    'most-changed': { [`${template}/Tags/runbook:max-nodes`]: String(fleet.nodes) },
    'tag-odd': { [`${template}/Tags/runbook:nodes-per-job`]: odd },
    'queue-deleted': { [`sqs/Queues/${fleet.queueName}`]: null },
  };
  return all[kind];
}

/** As steps of a script. */
export function happeningsOf(
  all: readonly Moment<Trouble>[],
  fleets: readonly Fleet[],
  gangs: readonly Gang[],
): readonly Happening[] {
  return all.flatMap(({ seconds, things }) =>
    things.flatMap(({ thing, lag }): readonly Happening[] => {
      const fleet = pickOf(fleets, thing.which);
      const { kind } = thing;
      const set = isOfNode(kind)
        ? toNode(kind, thing, gangs)
        : fleet === undefined
          ? undefined
          : toFleet(kind, thing, fleet);
      return set === undefined ? [] : [{ seconds: seconds + lag, set }];
    }),
  );
}
