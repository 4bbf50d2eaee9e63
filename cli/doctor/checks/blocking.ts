/** Where the blocklist is enforced: whether there is room, and whether what is there stands in front of anything. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { list, records as ec2Records, show, text } from '../../../simulator/services/ec2/state.ts';
import { MOST_ADDRESSES, records as wafRecords, scopeOf } from '../../../simulator/services/wafv2/state.ts';
import { tagOf } from '../../../rehearsal/records.ts';
import { counted, finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';

const TAG = 'runbook:block';
const room = finder('head-room', 'publish-blocklist');
const effect = finder('in-effect', 'publish-blocklist');
/** From here on it is time to make room: an attack brings hundreds of addresses in minutes. */
const NEARLY = 0.8;

/** What has only so much room. */
interface Vessel {
  readonly about: string;
  readonly holds: number;
  readonly most: number;
  readonly what: string;
  readonly fix: string;
}

function ofVessel({ about, holds, most, what, fix }: Vessel): Finding {
  const share = most === 0 ? 1 : holds / most;
  const said = `holds ${holds} of ${most} ${what}`;
  if (share < NEARLY) return room({ level: 'ok', about, text: said });
  const isFull = holds >= most;
  const told = `${said}: ${isFull ? 'nobody more is blocked there' : 'there is little room left'}`;
  return room({ level: isFull ? 'broken' : 'warning', about, text: told, fix });
}

/** Sets that share a list count together: shards of one name, scope and family. */
function setVessels(world: World, lines: Lines): readonly Vessel[] {
  const tagged = wafRecords(world, 'IPSets').filter((one) => tagOf(one, TAG) !== undefined);
  const groups = Map.groupBy(tagged, (one) => {
    const isShard = tagOf(one, 'runbook:shard') !== undefined;
    const whose = isShard ? 'shards' : show(one['Name']);
    return [tagOf(one, TAG), scopeOf(one), show(one['IPAddressVersion']), whose].join(' ');
  });
  return [...groups].flatMap(([about, sets]): Vessel[] => {
    const known = sets.filter((one) => Array.isArray(one['Addresses']));
    if (known.length < sets.length) return [];
    const holds = known.reduce((sum, one) => sum + addressesIn(one), 0);
    const Tags = [
      { Key: TAG, Value: tagOf(sets[0], TAG) ?? '' },
      { Key: 'runbook:shard', Value: String(sets.length + 1) },
    ];
    const input = {
      Name: 'NAME',
      Scope: scopeOf(sets[0] ?? {}),
      IPAddressVersion: show(sets[0]?.['IPAddressVersion']),
      Addresses: [],
      Tags,
    };
    const most = sets.length * MOST_ADDRESSES;
    return [{ about, holds, most, what: 'addresses', fix: lines.aws('wafv2:CreateIPSet', input) }];
  });
}

function addressesIn({ Addresses: addresses }: Shape): number {
  return Array.isArray(addresses) ? addresses.length : 0;
}

function listVessels(world: World, lines: Lines): readonly Vessel[] {
  return ec2Records(world, 'ManagedPrefixLists').flatMap((one): Vessel[] => {
    if (tagOf(one, TAG) === undefined || !Array.isArray(one['Entries'])) return [];
    const most = Number(one['MaxEntries'] ?? 0);
    const PrefixListId = show(one['PrefixListId']);
    const fix = lines.aws('ec2:ModifyManagedPrefixList', { PrefixListId, MaxEntries: most * 2 });
    return [
      {
        about: `${PrefixListId} ${show(one['PrefixListName'])}`,
        holds: list(one, 'Entries').length,
        most,
        what: 'entries',
        fix,
      },
    ];
  });
}

/** Rules of a network ACL per direction. Source: Amazon VPC quotas, "Rules per network ACL": 20, up to 40. */
const RULES = 20;
const LAST_RULE = 32_767;

