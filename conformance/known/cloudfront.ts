/** Known differences about CloudFront. */

import { missingError, type Known } from './known.ts';

const UPDATE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html';

function unchecked(code: string, because: string, source = UPDATE): Known {
  return missingError('cloudfront:UpdateDistribution', code, `${because} Moto makes the change.`, source);
}

const CREATE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html';

function untroubled(code: string, because: string, source = CREATE): Known {
  return missingError('cloudfront:CreateInvalidation', code, `${because} Moto makes the invalidation.`, source);
}

export const cloudFrontDifferences: readonly Known[] = [
  unchecked(
    'PreconditionFailed',
    'A change under another entity tag than the current one is refused.',
    'https://github.com/pulumi/pulumi-aws/issues/308',
  ),
  unchecked('IllegalUpdate', 'The caller reference of a distribution cannot be changed.'),
  unchecked('InconsistentQuantities', 'A list has as many items as it says.'),
  unchecked(
    'InvalidGeoRestrictionParameter',
    'A country is named by its code in ISO 3166-1; UK is none.',
    'https://github.com/aws/aws-cdk/issues/19022',
  ),
  {
    operation: 'fact',
    where: ['a change is in progress'],
    right: 'simulator',
    because:
      'A change takes minutes to reach the edge locations, and is InProgress until then. In moto it is there at once.',
    source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html',
  },
  {
    operation: 'fact',
    where: ['another entity tag after a change'],
    right: 'simulator',
    because: 'The entity tag is that of the configuration as it is now. In moto it never changes.',
    source: UPDATE,
  },
  untroubled(
    'InvalidArgument',
    'A path with a tilde is not taken.',
    'https://github.com/aws/aws-sdk-js-v3/issues/4042',
  ),
  untroubled(
    'InvalidationBatchAlreadyExists',
    'A CallerReference is of one batch.',
    'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html',
  ),
  untroubled('TooManyInvalidationsInProgress', 'Fifteen wildcards may be in progress at one time.'),
  missingError(
    'cloudfront:ListInvalidations',
    'NoSuchDistribution',
    'A distribution that is not there has no list. Moto lists none.',
    'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListInvalidations.html',
  ),
  {
    operation: 'fact',
    where: ['it is in progress'],
    right: 'simulator',
    because: 'An invalidation takes a while. In moto it is COMPLETED at once, which is no word of CloudFront.',
    source: 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Invalidation.html',
  },
  {
    operation: 'fact',
    where: ['the newest first'],
    right: 'simulator',
    because: 'The newest come first. In moto the oldest do.',
    source: 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListInvalidations.html',
  },
];
