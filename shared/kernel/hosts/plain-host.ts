/** The plain host: one invocation of minutes at most; a schedule takes up what it could not finish. */

import middy from '@middy/core';
import type { Host, HostAdapter } from './host.ts';
import { TerminalError } from '../errors.ts';

/** What Lambda's context tells the kernel. Parsed, not trusted: the command and the tests bring their own. */
export interface InvocationContext {
  readonly run: string;
  readonly account: string;
  readonly region: string;
  readonly remainingMs: () => number;
  /** A member of our own: the command's Ctrl-C. Lambda's context has none. */
  readonly interrupt?: AbortSignal;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Reads a Lambda context object; account and region stand in the function's ARN. */
export function readContext(context: object): InvocationContext {
  const arn = text(Reflect.get(context, 'invokedFunctionArn')).split(':');
  const remaining: unknown = Reflect.get(context, 'getRemainingTimeInMillis');
  const interrupt: unknown = Reflect.get(context, 'interrupt');
  return {
    run: text(Reflect.get(context, 'awsRequestId')),
    account: arn[4] ?? '',
    region: arn[3] ?? '',
    remainingMs: () => {
      const left: unknown = typeof remaining === 'function' ? Reflect.apply(remaining, context, []) : 0;
      return typeof left === 'number' ? left : 0;
    },
    ...(interrupt instanceof AbortSignal ? { interrupt } : {}),
  };
}

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
