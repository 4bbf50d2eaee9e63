/** What starts runs in generated worlds of bastions beside the schedule: alarms in every form, and people. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ACCOUNT, BEGIN, REGION, type Arrival } from '../../worlds/case.ts';
import { chance, mostly, oddText, pickOf, sometimes, timeAt, zoneAt } from '../../worlds/pieces.ts';
import { registeredIn, type Fleet } from './fleets.ts';

const anAlarm = fc.record({
  seconds: fc.integer({ min: 5, max: 1_500 }),
  which: fc.nat(2),
  dimensions: mostly<'group' | 'zone' | 'balancer' | 'none' | 'other'>(
    'group',
    [25, 'zone'],
    [10, 'balancer'],
    [5, 'none'],
    [5, 'other'],
  ),
  metric: mostly('UnHealthyHostCount', [30, 'HealthyHostCount'], [5, 'ActiveFlowCount']),
  state: mostly('ALARM', [10, 'OK'], [5, 'INSUFFICIENT_DATA']),
  again: sometimes(30, fc.integer({ min: 0, max: 200 })),
});

const anAsking = fc.record({
  seconds: fc.integer({ min: 5, max: 1_500 }),
  which: fc.nat(2),
  whom: fc.nat(30),
  kind: mostly<'heal' | 'replace' | 'stranger' | 'odd'>('replace', [30, 'heal'], [6, 'stranger'], [6, 'odd']),
  by: mostly<'fleet' | 'arn' | 'name'>('fleet', [20, 'arn'], [20, 'name']),
  isDry: chance(15),
  odd: oddText,
});

/** Draws who asks. */
export const askings = fc.record({
  alarms: sometimes(60, fc.array(anAlarm, { minLength: 1, maxLength: 3 })),
  people: sometimes(25, fc.array(anAsking, { minLength: 1, maxLength: 5 })),
});

type Drawn = typeof askings extends fc.Arbitrary<infer D> ? D : never;
type Alarm = NonNullable<Drawn['alarms']>[number];
type Asking = NonNullable<Drawn['people']>[number];

/** What ends an ARN, as metrics name it. */
function nameOf(arn: string): string {
  return arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/^loadbalancer\//u, '');
}

function dimensionsOf({ dimensions }: Alarm, { arn, balancerArn }: Fleet): Shape {
  const LoadBalancer = nameOf(balancerArn);
  const usual = { TargetGroup: nameOf(arn), LoadBalancer };
  const all: { readonly [K in Alarm['dimensions']]: Shape } = {
    group: usual,
    zone: { ...usual, AvailabilityZone: zoneAt(0) },
    balancer: { LoadBalancer },
    none: {},
    other: { TargetGroup: 'targetgroup/gone/73e2d6bc24d8a069', LoadBalancer },
  };
  return all[dimensions];
}

function alarmEvent(alarm: Alarm, fleet: Fleet, seconds: number, id: number): Shape {
  const time = timeAt(Date.parse(BEGIN), seconds);
  const timestamp = time.replace('Z', '+0000');
  const alarmName = `${fleet.name}-unhealthy`;
  const metric = { namespace: 'AWS/NetworkELB', name: alarm.metric, dimensions: dimensionsOf(alarm, fleet) };
  return {
    version: '0',
    id: `3f6a0201-7c1d-4e52-9b08-${String(id).padStart(12, '0')}`,
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: ACCOUNT,
    time: time.replace(/\.\d+Z$/u, 'Z'),
    region: REGION,
    resources: [`arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${alarmName}`],
    detail: {
      alarmName,
      configuration: { metrics: [{ id: 'm1', metricStat: { metric, period: 60, stat: 'Minimum' }, returnData: true }] },
      previousState: { value: alarm.state === 'OK' ? 'ALARM' : 'OK', reason: 'before', timestamp },
      state: { value: alarm.state, reason: 'Threshold Crossed', timestamp },
    },
  };
}

function alarmsOf(alarms: readonly Alarm[], fleets: readonly Fleet[]): readonly Arrival[] {
  return alarms.flatMap((alarm, index) => {
    const fleet = pickOf(fleets, alarm.which);
    if (fleet === undefined) return [];
    const { seconds, again } = alarm;
    const first = { seconds, event: alarmEvent(alarm, fleet, seconds, index) };
    return again === undefined ? [first] : [first, { ...first, seconds: seconds + again }];
  });
}

function requestOf({ kind, by, whom, isDry, odd }: Asking, fleet: Fleet, first: Fleet): Shape {
  const targets: { readonly [K in Asking['by']]: string } = {
    fleet: fleet.fleet,
    arn: fleet.arn,
    name: nameOf(fleet.arn),
  };
  const host = kind === 'stranger' ? 'i-0ba5f999' : (pickOf(registeredIn(fleet, first), whom)?.id ?? 'i-0ba5f998');
  const params: { readonly [K in Asking['kind']]: Shape } = {
    heal: {},
    replace: { action: 'replace', host },
    stranger: { action: 'replace', host },
    odd: { action: 'replace', host: odd },
  };
  return {
    runbook: 'heal-bastion',
    target: targets[by],
    reason: 'its image is old',
    requestedBy: 'mara',
    params: params[kind],
    ...(isDry ? { dryRun: true } : {}),
  };
}

/** As events. */
export function arrivalsOf({ alarms, people }: Drawn, fleets: readonly Fleet[]): readonly Arrival[] {
  const [first] = fleets;
  if (first === undefined) return [];
  const asked = (people ?? []).flatMap((asking): readonly Arrival[] => {
    const fleet = pickOf(fleets, asking.which);
    return fleet === undefined ? [] : [{ seconds: asking.seconds, event: requestOf(asking, fleet, first) }];
  });
  return [...alarmsOf(alarms ?? [], fleets), ...asked];
}
