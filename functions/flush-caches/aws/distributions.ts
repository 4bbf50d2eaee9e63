/** CloudFront's distributions and their tenants, as far as it matters to their caches. */

import {
  CloudFrontClient,
  GetDistributionCommand,
  ListTagsForResourceCommand,
  type DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import type { ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api';
import { arnParts } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { taggedResources } from '../../../shared/aws/tagged-resources.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { Distribution } from '../decide.ts';
import { GLOBAL, unlessGone } from './front.ts';
import type { Named } from './requests.ts';
import { readSettings } from './settings.ts';
import { getTenant, isMultiTenant, settledFor, tenantsOf } from './tenants.ts';

/** By which people opt in, whatever the kind of cache. */
export const TAG = 'runbook:flush';

/**
 * What the tagging API shows of all distributions and tenants that are tagged with a name; `null`: with whatever name. How it calls a tenant
 * is not documented: all of CloudFront is asked for.
 */
export function tagged(name: string | null, io: Io): Promise<readonly ResourceTagMapping[]> {
  return taggedResources({ tag: TAG, value: name ?? undefined, types: ['cloudfront'] }, io, GLOBAL);
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

/** A distribution as CloudFront prints it; `undefined`: it is gone, or there was never one. */
export async function getDistribution(id: string, io: Io): Promise<Printed | undefined> {
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
 * What has a cache of its own beside the distribution's, and is not flushed with it. Source:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-continuous-deployment.html (caches)
 */
async function besides(id: string, config: DistributionConfig, of: Named, io: Io): Promise<readonly string[]> {
  const { ContinuousDeploymentPolicyId: policy = '' } = config;
  const isAlone = policy === '' || config.Staging === true || (await hasStagingBeside(id, of, io));
  if (isAlone) return [];
  return [
    `the staging distribution of continuous deployment policy ${policy}, which has a cache of its own: tag it with the same name`,
  ];
}

/** Whether a staging distribution is flushed by the same request. Whose it is only its policy says: that one has the same name counts. */
async function hasStagingBeside(id: string, { by, text }: Named, io: Io): Promise<boolean> {
  if (by !== 'tag') return false;
  for (const { ResourceARN: arn = '' } of await tagged(text, io)) {
    const other = idIn(arn);
    if (other === undefined || other === id) continue;
    // The tagging API shows for a while what is gone.
    const read = await getDistribution(other, io);
    if (read?.config.Staging === true) return true;
  }
  return false;
}

/** A distribution or a tenant, and how many invalidations CloudFront counts as in progress there. */
export interface DistributionRead {
  readonly distribution: Distribution;
  /** Of a tenant, with its own parameters. */
  readonly config: DistributionConfig;
  /** Its tags; of a tenant, those of its distribution beside its own, which come before them. */
  readonly tags: ReadonlyMap<string, string>;
  /** `null`: it is not counted for a tenant. */
  readonly inProgressBatches: number | null;
}

/** What has the ARN is tagged with; `undefined`: it is gone. */
export async function tagsOf(arn: string, io: Io): Promise<ReadonlyMap<string, string> | undefined> {
  const command = new ListTagsForResourceCommand({ Resource: arn });
  const answer = await unlessGone(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
  return answer && new Map((answer.Tags?.Items ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** What a configuration and tags say, whoever has them. */
function saidBy(id: string, config: DistributionConfig, tags: ReadonlyMap<string, string>) {
  return {
    id,
    isTagged: tags.has(TAG),
    isEnabled: config.Enabled !== false,
    hasCacheTags: config.CacheTagConfig !== undefined,
    problems: readSettings(id, tags).problems,
  };
}

/**
 * A distribution as it is; `null`: it is gone, or there was never one.
 * @param of how it was named; `null`: by none, and all that have its name are meant
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readDistribution(id: string, of: Named | null, io: Io): Promise<DistributionRead | null> {
  const read = await getDistribution(id, io);
  const tags = read && (await tagsOf(read.arn, io));
  if (read === undefined || tags === undefined) return null;
  const { config, status, inProgressBatches } = read;
  const tenants = isMultiTenant(config) ? await tenantsOf(id, io) : null;
  const distribution = {
    ...saidBy(id, config, tags),
    tenantOf: null,
    isLeft: false,
    tenants: tenants && { found: tenants.found.length, areMore: tenants.areMore },
    status,
    notFlushed: await besides(id, config, of ?? { by: 'tag', text: tags.get(TAG) ?? '' }, io),
  };
  return { distribution, config, tags, inProgressBatches };
}

/**
 * A tenant as it is; `null`: it is gone, or there was never one.
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readTenant(id: string, io: Io): Promise<DistributionRead | null> {
  const tenant = await getTenant(id, io);
  const parent = tenant && (await getDistribution(tenant.of, io));
  const inherited = parent && (await tagsOf(parent.arn, io));
  const own = tenant && inherited && (await tagsOf(tenant.arn, io));
  if (tenant === undefined || parent === undefined || inherited === undefined || own === undefined) return null;
  const tags = new Map([...inherited, ...own]);
  const config = settledFor(parent.config, tenant);
  const distribution = {
    ...saidBy(id, config, tags),
    tenantOf: tenant.of,
    isLeft: !tenant.isEnabled,
    tenants: null,
    status: tenant.status,
    notFlushed: [],
  };
  return { distribution, config, tags, inProgressBatches: null };
}
