/**
 * The simulated API Gateway: stages of REST APIs, as far as it matters to their caches. How long a flush takes the world says of its stage.
 * Stages of HTTP APIs are known by their tags alone: they have no cache.
 */

import { MethodSetting$, RestApi$, Stage$ } from '@aws-sdk/client-api-gateway';
import { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { awsError, type Operation, type ServiceModel, type Shape, type World } from '../engine/model.ts';
import { parseDuration } from '../world/duration.ts';
import { outputOf, recordSchema } from './ec2/shape.ts';
import { list, show } from './ec2/state.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'api-gateway';
const SERVICE_V2 = 'apigatewayv2';
const [APIS, STAGES] = ['RestApis', 'Stages'] as const;

/** Source: https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html (cacheClusterStatus). */
const STATUSES = [
  'CREATE_IN_PROGRESS',
  'AVAILABLE',
  'DELETE_IN_PROGRESS',
  'NOT_AVAILABLE',
  'FLUSH_IN_PROGRESS',
] as const;

/** How long a flush takes where the stage does not say it. No document says it. */
const FLUSH_MS = 30_000;
const FLUSH_ASSUMED = 'apigateway: a flush takes 30 seconds, and is shown from the moment it is taken';

/** Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html (up to four minutes). */
const CLUSTER_MS = 240_000;

/** The reference lists ConflictException and BadRequestException, and does not say for which state. */
const BUSY_ASSUMED = 'apigateway: FlushStageCache is ConflictException while the cache is flushed, made or deleted';
const NO_CACHE_ASSUMED = 'apigateway: FlushStageCache is BadRequestException where no cache is enabled';
const AUTHORIZERS_ASSUMED = 'apigateway: the cache of authorizers is flushed at once';

const flush = z.strictObject({
  At: z.string().describe('When API Gateway took it.'),
  Of: z.enum(['data', 'authorizers']),
});

const stage = recordSchema(
  Stage$,
  'stageName',
  {
    Stage: {
      cacheClusterStatus: z.enum(STATUSES),
      methodSettings: z.record(z.string(), recordSchema(MethodSetting$, undefined, {})),
      tags: z.record(z.string(), z.string()),
    },
  },
  {
    restApiId: z.string().min(1).describe('Of which API it is; get-stages is asked for it and does not print it.'),
    FlushTakes: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as PT30S' })
      .optional()
      .describe('From FlushStageCache until the cache is AVAILABLE again. Default: PT30S.'),
    Flushes: z.array(flush).optional().describe('What was flushed, oldest first. Default: nothing.'),
  },
);

const shownStage = outputOf(Stage$);

/** The ARN of a stage of a REST API, or of an HTTP API: neither names an account. */
export function arnOfStage({ region }: Pick<World, 'region'>, record: Shape): string {
  const { restApiId, stageName, ApiId, StageName } = record;
  const path =
    restApiId === undefined
      ? `/apis/${show(ApiId)}/stages/${show(StageName)}`
      : `/restapis/${show(restApiId)}/stages/${show(stageName)}`;
  return `arn:aws:apigateway:${region}::${path}`;
}

function stagesOf(world: World): readonly Shape[] {
  return world.data[SERVICE]?.[STAGES] ?? [];
}

function isOf(record: Shape, { restApiId, stageName }: Shape): boolean {
  return record['restApiId'] === restApiId && record['stageName'] === stageName;
}

/** The wording is moto's. */
function demandStage(input: Shape, world: World): Shape {
  const found = stagesOf(world).find((record) => isOf(record, input));
  if (found !== undefined) return found;
  const { restApiId } = input;
  const isKnown =
    world.data[SERVICE]?.[APIS]?.some(({ id }) => id === restApiId) ??
    stagesOf(world).some((record) => record['restApiId'] === restApiId);
  const what = isKnown ? 'Invalid stage identifier specified' : 'Invalid API identifier specified';
  throw awsError('NotFoundException', isKnown ? what : `${what} ${world.account}:${show(restApiId)}`, 404);
}

/** What is under way is over after so long: a flush, or that a cache is made or deleted. */
function awaitEnd(world: World, record: Shape, options?: { readonly background: true }): void {
  const status = record['cacheClusterStatus'];
  if (status !== 'FLUSH_IN_PROGRESS' && status !== 'CREATE_IN_PROGRESS' && status !== 'DELETE_IN_PROGRESS') return;
  const ms = status === 'FLUSH_IN_PROGRESS' ? (parseDuration(show(record['FlushTakes'])) ?? FLUSH_MS) : CLUSTER_MS;
  const key = { restApiId: record['restApiId'], stageName: record['stageName'] };
  const end = (): void => {
    const own = stagesOf(world).find((one) => isOf(one, key));
    if (own?.['cacheClusterStatus'] !== status) return;
    own['cacheClusterStatus'] = status === 'DELETE_IN_PROGRESS' ? 'NOT_AVAILABLE' : 'AVAILABLE';
  };
  world.clock.after(ms, end, options);
}

function noted(world: World, record: Shape, of: 'data' | 'authorizers'): void {
  record['Flushes'] = [...list(record, 'Flushes'), { At: world.clock.iso(), Of: of }];
}

function flushStageCache(input: Shape, world: World): object {
  const record = demandStage(input, world);
  const status = record['cacheClusterStatus'];
  if (record['cacheClusterEnabled'] !== true || status === 'NOT_AVAILABLE') {
    world.assume(NO_CACHE_ASSUMED);
    throw awsError('BadRequestException', 'The stage has no cache cluster.');
  }
  if (status !== 'AVAILABLE') {
    world.assume(BUSY_ASSUMED);
    throw awsError('ConflictException', 'Another operation on the cache cluster is in progress.', 409);
  }
  if (record['FlushTakes'] === undefined) world.assume(FLUSH_ASSUMED);
  record['cacheClusterStatus'] = 'FLUSH_IN_PROGRESS';
  noted(world, record, 'data');
  awaitEnd(world, record);
  return {};
}

function flushAuthorizers(input: Shape, world: World): object {
  world.assume(AUTHORIZERS_ASSUMED);
  noted(world, demandStage(input, world), 'authorizers');
  return {};
}

const API = 'https://docs.aws.amazon.com/apigateway/latest/api/API_';

function operation(kind: Operation['kind'], name: string, run: Operation['run']): Operation {
  return { kind, grade: 'documented', source: `${API}${name}.html`, run };
}

/** A stage that appears or whose cache begins something: it comes to its end by itself. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (collection !== STAGES || path.join('/') !== 'cacheClusterStatus') return false;
  const record = stagesOf(world).find(
    ({ restApiId, stageName }) => key === stageName || key === `${show(restApiId)}/${show(stageName)}`,
  );
  if (record === undefined) throw new BadInputError(`${SERVICE}/${STAGES}/${key}`, 'there is no such stage');
  record['cacheClusterStatus'] = value;
  awaitEnd(world, record, { background: true });
  return true;
}

function complete(world: World, record: Shape, index: number): void {
  const apis = world.data[SERVICE]?.[APIS];
  if (apis !== undefined && !apis.some(({ id }) => id === record['restApiId']))
    world.gap({
      path: `${SERVICE}.${STAGES}[${index}].restApiId`,
      message: `there is no RestApi ${show(record['restApiId'])}`,
    });
  record['cacheClusterEnabled'] ??= false;
  record['cacheClusterStatus'] ??= record['cacheClusterEnabled'] === true ? 'AVAILABLE' : 'NOT_AVAILABLE';
  awaitEnd(world, record, { background: true });
}

export const apiGateway: ServiceModel = {
  name: SERVICE,
  prefix: 'apigateway',
  schema: z.strictObject({
    ...TRIMMINGS,
    RestApis: z
      .array(recordSchema(RestApi$, 'id', {}))
      .optional()
      .describe('As get-rest-apis prints each.'),
    Stages: z.array(stage).optional().describe('As get-stages prints each, with its restApiId.'),
  }),
  collections: { RestApis: 'id', Stages: 'stageName' },
  // Each API has its prod.
  within: { Stages: 'restApiId' },
  operations: {
    GetStage: operation('read', 'GetStage', (input, world) => shownStage(demandStage(input, world))),
    FlushStageCache: operation('write', 'FlushStageCache', flushStageCache),
    FlushStageAuthorizersCache: operation('write', 'FlushStageAuthorizersCache', flushAuthorizers),
  },
  start: (world) => {
    for (const [index, record] of stagesOf(world).entries()) complete(world, record, index);
  },
  change,
};

/** HTTP APIs have an API of their own, of which nothing is asked. */
export const apiGatewayV2: ServiceModel = {
  name: SERVICE_V2,
  prefix: SERVICE_V2,
  schema: z.strictObject({
    ...TRIMMINGS,
    Stages: z
      .array(
        z.strictObject({
          ApiId: z.string().min(1),
          StageName: z.string().min(1),
          Tags: z.record(z.string(), z.string()).optional(),
        }),
      )
      .optional()
      .describe('Of HTTP and WebSocket APIs, as far as they matter: which, and how they are tagged.'),
  }),
  collections: { Stages: 'StageName' },
  within: { Stages: 'ApiId' },
  operations: {},
};
