/**
 * The operations of one durable execution: what a checkpoint does to them, what ends their waiting, and what the service
 * refuses. Operations are never changed in place: a copy that was handed to an invocation stays what it was.
 *
 * Sources: the request and response shapes of `CheckpointDurableExecution` (Lambda API reference), the constants of
 * `@aws/durable-execution-sdk-js`, the quotas page. States and their transitions: documented with the SDK; the texts of
 * refusals other than a stale token's are assumed.
 */

import type { ErrorObject, Operation, OperationUpdate, WireOperation } from '@aws/durable-execution-sdk-js';
import { awsError, NotSimulatedError } from '../engine/model.ts';

/** What one execution may hold and one checkpoint may carry. */
const DURABLE_LIMITS = {
  /** The SDK's `CHECKPOINT_SIZE_LIMIT_BYTES`. The newer API reference allows 1 MB; whoever keeps to this is right by both. */
  payloadBytes: 256 * 1024,
  /** The SDK's `MAX_PAYLOAD_SIZE`. */
  batchBytes: 750 * 1024,
  /** The SDK's `MAX_ITEMS_IN_BATCH`. */
  batchUpdates: 250,
  /** Lambda quotas, "durable functions": operations per execution. */
  operations: 3_000,
  /** `WaitSeconds`, `NextAttemptDelaySeconds`: one year. Lambda API reference. */
  longestWaitSeconds: 31_622_400,
} as const;

type Status = NonNullable<Operation['Status']>;

const FINAL: ReadonlySet<Status> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'STOPPED']);

function refuse(text: string): Error {
  return awsError('InvalidParameterValueException', text, 400);
}

/** The refusal of a checkpoint that is not the running invocation's next; the SDK ends the invocation on this very text. */
export function staleToken(): Error {
  return refuse('Invalid Checkpoint Token');
}

function seconds(member: string, value: number | undefined): number {
  if (value === undefined || !Number.isInteger(value) || value < 1 || value > DURABLE_LIMITS.longestWaitSeconds)
    throw refuse(`${member}: ${value} is not a whole number from 1 to ${DURABLE_LIMITS.longestWaitSeconds}`);
  return value;
}

function expectState(
  update: OperationUpdate,
  existing: Operation | undefined,
  ...allowed: (Status | undefined)[]
): void {
  if (allowed.includes(existing?.Status)) return;
  throw refuse(
    `operation ${update.Name ?? update.Id}: ${update.Action} of a ${update.Type} that is ${existing?.Status ?? 'not started'}`,
  );
}

function identity(update: OperationUpdate, existing: Operation | undefined, now: number): Omit<Operation, 'Status'> {
  return {
    Id: update.Id,
    ...(update.ParentId === undefined ? {} : { ParentId: update.ParentId }),
    ...(update.Name === undefined ? {} : { Name: update.Name }),
    Type: update.Type,
    ...(update.SubType === undefined ? {} : { SubType: update.SubType }),
    StartTimestamp: existing?.StartTimestamp ?? new Date(now),
  };
}

function afterStep(update: OperationUpdate, existing: Operation | undefined, now: number): Operation {
  const base = identity(update, existing, now);
  const before = existing?.StepDetails;
  // The attempt is counted when it ends, not when it starts: a step that died half-way is the same attempt again.
  const ended = (before?.Attempt ?? 0) + 1;
  switch (update.Action) {
    case 'START':
      expectState(update, existing, undefined, 'READY');
      return { ...base, Status: 'STARTED', StepDetails: { Attempt: before?.Attempt ?? 0, Result: before?.Result } };
    case 'SUCCEED':
      expectState(update, existing, 'STARTED');
      return {
        ...base,
        Status: 'SUCCEEDED',
        EndTimestamp: new Date(now),
        StepDetails: { Attempt: ended, Result: update.Payload },
      };
    case 'FAIL':
      expectState(update, existing, 'STARTED');
      return {
        ...base,
        Status: 'FAILED',
        EndTimestamp: new Date(now),
        StepDetails: { Attempt: ended, Error: update.Error },
      };
    case 'RETRY': {
      expectState(update, existing, 'STARTED');
      const next = now + seconds('NextAttemptDelaySeconds', update.StepOptions?.NextAttemptDelaySeconds) * 1_000;
      return {
        ...base,
        Status: 'PENDING',
        StepDetails: {
          Attempt: ended,
          Result: update.Payload,
          Error: update.Error,
          NextAttemptTimestamp: new Date(next),
        },
      };
    }
    case 'CANCEL':
    case undefined:
    default:
      throw refuse(`${update.Action} of a STEP`);
  }
}

