/** CloudFront's distributions, as far as it matters to their caches. */

import {
  CloudFrontClient,
  GetDistributionCommand,
  ListTagsForResourceCommand,
  type DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
  type ResourceTagMapping,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { arnParts } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import type { Distribution } from '../decide.ts';
import { isServedFrom } from './bucket-view.ts';
import type { Named } from './requests.ts';
import { BUCKET_TAG, readSettings } from './settings.ts';

/** CloudFront has one endpoint, and what is tagged of it is told there. */
export const GLOBAL = { region: 'us-east-1' };

/** By which people opt in, whatever the kind of cache. */
export const TAG = 'runbook:flush';

/** ARNs of all distributions that are tagged with a name. */
export async function taggedDistributions(name: string, io: Io): Promise<readonly string[]> {
  return (await tagged(name, io)).flatMap(({ ResourceARN }) => ResourceARN ?? []);
}

/** What the tagging API shows of all distributions that are tagged with a name; `null`: with whatever name. */
function tagged(name: string | null, io: Io): Promise<readonly ResourceTagMapping[]> {
  return collect(
    paginateGetResources(
      { client: client(ResourceGroupsTaggingAPIClient, GLOBAL) },
      {
        TagFilters: [{ Key: TAG, ...(name === null ? {} : { Values: [name] }) }],
        ResourceTypeFilters: ['cloudfront:distribution'],
      },
      { abortSignal: io.signal },
    ),
    ({ ResourceTagMappingList }) => ResourceTagMappingList,
  );
}

/** The id in the ARN of a distribution. */
export function idIn(arn: string): string | undefined {
  const { service, kind, name } = arnParts(arn) ?? {};
  return service === 'cloudfront' && kind === 'distribution' ? name : undefined;
}

/** Whether an ARN is that of a distribution. */
export function isDistribution(arn: string): boolean {
  return idIn(arn) !== undefined;
}

interface Printed {
  readonly arn: string;
  readonly config: DistributionConfig;
  readonly status: string | null;
  readonly inProgressBatches: number;
}

/** What `read` gives; `undefined`: what it reads is gone, or was never there. */
async function unlessGone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (/^NoSuch(?:Distribution|Resource)$/u.test(errorName(error))) return undefined;
    throw error;
  }
}

async function getDistribution(id: string, io: Io): Promise<Printed | undefined> {
  const command = new GetDistributionCommand({ Id: id });
  const answer = await unlessGone(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
  if (answer === undefined) return undefined;
  const { Distribution: read } = answer;
  if (read?.DistributionConfig === undefined || read.ARN === undefined)
    throw new TerminalError(`${id}: CloudFront's answer lacks its configuration or its ARN`);
  const { DistributionConfig: config, ARN: arn, Status: status = null, InProgressInvalidationBatches = 0 } = read;
  return { arn, config, status, inProgressBatches: InProgressInvalidationBatches };
}

/**
 * What has a cache of its own beside the distribution's. Sources:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-continuous-deployment.html (caches), API_CreateInvalidationForDistributionTenant
 */
async function besides(id: string, config: DistributionConfig, of: Named, io: Io): Promise<readonly string[]> {
  const { ContinuousDeploymentPolicyId: policy = '', ConnectionMode: mode } = config;
  const isAlone = policy === '' || config.Staging === true || (await hasStagingBeside(id, of, io));
  return [
    ...(isAlone
      ? []
      : [
          `the staging distribution of continuous deployment policy ${policy}, which has a cache of its own: tag it with the same name`,
        ]),
    ...(mode === 'tenant-only' ? [`tenants of ${id}, which have caches of their own`] : []),
  ];
}

/** Whether a staging distribution is flushed by the same request. Whose it is only its policy says: that one has the same name counts. */
async function hasStagingBeside(id: string, { by, text }: Named, io: Io): Promise<boolean> {
  if (by !== 'tag') return false;
  for (const arn of await taggedDistributions(text, io)) {
    const other = idIn(arn);
    if (other === undefined || other === id) continue;
    // The tagging API shows for a while what is gone.
    const read = await getDistribution(other, io);
    if (read?.config.Staging === true) return true;
  }
  return false;
}

/** ARNs of the tagged distributions that have a bucket for an origin, by its own name or as their tag says. */
export async function distributionsOfBucket(bucket: string, io: Io): Promise<readonly string[]> {
  const found: string[] = [];
  // One after the other: a few quick requests are enough to be throttled.
  for (const { ResourceARN: arn = '', Tags: tags = [] } of await tagged(null, io)) {
    const read = await getDistribution(idIn(arn) ?? '', io);
    const said = tags.find(({ Key }) => Key === BUCKET_TAG)?.Value;
    if (read !== undefined && isServedFrom(read.config, { bucket, said })) found.push(arn);
  }
  return found;
}

/** A distribution, and how many invalidations CloudFront counts as in progress there. */
export interface DistributionRead {
  readonly distribution: Distribution;
  readonly config: DistributionConfig;
  /** Its tags. */
  readonly tags: ReadonlyMap<string, string>;
  readonly inProgressBatches: number;
}

/**
 * One of them as it is; `null`: it is gone, or there was never one.
 * @param of how it was named; `null`: by none, and all that have its name are meant
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readDistribution(id: string, of: Named | null, io: Io): Promise<DistributionRead | null> {
  const read = await getDistribution(id, io);
  if (read === undefined) return null;
  const { arn, config, status, inProgressBatches } = read;
  const command = new ListTagsForResourceCommand({ Resource: arn });
  const answer = await unlessGone(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
  if (answer === undefined) return null;
  const tags = new Map((answer.Tags?.Items ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const name = tags.get(TAG);
  const distribution = {
    id,
    isTagged: name !== undefined,
    isEnabled: config.Enabled !== false,
    status,
    hasCacheTags: config.CacheTagConfig !== undefined,
    problems: readSettings(id, tags).problems,
    notFlushed: await besides(id, config, of ?? { by: 'tag', text: name ?? '' }, io),
  };
  return { distribution, config, tags, inProgressBatches };
}
