/** Known differences about SQS. Move tasks moto does not have. */

import type { Known } from './known.ts';

const API = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference';

export const queueDifferences: readonly Known[] = [
  {
    operation: 'sqs:SendMessage',
    where: ['error'],
    simulator: 'InvalidMessageContents',
    right: 'simulator',
    because: 'Characters that XML does not have are refused. Moto takes them.',
    source: `${API}/API_SendMessage.html`,
  },
  {
    operation: 'fact',
    where: ['the same message'],
    scenario: 'a FIFO queue keeps the order of a group, locks it, and takes nothing twice',
    right: 'both allowed',
    because:
      'What is sent again is accepted and not delivered. With which id it is answered is not documented: here with that of the first, in moto with a new one.',
    source: `${API}/API_SendMessage.html`,
  },
  {
    operation: 'fact',
    where: ['its source'],
    scenario: 'what was received in vain is a dead letter, as it was sent',
    right: 'simulator',
    because: 'A dead letter names the queue it came from. Moto leaves it out.',
    source: `${API}/API_ReceiveMessage.html`,
  },
];