function afterContext(update: OperationUpdate, existing: Operation | undefined, now: number): Operation {
  const base = identity(update, existing, now);
  const replay = update.ContextOptions?.ReplayChildren;
  if (update.Action === 'START') {
    expectState(update, existing, undefined);
    return { ...base, Status: 'STARTED' };
  }
  expectState(update, existing, 'STARTED');
  const kept = replay === undefined ? {} : { ReplayChildren: replay };
  if (update.Action === 'SUCCEED')
    return {
      ...base,
      Status: 'SUCCEEDED',
      EndTimestamp: new Date(now),
      ContextDetails: { ...kept, Result: update.Payload },
    };
  if (update.Action === 'FAIL')
    return { ...base, Status: 'FAILED', EndTimestamp: new Date(now), ContextDetails: { ...kept, Error: update.Error } };
  throw refuse(`${update.Action} of a CONTEXT`);
}

function afterWait(update: OperationUpdate, existing: Operation | undefined, now: number): Operation {
  const base = identity(update, existing, now);
  if (update.Action === 'START') {
    expectState(update, existing, undefined);
    return {
      ...base,
      Status: 'STARTED',
      WaitDetails: {
        ScheduledEndTimestamp: new Date(now + seconds('WaitSeconds', update.WaitOptions?.WaitSeconds) * 1_000),
      },
    };
  }
  if (update.Action !== 'CANCEL') throw refuse(`${update.Action} of a WAIT`);
  expectState(update, existing, 'STARTED');
  return { ...base, Status: 'CANCELLED', EndTimestamp: new Date(now), WaitDetails: existing?.WaitDetails };
}

/** An entry, with what the operation's own shape has no member for. */
interface Entry {
  readonly operation: Operation;
  /** When its waiting ends by itself, milliseconds since the epoch. */
  readonly dueAt?: number;
}

function waitsUntil(operation: Operation): number | undefined {
  if (operation.Type === 'WAIT' && operation.Status === 'STARTED')
    return operation.WaitDetails?.ScheduledEndTimestamp?.getTime();
  if (operation.Type === 'STEP' && operation.Status === 'PENDING')
    return operation.StepDetails?.NextAttemptTimestamp?.getTime();
  return undefined;
}

/** As the invocation's event carries it: timestamps are text there, and `Date`s in the API's answers. */
export function onTheWire(operation: Operation): WireOperation {
  const { StartTimestamp, EndTimestamp, StepDetails, WaitDetails, ...rest } = operation;
  const step = { ...StepDetails, NextAttemptTimestamp: StepDetails?.NextAttemptTimestamp?.toISOString() };
  const wait = { ScheduledEndTimestamp: WaitDetails?.ScheduledEndTimestamp?.toISOString() };
  return {
    ...rest,
    StartTimestamp: StartTimestamp?.toISOString(),
    ...(EndTimestamp === undefined ? {} : { EndTimestamp: EndTimestamp.toISOString() }),
    ...(StepDetails === undefined ? {} : { StepDetails: step }),
    ...(WaitDetails === undefined ? {} : { WaitDetails: wait }),
  };
}

function checkSizes(updates: readonly OperationUpdate[]): void {
  if (updates.length > DURABLE_LIMITS.batchUpdates)
    throw refuse(`${updates.length} updates in one checkpoint; at most ${DURABLE_LIMITS.batchUpdates}`);
  let total = 0;
  for (const update of updates) {
    const bytes =
      Buffer.byteLength(update.Payload ?? '') +
      (update.Error === undefined ? 0 : Buffer.byteLength(JSON.stringify(update.Error)));
    if (bytes > DURABLE_LIMITS.payloadBytes && update.Type !== 'EXECUTION')
      throw refuse(
        `operation ${update.Name ?? update.Id}: payload of ${bytes} bytes; at most ${DURABLE_LIMITS.payloadBytes}`,
      );
    total += bytes;
  }
  if (total > DURABLE_LIMITS.batchBytes && updates.length > 1)
    throw refuse(`checkpoint of ${total} bytes; at most ${DURABLE_LIMITS.batchBytes}`);
}

/** All operations of one execution, in the order in which they began; the first is the execution itself. */
export class Operations {
  readonly #entries = new Map<string, Entry>();
  readonly #executionId: string;

  constructor(executionId: string, inputPayload: string, now: number) {
    this.#executionId = executionId;
    const operation: Operation = {
      Id: executionId,
      Type: 'EXECUTION',
      StartTimestamp: new Date(now),
      Status: 'STARTED',
      ExecutionDetails: { InputPayload: inputPayload },
    };
    this.#entries.set(executionId, { operation });
  }

  get(id: string): Operation | undefined {
    return this.#entries.get(id)?.operation;
  }

  /** When the waiting of an operation ends by itself. */
  dueAt(id: string): number | undefined {
    return this.#entries.get(id)?.dueAt;
  }

