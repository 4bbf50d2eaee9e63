/** What IAM knows of the resources of a simulated account, at each moment of a run. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { Watcher } from '../../../simulator/engine/run-types.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { ofEnvironment } from './batch.ts';
import { ofQueue } from './sqs.ts';

/** One resource as far as permissions are about it. */
export interface KnownResource {
  readonly tags: { readonly [key: string]: string };
  readonly vpcId: string | undefined;
  /** Of an interface or volume: the instance it is attached to. */
  readonly instanceId: string | undefined;
  /** Of an instance: the device its root volume has. */
  readonly rootDevice: string | undefined;
  /** Of a volume: its device. */
  readonly device: string | undefined;
  readonly kmsKeyId: string | undefined;
  /** `AWS` of what AWS manages. */
  readonly ownerId: string | undefined;
  /** Of an Auto Scaling group: ids of its members. */
  readonly members: readonly string[];
  /** Of a version of a launch template: what it says. */
  readonly launch: Shape | undefined;
}

/** Every resource by its id or name. */
export type KnownResources = ReadonlyMap<string, KnownResource>;

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function tagsOf(record: Shape): { [key: string]: string } {
  const list: unknown = record['Tags'];
  if (!Array.isArray(list)) return {};
  return Object.fromEntries(
    list.flatMap((tag: unknown) => (isRecord(tag) ? [[String(tag['Key']), String(tag['Value'])] as const] : [])),
  );
}

function attachmentOf(record: Shape): Shape | undefined {
  const attachments: unknown = record['Attachments'];
  const one: unknown = Array.isArray(attachments) ? attachments[0] : record['Attachment'];
  return isRecord(one) ? one : undefined;
}

function membersOf({ Instances: members }: Shape): string[] {
  if (!Array.isArray(members)) return [];
  return members.flatMap((member: unknown) => (isRecord(member) ? (text(member['InstanceId']) ?? []) : []));
}

function known(record: Shape): KnownResource {
  const attachment = attachmentOf(record);
  return {
    tags: tagsOf(record),
    vpcId: text(record['VpcId']),
    instanceId: text(attachment?.['InstanceId']),
    rootDevice: text(record['RootDeviceName']),
    device: text(attachment?.['Device']),
    kmsKeyId: text(record['KmsKeyId']),
    ownerId: text(record['OwnerId']),
    members: membersOf(record),
    launch: isRecord(record['LaunchTemplateData']) ? record['LaunchTemplateData'] : undefined,
    ...ofQueue(record),
    ...ofEnvironment(record),
  };
}

/** Where every kind of record is, and by which member it goes. */
const COLLECTIONS = SERVICES.flatMap(({ name, collections }) =>
  Object.entries(collections).map(([collection, member]) => ({ service: name, collection, member })),
);

/** Adds whatever `known` reads of a record, which goes by `id`. */
function addFacts(facts: unknown[], record: Shape, id: unknown): void {
  const { ARN, VpcId, RootDeviceName, KmsKeyId, OwnerId, Attributes, Tags, tags } = record;
  const attachment = attachmentOf(record);
  facts.push(id, ARN, VpcId, RootDeviceName, KmsKeyId, OwnerId, attachment?.['InstanceId'], attachment?.['Device']);
  facts.push(...membersOf(record));
  if (isRecord(Attributes)) facts.push(Attributes['KmsMasterKeyId']);
  if (isRecord(tags)) facts.push(...Object.entries(tags).flat());
  if (isRecord(Tags)) facts.push(...Object.entries(Tags).flat());
  if (!Array.isArray(Tags)) return;
  facts.push(Tags.length);
  for (const tag of Tags) if (isRecord(tag)) facts.push(tag['Key'], tag['Value']);
}

/** All that the resources are made of, in one list: a run has many steps, few change it, and to compare this costs least. */
function factsOf({ regions }: Pick<World, 'regions'>): readonly unknown[] {
  const facts: unknown[] = [];
  for (const { data } of regions.values())
    for (const { service, collection, member } of COLLECTIONS)
      for (const record of data[service]?.[collection] ?? []) addFacts(facts, record, record[member]);
  return facts;
}

function isSame(facts: readonly unknown[], others: readonly unknown[]): boolean {
  return facts.length === others.length && facts.every((fact, index) => fact === others[index]);
}

/** Every resource of the account as it stands, in all Regions. */
function resourcesOf({ regions }: Pick<World, 'regions'>): KnownResources {
  return new Map([...regions.values()].toReversed().flatMap((world) => [...resourcesIn(world)]));
}

function resourcesIn({ data }: Pick<World, 'data'>): KnownResources {
  const found = new Map<string, KnownResource>();
  for (const { service, collection, member } of COLLECTIONS) {
    for (const record of data[service]?.[collection] ?? []) {
      const id = text(record[member]);
      // A status belongs to an instance and goes by its id: it is not the instance.
      if (id !== undefined && !(found.has(id) && record['Tags'] === undefined)) found.set(id, known(record));
      // A placement group is named, and has an id besides.
      if (collection === 'PlacementGroups') found.set(String(record['GroupName']), known(record));
      // A name of WAF's may be there in each scope: its ARN is there once.
      const arn = text(record['ARN']);
      if (arn !== undefined) found.set(arn, known(record));
      // An object goes by its bucket and key, and its versions come in the order in which they were written.
      if (service === 's3')
        found.set(`arn:aws:s3:::${String(record['Bucket'])}/${String(record['Key'])}`, known(record));
    }
  }
  return found;
}

/** The resources of a run over time. */
export interface ResourceHistory {
  readonly watcher: Watcher;
  /** As they stood at a moment (ISO). */
  readonly at: (moment: string) => KnownResources;
}

/** Follows the resources of one run: give its watcher to the simulation. */
export function resourceHistory(): ResourceHistory {
  const states: { readonly from: number; readonly resources: KnownResources }[] = [];
  let facts: readonly unknown[] | undefined;
  return {
    watcher: {
      name: 'resources-as-iam-sees-them',
      check: (world) => {
        const now = factsOf(world);
        if (facts === undefined || !isSame(now, facts))
          states.push({ from: world.clock.now(), resources: resourcesOf(world) });
        facts = now;
        return undefined;
      },
    },
    at: (moment) => {
      const before = states.filter(({ from }) => from <= Date.parse(moment)).at(-1) ?? states[0];
      if (before === undefined) throw new Error('the watcher was not given to the simulation');
      return before.resources;
    },
  };
}
