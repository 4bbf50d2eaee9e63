/** Known differences about FSx and DataSync. */

import { missingError, type Known } from './known.ts';

const FSX = 'https://docs.aws.amazon.com/fsx/latest/APIReference';

export const stagingDifferences: readonly Known[] = ['CreateDataRepositoryTask', 'DescribeDataRepositoryTasks'].map(
  (operation) =>
    missingError(
      `fsx:${operation}`,
      'FileSystemNotFound',
      'The reference lists this error for a file system that is not there. Moto knows no data repository task, and has no answer.',
      `${FSX}/API_${operation}.html`,
    ),
);
