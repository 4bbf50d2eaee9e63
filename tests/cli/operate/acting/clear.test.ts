import { describe, expect, it } from 'vitest';
import type { ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';
import type { OperatorBook, Place, Stack } from '../../../../cli/operate/place.ts';
import { run, type Ran } from '../../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, NOW, state } from '../fake-place.ts';
import { on, read, worldOf } from '../world/a-world.ts';

const ID = 'eipalloc-04c8e2a6f1b3d9570';
const RUN = '0b8f6d3e-5c41-4a7e-9d20-000000000005';
const KIM = 'arn:aws:sts::111122223333:assumed-role/oncall/kim';
const PENDING = { intent: 'move to i-0b9', at: '2026-11-22T08:00:50.000Z', note: {} };
const INSTANCE = 'i-0a17c4e9b2d58f306';
const SINCE = '2026-11-22T08:02:07.117Z';

/** What stands of the address: whose lease ran out when, and whether something is announced. */
function left(until: string | undefined, pending?: typeof PENDING): ResourceState {
  const known = state(until === undefined ? {} : { owner: `${RUN}|${ADDRESS}`, until });
  return { ...known, history: { ...known.history, ...(pending === undefined ? {} : { pending }) } };
}

function stackWith(one: ResourceState, more: Partial<Stack> = {}, book: Partial<OperatorBook> = {}): Stack {
  const stack = fakeStack({ resources: [one] }, more);
  return { ...stack, book: { ...stack.book, ...book } };
}

const durable: Partial<Stack> = {
  runbooks: [{ name: 'reassign-elastic-ip', host: 'durable', functionName: 'runbook-prod-reassign-elastic-ip' }],
};

function clear(stack: Stack, words: readonly string[], more: Partial<Place> = {}): Promise<Ran> {
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack], more));
  return run(['clear', ...words, '--reason', 'ended by hand'], { openPlace });
}

const DEAD = '2026-11-22T08:01:20.000Z';

