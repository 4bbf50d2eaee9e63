import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Acquaintance } from '../../../rehearsal/explorer/across.ts';
import type { Exploration } from '../../../rehearsal/explorer/explorer.ts';
import {
  changedOf,
  changesIn,
  HOMES,
  shortestFirst,
  sumOf,
  type Changes,
} from '../../../rehearsal/explorer/together.ts';
import { loadDrills, type Drill } from '../../../rehearsal/drill.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { computing, drill } from './explored.ts';

const schedule = (kind: string | undefined) => ({ plan: NO_FAULTS, kind });

describe('drills that are explored together', () => {
  it('try a kind of plan in two of them, once in each, and always what is like nothing else', () => {
    const among = new Acquaintance();
    const plans = [schedule('a'), schedule('a'), schedule('b'), schedule(undefined), schedule(undefined)];
    const chosen = (): readonly (string | undefined)[] => among.choose(plans).map(({ kind }) => kind);
    expect(chosen()).toEqual(['a', 'b', undefined, undefined]);
    expect(chosen()).toEqual(['a', 'b', undefined, undefined]);
    expect(chosen()).toEqual([undefined, undefined]);
  });

  it('come shortest first, and by name where they are as long', async () => {
    const named = (name: string, more: object = {}) => ({ ...drill(more), name });
    const drills = [named('long', { runFor: 'PT5M' }), named('b'), named('a')];
    const ticking = {
      ...computing,
      summary: { ...computing.summary, triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] },
    };
    const sorted = await shortestFirst(drills, () => [ticking], 1);
    expect(sorted.map(({ name }) => name)).toEqual(['a', 'b', 'long']);
  });

  it('live in two places, each with functions of its own', async () => {
    const [small, own] = HOMES;
    if (small === undefined || own === undefined) throw new Error('no homes');
    expect(small.ofTheKernel).toBe(true);
    expect((await discoverFunctions(small.functions)).map(({ summary }) => summary.name)).toEqual([
      'recycle-everywhere',
      'recycle-everywhere-plain',
      'recycle-in-turn',
      'recycle-in-turn-plain',
      'recycle-instances',
    ]);
    expect(own.drills).toBe(join(import.meta.dirname, '../../../drills'));
  });
});

describe('what has changed', () => {
  const changes = changesIn([
    'drills/instance-dies/world.json',
    'functions/carry-volumes/decide/copying.ts',
    'rehearsal/reassign-elastic-ip/rules.ts',
    'rehearsal/explorer/told.ts',
    'README.md',
  ]);

  it('is told by the paths: drills, runbooks, what is under all of them', () => {
    expect([...changes.drills]).toEqual(['instance-dies']);
    expect([...changes.runbooks]).toEqual(['carry-volumes', 'reassign-elastic-ip']);
    expect(changes.kernel).toBe(false);
    expect(changesIn(['shared/kernel/run/look.ts']).kernel).toBe(true);
    expect(changesIn(['simulator/hosts/lambda.ts']).kernel).toBe(true);
    expect(changesIn(['simulator/services/kms.ts', '']).kernel).toBe(false);
  });

  it('is explored whole: all of a drill, and of other drills what strikes the runbook', async () => {
    const functions = await discoverFunctions(join(import.meta.dirname, '../../../functions'));
    const [dies, stops] = loadDrills(join(import.meta.dirname, '../../../drills'), ['instance-dies', 'instance-stops']);
    if (dies === undefined || stops === undefined) throw new Error('no drills');
    const only = { drills: new Set(['instance-dies']), runbooks: new Set<string>(), kernel: false };
    const isIn = (of: Drill, changed: Changes, kind: string | undefined, ofTheKernel = false): boolean =>
      changedOf(of, functions, changed, ofTheKernel)?.(schedule(kind)) === true;
    expect(isIn(dies, only, 'x|y')).toBe(true);
    expect(isIn(stops, only, 'x|y')).toBe(false);
    const kernel = { drills: new Set<string>(), runbooks: new Set<string>(), kernel: true };
    expect(isIn(stops, kernel, 'x|y')).toBe(false);
    expect(isIn(stops, kernel, 'x|y', true)).toBe(true);
    const moving = { ...only, drills: new Set<string>(), runbooks: new Set(['reassign-elastic-ip']) };
    expect(isIn(stops, moving, 'reassign-elastic-ip|schedule|…')).toBe(true);
    expect(isIn(stops, moving, 'carry-volumes|schedule|…')).toBe(false);
    // A plan that lasts for the whole run concerns the runbooks of the drill.
    expect(isIn(stops, moving, undefined)).toBe(true);
    const carrying = { ...moving, runbooks: new Set(['carry-volumes']) };
    expect(changedOf(stops, functions, carrying, false)).toBeUndefined();
  });
});

describe('what several explorations came to', () => {
  const one: Exploration = {
    schedules: 10,
    share: { index: 0, of: 1 },
    folded: 2,
    left: 3,
    stopped: 4,
    untried: 0,
    violations: [],
    sometimes: { seen: true, never: false },
    assumed: [],
  };

  it('is their sum; what one of them has seen, all have', () => {
    const other = { ...one, violations: [{ what: 'x', replay: 'y' }], sometimes: { seen: false, never: false } };
    expect(sumOf([one, other])).toEqual({
      drills: 2,
      schedules: 20,
      left: 6,
      folded: 4,
      stopped: 8,
      untried: 0,
      violations: 1,
      neverSeen: ['never'],
    });
  });

  it('says nothing of what a share has not seen, or there was no time for', () => {
    expect(sumOf([{ ...one, share: { index: 1, of: 12 } }]).neverSeen).toEqual([]);
    expect(sumOf([one, { ...one, untried: 1 }]).neverSeen).toEqual([]);
  });
});
