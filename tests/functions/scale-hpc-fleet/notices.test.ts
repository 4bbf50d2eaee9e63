/** What a Spot notice comes to. */

import { describe, expect, it } from 'vitest';
import type { Act } from '../../../shared/kernel/decision.ts';
import { decide, type Facts, type GangRecord } from '../../../functions/scale-hpc-fleet/decide.ts';
import { readRecords } from '../../../functions/scale-hpc-fleet/decide/records-reader.ts';
import { ago, facts, FOUR, gangId, launching, LIMITS, nodesOf, NOW, record, RUNG } from './fleet-facts.ts';

const SPOT = { ...RUNG, market: 'spot' } as const;
const NOTICE = { kind: 'notice', node: 'i-a2' } as const;
const LEASE = { version: 5, state: 'busy', until: ago(-300) } as const;

function gang(more: Partial<GangRecord> = {}): Partial<Facts> {
  return { ask: NOTICE, gangs: [record('a', { rung: SPOT, ...more })], nodes: nodesOf('a', FOUR) };
}

function acted(more: Partial<Facts>): Act {
  const decision = decide(facts(more), LIMITS, NOW);
  if (decision.kind !== 'act') throw new Error(`${decision.kind} ${decision.code}: ${decision.because}`);
  return decision;
}

describe('a Spot notice', () => {
  it("is the whole gang's: its rung remembers it for so many nodes, and the gang that it is to go", () => {
    const { code, plan, because } = acted(gang());
    expect({ code, because }).toEqual({
      code: 'gangs-noted',
      because: `EC2 takes i-a2 of gang ${gangId('a')} back: hpc7a.96xlarge in eu-west-1a, group cfd-a (spot)`,
    });
    expect(plan.map(({ call, input }) => [call, input['key'], input['value']])).toEqual([
      [
        'ledger:write',
        'hpc7a.96xlarge/eu-west-1a/cfd-a/spot/-',
        { refusals: [{ nodes: 4, times: 1, since: NOW, at: NOW, name: 'SpotInterruption' }] },
      ],
      ['ledger:write', `lt-0c1d2e3f4a5b60718/${gangId('a')}`, expect.objectContaining({ state: 'up', noticedAt: NOW })],
    ]);
  });

  it('ends the gang at once where nobody works there, its lease closed first', () => {
    const { code, plan, because } = acted(gang({ noticedAt: NOW }));
    expect({ code, because }).toEqual({
      code: 'gangs-ended',
      because: `gang ${gangId('a')} goes, whole: EC2 takes one of its nodes back`,
    });
    expect(plan.map(({ call, input }) => [call, input['partition'] ?? input['InstanceIds']])).toEqual([
      ['ledger:write', 'hpc-gang'],
      ['ledger:write', 'hpc-lease'],
      ['ec2:TerminateInstances', ['i-a0', 'i-a1', 'i-a2', 'i-a3']],
      ['ledger:write', 'hpc-gang'],
    ]);
  });

  it('leaves a gang at work to its worker, and tells nobody of what is expected', () => {
    const jobs = { visible: 0, inFlight: 1 };
    const decision = decide(
      facts({ ...gang({ noticedAt: ago(20) }), jobs, leases: { [gangId('a')]: LEASE } }),
      LIMITS,
      NOW,
    );
    expect(decision).toMatchObject({ kind: 'nothing', code: 'in-order' });
    expect(decision).not.toHaveProperty('attention');
  });

  it('of another of its nodes is no news, and of no node of a gang nothing', () => {
    const leases = { [gangId('a')]: LEASE };
    const jobs = { visible: 0, inFlight: 1 };
    for (const more of [gang({ noticedAt: ago(5) }), { ...gang(), ask: { ...NOTICE, node: 'i-z0' } }])
      expect(decide(facts({ ...more, jobs, leases }), LIMITS, NOW)).toMatchObject({
        kind: 'nothing',
        code: 'in-order',
      });
  });

  it('of a gang that is coming up is remembered once, as what it is', () => {
    const booting = (noticedAt: string | null): Partial<Facts> => ({
      ask: NOTICE,
      gangs: [launching('a', 60, { rung: SPOT, noticedAt })],
      nodes: nodesOf('a', ['running', 'pending', 'running', 'pending']),
    });
    expect(acted(booting(null)).code).toBe('gangs-noted');
    const { plan } = acted(booting(NOW));
    expect(plan.filter(({ input }) => input['partition'] === 'hpc-capacity')).toEqual([]);
    expect(plan.map(({ call }) => call)).toContain('ec2:TerminateInstances');
  });

  it('changes nothing of a gang that is to go already', () => {
    const { plan } = acted(gang({ state: 'ending', why: 'there is no job for it' }));
    expect(plan.filter(({ input }) => input['partition'] === 'hpc-capacity')).toEqual([]);
  });

  it('is unknown to records of before there were any', () => {
    const { id: _id, version: _version, noticedAt: _none, ...value } = record('a');
    const item = { partition: 'hpc-gang', key: `lt-1/${gangId('a')}`, version: 2, value };
    expect(readRecords([JSON.parse(JSON.stringify(item))], [], [])).toMatchObject({
      gangs: [{ noticedAt: null }],
      unreadable: [],
    });
  });
});
