/** Known differences about API Gateway. */

import { missingError, type Known } from './known.ts';

/** Its part of moto imports `openapi_spec_validator`, an extra of moto's with a dozen packages behind it, for what is not compared here. */
const LACKING =
  'What is not there is not found. Moto answers no request for API Gateway without a package that is not installed here.';

export const stageDifferences: readonly Known[] = ['FlushStageAuthorizersCache', 'FlushStageCache', 'GetStage'].map(
  (operation) =>
    missingError(
      `apigateway:${operation}`,
      'NotFoundException',
      LACKING,
      `https://docs.aws.amazon.com/apigateway/latest/api/API_${operation}.html`,
    ),
);
