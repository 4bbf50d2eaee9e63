import { describe, expect, it } from 'vitest';
import type { Decision, Refusal } from '../../../shared/kernel/decision.ts';
import type { ResourceState } from '../../../shared/kernel/ledger/ledger.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { LAMP, lightUp, stoppedEvent, tick, useToys, type Toy, type ToyFacts } from './toy-runbook.ts';

const toy = useToys();

const OTHER = 'arn:aws:toy:eu-west-1:111122223333:lamp/2';
/** As a claim is called in the ledger. */
const SOCKET_A = 'claim/socket a';

/** Takes the first socket that was not refused. */
function plugIn({ lit, refusals = [] }: ToyFacts, sockets: readonly string[]): Decision {
  const tried = new Set(refusals.map(({ input }) => input['claim']));
  const socket = sockets.find((name) => !tried.has(name));
  if (lit) return nothing({}, 'lit', 'it is lit');
  if (socket === undefined) return refuse({}, 'no-socket', 'every socket is taken');
  const call = { call: 'toy:Light', input: { Socket: socket }, because: 'it is dark' };
  return lightUp([call], { intent: socket, claims: [socket] });
}

/** A toy whose lamps look for a socket; `seen`: what each decision knew of refusals. */
function lampsAt(
  targets: string[],
  seen: (readonly Refusal[])[] = [],
  sockets: readonly string[] = ['socket a', 'socket b'],
): { lamps: Toy; looks: () => number } {
  let looks = 0;
  const lit = new Set<string>();
  const lamps = toy((account, sent) => {
    account.targets = targets;
    return {
      observe: (target) => {
        looks += 1;
        return Promise.resolve({ lit: lit.has(target), target });
      },
      decide: (facts) => {
        seen.push(facts.refusals ?? []);
        return plugIn(facts, sockets);
      },
      apply: {
        'toy:Light': (input) => {
          sent.push(JSON.stringify(input['Socket']));
          return Promise.resolve(null);
        },
      },
    };
  });
  return { lamps, looks: () => looks };
}

describe('what two targets need, each for itself', () => {
  it('one of them gets; the other learns of it, chooses again in the same run, and is charged once', async () => {
    const seen: (readonly Refusal[])[] = [];
    const { lamps } = lampsAt([LAMP, OTHER], seen);
    expect(await lamps.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(lamps.sent.toSorted()).toEqual(['"socket a"', '"socket b"']);
    const [refusal] = seen.flat();
    expect(refusal).toMatchObject({
      call: 'ledger:claim',
      input: { claim: 'socket a' },
      meaning: 'refused',
      name: 'Claimed',
      message: expect.stringContaining(`held by ${LAMP} until `),
    });
    for (const target of [LAMP, OTHER]) expect((await lamps.ledger.resource(target)).actions).toHaveLength(1);
  });

  it('is handed back when the run ends', async () => {
    const { lamps } = lampsAt([LAMP]);
    await lamps.give(stoppedEvent());
    const state = await stateOf(lamps, SOCKET_A);
    expect(state?.owner).toBeUndefined();
    expect(state?.history.actions).toHaveLength(1);
  });

  it('is refused, and nothing is charged, when nothing else will do', async () => {
    const { lamps } = lampsAt([LAMP], [], ['socket a']);
    await claim(lamps, SOCKET_A, OTHER, '2999-01-01T00:00:00Z');
    expect(await lamps.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^no-socket/u) },
    ]);
    expect(lamps.sent).toEqual([]);
    expect((await lamps.ledger.resource(LAMP)).actions).toEqual([]);
  });
});

async function stateOf(lamps: Toy, wanted: string): Promise<ResourceState | undefined> {
  return (await lamps.ledger.resources()).find(({ resource }) => resource === wanted);
}

async function claim(lamps: Toy, resource: string, owner: string, until: string, at = new Date()): Promise<void> {
  const now = at.toISOString();
  await lamps.ledger.acquire({
    resource,
    runbook: 'light-lamps',
    owner,
    now,
    until,
    budget: { lastBefore: until, windowFrom: until, max: 1 },
  });
}

