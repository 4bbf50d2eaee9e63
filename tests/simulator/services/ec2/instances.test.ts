import { describe, expect, it } from 'vitest';
import {
  launchInstance,
  terminateInstance,
  instanceState,
  statusOf,
} from '../../../../simulator/services/ec2/instances.ts';
import { ec2World, refusal } from './ec2-world.ts';

describe('a launch for a group', () => {
  it('goes through pending to running, tagged and placed', () => {
    const { world, pass, states, record } = ec2World({});
    const id = launchInstance(world, {
      availabilityZone: 'eu-west-1b',
      instanceType: 'm7g.large',
      imageId: 'ami-1',
      privateIpAddress: '10.0.0.77',
      launchTemplateTags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '1' },
      ],
      tags: [{ Key: 'b', Value: '2' }],
    });
    expect(id).toMatch(/^i-[0-9a-f]{17}$/);
    expect(instanceState(world, id)).toBe('pending');
    expect(record('Instances')).toMatchObject({
      InstanceId: id,
      InstanceType: 'm7g.large',
      ImageId: 'ami-1',
      PrivateIpAddress: '10.0.0.77',
      Placement: { AvailabilityZone: 'eu-west-1b' },
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    pass(21);
    expect(states()).toEqual([`${id} pending`, `${id} running`]);
    expect(statusOf(world, id).instance).toBe('initializing');
    pass(150);
    expect(statusOf(world, id).instance).toBe('ok');
    terminateInstance(world, id);
    pass(31);
    expect(instanceState(world, id)).toBe('terminated');
  });

  it('needs a zone that exists and is not dark', () => {
    const { world, change } = ec2World({});
    expect(refusal(() => launchInstance(world, { availabilityZone: 'eu-west-1z', tags: [] }))).toBe(
      'InvalidParameterValue: Invalid availability zone: [eu-west-1z]',
    );
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    expect(refusal(() => launchInstance(world, { availabilityZone: 'eu-west-1a', tags: [] }))).toMatch(
      /^InsufficientInstanceCapacity/,
    );
  });

  it('terminates whatever the protection, and knows no instance that is not there', () => {
    const { world } = ec2World({ Instances: [{ InstanceId: 'i-1', DisableApiTermination: true }] });
    terminateInstance(world, 'i-1');
    expect(instanceState(world, 'i-1')).toBe('shutting-down');
    expect(instanceState(world, 'i-9')).toBeUndefined();
    expect(refusal(() => terminateInstance(world, 'i-9'))).toMatch(/^InvalidInstanceID.NotFound/);
  });
});

describe('a scripted state', () => {
  it('stopped is there at once, through stopping', () => {
    const { change, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    expect(change('ec2/Instances/i-1/State/Name', 'stopped')).toBe(true);
    expect(states()).toEqual(['i-1 stopping', 'i-1 stopped']);
  });

  it('stopping goes on by itself', () => {
    const { change, pass, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }] });
    change('ec2/Instances/i-1/State', { Name: 'stopping' });
    expect(states()).toEqual(['i-1 stopping']);
    pass(61);
    expect(states()).toEqual(['i-1 stopping', 'i-1 stopped']);
  });

  it('running comes through pending, with checks initializing', () => {
    const { change, states, world, pass } = ec2World({
      Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }],
    });
    change('ec2/Instances/i-1/State/Name', 'running');
    expect(states()).toEqual(['i-1 pending', 'i-1 running']);
    expect(statusOf(world, 'i-1').system).toBe('initializing');
    pass(60);
    expect(states()).toEqual(['i-1 pending', 'i-1 running']);
  });

  it('shutting-down goes on, terminated is there at once', () => {
    const { change, pass, states } = ec2World({ Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }] });
    change('ec2/Instances/i-1/State/Name', 'terminated');
    change('ec2/Instances/i-2/State/Name', 'shutting-down');
    expect(states()).toEqual(['i-1 shutting-down', 'i-1 terminated', 'i-2 shutting-down']);
    pass(31);
    expect(states().at(-1)).toBe('i-2 terminated');
  });

  it('that cannot be is refused with its path', () => {
    const { change } = ec2World({ Instances: [{ InstanceId: 'i-1', State: { Name: 'terminated' } }] });
    expect(refusal(() => change('ec2/Instances/i-1/State/Name', 'running'))).toBe(
      'ec2/Instances/i-1/State/Name: an instance that is terminated cannot become running',
    );
    expect(refusal(() => change('ec2/Instances/i-1/State/Name', 'broken'))).toBe(
      'ec2/Instances/i-1/State/Name: broken is not a state of an instance',
    );
    expect(refusal(() => change('ec2/Instances/i-1', { Tags: [] }))).toContain(
      'ec2/Instances/i-1: instances neither appear nor vanish by script',
    );
    expect(change('ec2/Instances/i-1/Tags/Name', 'x')).toBe(false);
  });
});
