import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { bind } from '../../../../simulator/engine/bind.ts';
import { settle } from '../../../../simulator/engine/clock.ts';
import { terminateInstance } from '../../../../simulator/services/ec2/instances.ts';
import { Requests } from '../../../../simulator/engine/requests.ts';
import { NO_FAULTS } from '../../../../simulator/engine/run-types.ts';
import { SERVICES } from '../../../../simulator/engine/services.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { EXECUTION, ssmWorld } from './ssm-world.ts';

describe('SendCommand', () => {
  it('answers with the command, pending, and when it expires', () => {
    const { send, list } = ssmWorld();
    const answer = send('pre-script', { Comment: 'carry', TimeoutSeconds: 30 });
    expect(answer).toEqual({
      Command: {
        CommandId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u),
        Comment: 'carry',
        DocumentName: 'FreezeData',
        DocumentVersion: '$DEFAULT',
        InstanceIds: ['i-1'],
        Targets: [],
        Parameters: { command: ['pre-script'], executionId: [EXECUTION] },
        RequestedDateTime: new Date('2026-11-22T08:00:00Z'),
        ExpiresAfter: new Date('2026-11-22T09:00:30Z'),
        Status: 'Pending',
        StatusDetails: 'Pending',
        TimeoutSeconds: 30,
        MaxConcurrency: '50',
        MaxErrors: '0',
        TargetCount: 1,
        CompletedCount: 0,
        ErrorCount: 0,
        DeliveryTimedOutCount: 0,
      },
    });
    expect(list().CommandInvocations).toEqual([
      {
        CommandId: list().CommandInvocations?.[0]?.CommandId,
        InstanceId: 'i-1',
        Comment: 'carry',
        DocumentName: 'FreezeData',
        DocumentVersion: '$DEFAULT',
        RequestedDateTime: new Date('2026-11-22T08:00:00Z'),
        Status: 'Pending',
        StatusDetails: 'Pending',
        CommandPlugins: [],
      },
    ]);
  });

  it('is carried out: in progress after a second, done when the script is', () => {
    const { send, states, frozen, pass } = ssmWorld();
    send('pre-script');
    pass(1.5);
    expect([states(), frozen()]).toEqual([['InProgress InProgress'], false]);
    pass(2);
    expect([states(), frozen()]).toEqual([['Success Success'], true]);
    pass(9_000);
    expect(states()).toEqual(['Success Success']);
  });

  it('makes an invocation for each instance', () => {
    const { send, list, states, pass } = ssmWorld();
    send('pre-script', { InstanceIds: ['i-1', 'i-2'] });
    pass(4);
    expect(states()).toEqual(['Success Success', 'Success Success']);
    expect(new Set(list().CommandInvocations?.map((one) => one.CommandId)).size).toBe(1);
    expect(list().CommandInvocations?.map((one) => one.InstanceId)).toEqual(['i-2', 'i-1']);
  });

  it('sent again is another command: there is no client token', () => {
    const { send, list } = ssmWorld();
    send('pre-script');
    send('pre-script');
    expect(new Set(list().CommandInvocations?.map((one) => one.CommandId)).size).toBe(2);
  });

  it('takes the ARN of a document, and the defaults of its parameters', () => {
    const { send, states, frozen, pass } = ssmWorld();
    send('', { DocumentName: 'arn:aws:ssm:eu-west-1:111122223333:document/FreezeData', Parameters: {} });
    pass(4);
    expect([states(), frozen()]).toEqual([['Success Success'], false]);
  });

  it.each([
    ['an unknown document', { DocumentName: 'Freeze' }, 'InvalidDocument: Document with name Freeze does not exist.'],
    [
      'a parameter that the document does not have',
      { Parameters: { commands: ['ls'] } },
      'InvalidParameters: Parameter "commands" is not defined in document FreezeData.',
    ],
    [
      'a value that the document does not allow',
      { Parameters: { command: ['freeze'] } },
      'InvalidParameters: Parameter "command" does not allow the value "freeze".',
    ],
    [
      'an execution id that is no UUID',
      { Parameters: { command: ['dry-run'], executionId: ['run-1'] } },
      'InvalidParameters: Parameter "executionId" does not allow the value "run-1".',
    ],
    ['an instance named twice', { InstanceIds: ['i-1', 'i-1'] }, 'DuplicateInstanceId: Instance i-1 is named twice.'],
    [
      'instances that there are not',
      { InstanceIds: ['i-1', 'i-8', 'i-9'] },
      'InvalidInstanceId: Instances [[i-8, i-9]] not in a valid state for account 111122223333',
    ],
    [
      'too short a time-out',
      { TimeoutSeconds: 29 },
      "ValidationException: 1 validation error detected: Value '29' at 'timeoutSeconds' failed to satisfy constraint: Member must have value greater than or equal to 30",
    ],
    [
      'too long a time-out',
      { TimeoutSeconds: 2_592_001 },
      "ValidationException: 1 validation error detected: Value '2592001' at 'timeoutSeconds' failed to satisfy constraint: Member must have value less than or equal to 2592000",
    ],
    ['targets by tag', { Targets: [{ Key: 'tag:a', Values: ['b'] }] }, 'not simulated: ssm:SendCommand Targets'],
    ['a version of the document', { DocumentVersion: '3' }, 'not simulated: ssm:SendCommand DocumentVersion 3'],
    ['no instance', { InstanceIds: [] }, 'not simulated: ssm:SendCommand without InstanceIds'],
  ])('is refused with %s', (_what, more, expected) => {
    const { send, list } = ssmWorld();
    expect(refusal(() => send('pre-script', more))).toBe(expected);
    expect(list().CommandInvocations).toEqual([]);
  });

  it('takes a comment of 100 characters, not of 101, and 50 instances, not 51', () => {
    const { send } = ssmWorld();
    expect(send('dry-run', { Comment: 'x'.repeat(100) })).toHaveProperty('Command.Comment', 'x'.repeat(100));
    expect(refusal(() => send('dry-run', { Comment: 'x'.repeat(101) }))).toMatch(
      /^ValidationException: .* at 'comment' failed to satisfy constraint: Member must have length less than or equal to 100$/u,
    );
    const ids = [...Array(51).keys()].map((index) => `i-${index}`);
    expect(refusal(() => send('dry-run', { InstanceIds: ids.slice(0, 50) }))).toMatch(/^InvalidInstanceId/u);
    expect(refusal(() => send('dry-run', { InstanceIds: ids }))).toMatch(/^ValidationException: .* at 'instanceIds'/u);
  });

  it('is refused of a document of another type, and of a required parameter that lacks', () => {
    const automation = ssmWorld({ document: { DocumentType: 'Automation' } });
    expect(refusal(() => automation.send('dry-run'))).toBe(
      'InvalidDocument: Document FreezeData is of type Automation, which cannot be run as a command.',
    );
    const own = ssmWorld({ document: { Parameters: [{ Name: 'command' }] } });
    expect(refusal(() => own.send('', { Parameters: {} }))).toBe(
      'InvalidParameters: Parameter "command" of document FreezeData is required.',
    );
  });

  it.each([
    ['is not managed', { status: null }],
    ['is inactive', { status: 'Inactive' }],
    ['is shutting-down', { state: 'shutting-down' }],
    ['is terminated', { state: 'terminated' }],
  ])('is refused of an instance that %s', (_what, parts) => {
    const { send } = ssmWorld(parts);
    expect(refusal(() => send('pre-script'))).toBe(
      'InvalidInstanceId: Instances [[i-1]] not in a valid state for account 111122223333',
    );
  });
});

