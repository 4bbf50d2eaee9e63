import { describe, expect, it } from 'vitest';
import { INVARIANTS as OF_VOLUMES } from '../../rehearsal/carry-volumes/invariants.ts';
import { RULES as FOR_VOLUMES } from '../../rehearsal/carry-volumes/rules.ts';
import { INVARIANTS, watchersNamed } from '../../rehearsal/invariants.ts';
import { INVARIANTS as OF_ADDRESSES } from '../../rehearsal/reassign-elastic-ip/invariants.ts';
import { RULES as FOR_ADDRESSES } from '../../rehearsal/reassign-elastic-ip/rules.ts';
import { RUNBOOK_INVARIANTS, rulesOf } from '../../rehearsal/runbooks.ts';

describe('what a runbook says of its rehearsals', () => {
  it('is found by its folder, and is only its own', () => {
    expect(rulesOf('carry-volumes')).toBe(FOR_VOLUMES);
    expect(rulesOf('reassign-elastic-ip')).toBe(FOR_ADDRESSES);
    expect(rulesOf('explorer')).toEqual({ differences: [], surplus: [] });
  });

  it('is nothing where it says nothing, unless its rules are handed over', () => {
    expect(rulesOf('recycle-instances')).toEqual({ differences: [], surplus: [] });
    expect(rulesOf('recycle-instances', { 'recycle-instances': FOR_ADDRESSES })).toBe(FOR_ADDRESSES);
  });
});

describe('invariants', () => {
  it('of all runbooks are known by their names, each once', () => {
    expect(RUNBOOK_INVARIANTS).toEqual([...OF_VOLUMES, ...OF_ADDRESSES]);
    const names = RUNBOOK_INVARIANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(16);
    expect(watchersNamed(names)).toEqual(RUNBOOK_INVARIANTS);
    expect(Object.keys(INVARIANTS)).toHaveLength(19);
  });
});
