/** What the simulator knows of a world and AWS does not say: it goes back into a snapshot, to rehearse the same incident on it. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { WorldData } from '../../../simulator/engine/model.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';

/** Members of records: how long things take, what fails, what a host serves; and messages, which no snapshot reads. */
const MEMBERS: { readonly [collection: string]: readonly string[] } = {
  'api-gateway/Stages': ['FlushTakes'],
  'batch/computeEnvironments': ['Instances'],
  'batch/jobs': ['StartsSeconds', 'RunsSeconds', 'Environment'],
  'cloudfront/DistributionTenants': ['InvalidationTakes', 'Invalidations', 'RefusedPaths'],
  'cloudfront/Distributions': ['InvalidationTakes', 'Invalidations', 'RefusedPaths'],
  'datasync/Tasks': ['ExecutionFailure', 'ExecutionSeconds', 'Tags'],
  'ec2/AvailabilityZones': ['StuckAttachments'],
  'ec2/InstanceTypes': ['InitializingSeconds', 'PendingSeconds'],
  'ec2/Instances': ['Serves', 'SpotInterruption'],
  'ec2/ManagedPrefixLists': ['ModifySeconds', 'Pending'],
  'ec2/Snapshots': [
    'BeganEmpty',
    'CompletesAt',
    'DeleteWhenDone',
    'Frozen',
    'Holds',
    'Lineage',
    'SetId',
    'SnapshotSeconds',
    'WillFail',
  ],
  'ec2/Volumes': [
    'BeganEmpty',
    'BusySeconds',
    'Holds',
    'Lineage',
    'Mounted',
    'SnapshotSeconds',
    'SnapshotsFail',
    'StuckAttachments',
  ],
  'elastic-load-balancing-v2/TargetGroups': ['NewTargetsServe', 'RegistrationSeconds'],
  'elastic-load-balancing-v2/TargetHealth': ['Unavailable'],
  'elasticache/CacheClusters': ['Keys', 'RebootFails', 'RebootTakes', 'StatusLags'],
  'fsx/FileSystems': ['TaskFailure', 'TaskSeconds'],
  'kms/Keys': ['AccessDenied'],
  'lambda/Functions': ['Fails', 'Handles', 'Until'],
  'sqs/Queues': ['LastSequenceNumber', 'Messages', 'RecentDeduplicationIds'],
  'ssm/Documents': ['Drops', 'ExecutionTimeoutSeconds', 'Fails', 'Freezes', 'Hangs', 'Parameters', 'Parks', 'Sessions'],
  'wafv2/WebACLs': ['SampledRequests'],
};

/** Collections that no operation of the snapshot shows. */
const COLLECTIONS = new Set([
  'auto-scaling/LifecycleActions',
  'cloudwatch/Samples',
  'ec2/Quotas',
  's3/Buckets',
  's3/Objects',
  'sns/Topics',
]);

/** Parts of a world file beside the services. */
const PARTS = ['capacity', 'consumers', 'ledger', 'probes', 'script', 'workers'] as const;

type Sections = Record<string, Record<string, Record<string, unknown>[]>>;

function keyOf(service: string, collection: string, record: Record<string, unknown>): unknown {
  // A queue may be known by its URL alone, and a key by its ARN.
  const { QueueUrl: url, KeyId: key } = record;
  if (collection === 'Queues') return record['QueueName'] ?? String(url).split('/').at(-1);
  if (service === 'kms') return String(key).split('/').at(-1);
  return record[SERVICES.find(({ name }) => name === service)?.collections[collection] ?? ''];
}

function addOwn(sections: Sections, data: WorldData): void {
  for (const [service, collections] of Object.entries(data))
    for (const [collection, records] of Object.entries(collections)) {
      const name = `${service}/${collection}`;
      if (COLLECTIONS.has(name)) (sections[service] ??= {})[collection] = structuredClone(records);
      const members = MEMBERS[name] ?? [];
      for (const record of records) {
        const there = sections[service]?.[collection]?.find(
          (one) => keyOf(service, collection, one) === keyOf(service, collection, record),
        );
        const own = members.flatMap((member) =>
          record[member] === undefined ? [] : [[member, record[member]] as const],
        );
        if (there !== undefined) Object.assign(there, Object.fromEntries(own));
      }
    }
}

function sectionsIn(file: unknown): Sections {
  const sections: Sections = {};
  for (const [service, part] of Object.entries(isRecord(file) ? file : {})) {
    if (!isRecord(part)) continue;
    const collections = Object.entries(part).flatMap(([name, rows]) =>
      Array.isArray(rows) ? [[name, rows.filter(isRecord)] as const] : [],
    );
    sections[service] = Object.fromEntries(collections);
  }
  return sections;
}

/**
 * A snapshot with what is the simulator's own.
 * @param file the snapshot
 * @param drill the drill's world as it was parsed, and as its file is written
 */
export function withOwnParts(
  file: Readonly<Record<string, unknown>>,
  {
    parsed,
    written,
  }: { readonly parsed: { data: WorldData; regions: { [region: string]: WorldData } }; readonly written: unknown },
): Record<string, unknown> {
  const { regions, now, account, region, ...services } = structuredClone(file);
  const home = sectionsIn(services);
  addOwn(home, parsed.data);
  const beside = Object.entries(isRecord(regions) ? regions : {}).map(([name, part]) => {
    const there = sectionsIn(part);
    addOwn(there, parsed.regions[name] ?? {});
    return [name, there] as const;
  });
  const given = isRecord(written) ? written : {};
  // Of a key that a drill knows by its ARN a snapshot knows the id.
  const own = JSON.stringify(PARTS.flatMap((part) => (given[part] === undefined ? [] : [[part, given[part]]])));
  const parts: unknown = JSON.parse(own.replaceAll(/kms\/Keys\/arn:[^"]*?:key\//gu, 'kms/Keys/'));
  return {
    now,
    account,
    region,
    ...home,
    ...(beside.length === 0 ? {} : { regions: Object.fromEntries(beside) }),
    ...Object.fromEntries(Array.isArray(parts) ? parts : []),
  };
}
