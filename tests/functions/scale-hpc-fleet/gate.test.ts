/** The gate between a gang's launch and its first job: what opens it, what shuts it, and what comes of gangs that fail. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  failuresIn,
  type Facts,
  type GangRecord,
  type Place,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import { gateOf } from '../../../functions/scale-hpc-fleet/decide/gate.ts';
import { attestedIn } from '../../../functions/scale-hpc-fleet/decide/records-reader.ts';
import {
  ago,
  facts,
  FOUR,
  gangId,
  launching,
  LIMITS,
  NOW,
  nodesOf,
  record,
  RUNG,
  SETTINGS,
  words,
} from './fleet-facts.ts';

const EFA = {
  DeviceIndex: 0,
  NetworkCardIndex: 0,
  InterfaceType: 'efa',
  Groups: [],
  DeleteOnTermination: true,
  AssociatePublicIpAddress: null,
};

const AS_ASKED: Place = {
  subnetId: RUNG.subnetId,
  zone: 'eu-west-1a',
  placementGroup: 'cfd-a',
  efaInterfaces: 2,
  hasEna: true,
};

/** A gang of two EFA interfaces a node, asked for so many seconds ago; all four nodes run. */
function young(seconds: number, more: Partial<GangRecord> = {}): GangRecord {
  const only = { ...EFA, DeviceIndex: 1, NetworkCardIndex: 1, InterfaceType: 'efa-only' };
  return launching('a', seconds, { launch: words(seconds, { interfaces: [EFA, only] }), ...more });
}

const ATTESTING = { ...SETTINGS, attestSeconds: 600 };

function at(place: Partial<Place>, of = young(120)): ReturnType<typeof gateOf> {
  const places = [AS_ASKED, { ...AS_ASKED, ...place }];
  const nodes = nodesOf('a', FOUR, { place: 0 }).map((node, index) => (index === 2 ? { ...node, place: 1 } : node));
  return gateOf(of, nodes, { places, attested: {}, settings: SETTINGS }, NOW);
}

function saying(said: Facts['attested'][string] | undefined, seconds = 120): ReturnType<typeof gateOf> {
  const attested = said === undefined ? {} : { [gangId('a')]: said };
  const nodes = nodesOf('a', FOUR, { place: 0 });
  return gateOf(young(seconds), nodes, { places: [AS_ASKED], attested, settings: ATTESTING }, NOW);
}

const READY = { ready: [0, 1, 2, 3], fewestEfa: 2, fault: null };

describe('the gate', () => {
  it('opens where all nodes are as they were asked for', () => {
    expect(at({})).toEqual({ kind: 'open' });
  });

  it.each<[Partial<Place>, string]>([
    [{ subnetId: 'subnet-0f' }, 'node i-a2 is in subnet-0f, not in subnet-0a1b2c3d4e5f60718'],
    [{ zone: 'eu-west-1b' }, 'node i-a2 is in eu-west-1b, not in eu-west-1a'],
    [{ placementGroup: 'cfd-b' }, 'node i-a2 is in cfd-b, not in cfd-a'],
    [{ placementGroup: null }, 'node i-a2 is in no placement group, not in cfd-a'],
    [{ efaInterfaces: 1 }, 'node i-a2 has 1 of 2 EFA interfaces'],
    [{ hasEna: false }, 'node i-a2 has no enhanced networking (ENA)'],
  ])('is shut where one node has %j', (place, why) => {
    expect(at(place)).toEqual({ kind: 'shut', why });
  });

  it.each<Partial<Place>>([{ subnetId: null }, { zone: null }, { hasEna: null }, { efaInterfaces: 3 }])(
    'does not hold against a node what EC2 leaves out, or gives beyond: %j',
    (place) => {
      expect(at(place)).toEqual({ kind: 'open' });
    },
  );

  it('wants a group of its own where the rung has a fresh one', () => {
    const fresh = young(120, { rung: { ...RUNG, placementGroup: 'fresh' } });
    const own = `runbook-hpc-${gangId('a')}`;
    expect(at({}, fresh)).toEqual({ kind: 'shut', why: `node i-a0 is in cfd-a, not in ${own}` });
    const nodes = nodesOf('a', FOUR, { place: 0 });
    const places = [{ ...AS_ASKED, placementGroup: own }];
    expect(gateOf(fresh, nodes, { places, attested: {}, settings: SETTINGS }, NOW)).toEqual({ kind: 'open' });
  });

  it('opens once every node has attested, and waits until then', () => {
    expect(saying(READY)).toEqual({ kind: 'open' });
    expect(saying({ ...READY, fewestEfa: null })).toEqual({ kind: 'open' });
    expect(saying({ ...READY, ready: [0, 1, 3] })).toEqual({ kind: 'waiting' });
    expect(saying(undefined, 9_000)).toEqual({ kind: 'waiting' });
  });

  it('is shut where a node cannot work, finds too few devices, or says nothing for too long', () => {
    const unmounted = { ...READY, ready: [0, 1, 2], fault: 'node 3: /fsx is not mounted' };
    expect(saying(unmounted, 599)).toEqual({ kind: 'waiting' });
    expect(saying(unmounted, 600)).toEqual({ kind: 'shut', why: 'node 3: /fsx is not mounted' });
    expect(saying({ ...READY, fewestEfa: 1 })).toEqual({
      kind: 'shut',
      why: 'one of its nodes finds 1 of 2 EFA devices',
    });
    expect(saying({ ...READY, ready: [0, 2] }, 600)).toEqual({
      kind: 'shut',
      why: '2 of its 4 nodes have attested within 600 s',
    });
  });
});

