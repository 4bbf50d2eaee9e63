import { describe, expect, it } from 'vitest';
import { hasFrozen } from '../../../../simulator/services/ec2/freezing.ts';
import { launchInstance } from '../../../../simulator/services/ec2/instances.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { worldFile } from '../../../../simulator/world/world-file.ts';
import { serviceWorld } from '../service-world.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { ssmWorld } from './ssm-world.ts';

describe('a document that freezes', () => {
  it('freezes with its pre-script, thaws with its post-script', () => {
    const { send, world, frozen, pass } = ssmWorld();
    send('pre-script');
    pass(4);
    expect(world.records('ec2', 'FrozenFileSystems')).toEqual([
      {
        InstanceId: 'i-1',
        VolumeIds: ['vol-i-1'],
        Since: '2026-11-22T08:00:03.000Z',
        ThawsAt: '2026-11-22T08:01:03.000Z',
      },
    ]);
    send('post-script');
    pass(4);
    expect(frozen()).toBe(false);
  });

  it('leaves a timer on the host that thaws after its time, after which the post-script fails', () => {
    const { send, states, frozen, pass } = ssmWorld();
    send('pre-script');
    pass(62);
    expect(frozen()).toBe(true);
    pass(2);
    expect(frozen()).toBe(false);
    send('post-script');
    pass(4);
    expect(states()).toEqual(['Failed Failed', 'Success Success']);
  });

  it('refuses to freeze what is frozen, and leaves its timer alone', () => {
    const { send, states, frozen, pass } = ssmWorld();
    send('pre-script');
    pass(30);
    send('pre-script');
    pass(4);
    expect([states(), frozen()]).toEqual([['Failed Failed', 'Success Success'], true]);
    pass(30);
    expect(frozen()).toBe(false);
  });

  it('that is repeatable says yes to either, and leaves its timer alone, too', () => {
    const { send, states, frozen, pass } = ssmWorld({
      document: { Freezes: { ThawAfterSeconds: 60, Repeatable: true } },
    });
    send('pre-script');
    pass(30);
    send('pre-script');
    pass(33);
    expect(frozen()).toBe(false);
    send('post-script');
    pass(4);
    expect(states()).toEqual(['Success Success', 'Success Success', 'Success Success']);
  });

  it('does nothing on a dry run, and nothing at all where it freezes nothing', () => {
    const dry = ssmWorld();
    dry.send('dry-run');
    dry.pass(4);
    expect([dry.states(), dry.frozen()]).toEqual([['Success Success'], false]);
    const idle = ssmWorld({ ssm: { Documents: [{ Name: 'FreezeData' }] } });
    idle.send('pre-script');
    idle.pass(4);
    expect([idle.states(), idle.frozen()]).toEqual([['Success Success'], false]);
  });

  it.each([
    ['Fails', true, 'pre-script', 'Failed Failed', false],
    ['Fails', 'pre-script', 'pre-script', 'Failed Failed', false],
    ['Fails', 'post-script', 'pre-script', 'Success Success', true],
    ['Fails', false, 'pre-script', 'Success Success', true],
    // The worst that can come of it: nobody is told, and it is frozen.
    ['Hangs', 'pre-script', 'pre-script', 'InProgress InProgress', true],
    ['Hangs', 'post-script', 'pre-script', 'Success Success', true],
  ])('where it %s (%s): its %s ends as %s', (member, value, command, expected, isFrozen) => {
    const { send, states, frozen, pass } = ssmWorld({ document: { [member]: value } });
    send(command);
    pass(4);
    expect([states(), frozen()]).toEqual([[expected], isFrozen]);
  });

  it.each(['Fails', 'Hangs'])('whose post-script %s is thawed by the timer', (member) => {
    const { send, set, frozen, pass } = ssmWorld();
    send('pre-script');
    pass(4);
    set(`ssm/Documents/FreezeData/${member}`, 'post-script');
    send('post-script');
    pass(50);
    expect(frozen()).toBe(true);
    pass(10);
    expect(frozen()).toBe(false);
  });
});

