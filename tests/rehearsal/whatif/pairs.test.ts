import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../rehearsal/whatif/losses.ts';
import { besideWhich, pairsOf } from '../../../rehearsal/whatif/pairs.ts';
import type { PlayedLoss } from '../../../rehearsal/whatif/whatif.ts';
import { GOOD, type Ward } from '../../../rehearsal/whatif/wards/ward.ts';
import type { Fared, LossKind } from '../../../rehearsal/whatif/what-if.ts';

function loss(kind: LossKind, id: string, inside: readonly string[] = []): Loss {
  const ledger = kind === 'ledger' ? ({ isLedger: true } as const) : {};
  return { lost: { kind, id, how: 'it is gone' }, all: new Set([id, ...inside]), set: {}, ...ledger };
}

function ward(id: string, parts: readonly string[], runbook = 'reassign-elastic-ip'): Ward {
  return { kind: 'address', id, name: id, runbook, parts: new Set(parts), patienceSeconds: 60, look: () => GOOD };
}

function names(pairs: readonly (readonly Loss[])[]): readonly string[] {
  return pairs.map((pair) => pair.map(({ lost }) => lost.id).join('+'));
}

const [a, b, c] = [loss('instance', 'i-a'), loss('instance', 'i-b'), loss('instance', 'i-c')];
const zone = loss('zone', 'eu-west-1a', ['i-a']);

describe('pairs of losses', () => {
  it('are first those that concern the same thing', () => {
    const { chosen, left } = pairsOf([a, b, c], [ward('web', ['i-b', 'i-c']), ward('mail', ['i-a'])]);
    expect(names(chosen)).toEqual(['i-b+i-c', 'i-a+i-b', 'i-a+i-c']);
    expect(left).toBe(0);
  });

  it('are none where one is within the other', () => {
    expect(names(pairsOf([zone, a, b], []).chosen)).toEqual(['eu-west-1a+i-b', 'i-a+i-b']);
  });

  it('are as many as can be waited for, and the others are counted', () => {
    const { chosen, left } = pairsOf([a, b, c], [], 2);
    expect(names(chosen)).toEqual(['i-a+i-b', 'i-a+i-c']);
    expect(left).toBe(1);
  });
});

function played(one: Loss, hit: Ward): PlayedLoss {
  const { kind, id, name, runbook } = hit;
  const fared: Fared = { kind, id, name, runbook, verdict: 'recovers', first: 'is on nobody' };
  const rest = { by: [], told: [], why: [], lines: [], alarms: [], assumed: [] };
  return {
    losses: [one],
    functions: [],
    report: { losses: [one.lost], as: 'single', verdict: 'recovers', fared: [fared], ...rest },
  };
}

describe('a silent loss', () => {
  const [web, db] = [ward('web', ['i-a', 'i-b']), ward('db', ['i-c', 'key'], 'carry-volumes')];
  const before = [played(a, web), played(b, web), played(c, db)];

  it('of the ledger is played beside the first loss of each runbook that needs it', () => {
    const ledger = loss('ledger', 'ledger');
    expect(names(besideWhich([a, b, c, ledger], before, [web, db]))).toEqual(['ledger+i-a', 'ledger+i-c']);
  });

  it('of a key is played beside the first loss that hits what it encrypts', () => {
    const key = loss('key', 'key');
    expect(names(besideWhich([a, b, c, key], before, [web, db]))).toEqual(['key+i-c']);
  });
});
