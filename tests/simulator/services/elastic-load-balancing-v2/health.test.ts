import { describe, expect, it } from 'vitest';
import { worldFile } from '../../../../simulator/world/world-file.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';
import { A, B, bastions, bastionParts, ELB, GROUP, instance, securityGroup, target } from './bastion-world.ts';

const FAILED = 'unhealthy Target.FailedHealthChecks';
const NARROW = [securityGroup('sg-host', ['198.51.100.0/24'])];
const allow = (cidr: string) => ({
  GroupId: 'sg-host',
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: cidr }] }],
});

describe('a world at rest', () => {
  it('stays as it is given, and nothing is under way', () => {
    const world = bastions();
    expect(world.quiesce()).toBe(0);
    world.pass(3_600);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });

  it('keeps a host unhealthy that the rules would let through: it does not serve', () => {
    const world = bastions({ targets: [target(A, 'unhealthy'), target(B, 'healthy')] });
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0b1 healthy']);
    expect(world.world.records('ec2', 'Instances')[0]?.['Serves']).toBe(false);
    expect(world.world.records('ec2', 'Instances')[1]).not.toHaveProperty('Serves');
  });

  it('says of a host with a dead port only that one', () => {
    const second = { Target: { Id: A, Port: 2222 }, TargetHealth: { State: 'healthy' } };
    const rule = { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    const open = [securityGroup('sg-host', [], { IpPermissions: [rule] })];
    const world = bastions({ ec2: { SecurityGroups: open }, targets: [target(A, 'unhealthy'), second] });
    expect(world.world.records('ec2', 'Instances')[0]?.['Serves']).toEqual([2222]);
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0a1:2222 healthy']);
  });

  it('lets a host that is given healthy past what is in the way, until that is another thing', () => {
    const world = bastions({ ec2: { SecurityGroups: NARROW } });
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
    world.set(`ec2/Instances/${A}/Serves`, false);
    expect(world.quiesce()).toBe(20);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0b1 healthy']);
    world.set(`ec2/Instances/${A}/Serves`, true);
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0b1 healthy']);
  });
});

describe('what turns a state', () => {
  it('a host that stops to serve is unhealthy after as many intervals as the threshold, and healthy likewise', () => {
    const world = bastions();
    world.set(`ec2/Instances/${A}/Serves`, [443]);
    expect(world.quiesce()).toBe(20);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0b1 healthy']);
    world.set(`ec2/Instances/${A}/Serves`, [22]);
    expect(world.quiesce()).toBe(30);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });

  it('a fault that passes before the threshold leaves no trace', () => {
    const world = bastions();
    world.set(`ec2/Instances/${A}/Serves`, false);
    world.pass(15);
    world.set(`ec2/Instances/${A}/Serves`, true);
    expect(world.quiesce()).toBe(0);
    expect(world.health()[0]).toBe('i-0a1 healthy');
  });

  it('a rule that is mended brings those back that it kept out', () => {
    const world = bastions({
      ec2: { SecurityGroups: NARROW },
      targets: [target(A, 'unhealthy'), target(B, 'unhealthy')],
    });
    expect(world.quiesce()).toBe(0);
    world.call('ec2:AuthorizeSecurityGroupIngress', allow('10.0.1.0/24'));
    expect(world.quiesce()).toBe(30);
    expect(world.health()).toEqual(['i-0a1 healthy', `i-0b1 ${FAILED}`]);
  });

  it('a rule that is narrowed, by a call or by a script, takes them out', () => {
    const world = bastions();
    world.call('ec2:RevokeSecurityGroupIngress', allow('10.0.1.0/24'));
    expect(world.quiesce()).toBe(20);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0b1 healthy']);
    world.set('ec2/SecurityGroups/sg-host/IpPermissions', []);
    expect(world.quiesce()).toBe(20);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, `i-0b1 ${FAILED}`]);
  });

  it('impaired status checks are a failing host', () => {
    const world = bastions();
    world.set(`ec2/InstanceStatuses/${A}/SystemStatus/Status`, 'impaired');
    expect(world.quiesce()).toBe(20);
    expect(world.health()).toEqual([`i-0a1 ${FAILED}`, 'i-0b1 healthy']);
  });

  it('a dark zone is', () => {
    const world = bastions();
    world.set('ec2/AvailabilityZones/eu-west-1b/State', 'unavailable');
    world.pass(30);
    expect(world.health()).toEqual(['i-0a1 healthy', `i-0b1 ${FAILED}`]);
  });

  it('a stopped host is unused, and registers anew when it runs', () => {
    const world = bastions();
    world.set(`ec2/Instances/${A}/State/Name`, 'stopped');
    world.pass(1);
    expect(world.health()[0]).toBe('i-0a1 unused Target.InvalidState');
    world.set(`ec2/Instances/${A}/State/Name`, 'running');
    world.pass(1);
    expect(world.health()[0]).toBe('i-0a1 initial Elb.RegistrationInProgress');
    world.pass(60);
    expect(world.health()[0]).toBe('i-0a1 initial Elb.InitialHealthChecking');
    world.pass(30);
    expect(world.health()[0]).toBe('i-0a1 healthy');
  });

  it('what tells nobody is seen within a minute, in the background', () => {
    const world = bastions();
    world.set('ec2/Subnets/subnet-a/CidrBlock', '10.0.0.0/16');
    expect(world.quiesce()).toBe(0);
    world.pass(90);
    expect(world.health()[0]).toBe(`i-0a1 ${FAILED}`);
  });

  it('connections to an unhealthy target go on for a while where the group says so', () => {
    const Attributes = [
      { Key: 'target_health_state.unhealthy.connection_termination.enabled', Value: 'false' },
      { Key: 'target_health_state.unhealthy.draining_interval_seconds', Value: '40' },
    ];
    const world = bastions({ group: { Attributes } });
    world.set(`ec2/Instances/${A}/Serves`, false);
    world.pass(21);
    expect(world.health()[0]).toBe('i-0a1 unhealthy.draining Target.FailedHealthChecks');
    expect(world.quiesce()).toBeCloseTo(39);
    expect(world.health()[0]).toBe(`i-0a1 ${FAILED}`);
  });
});

