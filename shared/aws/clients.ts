/**
 * One lazy client per service, Region and purpose, its policy written out, and the few things a test, the simulator or the command replaces.
 *
 * `maxAttempts: 1`: one `send` is one request. The kernel retries by observing again; with the SDK's default of three a
 * single lost reply made `CreateSnapshot` run three times inside one `send`.
 */

import type { PlannedCall } from '../kernel/decision.ts';
import type { DataLedger } from '../kernel/ledger/data.ts';
import type { Ledger } from '../kernel/ledger/ledger.ts';
import type { Pacer } from '../kernel/ledger/pacer.ts';
import type { Probe } from '../kernel/probe.ts';

/** EC2's slowest control-plane answers take a few seconds; ten times the usual leaves room without eating the run's time. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 2_000;

interface ClientPolicy {
  readonly maxAttempts: 1;
  /** Absent: the function's own. */
  readonly region?: string;
  readonly requestHandler: {
    readonly requestTimeout: number;
    readonly connectionTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
}

/** What sets one client of a class apart from another. */
export interface ClientUse {
  /** Another Region than the function's own, e.g. `us-east-1` for what is global. */
  readonly region?: string;
  /** What it is for, where a service is used in more than one way, e.g. `ledger`: each has connections of its own. */
  readonly purpose?: string;
  /** Longest time for one request. */
  readonly timeoutMs?: number;
}

function policy({ region, timeoutMs = REQUEST_TIMEOUT_MS }: ClientUse): ClientPolicy {
  const connectionTimeout = Math.min(CONNECTION_TIMEOUT_MS, timeoutMs);
  return {
    maxAttempts: 1,
    ...(region === undefined ? {} : { region }),
    requestHandler: { requestTimeout: timeoutMs, connectionTimeout, throwOnRequestTimeout: true },
  };
}

const made = new Map<unknown, Map<string, unknown>>();

/** The client of a class for a use, made when it is first asked for and kept for the life of the sandbox. Uses that differ share none. */
export function client<C>(Client: new (policy: ClientPolicy) => C, use: ClientUse = {}): C {
  const { region = '', purpose = '', timeoutMs = REQUEST_TIMEOUT_MS } = use;
  const key = `${region} ${timeoutMs} ${purpose}`;
  const ofClass = made.get(Client) ?? new Map<string, unknown>();
  made.set(Client, ofClass);
  const known = ofClass.get(key);
  if (known instanceof Client) return known;
  const fresh = new Client(policy(use));
  surroundings().onClient?.(fresh);
  ofClass.set(key, fresh);
  return fresh;
}

/**
 * The Region that a client of `client()` was made for; empty: the function's own; `undefined`: it was not made there. The SDK tells
 * only later, and of the function's own Region what it found in the first environment that it saw. Asked by the simulator alone.
 */
export function regionMadeFor(one: unknown): string | undefined {
  const all = [...made.values()].flatMap((ofClass) => [...ofClass]);
  return all.find(([, known]) => known === one)?.[0].split(' ')[0];
}

/** What the world outside AWS offers; replaced as a whole by the simulator and the command. */
export interface Surroundings {
  /** The control ledger; `undefined`: the deployed DynamoDB table. */
  readonly ledger: Ledger | undefined;
  /** The data ledger; absent: the deployed DynamoDB table. */
  readonly data?: DataLedger;
  /** The token buckets; absent: those of the deployed table. */
  readonly pacer?: Pacer;
  /** Looks at an address from the public side; absent: over the network. */
  readonly probe?: Probe | undefined;
  /** Where log lines and metrics go, one JSON document a line. */
  readonly write: (line: string) => void;
  /** Sees every client when it is made, before its first request; the command records the requests there. */
  readonly onClient?: (client: unknown) => void;
  /** Sends what a planned call is made of: whatever leaves meanwhile leaves for the reason of that call. */
  readonly sending?: <T>(planned: PlannedCall, send: () => Promise<T>) => Promise<T>;
}

const LIVE: Surroundings = {
  ledger: undefined,
  // Lambda turns each line of standard output into one log event; console.log would add a prefix in front of the JSON.
  write: (line) => void process.stdout.write(`${line}\n`),
};

let current: Surroundings = LIVE;

/** The surroundings in force. */
export function surroundings(): Surroundings {
  return current;
}

/** Replaces parts of the surroundings; returns the way back. Only tests, the simulator and the command call this. */
export function surroundWith(parts: Partial<Surroundings>): () => void {
  const before = current;
  current = { ...current, ...parts };
  return () => {
    current = before;
  };
}
