/** Lambda's context object, as far as a host needs it. */

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