describe('a target that no load balancer checks', () => {
  it.each([
    ['of a group that none uses', { group: { LoadBalancerArns: [] } }],
    ['in a zone that is not enabled', { balancer: { AvailabilityZones: [] } }],
  ])('%s is unused', (_case, parts) => {
    expect(bastions(parts).health()[0]).toBe('i-0a1 unused Target.NotInUse');
  });

  it('is checked once the zone is enabled', () => {
    const world = bastions({ balancer: { AvailabilityZones: [] } });
    world.set(`${ELB}/LoadBalancers/${balancerOf(world)}/AvailabilityZones`, [
      { ZoneName: 'eu-west-1a', SubnetId: 'subnet-a' },
    ]);
    world.quiesce();
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 unused Target.NotInUse']);
  });
});

const balancerOf = ({ world }: ReturnType<typeof bastions>): string =>
  String(world.records(ELB, 'LoadBalancers')[0]?.['LoadBalancerArn']);

describe('what only a script changes', () => {
  it.each([
    ['unavailable', undefined],
    ['unhealthy', 'Elb.InternalError'],
  ])('%s with %s stays', (state, Reason) => {
    const world = bastions({
      targets: [target(A, state, Reason === undefined ? {} : { Reason }), target(B, 'healthy')],
    });
    expect(world.quiesce()).toBe(0);
    world.pass(600);
    expect(world.health()[0]).toBe(`i-0a1 ${state} Elb.InternalError`);
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}/State`, 'healthy');
    world.pass(600);
    expect(world.health()[0]).toBe('i-0a1 healthy');
  });

  it('an administrative override stays beside whatever the state is', () => {
    const AdministrativeOverride = { State: 'zonal_shift_active', Reason: 'AdministrativeOverride.ZonalShiftActive' };
    const world = bastions({ targets: [{ ...target(A, 'healthy'), AdministrativeOverride }] });
    world.set(`ec2/Instances/${A}/Serves`, false);
    world.quiesce();
    expect(world.call('elasticloadbalancing:DescribeTargetHealth', { TargetGroupArn: GROUP })).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'unhealthy' }, AdministrativeOverride }],
    });
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}/AdministrativeOverride`, null);
    expect(world.call('elasticloadbalancing:DescribeTargetHealth', { TargetGroupArn: GROUP })).not.toHaveProperty(
      'TargetHealthDescriptions.0.AdministrativeOverride',
    );
  });

  it('takes the health of a group away, and gives it back', () => {
    const world = bastions({ health: { Unavailable: true } });
    expect(refusal(world.health)).toContain('HealthUnavailableException');
    world.set(`${ELB}/TargetHealth/${GROUP}/Unavailable`, false);
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0b1 healthy']);
  });
});

