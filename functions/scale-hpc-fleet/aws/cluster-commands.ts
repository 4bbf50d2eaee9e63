/** The commands that a head node is sent (SSM Run Command). */

import { invocationsOn, type Invocation } from '../../../shared/aws/ssm/commands.ts';
import { sendPlannedCommand } from '../../../shared/aws/ssm/send-command.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { lastLine, readAnswer, readComment, type ClusterCommand } from '../decide.ts';

/** Longer ago than this is not looked for: a status is asked for that often at least. */
const LATELY_MS = 3_600_000;

function commandOf({ comment, output, ...invocation }: Invocation): readonly ClusterCommand[] {
  const sentFor = readComment(comment);
  if (sentFor === undefined) return [];
  return [{ ...sentFor, ...invocation, answer: readAnswer(output), said: lastLine(output) }];
}

/** What the document was run with on a head node lately, the newest first. Throws what AWS throws. */
export async function readCommands(instanceId: string, document: string, io: Io): Promise<readonly ClusterCommand[]> {
  const found = await invocationsOn(instanceId, document, Date.parse(io.now()) - LATELY_MS, io);
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
