import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type AddressFacts, type Facts, type Machine } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import {
  address,
  ago,
  BOOTING,
  DARK,
  event,
  facts,
  history,
  hook,
  IMPAIRED,
  LIMITS,
  machine,
  membership,
  moveTo,
  NOW,
  OK,
  serviceAlarm,
  slot,
} from './elastic-ip-facts.ts';
import { cases } from '../../share.ts';

const LETTERS = ['a', 'b', 'c', 'd'] as const;

const state = fc.oneof(
  { weight: 9, arbitrary: fc.constant('running' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'pending' as const,
      'stopping' as const,
      'stopped' as const,
      'shutting-down' as const,
      'terminated' as const,
    ),
  },
);
const checks = fc.oneof(
  { weight: 6, arbitrary: fc.constant(OK) },
  { weight: 3, arbitrary: fc.constantFrom(null, IMPAIRED, DARK, BOOTING) },
);
const group = fc.option(
  fc
    .record({
      lifecycleState: fc.constantFrom(
        'InService',
        'InService',
        'InService',
        'Pending:Wait',
        'Terminating:Wait',
        'Standby',
      ),
      healthy: fc.constantFrom(true, true, true, false),
      mayBeFenced: fc.boolean(),
    })
    .map(membership),
  { nil: null, freq: 2 },
);

function machines(letter: string): fc.Arbitrary<Machine> {
  return fc
    .record({
      state,
      checks,
      membership: group,
      priority: fc.constantFrom(100, 100, 10),
      quarantinedAt: fc.option(fc.constant(ago(600)), { nil: null, freq: 4 }),
      launchedAt: fc.constantFrom(ago(60), ago(86_400)),
      probe: fc.constantFrom('none' as const, 'none' as const, 'ok' as const, 'failed' as const),
      borderGroup: fc.constantFrom('eu-west-1', 'eu-west-1', 'eu-west-1', 'eu-west-1-lax-1'),
      isTaken: fc.constantFrom(false, false, false, true),
    })
    .map(({ isTaken, ...change }) =>
      machine(letter, {
        ...change,
        slots: [slot(`eni-${letter}`, '10.0.0.5', { elasticIp: isTaken ? '203.0.113.99' : null })],
      }),
    );
}

const ask = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Facts['ask']>({ kind: 'reconcile' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      event('alarm'),
      event('state'),
      event('state', 'i-b'),
      event('launch-hook', 'i-b'),
      event('terminate-hook'),
      event('launch-result', 'i-b'),
    ),
  },
);
const byHand = fc.constantFrom<Facts['ask']>(moveTo('i-b'), { kind: 'fail-back', force: false });

function worlds(asks: fc.Arbitrary<Facts['ask']>): fc.Arbitrary<Facts> {
  return fc
    .record({
      ask: asks,
      instances: fc.tuple(...LETTERS.map(machines)),
      holder: fc.constantFrom('a', 'a', 'a', null),
      address: fc.record({
        fence: fc.constantFrom<AddressFacts['fence']>('none', 'none', 'best-effort', 'required'),
        probe: fc.constantFrom<AddressFacts['probe']>('none', 'none', 'ok', 'failed'),
        movedAt: fc.constantFrom(null, ago(60), ago(3_600)),
      }),
      alarms: fc.constantFrom([], [], [serviceAlarm('i-a')], [serviceAlarm('i-b')]),
      hooks: fc.constantFrom([], [hook('terminating', 'i-a')], [hook('launching', 'i-b')]),
      history: fc.constantFrom(
        'unread' as const,
        'lost' as const,
        history(),
        history({ memory: { 'suspect:i-a': ago(600), 'probe:i-a': ago(600), 'ready:i-b': ago(600) } }),
      ),
    })
    .map(({ holder, address: change, ...rest }) =>
      facts({ ...rest, address: address({ ...change, ...(holder === null ? { association: null } : {}) }) }),
    );
}

function judge(world: Facts): Decision {
  return decide(world, LIMITS, NOW);
}

function moveOf(decision: Decision): JsonObject | undefined {
  return decision.kind === 'act' ? decision.plan.find(({ call }) => call === 'ec2:AssociateAddress')?.input : undefined;
}

