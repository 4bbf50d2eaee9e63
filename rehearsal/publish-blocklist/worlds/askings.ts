/** What comes from outside in generated worlds of blocking: people's requests, and findings of GuardDuty. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION, type Arrival } from '../../worlds/case.ts';
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

/** As an event arrives, once or twice. */
export function arrivalsOf(one: Asking): readonly Arrival[] {
  const event =
    one.kind === 'finding'
      ? findingEvent(one)
      : {
          runbook: 'block-address',
          params: paramsOf(one),
          reason: 'generated',
          requestedBy: 'mara',
          ...(one.isDry ? { dryRun: true } : {}),
        };
  const once = { seconds: one.seconds, event };
  return one.again === undefined ? [once] : [once, { ...once, seconds: one.seconds + one.again }];
}
