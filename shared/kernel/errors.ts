/**
 * Errors named by their consequence, and the one place that tells which is which.
 *
 * Built on the SDK's own fields (`$fault`, `$retryable`, `$metadata.httpStatusCode`) rather than on a private list,
 * apart from the few names that mean a quota, not a throttle.
 */

/** Observe again and decide again; never send the same call again. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
}

/** A repeat cannot help: bad input, bad configuration, access denied. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Bad input: one clear line that names the path of the fault. */
export class BadInputError extends TerminalError {
  /** JSON path of the fault, e.g. `detail.instance-id`; empty for the whole document. */
  readonly path: string;
  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
    this.path = path;
  }
}

/** A failure reduced to what survives a durable step and a record. */
export interface Fault {
  readonly class: 'retryable' | 'terminal';
  /** AWS error code or error name. */
  readonly name: string;
  readonly message: string;
  /**
   * `none`: it is known that nothing was carried out. `unknown`: it may have been. A step that an older version kept has no
   * such member, which is no knowledge either: ask for `none`.
   */
  readonly effect: 'none' | 'unknown';
}

/** Makes a fault of our own. */
export function fault(
  verdict: Fault['class'],
  name: string,
  message: string,
  effect: Fault['effect'] = 'unknown',
): Fault {
  return { class: verdict, name, message, effect };
}

/** Names that Smithy counts as throttling although a repeat within minutes cannot help. */
const QUOTA_NAMES = new Set(['LimitExceededException', 'LimitExceededFault', 'ServiceQuotaExceededException']);

/** A throttle comes under these names, with status 400, 429 or 503, and before anything is done. Source: EC2 API "error codes" page. */
const THROTTLE_NAMES = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestThrottled',
  'EC2ThrottledException',
  'SlowDown',
]);

/** The service itself failed, with status 500 or 503, perhaps half-way. */
const SERVER_NAMES = new Set(['Unavailable', 'InternalError', 'InternalFailure', 'ServiceUnavailable']);

/** A conflict with somebody else's write: looking again is the remedy. */
const CONFLICT_NAMES = new Set([
  'ConditionalCheckFailedException',
  'TransactionConflictException',
  'ResourceContentionFault',
  'ScalingActivityInProgressFault',
  'WAFOptimisticLockException',
]);

const NETWORK_NAMES = new Set([
  'TimeoutError',
  'AbortError',
  'NetworkingError',
  'RequestTimeout',
  'RequestTimeoutException',
]);
const NETWORK_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

interface Described {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly cause: unknown;
}

/** Errors come from libraries in many shapes: nothing about them is taken for granted. */
function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, key) ?? undefined) : undefined;
}

function describe(error: unknown): Described {
  const status = member(member(error, '$metadata'), 'httpStatusCode');
  const text = (key: string, otherwise: string): string => {
    const value = member(error, key);
    return typeof value === 'string' ? value : otherwise;
  };
  return {
    name: text('name', 'Error'),
    message: text('message', String(error)),
    code: text('code', ''),
    status: typeof status === 'number' ? status : 0,
    retryable: member(error, '$retryable') !== undefined,
    cause: member(error, 'cause'),
  };
}

function isLostOnTheWay({ name, code }: Described): boolean {
  return NETWORK_NAMES.has(name) || NETWORK_CODES.has(code);
}

/** AWS has answered, and the answer says that the request was not carried out. */
function effectOf(described: Described): Fault['effect'] {
  const { name, status } = described;
  if (isLostOnTheWay(described) || SERVER_NAMES.has(name)) return 'unknown';
  const turnedAway = THROTTLE_NAMES.has(name) || CONFLICT_NAMES.has(name) || QUOTA_NAMES.has(name);
  return turnedAway || (status >= 400 && status < 500) ? 'none' : 'unknown';
}

/**
 * Says what an error means for the run. Unknown errors are retryable: a bug is bounded by Lambda's own retries and ends
 * in the dead-letter queue, where a terminal verdict could hide a passing fault. What a single call means by an error's name is
 * said beside that call (`Change.means`).
 */
export function classify(error: unknown, depth = 0): Fault {
  if (error instanceof TerminalError) return fault('terminal', error.name, error.message);
  if (error instanceof RetryableError) return fault('retryable', error.name, error.message);
  const described = describe(error);
  const { name, message, code, status, retryable, cause } = described;
  const known = name === 'Error' && code !== '' ? code : name;
  const as = (verdict: Fault['class']): Fault => fault(verdict, known, message, effectOf(described));
  if (QUOTA_NAMES.has(name)) return as('terminal');
  if (THROTTLE_NAMES.has(name) || CONFLICT_NAMES.has(name) || SERVER_NAMES.has(name) || isLostOnTheWay(described))
    return as('retryable');
  if (retryable || status === 429 || status >= 500) return as('retryable');
  if (status >= 400) return as('terminal');
  if (cause !== undefined && depth < 4) {
    const inner = classify(cause, depth + 1);
    if (inner.class === 'terminal') return inner;
  }
  return as('retryable');
}

/** The AWS error code of `error`, e.g. `InvalidAssociationID.NotFound`; its name for any other error. */
export function errorName(error: unknown): string {
  return describe(error).name;
}

/** Turns a recorded fault back into the error that has its consequence. */
export function raise({ class: verdict, name, message }: Pick<Fault, 'class' | 'name' | 'message'>): Error {
  const text = `${name}: ${message}`;
  return verdict === 'terminal' ? new TerminalError(text) : new RetryableError(text);
}

/** The code of a failure: `InvalidAllocationID.NotFound` → `invalid-allocation-id.not-found`; AWS's own words stay readable in it. */
export function codeOf({ name }: Pick<Fault, 'name'>): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/gu, (letter) => `-${letter}`).toLowerCase();
}