describe('clear', () => {
  it('takes a dead lease away, keeps what was announced for the next run, and puts it on record', async () => {
    const stack = stackWith(left(DEAD, PENDING));
    const { code, out } = await clear(stack, [ID]);
    expect(code).toBe(0);
    expect(await stack.book.resources()).toEqual([left(undefined, PENDING)]);
    expect(out.split('\n')).toEqual([
      `${ID}: cleared`,
      `  lease of run ${RUN} of reassign-elastic-ip, which ran out at 2026-11-22 08:01:20Z`,
      '  move to i-0b9, announced at 2026-11-22 08:00:50Z: that stays, the next run finishes it; --intent gives it up',
      `npx runbook runs --target '${ADDRESS}'`,
      '',
    ]);
    expect(await stack.book.operations('2026-11-22')).toEqual([
      {
        at: NOW,
        by: KIM,
        what: 'clear',
        scope: 'reassign-elastic-ip',
        reason: 'ended by hand',
        more: { target: ADDRESS, lease: `${RUN}|${ADDRESS}` },
      },
    ]);
  });

  it('gives up what was announced only by a word of its own', async () => {
    const stack = stackWith(left(DEAD, PENDING));
    const { code, out } = await clear(stack, [ID, '--intent']);
    expect(code).toBe(0);
    expect(out).toContain('  move to i-0b9, announced at 2026-11-22 08:00:50Z: given up, nobody finishes it\n');
    expect(await stack.book.resources()).toEqual([left(undefined)]);
    expect(await stack.book.operations('2026-11-22')).toMatchObject([{ more: { intent: 'move to i-0b9' } }]);
  });

  it('refuses where there is nothing else than what was announced, and says the word', async () => {
    const stack = stackWith(left(undefined, PENDING));
    const { code, out, err } = await clear(stack, [ID]);
    expect(code).toBe(4);
    expect(err).toContain(
      `runbook: nothing was cleared: ${ID}: move to i-0b9, announced at 2026-11-22 08:00:50Z: the next run finishes it.`,
    );
    expect(out).toBe(`npx runbook clear ${ID} --intent --reason WHY\n`);
    expect((await clear(stack, [ID, '--intent'])).code).toBe(0);
    expect(await stack.book.resources()).toEqual([left(undefined)]);
  });

  it.each<[string, string, Partial<Stack>, string]>([
    ['has an end that nobody can read', 'soon', {}, 'has it in hand until soon'],
    ['is at work', '2026-11-22T08:05:20.000Z', {}, 'has it in hand until 2026-11-22 08:05:20Z'],
    [
      'may wake late, for it is durable',
      '2026-11-22T08:00:01.000Z',
      durable,
      'ran out at 2026-11-22 08:00:01Z; it may wake late, and is dead at 2026-11-22 08:05:01Z',
    ],
    [
      'goes on as Lambda says',
      '2026-11-22T07:00:00.000Z',
      { ...durable, standing: () => Promise.resolve({ kind: 'running' }) },
      'goes on, as Lambda says, although its lease has run out',
    ],
    ['is of a runbook that nobody knows here', '2026-11-22T08:04:59.000Z', { runbooks: [] }, 'it may wake late'],
  ])('breaks no lease of a run that %s', async (_what, until, more, why) => {
    const stack = stackWith(left(until, PENDING), more);
    const { code, out, err } = await clear(stack, [ID, '--intent']);
    expect(code).toBe(4);
    expect(err).toContain(`runbook: nothing was cleared: ${ID}: `);
    expect(err).toContain(why);
    expect(out).toBe(`npx runbook stop ${RUN} --reason WHY\n`);
    expect(await stack.book.resources()).toEqual([left(until, PENDING)]);
    expect(await stack.book.operations('2026-11-22')).toEqual([]);
  });

  it.each<[string, string, Partial<Stack>]>([
    ['of a plain run at once', '2026-11-22T08:05:00.000Z', {}],
    ['of a durable run after five minutes', '2026-11-22T08:00:00.000Z', durable],
    ['whose execution Lambda says nothing of', DEAD, { standing: () => Promise.reject(new Error('no answer')) }],
  ])('takes a dead lease away %s', async (_what, until, more) => {
    const stack = stackWith(left(until), more);
    expect((await clear(stack, [ADDRESS])).code).toBe(0);
    expect(await stack.book.resources()).toEqual([left(undefined)]);
  });

  it.each([
    ['is not known', 'eipalloc-1'],
    ['has nothing left', ID],
    ['is in no quarantine', INSTANCE],
  ])('says that there is nothing to clear of what %s', async (_what, target) => {
    const stack = stackWith(left(undefined));
    const { code, out } = await clear(stack, [target]);
    expect(code).toBe(0);
    expect(out).toBe(`${target}: there is nothing to clear: no lease, nothing announced, no quarantine\n`);
    expect(await stack.book.operations('2026-11-22')).toEqual([]);
  });

  it('prints what would be cleared, and changes nothing', async () => {
    const stack = stackWith(left(DEAD, PENDING));
    const { code, out } = await clear(stack, [ID, '--dry-run', '--intent']);
    expect(code).toBe(0);
    expect(out).toContain(`${ID}: would be cleared\n`);
    expect(await stack.book.resources()).toEqual([left(DEAD, PENDING)]);
    expect(await stack.book.operations('2026-11-22')).toEqual([]);
  });

  it('prints one document', async () => {
    const { code, out } = await clear(stackWith(left(DEAD)), [ID, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ place: { caller: KIM }, target: ID, code: 'cleared', lines: [] });
  });

  it('says of an item that this version cannot read that it stays', async () => {
    const stack = fakeStack();
    const unread = { ...left(undefined), isUnreadable: true as const };
    const book = { ...stack.book, resources: () => Promise.resolve([unread]) };
    const { code, err } = await clear({ ...stack, book }, [ID]);
    expect(code).toBe(1);
    expect(err).toContain('this version cannot read its item in the ledger');
  });

  it('of several targets of one name clears none, and lists them', async () => {
    const other = { ...left(DEAD), resource: ADDRESS.replace('elastic-ip', 'another') };
    const stack = fakeStack({ resources: [left(DEAD), other] });
    const { code, err } = await clear(stack, [ID]);
    expect(code).toBe(2);
    expect(err).toContain(
      `${ID}: 2 targets are called so, say which: npx runbook clear '${other.resource}', npx runbook clear '${ADDRESS}'`,
    );
  });
});

