/** The plain host: one invocation of minutes at most; a schedule takes up what it could not finish. */

import middy from '@middy/core';
import { TerminalError } from '../errors.ts';
import type { Host, HostAdapter } from './host.ts';
import { readContext, type InvocationContext } from './invocation.ts';

function sleep(milliseconds: number, interrupt: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt?.aborted === true) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    interrupt?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function plainHost(context: InvocationContext): Host {
  const host: Host = {
    kind: 'plain',
    ...context,
    step: (_name, effect) => effect(),
    wait: (_name, seconds) => sleep(seconds * 1_000, context.interrupt),
    approval: () =>
      Promise.reject(new TerminalError('approval needs the durable host: unset RUNBOOK_APPROVAL for this runbook')),
    each: (_name, items, work) => Promise.all(items.map((item, index) => work(item, index, host))),
  };
  return host;
}

/** Runs the kernel in this invocation. */
export const plain: HostAdapter = {
  kind: 'plain',
  wrap: (run) => {
    // timeoutEarlyInMillis 0: the kernel winds down by itself, seconds before the end; middy's early error would cut that off.
    const handler = middy<unknown, unknown>({ timeoutEarlyInMillis: 0 });
    return handler.handler((event: unknown, context: object) => run(event, plainHost(readContext(context))));
  },
};
