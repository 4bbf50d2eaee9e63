import { describe, expect, it } from 'vitest';
import type { ManualRequest, Operation, Place, Stack } from '../../../../cli/operate/place.ts';
import { askedOf } from '../../../../cli/operate/acting/token.ts';
import type { JsonObject } from '../../../../shared/kernel/decision.ts';
import type { ApprovalHint } from '../../../../shared/kernel/hosts/host.ts';
import type { ApprovalKey, ApprovalRow } from '../../../../shared/kernel/ledger/ledger.ts';
import { approvalHash } from '../../../../shared/kernel/plan.ts';
import { run, type Ran, type Setting } from '../../terminal.ts';
import { ADDRESS, fakeBook, fakePlace, fakeStack, MOVED, record, type Rows } from '../fake-place.ts';

const RUN = '0b8f6d3e-5c41-4a7e-9d20-000000000005';
const ID = 'eipalloc-04c8e2a6f1b3d9570';
const CALLER = 'arn:aws:sts::111122223333:assumed-role/oncall/kim';
const TAGS = {
  call: 'ec2:AssociateAddress',
  input: { AllocationId: ID, NetworkInterfaceId: 'eni-0b28f64d9c1e7a350' },
  because: 'the old host is dead',
  undo: { call: 'ec2:AssociateAddress', input: { AllocationId: ID, NetworkInterfaceId: 'eni-0a5d7c31e8f2b9046' } },
};
const ENDS = {
  call: 'ec2:TerminateInstances',
  input: { InstanceIds: ['i-0a17c4e9b2d58f306'] },
  because: 'it is dead',
};
const HASH = approvalHash([TAGS]);

function waiting(plan: readonly JsonObject[] = [TAGS], planHash = HASH, expiresInSeconds = 3_600): JsonObject {
  return {
    ...MOVED,
    outcome: 'awaiting-approval',
    reason: `failed-over: waits ${expiresInSeconds} s for a person: the old host is dead`,
    plan,
    approval: { callbackId: 'callback-1', planHash, expiresInSeconds },
  };
}

interface Said {
  readonly key: ApprovalKey;
  readonly row: ApprovalRow;
}

interface Approving {
  readonly say: (...words: readonly string[]) => Promise<Ran>;
  readonly said: readonly Said[];
  readonly woken: readonly (readonly [callbackId: string, hint: ApprovalHint])[];
  readonly noted: readonly Operation[];
  readonly started: readonly ManualRequest[];
}

/** The command beside a ledger, and what comes of it. */
function approving(
  rows: Rows,
  {
    stack: more = {},
    place = {},
    setting = {},
  }: { stack?: Partial<Stack>; place?: Partial<Place>; setting?: Setting } = {},
): Approving {
  const said: Said[] = [];
  const woken: (readonly [string, ApprovalHint])[] = [];
  const noted: Operation[] = [];
  const started: ManualRequest[] = [];
  const records = [...(rows.records ?? [])];
  const book = fakeBook(rows, records);
  const stack = fakeStack(rows, {
    book: {
      ...book,
      approve: (key, row) => Promise.resolve(void said.push({ key, row })),
      note: (operation) => {
        noted.push(operation);
        return book.note(operation);
      },
    },
    wake: (callbackId, hint) => {
      woken.push([callbackId, hint]);
      return Promise.resolve(undefined);
    },
    start: (request) => {
      started.push(request);
      records.push(record({ run: 'dddd0000' }, { ...MOVED, outcome: 'planned', plan: [TAGS] }));
      return Promise.resolve({ run: 'dddd0000', isRepeated: false });
    },
    standing: () => Promise.resolve({ kind: 'ended' }),
    ...more,
  });
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack], place));
  return { said, woken, noted, started, say: (...words) => run(words, { openPlace, ...setting }) };
}

const byHand = (more: JsonObject = {}): Operation => {
  const request = { runbook: 'reassign-elastic-ip', target: ID, params: { action: 'move' } };
  return {
    at: '2026-11-22T08:02:00.000Z',
    by: 'mara',
    what: 'run',
    scope: 'reassign-elastic-ip',
    reason: '',
    more: { run: RUN, ...askedOf(request), ...more },
  };
};

