/** What all that is asked of CloudFront has in common. */

import { errorName } from '../../../shared/kernel/errors.ts';

/** CloudFront has one endpoint, and what is tagged of it is told there. */
export const GLOBAL = { region: 'us-east-1' };

/** What `read` gives; `undefined`: what it reads is gone, or was never there. */
export async function unlessGone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (/^(?:NoSuch(?:Distribution|Resource)|EntityNotFound)$/u.test(errorName(error))) return undefined;
    throw error;
  }
}
