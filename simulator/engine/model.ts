/**
 * What a simulated service is, and what it may use of the simulated world.
 *
 * The whole state is JSON in the AWS API's own shapes (`world.data`), so that a stale read is an older copy of it, a
 * world file is simply its beginning, and `--world-out` simply its end.
 */

import type { ZodType } from 'zod';
import type { JsonObject } from '../../shared/kernel/decision.ts';

/** How well a modelled behaviour is known. */
export type Grade = 'recorded' | 'documented' | 'assumed';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

/** Simulated time. Nothing in the simulator or in the code under test reads the real one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** ISO 8601 with milliseconds. */
  readonly iso: () => string;
  /**
   * Runs `effect` after `milliseconds`. `background` work (a periodic sampling) does not keep the world from being
   * quiescent. Returns the way to cancel.
   */
  readonly after: (milliseconds: number, effect: () => void, options?: { readonly background?: true }) => () => void;
}

/** A mutable JSON record: one AWS shape in the world. */
export type Shape = { [member: string]: unknown };

/** The state of all services: service (SDK package name without `client-`) → collection → records. */
export type WorldData = { [service: string]: { [collection: string]: Shape[] } };

/** Signals between services inside the simulator; they are not AWS events. */
export interface Signals {
  'instance-state': { readonly instanceId: string; readonly state: string; readonly previous: string };
  'status-changed': { readonly instanceId: string };
  'spot-notice': { readonly instanceId: string };
  'messages-sent': { readonly queueName: string };
  /** What may pass between two machines: rules of security groups and network ACLs, entries of prefix lists, what a host serves. */
  'network-changed': object;
  /** A target's state is another; `targetGroup` is a name. */
  'target-health': { readonly instanceId: string; readonly targetGroup: string; readonly health: string };
}

/** The account in one Region. Services know no other: what is global they find through `regions`. */
export interface World {
  readonly account: string;
  readonly region: string;
  /** The same account in every Region that the world file has, this one among them, home first. The same map in each. */
  readonly regions: ReadonlyMap<string, World>;
  /** What is simulated here: less than elsewhere in a Region that is there for what is global alone. */
  readonly services: readonly ServiceModel[];
  readonly clock: Clock;
  /** Uniform in [0, 1), from the seed. */
  readonly random: () => number;
  /** The state; a stale read sees an older one. Operations read and write it through this member only. */
  readonly data: WorldData;
  /** Records of one collection, made if absent. */
  readonly records: (service: string, collection: string) => Shape[];
  /** A new id of AWS's form, the same in each run of the same seed: `id('i')` → `i-0f00000000000001a`. */
  readonly id: (prefix: string) => string;
  /**
   * Publishes an event on the default bus of this Region. At home it is delivered at least once to every runbook whose pattern
   * matches; from another Region nobody hears of it.
   */
  readonly emit: (event: {
    source: string;
    detailType: string;
    resources: readonly string[];
    detail: JsonObject;
  }) => void;
  readonly signal: <N extends keyof Signals>(name: N, payload: Signals[N]) => void;
  readonly on: <N extends keyof Signals>(name: N, listener: (payload: Signals[N]) => void) => void;
  /** Notes that a behaviour of grade `assumed` was used; drills list them. */
  readonly assume: (behaviour: string) => void;
  /**
   * The world file mentions what it does not hold. A written file is refused. Of a pasted one, in which other things are
   * mentioned than were pasted, it is noted, and what mentions it is left as it is.
   * @throws BadInputError where the world is not a pasted one
   */
  readonly gap: (gap: Gap) => void;
  /** Whether the world may have gaps. */
  readonly isPasted: boolean;
  /** Whether a paste has nothing of a kind, not even an empty list, and nothing of it was derived: whether there is any is not known. */
  readonly isUnsaid: (service: string, collection: string) => boolean;
  /** Whether something is known by its mention only. What AWS would say of it cannot be derived. */
  readonly isMentionedOnly: (id: string) => boolean;
}

/** Something that a world file mentions and does not hold. */
export interface Gap {
  /** JSON path of the mention. */
  readonly path: string;
  readonly message: string;
  /** What is mentioned, if it has an id. */
  readonly id?: string;
}

/** Where AWS keeps what is global: CloudFront, and WAF's part for it. */
export const GLOBAL_REGION = 'us-east-1';

/** One AWS operation. */
export interface Operation {
  readonly kind: 'read' | 'write';
  readonly grade: Grade;
  /** Where the behaviour is documented: a link, or what it was recorded from. */
  readonly source: string;
  /** Returns the output as the SDK gives it (Dates are Dates), throws `awsError`. Synchronous and atomic, as AWS commits. */
  readonly run: (input: Shape, world: World) => object;
  /** Of a batch: the same, where the service fails one entry by a fault of its own. */
  readonly partly?: (input: Shape, world: World) => object;
  /** How many milliseconds longer the service holds a request that it has had for `heldMs`, before it runs. Absent: it holds none. */
  readonly holdMs?: (input: Shape, world: World, heldMs: number) => number;
}

export interface ServiceModel {
  /** Key in the world file: SDK package name without `client-`. */
  readonly name: string;
  /** IAM's service prefix: the first half of `ec2:AssociateAddress`. */
  readonly prefix: string;
  /** Schema of this service's part of a world file; strict, so that a misspelt member is an error with its path. */
  readonly schema: ZodType;
  /** Collections by name, with the member that identifies a record. */
  readonly collections: { readonly [collection: string]: string };
  /** Collections whose key may be there once for each value of another member, and that member: a name in each Scope. */
  readonly within?: { readonly [collection: string]: string };
  /**
   * The service answers in us-east-1 in whatever world: for what is global. Its values of the members in `within` whose records stand
   * there, wherever they are used; empty: it lists those of others.
   */
  readonly global?: readonly string[];
  /** It has one endpoint for all Regions: whatever Region a client is for, its requests reach us-east-1, where all records stand. */
  readonly everywhere?: true;
  /** Members of AWS's outputs that hold records of a collection under another name, or a single one: `KeyMetadata` → `Keys`. */
  readonly outputs?: { readonly [member: string]: string };
  readonly operations: { readonly [operation: string]: Operation };
  /** Completes what the world file left out and starts the service's own timers. Called once, in the order of the list of services. */
  readonly start?: (world: World) => void;
  /**
   * A scripted change (`"ec2/Instances/i-1/State/Name": "stopped"`), with the consequences of the API call.
   * `false`: no consequences, the kernel of the simulator just sets the member.
   */
  readonly change?: (world: World, collection: string, key: string, path: readonly string[], value: unknown) => boolean;
}

/** An error as the SDK throws it: the code in `name`. */
export class AwsError extends Error {
  override readonly name: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string; readonly attempts: 1 };
  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.$fault = status >= 500 ? 'server' : 'client';
    this.$metadata = { httpStatusCode: status, requestId: '00000000-0000-4000-8000-000000000000', attempts: 1 };
  }
}

/** Makes the error of a refused request. `status` defaults to 400. */
export function awsError(name: string, message: string, status = 400): AwsError {
  return new AwsError(name, message, status);
}

/** A request for something the simulator does not model: ends the run, never guessed. */
export class NotSimulatedError extends Error {
  override readonly name = 'NotSimulatedError';
  readonly #what: string;
  constructor(what: string) {
    super(`not simulated: ${what}`);
    this.#what = what;
  }

  /** The same, of a file's content. */
  in(file: string): NotSimulatedError {
    return new NotSimulatedError(`${file}: ${this.#what}`);
  }
}
