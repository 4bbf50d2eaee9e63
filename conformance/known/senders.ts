/** Known differences about who has a queue for dead letters. */

import type { Known } from './known.ts';

const API = 'https://docs.aws.amazon.com/lambda/latest/api';

export const senderDifferences: readonly Known[] = [
  {
    operation: 'lambda:ListFunctions',
    where: ['Functions[].DeadLetterConfig'],
    right: 'simulator',
    because: 'A function is listed with its dead-letter queue. Moto does not keep it.',
    source: `${API}/API_FunctionConfiguration.html`,
  },
  {
    operation: 'lambda:GetFunctionConfiguration',
    where: ['DeadLetterConfig'],
    right: 'simulator',
    because: 'A function tells its dead-letter queue. Moto does not keep it.',
    source: `${API}/API_GetFunctionConfiguration.html`,
  },
  {
    operation: 'lambda:ListFunctionEventInvokeConfigs',
    where: ['error'],
    simulator: 'answers',
    right: 'simulator',
    because: 'LastModified is a number of seconds. Moto prints a text, which the SDK cannot read.',
    source: `${API}/API_FunctionEventInvokeConfig.html`,
  },
];
