/** What people have at stake where a blocklist is proved, each with the sentence of the page that promises it. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { Shape } from '../../simulator/engine/model.ts';
import { dryRunsChangeNothing, named, watching } from '../worlds/looks.ts';
import type { Given, Interest } from '../worlds/interest.ts';
import { INVARIANTS } from './invariants.ts';
import { isWithin, passesNetworkAcl, passesWebAcl, shapeIn, shapesIn, type Request, type Waf } from './passing.ts';

/** An address of each network that is blocked, where it begins and where it ends. */
const WHO_IS_BLOCKED = ['198.51.100.200', '198.51.100.64', '198.51.100.127'];

function sectionOf({ case: { world } }: Given, service: string, collection: string): readonly Shape[] {
  return shapesIn(shapeIn(world[service])[collection]);
}

/** What somebody may send: from either country, and with a header that they have written. CloudFront appends the real address. */
function requestsOf(address: string, acl: Shape): readonly Request[] {
  const isThroughCloudFront = JSON.stringify(acl['SampledRequests']).includes('"130.176.');
  const client = isThroughCloudFront ? '130.176.1.1' : address;
  const written = [undefined, ['192.0.2.200'], ['203.0.113.1', '192.0.2.200']];
  return ['DE', 'US'].flatMap((country) =>
    written.map((header) => ({
      client,
      country,
      forwarded: isThroughCloudFront ? [...(header ?? []), address] : header,
    })),
  );
}

function wafOf(given: Given): Waf {
  const sets = sectionOf(given, 'wafv2', 'IPSets').map(({ Name, Id, Addresses }): [string, readonly string[]] => [
    `arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/${String(Name)}/${String(Id)}`,
    Array.isArray(Addresses) ? Addresses.map(String) : [],
  ]);
  return { sets: Object.fromEntries(sets), groups: sectionOf(given, 'wafv2', 'RuleGroups') };
}

/** Web ACLs by which somebody comes, and in which the set is named. */
function attachedAcls(given: Given): readonly Shape[] {
  return sectionOf(given, 'wafv2', 'WebACLs').filter(({ Resources }) => shapeCount(Resources) > 0);
}

function shapeCount(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function isNamed(acl: Shape, { groups }: Waf): boolean {
  const rules = JSON.stringify(acl['Rules']);
  return (
    rules.includes('prove-edge') || (rules.includes('prove-group') && JSON.stringify(groups).includes('prove-edge'))
  );
}

/** Who comes in though it is blocked. */
function whoPasses(given: Given): readonly string[] {
  const waf = wafOf(given);
  const written = Object.entries(waf.sets).flatMap(([arn, networks]) => (arn.includes('prove-edge') ? networks : []));
  const inSet = WHO_IS_BLOCKED.filter((address) => isWithin(address, written));
  const atWeb = attachedAcls(given)
    .filter((acl) => isNamed(acl, waf))
    .flatMap((acl) => inSet.filter((address) => requestsOf(address, acl).some((each) => passesWebAcl(acl, each, waf))));
  const atNetworks = sectionOf(given, 'ec2', 'NetworkAcls').flatMap((acl) =>
    WHO_IS_BLOCKED.filter((address) => passesNetworkAcl(acl, address)),
  );
  const nowhere = WHO_IS_BLOCKED.filter((address) => !inSet.includes(address));
  return [...atWeb, ...atNetworks, ...nowhere];
}

/** Where other worlds are mixed in, others ask for blocks and allow them, and who is blocked is not what the world began with. */
function isMixed({ case: { arrivals } }: Given): boolean {
  return arrivals.some(({ event }) => event['runbook'] !== 'prove-blocklist');
}

function isOfProof({ runbook }: RunResult): boolean {
  return runbook === 'prove-blocklist';
}

const nobodyPasses: Interest = {
  name: 'nobody-passes-what-is-proved',
  quotes: 'ahead of every rule that may let somebody of it in',
  end: ({ results }, given) => {
    const proved = results
      .map(({ result }) => result)
      .filter((each) => isOfProof(each) && each.reason.startsWith('proved'));
    const [first] = proved;
    if (first === undefined || isMixed(given)) return [];
    return whoPasses(given)
      .slice(0, 1)
      .map((address) => `it said proved, and ${address} comes in`);
  },
};

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [
  {
    name: 'proof-changes-nothing',
    quotes: 'It changes nothing: it reads',
    watch: watching(named(INVARIANTS, 'proof-changes-nothing'), () => false),
  },
  nobodyPasses,
  dryRunsChangeNothing('prove-blocklist', '`"dryRun": true` in a request reads, says and remembers the same'),
];