describe('a launched instance', () => {
  it('is managed as soon as it runs, where others are', () => {
    const { call, world, pass } = ssmWorld();
    const id = launchInstance(world, { availabilityZone: 'eu-west-1a', tags: [] });
    const input = { InstanceIds: [id], DocumentName: 'FreezeData' };
    expect(refusal(() => call('ssm:SendCommand', input))).toMatch(/^InvalidInstanceId/u);
    pass(21);
    expect(call('ssm:SendCommand', input)).toHaveProperty('Command.InstanceIds', [id]);
    expect([...world.assumed]).toContain(
      'ssm: an instance that is launched beside managed ones is managed as soon as it runs',
    );
  });

  it('is not where none is', () => {
    const { world, pass } = serviceWorld({});
    launchInstance(world, { availabilityZone: 'eu-west-1a', tags: [] });
    pass(21);
    expect(world.records('ssm', 'InstanceInformation')).toEqual([]);
  });
});

describe('a world file', () => {
  it('takes what describe-instance-information and describe-document print', () => {
    const printed = {
      Name: 'FreezeData',
      DocumentVersion: '1',
      DocumentType: 'Command',
      Status: 'Active',
      PlatformTypes: ['Linux'],
      Parameters: [{ Name: 'command', Type: 'String', DefaultValue: 'dry-run', AllowedValues: ['dry-run'] }],
    };
    const { send } = ssmWorld({
      ssm: {
        InstanceInformation: [
          {
            InstanceId: 'i-1',
            PingStatus: 'Online',
            LastPingDateTime: '2026-11-22T07:59:00Z',
            AgentVersion: '3.3.1',
            PlatformType: 'Linux',
          },
        ],
        Documents: [printed],
      },
    });
    expect(refusal(() => send('', { Parameters: { command: ['pre-script'] } }))).toBe(
      'InvalidParameters: Parameter "command" does not allow the value "pre-script".',
    );
    expect(send('', { Parameters: { command: ['dry-run'] } })).toHaveProperty('Command.Status', 'Pending');
  });

  it.each([
    [
      { Documents: [{ Name: 'FreezeData', Freezes: { takesSeconds: 2, ThawAfterSeconds: 60 } }] },
      'ssm.Documents[0].Freezes.takesSeconds: unknown member; see docs/world.schema.json',
    ],
    [{ Documents: [{ Name: 'FreezeData', Fails: 'dry-run' }] }, 'ssm.Documents[0].Fails'],
    [
      { InstanceInformation: [{ InstanceId: 'i-9' }] },
      'ssm.InstanceInformation[0].InstanceId: there is no instance i-9 in ec2.Instances',
    ],
    [{ InstanceInformation: [{ InstanceId: 'i-1', PingStatus: 'Offline' }] }, 'ssm.InstanceInformation[0].PingStatus'],
  ])('is refused with %j', (ssm, expected) => {
    expect(() => ssmWorld({ ssm })).toThrow(expected);
  });

  it('refuses a scripted connection that there is not', () => {
    const { set } = ssmWorld();
    expect(() => set('ssm/InstanceInformation/i-1/PingStatus', 'Offline')).toThrow(
      'ssm/InstanceInformation/i-1/PingStatus: Offline is not Online, ConnectionLost or Inactive',
    );
  });

  it('that a run leaves behind goes on where it ended', () => {
    const first = ssmWorld();
    first.send('pre-script');
    first.pass(4);
    first.send('post-script', { InstanceIds: ['i-2'] });
    first.pass(1.5);
    first.send('dry-run');
    const { ssm, ec2, now }: Shape = JSON.parse(JSON.stringify(worldFile(first.world)));
    expect(now).toBe('2026-11-22T08:00:05.500Z');
    const second = serviceWorld({ now, ec2, ssm });
    const statuses = (): unknown[] => second.world.records('ssm', 'CommandInvocations').map((one) => one['Status']);
    expect(statuses()).toEqual(['Success', 'InProgress', 'Pending']);
    second.pass(4);
    expect(statuses()).toEqual(['Success', 'Failed', 'Success']);
    expect(hasFrozen(second.world, 'i-1')).toBe(true);
    second.pass(55);
    expect(hasFrozen(second.world, 'i-1')).toBe(false);
  });
});
