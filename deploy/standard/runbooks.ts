/** The runbooks as the framework asks for them. */

import { runbookNames, standardDashboard, standardOf, standardShared, type Expanded } from './standard.ts';

/** The framework prints the stack of what is thrown here; the message is all that a reader can use. */
function plainly<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error) error.stack = error.message;
    throw error;
  }
}

/** By name, each a function that the framework calls when it needs it: what is wrong with one is told as a fault of that one. */
export const runbooks = Object.fromEntries(runbookNames().map((name) => [name, () => plainly(() => standardOf(name))]));

/** What they have in common. */
export const shared = (): Expanded['resources'] => plainly(standardShared);

/** For a stack that is to have one. */
export const dashboard = (): Pick<Expanded['resources'], 'Resources'> => plainly(standardDashboard);
