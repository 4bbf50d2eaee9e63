import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { instancesBy, instancesNamed } from '../../../../shared/aws/ec2/instances.ts';

const ec2 = mockClient(EC2Client);
const io = { signal: new AbortController().signal };
beforeEach(() => {
  ec2.reset();
});
afterAll(() => {
  ec2.restore();
});

it('are asked for 200 at a time where they are named, by a filter', async () => {
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters }: { Filters: { Values: string[] }[] }) => ({
    Reservations: [{ Instances: Filters.flatMap(({ Values }) => Values.map((InstanceId) => ({ InstanceId }))) }],
  }));
  const ids = Array.from({ length: 450 }, (_, index) => `i-${index}`);
  expect(await instancesNamed(ids, io)).toHaveLength(450);
  const asked = ec2.commandCalls(DescribeInstancesCommand).map(({ args }) => args[0].input.Filters?.[0]);
  expect(asked.map((each) => [each?.Name, each?.Values?.length])).toEqual([
    ['instance-id', 200],
    ['instance-id', 200],
    ['instance-id', 50],
  ]);
});

it('are not asked for where none is named: no filter would mean all', async () => {
  expect(await instancesNamed([], io)).toEqual([]);
  expect(ec2.calls()).toEqual([]);
});

it('come page by page, also of reservations that hold none', async () => {
  ec2
    .on(DescribeInstancesCommand)
    .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-0a1' }] }, {}], NextToken: 'more' })
    .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-0b2' }, { InstanceId: 'i-0c3' }] }] });
  const found = await instancesBy([{ Name: 'tag-key', Values: ['runbook:vip'] }], io);
  expect(found.map(({ InstanceId }) => InstanceId)).toEqual(['i-0a1', 'i-0b2', 'i-0c3']);
  expect(ec2.commandCalls(DescribeInstancesCommand)[0]?.args[0].input).toMatchObject({
    Filters: [{ Name: 'tag-key', Values: ['runbook:vip'] }],
    MaxResults: 1_000,
  });
});