/** The world after the plan: as AWS would show it a moment later, with the ledger's book. */
function after(world: Facts, decision: Decision): Facts {
  const move = moveOf(decision);
  if (decision.kind !== 'act' || move === undefined) return world;
  const [interfaceId, privateIp, instanceId] = [
    move['NetworkInterfaceId'],
    move['PrivateIpAddress'],
    decision.note?.['to'],
  ];
  if (typeof interfaceId !== 'string' || typeof privateIp !== 'string' || typeof instanceId !== 'string')
    throw new Error('a move without a destination');
  const instances = world.instances.map((each) =>
    each.id === decision.note?.['quarantine'] ? { ...each, quarantinedAt: NOW } : each,
  );
  const association = { instanceId, interfaceId, privateIp };
  return {
    ...world,
    instances,
    hooks: [],
    address: { ...world.address, association, movedAt: NOW, moves: world.address.moves + 1, probe: 'none' },
  };
}

function holderOf({ address: { association }, instances }: Facts): Machine | undefined {
  return instances.find(({ id }) => id === association?.instanceId);
}

function isProvenGood({ state: now, checks: results, membership: member }: Machine): boolean {
  return (
    now === 'running' &&
    results === OK &&
    (member === null || (member.healthy && !member.lifecycleState.startsWith('Terminating')))
  );
}

const RUNS = { numRuns: cases(4_000), seed: 20_261_122 };

describe('in any world', () => {
  it('a move is never followed by another: the holder is computed, not toggled', () => {
    let moves = 0;
    fc.assert(
      fc.property(worlds(fc.oneof(ask, byHand)), (world) => {
        const first = judge(world);
        if (moveOf(first) === undefined) return;
        moves += 1;
        const again = { ...after(world, first), alarms: [] };
        expect(moveOf(judge(again))).toBeUndefined();
        expect(moveOf(judge({ ...again, ask: { kind: 'reconcile' } }))).toBeUndefined();
      }),
      RUNS,
    );
    expect(moves).toBeGreaterThan(cases(150));
  });

  it('a holder proven good keeps the address unless a person asks', () => {
    let kept = 0;
    fc.assert(
      fc.property(worlds(ask), (world) => {
        const holder = holderOf(world);
        if (
          holder === undefined ||
          !isProvenGood(holder) ||
          world.alarms.length > 0 ||
          world.address.probe === 'failed'
        )
          return;
        kept += 1;
        expect(moveOf(judge(world))).toBeUndefined();
      }),
      RUNS,
    );
    expect(kept).toBeGreaterThan(cases(150));
  });

  it('the address goes only to a running candidate whose checks pass, that is not quarantined, and that has room', () => {
    fc.assert(
      fc.property(worlds(fc.oneof(ask, byHand)), (world) => {
        const decision = judge(world);
        if (decision.kind !== 'act' || moveOf(decision) === undefined) return;
        const taker = world.instances.find(({ id }) => id === decision.note?.['to']);
        expect(taker).toMatchObject({
          state: 'running',
          checks: OK,
          quarantinedAt: null,
          borderGroup: 'eu-west-1',
          slots: [{ elasticIp: null }],
        });
        expect(taker?.membership?.lifecycleState ?? 'InService').toMatch(/^(?:InService|Pending:Wait)$/u);
        expect(taker?.id).not.toBe(world.address.association?.instanceId);
      }),
      RUNS,
    );
  });

  it('the order of the instances does not matter', () => {
    fc.assert(
      fc.property(
        worlds(fc.oneof(ask, byHand)),
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        (world, order) => {
          const shuffled = { ...world, instances: order.flatMap((index) => world.instances[index] ?? []) };
          expect(judge(shuffled)).toEqual(judge(world));
        },
      ),
      RUNS,
    );
  });

  it('nothing but the facts decides, and they stay as they were', () => {
    fc.assert(
      fc.property(worlds(fc.oneof(ask, byHand)), (world) => {
        const copy = structuredClone(world);
        expect(judge(world)).toEqual(judge(copy));
        expect(world).toEqual(copy);
        expect(JSON.parse(JSON.stringify(judge(world)))).toEqual(judge(world));
      }),
      RUNS,
    );
  });

  it('a required fence is confirmed before the address moves', () => {
    fc.assert(
      fc.property(worlds(fc.oneof(ask, byHand)), (world) => {
        if (world.address.fence !== 'required' || moveOf(judge(world)) === undefined) return;
        expect(['stopped', 'terminated', undefined]).toContain(holderOf(world)?.state);
      }),
      RUNS,
    );
  });
});
