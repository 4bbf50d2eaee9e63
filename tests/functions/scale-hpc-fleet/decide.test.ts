/** What a look at a fleet comes to, by its code. */

import { describe, expect, it } from 'vitest';
import type { Act, Decision, Refusal } from '../../../shared/kernel/decision.ts';
import { decide, type Facts, type GangRecord, type RungMemory } from '../../../functions/scale-hpc-fleet/decide.ts';
import { keyOf } from '../../../functions/scale-hpc-fleet/decide/rungs.ts';
import {
  ago,
  fabricOf,
  facts,
  FOUR,
  gangId,
  history,
  launching,
  LIMITS,
  NOW,
  nodesOf,
  record,
  RUNG,
  SETTINGS,
  TEMPLATE,
  words,
} from './fleet-facts.ts';

function decided(more: Partial<Facts>): Decision {
  return decide(facts(more), LIMITS, NOW);
}

function acted(more: Partial<Facts>): Act {
  const decision = decided(more);
  if (decision.kind !== 'act') throw new Error(`${decision.kind} ${decision.code}: ${decision.because}`);
  return decision;
}

function callsOf({ plan }: Act): readonly string[] {
  return plan.map(({ call }) => call);
}

function running(...gangs: readonly GangRecord[]): Partial<Facts> {
  return { gangs, nodes: gangs.flatMap(({ id }) => nodesOf(id.slice(0, 1), FOUR)) };
}

function refused(call: string, input: Refusal['input'], meaning: Refusal['meaning']): Refusal {
  const name = meaning === 'capacity' ? 'InsufficientInstanceCapacity' : 'OperationNotPermitted';
  return { call, input, meaning, name, message: `${name}: no`, at: NOW };
}

function closed(more: object = {}): { readonly [rung: string]: RungMemory } {
  const refusal = { nodes: 4, times: 1, since: ago(30), at: ago(30), name: 'InsufficientInstanceCapacity', ...more };
  return { [keyOf(RUNG)]: { version: 3, refusals: [refusal] } };
}

const WAITING = { visible: 1, inFlight: 0 };

describe('a fleet', () => {
  it('is looked at with its history, and with nothing where it is gone', () => {
    expect(decided({ history: 'unread' })).toMatchObject({ code: 'needs-history', needsHistory: true });
    expect(decided({ template: null })).toMatchObject({ kind: 'nothing', code: 'gone' });
    expect(decided({ template: null, ask: { kind: 'end', gang: gangId('a'), by: 'kim' } })).toMatchObject({
      kind: 'refuse',
      code: 'gone',
    });
  });

  it.each<[string, Partial<Facts>]>([
    ['unreadable-setting', { settings: { ...SETTINGS, problems: ['tag runbook:max-nodes: no number'] } }],
    ['no-queue', { jobs: null }],
    ['unreadable-ladder', { ladder: { fault: '/hpc/cfd: this is no JSON' } }],
    ['unreadable-record', { unreadable: ['data ledger, hpc-gang/lt-0c1/a cannot be read'] }],
  ])('launches nothing where that says how much there is to be cannot be read: %s', (code, more) => {
    expect(decided({ jobs: WAITING, ...more })).toMatchObject({ kind: 'refuse', code });
  });

  it('ends what is too many also where the ladder or a setting cannot be read, and nothing where the queue is not there', () => {
    const spare = { ...running(record('a')), history: history({ spareSince: ago(300) }) };
    expect(acted({ ...spare, ladder: { fault: 'this is no JSON' } }).code).toBe('gangs-ended');
    expect(acted({ ...spare, settings: { ...SETTINGS, problems: ['tag runbook:max-nodes: no number'] } }).code).toBe(
      'gangs-ended',
    );
    expect(decided({ ...spare, jobs: null }).code).toBe('no-queue');
  });

  it('is in order with as many gangs as jobs', () => {
    expect(decided({ ...running(record('a')), jobs: { visible: 0, inFlight: 1 } })).toMatchObject({
      kind: 'nothing',
      code: 'in-order',
    });
  });

  it('waits a minute where SQS may count late', () => {
    expect(decided({ ...running(record('a')), jobs: { visible: 1, inFlight: 1 } })).toMatchObject({
      code: 'counting',
      remember: { shortSince: NOW },
    });
  });
});

