/** Distributions: read, found by their web ACL, and given another configuration as a whole, under its entity tag. */

import { Distribution$, DistributionSummary$ } from '@aws-sdk/client-cloudfront';
import { awsError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { outputOf } from '../ec2/shape.ts';
import { isShape, list, part, show, text } from '../ec2/state.ts';
import { faultOf, filled, isWebAclId } from './config.ts';
import { page } from './pages.ts';
import { collectionOf, configure, configured, demandMember, listed, records } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_';

const whole = outputOf(Distribution$);
const summary = outputOf(DistributionSummary$);

/**
 * The distribution of an id.
 * @throws AwsError where it is not there
 */
export function demandDistribution(world: World, { Id: id }: Shape): Shape {
  const found = records(world, 'Distributions').find((record) => record['Id'] === id);
  if (found !== undefined) return found;
  listed('cloudfront: what is known of a distribution', world, 'Distributions');
  throw awsError('NoSuchDistribution', 'The specified distribution does not exist.', 404);
}

/** What GetDistribution prints besides, where nothing is known of it. */
const NOTHING_ACTIVE: Shape = {
  InProgressInvalidationBatches: 0,
  ActiveTrustedSigners: { Enabled: false, Quantity: 0 },
  ActiveTrustedKeyGroups: { Enabled: false, Quantity: 0 },
};

function printed(record: Shape): object {
  const batches = list(record, 'Invalidations').filter(({ Status: status }) => status === 'InProgress').length;
  const inProgress = record['Invalidations'] === undefined ? {} : { InProgressInvalidationBatches: batches };
  return {
    Distribution: { ...structuredClone(NOTHING_ACTIVE), ...whole(record), ...inProgress },
    ETag: record['ETag'],
  };
}

function getDistribution(input: Shape, world: World): object {
  const record = demandDistribution(world, input);
  demandMember('cloudfront:GetDistribution', 'Distributions', record, 'DistributionConfig');
  return printed(record);
}

function getDistributionConfig(input: Shape, world: World): object {
  const record = demandDistribution(world, input);
  const config = demandMember('cloudfront:GetDistributionConfig', 'Distributions', record, 'DistributionConfig');
  return { DistributionConfig: structuredClone(config), ETag: record['ETag'] };
}

/** Sources: the SDK (codes), users of the API (wordings): github.com/aws/aws-sdk-js/issues/1669, github.com/pulumi/pulumi-aws/issues/308. */
function demandTag(record: Shape, { IfMatch: tag }: Shape): void {
  if (typeof tag !== 'string' || tag === '')
    throw awsError('InvalidIfMatchVersion', 'The If-Match version is missing or not valid for the resource.');
  if (tag !== record['ETag'])
    throw awsError(
      'PreconditionFailed',
      "The request failed because it didn't meet the preconditions in one or more request-header fields.",
      412,
    );
}

/** The values of an update are not merged into those before; what of it is not said is not documented member by member. */
const LEFT_OUT = 'cloudfront: what an update leaves out is at its default afterwards';

function updateDistribution(input: Shape, world: World): object {
  const record = demandDistribution(world, input);
  const before = demandMember('cloudfront:UpdateDistribution', 'Distributions', record, 'DistributionConfig');
  demandTag(record, input);
  const config = part(input, 'DistributionConfig');
  if (isShape(before) && config['CallerReference'] !== before['CallerReference'])
    throw awsError('IllegalUpdate', 'The caller reference of a distribution cannot be changed.');
  const fault = faultOf(config);
  if (fault?.assumed !== undefined) world.assume(fault.assumed);
  if (fault !== undefined) throw awsError(fault.code, fault.message);
  const after = filled(structuredClone(config));
  if (Object.keys(after).length > Object.keys(config).length) world.assume(LEFT_OUT);
  configure(world, record, after);
  return printed(record);
}

/** Asks for distributions without a web ACL. Source: API_ListDistributionsByWebACLId (WebACLId). */
const NONE = 'null';

function listByWebAcl(input: Shape, world: World): object {
  const asked = show(input['WebACLId']);
  if (asked !== NONE && !isWebAclId(asked)) throw awsError('InvalidWebACLId', `The web ACL ID ${asked} is not valid.`);
  const wanted = asked === NONE ? undefined : asked;
  const all = listed('cloudfront:ListDistributionsByWebACLId', world, 'Distributions');
  const found = all.filter((record) => text(configured(record), 'WebACLId') === wanted);
  return { DistributionList: page(input, found, (record) => summary({ ...configured(record), ...record })) };
}

function listTags(input: Shape, world: World): object {
  const arn = show(input['Resource']);
  const collection = collectionOf(arn);
  const tagged = records(world, collection).find((record) => (record['ARN'] ?? record['Arn']) === arn);
  if (tagged === undefined) {
    listed('cloudfront:ListTagsForResource', world, collection);
    throw awsError('NoSuchResource', 'A resource that was specified is not valid.', 404);
  }
  demandMember('cloudfront:ListTagsForResource', collection, tagged, 'Tags');
  return { Tags: { Items: structuredClone(list(tagged, 'Tags')) } };
}

function read(operation: string, run: Operation['run']): Operation {
  return { kind: 'read', grade: 'documented', source: `${REFERENCE}${operation}.html`, run };
}

export const distributionOperations: { readonly [operation: string]: Operation } = {
  GetDistribution: read('GetDistribution', getDistribution),
  GetDistributionConfig: read('GetDistributionConfig', getDistributionConfig),
  UpdateDistribution: {
    kind: 'write',
    grade: 'documented',
    source: `${REFERENCE}UpdateDistribution.html`,
    run: updateDistribution,
  },
  ListDistributionsByWebACLId: read('ListDistributionsByWebACLId', listByWebAcl),
  ListTagsForResource: read('ListTagsForResource', listTags),
};