  /** Every operation ever begun. */
  all(): Operation[] {
    return [...this.#entries.values()].map((entry) => entry.operation);
  }

  /** What an invocation is given: without the children of a finished context, unless it asked to keep them for its replay. */
  visible(): Operation[] {
    const closed = new Set<string>();
    const shown: Operation[] = [];
    for (const { operation } of this.#entries.values()) {
      const hidden = operation.ParentId !== undefined && closed.has(operation.ParentId);
      if (!hidden) shown.push(operation);
      const finished = operation.Type === 'CONTEXT' && operation.Status !== undefined && FINAL.has(operation.Status);
      if (operation.Id !== undefined && (hidden || (finished && operation.ContextDetails?.ReplayChildren !== true)))
        closed.add(operation.Id);
    }
    return shown;
  }

  /**
   * Applies a checkpoint, all of it or nothing. Returns the operations it touched, each once.
   * @throws AwsError `InvalidParameterValueException` when the service would refuse it.
   */
  apply(updates: readonly OperationUpdate[], now: number): string[] {
    checkSizes(updates);
    const staged = new Map<string, Entry>();
    for (const update of updates) {
      const id = update.Id;
      if (id === undefined) throw refuse('an update without Id');
      // The execution's own result, when it is too large for the invocation's answer, is no operation of its own.
      if (update.Type === 'EXECUTION') continue;
      staged.set(id, this.#after(update, id, (staged.get(id) ?? this.#entries.get(id))?.operation, now));
    }
    const begun = [...staged.keys()].filter((id) => !this.#entries.has(id)).length;
    if (this.#entries.size + begun > DURABLE_LIMITS.operations)
      throw refuse(`more than ${DURABLE_LIMITS.operations} operations in one execution`);
    for (const [id, entry] of staged) this.#entries.set(id, entry);
    return [...staged.keys()];
  }

  #after(update: OperationUpdate, id: string, existing: Operation | undefined, now: number): Entry {
    switch (update.Type) {
      case 'STEP':
        return entryOf(afterStep(update, existing, now));
      case 'CONTEXT':
        return entryOf(afterContext(update, existing, now));
      case 'WAIT':
        return entryOf(afterWait(update, existing, now));
      case 'CALLBACK': {
        expectState(update, existing, undefined);
        if ((update.CallbackOptions?.HeartbeatTimeoutSeconds ?? 0) > 0)
          throw new NotSimulatedError('a heartbeat time-out of a durable callback');
        const operation: Operation = {
          ...identity(update, existing, now),
          Status: 'STARTED',
          CallbackDetails: { CallbackId: `${this.#executionId}.${id}` },
        };
        const timeout = update.CallbackOptions?.TimeoutSeconds ?? 0;
        return timeout > 0 ? { operation, dueAt: now + timeout * 1_000 } : { operation };
      }
      case 'CHAINED_INVOKE':
        throw new NotSimulatedError('an invocation of another function from a durable one');
      case 'EXECUTION':
      case undefined:
      default:
        throw refuse(`an update of type ${update.Type}`);
    }
  }

  /** Its time has come: a wait is over, a step may be tried again, a callback came too late. */
  expire(id: string, now: number): void {
    const operation = this.get(id);
    if (operation === undefined) return;
    const EndTimestamp = new Date(now);
    if (operation.Type === 'WAIT')
      this.#entries.set(id, { operation: { ...operation, Status: 'SUCCEEDED', EndTimestamp } });
    if (operation.Type === 'STEP')
      this.#entries.set(id, {
        operation: {
          ...operation,
          Status: 'READY',
          StepDetails: { ...operation.StepDetails, NextAttemptTimestamp: undefined },
        },
      });
    if (operation.Type === 'CALLBACK')
      this.#entries.set(id, { operation: { ...operation, Status: 'TIMED_OUT', EndTimestamp } });
  }

  /**
   * Answers a callback. Returns the operation's id.
   * @throws AwsError `ResourceNotFoundException` for an unknown callback, `CallbackTimeoutException` for one that is closed.
   */
  answer(
    callbackId: string,
    answer: { readonly result: string } | { readonly error: ErrorObject },
    now: number,
  ): string {
    const operation = this.all().find((one) => one.CallbackDetails?.CallbackId === callbackId);
    if (operation?.Id === undefined) throw awsError('ResourceNotFoundException', `no callback ${callbackId}`, 404);
    if (operation.Status !== 'STARTED')
      throw awsError('CallbackTimeoutException', `callback ${callbackId} is ${operation.Status}`, 400);
    const bytes = Buffer.byteLength('result' in answer ? answer.result : JSON.stringify(answer.error));
    if (bytes > DURABLE_LIMITS.payloadBytes)
      throw refuse(`callback result of ${bytes} bytes; at most ${DURABLE_LIMITS.payloadBytes}`);
    const details = 'result' in answer ? { Result: answer.result } : { Error: answer.error };
    const Status = 'result' in answer ? 'SUCCEEDED' : 'FAILED';
    this.#entries.set(operation.Id, {
      operation: {
        ...operation,
        Status,
        EndTimestamp: new Date(now),
        CallbackDetails: { ...operation.CallbackDetails, ...details },
      },
    });
    return operation.Id;
  }
}

function entryOf(operation: Operation): Entry {
  const dueAt = waitsUntil(operation);
  return dueAt === undefined ? { operation } : { operation, dueAt };
}
