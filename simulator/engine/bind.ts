/**
 * Binds the AWS SDK to the simulated world: one `send` on the class that every SDK client extends, one dispatcher behind it.
 * Serialisation is not exercised here.
 */

import { Client } from '@smithy/core/client';
import { regionMadeFor } from '../../shared/aws/clients.ts';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { copied, isRecord } from './json.ts';
import { GLOBAL_REGION, NotSimulatedError, type Operation, type ServiceModel } from './model.ts';
import { gradeOf } from './recorded.ts';
import { operationOf } from './request-schema.ts';
import { currentInvocation, type RequestQueue } from './requests.ts';
import type { SimulatedWorld } from './world.ts';

export interface BindOptions {
  readonly world: SimulatedWorld;
  readonly services: readonly ServiceModel[];
  readonly queue: RequestQueue;
  /** The run cannot go on: the request is not simulated, or is not one the SDK's schema allows. */
  readonly fatal: (error: Error) => void;
}

/** The SDK package's name without `client-`: the service id in lower case, with hyphens. */
function packageName(client: unknown): string {
  const config: unknown = isRecord(client) ? client['config'] : undefined;
  const id: unknown = isRecord(config) ? config['serviceId'] : undefined;
  return typeof id === 'string' ? id.toLowerCase().replaceAll(' ', '-') : 'unknown';
}

interface Target {
  readonly model: ServiceModel;
  readonly operation: Operation;
  readonly call: string;
}

function targetOf(services: ReadonlyMap<string, ServiceModel>, service: string, operation: string): Target {
  const model = services.get(service);
  const found = model?.operations[operation];
  if (model === undefined || found === undefined)
    throw new NotSimulatedError(`${model?.prefix ?? service}:${operation}`);
  return { model, operation: found, call: `${model.prefix}:${operation}` };
}

/** What is asked of a client for its Region: `undefined` until the SDK has resolved it, which it does before any time passes. */
type Whereabouts = () => string | undefined;

function resolvedBy(client: unknown): Whereabouts {
  const config: unknown = isRecord(client) ? client['config'] : undefined;
  const resolve: unknown = isRecord(config) ? config['region'] : undefined;
  if (typeof resolve !== 'function') return () => undefined;
  let region: string | undefined;
  const known = (value: unknown): void => {
    if (typeof value === 'string') region = value;
  };
  Promise.resolve(Reflect.apply(resolve, config, [])).then(known, () => undefined);
  return () => region;
}

function whereaboutsOf(client: unknown, home: string): Whereabouts {
  const own = regionMadeFor(client);
  return own === undefined ? resolvedBy(client) : () => own || home;
}

function signalOf(options: unknown): AbortSignal | undefined {
  const signal: unknown = isRecord(options) ? options['abortSignal'] : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

function answer(output: object, requestId: string): object {
  return { $metadata: { httpStatusCode: 200, requestId, attempts: 1, totalRetryDelay: 0 }, ...copied(output) };
}

type Dispatch = (client: unknown, command: { readonly input: object }, sendOptions: unknown) => Promise<object>;

function dispatcher({ world, queue, services: models }: BindOptions): Dispatch {
  const services = new Map(models.map((model) => [model.name, model]));
  return (client, command, sendOptions) => {
    const { operation: name, check } = operationOf(command);
    const { model, operation, call } = targetOf(services, packageName(client), name);
    check(command.input, call);
    if (gradeOf(call, operation.grade) === 'assumed') world.assume(call);
    const input: Record<string, unknown> = { ...copied(command.input) };
    const signal = signalOf(sendOptions);
    const { holdMs, partly } = operation;
    return queue.submit({
      call,
      kind: operation.kind,
      input,
      region: model.everywhere === true ? () => GLOBAL_REGION : whereaboutsOf(client, world.region),
      run: (there) => answer(operation.run(input, there), there.uuid()),
      ...(partly === undefined ? {} : { partly: (there) => answer(partly(input, there), there.uuid()) }),
      ...(holdMs === undefined ? {} : { holdMs: (there, heldMs) => holdMs(input, there, heldMs) }),
      ...(signal === undefined ? {} : { signal }),
    });
  };
}

/**
 * Answers every `send` of every SDK client from the world, until the returned function is called. Put there by hand: a mock would
 * keep every call with its stack, which costs more than to answer it, and each leads to its whole run.
 */
export function bind(options: BindOptions): () => void {
  const dispatch = dispatcher(options);
  const real = Object.getOwnPropertyDescriptor(Client.prototype, 'send');
  if (real === undefined) throw new Error('the clients of this SDK do not send by the class they extend');
  function send(this: unknown, command: { readonly input: object }, sendOptions?: unknown): Promise<object> {
    try {
      return dispatch(this, command, sendOptions);
    } catch (error) {
      if (!(error instanceof NotSimulatedError || error instanceof BadInputError)) throw error;
      // A dead invocation cannot fail the run any more.
      if (currentInvocation()?.ended === undefined) options.fatal(error);
      return new Promise(() => undefined);
    }
  }
  Object.defineProperty(Client.prototype, 'send', { ...real, value: send });
  return () => void Object.defineProperty(Client.prototype, 'send', real);
}
