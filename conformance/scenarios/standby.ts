/** Members of an Auto Scaling group that step aside: into standby, out of the group, and back. */

import {
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Place, Scenario, Seed } from '../scenario.ts';

const AutoScalingGroupName = 'web';
const NO_INSTANCE = 'i-0ffffffffffffffff';
const SEED: Seed = { group: { name: AutoScalingGroupName, min: 1, max: 3, members: ['one', 'two'] } };
const BALANCED: Seed = {
  ...SEED,
  networks: ['edge'],
  targetGroups: { bastion: { port: 22, behind: 'edge', hasMembers: true } },
};
const AT_BOTH_BOUNDS: Seed = { group: { name: AutoScalingGroupName, min: 2, max: 2, members: ['one', 'two'] } };

async function memberStates({ autoScaling, unnoted }: Place): Promise<readonly string[]> {
  const answer = await unnoted(() =>
    autoScaling(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] })),
  );
  const [group] = answer?.AutoScalingGroups ?? [];
  return (group?.Instances ?? []).map(({ LifecycleState }) => LifecycleState ?? '');
}

/** Waits until the members are in these states, in whatever order. */
async function awaitStates(place: Place, ...wanted: readonly string[]): Promise<void> {
  await place.until(`the members are ${wanted.join(', ') || 'gone'}`, async () => {
    const states = await memberStates(place);
    return states.toSorted().join(' ') === wanted.toSorted().join(' ');
  });
}

async function noteDesired({ autoScaling, fact, unnoted }: Place, when: string): Promise<void> {
  const answer = await unnoted(() =>
    autoScaling(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] })),
  );
  fact(`desired capacity ${when}`, answer?.AutoScalingGroups?.[0]?.DesiredCapacity);
}

const standby: readonly Scenario[] = [
  {
    name: 'a member goes into standby and back, the capacity with it',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, id } = place;
      const member = { AutoScalingGroupName, InstanceIds: [id('one')] };
      await autoScaling(new EnterStandbyCommand({ ...member, ShouldDecrementDesiredCapacity: true }));
      await awaitStates(place, 'InService', 'Standby');
      await noteDesired(place, 'with a member in standby');
      await autoScaling(new DescribeAutoScalingInstancesCommand({ InstanceIds: member.InstanceIds }));
      await autoScaling(new ExitStandbyCommand(member));
      await awaitStates(place, 'InService', 'InService');
      await noteDesired(place, 'with the member back');
    },
  },
  {
    name: 'a member in standby is replaced where the capacity stays',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, id } = place;
      const InstanceIds = [id('one')];
      await autoScaling(
        new EnterStandbyCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false }),
      );
      await awaitStates(place, 'InService', 'InService', 'Standby');
      await noteDesired(place, 'with the member replaced');
    },
  },
  {
    name: 'standby is refused below the minimum, of strangers, and a second time',
    seed: AT_BOTH_BOUNDS,
    play: async (place) => {
      const { autoScaling, id } = place;
      const enter = (InstanceIds: string[], ShouldDecrementDesiredCapacity: boolean, name = AutoScalingGroupName) =>
        autoScaling(
          new EnterStandbyCommand({ AutoScalingGroupName: name, InstanceIds, ShouldDecrementDesiredCapacity }),
        );
      await enter([NO_INSTANCE], false);
      await enter([id('one')], false, 'none');
      await enter([id('one')], true);
      await enter([id('two')], false);
      await enter([id('two')], false);
    },
  },
  {
    name: 'leaving standby is refused above the maximum, of strangers, and of members in service',
    seed: AT_BOTH_BOUNDS,
    play: async (place) => {
      const { autoScaling, id, unnoted } = place;
      const exit = (InstanceIds: string[], name = AutoScalingGroupName) =>
        autoScaling(new ExitStandbyCommand({ AutoScalingGroupName: name, InstanceIds }));
      await exit([NO_INSTANCE]);
      await exit([id('one')], 'none');
      await exit([id('one')]);
      await unnoted(() =>
        autoScaling(
          new EnterStandbyCommand({
            AutoScalingGroupName,
            InstanceIds: [id('two')],
            ShouldDecrementDesiredCapacity: false,
          }),
        ),
      );
      await exit([id('two')]);
    },
  },
  {
    name: 'a member in standby is no target, one that is back is one again',
    seed: BALANCED,
    play: async (place) => {
      const { autoScaling, balancing, id, until } = place;
      const member = { AutoScalingGroupName, InstanceIds: [id('one')] };
      const isTarget = async (): Promise<boolean> => {
        const answer = await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
        return answer?.TargetHealthDescriptions?.some(({ Target }) => Target?.Id === id('one')) ?? false;
      };
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
      await autoScaling(new EnterStandbyCommand({ ...member, ShouldDecrementDesiredCapacity: true }));
      await until('the member in standby is no target', async () => !(await isTarget()));
      await autoScaling(new ExitStandbyCommand(member));
      await until('the member that is back is a target', isTarget);
    },
  },
];

const detaching: readonly Scenario[] = [
  {
    name: 'a member is detached, the capacity with it',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, id } = place;
      const InstanceIds = [id('one')];
      await autoScaling(
        new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: true }),
      );
      await awaitStates(place, 'InService');
      await noteDesired(place, 'with a member detached');
      await autoScaling(new DescribeAutoScalingInstancesCommand({ InstanceIds }));
    },
  },
  {
    name: 'a detached member is replaced where the capacity stays',
    seed: SEED,
    play: async (place) => {
      const { autoScaling, id } = place;
      const InstanceIds = [id('one')];
      await autoScaling(
        new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false }),
      );
      await place.until('the detached one is no member', async () => {
        const answer = await autoScaling(new DescribeAutoScalingInstancesCommand({ InstanceIds }));
        return answer?.AutoScalingInstances?.length === 0;
      });
      await awaitStates(place, 'InService', 'InService');
      await noteDesired(place, 'with the detached one replaced');
    },
  },
  {
    name: 'detaching is refused below the minimum, and of strangers',
    seed: AT_BOTH_BOUNDS,
    play: async ({ autoScaling, id }) => {
      const detach = (InstanceIds: string[], ShouldDecrementDesiredCapacity: boolean, name = AutoScalingGroupName) =>
        autoScaling(
          new DetachInstancesCommand({ AutoScalingGroupName: name, InstanceIds, ShouldDecrementDesiredCapacity }),
        );
      await detach([NO_INSTANCE], false);
      await detach([id('one')], false, 'none');
      await detach([id('one')], true);
    },
  },
];

export const standbyScenarios: readonly Scenario[] = [...standby, ...detaching];
