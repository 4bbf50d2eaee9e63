/** What IAM knows of the resources of a simulated account, at each moment of a run. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { Watcher } from '../../../simulator/engine/run-types.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
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
    ...ofQueue(record),
  };
}

/** Every resource of the account as it stands, in all Regions. */
function resourcesOf({ regions }: Pick<World, 'regions'>): KnownResources {
  return new Map([...regions.values()].toReversed().flatMap((world) => [...resourcesIn(world)]));
}

function resourcesIn(world: Pick<World, 'data'>): KnownResources {
  const found = new Map<string, KnownResource>();
  for (const { name, collections } of SERVICES) {
    for (const [collection, member] of Object.entries(collections)) {
      for (const record of world.data[name]?.[collection] ?? []) {
        const id = text(record[member]);
        // A status belongs to an instance and goes by its id: it is not the instance.
        if (id !== undefined && !(found.has(id) && record['Tags'] === undefined)) found.set(id, known(record));
        // A name of WAF's may be there in each scope: its ARN is there once.
        const arn = text(record['ARN']);
        if (arn !== undefined) found.set(arn, known(record));
      }
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
  const states: { readonly from: number; readonly resources: KnownResources; readonly fingerprint: string }[] = [];
  return {
    watcher: {
      name: 'resources-as-iam-sees-them',
      check: (world) => {
        const resources = resourcesOf(world);
        const fingerprint = JSON.stringify([...resources]);
        if (states.at(-1)?.fingerprint !== fingerprint)
          states.push({ from: world.clock.now(), resources, fingerprint });
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