describe('gangs that are missing', () => {
  it('are launched whole, each by a call of its own, counted against the budget', () => {
    const act = acted({ jobs: { visible: 2, inFlight: 0 } });
    expect(act).toMatchObject({ code: 'gangs-launched', budget: 'counted', more: true });
    expect(callsOf(act)).toEqual(['ledger:write', 'ec2:RunInstances', 'ledger:write', 'ec2:RunInstances']);
    const [, first, , second] = act.plan;
    expect(first?.input['ClientToken']).not.toBe(second?.input['ClientToken']);
  });

  it('are ten at most at once', () => {
    expect(acted({ jobs: { visible: 30, inFlight: 0 } }).plan).toHaveLength(20);
  });

  it('never make more nodes than the tag allows; nodes of nobody count, too', () => {
    const settings = { ...SETTINGS, maxNodes: 11 };
    expect(acted({ jobs: { visible: 5, inFlight: 0 }, settings }).plan).toHaveLength(4);
    const nodes = nodesOf('z', FOUR);
    expect(acted({ jobs: { visible: 5, inFlight: 0 }, settings, nodes }).plan).toHaveLength(2);
    expect(decided({ jobs: WAITING, settings: { ...SETTINGS, maxNodes: 7 }, nodes })).toMatchObject({
      code: 'at-maximum',
      attention: true,
    });
  });

  it('are no more than a look can keep in mind, and that is said', () => {
    const interfaces = Array.from({ length: 36 }, (_none, DeviceIndex) => ({
      DeviceIndex,
      NetworkCardIndex: 0,
      InterfaceType: 'interface',
      Groups: [],
      DeleteOnTermination: true,
      AssociatePublicIpAddress: null,
    }));
    const coming = Array.from({ length: 42 }, (_none, index) =>
      launching('a', 30, { id: `gang-${index}`, launch: words(30, { interfaces }) }),
    );
    const gangs = (count: number): Partial<Facts> => ({ gangs: coming.slice(0, count) });
    const jobs = { visible: 60, inFlight: 0 };
    const template = facts().template;
    if (template === null) throw new Error('no template');
    const subnets = { [RUNG.subnetId]: { vpcId: null, freeAddresses: null } };
    const fabric = fabricOf([RUNG]);
    const types = Object.fromEntries(
      Object.entries(fabric.types).map(([name, type]) => [name, { ...type, cards: null }]),
    );
    const many = { jobs, template: { ...template, interfaces }, fabric: { ...fabric, subnets, types } };
    const act = acted({ ...many, ...gangs(36) });
    const planned = act.plan.filter(({ call }) => call === 'ec2:RunInstances').length;
    expect([planned > 0, planned < 10]).toEqual([true, true]);
    const full = decided({ ...many, ...gangs(42) });
    expect(full).toMatchObject({ code: 'at-maximum', attention: true });
    expect(full.because).toContain('or 240000 bytes of them: give others a fleet of their own');
  });

  it('are asked for on the next rung where the first is closed', () => {
    const next = { ...RUNG, zone: 'eu-west-1b', placementGroup: 'cfd-b' };
    const act = acted({ jobs: WAITING, ladder: { rungs: [RUNG, next] }, memory: closed() });
    expect(act.plan[1]?.input['Placement']).toEqual({ GroupName: 'cfd-b' });
    expect(act.claims).toEqual([]);
  });

  it('are told with the time of the next try where all rungs are closed; people hear after half an hour', () => {
    const dry = decided({ jobs: WAITING, memory: closed() });
    expect(dry).toMatchObject({ kind: 'nothing', code: 'no-capacity' });
    expect(dry.because).toContain('tried again from 2026-11-22T08:00:25.000Z');
    expect(dry).not.toHaveProperty('attention');
    expect(decided({ jobs: WAITING, memory: closed({ times: 6, since: ago(1_800) }) })).toMatchObject({
      code: 'no-capacity',
      attention: true,
    });
  });

  it('are tried with one gang, by one fleet, on a rung that was refused and may be tried again', () => {
    const memory = closed({ at: ago(60) });
    const probe = acted({ jobs: { visible: 3, inFlight: 0 }, memory });
    expect(probe.plan).toHaveLength(2);
    expect(probe.claims).toEqual([keyOf(RUNG)]);
    const refusals = [refused('ledger:claim', { claim: keyOf(RUNG) }, 'refused')];
    expect(decided({ jobs: WAITING, memory, refusals }).code).toBe('tried-by-others');
  });
});