describe('a claim', () => {
  it('of a run that died is its target’s own: the next run on the target has it', async () => {
    const { lamps } = lampsAt([LAMP]);
    await claim(lamps, SOCKET_A, LAMP, '2999-01-01T00:00:00Z', new Date(Date.now() - 3_600_000));
    expect(await lamps.give(tick())).toMatchObject([{ outcome: 'done' }]);
    expect(lamps.sent).toEqual(['"socket a"']);
  });

  it('that another target had a moment ago makes it look again: what was seen may be older', async () => {
    const { lamps, looks } = lampsAt([LAMP]);
    await claim(lamps, SOCKET_A, OTHER, new Date().toISOString());
    expect(await lamps.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamps.sent).toEqual(['"socket a"']);
    expect(looks()).toBe(2);
  });

  it('that another target had an hour ago does not', async () => {
    const { lamps, looks } = lampsAt([LAMP]);
    const hourAgo = new Date(Date.now() - 3_600_000);
    await claim(lamps, SOCKET_A, OTHER, hourAgo.toISOString(), hourAgo);
    await lamps.give(stoppedEvent());
    expect(looks()).toBe(1);
  });

  it('is handed back at once where the budget says no, and kept for the other run where that has the lease', async () => {
    const cool = lampsAt([LAMP]).lamps;
    await claim(cool, LAMP, 'run-0', new Date().toISOString());
    await cool.give(stoppedEvent(), 'run-1');
    expect((await stateOf(cool, SOCKET_A))?.owner).toBeUndefined();
    const held = lampsAt([LAMP]).lamps;
    await claim(held, LAMP, 'run-0', '2999-01-01T00:00:00Z', new Date(Date.now() - 3_600_000));
    expect(await held.give(stoppedEvent(), 'run-1')).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^leased/u) },
    ]);
    expect((await stateOf(held, SOCKET_A))?.owner).toBe(LAMP);
  });
});

describe('what is announced on other targets', () => {
  it('is known to a schedule, and not to an event, which reads nothing of the ledger before its lease', async () => {
    const known: unknown[] = [];
    const lamps = toy((account) => {
      account.targets = [LAMP];
      return {
        decide: ({ announced }) => {
          known.push(announced);
          return nothing({}, 'lit', 'it is lit');
        },
      };
    });
    const at = '2026-11-22T08:00:00.000Z';
    const intent = { key: 'lamp 2 lit', note: { Socket: 'b' } };
    await lamps.ledger.acquire({ resource: OTHER, runbook: 'light-lamps', owner: 'run-0', now: at, until: at, intent });
    await lamps.ledger.acquire({ resource: 'elsewhere', runbook: 'other', owner: 'run-0', now: at, until: at, intent });
    await lamps.give(tick());
    await lamps.give(stoppedEvent(), 'run-2');
    expect(known.at(-1)).toBeUndefined();
    expect(known).toContainEqual([{ target: OTHER, intent: 'lamp 2 lit', at, note: { Socket: 'b' } }]);
  });
});

describe('a budget that says no', () => {
  it('is told to a runbook that has something else to do, which decides once more on what it has seen', async () => {
    const seen: (readonly Refusal[])[] = [];
    const lamps = toy((account, sent) => ({
      decide: ({ refusals = [] }) => {
        seen.push(refusals);
        const [denied] = refusals;
        if (denied === undefined) return lightUp(undefined, { onDenied: 'decide' });
        const sweep = { call: 'toy:Sweep', input: {}, because: 'the lamp has to wait' };
        return lightUp([sweep], { code: denied.name, intent: 'sweep', budget: 'free' });
      },
      apply: {
        'toy:Sweep': () => {
          sent.push('Sweep');
          account.lit = true;
          return Promise.resolve(null);
        },
      },
    }));
    const now = new Date().toISOString();
    await claim(lamps, LAMP, 'run-0', now);
    expect(await lamps.give(stoppedEvent(), 'run-1')).toMatchObject([
      { outcome: 'done', reason: expect.stringMatching(/^cooldown/u), plan: [{ call: 'toy:Sweep' }] },
    ]);
    expect(lamps.sent).toEqual(['Sweep']);
    expect(seen.at(-1)).toMatchObject([
      {
        call: 'ledger:acquire',
        meaning: 'refused',
        name: 'cooldown',
        message: expect.stringMatching(/^allowed again at /u),
      },
    ]);
  });
});
