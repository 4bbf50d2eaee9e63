/** What starts a run, reduced to what is to be handed on. */

import type { StartRequest } from '../../../shared/aws/lambda/start-execution.ts';
import { merged, type KeyChange } from '../../../shared/judgement/flush-window.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { GatheredDelivery, Gathering } from '../../../shared/kernel/triggers/gathered.ts';
import { objectsChanged } from '../../../shared/kernel/triggers/objects-changed.ts';
import { requests, type RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import type { Delivery } from '../../../shared/kernel/triggers/triggers.ts';

/** What started the run, as JSON. */
export type Request =
  | {
      readonly kind: 'changes';
      readonly bucket: string;
      /** Each key once, in order. */
      readonly changes: readonly KeyChange[];
    }
  | {
      readonly kind: 'start';
      readonly request: StartRequest;
      /** The same whenever the same message is delivered. */
      readonly delivery: string;
    }
  | { readonly kind: 'tick'; readonly isAsked: boolean };

/** A request for this runbook itself asks for what the schedule does. */
const OWN = 'receive-requests';

/** What the schedule asks for: windows that nobody has flushed. */
export const TICK: Request = { kind: 'tick', isAsked: false };

/** The same, by a person, who is to hear that there are none. */
export const LOOK: Request = { kind: 'tick', isAsked: true };

/** The durable runbooks that may be started here; `function.yml` has the permission for each. */
const STARTED = ['flush-caches', 'redrive-dead-letters'] as const;

/** Whom a request is for. */
function startedBy({ runbook }: RequestDelivery): (typeof STARTED)[number] {
  const known = STARTED.find((name) => name === runbook);
  if (known !== undefined) return known;
  throw new BadInputError('runbook', `expected ${STARTED.join(' or ')}, found ${runbook}: only these are started here`);
}

function aboutOf(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'objects-changed') return [...new Set(delivery.changes.map(({ bucket }) => bucketKey(bucket)))];
  if (delivery.kind !== 'request' || delivery.runbook === OWN) return [];
  startedBy(delivery);
  return [delivery.id];
}

function bucketKey(bucket: string): string {
  return `bucket ${bucket}`;
}

/** What is gathered: changes of the objects of one bucket. Each request is its own. */
export const GATHERING: Gathering = { reads: [objectsChanged, requests], about: aboutOf };

/** What nobody signs is somebody's all the same. */
const SOMEBODY = 'somebody';

function startOf(delivery: RequestDelivery): Request {
  const { target, params, dryRun, reason = '', requestedBy = SOMEBODY, id } = delivery;
  const request = {
    runbook: startedBy(delivery),
    ...(target === undefined ? {} : { target }),
    params,
    ...(dryRun ? ({ dryRun: true } as const) : {}),
    ...(reason === '' ? {} : { reason }),
    requestedBy,
  };
  return { kind: 'start', delivery: id, request };
}

/** What is asked by all deliveries about the same thing. */
export function requestOf({ about, deliveries }: GatheredDelivery): Request {
  const [first] = deliveries;
  if (first?.kind === 'request') return startOf(first);
  const changes = deliveries
    .flatMap((delivery) => (delivery.kind === 'objects-changed' ? delivery.changes : []))
    .filter(({ bucket }) => bucketKey(bucket) === about);
  const [{ bucket } = { bucket: '' }] = changes;
  return { kind: 'changes', bucket, changes: merged(changes.map(({ key, at }) => [key, at] as const)) };
}
