import { describe, expect, it } from 'vitest';
import { decide } from '../../../functions/reassign-elastic-ip/decide.ts';
import { facts, IMPAIRED, LIMITS, machine, NOW, serviceAlarm } from './elastic-ip-facts.ts';

const INSTANCES = [machine('a', { checks: IMPAIRED }), ...Array.from('bcdefgh', (letter) => machine(letter))];

/** What is told of so many alarms about an instance that is not the address's own. */
function toldOf(count: number): unknown {
  const names = Array.from({ length: count }, (_unit, index) => `red-${index}`);
  const alarms = names.map((name) => serviceAlarm('i-0zz', { name }));
  return decide(facts({ instances: INSTANCES, alarms }), LIMITS, NOW).evidence;
}

describe('alarms in the evidence', () => {
  it('are all named as long as they are few', () => {
    expect(toldOf(50)).toMatchObject({ alarms: { length: 50, 49: 'red-49 (service) is in ALARM' } });
    expect(toldOf(50)).not.toHaveProperty('moreAlarms');
    expect(toldOf(0)).not.toHaveProperty('alarms');
  });

  it('are named as far as an outcome has room for them, and the others are counted', () => {
    expect(toldOf(4_000)).toMatchObject({
      alarms: { length: 50, 0: 'red-0 (service) is in ALARM' },
      moreAlarms: 3_950,
    });
  });
});
