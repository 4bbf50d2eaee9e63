/** How a known difference between the two worlds is written down, and which differences it explains. */

import type { Difference } from '../compare.ts';

/** Who does as AWS does. */
export type Right = 'simulator' | 'emulator' | 'both allowed';

/** One difference that was looked into. */
export interface Known {
  readonly operation: string;
  /** Where it shows; `*` stands for any text. */
  readonly where: readonly string[];
  /** The simulator's answer, where `where` alone does not tell two differences apart; `*` stands for any text. */
  readonly simulator?: string;
  /** The scenario it shows in, where it shows in one only. */
  readonly scenario?: string;
  readonly right: Right;
  readonly because: string;
  /** AWS's documentation, or where AWS's answer was seen. */
  readonly source: string;
}

function isLike(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/gu, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'su').test(text);
}

/** Whether an entry of the table explains a difference. */
export function explains(known: Known, difference: Difference): boolean {
  return (
    known.operation === difference.operation &&
    known.where.some((where) => isLike(where, difference.where)) &&
    (known.simulator === undefined || isLike(known.simulator, difference.simulator)) &&
    (known.scenario === undefined || difference.scenario === known.scenario)
  );
}

const EC2_API = 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference';

/** Page of an operation or type of EC2. */
export function ec2Api(name: string): string {
  return `${EC2_API}/API_${name}.html`;
}

/** EC2's list of error codes. */
export const EC2_ERRORS = `${EC2_API}/errors-overview.html`;

/** Page of an operation or type of Auto Scaling. */
export function scalingApi(name: string): string {
  return `https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_${name}.html`;
}

/** An error that the simulator answers with and the emulator does not. */
export function missingError(operation: string, simulator: string, because: string, source = EC2_ERRORS): Known {
  return { operation, where: ['error'], simulator, right: 'simulator', because, source };
}
