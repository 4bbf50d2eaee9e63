/** Auto Scaling groups and their members, hooks and processes. */

import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  RecordLifecycleActionHeartbeatCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import type { Place, Scenario, Seed } from '../scenario.ts';

const AutoScalingGroupName = 'web';
const SEED: Seed = {
  group: { name: AutoScalingGroupName, min: 0, max: 3, members: ['one', 'two'], tags: { 'runbook:vip': 'web' } },
};
const HOOKED: Seed = {
  group: {
    name: AutoScalingGroupName,
    min: 0,
    max: 3,
    members: ['one'],
    hooks: [
      { name: 'carry', transition: 'autoscaling:EC2_INSTANCE_TERMINATING', heartbeatSeconds: 900 },
      { name: 'place', transition: 'autoscaling:EC2_INSTANCE_LAUNCHING', heartbeatSeconds: 300 },
    ],
  },
};
const ALL = { AutoScalingGroupNames: [AutoScalingGroupName] };

async function awaitMembers({ autoScaling, until }: Place, count: number): Promise<void> {
  await until(`the group has ${count} members in service`, async () => {
    const answer = await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
    const members = answer?.AutoScalingGroups?.[0]?.Instances ?? [];
    return members.length === count && members.every(({ LifecycleState }) => LifecycleState === 'InService');
  });
}

export const scalingScenarios: readonly Scenario[] = [
  {
    name: 'a group and its members are described from both sides',
    seed: SEED,
    play: async ({ autoScaling, ec2, id }) => {
      await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
      await autoScaling(
        new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag-key', Values: ['runbook:vip'] }] }),
      );
      await autoScaling(
        new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag:runbook:vip', Values: ['mail'] }] }),
      );
      await autoScaling(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['none'] }));
      await autoScaling(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id('one')] }));
      await autoScaling(new DescribeAutoScalingInstancesCommand({ InstanceIds: ['i-0ffffffffffffffff'] }));
      await ec2(
        new DescribeInstancesCommand({
          Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: [AutoScalingGroupName] }],
        }),
      );
    },
  },
  {
    name: 'the hooks of a group are described with their times',
    seed: HOOKED,
    play: async ({ autoScaling }) => {
      await autoScaling(new DescribeLifecycleHooksCommand({ AutoScalingGroupName }));
      await autoScaling(new DescribeLifecycleHooksCommand({ AutoScalingGroupName, LifecycleHookNames: ['carry'] }));
      await autoScaling(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'none' }));
    },
  },
  {
    name: 'a hook that nobody waits in cannot be answered',
    seed: HOOKED,
    play: async ({ autoScaling, id }) => {
      const hook = { AutoScalingGroupName, LifecycleHookName: 'carry', InstanceId: id('one') };
      await autoScaling(new RecordLifecycleActionHeartbeatCommand(hook));
      await autoScaling(new CompleteLifecycleActionCommand({ ...hook, LifecycleActionResult: 'CONTINUE' }));
    },
  },
  {
    name: 'a group launches up to the capacity that is asked for, within its bounds',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, fact } = place;
      await autoScaling(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 3 }));
      await awaitMembers(place, 3);
      const answer = await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
      fact('members after scaling out', answer?.AutoScalingGroups?.[0]?.Instances?.length);
      await autoScaling(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 4 }));
      await autoScaling(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'none', DesiredCapacity: 1 }));
      await autoScaling(new DescribeScalingActivitiesCommand({ AutoScalingGroupName }));
    },
  },
  {
    name: 'a member that is set unhealthy is replaced',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, id, until } = place;
      await autoScaling(new SetInstanceHealthCommand({ InstanceId: id('one'), HealthStatus: 'Healthy' }));
      await autoScaling(
        new SetInstanceHealthCommand({
          InstanceId: id('one'),
          HealthStatus: 'Unhealthy',
          ShouldRespectGracePeriod: false,
        }),
      );
      await until('the unhealthy member is gone', async () => {
        const answer = await autoScaling(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id('one')] }));
        return answer?.AutoScalingInstances?.length === 0;
      });
      await awaitMembers(place, 2);
      await autoScaling(new SetInstanceHealthCommand({ InstanceId: 'i-0ffffffffffffffff', HealthStatus: 'Unhealthy' }));
      await autoScaling(new SetInstanceHealthCommand({ InstanceId: id('two'), HealthStatus: 'Ill' }));
    },
  },
  {
    name: 'processes are suspended and resumed, each once',
    seed: SEED,
    play: async ({ autoScaling }) => {
      const ScalingProcesses = ['ReplaceUnhealthy', 'AZRebalance'];
      await autoScaling(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
      await autoScaling(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['AZRebalance'] }));
      await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
      await autoScaling(new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['AZRebalance'] }));
      await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
      await autoScaling(new ResumeProcessesCommand({ AutoScalingGroupName }));
      await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
      await autoScaling(new SuspendProcessesCommand({ AutoScalingGroupName: 'none', ScalingProcesses }));
      await autoScaling(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['Sleep'] }));
    },
  },
  {
    name: 'a member is terminated and the capacity with it',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, id } = place;
      await autoScaling(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id('one'), ShouldDecrementDesiredCapacity: true }),
      );
      await awaitMembers(place, 1);
      await autoScaling(new DescribeAutoScalingGroupsCommand(ALL));
      await autoScaling(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: 'i-0ffffffffffffffff',
          ShouldDecrementDesiredCapacity: true,
        }),
      );
    },
  },
  {
    name: 'the capacity does not sink below the minimum with a terminated member',
    seed: { group: { name: AutoScalingGroupName, min: 1, max: 2, members: ['one'] } },
    play: async ({ autoScaling, id }) => {
      await autoScaling(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id('one'), ShouldDecrementDesiredCapacity: true }),
      );
    },
  },
];
