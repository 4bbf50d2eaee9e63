/** The commands that a head node is sent (SSM Run Command). */

import { paginateListCommandInvocations, SSMClient, type CommandInvocation } from '@aws-sdk/client-ssm';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { sendPlannedCommand } from '../../../shared/aws/ssm/send-command.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { lastLine, readAnswer, readComment, type ClusterCommand } from '../decide.ts';

/** Longer ago than this is not looked for: a status is asked for that often at least. */
const LATELY_MS = 3_600_000;

function commandOf(invocation: CommandInvocation): readonly ClusterCommand[] {
  const { Comment = '', Status, StatusDetails, RequestedDateTime, CommandPlugins = [] } = invocation;
  const sentFor = readComment(Comment);
  if (sentFor === undefined) return [];
  const output = CommandPlugins.map(({ Output = '' }) => Output).join('\n');
  const status: string = need(Status, 'CommandInvocations[].Status');
  return [
    {
      ...sentFor,
      requestedAt: need(RequestedDateTime, 'CommandInvocations[].RequestedDateTime').toISOString(),
      status,
      details: StatusDetails ?? status,
      answer: readAnswer(output),
      said: lastLine(output),
    },
  ];
}

/** What the document was run with on a head node lately, the newest first. Throws what AWS throws. */
export async function readCommands(instanceId: string, document: string, io: Io): Promise<readonly ClusterCommand[]> {
  const pages = paginateListCommandInvocations(
    { client: client(SSMClient) },
    {
      InstanceId: instanceId,
      Filters: [
        { key: 'DocumentName', value: document },
        { key: 'InvokedAfter', value: new Date(Date.parse(io.now()) - LATELY_MS).toISOString() },
      ],
      Details: true,
    },
    { abortSignal: io.signal },
  );
  const found = await collect(pages, ({ CommandInvocations }) => CommandInvocations);
  return found.flatMap(commandOf).toSorted((one, other) => other.at.localeCompare(one.at));
}

/** `ssm:SendCommand` of a plan. It has no client token: it is looked up by its comment before another is sent. */
export const sendCommand: Change = {
  send: sendPlannedCommand,
  means: {
    InvalidDocument: 'refused',
    InvalidInstanceId: 'refused',
    InvalidParameters: 'refused',
    UnsupportedPlatformType: 'refused',
  },
};
