/** Known differences about clusters that keep data in memory. */

import { missingError, type Known } from './known.ts';

export const memoryDifferences: readonly Known[] = [
  missingError(
    'elasticache:ListTagsForResource',
    'CacheClusterNotFoundFault',
    'A cluster that is not there has no tags to list. Moto lists none.',
    'https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ListTagsForResource.html',
  ),
];
