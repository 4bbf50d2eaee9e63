/** Where a run of a handler ended: what it told, and what stands there afterwards, comparable between worlds. */

import { z } from 'zod';
import { normal } from './compare.ts';

/** What a run told of one target. */
export interface Told {
  readonly target: string;
  readonly outcome: string;
  /** Its code, the first word of the reason. */
  readonly code: string;
  /** Planned calls with their input. */
  readonly plan: readonly { readonly call: string; readonly input: object }[];
}

/** Where a run ended, with names for ids; equal ends are equal values. */
export interface End {
  /** In the order in which they ended. */
  readonly results: unknown;
  readonly state: unknown;
}

const resultsSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      target: z.string().default(''),
      outcome: z.string(),
      reason: z.string(),
      plan: z.array(z.looseObject({ call: z.string(), input: z.record(z.string(), z.unknown()) })),
    }),
  ),
});

/** Reads what a handler or the command answers with. Throws a ZodError for anything else. */
export function toldIn(answer: unknown): readonly Told[] {
  const { results } = resultsSchema.parse(answer);
  return results.map(({ target, outcome, reason, plan }) => ({
    target,
    outcome,
    code: reason.split(':')[0] ?? '',
    plan: plan.map(({ call, input }) => ({ call, input })),
  }));
}

const tags = z.array(z.looseObject({ Key: z.string(), Value: z.string() })).default([]);
const mapping = z.looseObject({
  DeviceName: z.string(),
  Ebs: z.looseObject({ VolumeId: z.string(), DeleteOnTermination: z.boolean() }),
});
const attachment = z.looseObject({ InstanceId: z.string(), Device: z.string(), State: z.string() });

const recordsSchema = z.object({
  Addresses: z.array(z.looseObject({ AllocationId: z.string(), Tags: tags })),
  Instances: z.array(
    z.looseObject({
      InstanceId: z.string(),
      State: z.looseObject({ Name: z.string() }),
      RootDeviceName: z.string().optional(),
      BlockDeviceMappings: z.array(mapping).default([]),
      Tags: tags,
    }),
  ),
  Volumes: z.array(
    z.looseObject({
      VolumeId: z.string(),
      SnapshotId: z.string().optional(),
      Attachments: z.array(attachment).default([]),
      Tags: tags,
    }),
  ),
  Snapshots: z.array(
    z.looseObject({ SnapshotId: z.string(), VolumeId: z.string(), Description: z.string().default(''), Tags: tags }),
  ),
});

type Records = z.infer<typeof recordsSchema>;

function membersOf(record: object, ...names: readonly string[]): { readonly [name: string]: unknown } {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(record, name)]));
}

function tagsOf({ Tags: list }: { readonly Tags: z.infer<typeof tags> }): object {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

/** The volumes that were put beside what instances boot from. */
function dataVolumes({ Instances, Volumes }: Records): object[] {
  const roots = new Set(
    Instances.flatMap(({ RootDeviceName, BlockDeviceMappings }) =>
      BlockDeviceMappings.filter(({ DeviceName }) => DeviceName === RootDeviceName).map(({ Ebs }) => Ebs.VolumeId),
    ),
  );
  return Volumes.filter(({ VolumeId }) => !roots.has(VolumeId)).map((volume) => ({
    ...membersOf(
      volume,
      'VolumeId',
      'AvailabilityZone',
      'State',
      'Size',
      'VolumeType',
      'Iops',
      'Throughput',
      'SnapshotId',
      'KmsKeyId',
    ),
    attachments: volume.Attachments.map(({ InstanceId, Device, State }) => {
      const { BlockDeviceMappings = [] } = Instances.find((instance) => instance.InstanceId === InstanceId) ?? {};
      // Where both worlds tell it: with the instance.
      const { Ebs } = BlockDeviceMappings.find((each) => each.Ebs.VolumeId === volume.VolumeId) ?? {};
      return { InstanceId, Device, State, DeleteOnTermination: Ebs?.DeleteOnTermination };
    }),
    tags: tagsOf(volume),
  }));
}

/** EC2's records in a world, as its API shows them. */
export type Ec2Records = { readonly [collection in keyof Records]: readonly unknown[] };

/** What is compared of a world. */
function stateOf(read: Records): object {
  return {
    // Moto forgets the instance of an address that was put on an interface; the interface tells as much.
    addresses: read.Addresses.map((address) => ({
      ...membersOf(address, 'AllocationId', 'NetworkInterfaceId', 'PrivateIpAddress'),
      tags: tagsOf(address),
    })),
    instances: read.Instances.map((instance) => ({
      InstanceId: instance.InstanceId,
      State: instance.State.Name,
      tags: tagsOf(instance),
    })),
    volumes: dataVolumes(read),
    snapshots: read.Snapshots.map((snapshot) => ({
      ...membersOf(snapshot, 'SnapshotId', 'VolumeId', 'State', 'VolumeSize'),
      tags: tagsOf(snapshot),
    })),
  };
}

/** Names for what the run itself has made: a snapshot is what it says it is, a volume is what it was made from. */
function withMade({ Snapshots, Volumes }: Records, begun: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map(begun);
  for (const { SnapshotId, Description } of Snapshots)
    if (!begun.has(SnapshotId)) names.set(SnapshotId, `snapshot "${String(normal(Description, begun))}"`);
  for (const { VolumeId, SnapshotId } of Volumes)
    if (!begun.has(VolumeId)) names.set(VolumeId, `volume from ${names.get(SnapshotId ?? '') ?? 'nothing'}`);
  return names;
}

/**
 * An end with names for ids.
 * @param ids by the names of the beginning
 * @throws ZodError for records that are not EC2's
 */
export function endOf(told: readonly Told[], records: Ec2Records, ids: ReadonlyMap<string, string>): End {
  const read = recordsSchema.parse(records);
  const names = withMade(read, new Map([...ids].map(([name, id]) => [id, name])));
  // One by one: runs and calls have an order, and it is theirs.
  const results = told.map(({ plan, ...rest }) => ({
    ...rest,
    target: normal(rest.target, names),
    plan: plan.map((call) => normal(call, names)),
  }));
  return { results, state: normal(stateOf(read), names) };
}

/** The outcomes of an end, as people read them: `done, done`. */
export function outcomesOf(told: readonly Told[]): string {
  return told.map(({ outcome }) => outcome).join(', ') || 'no result';
}
