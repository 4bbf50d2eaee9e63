/** Reads an account: every service that runbooks read, in the Regions that are asked for. */

import type { Asker, Row } from './asking.ts';
import { readCaches, readCloudFront, readTagged } from './reading/caches.ts';
import { readEc2, readLaunches } from './reading/ec2.ts';
import { readFleets, readKeys } from './reading/fleets.ts';
import { readAlarms, readBalancing, readScaling } from './reading/hosts.ts';
import { textsIn, type Place, type Section, type Sections } from './reading/place.ts';
import { readQueues } from './reading/queues.ts';
import { readWaf } from './reading/waf.ts';
import { stripped } from './strip.ts';

/** Where CloudFront is, and WAF's part for it. */
const GLOBAL = 'us-east-1';

/** A Region by itself, without what is global. */
async function readRegion(place: Place): Promise<Sections> {
  const tagged = await readTagged(place);
  const ec2 = await readEc2(place);
  const [scaling, balancing, cloudwatch, caches, queues, wafv2] = await Promise.all([
    readScaling(place),
    readBalancing(place),
    readAlarms(place),
    readCaches(place, tagged),
    readQueues(place, tagged),
    readWaf(place, 'REGIONAL'),
  ]);
  // The types that fleets may have stand in ladders, and these in the tags of launch templates.
  const templates = await templatesOf(place);
  const fleets = await readFleets(place, templates);
  const rungs = textsIn([fleets['ssm']?.['Parameters'] ?? [], fleets['batch']?.['computeEnvironments'] ?? []]);
  const launches = await readLaunches(place, ec2['Instances'] ?? [], rungs);
  const sections: Sections = {
    ec2: { ...ec2, ...launches },
    'auto-scaling': scaling,
    'elastic-load-balancing-v2': balancing,
    cloudwatch,
    ...caches,
    ...queues,
    ...fleets,
    wafv2,
  };
  return { ...sections, kms: await readKeys(place, sections) };
}

/** Launch templates of fleets. */
async function templatesOf({ ask, region }: Place): Promise<readonly Row[]> {
  const tagged = { Filters: [{ Name: 'tag-key', Values: ['runbook:hpc-queue'] }] };
  return (await ask.all(region, 'ec2:DescribeLaunchTemplates', tagged, 'LaunchTemplates')) ?? [];
}

function together(one: Section = {}, other: Section = {}): Section {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, [...(one[name] ?? []), ...(other[name] ?? [])]]));
}

/** What is in no Region: CloudFront, and WAF's part for it. */
async function readGlobal(place: Place): Promise<Sections> {
  const there = { ...place, region: GLOBAL };
  const [cloudfront, wafv2] = await Promise.all([readCloudFront(there), readWaf(there, 'CLOUDFRONT')]);
  return { wafv2, cloudfront };
}

/** What was asked for. */
export interface Reading {
  readonly account: string;
  /** Home first. */
  readonly regions: readonly string[];
}

/** What was read, in the world's shapes, without what is nobody's business. */
export interface Read {
  readonly home: Sections;
  readonly beside: { readonly [region: string]: Sections };
}

/** Reads all of it. What may not be read is in `ask.unread()`, and not there. */
export async function readAccount(ask: Asker, { account, regions }: Reading): Promise<Read> {
  const [home = '', ...others] = regions;
  const at = (region: string): Place => ({ ask, region, account });
  const global = await readGlobal(at(home));
  const own = await readRegion(at(home));
  const beside: { [region: string]: Sections } = {};
  for (const region of others) beside[region] = stripped(await readRegion(at(region)));
  // What is global stands at the top: where its Region is another, the simulator knows where it belongs.
  const all = { ...own, wafv2: together(own['wafv2'], global['wafv2']), cloudfront: global['cloudfront'] ?? {} };
  return { home: stripped(all), beside };
}
