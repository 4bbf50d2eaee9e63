/** What comes from outside in generated worlds of blocking: people's requests, by themselves or in the queue, and findings of GuardDuty. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION, type Arrival, type Happening } from '../../worlds/case.ts';
import { chance, mostly, sometimes, timeAt } from '../../worlds/pieces.ts';
import { addressOrCidr, asked, found } from './networks.ts';

const BEGIN_MS = Date.parse(BEGIN);
/** From a day down to what ends within the world. */
const TTL_SECONDS = mostly<number | undefined>(undefined, [35, 60], [15, 90], [5, 30], [10, 7_200]);

/** Something that is asked for, or told of. */
export interface Asking {
  readonly seconds: number;
  readonly kind: 'block' | 'unblock' | 'extend' | 'allow' | 'finding';
  readonly network: string;
  readonly incident: string | undefined;
  readonly ttlSeconds: number | undefined;
  readonly isDry: boolean;
  readonly addresses: readonly string[];
  readonly finding: number;
  /** Seconds after which the very same comes once more; absent: it does not. */
  readonly again: number | undefined;
  /** Sent to the queue of requests. A finding never is. */
  readonly byQueue: boolean;
}

export const anAsking: fc.Arbitrary<Asking> = fc.record({
  seconds: fc.integer({ min: 0, max: 200 }),
  kind: mostly<Asking['kind']>('block', [15, 'unblock'], [8, 'extend'], [14, 'allow'], [22, 'finding']),
  network: asked,
  incident: sometimes(60, fc.constantFrom('INC-1', 'INC-2')),
  ttlSeconds: TTL_SECONDS,
  isDry: chance(4),
  addresses: fc.uniqueArray(found, { minLength: 1, maxLength: 3 }),
  finding: fc.nat(2),
  again: sometimes(15, fc.constantFrom(0, 1, 45)),
  byQueue: chance(20),
});

/** A port probe: the one form of a finding that names several addresses. */
function findingEvent({ addresses, finding, seconds }: Asking): Shape {
  const id = `0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0${finding}`;
  const probe = (ipAddressV4: string): Shape => ({
    localPortDetails: { port: 22, portName: 'SSH' },
    localIpDetails: { ipAddressV4: '10.0.1.20' },
    remoteIpDetails: { ipAddressV4 },
  });
  const networkInterfaces = [{ networkInterfaceId: 'eni-0b1', privateIpAddress: '10.0.1.20', vpcId: 'vpc-0b1' }];
  return {
    version: '0',
    id: `00000000-0000-4000-8000-00000000000${finding}`,
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    account: ACCOUNT,
    time: timeAt(BEGIN_MS, seconds).replace('.000Z', 'Z'),
    region: REGION,
    resources: [],
    detail: {
      schemaVersion: '2.0',
      accountId: ACCOUNT,
      region: REGION,
      partition: 'aws',
      id,
      arn: `arn:aws:guardduty:${REGION}:${ACCOUNT}:detector/0b/finding/${id}`,
      type: 'Recon:EC2/PortProbeUnprotectedPort',
      resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0b1', networkInterfaces } },
      service: {
        serviceName: 'guardduty',
        resourceRole: 'TARGET',
        archived: false,
        count: 1 + Math.floor(seconds / 60),
        eventFirstSeen: timeAt(BEGIN_MS, -600),
        eventLastSeen: timeAt(BEGIN_MS, seconds),
        additionalInfo: { type: 'default', value: '{}' },
        action: {
          actionType: 'PORT_PROBE',
          portProbeAction: { blocked: false, portProbeDetails: addresses.map(probe) },
        },
      },
      severity: 2,
      createdAt: timeAt(BEGIN_MS, -600),
      updatedAt: timeAt(BEGIN_MS, seconds),
      title: 'A port is being probed.',
      description: 'A port is being probed.',
    },
  };
}

function paramsOf({ kind, network, incident, ttlSeconds }: Asking): Shape {
  const ofIncident = incident === undefined ? {} : { incident };
  const ofTime = ttlSeconds === undefined ? {} : { ttlSeconds };
  if (kind === 'unblock') return { action: kind, ...addressOrCidr(network), ...ofIncident };
  if (kind === 'extend') return { action: kind, incident: incident ?? 'INC-1', ttlSeconds: ttlSeconds ?? 7_200 };
  if (kind === 'allow') return { action: kind, ...addressOrCidr(network), ttlSeconds: ttlSeconds ?? 3_600 };
  return { action: 'block', ...addressOrCidr(network), ...ofIncident, ...ofTime };
}

function requestOf(one: Asking): Shape {
  return {
    runbook: 'block-address',
    params: paramsOf(one),
    reason: 'generated',
    requestedBy: 'mara',
    ...(one.isDry ? { dryRun: true } : {}),
  };
}

/** When it comes: once or twice. */
function momentsOf({ seconds, again }: Asking): readonly number[] {
  return again === undefined ? [seconds] : [seconds, seconds + again];
}

/** As an event arrives. */
export function arrivalsOf(one: Asking): readonly Arrival[] {
  const event = one.kind === 'finding' ? findingEvent(one) : requestOf(one);
  return momentsOf(one).map((seconds) => ({ seconds, event }));
}

const QUEUE = 'runbook-block-address-requests';
const BURIED = `${QUEUE}-failed`;

/** The queue of requests and its dead letters, as the stack has them. */
export const QUEUES: readonly Shape[] = [
  {
    QueueName: QUEUE,
    Attributes: {
      VisibilityTimeout: '360',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${BURIED}`,
        maxReceiveCount: 3,
      }),
    },
  },
  { QueueName: BURIED, Attributes: { MessageRetentionPeriod: '1209600' } },
];

/** Whether it is sent to the queue of requests. */
export function isQueued({ kind, byQueue }: Asking): boolean {
  return byQueue && kind !== 'finding';
}

/** The messages of it, which whoever may send to the queue sends. */
export function messagesOf(one: Asking, index: number): readonly Happening[] {
  const Body = JSON.stringify(requestOf(one));
  return momentsOf(one).map((seconds, time) => {
    const MessageId = `0b0b0b0b-0000-4000-8000-0000000000${index}${time}`;
    return { seconds, set: { [`sqs/Queues/${QUEUE}/Messages/+`]: { MessageId, Body } } };
  });
}
