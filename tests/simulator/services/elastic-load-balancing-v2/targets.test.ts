import { describe, expect, it } from 'vitest';
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { client } from '../../../../shared/aws/clients.ts';
import { simulate } from '../../../../simulator/engine/simulation.ts';
import { pastedWorld } from '../../../../simulator/world/world-file.ts';
import { deploy, run } from '../../deploy.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { A, B, bastionParts, bastions, type Bastions, GROUP, instance, target } from './bastion-world.ts';

const C = 'i-0c1';
const THREE = { Instances: [instance(A, 'a'), instance(B, 'b'), instance(C, 'a', { PrivateIpAddress: '10.0.1.11' })] };
const DRAINING = 'draining Target.DeregistrationInProgress';

const attribute = (seconds: number) => ({
  Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) }],
});

function register({ call }: Bastions, Id: string, Port?: number): void {
  call('elasticloadbalancing:RegisterTargets', { TargetGroupArn: GROUP, Targets: [{ Id, Port }] });
}

function deregister({ call }: Bastions, Id: string, Port?: number): void {
  call('elasticloadbalancing:DeregisterTargets', { TargetGroupArn: GROUP, Targets: [{ Id, Port }] });
}

describe('RegisterTargets', () => {
  it('has a target registered within a minute, checked, and healthy after as many intervals as the threshold', () => {
    const world = bastions({ ec2: THREE });
    register(world, C);
    expect(world.health()[2]).toBe('i-0c1 initial Elb.RegistrationInProgress');
    world.pass(61);
    expect(world.health()[2]).toBe('i-0c1 initial Elb.InitialHealthChecking');
    expect(world.quiesce()).toBeCloseTo(29);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy', 'i-0c1 healthy']);
  });

  it('has a host that does not answer unhealthy', () => {
    const Instances = [...THREE.Instances.slice(0, 2), instance(C, 'a', { Serves: false })];
    const world = bastions({ ec2: { Instances }, group: { RegistrationSeconds: 5 } });
    register(world, C);
    expect(world.quiesce()).toBe(25);
    expect(world.health()[2]).toBe('i-0c1 unhealthy Target.FailedHealthChecks');
  });

  it('leaves one as it is that is there already', () => {
    const world = bastions();
    register(world, A);
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });

  it('brings one back that is draining, from the beginning', () => {
    const world = bastions();
    deregister(world, A);
    world.pass(100);
    expect(world.health()[0]).toBe(`i-0a1 ${DRAINING}`);
    register(world, A);
    expect(world.health()[0]).toBe('i-0a1 initial Elb.RegistrationInProgress');
    expect(world.quiesce()).toBe(90);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });

  it('knows a host by each port apart', () => {
    const world = bastions({ ec2: { SecurityGroups: [] } });
    register(world, A, 2222);
    expect(world.quiesce()).toBe(90);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy', 'i-0a1:2222 healthy']);
    deregister(world, A);
    world.quiesce();
    expect(world.health()).toEqual(['i-0b1 healthy', 'i-0a1:2222 healthy']);
  });

  it('takes all or none', () => {
    const world = bastions({ ec2: THREE });
    const Targets = [{ Id: C }, { Id: 'i-0d1' }];
    expect(
      refusal(() => world.call('elasticloadbalancing:RegisterTargets', { TargetGroupArn: GROUP, Targets })),
    ).toContain("InvalidTargetException: The following targets are not valid instances: 'i-0d1'");
    expect(world.health()).toHaveLength(2);
  });

  it.each([
    ['that is stopped', { State: { Name: 'stopped' } }, 'are not in a running state and cannot be registered'],
    ['of another VPC', { VpcId: 'vpc-2' }, "are not in the target group VPC 'vpc-1'"],
  ])('refuses a host %s', (_case, more, told) => {
    const world = bastions({ ec2: { Instances: [...THREE.Instances.slice(0, 2), instance(C, 'a', more)] } });
    expect(refusal(() => register(world, C))).toContain(told);
  });

  it('refuses no targets, and a group that is not there', () => {
    const { call } = bastions();
    const at = (TargetGroupArn: string, Targets: object[]) => () =>
      call('elasticloadbalancing:RegisterTargets', { TargetGroupArn, Targets });
    expect(refusal(at(GROUP, []))).toContain('ValidationError');
    expect(refusal(at(GROUP.replace('bastion', 'none'), [{ Id: A }]))).toContain('TargetGroupNotFoundException');
    expect(refusal(at('bastion', [{ Id: A }]))).toContain("'bastion' is not a valid target group ARN");
  });

  const many = Array.from({ length: 500 }, (_one, index) => `i-0e${index}`);
  const crowded = (letter: 'a' | 'b', group: object = {}): Bastions =>
    bastions({
      ec2: { Instances: [...many.map((id) => instance(id, 'a')), instance(C, letter)] },
      group,
      targets: many.map((id) => target(id, 'healthy')),
    });

  it('has room for 500 targets in each zone', () => {
    expect(refusal(() => register(crowded('a'), C))).toContain('TooManyTargetsException');
    expect(() => register(crowded('b'), C)).not.toThrow();
  });

  it('has room for 500 targets altogether with cross-zone load balancing', () => {
    const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }];
    expect(refusal(() => register(crowded('b', { Attributes }), C))).toContain('TooManyTargetsException');
  });

  it('of other targets than instances is not simulated', () => {
    const world = bastions({ group: { TargetType: 'ip' }, targets: [] });
    expect(refusal(() => register(world, '10.0.1.10'))).toContain('RegisterTargets of other targets than instances');
  });
});

