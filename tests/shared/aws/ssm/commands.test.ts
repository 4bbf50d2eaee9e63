import { ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { invocationsOn } from '../../../../shared/aws/ssm/commands.ts';

const ssm = mockClient(SSMClient);
const io = { signal: new AbortController().signal };
const SINCE_MS = Date.parse('2026-11-22T08:00:00Z');
beforeEach(() => {
  ssm.reset();
});
afterAll(() => {
  ssm.restore();
});

it('are told with what they have printed, page by page', async () => {
  const at = new Date('2026-11-22T08:05:00Z');
  ssm
    .on(ListCommandInvocationsCommand)
    .resolvesOnce({
      CommandInvocations: [
        {
          Comment: 'one',
          Status: 'Failed',
          StatusDetails: 'ExecutionTimedOut',
          RequestedDateTime: at,
          CommandPlugins: [{ Output: 'a' }, {}, { Output: 'b' }],
        },
      ],
      NextToken: 'more',
    })
    .resolvesOnce({ CommandInvocations: [{ Status: 'Success', RequestedDateTime: at }] });
  expect(await invocationsOn('i-0a1', 'count', SINCE_MS, io)).toEqual([
    {
      comment: 'one',
      status: 'Failed',
      details: 'ExecutionTimedOut',
      requestedAt: '2026-11-22T08:05:00.000Z',
      output: 'a\n\nb',
    },
    {
      comment: '',
      status: 'Success',
      details: 'Success',
      requestedAt: '2026-11-22T08:05:00.000Z',
      output: '',
    },
  ]);
  expect(ssm.commandCalls(ListCommandInvocationsCommand)[0]?.args[0].input).toMatchObject({
    InstanceId: 'i-0a1',
    Filters: [
      { key: 'DocumentName', value: 'count' },
      { key: 'InvokedAfter', value: '2026-11-22T08:00:00.000Z' },
    ],
    Details: true,
    MaxResults: 50,
  });
});

it('are not believed where they never end', async () => {
  ssm.on(ListCommandInvocationsCommand).resolves({ CommandInvocations: [], NextToken: 'more' });
  await expect(invocationsOn('i-0a1', 'count', SINCE_MS, io)).rejects.toThrow(
    'the commands of i-0a1 have more than 20 pages',
  );
  expect(ssm.commandCalls(ListCommandInvocationsCommand)).toHaveLength(21);
});
