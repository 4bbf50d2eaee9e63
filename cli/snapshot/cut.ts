/** Of a world what belongs to one thing: what it refers to, what refers to it, and the family of its tag. Pure. */

import { isRecord } from '../../simulator/engine/json.ts';
import { SERVICES } from '../../simulator/engine/services.ts';
import { nearest } from '../../build/nearest.ts';
import { UsageError } from '../terminal.ts';
import type { Row } from './asking.ts';
import { rowsOf, textsIn } from './reading/place.ts';

/** A record with the names that others have for it, and those that it has for others. */
interface Node {
  readonly kind: string;
  readonly row: Row;
  readonly names: readonly string[];
  readonly mentions: ReadonlySet<string>;
}

/**
 * Kinds that many share. What refers to one of these does not belong to what it belongs to: not every instance of a subnet is of the family
 * of the one that was asked for.
 */
const SHARED = new Set([
  'ec2/AvailabilityZones',
  'ec2/CapacityReservations',
  'ec2/Images',
  'ec2/InstanceTypes',
  'ec2/ManagedPrefixLists',
  'ec2/NetworkAcls',
  'ec2/PlacementGroups',
  'ec2/SecurityGroups',
  'ec2/Subnets',
  'ec2/VpcPeeringConnections',
  'ec2/Vpcs',
  'eventbridge/EventBuses',
  'kms/Keys',
  'ssm/Documents',
]);

/** Kinds that belong to whatever they are about, shared or not. */
const COMPANIONS = new Set(['ec2/InstanceTypeOfferings', 'ec2/NetworkAcls', 'ec2/VpcPeeringConnections']);

/** Kinds that are of the place, and identify nothing in it. */
const ALWAYS = new Set(['ec2/AvailabilityZones', 'service-quotas/Quotas']);

/** What is known by an id or an ARN wherever it is named. */
const UNMISTAKABLE = /^(?:arn:|[a-z]+-[0-9a-f]{3,}$|https?:|[0-9a-f]{8}-)/u;

const ARN = /arn:aws[a-z-]*:[^\s"',\\]+/gu;
const ID = /\b[a-z]{1,12}-[0-9a-f]{8,17}\b/gu;

/** Members whose texts say when, and name nothing. */
const STATUS_TAGS = new Set(['runbook:moved-at', 'runbook:superseded-at', 'runbook:quarantined']);

/** A value that several tags may have without meaning the same. */
const WORDS = /^(?:\d+|auto|manual|primary|secondary|true|false|reboot|eth\d+|\/dev\/.*|device:\d+)$/u;

function tagsOf(row: Row): readonly (readonly [key: string, value: string])[] {
  const tags = row['Tags'] ?? row['TagSet'] ?? row['tags'];
  const pairs = isRecord(tags) ? Object.entries(tags) : rowsOf(tags).map(({ Key, Value }) => [Key, Value] as const);
  return pairs.map(([key, value]) => [String(key), String(value)]);
}

function isFamily([key, value]: readonly [string, string]): boolean {
  return key.startsWith('runbook:') && !STATUS_TAGS.has(key) && !WORDS.test(value) && value !== '';
}

/** `AutoScalingGroupName=web` for each member that is a name; others name it under the same member. */
function namedMembers(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namedMembers);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([member, inner]) =>
    typeof inner === 'string' && /(?:Name|Id|id)$/u.test(member) ? [`${member}=${inner}`] : namedMembers(inner),
  );
}

function mentionsOf(row: Row): ReadonlySet<string> {
  const texts = textsIn(row);
  const inTexts = texts.flatMap((text) => [...(text.match(ARN) ?? []), ...(text.match(ID) ?? [])]);
  const tags = tagsOf(row);
  const families = tags.filter(isFamily).flatMap(([, value]) => [`family=${value}`, `name=${value}`]);
  const groups = tags
    .filter(([key]) => key === 'aws:autoscaling:groupName')
    .map(([, value]) => `AutoScalingGroupName=${value}`);
  return new Set([
    ...texts.filter((text) => UNMISTAKABLE.test(text)),
    ...inTexts,
    ...namedMembers(row),
    ...families,
    ...groups,
  ]);
}

/** Members by which a record is named beside its key. */
const NAMES = [
  'Arn',
  'ARN',
  'arn',
  'AlarmArn',
  'FunctionArn',
  'TopicArn',
  'QueueUrl',
  'PublicIp',
  'AllocationId',
  'PrivateIpAddress',
  'Id',
  'KeyId',
  'computeEnvironmentArn',
  'jobQueueArn',
  'AutoScalingGroupARN',
  'LaunchTemplateId',
  'PrefixListName',
  'GroupName',
  'LaunchTemplateName',
  'TargetGroupName',
  'LoadBalancerName',
  'Name',
  'name',
];

function namesOf(key: string, row: Row): readonly string[] {
  const attributes = isRecord(row['Attributes']) ? row['Attributes'] : {};
  const own = [row[key], ...NAMES.map((name) => row[name]), attributes['QueueArn']].filter(
    (one) => typeof one === 'string',
  );
  const tags = tagsOf(row);
  const families = tags.filter(isFamily).map(([, value]) => `family=${value}`);
  const called = [key, 'QueueName', 'LoadBalancerName', 'TargetGroupName', 'PrefixListName', 'Name'].flatMap((member) =>
    typeof row[member] === 'string' ? [`name=${row[member]}`, `${member}=${row[member]}`] : [],
  );
  return [...own.filter((one) => UNMISTAKABLE.test(one)), ...families, ...called];
}