describe('clear, where somebody writes to it or the answer is lost', () => {
  it('clears nothing that has been written to since it was read', async () => {
    const stack = stackWith(left(DEAD, PENDING), {}, { clear: () => Promise.resolve(false) });
    const { code, err } = await clear(stack, [ID]);
    expect(code).toBe(4);
    expect(err).toContain(`runbook: ${ID}: somebody has written to it since it was read: look again`);
    expect(await stack.book.operations('2026-11-22')).toEqual([]);
  });

  it('finds that it is done where the answer was lost, or the same was done at the same time', async () => {
    const answers = [() => Promise.resolve(false), () => Promise.reject<boolean>(new Error('no answer'))];
    for (const answer of answers) {
      const stack = stackWith(left(DEAD, PENDING));
      const book: OperatorBook = {
        ...stack.book,
        clear: async (seen, intent) => {
          await stack.book.clear(seen, intent);
          return answer();
        },
      };
      expect((await clear({ ...stack, book }, [ID, '--intent'])).code).toBe(0);
      expect(await stack.book.operations('2026-11-22')).toHaveLength(1);
    }
  });

  it('says that nothing is known to be cleared where the write did not get through', async () => {
    const stack = stackWith(left(DEAD), {}, { clear: () => Promise.reject(new Error('no answer')) });
    const { code, out, err } = await clear(stack, [ID]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`runbook: ${ID}: nothing is known to be cleared: Error: no answer`);
  });

  it('is done also where it cannot be put on record, and says that', async () => {
    const stack = stackWith(left(DEAD), {}, { note: () => Promise.reject(new Error('no answer')) });
    const { code, err } = await clear(stack, [ID]);
    expect(code).toBe(1);
    expect(err).toContain('it is done, but could not be put on record');
  });

  it('says in UTC until when a run has it in hand, whatever clock the row goes by', async () => {
    const { code, err } = await clear(stackWith(left('2026-11-22T03:30:00-05:00')), [ID]);
    expect(code).toBe(4);
    expect(err).toContain('has it in hand until 2026-11-22 08:30:00Z\n');
  });
});