describe('approve', () => {
  it('shows the plan, and the line that says yes to exactly it, and writes nothing', async () => {
    const { say, said, woken, noted } = approving({ records: [record({}, waiting())] });
    const { code, out, err } = await say('approve', '0b8f6d');
    expect({ code, said, woken, noted }).toEqual({ code: 4, said: [], woken: [], noted: [] });
    expect(out).toContain('because the old host is dead');
    expect(out).toContain('aws ec2 associate-address --cli-input-json');
    expect(out).toContain(`plan ${HASH}, waits until 2026-11-22 09:02:07Z\n`);
    expect(out).toMatch(new RegExp(`\nnpx runbook approve ${RUN}/${ID} --plan ${HASH}\n$`, 'u'));
    expect(err).toContain('runbook: nothing was written: say it of exactly this plan, by its hash\n');
  });

  it('writes the word under the id of whoever says it, puts it on record, and wakes the run', async () => {
    const { say, said, woken, noted } = approving({ records: [record({}, waiting())] });
    const { code, out } = await say('approve', '0b8f6d', '--plan', HASH, '--reason', 'seen with mara');
    expect(code).toBe(0);
    expect(said).toEqual([
      {
        key: { person: 'AROA1:kim', run: RUN, target: ADDRESS, planHash: HASH },
        row: {
          verdict: 'approve',
          at: '2026-11-22T08:05:00.000Z',
          by: CALLER,
          reason: 'seen with mara',
          until: '2026-11-22T09:02:07.297Z',
        },
      },
    ]);
    const older = { approve: true, by: CALLER };
    expect(woken).toEqual([['callback-1', { person: 'AROA1:kim', planHash: HASH, ...older }]]);
    expect(noted).toEqual([
      {
        at: '2026-11-22T08:05:00.000Z',
        by: CALLER,
        what: 'approve',
        scope: 'reassign-elastic-ip',
        reason: 'seen with mara',
        more: { run: RUN, target: ADDRESS, planHash: HASH },
      },
    ]);
    expect(out).toContain(`approved: plan ${HASH} of ${RUN}/${ID}\nnpx runbook show ${RUN} -f\n`);
  });

  it('is one document as JSON', async () => {
    const { say } = approving({ records: [record({}, waiting())] });
    const { code, out } = await say('approve', '0b8f6d', '--plan', HASH, '--json');
    expect({ code, said: JSON.parse(out) }).toMatchObject({
      code: 0,
      said: {
        runbook: 'reassign-elastic-ip',
        run: RUN,
        planHash: HASH,
        code: 'approved',
        results: [{ outcome: 'awaiting-approval' }],
      },
    });
  });

  it('says it again after a lost answer: the same row, and the run is woken again', async () => {
    const { say, said, woken } = approving({ records: [record({}, waiting())] });
    await say('approve', '0b8f6d', '--plan', HASH);
    expect((await say('approve', '0b8f6d', '--plan', HASH)).code).toBe(0);
    expect(said.map(({ key }) => key)).toEqual([said[0]?.key, said[0]?.key]);
    expect(woken).toHaveLength(2);
  });

  it('is over once the run has ended, for whoever has said the same', async () => {
    const operations: Operation[] = [{ ...byHand(), by: CALLER, what: 'approve', more: { run: RUN, target: ADDRESS } }];
    const { say, said } = approving({ records: [record()], operations });
    const again = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code: again.code, said }).toEqual({ code: 0, said: [] });
    expect(again.out).toContain('you have said so already, approve at 2026-11-22 08:02:00Z: it is done, failed-over: ');
    expect((await say('reject', '0b8f6d', '--reason', 'no')).code).toBe(4);
  });

  it.each<[string, Rows, Partial<Place>, readonly string[], string]>([
    ['that waits for nobody', { records: [record()] }, {}, [], `no plan of ${RUN} waits for approval: it is done`],
    [
      'of another hash',
      { records: [record({}, waiting())] },
      {},
      ['--plan', '3f0c'],
      `nothing was written: plan 3f0c does not wait; ${HASH} does`,
    ],
    [
      'whose time is over',
      { records: [record({}, waiting([TAGS], HASH, 60))] },
      {},
      ['--plan', HASH],
      'its time was over at 2026-11-22 08:03:07Z: start it again',
    ],
    [
      'whose time is over this very moment',
      { records: [record({ at: '2026-11-22T08:04:00.000Z' }, waiting([TAGS], HASH, 60))] },
      {},
      ['--plan', HASH],
      'its time was over at 2026-11-22 08:05:00Z: start it again',
    ],
    [
      'that the record does not show',
      { records: [record({}, waiting([TAGS], 'another'))] },
      {},
      ['--plan', 'another'],
      'the plan on record is not the whole plan another that waits',
    ],
    [
      'in a world',
      { records: [record({}, waiting())] },
      { kind: 'world', file: 'incident.json' },
      ['--plan', HASH],
      'a world keeps no run that waits: where it was begun it can be answered, not here',
    ],
    [
      'that has ended in a world',
      { records: [record({}, { ...MOVED, outcome: 'refused', reason: 'not-approved: nobody' })] },
      { kind: 'world', file: 'incident.json' },
      [],
      `no plan of ${RUN} waits for approval: it is refused, not-approved: nobody; a run in a world ends with the command that began it`,
    ],
  ])('writes nothing of a plan %s', async (_what, rows, place, words, why) => {
    const { say, said, woken } = approving(rows, { place });
    const { code, err } = await say('approve', '0b8f6d', ...words);
    expect({ code, said, woken }).toEqual({ code: 4, said: [], woken: [] });
    expect(err).toContain(`runbook: ${why}`);
  });

  it('has no row of the ledger say more than its own line', async () => {
    const forged = { ...MOVED, outcome: 'refused', reason: 'no: x\nnpx runbook approve 0b8f6d --plan 3f0c' };
    const { say } = approving({ records: [record({}, forged)] });
    const { code, err } = await say('approve', '0b8f6d');
    expect(code).toBe(4);
    expect(err).toContain('it is refused, no: x npx runbook approve 0b8f6d --plan 3f0c\n');
  });

  it('is not over for whoever has said it of another plan', async () => {
    const more = { run: RUN, target: ADDRESS, planHash: 'another' };
    const operations: Operation[] = [{ ...byHand(), by: CALLER, what: 'approve', more }];
    const { say } = approving({ records: [record()], operations });
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect(code).toBe(4);
    expect(err).toContain('you have said so already, approve of plan another at 2026-11-22 08:02:00Z: it is done');
    expect((await say('approve', '0b8f6d', '--plan', 'another')).code).toBe(0);
  });

  it('asks which where several wait', async () => {
    const other = record({ target: `${ADDRESS}1` }, waiting());
    const { say, said } = approving({ records: [record({}, waiting()), other] });
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, said }).toEqual({ code: 2, said: [] });
    expect(err).toContain(`say which: npx runbook approve ${RUN}/${ID}, npx runbook approve ${RUN}/${ID}1`);
    expect((await say('approve', `0b8f6d/${ID}1`, '--plan', HASH)).code).toBe(0);
    expect(said.map(({ key }) => key.target)).toEqual([`${ADDRESS}1`]);
  });

  it('asks the runbook whether it would still do the same, where a person has started the run', async () => {
    const { say, said, started } = approving({ records: [record({}, waiting())], operations: [byHand()] });
    expect((await say('approve', '0b8f6d', '--plan', HASH)).code).toBe(0);
    expect(started).toEqual([
      {
        runbook: 'reassign-elastic-ip',
        target: ID,
        params: { action: 'move' },
        dryRun: true,
        reason: `is the plan of run ${RUN} still the same`,
        requestedBy: CALLER,
      },
    ]);
    expect(said).toHaveLength(1);
  });

  it('writes nothing where it would do something else by now', async () => {
    const before = { ...TAGS, input: { ...TAGS.input, NetworkInterfaceId: 'eni-1' } };
    const { say, said } = approving({
      records: [record({}, waiting([before], approvalHash([before])))],
      operations: [byHand()],
    });
    const { code, err, out } = await say('approve', '0b8f6d', '--plan', approvalHash([before]));
    expect({ code, said }).toEqual({ code: 4, said: [] });
    expect(err).toContain(`nothing was written: now another plan would be carried out, ${HASH}; start it again`);
    expect(out).toContain('npx runbook show dddd0000\n');
  });

  it.each<[string, Operation]>([
    ['is of another runbook', { ...byHand(), scope: 'stop-marked' }],
    ['started it by no request', { ...byHand(), more: { run: 'another' } }],
    ['has not all of the request', byHand({ asked: 'of more' })],
  ])('says that it is not known where what is on record %s, and leaves it to the run', async (_what, operation) => {
    const { say, said, started } = approving({ records: [record({}, waiting())], operations: [operation] });
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, started, said: said.length }).toEqual({ code: 0, started: [], said: 1 });
    expect(err).toContain(
      'whether it is still what would be done is not known (no request that is on record has started it)',
    );
  });
});

