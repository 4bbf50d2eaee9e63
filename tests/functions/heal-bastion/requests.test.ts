/** What starts a run, reduced to what is asked, and of which fleets. */

import { describe, expect, it } from 'vitest';
import { ofAlarm, ofPerson, ofScaling, TICK } from '../../../functions/heal-bastion/aws.ts';
import type { MetricAlarmDelivery } from '../../../shared/kernel/triggers/alarm-metrics.ts';

const TARGET_GROUP = 'targetgroup/bastion/73e2d6bc24d8a067';
const LOAD_BALANCER = 'net/bastion/50dc6c495c0c9188';
const METRIC = {
  namespace: 'AWS/NetworkELB',
  name: 'UnHealthyHostCount',
  dimensions: { TargetGroup: TARGET_GROUP, LoadBalancer: LOAD_BALANCER },
};

/** What an alarm on these metrics asks for. */
function asks(metrics: MetricAlarmDelivery['metrics'], state: MetricAlarmDelivery['state'] = 'ALARM') {
  return ofAlarm({
    kind: 'metric-alarm',
    id: 'alarm-1',
    alarmName: 'bastion-unhealthy',
    state,
    instanceIds: [],
    childAlarmNames: [],
    metrics,
    isComputed: false,
  });
}

const LOOK = { kind: 'look', by: 'alarm bastion-unhealthy', isTick: false };

describe('an alarm', () => {
  it.each([
    ['both', METRIC.dimensions, { by: 'metric', targetGroup: TARGET_GROUP, loadBalancer: LOAD_BALANCER }],
    [
      'a zone, too',
      { ...METRIC.dimensions, AvailabilityZone: 'eu-west-1a' },
      { by: 'metric', targetGroup: TARGET_GROUP, loadBalancer: LOAD_BALANCER },
    ],
    [
      'the target group',
      { TargetGroup: TARGET_GROUP },
      { by: 'metric', targetGroup: TARGET_GROUP, loadBalancer: null },
    ],
    [
      'the load balancer',
      { LoadBalancer: LOAD_BALANCER },
      { by: 'metric', targetGroup: null, loadBalancer: LOAD_BALANCER },
    ],
    ['a zone alone', { AvailabilityZone: 'eu-west-1a' }, { by: 'all' }],
    ['none', {}, { by: 'all' }],
  ])('on a metric with %s wants a look at those', (_what, dimensions, of) => {
    expect(asks([{ ...METRIC, dimensions }])).toEqual({ of, ask: LOOK });
  });

  it('is about how many hosts are healthy, or are not', () => {
    expect(asks([{ ...METRIC, name: 'HealthyHostCount' }])?.ask).toEqual(LOOK);
    expect(asks([{ ...METRIC, name: 'ActiveFlowCount' }])).toBeUndefined();
    expect(asks([{ ...METRIC, namespace: 'AWS/ApplicationELB' }])).toBeUndefined();
    expect(asks([])).toBeUndefined();
  });

  it('may have other metrics beside', () => {
    const other = { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: {} };
    expect(asks([other, METRIC])?.of).toMatchObject({ targetGroup: TARGET_GROUP });
  });

  it.each(['OK', 'INSUFFICIENT_DATA'] as const)('that went to %s is over', (state) => {
    expect(asks([METRIC], state)?.ask).toEqual({ kind: 'over', by: 'alarm bastion-unhealthy' });
  });
});

describe('a scaling result', () => {
  it('wants a look at the fleets of its group', () => {
    const delivery = { kind: 'scaling-result', id: 's-1', successful: false, group: 'web', instanceId: '' } as const;
    expect(ofScaling({ ...delivery, activity: 'launch' })).toEqual({
      of: { by: 'group', group: 'web' },
      ask: { kind: 'look', by: 'launch in web', isTick: false },
    });
  });
});

describe('the schedule', () => {
  it('looks at all fleets', () => {
    expect(TICK).toEqual({ of: { by: 'all' }, ask: { kind: 'look', by: 'the schedule', isTick: true } });
  });
});

const DELIVERY = { id: 'r-1', kind: 'request', runbook: 'heal-bastion', dryRun: false, params: {} } as const;

describe('a person', () => {
  it('wants a look where nothing else is said', () => {
    expect(ofPerson({}, DELIVERY)).toEqual({
      of: { by: 'all' },
      ask: { kind: 'look', by: 'somebody', isTick: false },
    });
    expect(ofPerson({ action: 'heal' }, { ...DELIVERY, target: 'ops', requestedBy: 'kim' })).toEqual({
      of: { by: 'text', text: 'ops' },
      ask: { kind: 'look', by: 'kim', isTick: false },
    });
  });

  it('names a host of a fleet to be replaced', () => {
    const replace = { action: 'replace', host: 'i-0a17c4e9b2d58f306' } as const;
    expect(ofPerson(replace, { ...DELIVERY, target: 'ops', requestedBy: 'kim', reason: 'it is odd' })).toEqual({
      of: { by: 'text', text: 'ops' },
      ask: { kind: 'replace', host: 'i-0a17c4e9b2d58f306', by: 'kim', why: 'it is odd' },
    });
    expect(ofPerson(replace, { ...DELIVERY, target: 'ops' }).ask).toMatchObject({ by: 'somebody', why: '' });
  });

  it('says what goes together', () => {
    const host = 'i-0a17c4e9b2d58f306';
    expect(() => ofPerson({ host }, DELIVERY)).toThrow(
      'params.host: a host is named to be replaced: "action": "replace"',
    );
    expect(() => ofPerson({ action: 'replace' }, { ...DELIVERY, target: 'ops' })).toThrow(
      'params.host: say which host: its instance id',
    );
    expect(() => ofPerson({ action: 'replace', host }, DELIVERY)).toThrow(
      'target: say which fleet: the value of its tag runbook:bastion, or its target group',
    );
  });
});
