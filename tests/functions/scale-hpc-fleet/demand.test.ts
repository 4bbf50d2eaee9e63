/** How many gangs are missing, and how many too many, by what SQS counts about. */

import { describe, expect, it } from 'vitest';
import type { Facts, GangRecord, Jobs } from '../../../functions/scale-hpc-fleet/decide.ts';
import { demandOf, idleSecondsOf, type Demand } from '../../../functions/scale-hpc-fleet/decide/demand.ts';
import { gangsIn } from '../../../functions/scale-hpc-fleet/decide/gangs.ts';
import { ago, facts, FOUR, history, launching, LIMITS, NOW, nodesOf, record, RUNG, SETTINGS } from './fleet-facts.ts';

/** What is wanted of a fleet whose gangs all run. */
function demand(jobs: Jobs, gangs: readonly GangRecord[], memory: { readonly [key: string]: string } = {}): Demand {
  const known: Facts = facts({
    jobs,
    gangs,
    history: history(memory),
    nodes: gangs.flatMap(({ id }) => nodesOf(id.slice(0, 1), FOUR)),
  });
  return demandOf(known, jobs, gangsIn(known, LIMITS, NOW), LIMITS, NOW);
}

describe('gangs that are missing', () => {
  it('are one for each job that waits or is at work', () => {
    expect(demand({ visible: 3, inFlight: 0 }, [])).toMatchObject({ jobs: 3, missing: 3, unsure: 0 });
    expect(demand({ visible: 2, inFlight: 1 }, [launching('a', 30)])).toMatchObject({
      jobs: 3,
      serving: 1,
      missing: 2,
    });
  });

  it('are asked for at once while no gang can have taken a job, for then SQS counts right', () => {
    expect(demand({ visible: 2, inFlight: 0 }, [launching('a', 30)]).missing).toBe(1);
  });

  it('are believed only after a minute where a gang is up: it may have taken a job that is counted still', () => {
    const jobs = { visible: 1, inFlight: 1 };
    expect(demand(jobs, [record('a')])).toMatchObject({ missing: 0, unsure: 1, remember: { shortSince: NOW } });
    expect(demand(jobs, [record('a')], { shortSince: ago(59) })).toMatchObject({ missing: 0, unsure: 1, remember: {} });
    expect(demand(jobs, [record('a')], { shortSince: ago(60) })).toMatchObject({ missing: 1, unsure: 0, remember: {} });
  });

  it('are waited for anew when there were enough in between', () => {
    expect(demand({ visible: 0, inFlight: 1 }, [record('a')], { shortSince: ago(600) }).remember).toEqual({
      shortSince: null,
    });
  });
});

describe('jobs that nobody takes', () => {
  const two = [record('a'), record('b')];

  it('wait beside gangs that are up and of which fewer are at work', () => {
    expect(demand({ visible: 1, inFlight: 1 }, two)).toMatchObject({
      untakenSince: NOW,
      remember: { untakenSince: NOW },
    });
    const known = { untakenSince: ago(900) };
    expect(demand({ visible: 1, inFlight: 1 }, two, known).untakenSince).toBe(ago(900));
    expect(demand({ visible: 1, inFlight: 2 }, two, known)).toMatchObject({ untakenSince: null });
    expect(demand({ visible: 0, inFlight: 1 }, two, known).remember).toMatchObject({ untakenSince: null });
    expect(demand({ visible: 1, inFlight: 0 }, [launching('a', 60)], known).untakenSince).toBeNull();
  });
});

