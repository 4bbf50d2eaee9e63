/** SQS's own move tasks, asked for, begun and cancelled on the simulated SQS. */

import { ListMessageMoveTasksCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { cancelMoveTask, lastTaskOf, startMoveTask } from '../../../functions/redrive-dead-letters/aws/move-tasks.ts';
import type { MoveTask } from '../../../functions/redrive-dead-letters/decide.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import { inFunction, type Done } from '../in-a-function.ts';
import { letters, worldOf } from './a-piece.ts';
import { arnOf, NOW } from './queue-facts.ts';

const DEAD = arnOf('orders-dlq');

function inSqs<T>(work: (io: Io) => Promise<T>): Promise<Done<T>> {
  return inFunction(worldOf({ letters: letters(9) }), work);
}

/** What the last task is, where SQS lists these, or says no. */
async function lastOf(answer: readonly object[] | string, sourceCount = 1): Promise<MoveTask | null> {
  const stub = mockClient(SQSClient);
  try {
    const asked = stub.on(ListMessageMoveTasksCommand, { SourceArn: DEAD });
    if (typeof answer === 'string') asked.rejects(Object.assign(new Error('no'), { name: answer }));
    else asked.resolves({ Results: [...answer] });
    const { signal } = new AbortController();
    return await lastTaskOf(
      DEAD,
      sourceCount,
      makeIo({ run: 'r', account: '1', region: 'eu-west-1', signal, target: 't' }),
    );
  } finally {
    stub.restore();
  }
}

const LISTED = { Status: 'COMPLETED', StartedTimestamp: Date.parse(NOW) };

describe('the last task of a queue', () => {
  it('is told while it is at work, and when it has ended', async () => {
    const { value } = await inSqs(async (io) => {
      const none = await lastTaskOf(DEAD, 1, io);
      await startMoveTask.send({ SourceArn: DEAD, MaxNumberOfMessagesPerSecond: 2 }, io);
      const begun = await lastTaskOf(DEAD, 1, io);
      await io.sleep(2_500);
      const atWork = await lastTaskOf(DEAD, 1, io);
      await io.sleep(10_000);
      return [none, begun, atWork, await lastTaskOf(DEAD, 1, io)];
    });
    const handle = expect.any(String);
    const startedAt = expect.stringMatching(/^2026-11-22T08:00:0\d\.\d{3}Z$/u);
    const task = { handle, status: 'RUNNING', moved: 0, toMove: 9, failure: null, startedAt };
    const ended = { ...task, handle: null, status: 'COMPLETED', moved: 9 };
    expect(value).toEqual([null, task, { ...task, moved: 4 }, ended]);
  });

  it('is the newest, with what SQS leaves out as nothing', async () => {
    const failed = { ...LISTED, Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' };
    const task = { handle: null, status: 'COMPLETED', moved: 0, toMove: null, failure: null, startedAt: NOW };
    expect(await lastOf([LISTED, failed])).toEqual(task);
    const failure = 'CouldNotDetermineMessageSource';
    expect(await lastOf([failed, LISTED])).toEqual({ ...task, status: 'FAILED', failure });
  });

  it("is none of a queue that is gone, or that holds nobody's dead letters", async () => {
    const { value } = await inSqs((io) => lastTaskOf(arnOf('gone'), 1, io));
    expect(value).toBeNull();
    for (const name of ['InvalidParameterValue', 'InvalidParameterValueException', 'ResourceNotFoundException'])
      expect(await lastOf(name, 0)).toBeNull();
    expect(await lastOf('ResourceNotFoundException')).toBeNull();
  });

  it('is not known where AWS says no, or what nobody understands', async () => {
    await expect(lastOf('AccessDenied')).rejects.toThrow('no');
    // Of a queue that others name it is said of something else.
    await expect(lastOf('InvalidParameterValue')).rejects.toThrow('no');
    await expect(lastOf([{ ...LISTED, Status: 'PAUSED' }])).rejects.toThrow(TerminalError);
    await expect(lastOf([{ Status: 'RUNNING' }])).rejects.toThrow(/RUNNING, begun at undefined/u);
  });
});

describe('a task that is cancelled', () => {
  it('ends with what it has moved', async () => {
    const { value } = await inSqs(async (io) => {
      await startMoveTask.send({ SourceArn: DEAD, MaxNumberOfMessagesPerSecond: 1 }, io);
      await cancelMoveTask.send({ TaskHandle: (await lastTaskOf(DEAD, 1, io))?.handle ?? '' }, io);
      const cancelling = await lastTaskOf(DEAD, 1, io);
      await io.sleep(30_000);
      return [cancelling?.status, (await lastTaskOf(DEAD, 1, io))?.status];
    });
    expect(value).toEqual(['CANCELLING', 'CANCELLED']);
  });
});

describe('a plan', () => {
  it('that says not how fast, or which, is not sent', async () => {
    const rate: JsonObject = { SourceArn: DEAD };
    for (const send of [
      (io: Io) => startMoveTask.send(rate, io),
      (io: Io) => startMoveTask.send({ MaxNumberOfMessagesPerSecond: 1 }, io),
      (io: Io) => cancelMoveTask.send({}, io),
    ]) {
      const { thrown, requests } = await inSqs(async (io) => send(io));
      expect([thrown, requests]).toEqual([expect.any(Error), []]);
    }
  });
});

describe('what SQS says against a task', () => {
  it.each([
    ['AccessDenied', 'refused', 'refused'],
    ['AccessDeniedException', 'refused', 'refused'],
    ['InvalidAddress', 'refused', 'refused'],
    ['InvalidParameterValue', 'refused', 'refused'],
    ['InvalidParameterValueException', 'refused', 'refused'],
    ['InvalidSecurity', 'refused', 'refused'],
    ['OverLimit', 'refused', 'refused'],
    // What has ended meanwhile needs no cancelling.
    ['ResourceNotFoundException', 'refused', 'gone'],
    ['UnsupportedOperation', 'refused', 'gone'],
    ['RequestThrottled', 'wait', 'wait'],
  ])('%s: where it is begun %s, where it is cancelled %s', (name, begun, cancelled) => {
    expect([startMoveTask.means[name], cancelMoveTask.means[name]]).toEqual([begun, cancelled]);
  });
});
