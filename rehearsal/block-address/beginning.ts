/** A world that says nothing about what may never be blocked has had it read when it begins. */

import { SOURCES } from '../../functions/block-address/decide.ts';
import { withoutCovered } from '../../shared/judgement/addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../../shared/judgement/addresses/parse.ts';
import { NEVER_BLOCK } from '../../shared/judgement/blocklist/rows.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Beginning } from '../../simulator/engine/run-types.ts';

/** Texts of these members, however deep they stand. */
function textsIn(value: unknown, members: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, members));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([member, inner]) =>
    typeof inner === 'string' && members.includes(member) ? [inner] : textsIn(inner, members),
  );
}

function isProtected({ PrefixListName: name }: Shape): boolean {
  return typeof name === 'string' && /cloudfront\.origin-facing$|route53-healthchecks$/u.test(name);
}

function entriesOf(list: Shape): readonly string[] {
  const entries: unknown = list['Entries'];
  const texts: readonly unknown[] = Array.isArray(entries) ? entries : [];
  return [...texts.filter((each) => typeof each === 'string'), ...textsIn(entries, ['Cidr'])];
}

function isActive({ Status }: Shape): boolean {
  return !isRecord(Status) || Status['Code'] === 'active';
}

/** Both sides' ranges; of a VPC of the world they stand there. */
function peered(all: (collection: string) => readonly Shape[]): readonly string[] {
  const peerings = all('VpcPeeringConnections').filter(isActive);
  const ids = textsIn(peerings, ['VpcId']);
  const vpcs = all('Vpcs').filter(({ VpcId }) => ids.some((id) => id === VpcId));
  return textsIn([...peerings, ...vpcs], ['CidrBlock', 'Ipv6CidrBlock']);
}

/** What the account shows, by source; `functions/block-address/aws/sources.ts` reads the same through the API. */
function rangesIn(world: World, source: (typeof SOURCES)[number]): readonly string[] {
  const all = (collection: string): readonly Shape[] => world.records('ec2', collection);
  const texts = {
    addresses: () => textsIn(all('Addresses'), ['PublicIp', 'CarrierIp', 'CustomerOwnedIp']),
    interfaces: () => textsIn(all('NetworkInterfaces'), ['PublicIp']),
    peerings: () => peered(all),
    'prefix-lists': () => all('ManagedPrefixLists').filter(isProtected).flatMap(entriesOf),
    vpcs: () => textsIn(all('Vpcs'), ['CidrBlock', 'Ipv6CidrBlock']),
  };
  const parsed = texts[source]().map(parseNetwork);
  return withoutCovered(parsed.flatMap((each) => (isMalformed(each) ? [] : [each.cidr])));
}

/** Has the ledger know it, unless the world's own ledger does. */
export function begin({ world, ledger, data }: Beginning): void {
  const isSaid =
    data.dump().some(({ partition, key }) => partition === NEVER_BLOCK && SOURCES.some((source) => source === key)) ||
    ledger.dump().resources.some(({ resource }) => resource === NEVER_BLOCK);
  if (isSaid) return;
  for (const source of SOURCES)
    data.know({ partition: NEVER_BLOCK, key: source, value: { ranges: [...rangesIn(world, source)] } });
  const memory = Object.fromEntries(SOURCES.map((source) => [source, world.clock.iso()]));
  ledger.know({ resource: NEVER_BLOCK, runbook: 'block-address', history: { epoch: 0, actions: [], memory } });
}