function aclVessels(world: World, lines: Lines): readonly Vessel[] {
  return ec2Records(world, 'NetworkAcls').flatMap((one): Vessel[] => {
    if (tagOf(one, TAG) === undefined) return [];
    const inbound = list(one, 'Entries').filter((entry) => entry['Egress'] !== true);
    const holds = inbound.filter((entry) => Number(entry['RuleNumber']) < LAST_RULE).length;
    const most = Number(tagOf(one, 'runbook:rules') ?? RULES);
    const fix = lines.aws('service-quotas:RequestServiceQuotaIncrease', {
      ServiceCode: 'vpc',
      QuotaCode: 'L-2AEEBF1A',
      DesiredValue: 40,
    });
    return [{ about: show(one['NetworkAclId']), holds, most, what: 'inbound rules', fix }];
  });
}

/** Web ACLs that refer to a set, themselves or by a rule group. */
function aclsWith(world: World, arn: string): readonly Shape[] {
  const groups = wafRecords(world, 'RuleGroups').filter((one) => JSON.stringify(one).includes(`"${arn}"`));
  const names = [arn, ...groups.map((one) => show(one['ARN']))];
  return wafRecords(world, 'WebACLs').filter((acl) => {
    const written = JSON.stringify(acl['Rules'] ?? []);
    return names.some((name) => written.includes(`"${name}"`));
  });
}

/** Nothing is behind a web ACL, as far as that is known: of CloudFront it stands in the distributions. */
function isIdle(world: World, acl: Shape): boolean {
  if (scopeOf(acl) === 'CLOUDFRONT') {
    const distributions = JSON.stringify(world.data['cloudfront']?.['Distributions'] ?? []);
    return !distributions.includes(`"${show(acl['ARN'])}"`);
  }
  const { Resources: resources } = acl;
  return Array.isArray(resources) && resources.length === 0;
}

function ofSet(world: World, set: Shape): readonly Finding[] {
  const about = `${tagOf(set, TAG) ?? ''} ${show(set['Name'])}`;
  if (wafRecords(world, 'WebACLs').length === 0 && world.isPasted) return [];
  const acls = aclsWith(world, show(set['ARN']));
  const look = `aws wafv2 list-web-acls --scope ${scopeOf(set)}`;
  if (acls.length === 0)
    return [
      effect({ level: 'broken', about, text: 'stands in no web ACL: whoever is in it is not blocked', fix: look }),
    ];
  const idle = acls.filter((acl) => isIdle(world, acl));
  if (idle.length < acls.length) return [];
  const whose = idle.map((acl) => show(acl['Name'])).join(', ');
  return [
    effect({
      level: 'warning',
      about,
      text: `stands in ${whose}, and nothing is behind ${idle.length === 1 ? 'it' : 'them'}`,
      fix: 'aws wafv2 associate-web-acl --web-acl-arn WEB-ACL --resource-arn RESOURCE',
    }),
  ];
}

/** A family without a set: who comes by it is not blocked. */
function ofFamilies(sets: readonly Shape[], lines: Lines): readonly Finding[] {
  const lists = Map.groupBy(sets, (one) => `${tagOf(one, TAG) ?? ''} ${scopeOf(one)}`);
  return [...lists].flatMap(([about, own]): Finding[] => {
    const families = new Set(own.map((one) => text(one, 'IPAddressVersion')));
    const [lacking] = ['IPV4', 'IPV6'].filter((family) => !families.has(family));
    if (lacking === undefined)
      return [effect({ level: 'ok', about, text: `${counted(own.length, 'IP set')} of both families` })];
    return [
      effect({
        level: 'warning',
        about,
        text: `has no set of ${lacking}: whoever comes by it is not blocked`,
        fix: lines.aws('wafv2:CreateIPSet', {
          Name: 'NAME',
          Scope: scopeOf(own[0] ?? {}),
          IPAddressVersion: lacking,
          Addresses: [],
          Tags: [{ Key: TAG, Value: tagOf(own[0], TAG) ?? '' }],
        }),
      }),
    ];
  });
}

/** Looks at everything that enforces a blocklist. */
export function blockingOf(world: World, lines: Lines): readonly Finding[] {
  const sets = wafRecords(world, 'IPSets').filter((one) => tagOf(one, TAG) !== undefined);
  const vessels = [setVessels, listVessels, aclVessels].flatMap((of) => of(world, lines));
  return [...vessels.map(ofVessel), ...sets.flatMap((one) => ofSet(world, one)), ...ofFamilies(sets, lines)];
}
