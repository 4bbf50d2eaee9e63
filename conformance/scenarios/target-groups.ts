/** Target groups, what is registered with them, and the network load balancer in front. */

import {
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetHealthStateEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { ACCOUNT, REGION, type Place, type Scenario, type Seed } from '../scenario.ts';

const ARN = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;
const NO_GROUP = `${ARN}:targetgroup/none/00000000000000ff`;
const NO_BALANCER = `${ARN}:loadbalancer/net/none/00000000000000ff`;
const NO_LISTENER = `${ARN}:listener/net/none/00000000000000ff/00000000000000ff`;
const NO_INSTANCE = 'i-0ffffffffffffffff';

const SEED: Seed = {
  instances: { one: { zone: 'a' }, two: { zone: 'b' } },
  networks: ['edge'],
  targetGroups: {
    bastion: { port: 22, behind: 'edge', targets: ['one'], tags: { 'runbook:bastion': 'ops' } },
    // Nothing forwards to it.
    spare: { port: 2222 },
  },
};

/** Waits until a target is as wanted, `undefined`: until it is not registered. Moto's are healthy at once. */
async function awaitTarget(
  { balancing, id, until }: Place,
  name: string,
  state: TargetHealthStateEnum | undefined,
): Promise<void> {
  await until(`${name} is ${state ?? 'not registered'}`, async () => {
    const answer = await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
    const found = answer?.TargetHealthDescriptions?.find(({ Target }) => Target?.Id === id(name));
    return found?.TargetHealth?.State === state;
  });
}

const reads: readonly Scenario[] = [
  {
    name: 'target groups are described: all, by ARN, by name, by load balancer',
    seed: SEED,
    play: async ({ balancing, id }) => {
      await balancing(new DescribeTargetGroupsCommand({}));
      await balancing(new DescribeTargetGroupsCommand({ TargetGroupArns: [id('spare')] }));
      await balancing(new DescribeTargetGroupsCommand({ Names: ['bastion'] }));
      await balancing(new DescribeTargetGroupsCommand({ LoadBalancerArn: id('edge') }));
    },
  },
  {
    name: 'target groups that cannot be described',
    seed: SEED,
    play: async ({ balancing, id }) => {
      await balancing(new DescribeTargetGroupsCommand({ TargetGroupArns: [NO_GROUP] }));
      await balancing(new DescribeTargetGroupsCommand({ TargetGroupArns: [id('spare'), NO_GROUP] }));
      await balancing(new DescribeTargetGroupsCommand({ Names: ['none'] }));
      await balancing(new DescribeTargetGroupsCommand({ LoadBalancerArn: NO_BALANCER }));
      await balancing(new DescribeTargetGroupsCommand({ Names: ['bastion'], TargetGroupArns: [id('bastion')] }));
      await balancing(new DescribeTargetGroupsCommand({ Names: ['bastion'], LoadBalancerArn: id('edge') }));
    },
  },
  {
    name: 'attributes and tags of target groups, of a load balancer, of nothing',
    seed: SEED,
    play: async ({ balancing, id }) => {
      await balancing(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: id('bastion') }));
      await balancing(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: NO_GROUP }));
      await balancing(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: id('edge') }));
      await balancing(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: NO_BALANCER }));
      await balancing(new DescribeTagsCommand({ ResourceArns: [id('bastion')] }));
      await balancing(new DescribeTagsCommand({ ResourceArns: [id('spare'), id('edge')] }));
      await balancing(new DescribeTagsCommand({ ResourceArns: [NO_GROUP] }));
      await balancing(new DescribeTagsCommand({ ResourceArns: [NO_BALANCER] }));
    },
  },
  {
    name: 'listeners are described: by load balancer, by ARN, not both, not neither',
    seed: SEED,
    play: async ({ balancing, id }) => {
      await balancing(new DescribeListenersCommand({ LoadBalancerArn: id('edge') }));
      await balancing(new DescribeListenersCommand({ ListenerArns: [id('bastion.listener')] }));
      await balancing(new DescribeListenersCommand({ LoadBalancerArn: NO_BALANCER }));
      await balancing(new DescribeListenersCommand({ ListenerArns: [NO_LISTENER] }));
      await balancing(new DescribeListenersCommand({}));
      await balancing(
        new DescribeListenersCommand({ LoadBalancerArn: id('edge'), ListenerArns: [id('bastion.listener')] }),
      );
    },
  },
  {
    name: 'the health of targets, of one that is not registered, of one that cannot be, of no group',
    seed: SEED,
    play: async ({ balancing, id }) => {
      const TargetGroupArn = id('bastion');
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn }));
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: id('one'), Port: 22 }] }));
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: id('one'), Port: 443 }] }));
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: id('two'), Port: 22 }] }));
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: NO_INSTANCE, Port: 22 }] }));
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('spare') }));
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: NO_GROUP }));
    },
  },
];