describe('what stands', () => {
  it('is noted when it is up, and the rung is open again for as many', () => {
    const act = acted({ ...running(launching('a', 60)), jobs: WAITING, memory: closed() });
    expect(act.code).toBe('gangs-noted');
    expect(act.plan.map(({ input }) => input['partition'])).toEqual(['hpc-capacity', 'hpc-gang']);
  });

  it('is remembered where EC2 refused it, and the gang is over', () => {
    const refusals = [refused('ec2:RunInstances', { ClientToken: gangId('a') }, 'capacity')];
    const act = acted({ gangs: [launching('a', 1)], jobs: WAITING, refusals });
    expect(act.code).toBe('capacity-noted');
    expect(act.plan.map(({ input }) => input['partition'])).toEqual(['hpc-capacity', 'hpc-gang']);
  });

  it('is told at once where EC2 does not take the request, in its words, and is no matter of other fleets', () => {
    const said = {
      ...refused('ec2:RunInstances', { ClientToken: gangId('a') }, 'refused'),
      name: 'InvalidParameterCombination',
      message: 'Network interfaces and an instance-level subnet ID may not be specified.',
    };
    const act = acted({ gangs: [launching('a', 1)], jobs: WAITING, refusals: [said] });
    expect(act).toMatchObject({ code: 'refusal-noted', attention: true });
    expect(act.because).toContain('InvalidParameterCombination: Network interfaces');
    const kept = { of: `${TEMPLATE.id}/7`, message: said.message, name: said.name };
    expect(act.plan[0]?.input).toMatchObject({ partition: 'hpc-capacity', value: { refusals: [kept] } });
    const memory = closed(kept);
    expect(decided({ jobs: WAITING, memory })).toMatchObject({ code: 'launch-refused', attention: true });
    const other = { ...TEMPLATE, version: '8' };
    expect(decided({ jobs: WAITING, memory, template: other })).toMatchObject({ code: 'gangs-launched' });
  });

  it('is told of where a job waits beside it for a quarter of an hour', () => {
    const idle = { ...running(record('a')), jobs: WAITING };
    const at = (seconds: number): Decision => decided({ ...idle, history: history({ untakenSince: ago(seconds) }) });
    expect(at(899)).toMatchObject({ code: 'in-order' });
    expect(at(900)).toMatchObject({ kind: 'nothing', code: 'jobs-not-taken', attention: true });
  });

  it('stays in the ledger as written off where EC2 keeps it, and nobody waits for it', () => {
    const orphan = record('a', { state: 'over', askedAt: ago(3_600) });
    const nodes = nodesOf('a', FOUR);
    const said = refused('ec2:TerminateInstances', { InstanceIds: nodes.map(({ id }) => id) }, 'refused');
    const kept = acted({ gangs: [orphan], nodes, jobs: WAITING, refusals: [said] });
    expect(kept).toMatchObject({ code: 'gangs-noted', attention: true });
    expect(kept.plan[0]?.input).toMatchObject({ value: { state: 'over', keptAt: NOW } });
    const after = { ...orphan, keptAt: ago(1) };
    expect(acted({ gangs: [after], nodes, jobs: WAITING }).code).toBe('gangs-launched');
  });

  it('is told of where it is at work and no job is counted for an hour', () => {
    const busy = { ...running(record('a')), jobs: { visible: 0, inFlight: 0 } };
    const nodes = (busy.nodes ?? []).map((node, index) => (index === 0 ? { ...node, isProtected: true } : node));
    const at = (seconds: number): Decision =>
      decided({ ...busy, nodes, history: history({ spareSince: ago(seconds) }) });
    expect(at(3_599)).not.toHaveProperty('attention');
    expect(at(3_600)).toMatchObject({
      code: 'in-order',
      attention: true,
      evidence: { atWorkWithoutJob: [gangId('a')] },
    });
  });

  it('is asked for once more after a minute in which it does not show, and not before', () => {
    const again = acted({ gangs: [launching('a', 60)], jobs: WAITING });
    expect(callsOf(again)).toEqual(['ledger:write', 'ec2:RunInstances']);
    expect(again.plan[0]?.input).toMatchObject({ ifVersion: 1, value: { launch: { sentAt: NOW } } });
    expect(decided({ gangs: [launching('a', 59)], jobs: WAITING }).code).toBe('asked-for');
  });

  it('goes whole where it has lost a node, unless somebody works there', () => {
    const broken = { gangs: [record('a')], jobs: { visible: 0, inFlight: 1 } };
    const lost = ['running', 'running', 'running', 'terminated'];
    const act = acted({ ...broken, nodes: nodesOf('a', lost) });
    expect(act.code).toBe('gangs-ended');
    expect(act.plan[1]?.input['InstanceIds']).toEqual(['i-a0', 'i-a1', 'i-a2']);
    // No other comes for the job that its worker has in its hands.
    const busy = decided({ ...broken, nodes: nodesOf('a', lost, { isProtected: true }) });
    expect(busy).toMatchObject({ kind: 'nothing', attention: true });
  });

  it('stays where EC2 would not end it, and is left alone for ten minutes', () => {
    const refusals = [refused('ec2:TerminateInstances', { InstanceIds: ['i-a0'] }, 'refused')];
    const kept = acted({ ...running(record('a', { state: 'ending', why: 'no job' })), refusals });
    expect(kept.code).toBe('gangs-noted');
    expect(kept.plan[0]?.input['value']).toMatchObject({ state: 'up', keptAt: NOW, why: null });
    const spare = history({ spareSince: ago(9_000) });
    expect(decided({ ...running(record('a', { keptAt: ago(599) })), history: spare }).code).toBe('in-order');
    expect(decided({ ...running(record('a', { keptAt: ago(600) })), history: spare }).code).toBe('gangs-ended');
  });

  it('that came and never ran counts as a refusal of its rung: the next is not tried there at once', () => {
    const dead = nodesOf('a', ['terminated', 'terminated', 'terminated', 'terminated']);
    const { plan } = acted({ gangs: [launching('a', 90)], nodes: dead, jobs: WAITING });
    expect(plan.map(({ input }) => [input['partition'], input['value']])).toMatchObject([
      ['hpc-capacity', { refusals: [{ nodes: 4, times: 1, name: 'NeverUp' }] }],
      ['hpc-gang', { state: 'over' }],
    ]);
  });

  it('has an id that tells it from the others of its run, and is the same until it is asked for', () => {
    const ids = (askedInRun: number): readonly unknown[] =>
      acted({ jobs: { visible: 2, inFlight: 0 }, askedInRun }).plan.flatMap(({ input }) => input['ClientToken'] ?? []);
    expect(ids(0)).toEqual(['0123456789abcdef0123456789ab0000', '0123456789abcdef0123456789ab0001']);
    expect(ids(2)).toEqual(['0123456789abcdef0123456789ab0002', '0123456789abcdef0123456789ab0003']);
  });

  it('of nobody is named to people, and never ended', () => {
    expect(decided({ nodes: nodesOf('z', FOUR) })).toMatchObject({
      code: 'in-order',
      attention: true,
      evidence: { ofNoGang: ['i-z0', 'i-z1', 'i-z2', 'i-z3'] },
    });
  });
});