describe('gangs that are too many', () => {
  const three = [record('a'), record('b'), record('c')];

  it('have each a time from which on they are so', () => {
    expect(demand({ visible: 0, inFlight: 1 }, three)).toMatchObject({
      spare: 0,
      missing: 0,
      remember: { spareSince: `${NOW} ${NOW}` },
    });
  });

  it('wait, where they are very many, until those before them have gone, and are counted', () => {
    const many = Array.from({ length: 53 }, (_, index) => record(`a${index}`));
    const { untimed, remember } = demand({ visible: 0, inFlight: 0 }, many);
    expect([untimed, remember['spareSince']?.split(' ').length]).toEqual([3, 50]);
  });

  it('keep the times they have; one more begins now', () => {
    expect(demand({ visible: 0, inFlight: 1 }, three, { spareSince: ago(100) }).remember).toEqual({
      spareSince: `${ago(100)} ${NOW}`,
    });
  });

  it('lose the youngest time when a job comes, and all when there are enough jobs', () => {
    const known = { spareSince: `${ago(200)} ${ago(100)}` };
    expect(demand({ visible: 1, inFlight: 1 }, three, known).remember).toMatchObject({ spareSince: ago(200) });
    expect(demand({ visible: 2, inFlight: 1 }, three, known).remember).toMatchObject({ spareSince: null });
  });

  it('go by their time, not all at once', () => {
    const known = { spareSince: `${ago(300)} ${ago(299)}` };
    expect(demand({ visible: 0, inFlight: 1 }, three, known).spare).toBe(1);
  });

  it('are never counted among those for which there is a job', () => {
    expect(demand({ visible: 3, inFlight: 0 }, three, { spareSince: ago(9_000) }).spare).toBe(0);
  });

  it('take their time with them when they go: the others are kept as long, each from when it was one too many', () => {
    const memory = { spareSince: `${ago(300)} ${ago(10)}` };
    const two = [record('b'), record('c')];
    const known: Facts = facts({
      jobs: { visible: 0, inFlight: 0 },
      gangs: two,
      history: history(memory),
      spareEnds: [ago(20)],
      nodes: two.flatMap(({ id }) => nodesOf(id.slice(0, 1), FOUR)),
    });
    const { spare, remember } = demandOf(known, { visible: 0, inFlight: 0 }, gangsIn(known, LIMITS, NOW), LIMITS, NOW);
    expect(spare).toBe(0);
    expect(remember).toEqual({ spareSince: `${ago(10)} ${NOW}`, spareGone: ago(20) });
    // Its gang has taken its time once, and so it is where EC2 keeps it.
    const back = { ...known, spareEnds: [], history: history({ ...remember, spareSince: ago(10) }) };
    expect(demandOf(back, { visible: 0, inFlight: 1 }, gangsIn(back, LIMITS, NOW), LIMITS, NOW).remember).toEqual({});
    const kept = { ...remember, spareSince: ago(10) };
    const later = demandOf(
      { ...known, history: history(kept) },
      { visible: 0, inFlight: 1 },
      gangsIn(known, LIMITS, NOW),
      LIMITS,
      NOW,
    );
    expect(later.remember).toEqual({});
  });
});

describe('the time that an idle gang is kept', () => {
  const gangs = (records: readonly GangRecord[]): ReturnType<typeof gangsIn> =>
    gangsIn(facts({ gangs: records, nodes: records.flatMap(({ id }) => nodesOf(id.slice(0, 1), FOUR)) }), LIMITS, NOW);

  it('is what the tag says', () => {
    expect(idleSecondsOf({ ...SETTINGS, idleSeconds: 0 }, gangs([record('a')]), LIMITS)).toBe(0);
  });

  it('is by itself as long as its rung took to boot last, and not what an older gang took', () => {
    const older = record('a', { askedAt: ago(5_000), upAt: ago(4_000) });
    const newer = record('b', { askedAt: ago(1_000), upAt: ago(880) });
    expect(idleSecondsOf(SETTINGS, gangs([older, newer]), LIMITS)).toBe(120);
  });

  it('is that of the slowest of several rungs', () => {
    const slow = record('a', { rung: { ...RUNG, zone: 'eu-west-1b' }, askedAt: ago(5_000), upAt: ago(4_400) });
    const quick = record('b', { askedAt: ago(1_000), upAt: ago(880) });
    expect(idleSecondsOf(SETTINGS, gangs([slow, quick]), LIMITS)).toBe(600);
  });

  it('is assumed where none has come up', () => {
    expect(idleSecondsOf(SETTINGS, gangs([launching('a', 30)]), LIMITS)).toBe(300);
  });
});
