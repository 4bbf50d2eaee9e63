/** Known differences about CloudFront. */

import { missingError, type Known } from './known.ts';

const UPDATE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html';

function unchecked(code: string, because: string, source = UPDATE): Known {
  return missingError('cloudfront:UpdateDistribution', code, `${because} Moto makes the change.`, source);
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
];
