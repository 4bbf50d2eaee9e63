/** What `scale-hpc-fleet` sends, and what EC2's errors mean to it; EC2's answers are planted. */

import {
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../../functions/scale-hpc-fleet/aws.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

const ec2 = mockClient(EC2Client);
afterAll(() => {
  ec2.restore();
});
beforeEach(() => {
  ec2.reset();
  ec2.onAnyCommand().resolves({});
});

const { signal } = new AbortController();
const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });

function failing(name: string, status = 400): Error {
  const $fault = status < 500 ? 'client' : 'server';
  return Object.assign(new Error('words of EC2'), { name, $fault, $metadata: { httpStatusCode: status } });
}

/** Sends it; gives the name of what is thrown, and what that means. */
async function sent(call: string, input: JsonObject): Promise<readonly [string, string | undefined]> {
  const change = apply[call];
  try {
    await change?.send(input, io);
    return ['sent', undefined];
  } catch (error) {
    const name = error instanceof Error ? error.name : 'nothing';
    return [name, change?.means[name]];
  }
}

const GANG = { MinCount: 4, MaxCount: 4, ClientToken: 'a', LaunchTemplate: { LaunchTemplateId: 'lt-0a1' } };
const OWN = { Placement: { GroupName: 'runbook-hpc-a' } };

describe('a launch', () => {
  it('is the request that was planned', async () => {
    expect(await sent('ec2:RunInstances', GANG)).toEqual(['sent', undefined]);
    expect(ec2.commandCalls(RunInstancesCommand)[0]?.args[0].input).toEqual(GANG);
  });

  it.each<[string, JsonObject]>([
    ['fewer at least than at most', { ...GANG, MinCount: 1 }],
    ['none', { ...GANG, MinCount: 0, MaxCount: 0 }],
    ['no token', { MinCount: 4, MaxCount: 4 }],
    ['no counts', { ClientToken: 'a' }],
  ])('of %s is no gang, and never leaves', async (_what, input) => {
    expect((await sent('ec2:RunInstances', input))[0]).toBe('TerminalError');
    expect(ec2.commandCalls(RunInstancesCommand)).toHaveLength(0);
  });

  it.each([
    ['InsufficientInstanceCapacity', 'InsufficientInstanceCapacity', 'capacity'],
    ['VcpuLimitExceeded', 'VcpuLimitExceeded', 'capacity'],
    ['Unsupported', 'Unsupported', 'refused'],
    ['InvalidPlacementGroup.Unknown', 'InvalidPlacementGroup.Unknown', 'refused'],
    ['InvalidBlockDeviceMapping', 'NotLaunched', 'refused'],
    ['UnauthorizedOperation', 'UnauthorizedOperation', undefined],
    ['RequestLimitExceeded', 'RequestLimitExceeded', undefined],
  ])('that EC2 answers with %s is known as %s', async (answer, name, meaning) => {
    ec2.on(RunInstancesCommand).rejects(failing(answer));
    expect(await sent('ec2:RunInstances', GANG)).toEqual([name, meaning]);
  });

  it('that fails on EC2’s side is not refused: it may have come to be', async () => {
    ec2.on(RunInstancesCommand).rejects(failing('InternalError', 500));
    expect(await sent('ec2:RunInstances', GANG)).toEqual(['InternalError', undefined]);
  });

  it('into a group that was made just now, and does not show, waits', async () => {
    ec2.on(RunInstancesCommand).rejects(failing('InvalidPlacementGroup.Unknown'));
    expect(await sent('ec2:RunInstances', { ...GANG, ...OWN })).toEqual(['GroupNotShown', 'wait']);
  });

  it('says in EC2’s words what it was refused for', async () => {
    ec2.on(RunInstancesCommand).rejects(failing('InvalidBlockDeviceMapping'));
    await expect(apply['ec2:RunInstances']?.send(GANG, io)).rejects.toThrow('InvalidBlockDeviceMapping: words of EC2');
  });
});

describe('the end of a gang', () => {
  it('names nodes, or never leaves', async () => {
    expect(await sent('ec2:TerminateInstances', { InstanceIds: ['i-0a', 'i-0b'] })).toEqual(['sent', undefined]);
    expect((await sent('ec2:TerminateInstances', { InstanceIds: [] }))[0]).toBe('TerminalError');
    expect(ec2.commandCalls(TerminateInstancesCommand)).toHaveLength(1);
  });

  it.each([
    ['OperationNotPermitted', 'refused'],
    ['InvalidInstanceID.NotFound', 'conflict'],
  ])('that EC2 answers with %s is %s', async (name, meaning) => {
    ec2.on(TerminateInstancesCommand).rejects(failing(name));
    expect(await sent('ec2:TerminateInstances', { InstanceIds: ['i-0a'] })).toEqual([name, meaning]);
  });
});

describe('a placement group', () => {
  it.each([
    ['ec2:CreatePlacementGroup', 'InvalidPlacementGroup.Duplicate', 'gone'],
    ['ec2:CreatePlacementGroup', 'PlacementGroupLimitExceeded', 'capacity'],
    ['ec2:DeletePlacementGroup', 'InvalidPlacementGroup.Unknown', 'gone'],
    ['ec2:DeletePlacementGroup', 'InvalidPlacementGroup.InUse', 'refused'],
  ])('of which %s is answered with %s', async (call, name, meaning) => {
    ec2.on(CreatePlacementGroupCommand).rejects(failing(name)).on(DeletePlacementGroupCommand).rejects(failing(name));
    expect(await sent(call, { GroupName: 'runbook-hpc-a' })).toEqual([name, meaning]);
  });

  it('of anybody else is neither made nor deleted', async () => {
    for (const call of ['ec2:CreatePlacementGroup', 'ec2:DeletePlacementGroup']) {
      expect((await sent(call, { GroupName: 'cfd' }))[0]).toBe('TerminalError');
      expect((await sent(call, {}))[0]).toBe('TerminalError');
    }
    expect(ec2.calls()).toHaveLength(0);
  });
});