describe('a scripted state', () => {
  it('unhealthy is a host that does not serve; healthy one that does', () => {
    const world = bastions();
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}/State`, 'unhealthy');
    expect(world.quiesce()).toBe(0);
    expect(world.health()[0]).toBe(`i-0a1 ${FAILED}`);
    expect(world.world.records('ec2', 'Instances')[0]?.['Serves']).toBe(false);
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}`, { State: 'healthy' });
    expect(world.quiesce()).toBe(0);
    expect(world.health()[0]).toBe('i-0a1 healthy');
  });

  it('initial goes on by itself, and draining ends', () => {
    const world = bastions();
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}/State`, 'initial');
    world.set(`${ELB}/TargetHealth/${GROUP}/${B}/State`, 'draining');
    expect(world.quiesce()).toBe(300);
    expect(world.health()).toEqual(['i-0a1 healthy']);
  });

  it('null takes the target out', () => {
    const world = bastions();
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}`, null);
    expect(world.quiesce()).toBe(0);
    expect(world.health()).toEqual(['i-0b1 healthy']);
  });

  it.each([
    ['of nobody', `${GROUP}/i-0c1/State`, 'healthy', 'i-0c1 is not registered at this time'],
    ['that is none', `${GROUP}/${A}/State`, 'fine', 'fine is not a state of a target'],
    ['of another member', `${GROUP}/${A}/Target`, {}, 'of a target set its State'],
    ['of no target', GROUP, {}, 'name a target'],
  ])('%s is a fault of the script', (_case, path, value, told) => {
    expect(() => bastions().set(`${ELB}/TargetHealth/${path}`, value)).toThrow(told);
  });

  it('names a port where a host is there by several', () => {
    const second = { Target: { Id: A, Port: 2222 }, TargetHealth: { State: 'unhealthy' } };
    const world = bastions({ targets: [target(A, 'healthy'), second] });
    expect(() => world.set(`${ELB}/TargetHealth/${GROUP}/${A}/State`, 'unavailable')).toThrow(
      'i-0a1 is there by several ports: write i-0a1:22 or i-0a1:2222',
    );
    world.set(`${ELB}/TargetHealth/${GROUP}/${A}:2222/State`, 'unavailable');
    expect(world.health()).toEqual(['i-0a1 healthy', 'i-0a1:2222 unavailable Elb.InternalError']);
  });
});

describe('a world that is left behind', () => {
  it('goes on where it stopped', () => {
    const world = bastions();
    world.set(`ec2/Instances/${A}/Serves`, false);
    world.call('elasticloadbalancing:DeregisterTargets', { TargetGroupArn: GROUP, Targets: [{ Id: B }] });
    world.pass(15);
    const { now, ...rest } = worldFile(world.world);
    const next = serviceWorld({ now, ...rest });
    const health = (): unknown => next.call('elasticloadbalancing:DescribeTargetHealth', { TargetGroupArn: GROUP });
    expect(health()).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'healthy' } }, { TargetHealth: { State: 'draining' } }],
    });
    next.pass(5);
    expect(health()).toMatchObject({ TargetHealthDescriptions: [{ TargetHealth: { State: 'unhealthy' } }, {}] });
    expect(next.quiesce()).toBe(280);
    expect(health()).toMatchObject({ TargetHealthDescriptions: [{ TargetHealth: { State: 'unhealthy' } }] });
  });
});

describe('a world file', () => {
  it('derives targets from an Auto Scaling group where it has none of them', () => {
    const group = {
      AutoScalingGroupName: 'g',
      TargetGroupARNs: [GROUP],
      Instances: [{ InstanceId: A }, { InstanceId: B }],
    };
    const parts = {
      targets: undefined,
      ec2: { Instances: [instance(A, 'a'), instance(B, 'b', { Serves: false })] },
      more: { 'auto-scaling': { AutoScalingGroups: [group] } },
    };
    const world = bastions(parts);
    expect(world.health()).toEqual(['i-0a1 healthy', `i-0b1 ${FAILED}`]);
    expect(world.quiesce()).toBe(0);
  });

  it.each([
    ['a target without an instance', { targets: [target('i-0c1', 'healthy')] }, 'there is no instance i-0c1'],
    ['a target twice', { targets: [target(A, 'healthy'), target(A, 'initial')] }, 'i-0a1 is there twice by one port'],
    ['a group without a port', { group: { Port: undefined } }, 'TargetGroups[0].Port'],
    ['a balancer that is not there', { group: { LoadBalancerArns: [`${GROUP}x`] } }, 'LoadBalancerArns'],
    ['a state that is none', { targets: [target(A, 'well')] }, 'TargetHealth.State'],
    ['a port as a number', { group: { HealthCheckPort: 22 } }, 'HealthCheckPort'],
  ])('with %s is refused', (_case, parts, told) => {
    expect(() => serviceWorld(bastionParts(parts))).toThrow(told);
  });

  it('needs no rule of a host for which it gives no groups', () => {
    const Instances = [instance(A, 'a', { SecurityGroups: undefined }), instance(B, 'b')];
    const world = bastions({ ec2: { Instances }, targets: [target(A, 'initial'), target(B, 'healthy')] });
    expect(world.quiesce()).toBe(90);
    expect(world.health()[0]).toBe('i-0a1 healthy');
    expect([...world.world.assumed]).toContain(
      'elasticloadbalancing: an instance for which the world gives no SecurityGroups lets each health check in',
    );
  });
});
