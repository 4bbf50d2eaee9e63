/** Sends and reads back the commands that freeze an instance (SSM Run Command). */

import { ListCommandInvocationsCommand, SSMClient, type CommandInvocation } from '@aws-sdk/client-ssm';
import { client } from '../../../shared/aws/clients.ts';

import type { Io, Send } from '../../../shared/kernel/definition.ts';
import { sendPlannedCommand } from '../../../shared/aws/ssm/send-command.ts';
import { freezeComment, type FreezeCommand, type FreezeFacts } from '../decide.ts';

/** A departure is over, or beyond freezing, after so long; what was sent before belongs to an earlier one. */
const LATELY_MS = 900_000;
/** The most SSM gives in a page; an instance is not sent as many commands in that time. */
const PAGE = 50;

const SCRIPTS: readonly FreezeCommand['script'][] = ['pre-script', 'post-script'];

function freezeCommand({ Comment, Status, RequestedDateTime }: CommandInvocation, instanceId: string): FreezeCommand[] {
  const script = SCRIPTS.find((each) => Comment === freezeComment(instanceId, each));
  return script === undefined || Status === undefined || RequestedDateTime === undefined
    ? []
    : [{ script, status: Status, requestedAt: RequestedDateTime.toISOString() }];
}

/** What was sent to the instance lately. SSM that does not answer keeps no carry up: `unread` says so. */
export async function readFreeze(document: string, instanceId: string, { now, signal }: Io): Promise<FreezeFacts> {
  const since = new Date(Date.parse(now()) - LATELY_MS).toISOString();
  const command = new ListCommandInvocationsCommand({
    InstanceId: instanceId,
    Filters: [{ key: 'InvokedAfter', value: since }],
    MaxResults: PAGE,
  });
  try {
    const { CommandInvocations } = await client(SSMClient).send(command, { abortSignal: signal });
    return {
      document,
      commands: (CommandInvocations ?? []).flatMap((invocation) => freezeCommand(invocation, instanceId)),
    };
  } catch {
    signal.throwIfAborted();
    return { document, commands: 'unread' };
  }
}

/** `ssm:SendCommand` of a plan. It has no client token: a second one freezes what is frozen, and thaws what is thawed. */
export const sendCommand: Send = (input, io) => sendPlannedCommand(input, io);
