/** Stages of API Gateway, as far as it matters to their caches; and the calls that flush these. */

import {
  APIGatewayClient,
  FlushStageAuthorizersCacheCommand,
  FlushStageCacheCommand,
  GetStageCommand,
  type GetStageCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { client } from '../../../shared/aws/clients.ts';
import { textOf } from '../../../shared/aws/planned-input.ts';
import { taggedArns } from '../../../shared/aws/tagged-resources.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { paced } from '../../../shared/kernel/run/pace.ts';
import type { Stage, StageName } from '../decide.ts';
import { TAG } from './distributions.ts';
import { isStage } from './stage-arn.ts';

/** ARNs of all stages that are tagged with a name. How the tagging API calls a stage is not documented: all of API Gateway is asked for. */
export async function taggedStages(name: string, io: Io): Promise<readonly string[]> {
  return (await taggedArns({ tag: TAG, value: name, types: ['apigateway'] }, io)).filter(isStage);
}

/**
 * A stage as it is; `null`: it is gone, or there was never one.
 * @throws what AWS throws
 */
export async function readStage({ apiId, stageName }: StageName, io: Io): Promise<Stage | null> {
  const command = new GetStageCommand({ restApiId: apiId, stageName });
  try {
    return stageOf(await client(APIGatewayClient).send(command, { abortSignal: io.signal }));
  } catch (error) {
    if (errorName(error) === 'NotFoundException') return null;
    throw error;
  }
}

function stageOf(read: GetStageCommandOutput): Stage {
  const { tags = {}, cacheClusterEnabled, cacheClusterStatus, cacheClusterSize, methodSettings = {} } = read;
  return {
    isTagged: Object.hasOwn(tags, TAG),
    hasCache: cacheClusterEnabled === true,
    status: cacheClusterStatus ?? null,
    size: cacheClusterSize ?? null,
    cachingSettings: Object.values(methodSettings).filter(({ cachingEnabled }) => cachingEnabled === true).length,
    hasCanaryApart: read.canarySettings !== undefined && read.canarySettings.useStageCache !== true,
  };
}

/** All operations of an account in a Region together. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html. */
const PACE = paced({ name: 'apigateway', perSecond: 10, burst: 40 });

/**
 * Sources of the names: https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageCache.html and
 * API_FlushStageAuthorizersCache. A limit that is exceeded is here one of the rate.
 */
const MEANS: Change['means'] = {
  BadRequestException: 'refused',
  ConflictException: 'wait',
  LimitExceededException: 'wait',
  NotFoundException: 'conflict',
};

/** Begins to empty the cache of a stage. */
export const flushStageCache: Change = {
  send: (input, io) =>
    client(APIGatewayClient).send(
      new FlushStageCacheCommand({ restApiId: textOf(input, 'restApiId'), stageName: textOf(input, 'stageName') }),
      { abortSignal: io.signal },
    ),
  paced: PACE,
  means: MEANS,
};

/** Forgets what the authorizers of a stage have said. */
export const flushAuthorizers: Change = {
  send: (input, io) =>
    client(APIGatewayClient).send(
      new FlushStageAuthorizersCacheCommand({
        restApiId: textOf(input, 'restApiId'),
        stageName: textOf(input, 'stageName'),
      }),
      { abortSignal: io.signal },
    ),
  paced: PACE,
  means: MEANS,
};