describe('a command to an agent that does not answer', () => {
  it('is delayed, and called timed out when the times for delivery and execution have passed', () => {
    const { send, states, pass, world } = ssmWorld({ status: 'ConnectionLost' });
    send('pre-script', { TimeoutSeconds: 30 });
    expect(states()).toEqual(['Pending Pending']);
    pass(2);
    expect(states()).toEqual(['Delayed Delayed']);
    pass(3_627);
    expect(states()).toEqual(['Delayed Delayed']);
    pass(2);
    expect(states()).toEqual(['TimedOut DeliveryTimedOut']);
    expect([...world.assumed]).toContain(
      'ssm: SendCommand accepts an instance whose connection is lost: its invocation is Delayed until the agent is back or the command expires',
    );
  });

  it('does not keep the world busy', () => {
    const { send, quiesce } = ssmWorld({ status: 'ConnectionLost' });
    send('pre-script');
    expect(quiesce()).toBe(1);
  });

  it('is delivered when the agent is back in time', () => {
    const { send, set, states, frozen, pass } = ssmWorld({ status: 'ConnectionLost' });
    send('pre-script', { TimeoutSeconds: 30 });
    pass(20);
    set('ssm/InstanceInformation/i-1/PingStatus', 'Online');
    pass(4);
    expect([states(), frozen()]).toEqual([['Success Success'], true]);
  });

  it('never begins once its time for delivery has passed', () => {
    const { send, set, states, frozen, pass } = ssmWorld({ status: 'ConnectionLost' });
    send('pre-script', { TimeoutSeconds: 30 });
    pass(31);
    set('ssm/InstanceInformation/i-1/PingStatus', 'Online');
    pass(10);
    expect([states(), frozen()]).toEqual([['Delayed Delayed'], false]);
  });

  it('waits for an instance that is stopped to run', () => {
    const { send, call, states, pass } = ssmWorld({ state: 'stopped' });
    send('dry-run');
    pass(2);
    expect(states()).toEqual(['Delayed Delayed']);
    call('ec2:StartInstances', { InstanceIds: ['i-1'] });
    pass(25);
    expect(states()).toEqual(['Success Success']);
  });

  it('waits for a dark zone to come back', () => {
    const { send, set, states, pass } = ssmWorld();
    set('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    send('dry-run');
    pass(60);
    expect(states()).toEqual(['Delayed Delayed']);
    set('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(5);
    expect(states()).toEqual(['Success Success']);
  });
});

describe('a command in progress', () => {
  it('does its work while the connection is lost, and tells of it later', () => {
    const { send, set, states, frozen, pass } = ssmWorld();
    send('pre-script');
    pass(2);
    set('ssm/InstanceInformation/i-1/PingStatus', 'ConnectionLost');
    pass(2);
    expect([states(), frozen()]).toEqual([['InProgress InProgress'], true]);
    set('ssm/InstanceInformation/i-1/PingStatus', 'Online');
    expect(states()).toEqual(['Success Success']);
  });

  it('of an instance that stops is never told of: it expires', () => {
    const { send, call, states, frozen, pass } = ssmWorld();
    send('pre-script', { TimeoutSeconds: 30 });
    pass(2);
    call('ec2:StopInstances', { InstanceIds: ['i-1'] });
    for (const seconds of [2, 98]) {
      pass(seconds);
      expect([states(), frozen()]).toEqual([['InProgress InProgress'], false]);
    }
    call('ec2:StartInstances', { InstanceIds: ['i-1'] });
    pass(100);
    expect([states(), frozen()]).toEqual([['InProgress InProgress'], false]);
    pass(3_430);
    expect(states()).toEqual(['TimedOut DeliveryTimedOut']);
  });

  it('is not told of by an agent that was stopped meanwhile', () => {
    const { send, set, call, states, pass } = ssmWorld();
    send('dry-run');
    pass(2);
    set('ssm/InstanceInformation/i-1/PingStatus', 'ConnectionLost');
    pass(2);
    call('ec2:StopInstances', { InstanceIds: ['i-1'] });
    pass(61);
    set('ssm/InstanceInformation/i-1/PingStatus', 'Online');
    call('ec2:StartInstances', { InstanceIds: ['i-1'] });
    pass(100);
    expect(states()).toEqual(['InProgress InProgress']);
  });

  it('of an instance that is terminated expires, too', () => {
    const { send, world, states, pass } = ssmWorld();
    send('pre-script', { TimeoutSeconds: 30 });
    pass(2);
    terminateInstance(world, 'i-1');
    pass(3_630);
    expect(states()).toEqual(['TimedOut DeliveryTimedOut']);
  });

  it('that hangs is ended after its time, and does not keep the world busy', () => {
    const { send, states, quiesce, pass } = ssmWorld({ document: { Hangs: true, ExecutionTimeoutSeconds: 20 } });
    send('dry-run');
    expect(quiesce()).toBe(3);
    pass(17);
    expect(states()).toEqual(['InProgress InProgress']);
    pass(2);
    expect(states()).toEqual(['TimedOut ExecutionTimedOut']);
  });

  it('that takes longer than its time is ended, without having done anything', () => {
    const { send, states, frozen, pass } = ssmWorld({
      document: { Freezes: { TakesSeconds: 30, ThawAfterSeconds: 60 }, ExecutionTimeoutSeconds: 20 },
    });
    send('pre-script');
    pass(22);
    expect(states()).toEqual(['TimedOut ExecutionTimedOut']);
    pass(20);
    expect(frozen()).toBe(false);
  });

  it('that hangs where nobody hears of it expires', () => {
    const { send, set, states, pass } = ssmWorld({ document: { Hangs: true, ExecutionTimeoutSeconds: 20 } });
    send('dry-run', { TimeoutSeconds: 30 });
    pass(5);
    set('ssm/InstanceInformation/i-1/PingStatus', 'ConnectionLost');
    pass(40);
    expect(states()).toEqual(['InProgress InProgress']);
    pass(6);
    expect(states()).toEqual(['TimedOut DeliveryTimedOut']);
  });
});

describe('the client of the SDK', () => {
  it('is answered as AWS answers it, with times as Dates', async () => {
    const { world, clock } = ssmWorld();
    const nothing = (): undefined => undefined;
    const fatal = (error: unknown): never => {
      throw error instanceof Error ? error : new Error(String(error));
    };
    const queue = new Requests({
      world,
      clock,
      seed: 1,
      faults: NO_FAULTS,
      note: nothing,
      fatal,
      sent: nothing,
      stray: nothing,
    });
    const unbind = bind({ world, services: SERVICES, queue, fatal });
    const client = new SSMClient({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    const answered = async <T>(promise: Promise<T>): Promise<T> => {
      await settle();
      clock.step();
      await settle();
      return promise;
    };
    try {
      const sent = await answered(
        client.send(
          new SendCommandCommand({
            InstanceIds: ['i-1'],
            DocumentName: 'FreezeData',
            Parameters: { command: ['dry-run'] },
          }),
        ),
      );
      const listed = await answered(client.send(new ListCommandInvocationsCommand({ InstanceId: 'i-1' })));
      expect(listed.CommandInvocations?.[0]?.CommandId).toBe(sent.Command?.CommandId);
      expect(listed.CommandInvocations?.[0]?.RequestedDateTime).toBeInstanceOf(Date);
      expect(queue.log.map(({ call, kind }) => [call, kind])).toEqual([
        ['ssm:SendCommand', 'write'],
        ['ssm:ListCommandInvocations', 'read'],
      ]);
    } finally {
      unbind();
    }
  });
});