describe('DeregisterTargets', () => {
  it.each([
    ['five minutes', {}, 300],
    ['as long as the group says', attribute(150), 150],
  ])('drains for %s, and the target is gone', (_case, group, seconds) => {
    const world = bastions({ group });
    deregister(world, A);
    expect(world.health()[0]).toBe(`i-0a1 ${DRAINING}`);
    world.pass(seconds - 1);
    expect(world.health()[0]).toBe(`i-0a1 ${DRAINING}`);
    expect(world.quiesce()).toBeCloseTo(1);
    expect(world.health()).toEqual(['i-0b1 healthy']);
  });

  it('without a delay takes it off at once', () => {
    const world = bastions({ group: attribute(0) });
    deregister(world, A);
    expect(world.health()).toEqual(['i-0b1 healthy']);
  });

  it('takes off at once what is not in use', () => {
    const world = bastions({ group: { LoadBalancerArns: [] } });
    expect(world.health()[0]).toBe('i-0a1 unused Target.NotInUse');
    deregister(world, A);
    expect(world.health()).toEqual(['i-0b1 unused Target.NotInUse']);
  });

  it('asked for twice drains once', () => {
    const world = bastions();
    deregister(world, A);
    world.pass(100);
    deregister(world, A);
    expect(world.quiesce()).toBeCloseTo(200);
    expect(world.health()).toEqual(['i-0b1 healthy']);
  });

  it('drains an unhealthy target, too, and whatever happens to it meanwhile', () => {
    const world = bastions({ targets: [target(A, 'unhealthy'), target(B, 'healthy')] });
    deregister(world, A);
    world.set(`ec2/Instances/${A}/State/Name`, 'stopped');
    world.pass(200);
    expect(world.health()[0]).toBe(`i-0a1 ${DRAINING}`);
    world.quiesce();
    expect(world.health()).toEqual(['i-0b1 healthy']);
  });

  it('of a target that is not registered, or by another port, changes nothing and succeeds', () => {
    const world = bastions({ ec2: THREE });
    deregister(world, C);
    deregister(world, 'i-0d1');
    deregister(world, A, 2222);
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });
});

describe('a pasted world', () => {
  const group = { TargetGroupArn: GROUP };
  const named = { ...group, Targets: [{ Id: A }] };
  const end = async (targets: readonly object[] | undefined, ask: () => Promise<unknown>) => {
    const frame = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };
    const { world } = pastedWorld({ ...frame, ...bastionParts({ targets }) });
    return (await simulate(run(deploy(ask), { world }))).error?.message;
  };
  const elb = () => client(ElasticLoadBalancingV2Client);

  it.each([
    ['RegisterTargets', () => elb().send(new RegisterTargetsCommand(named))],
    ['DeregisterTargets', () => elb().send(new DeregisterTargetsCommand(named))],
    ['DescribeTargetHealth', () => elb().send(new DescribeTargetHealthCommand(group))],
  ])('that does not say who is registered has no %s', async (operation, ask) => {
    expect(await end(undefined, ask)).toBe(
      `not simulated: elasticloadbalancing:${operation}: not pasted: who is registered with ${GROUP}; \`aws elbv2 describe-target-health --target-group-arn ${GROUP}\` prints it: write its output into "elastic-load-balancing-v2": { "TargetHealth": [] } with the TargetGroupArn beside`,
    );
  });

  it('that says so has', async () => {
    const ask = () => elb().send(new DescribeTargetHealthCommand(group));
    expect(await end([target(A, 'healthy')], ask)).toBe(undefined);
  });
});
