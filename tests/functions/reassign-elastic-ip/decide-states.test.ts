/** Who is in a state that is not good service: no candidate, not steady, and only those that leave are left. */

import { describe, expect, it } from 'vitest';
import { decide, type Facts, type Machine } from '../../../functions/reassign-elastic-ip/decide.ts';
import { isBeingEnded, isLeaving, isSteady } from '../../../shared/judgement/instance-health.ts';
import { address, facts, IMPAIRED, LIMITS, machine, membership, NOW } from './elastic-ip-facts.ts';

const ASIDE = [
  'Detaching',
  'Detached',
  'EnteringStandby',
  'Standby',
  'Quarantined',
  'ReplacingRootVolume',
  'ReplacingRootVolume:Wait',
  'ReplacingRootVolume:Proceed',
  'RootVolumeReplaced',
  'Warmed:Pending',
  'Warmed:Pending:Wait',
  'Warmed:Pending:Retained',
  'Warmed:Stopped',
  'Warmed:Running',
  'Warmed:Hibernated',
  'Terminating:Postponed',
  'InServiceSoon',
];
const LEAVING = [
  'Terminating',
  'Terminating:Wait',
  'Terminating:Proceed',
  'Terminating:Retained',
  'Terminated',
  'Warmed:Terminating',
  'Warmed:Terminating:Wait',
];

const inState = (letter: string, lifecycleState: string, change: Partial<Machine> = {}): Machine =>
  machine(letter, { membership: membership({ lifecycleState }), ...change });

const judge = (change: Partial<Facts>) => decide(facts(change), LIMITS, NOW);

describe('a member of a group', () => {
  it.each([...ASIDE, ...LEAVING])('that is %s is no candidate', (state) => {
    const decision = judge({ instances: [machine('a', { checks: IMPAIRED }), inState('b', state)] });

    expect(decision).toMatchObject({ kind: 'refuse', code: 'no-good-candidate' });
    expect(JSON.stringify(decision.evidence['standbys'])).toContain(`is ${state} in web-asg`);
  });

  it.each([...ASIDE, ...LEAVING])('that is %s is not steady', (state) => {
    expect(isSteady(inState('a', state))).toBe(false);
  });

  it('is steady in service, and without a group', () => {
    expect(isSteady(inState('a', 'InService'))).toBe(true);
    expect(isSteady(machine('a', { membership: null }))).toBe(true);
  });

  it.each(ASIDE)('that is %s keeps the address while it is well: it is not leaving', (state) => {
    const holder = inState('a', state);

    expect(isLeaving(holder)).toBe(false);
    expect(judge({ instances: [holder, machine('b')] })).toMatchObject({ kind: 'nothing' });
  });

  it.each(LEAVING)('that is %s hands the address over', (state) => {
    expect(judge({ instances: [inState('a', state), machine('b')] })).toMatchObject({
      kind: 'act',
      code: 'handed-over',
      because: `i-a is leaving its group (${state}); i-b is good`,
    });
  });
});

describe('a fence around a member that its group has done with', () => {
  const fenced = (state: string, mayBeFenced = true) => {
    const holder = machine('a', { membership: membership({ lifecycleState: state, mayBeFenced }) });
    return judge({ address: address({ fence: 'required' }), instances: [holder, machine('b')] });
  };

  it('is waited for where the group ends it', () => {
    expect(fenced('Terminating:Proceed')).toMatchObject({ kind: 'wait' });
    expect(isBeingEnded(inState('a', 'Terminating:Proceed'))).toBe(true);
  });

  it('stops it where the group retains it: it would run on, and nobody else ends it', () => {
    const decision = fenced('Terminating:Retained');

    expect(decision.kind === 'act' ? decision.plan.map(({ call }) => call) : decision).toEqual(['ec2:StopInstances']);
    expect(isBeingEnded(inState('a', 'Terminating:Retained'))).toBe(false);
    expect(fenced('Terminating:Retained', false)).toMatchObject({ kind: 'refuse' });
  });
});
