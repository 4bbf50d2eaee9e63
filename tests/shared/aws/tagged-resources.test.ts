import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { taggedArns, taggedResources } from '../../../shared/aws/tagged-resources.ts';

const tagging = mockClient(ResourceGroupsTaggingAPIClient);
const io = { signal: new AbortController().signal };
beforeEach(() => {
  tagging.reset();
});
afterAll(() => {
  tagging.restore();
});

const inputs = (): unknown[] => tagging.commandCalls(GetResourcesCommand).map(({ args }) => args[0].input);

it.each([
  [
    'by tag, value and types',
    { tag: 'runbook:flush', value: 'site', types: ['apigateway'] },
    { TagFilters: [{ Key: 'runbook:flush', Values: ['site'] }], ResourceTypeFilters: ['apigateway'] },
  ],
  [
    'whatever the value',
    { tag: 'runbook:redrive', types: ['sqs'] },
    { TagFilters: [{ Key: 'runbook:redrive' }], ResourceTypeFilters: ['sqs'] },
  ],
  ['of each type', { tag: 'runbook:flush', value: '' }, { TagFilters: [{ Key: 'runbook:flush', Values: [''] }] }],
])('are asked for %s', async (_how, wanted, asked) => {
  tagging.on(GetResourcesCommand).resolves({ ResourceTagMappingList: [] });
  expect(await taggedArns(wanted, io)).toEqual([]);
  expect(inputs()).toEqual([expect.objectContaining(asked)]);
});

it('come with their tags, page by page; one without an ARN is none', async () => {
  const [one, other] = [
    { ResourceARN: 'arn:one', Tags: [{ Key: 'runbook:block', Value: 'web' }] },
    { ResourceARN: 'arn:other', Tags: [] },
  ];
  tagging
    .on(GetResourcesCommand)
    .resolvesOnce({ ResourceTagMappingList: [one, { Tags: [] }], PaginationToken: 'more' })
    .resolvesOnce({ ResourceTagMappingList: [other], PaginationToken: '' })
    .resolvesOnce({ ResourceTagMappingList: [one, { Tags: [] }], PaginationToken: 'more' })
    .resolvesOnce({ ResourceTagMappingList: [other], PaginationToken: '' });
  expect(await taggedResources({ tag: 'runbook:block' }, io)).toEqual([one, { Tags: [] }, other]);
  expect(await taggedArns({ tag: 'runbook:block' }, io)).toEqual(['arn:one', 'arn:other']);
});
