/**
 * Worlds for `reassign-elastic-ip` that nobody wrote: one to six addresses and as many instances, up to two groups, a few
 * alarms; one name for all or two; odd tags, and what AWS leaves out left out; and troubles that come together.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import type { Part } from '../worlds/case.ts';
import { chance, happenings, mostly, sometimes, SUBNETS, zoneAt, TOWARDS_THE_FIRST } from '../worlds/pieces.ts';
import { addressRecord, anAddress, foreignInterfaces, placed, rememberedOf } from './worlds/addresses.ts';
import { alarmNameOf, alarmRecord, anAlarm, compositeRecord } from './worlds/alarms.ts';
import { aGroup, groupNameOf, groupRecord, hookRecords } from './worlds/groups.ts';
import { instanceIdOf, instanceRecord, aMachine, NAMES, slotsOf, statusRecords } from './worlds/machines.ts';
import { anAsking, arrivalOf, setOf, troubles } from './worlds/troubles.ts';

/** Seven minutes of trouble, and as long again for what follows: a cool-down and two ticks. */
const MINUTES = 14;

const drawn = fc.record({
  machines: fc.array(aMachine, { minLength: 2, maxLength: 6, size: 'max' }),
  addresses: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 3, arbitrary: fc.array(anAddress, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(anAddress, { minLength: 4, maxLength: 6 }) },
  ),
  groups: fc.array(aGroup, { maxLength: 2 }),
  alarms: fc.array(anAlarm, { maxLength: 3 }),
  composite: chance(15),
  answers: fc.array(
    fc.record({
      who: fc.nat(5),
      port: mostly(443, [50, 80]),
      answer: mostly<string | number>('ok', [20, 'timeout'], [15, 'refused'], [10, 503]),
    }),
    { maxLength: 3 },
  ),
  scarce: sometimes(10, fc.nat(2)),
  troubles,
  askings: fc.array(anAsking, { maxLength: 2 }),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

/** The group that an instance says it is of; one whose group is not drawn is of none. */
function groupOf(number: number, groups: number): string | undefined {
  return number > 0 && number <= groups ? groupNameOf(number - 1) : undefined;
}

function sectionsOf({ machines: all, addresses, groups, alarms, composite }: Drawn): Part['sections'] {
  const machines = all.map((one) => (one.group > groups.length ? { ...one, group: 0 } : one));
  const slots = machines.flatMap(slotsOf);
  const Composite: readonly Shape[] =
    composite && alarms.length > 0 ? [compositeRecord(alarms.map((_, index) => alarmNameOf(index)))] : [];
  return {
    ec2: {
      Subnets: SUBNETS,
      Instances: machines.map((one, index) => instanceRecord(one, index, groupOf(one.group, groups.length))),
      InstanceStatuses: machines.flatMap(statusRecords),
      NetworkInterfaces: foreignInterfaces(addresses),
      Addresses: placed(addresses, slots).map((one, index) => addressRecord(one.address, one.slot, index)),
    },
    'auto-scaling': {
      AutoScalingGroups: groups.map((one, index) => groupRecord(one, index, machines)),
      LifecycleHooks: groups.flatMap(hookRecords),
    },
    cloudwatch: {
      MetricAlarms: alarms.map((one, index) => alarmRecord(one, index, machines.length)),
      CompositeAlarms: Composite,
    },
  };
}

function partOf(given: Drawn): Part {
  const { machines, addresses, groups, alarms, answers, scarce } = given;
  const account = { machines, addresses, alarms: alarms.length, groups: groups.length };
  return {
    sections: sectionsOf(given),
    probes: Object.fromEntries(
      answers.map(({ who, port, answer }) => [`instance>${instanceIdOf(who % machines.length)}:${port}`, answer]),
    ),
    capacity:
      scarce === undefined ? [] : [{ InstanceType: 't4g.small', AvailabilityZone: zoneAt(scarce), Available: 0 }],
    remembered: addresses.flatMap(rememberedOf),
    script: happenings(given.troubles, (one) => setOf(one, account)),
    arrivals: given.askings.map((one) => arrivalOf(one, account)),
    optIn: [{ Key: 'runbook:vip', Value: NAMES[0] }],
    minutes: MINUTES,
  };
}

/** Parts of worlds with movable addresses. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