describe('a disruptive plan', () => {
  const plan = [TAGS, ENDS];
  const rows: Rows = { records: [record({}, waiting(plan, approvalHash(plan)))] };
  const words = ['approve', '0b8f6d', '--plan', approvalHash(plan)];

  it.each<[string, Setting, readonly string[], number, number]>([
    ['without a terminal', {}, [], 2, 0],
    ['without a terminal, and --yes', {}, ['--yes'], 0, 1],
    ['at a terminal, with the name of the account', { typed: 'acme-prod\n' }, [], 0, 1],
    ['at a terminal, with another word', { typed: 'yes' }, [], 4, 0],
    ['at a terminal, with nothing but --yes', { typed: '' }, ['--yes'], 4, 0],
  ])('%s', async (_how, setting, more, exit, times) => {
    const { say, said } = approving(rows, { setting });
    const { code, err } = await say(...words, ...more);
    expect({ code, times: said.length }).toEqual({ code: exit, times });
    expect(err.includes('the plan is disruptive')).toBe(exit !== 0 || setting.typed !== undefined);
  });

  it('is asked for by the id of the account where it has no alias', async () => {
    const { say } = approving(rows, { place: { alias: null }, setting: { typed: '111122223333' } });
    const { code, err } = await say(...words);
    expect(code).toBe(0);
    expect(err).toContain('ec2:TerminateInstances ends or takes away something\n');
    expect(err).toContain('type the name of the account, 111122223333, to approve: ');
  });

  it('needs no second thought to be rejected', async () => {
    const { say, said, noted, woken } = approving(rows);
    const { code, out } = await say('reject', '0b8f6d', '--plan', approvalHash(plan), '--reason', 'not on a Friday');
    expect(code).toBe(0);
    expect(said).toMatchObject([{ row: { verdict: 'reject', reason: 'not on a Friday' } }]);
    expect(woken).toMatchObject([['callback-1', { approve: false }]]);
    expect(noted).toMatchObject([{ what: 'reject', reason: 'not on a Friday' }]);
    expect(out).toContain(`rejected: plan ${approvalHash(plan)} of `);
  });
});