describe('gangs that are too many', () => {
  it('go from the lowest rung first, and of these the oldest; who works stays', () => {
    const low = { ...RUNG, zone: 'eu-west-1b', placementGroup: 'cfd-b' };
    const gangs = [record('a'), record('b', { rung: low, askedAt: ago(700) }), record('c', { rung: low })];
    const act = acted({
      ...running(...gangs),
      ladder: { rungs: [RUNG, low] },
      history: history({ spareSince: ago(9_000) }),
    });
    expect(act.because).toBe(`gang ${gangId('b')} goes, whole: there is no job for it`);
    const nodes = [...nodesOf('a', FOUR), ...nodesOf('b', FOUR, { isProtected: true }), ...nodesOf('c', FOUR)];
    const other = acted({ gangs, nodes, ladder: { rungs: [RUNG, low] }, history: history({ spareSince: ago(9_000) }) });
    expect(other.because).toContain(gangId('c'));
  });

  it('say in their records when they went: what was only announced has taken no time with it', () => {
    const both = { ...running(record('a'), record('b')), history: history({ spareSince: `${ago(300)} ${ago(10)}` }) };
    const act = acted(both);
    expect(act.note).toEqual({ run: 'run-2' });
    expect(act.plan[0]?.input).toMatchObject({ value: { state: 'ending', spareAt: NOW } });
    const pending = { intent: 'scale', at: NOW, note: { run: 'run-2' } };
    expect(acted({ ...both, history: { ...both.history, pending } }).code).toBe('gangs-ended');
  });
});

describe('a gang that a person wants gone', () => {
  const asked = (more: Partial<Facts>): Decision =>
    decided({ ask: { kind: 'end', gang: gangId('a'), by: 'kim' }, jobs: WAITING, ...more });

  it('goes, whole, whatever the queue says', () => {
    expect(asked(running(record('a')))).toMatchObject({
      kind: 'act',
      code: 'gangs-ended',
      because: `gang ${gangId('a')} goes, whole: kim wants it gone`,
    });
  });

  it.each<[string, string, Partial<Facts>]>([
    ['refuse', 'gang-busy', { gangs: [record('a')], nodes: nodesOf('a', FOUR, { isProtected: true }) }],
    ['refuse', 'no-such-gang', running(record('b'))],
    ['nothing', 'gang-gone', { gangs: [record('a', { state: 'over' })] }],
  ])('is %s %s', (kind, code, more) => {
    expect(asked(more)).toMatchObject({ kind, code });
  });
});

it('a setback is told', () => {
  expect(decided({ setback: { plan: [], why: 'it is not there' } })).toMatchObject({
    kind: 'refuse',
    code: 'not-verified',
  });
});