describe('clear of a quarantine', () => {
  /** An instance with the tag, which another may write anew as soon as it is gone. */
  function tagged(anew?: string): { readonly more: Partial<Place>; readonly taken: readonly string[] } {
    let value: string | undefined = SINCE;
    const taken: string[] = [];
    const pardon = (id: string, at: string): Promise<void> => {
      taken.push(`${id} ${at}`);
      value = anew;
      return Promise.resolve();
    };
    return { taken, more: { pardon, quarantineOf: (id) => Promise.resolve(id === INSTANCE ? value : undefined) } };
  }

  it.each([INSTANCE, `arn:aws:ec2:eu-west-1:111122223333:instance/${INSTANCE}`])(
    'takes the tag of %s away',
    async (target) => {
      const { more, taken } = tagged();
      const stack = fakeStack();
      const { code, out } = await clear(stack, [target], more);
      expect({ code, out, taken }).toEqual({
        code: 0,
        out: `${INSTANCE}: cleared\n  quarantine, since ${SINCE}: it may be given an address again\n`,
        taken: [`${INSTANCE} ${SINCE}`],
      });
      expect(await stack.book.operations('2026-11-22')).toMatchObject([
        { what: 'clear', scope: 'reassign-elastic-ip', more: { target, quarantine: SINCE } },
      ]);
      const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
      expect((await run(['runs'], { openPlace })).out.replaceAll(/\s+/gu, ' ')).toContain(
        `clear reassign-elastic-ip ${INSTANCE} by ${KIM}: ended by hand`,
      );
      expect((await run(['status'], { openPlace })).out).toContain('1 target cleared');
    },
  );

  it('tells, and puts on record, the lease that is gone where EC2 does not answer then', async () => {
    const target = `arn:aws:ec2:eu-west-1:111122223333:instance/${INSTANCE}`;
    const stack = stackWith({ ...left(DEAD), resource: target });
    const { code, out, err } = await clear(stack, [INSTANCE], {
      quarantineOf: () => Promise.resolve(SINCE),
      pardon: () => Promise.reject(new Error('throttled')),
    });
    expect({ code, out: out.split('\n') }).toEqual({
      code: 1,
      out: [
        `${INSTANCE}: cleared in part: look again`,
        '  the quarantine is not known to be lifted: Error: throttled',
        `  lease of run ${RUN} of reassign-elastic-ip, which ran out at 2026-11-22 08:01:20Z`,
        '',
      ],
    });
    expect(err).not.toContain('nothing is known to be cleared');
    const [{ more } = { more: {} }] = await stack.book.operations('2026-11-22');
    expect(more).toEqual({ target, lease: `${RUN}|${ADDRESS}` });
  });

  it('says that nothing is known where the quarantine is all there was', async () => {
    const { code, err } = await clear(fakeStack(), [INSTANCE], {
      quarantineOf: () => Promise.resolve(SINCE),
      pardon: () => Promise.reject(new Error('throttled')),
    });
    expect(code).toBe(1);
    expect(err).toContain(`${INSTANCE}: nothing is known to be cleared: Error: throttled`);
  });

  it('says so where it was put into quarantine anew meanwhile', async () => {
    const { code, err } = await clear(fakeStack(), [INSTANCE], tagged('2026-11-22T08:05:00.000Z').more);
    expect(code).toBe(4);
    expect(err).toContain('somebody has written to it since it was read');
  });

  it('takes none away in a dry run', async () => {
    const { more, taken } = tagged();
    const { code, out } = await clear(fakeStack(), [INSTANCE, '--dry-run'], more);
    expect({ code, taken }).toEqual({ code: 0, taken: [] });
    expect(out).toContain('would be cleared');
  });
});

describe('clear in a world', () => {
  const resource = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1';

  it('takes away the lease and the tag, and keeps the rest of the file', async () => {
    const lease = { owner: `aaaa1111|${resource}`, until: '2026-11-22T07:50:00Z' };
    const ledger = { resources: [{ resource, runbook: 'stop-marked', ...lease, history: { epoch: 1 } }] };
    const tags = [
      { Key: 'keep', Value: 'me' },
      { Key: 'runbook:quarantined', Value: SINCE },
    ];
    const ec2 = { Reservations: [{ ReservationId: 'r-1', Instances: [{ InstanceId: 'i-0c3', Tags: tags }] }] };
    const path = worldOf('clear.json', {}, { ec2, ledger });
    const ofLease = await on(path, ['clear', 'i-0a1', '--reason', 'x']);
    expect(ofLease).toMatchObject({ code: 0 });
    expect(read(path).ledger.resources).toMatchObject([{ resource, runbook: 'stop-marked' }]);
    expect(read(path).ledger.resources[0]).not.toHaveProperty('owner');
    const ofTag = await on(path, ['clear', 'i-0c3', '--reason', 'repaired']);
    expect(ofTag.out).toBe(`i-0c3: cleared\n  quarantine, since ${SINCE}: it may be given an address again\n`);
    expect(JSON.stringify(read(path))).not.toContain('runbook:quarantined');
    expect(JSON.stringify(read(path))).toContain('"keep"');
    expect(read(path).ledger.operations).toMatchObject([
      { what: 'clear', scope: 'stop-marked' },
      { what: 'clear', scope: 'reassign-elastic-ip', more: { target: 'i-0c3' } },
    ]);
    expect((await on(path, ['clear', 'i-0c3', '--reason', 'x'])).out).toContain('there is nothing to clear');
  });

  it('is refused without a reason', async () => {
    const ran = await on(worldOf('why.json', {}), ['clear', 'i-0a1']);
    expect(ran).toMatchObject({ code: 2 });
    expect(ran.err).toContain('clear: give a --reason');
  });
});
