/** What alarms say of instances. */

import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { alarmFacts } from '../../../functions/reassign-elastic-ip/aws/alarms.ts';

describe('an alarm', () => {
  const at = new Date('2026-11-22T08:00:00Z');
  const service: MetricAlarm = {
    AlarmName: 'errors',
    StateValue: 'ALARM',
    StateUpdatedTimestamp: at,
    Namespace: 'Shop',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
  };
  const composite = { AlarmName: 'all', AlarmRule: 'ALARM("errors")', StateUpdatedTimestamp: at } as const;
  const ERRORS = { name: 'errors', kind: 'service', instanceIds: ['i-1'], updatedAt: '2026-11-22T08:00:00.000Z' };

  it('speaks of instances while it is in ALARM, and only then', () => {
    expect(alarmFacts([service], [])).toEqual([ERRORS]);
    expect(alarmFacts([{ ...service, StateValue: 'OK' }], [])).toEqual([]);
    expect(alarmFacts([{ ...service, StateValue: 'INSUFFICIENT_DATA' }], [])).toEqual([]);
  });
  it('of others speaks of those its children in ALARM measure, while it is in ALARM itself', () => {
    expect(alarmFacts([service], [{ ...composite, StateValue: 'ALARM' }])).toEqual([
      ERRORS,
      { ...ERRORS, name: 'all' },
    ]);
    expect(alarmFacts([service], [{ ...composite, StateValue: 'OK' }])).toEqual([ERRORS]);
    expect(alarmFacts([{ ...service, StateValue: 'OK' }], [{ ...composite, StateValue: 'ALARM' }])).toEqual([]);
    const other = { ...composite, AlarmRule: 'ALARM(others)', StateValue: 'ALARM' } as const;
    expect(alarmFacts([service], [other])).toEqual([ERRORS]);
  });
  it('of EC2’s own checks is no more than they are, and one of load is no failure', () => {
    const own = { ...service, Namespace: 'AWS/EC2' };
    expect(alarmFacts([{ ...own, MetricName: 'StatusCheckFailed_System' }], [])).toMatchObject([{ kind: 'status' }]);
    expect(alarmFacts([{ ...own, MetricName: 'CPUUtilization' }], [])).toMatchObject([{ kind: 'load' }]);
    expect(alarmFacts([{ ...service, Namespace: 'CWAgent' }], [])).toMatchObject([{ kind: 'load' }]);
  });
  it('without a name or a time says nothing, nor does one of no instance', () => {
    const { AlarmName: _name, ...nameless } = service;
    const { StateUpdatedTimestamp: _time, ...timeless } = service;
    expect(alarmFacts([nameless, timeless, { ...service, Dimensions: [] }], [])).toEqual([]);
  });
});
