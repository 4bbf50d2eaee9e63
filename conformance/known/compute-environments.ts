/** Known differences about compute environments of AWS Batch. */

import { missingError, type Known } from './known.ts';

export const computeEnvironmentDifferences: readonly Known[] = [
  missingError(
    'batch:UpdateComputeEnvironment',
    'ClientException',
    'Compute resources are those of a managed compute environment. Moto takes them for an unmanaged one, and drops them.',
    'https://docs.aws.amazon.com/batch/latest/APIReference/API_UpdateComputeEnvironment.html',
  ),
];