describe('what nodes say', () => {
  const item = (index: string, value: { readonly [member: string]: string | number | boolean }, more = {}) => ({
    partition: 'hpc-attest',
    key: `${gangId('a')}/${index}`,
    version: 1,
    value,
    ...more,
  });

  it('is read node by node; what cannot be read was not said', () => {
    const items = [
      item('0', { ok: true, efa: 2, at: NOW }),
      item('1', { ok: true }),
      item('2', { ok: 'yes' }),
      item('x', { ok: true }),
      item('3', { ok: true }, { fault: 'layout 9' }),
    ];
    expect(attestedIn(items)).toEqual({ ready: [0, 1], fewestEfa: 2, fault: null });
    expect(attestedIn([item('1', { ok: false, why: 'no EFA provider' })]).fault).toBe('node 1: no EFA provider');
    expect(attestedIn([item('1', { ok: false, why: 'x'.repeat(900) })]).fault).toHaveLength(200);
  });
});

describe('a gang that cannot work', () => {
  const unfit = facts({
    jobs: { visible: 1, inFlight: 0 },
    settings: { ...ATTESTING, attestSeconds: 120 },
    gangs: [young(120)],
    nodes: nodesOf('a', FOUR, { place: 0 }),
    places: [AS_ASKED],
    attested: { [gangId('a')]: { ...READY, fault: 'node 1: no EFA provider' } },
  });

  it('goes whole, its rung is remembered, and why is kept', () => {
    const decision = decide(unfit, LIMITS, NOW);
    const plan = decision.kind === 'act' ? decision.plan : [];
    expect(plan.map(({ call }) => call)).toEqual([
      'ledger:write',
      'ledger:write',
      'ec2:TerminateInstances',
      'ledger:write',
    ]);
    expect(plan[0]?.input).toMatchObject({ partition: 'hpc-capacity', value: { refusals: [{ name: 'Unfit' }] } });
    const failure = { at: NOW, why: 'node 1: no EFA provider', templateVersion: '7' };
    expect(plan[3]?.input).toMatchObject({ value: { state: 'over', failure } });
  });

  it('stays while somebody has protected it all the same', () => {
    const nodes = unfit.nodes.map((node, index) => (index === 0 ? { ...node, isProtected: true } : node));
    expect(decide({ ...unfit, nodes }, LIMITS, NOW).kind).toBe('nothing');
  });

  it('keeps nobody waiting who has no part in it: while it attests no other is launched', () => {
    const decision = decide({ ...unfit, settings: ATTESTING }, LIMITS, NOW);
    expect(decision).toMatchObject({ kind: 'nothing', code: 'in-order' });
  });
});

describe('what a look has left for others', () => {
  it('is told: gangs that attest and were not asked, and how close nodes are', () => {
    const waiting = facts({
      jobs: { visible: 1, inFlight: 0 },
      settings: ATTESTING,
      gangs: [young(60)],
      nodes: nodesOf('a', FOUR, { place: 0 }),
      places: [AS_ASKED],
      topology: { [gangId('a')]: null },
    });
    expect(decide(waiting, LIMITS, NOW).evidence).toMatchObject({
      attestingAndNotAsked: 1,
      networkNodes: [`${gangId('a')}: not read`],
    });
    const asked = { ...waiting, attested: { [gangId('a')]: READY } };
    expect(decide(asked, LIMITS, NOW).evidence).not.toHaveProperty('attestingAndNotAsked');
  });
});

