/** CloudFront's distributions, as it answers and as the runbook means them; and the one call that changes them. */

import {
  CloudFrontClient,
  GetDistributionCommand,
  GetDistributionConfigCommand,
  ListTagsForResourceCommand,
  UpdateDistributionCommand,
  type DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import { TAG } from '../../../shared/aws/blocklist/tag.ts';
import { client } from '../../../shared/aws/clients.ts';
import { objectOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import { taggedArns } from '../../../shared/aws/tagged-resources.ts';
import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName, RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';
import { commandLine } from '../../../shared/kernel/shell.ts';
import { REFUSALS } from './update-refusals.ts';
import { isSame, restriction, restrictionType, type Distribution, type Restriction } from '../decide.ts';

/** CloudFront has one endpoint, and what is tagged of it is told there. */
export const GLOBAL = { region: 'us-east-1' };

/** ARNs of all that are tagged. */
export function taggedDistributions(io: Io): Promise<readonly string[]> {
  return taggedArns({ tag: TAG, types: ['cloudfront:distribution'] }, io, GLOBAL);
}

/** What a configuration says of countries; without a word everybody is let in. */
function restrictionIn(id: string, config: Pick<DistributionConfig, 'Restrictions'>): Restriction {
  const { RestrictionType = 'none', Items = [] } = config.Restrictions?.GeoRestriction ?? {};
  const type = restrictionType(RestrictionType);
  if (type === undefined) throw new TerminalError(`${id}: RestrictionType ${RestrictionType} is not known`);
  return restriction(type, Items);
}

/**
 * What comes in by a distribution and is let in by other words than its own.
 * Sources: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/continuous-deployment.html,
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Customizations.html
 */
function notShutOf(
  id: string,
  { ContinuousDeploymentPolicyId: policy = '', ConnectionMode: mode }: DistributionConfig,
): string[] {
  const list = commandLine({
    call: 'cloudfront:ListDistributionTenants',
    input: { AssociationFilter: { DistributionId: id } },
  });
  const tenants = `tenants of ${id} that have geo restrictions of their own: ${list}`;
  return [
    ...(policy === ''
      ? []
      : [`the staging distribution of continuous deployment policy ${policy}, where the policy is enabled`]),
    ...(mode === 'tenant-only' ? [tenants] : []),
  ];
}

/**
 * One of them as it is; `null`: it is gone, or there was never one.
 * @throws TerminalError for an answer that cannot be understood, and what AWS throws
 */
export async function readDistribution(id: string, io: Io): Promise<Distribution | null> {
  const abort = { abortSignal: io.signal };
  try {
    const cloudFront = client(CloudFrontClient, GLOBAL);
    const { Distribution: read, ETag: etag } = await cloudFront.send(new GetDistributionCommand({ Id: id }), abort);
    if (read?.DistributionConfig === undefined || read.ARN === undefined || etag === undefined)
      throw new TerminalError(`${id}: CloudFront's answer lacks its configuration, its ARN or its ETag`);
    const { Tags } = await cloudFront.send(new ListTagsForResourceCommand({ Resource: read.ARN }), abort);
    const isTagged = Tags?.Items?.some(({ Key }) => Key === TAG) === true;
    const { DistributionConfig: config, Status: status = null } = read;
    const isStaging = config.Staging === true;
    return {
      id,
      isTagged,
      etag,
      status,
      isStaging,
      notShut: notShutOf(id, config),
      restriction: restrictionIn(id, config),
    };
  } catch (error) {
    if (/^NoSuch(?:Distribution|Resource)$/u.test(errorName(error))) return null;
    throw error;
  }
}

/** The configuration is not the one that the plan was made for. CloudFront's own word for it. */
class MovedError extends Error {
  override readonly name = 'PreconditionFailed';
}

/** The restriction that a planned call wants, in CloudFront's shape. */
function wantedIn(input: JsonObject): Restriction {
  const geo = objectOf(input, 'GeoRestriction');
  const type = restrictionType(geo['RestrictionType']);
  if (type === undefined) throw new TerminalError('plan: GeoRestriction: RestrictionType is missing');
  return restriction(type, geo['Items'] === undefined ? [] : textsOf(geo, 'Items'));
}

/**
 * Sends the configuration whole, as it is under the version that was decided on, with the restriction changed: what is left out
 * would be lost. It is read here and not planned, since a plan is printed and kept, and a configuration may hold secrets.
 */
async function send(input: JsonObject, io: Io): Promise<void> {
  const [id, etag] = [textOf(input, 'Id'), textOf(input, 'IfMatch')];
  const { type, countries } = wantedIn(input);
  const cloudFront = client(CloudFrontClient, GLOBAL);
  const abort = { abortSignal: io.signal };
  const { DistributionConfig: config, ETag } = await cloudFront.send(
    new GetDistributionConfigCommand({ Id: id }),
    abort,
  );
  if (config === undefined || ETag !== etag)
    throw new MovedError(`${id} is ${ETag ?? 'of no version'}, no longer ${etag}`);
  const items = countries.length === 0 ? {} : { Items: [...countries] };
  const Restrictions = { GeoRestriction: { RestrictionType: type, Quantity: countries.length, ...items } };
  const DistributionConfig = { ...config, Restrictions };
  await cloudFront.send(new UpdateDistributionCommand({ Id: id, IfMatch: etag, DistributionConfig }), abort);
}

/** Source of the names: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html */
export const updateDistribution: Change = {
  send,
  means: {
    PreconditionFailed: 'conflict',
    InvalidIfMatchVersion: 'conflict',
    NoSuchDistribution: 'conflict',
    ...Object.fromEntries(REFUSALS.map((code) => [code, 'refused'] as const)),
  },
};

/**
 * Reads the restriction back. Where it is not what was written somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verifyDistribution(plan: readonly PlannedCall[], io: Io): Promise<void> {
  const update = plan.findLast(({ call }) => call === 'cloudfront:UpdateDistribution');
  if (update === undefined) return;
  const id = textOf(update.input, 'Id');
  const now = await readDistribution(id, io);
  // Gone, the next look says so.
  if (now === null || isSame(now.restriction, wantedIn(update.input))) return;
  throw new RetryableError(`${id} is not what was written: somebody has changed it since`);
}
