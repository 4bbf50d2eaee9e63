import { folders } from '../house/tidy-files.ts';
import { describe, expect, it } from 'vitest';
import { INVARIANTS as OF_VOLUMES } from '../../rehearsal/carry-volumes/invariants.ts';
import { RULES as FOR_VOLUMES } from '../../rehearsal/carry-volumes/rules.ts';
import { INVARIANTS, watchersNamed } from '../../rehearsal/invariants.ts';
import { INVARIANTS as OF_READINESS } from '../../rehearsal/check-readiness/invariants.ts';
import { INVARIANTS as OF_DENIALS } from '../../rehearsal/deny-networks/invariants.ts';
import { INVARIANTS as OF_CACHES } from '../../rehearsal/flush-caches/invariants.ts';
import { INVARIANTS as OF_BASTIONS } from '../../rehearsal/heal-bastion/invariants.ts';
import { INVARIANTS as OF_PROOFS } from '../../rehearsal/prove-blocklist/invariants.ts';
import { INVARIANTS as OF_BLOCKLISTS } from '../../rehearsal/publish-blocklist/invariants.ts';
import { INVARIANTS as OF_ADDRESSES } from '../../rehearsal/reassign-elastic-ip/invariants.ts';
import { RULES as FOR_ADDRESSES } from '../../rehearsal/reassign-elastic-ip/rules.ts';
import { INVARIANTS as OF_TURNS } from '../../rehearsal/recycle-in-turn/invariants.ts';
import { INVARIANTS as OF_RECYCLING } from '../../rehearsal/recycle-instances/invariants.ts';
import { INVARIANTS as OF_LETTERS } from '../../rehearsal/redrive-dead-letters/invariants.ts';
import { INVARIANTS as OF_RESTRICTIONS } from '../../rehearsal/restrict-access/invariants.ts';
import { INVARIANTS as OF_GANGS } from '../../rehearsal/scale-hpc-fleet/invariants.ts';
import { movesAround, RUNBOOK_INVARIANTS, rulesOf } from '../../rehearsal/runbooks.ts';

describe('what a runbook says of its rehearsals', () => {
  it('is found by its folder, and is only its own', () => {
    expect(rulesOf('carry-volumes')).toBe(FOR_VOLUMES);
    expect(rulesOf('reassign-elastic-ip')).toBe(FOR_ADDRESSES);
    expect(rulesOf('explorer')).toEqual({ differences: [], surplus: [] });
  });

  it('is nothing where it says nothing, unless its rules are handed over', () => {
    expect(rulesOf('publish-outcomes')).toEqual({ differences: [], surplus: [] });
    expect(rulesOf('publish-outcomes', { 'publish-outcomes': FOR_ADDRESSES })).toBe(FOR_ADDRESSES);
  });
});

describe('what others may do meanwhile', () => {
  it('is known by the runbook whose calls it comes before', () => {
    expect(movesAround(['recycle-instances']).map(({ name }) => name)).toEqual([
      'stopped-by-hand',
      'terminated-by-hand',
      'tagged-terminated',
    ]);
    expect(movesAround(['publish-outcomes'])).toEqual([]);
  });

  it('excuses only invariants that there are, each with its reason', () => {
    const all = movesAround([...folders('functions'), 'recycle-instances']);
    const excuses = all.flatMap(({ excuses: own = {} }) => Object.entries(own));
    expect(excuses.filter(([name, because]) => INVARIANTS[name] === undefined || because === '')).toEqual([]);
  });
});

describe('invariants', () => {
  it('of all runbooks are known by their names, each once', () => {
    expect(RUNBOOK_INVARIANTS).toEqual([
      ...OF_VOLUMES,
      ...OF_READINESS,
      ...OF_DENIALS,
      ...OF_CACHES,
      ...OF_BASTIONS,
      ...OF_PROOFS,
      ...OF_BLOCKLISTS,
      ...OF_ADDRESSES,
      ...OF_TURNS,
      ...OF_RECYCLING,
      ...OF_LETTERS,
      ...OF_RESTRICTIONS,
      ...OF_GANGS,
    ]);
    const names = RUNBOOK_INVARIANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(watchersNamed(names)).toEqual(RUNBOOK_INVARIANTS);
    expect(Object.keys(INVARIANTS).filter((name) => !names.includes(name))).toEqual([
      'hook-answered',
      'hook-answered-or-refused-without-ledger',
      'hook-left-alone',
    ]);
  });
});
