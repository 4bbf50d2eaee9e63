/** Caches that can be flushed: CloudFront, stages of API Gateway, ElastiCache, DAX. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Row } from '../asking.ts';
import { rowsOf, section, textOf, type Place, type Section, type Sections } from './place.ts';

/** What carries tags, as the tagging API lists it: ARN and tags. */
export type Tagged = readonly { readonly arn: string; readonly tags: readonly Row[] }[];

const GLOBAL = 'us-east-1';

/** What carries a tag in a Region; `undefined`: it may not be listed. */
export async function readTagged({ ask, region }: Pick<Place, 'ask' | 'region'>): Promise<Tagged | undefined> {
  const found = await ask.all(region, 'tag:GetResources', {}, 'ResourceTagMappingList');
  return found?.map(({ ResourceARN, Tags }) => ({ arn: textOf(ResourceARN), tags: rowsOf(Tags) }));
}

/** Tags of a resource as an object: API Gateway and Lambda have them so. */
export function tagObject(tags: readonly Row[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [textOf(Key), textOf(Value)]));
}

/** `arn:aws:apigateway:REGION::/apis/ID/stages/NAME`. Source: "Amazon Resource Name (ARN) reference" of API Gateway. */
const OTHER_STAGE = /^arn:[^:]*:apigateway:[^:]*:[^:]*:\/apis\/([^/]+)\/stages\/(.+)$/u;

async function stages({ ask, region }: Place): Promise<Section> {
  const apis = await ask.all(region, 'apigateway:GetRestApis', { limit: APIS_AT_ONCE }, 'items');
  const found = await ask.each(apis ?? [], async ({ id: restApiId }) => {
    const answer = await ask.one(region, 'apigateway:GetStages', { restApiId });
    return answer && rowsOf(answer['item']).map((stage) => ({ ...stage, restApiId }));
  });
  const isKnown = apis !== undefined && !found.includes(undefined);
  return section({ RestApis: apis, Stages: isKnown ? found.flatMap((one) => one ?? []) : undefined });
}

/** Source: API_GetRestApis, limit: at most 500. */
const APIS_AT_ONCE = 500;

/** Stages of HTTP and WebSocket APIs have no cache: that they carry a tag is all that is needed of them. */
function otherStages(tagged: Tagged): Section {
  const Stages = tagged.flatMap(({ arn, tags }) => {
    const [, ApiId, name = ''] = OTHER_STAGE.exec(arn) ?? [];
    return ApiId === undefined ? [] : [{ ApiId, StageName: decodeURIComponent(name), Tags: tagObject(tags) }];
  });
  return { Stages };
}

async function distribution({ ask, account }: Place, Id: string): Promise<Row[]> {
  const answer = await ask.one(GLOBAL, 'cloudfront:GetDistribution', { Id });
  if (!isRecord(answer?.['Distribution'])) return [];
  const { Distribution: found, ETag } = answer;
  const Resource = textOf(found['ARN']) || `arn:aws:cloudfront::${account}:distribution/${Id}`;
  const tags = await ask.one(GLOBAL, 'cloudfront:ListTagsForResource', { Resource });
  const Tags = isRecord(tags?.['Tags']) ? rowsOf(tags['Tags']['Items']) : undefined;
  return [{ ...found, ...(ETag === undefined ? {} : { ETag }), ...(Tags === undefined ? {} : { Tags }) }];
}

async function tenant({ ask }: Place, Identifier: string): Promise<Row[]> {
  const answer = await ask.one(GLOBAL, 'cloudfront:GetDistributionTenant', { Identifier });
  if (!isRecord(answer?.['DistributionTenant'])) return [];
  return [{ ...answer['DistributionTenant'], ...(answer['ETag'] === undefined ? {} : { ETag: answer['ETag'] }) }];
}

async function anycast({ ask }: Place): Promise<readonly Row[] | undefined> {
  const lists = await ask.all(GLOBAL, 'cloudfront:ListAnycastIpLists', {}, 'AnycastIpLists.Items');
  if (lists === undefined) return undefined;
  const found = await ask.each(lists, ({ Id }) => ask.one(GLOBAL, 'cloudfront:GetAnycastIpList', { Id }));
  return found.flatMap((one) => (isRecord(one?.['AnycastIpList']) ? [one['AnycastIpList']] : []));
}

/** CloudFront, which is in no Region. */
export async function readCloudFront(place: Place): Promise<Section> {
  const { ask } = place;
  const distributions = await ask.all(GLOBAL, 'cloudfront:ListDistributions', {}, 'DistributionList.Items');
  const tenants = await ask.all(GLOBAL, 'cloudfront:ListDistributionTenants', {}, 'DistributionTenantList');
  const whole = <T>(rows: readonly Row[] | undefined, read: (id: string) => Promise<T[]>) =>
    rows === undefined ? Promise.resolve(undefined) : ask.each(rows, ({ Id }) => read(textOf(Id)));
  return section({
    Distributions: (await whole(distributions, (id) => distribution(place, id)))?.flat(),
    DistributionTenants: (await whole(tenants, (id) => tenant(place, id)))?.flat(),
    AnycastIpLists: await anycast(place),
  });
}

async function elastiCache({ ask, region }: Place, tagged: Tagged | undefined): Promise<Section> {
  const withTags = (rows: readonly Row[] | undefined) =>
    rows === undefined
      ? Promise.resolve(undefined)
      : ask.each(rows, async (row) => {
          const answer = await ask.one(region, 'elasticache:ListTagsForResource', { ResourceName: row['ARN'] });
          return { ...row, ...(answer === undefined ? {} : { Tags: answer['TagList'] ?? [] }) };
        });
  const groups = await ask.all(region, 'elasticache:DescribeReplicationGroups', {}, 'ReplicationGroups');
  const shown = { ShowCacheNodeInfo: true };
  const clusters = await ask.all(region, 'elasticache:DescribeCacheClusters', shown, 'CacheClusters');
  // Nothing that a runbook sends describes them: that they are there is all that is needed of them.
  const serverless = tagged?.flatMap(({ arn, tags }) => {
    const [, name] = /:elasticache:[^:]*:\d*:serverlesscache:(.+)$/u.exec(arn) ?? [];
    return name === undefined ? [] : [{ ServerlessCacheName: name, ARN: arn, Tags: tags }];
  });
  return section({
    ReplicationGroups: await withTags(groups),
    CacheClusters: await withTags(clusters),
    ServerlessCaches: serverless,
  });
}

function tagsOfArn(tagged: Tagged | undefined, arn: unknown): Row {
  const found = tagged?.find((one) => one.arn === arn);
  return found === undefined ? {} : { Tags: found.tags };
}

/** Caches of a Region. */
export async function readCaches(place: Place, tagged: Tagged | undefined): Promise<Sections> {
  const { ask, region } = place;
  const clusters = await ask.all(region, 'dax:DescribeClusters', {}, 'Clusters');
  return {
    'api-gateway': await stages(place),
    apigatewayv2: tagged === undefined ? {} : otherStages(tagged),
    dax: section({ Clusters: clusters?.map((one) => ({ ...one, ...tagsOfArn(tagged, one['ClusterArn']) })) }),
    elasticache: await elastiCache(place, tagged),
  };
}
