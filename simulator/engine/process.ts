/** What a simulated run replaces of the process that the code under test runs in; each function returns the way back. */

import { currentInvocation } from './requests.ts';

/** An unhandled rejection of the code under test ends its invocation, not this process; one of nobody's is a bug of ours. */
export function catchUnhandled(fatal: (error: unknown) => void): () => void {
  const listener = (reason: unknown): void => {
    const invocation = currentInvocation();
    if (invocation === undefined) fatal(reason);
    else invocation.crash(reason);
  };
  process.on('unhandledRejection', listener);
  return () => void process.off('unhandledRejection', listener);
}

/** Sets variables of the environment. */
export function setEnvironment(variables: { readonly [name: string]: string }): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