const writes: readonly Scenario[] = [
  {
    name: 'a target is registered twice, gets healthy, and is deregistered twice',
    seed: SEED,
    play: async (place) => {
      const { balancing, id } = place;
      const request = { TargetGroupArn: id('bastion'), Targets: [{ Id: id('two') }] };
      await balancing(new RegisterTargetsCommand(request));
      await balancing(new RegisterTargetsCommand(request));
      await awaitTarget(place, 'two', 'healthy');
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
      await balancing(new DeregisterTargetsCommand(request));
      await balancing(new DescribeTargetHealthCommand(request));
      await balancing(new DeregisterTargetsCommand(request));
      await awaitTarget(place, 'two', undefined);
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
      await balancing(new DescribeTargetHealthCommand(request));
    },
  },
  {
    name: 'a target that was deregistered comes back while it drains',
    seed: SEED,
    play: async (place) => {
      const { balancing, id } = place;
      const request = { TargetGroupArn: id('bastion'), Targets: [{ Id: id('one') }] };
      await balancing(new DeregisterTargetsCommand(request));
      await balancing(new RegisterTargetsCommand(request));
      await awaitTarget(place, 'one', 'healthy');
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
    },
  },
  {
    name: 'a target by a port of its own is found by that alone',
    seed: SEED,
    play: async ({ balancing, id, fact, unnoted }) => {
      const TargetGroupArn = id('spare');
      const ports = async (): Promise<string> => {
        const answer = await unnoted(() => balancing(new DescribeTargetHealthCommand({ TargetGroupArn })));
        return (answer?.TargetHealthDescriptions ?? []).map(({ Target }) => Target?.Port).join(' ');
      };
      const target = (Port?: number) => ({ TargetGroupArn, Targets: [{ Id: id('one'), Port }] });
      await balancing(new RegisterTargetsCommand(target(8022)));
      await balancing(new RegisterTargetsCommand(target()));
      fact('ports that an instance is registered by', await ports());
      await balancing(new DeregisterTargetsCommand(target(9022)));
      fact('ports after another was deregistered', await ports());
      await balancing(new DeregisterTargetsCommand(target(8022)));
      fact('ports after the own one was deregistered', await ports());
    },
  },
  {
    name: 'targets that cannot be registered, or need not be deregistered',
    seed: { ...SEED, instances: { ...SEED.instances, idle: { zone: 'a', stopped: true } } },
    play: async ({ balancing, id }) => {
      const at = (Id: string, TargetGroupArn = id('bastion')) => ({ TargetGroupArn, Targets: [{ Id }] });
      await balancing(new RegisterTargetsCommand(at(id('idle'))));
      await balancing(new RegisterTargetsCommand(at(NO_INSTANCE)));
      await balancing(new RegisterTargetsCommand(at(id('two'), NO_GROUP)));
      await balancing(new RegisterTargetsCommand({ TargetGroupArn: id('bastion'), Targets: [] }));
      await balancing(new DeregisterTargetsCommand(at(id('two'))));
      await balancing(new DeregisterTargetsCommand(at(NO_INSTANCE)));
      await balancing(new DeregisterTargetsCommand(at(id('one'), NO_GROUP)));
      await balancing(new DeregisterTargetsCommand({ TargetGroupArn: id('bastion'), Targets: [] }));
    },
  },
  {
    name: 'a target that stops is not used',
    seed: SEED,
    play: async (place) => {
      const { balancing, ec2, id, unnoted } = place;
      await unnoted(() => ec2(new StopInstancesCommand({ InstanceIds: [id('one')] })));
      await awaitTarget(place, 'one', 'unused');
      await balancing(new DescribeTargetHealthCommand({ TargetGroupArn: id('bastion') }));
    },
  },
];

export const targetGroupScenarios: readonly Scenario[] = [...reads, ...writes];
