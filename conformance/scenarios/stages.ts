/** Stages of API Gateway: what is not there is said to be so. Moto knows no flush. */

import {
  FlushStageAuthorizersCacheCommand,
  FlushStageCacheCommand,
  GetStageCommand,
} from '@aws-sdk/client-api-gateway';
import type { Scenario } from '../scenario.ts';

const STAGE = { restApiId: 'a1b2c3d4e5', stageName: 'prod' };

export const stageScenarios: readonly Scenario[] = [
  {
    name: 'a stage that is not there is not found, nor flushed',
    seed: {},
    play: async ({ gateway }) => {
      await gateway(new GetStageCommand(STAGE));
      await gateway(new FlushStageCacheCommand(STAGE));
      await gateway(new FlushStageAuthorizersCacheCommand(STAGE));
    },
  },
];