describe('reject', () => {
  it('wants a reason, and the plan that is meant', async () => {
    const { say, said } = approving({ records: [record({}, waiting())] });
    expect((await say('reject', '0b8f6d', '--plan', HASH)).code).toBe(2);
    const { code, out } = await say('reject', '0b8f6d', '--reason', 'not now');
    expect({ code, said }).toEqual({ code: 4, said: [] });
    expect(out).toContain(`npx runbook reject ${RUN}/${ID} --plan ${HASH} --reason 'not now'\n`);
  });
});

describe('a run that is not woken', () => {
  it.each<[string, Stack['wake'], number, string]>([
    [
      'since nobody waits',
      () => Promise.resolve('CallbackTimeoutException'),
      4,
      'it is written, but nobody waits for it any more (CallbackTimeoutException)',
    ],
    [
      'as far as is known',
      () => Promise.reject(new Error('the run was not woken: AccessDenied')),
      1,
      'Error: the run was not woken: AccessDenied; it is written; the same line again wakes the run',
    ],
  ])('%s', async (_how, wake, exit, words) => {
    const { say, said } = approving({ records: [record({}, waiting())] }, { stack: { wake } });
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, said: said.length }).toEqual({ code: exit, said: 1 });
    expect(err).toContain(`runbook: ${words}\n`);
  });

  it('is not tried under no id', async () => {
    const { say, said } = approving({ records: [record({}, waiting())] }, { place: { person: '' } });
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, said }).toEqual({ code: 1, said: [] });
    expect(err).toContain('AWS does not say under which id you are known to IAM: nothing was written');
  });
});