describe('failures', () => {
  const failed = (letter: string, askedSeconds: number, failedSeconds: number, templateVersion = '7'): GangRecord =>
    record(letter, {
      state: 'over',
      upAt: null,
      askedAt: ago(askedSeconds),
      failure: { at: ago(failedSeconds), why: letter, templateVersion },
    });
  const why = (...gangs: readonly GangRecord[]): readonly string[] => failuresIn(gangs, '7', NOW).map((one) => one.why);

  it('are counted since a gang came up, from the template as it is; side by side they are one', () => {
    expect(why(failed('a', 900, 700), failed('b', 600, 400))).toEqual(['b', 'a']);
    expect(why(failed('a', 900, 700), failed('b', 890, 690), failed('c', 600, 400))).toEqual(['c', 'a']);
    expect(why(failed('a', 900, 700), record('d', { upAt: ago(500) }), failed('b', 480, 400))).toEqual(['b']);
    expect(why(failed('a', 900, 700, '6'), failed('b', 600, 400))).toEqual(['b']);
    expect(why(failed('a', 90_000, 86_401), failed('b', 600, 400))).toEqual(['b']);
  });

  const two = { failures: failuresIn([failed('a', 900, 700), failed('b', 600, 400)], '7', NOW) };
  const waiting = facts({ jobs: { visible: 1, inFlight: 0 }, ...two });

  it('of two in a row hold back the third, until a person asks', () => {
    expect(decide(waiting, LIMITS, NOW)).toMatchObject({ kind: 'refuse', code: 'gangs-fail' });
    expect(decide({ ...waiting, ask: { kind: 'scale', by: 'ana' } }, LIMITS, NOW)).toMatchObject({
      code: 'gangs-launched',
    });
    expect(decide({ ...waiting, failures: two.failures.slice(0, 1) }, LIMITS, NOW)).toMatchObject({
      code: 'gangs-launched',
    });
  });

  it('hold nothing back that is there: without a job nobody is called', () => {
    expect(decide({ ...waiting, jobs: { visible: 0, inFlight: 0 } }, LIMITS, NOW)).toMatchObject({ code: 'in-order' });
  });
});

describe('a gang that does not come up', () => {
  const late = (more: Partial<GangRecord>, states: readonly string[]): unknown => {
    const decision = decide(facts({ gangs: [launching('a', 1_900, more)], nodes: nodesOf('a', states) }), LIMITS, NOW);
    const plan = decision.kind === 'act' ? decision.plan : [];
    return plan
      .map(({ input }) => input['value'])
      .find((value) => JSON.stringify(value ?? null).includes('"state":"over"'));
  };
  const spot = { rung: { ...RUNG, market: 'spot' as const } };
  const BOOTING = ['running', 'running', 'running', 'pending'];

  it('has failed; one on Spot that was taken back has not, and neither has one that EC2 never showed', () => {
    expect(late({}, BOOTING)).toMatchObject({ failure: { why: 'it has not come up' } });
    expect(late({}, ['terminated'])).toMatchObject({ failure: { why: 'it never came up' } });
    expect(late(spot, BOOTING)).toMatchObject({ failure: { why: 'it has not come up' } });
    expect(late(spot, ['terminated'])).toMatchObject({ failure: null });
    expect(late({}, [])).toMatchObject({ failure: null });
  });
});

describe('a placement group of its own', () => {
  const fresh = { ...RUNG, placementGroup: 'fresh' };

  it('is made before the gang is launched, under the name of the gang', () => {
    const decision = decide(facts({ jobs: { visible: 1, inFlight: 0 }, ladder: { rungs: [fresh] } }), LIMITS, NOW);
    const plan = decision.kind === 'act' ? decision.plan : [];
    expect(plan.map(({ call }) => call)).toEqual(['ledger:write', 'ec2:CreatePlacementGroup', 'ec2:RunInstances']);
    const name = 'runbook-hpc-0123456789abcdef0123456789ab0000';
    expect(plan[1]?.input).toMatchObject({ GroupName: name, Strategy: 'cluster' });
    expect(plan[2]?.input).toMatchObject({ Placement: { GroupName: name } });
  });

  it('goes when its gang is over and its last node has gone, and no other does', () => {
    const gangs = [record('a', { state: 'over', rung: fresh }), record('b', { rung: fresh })];
    const groups = (isUsed: boolean): Facts['ownGroups'] =>
      ['a', 'b', 'c'].map((letter) => ({ gang: gangId(letter), isUsed }));
    const plan = (isUsed: boolean): unknown => {
      const nodes = nodesOf('b', FOUR);
      const jobs = { visible: 0, inFlight: 1 };
      const decision = decide(facts({ gangs, nodes, jobs, ownGroups: groups(isUsed) }), LIMITS, NOW);
      return decision.kind === 'act' ? decision.plan.map(({ input }) => input) : decision.code;
    };
    expect(plan(false)).toEqual([{ GroupName: `runbook-hpc-${gangId('a')}` }]);
    expect(plan(true)).toBe('in-order');
  });

  it('holds up no gang that a job waits for, and is asked about once in a run where EC2 does not give it up', () => {
    const one = {
      gangs: [record('a', { state: 'over', rung: fresh })],
      ladder: { rungs: [RUNG] },
      ownGroups: [{ gang: gangId('a'), isUsed: false }],
    };
    const waiting = facts({ ...one, jobs: { visible: 1, inFlight: 0 } });
    expect(decide(waiting, LIMITS, NOW)).toMatchObject({ code: 'gangs-launched' });
    const refusals = [
      {
        call: 'ec2:DeletePlacementGroup',
        input: { GroupName: `runbook-hpc-${gangId('a')}` },
        meaning: 'refused' as const,
        name: 'InvalidPlacementGroup.InUse',
        message: 'in use',
        at: NOW,
      },
    ];
    expect(decide(facts({ ...one, refusals }), LIMITS, NOW)).toMatchObject({ kind: 'nothing', code: 'in-order' });
  });
});
