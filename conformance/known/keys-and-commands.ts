/** Known differences about KMS keys and Systems Manager's commands. */

import type { Known } from './known.ts';

const SSM_API = 'https://docs.aws.amazon.com/systems-manager/latest/APIReference';
const SEND = `${SSM_API}/API_SendCommand.html`;

export const keyAndCommandDifferences: readonly Known[] = [
  {
    operation: 'ssm:SendCommand',
    where: ['Command.Status', 'Command.StatusDetails', 'Command.CompletedCount'],
    right: 'simulator',
    because: 'A command is `Pending` first, and nothing of it is completed. In moto it has succeeded at once.',
    source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html',
  },
  {
    operation: 'ssm:SendCommand',
    where: ['Command.InstanceIds[] count', 'Command.TargetCount'],
    right: 'simulator',
    because:
      'A command goes to the instances that the request names. Moto adds every instance it has, and counts those named twice.',
    source: SEND,
  },
  {
    operation: 'ssm:SendCommand',
    where: ['Command.NotificationConfig'],
    right: 'simulator',
    because: 'Nobody is notified who was not named. Moto puts a placeholder there.',
    source: SEND,
  },
  {
    operation: 'ssm:SendCommand',
    where: ['Command.DocumentVersion'],
    right: 'both allowed',
    because:
      'The member is documented; what it holds where the request names no version is not. The runbooks do not read it.',
    source: `${SSM_API}/API_Command.html`,
  },
  {
    operation: 'ssm:SendCommand',
    where: ['error'],
    simulator: '*',
    right: 'simulator',
    because:
      'The document must be there and allow the parameters, each instance be managed and named once, the time-out be 30 s or more. Moto looks at none of it.',
    source: SEND,
  },
  {
    operation: 'ssm:ListDocuments',
    where: ['DocumentIdentifiers'],
    right: 'simulator',
    because: 'A filter by a tag leaves out what has no such tag. Moto gives every document whatever the tag.',
    source: `${SSM_API}/API_ListDocuments.html`,
  },
  {
    operation: 'fact',
    where: ['a command ends'],
    right: 'simulator',
    because: 'ListCommandInvocations tells what became of a command. Moto does not have it.',
    source: `${SSM_API}/API_ListCommandInvocations.html`,
  },
];