/** All that a person may call a record. */
function callings({ row, names }: Node): readonly string[] {
  const tagged = tagsOf(row)
    .filter(([key]) => key === 'Name')
    .map(([, value]) => value);
  const plain = names.map((name) => name.replace(/^(?:family|name|[A-Za-z]+(?:Name|Id|id))=/u, ''));
  const ip = typeof row['PublicIp'] === 'string' ? [row['PublicIp']] : [];
  // ARNs that AWS does not print are made of an id at their end.
  return [...plain, ...tagged, ...ip];
}

function nodesOf(sections: Row): readonly Node[] {
  return SERVICES.flatMap(({ name, collections }) =>
    Object.entries(isRecord(sections[name]) ? sections[name] : {}).flatMap(([collection, rows]) =>
      rowsOf(rows).map((row) => ({
        kind: `${name}/${collection}`,
        row,
        names: namesOf(collections[collection] ?? '', row),
        mentions: mentionsOf(row),
      })),
    ),
  );
}

function indexOf(nodes: readonly Node[], of: (node: Node) => Iterable<string>): ReadonlyMap<string, readonly Node[]> {
  const index = new Map<string, Node[]>();
  for (const node of nodes)
    for (const name of of(node)) {
      const known = index.get(name);
      if (known === undefined) index.set(name, [node]);
      else known.push(node);
    }
  return index;
}

/** Everything that belongs to some records. */
function family(nodes: readonly Node[], roots: readonly Node[]): ReadonlySet<Row> {
  const named = indexOf(nodes, ({ names }) => names);
  const mentioned = indexOf(nodes, ({ mentions }) => mentions);
  const kept = new Set<Node>(roots);
  for (const node of kept) {
    for (const name of node.mentions) for (const other of named.get(name) ?? []) kept.add(other);
    const isShared = SHARED.has(node.kind) && !roots.includes(node);
    for (const name of node.names)
      for (const other of mentioned.get(name) ?? []) if (!isShared || COMPANIONS.has(other.kind)) kept.add(other);
  }
  return new Set([...kept].map(({ row }) => row));
}

function cutSections(sections: Row, rows: ReadonlySet<Row>): Row {
  const parts = SERVICES.flatMap(({ name }) => {
    const given = sections[name];
    if (!isRecord(given)) return [];
    const collections = Object.entries(given).map(([collection, all]) => {
      const isAlways = ALWAYS.has(`${name}/${collection}`);
      return [collection, rowsOf(all).filter((row) => isAlways || rows.has(row))] as const;
    });
    return [[name, Object.fromEntries(collections)] as const];
  });
  return Object.fromEntries(parts);
}

/** Of the ledger what is about the records that are kept; switches and modes are about all. */
function cutLedger(ledger: Row, known: ReadonlySet<string>): Row {
  const isAbout = (value: unknown): boolean =>
    textsIn(value).some((text) =>
      [text, text.split(/[:/]/u).at(-1) ?? '', ...(text.match(ID) ?? [])].some((one) => known.has(one)),
    );
  const parts = Object.entries(ledger).map(([name, rows]) => {
    if (name === 'switches' || name === 'modes') return [name, rows] as const;
    return [name, rowsOf(rows).filter((row) => isAbout(name === 'runs' ? row['target'] : row))] as const;
  });
  return Object.fromEntries(parts.filter(([, rows]) => !Array.isArray(rows) || rows.length > 0));
}

/**
 * Cuts a world file to what belongs to a target.
 * @param target an id, a name or an ARN, as `run --target` takes it
 * @throws UsageError where there is no such thing, with the nearest names
 */
export function cutTo(file: Row, target: string): Row {
  if (target.trim() === '') throw new UsageError('--for: name what it is for: an id, a name or an ARN');
  const { regions, ledger, ...home } = file;
  const beside = isRecord(regions) ? Object.entries(regions) : [];
  const parts: readonly Row[] = [home, ...beside.map(([, part]) => (isRecord(part) ? part : {}))];
  const nodes = parts.flatMap(nodesOf);
  const isArn = target.startsWith('arn:');
  const wanted = [target, ...(isArn ? [target.split(/[:/]/u).at(-1) ?? ''] : [])];
  const exact = nodes.filter((node) => callings(node).includes(target));
  const roots = exact.length > 0 ? exact : nodes.filter((node) => callings(node).some((name) => wanted.includes(name)));
  if (roots.length === 0) {
    const near = nearest(target, [...new Set(nodes.flatMap(callings))]).join(', ');
    throw new UsageError(
      `--for: there is no ${target} in what was read${near === '' ? '' : `; nearest: ${near}`}: nothing was written`,
    );
  }
  const rows = family(nodes, roots);
  const known = new Set(nodes.filter(({ row }) => rows.has(row)).flatMap(callings));
  const [cutHome = {}, ...cutBeside] = parts.map((part) => cutSections(part, rows));
  const names = beside.map(([name]) => name);
  const kept = isRecord(ledger) ? cutLedger(ledger, known) : {};
  return {
    ...home,
    ...cutHome,
    ...(names.length === 0
      ? {}
      : { regions: Object.fromEntries(cutBeside.map((part, index) => [names[index] ?? '', part])) }),
    ...(Object.keys(kept).length === 0 ? {} : { ledger: kept }),
  };
}
