/** The commands that give a host what it is to drop (SSM Run Command). */

import { textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import { invocationsOn } from '../../../shared/aws/ssm/commands.ts';
import { sendPlannedCommand } from '../../../shared/aws/ssm/send-command.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io, Verification } from '../../../shared/kernel/definition.ts';
import { stackName } from '../../../shared/kernel/config.ts';
import { paced } from '../../../shared/kernel/run/pace.ts';
import { isUnderWay, type HostCommand } from '../decide.ts';

/** Longer ago than this is not looked for: of a command that fails, one is sent each hour. */
const LATELY_MS = 86_400_000;

/** Between SSM's clock and ours. */
const CLOCK_SKEW_MS = 60_000;

/** The document of this stack: `deploy/hosts.yml` makes it. */
export function documentName(): string {
  return `${stackName()}-deny-networks`;
}

/**
 * What our document was run with on an instance since a time, milliseconds since 1970, but for what is longer ago than a day.
 * Throws what AWS throws.
 */
export async function readCommands(instanceId: string, sinceMs: number, io: Io): Promise<readonly HostCommand[]> {
  const since = Math.max(sinceMs - CLOCK_SKEW_MS, Date.parse(io.now()) - LATELY_MS);
  const found = await invocationsOn(instanceId, documentName(), since, io);
  return found.map(({ comment, status, requestedAt, output: said }) => ({ comment, status, requestedAt, said }));
}

/** `ssm:SendCommand` of a plan. It has no client token: a second one gives the host the same once more. */
export const sendCommand: Change = {
  // The stack's last deployment, whichever version Systems Manager takes for the default.
  send: (input, io) => sendPlannedCommand(input, io, '$LATEST'),
  // It has stopped, or its agent is managed no more: another look tells. Source: SendCommand, "Errors".
  means: { InvalidInstanceId: 'conflict' },
  // Systems Manager has a rate, and does not say which. Assumed: of hundreds of hosts five a second leave, and a few at once.
  paced: paced({ name: 'ssm:SendCommand', perSecond: 10, burst: 20 }),
};

/** Between two looks at a command that is under way, and how many: an agent that is there is done within seconds. */
const [BETWEEN_LOOKS_MS, MOST_LOOKS] = [2_000, 4];

/** Waits a moment for the command to end. What came of it, or that it goes on, is judged by the next look. */
export async function verifyCommand({ input }: PlannedCall, io: Io): Promise<Verification> {
  const comment = textOf(input, 'Comment');
  const [instanceId = ''] = textsOf(input, 'InstanceIds');
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await io.sleep(BETWEEN_LOOKS_MS);
    const sent = (await readCommands(instanceId, 0, io)).filter((each) => each.comment === comment);
    if (sent.length > 0 && !sent.some(isUnderWay)) break;
  }
  return { ok: true };
}
