/** `approve` and `reject` on a run that is over: whoever says yes has the runbook plan, and do it, anew. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ManualRequest, Operation, Place, Stack } from '../../../../cli/operate/place.ts';
import { askedOf } from '../../../../cli/operate/acting/token.ts';
import type { JsonObject } from '../../../../shared/kernel/decision.ts';
import type { ApprovalKey, ApprovalRow } from '../../../../shared/kernel/ledger/ledger.ts';
import { discoverFunctions } from '../../../../rehearsal/functions.ts';
import { approvalHash } from '../../../../shared/kernel/plan.ts';
import { run, type Ran } from '../../terminal.ts';
import { on } from '../world/a-world.ts';
import { ADDRESS, fakeBook, fakePlace, fakeStack, MOVED, record, type Rows } from '../fake-place.ts';

const functions = await discoverFunctions('functions');
const RUN = '0b8f6d3e-5c41-4a7e-9d20-000000000005';
const ID = 'eipalloc-04c8e2a6f1b3d9570';
const NEXT = 'dddd0000';

/** The plan of a run, which names it. */
const planOf = (of: string) => [
  {
    call: 'ec2:AssociateAddress',
    input: { AllocationId: ID, NetworkInterfaceId: 'eni-0b28f64d9c1e7a350' },
    because: 'the old host is dead',
    undo: { call: 'ec2:AssociateAddress', input: { AllocationId: ID } },
  },
  {
    call: 'ec2:CreateTags',
    input: { Resources: [ID], Tags: [{ Key: 'runbook:run', Value: of }] },
    because: 'who has done it',
    undo: { call: 'ec2:DeleteTags', input: { Resources: [ID] } },
  },
];
const HASH = approvalHash(planOf(RUN), RUN);

function asks(more: JsonObject = {}): JsonObject {
  return {
    ...MOVED,
    outcome: 'awaiting-approval',
    reason: 'failed-over: waits 3600 s for a person: the old host is dead',
    plan: planOf(RUN),
    approval: { planHash: HASH, expiresInSeconds: 3_600 },
    ...more,
  };
}

const byHand: Operation = {
  at: '2026-11-22T08:02:00.000Z',
  by: 'mara',
  what: 'run',
  scope: 'reassign-elastic-ip',
  reason: '',
  more: {
    run: RUN,
    ...askedOf({ runbook: 'reassign-elastic-ip', target: ID, params: { action: 'move', to: 'i-0b93e1f67a2c4d815' } }),
  },
};

interface Told {
  readonly say: (...words: readonly string[]) => Promise<Ran>;
  readonly said: readonly { readonly key: ApprovalKey; readonly row: ApprovalRow }[];
  readonly noted: readonly Operation[];
  readonly started: readonly ManualRequest[];
}

/** The command beside a ledger; `planned` is what a dry run comes to. */
function approving(rows: Rows, planned: JsonObject = {}, more: Partial<Stack> = {}, isLost = false): Told {
  const said: { readonly key: ApprovalKey; readonly row: ApprovalRow }[] = [];
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
    start: (request) => {
      if (isLost && request['dryRun'] !== true) return Promise.reject(new Error('no reply'));
      started.push(request);
      const named = `${NEXT}-${started.length}`;
      const dry = { ...MOVED, outcome: 'planned', plan: planOf(named), ...planned };
      if (request['dryRun'] === true) records.push(record({ run: named }, dry));
      return Promise.resolve({ run: named, isRepeated: false });
    },
    standing: () => Promise.resolve({ kind: 'ended' }),
    ...more,
  });
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack]));
  return { said, noted, started, say: (...words) => run(words, { openPlace, functions }) };
}

const approval = { person: 'AROA1:kim', run: RUN, target: ADDRESS, planHash: HASH };

describe('approve of a run that is over', () => {
  it('shows the plan and the line, and writes nothing', async () => {
    const { say, said, started } = approving({ records: [record({}, asks())], operations: [byHand] });
    const { code, out } = await say('approve', '0b8f6d');
    expect({ code, said, started }).toEqual({ code: 4, said: [], started: [] });
    expect(out).toMatch(new RegExp(`\nnpx runbook approve ${RUN}/${ID} --plan ${HASH}\n$`, 'u'));
  });

  it('asks the same once more, writes the word, and has it asked again with the word', async () => {
    const { say, said, started, noted } = approving({ records: [record({}, asks())], operations: [byHand] });
    const { code, out } = await say('approve', '0b8f6d', '--plan', HASH, '--reason', 'seen');
    expect(code).toBe(0);
    expect(said).toMatchObject([{ key: approval, row: { verdict: 'approve', until: '2026-11-22T09:02:07.297Z' } }]);
    const request = {
      runbook: 'reassign-elastic-ip',
      target: ID,
      params: { action: 'move', to: 'i-0b93e1f67a2c4d815' },
    };
    expect(started).toMatchObject([
      { ...request, dryRun: true },
      { ...request, approval, reason: `plan ${HASH} of run ${RUN} is approved` },
    ]);
    expect(started[1]).not.toHaveProperty('dryRun');
    expect(noted.map(({ what, more }) => [what, more['approves'] ?? more['planHash']])).toEqual([
      ['approve', HASH],
      ['run', RUN],
    ]);
    expect(out).toContain(`approved: plan ${HASH} of ${RUN}/${ID}; run ${NEXT}-2 carries it out\n`);
    expect(out).toContain(`npx runbook show ${NEXT}-2 -f\n`);
  });

  it('asks about the target by hand where an event has started it', async () => {
    const { say, started } = approving({ records: [record({}, asks({ trigger: { kind: 'alarm' } }))] });
    expect((await say('approve', '0b8f6d', '--plan', HASH)).code).toBe(0);
    const reconcile = { target: ADDRESS, params: { action: 'reconcile' } };
    expect(started).toMatchObject([
      { ...reconcile, dryRun: true },
      { ...reconcile, approval },
    ]);
  });

  it.each<readonly [string, JsonObject, string]>([
    ['another plan', { plan: [] }, `now another plan would be carried out, ${approvalHash([], 'x')}; start it again`],
    ['nothing', { outcome: 'nothing', reason: 'as-it-should: fine' }, 'now it would be nothing: as-it-should: fine'],
  ])('writes nothing where by now %s would be done', async (_what, planned, why) => {
    const { say, said, started } = approving({ records: [record({}, asks())], operations: [byHand] }, planned);
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, said, started: started.length }).toEqual({ code: 4, said: [], started: 1 });
    expect(err).toContain(`nothing was written: ${why}`);
  });

  it('writes nothing where no request by hand can be asked', async () => {
    const fails = { start: () => Promise.reject(new Error('it cannot be reached')) };
    const { say, said } = approving({ records: [record({}, asks())] }, {}, fails);
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, said }).toEqual({ code: 4, said: [] });
    expect(err).toContain('nothing was written: no request by hand comes to the plan of');
  });

  it('says that the same line starts it again where the start is lost', async () => {
    const { say, said } = approving({ records: [record({}, asks())], operations: [byHand] }, {}, {}, true);
    const { code, err } = await say('approve', '0b8f6d', '--plan', HASH);
    expect({ code, said: said.length }).toEqual({ code: 1, said: 1 });
    expect(err).toContain('no reply; it is written; the same line again starts the run');
  });

  it('refuses a record that does not show the whole plan', async () => {
    const { say } = approving({ records: [record({}, asks({ plan: planOf(RUN).slice(1) }))], operations: [byHand] });
    expect((await say('approve', '0b8f6d', '--plan', HASH)).err).toContain(
      'nobody can say yes to what cannot be shown',
    );
  });
});

describe('reject of a run that is over', () => {
  it('writes the word, and says that nothing waits', async () => {
    const { say, said, started } = approving({ records: [record({}, asks())], operations: [byHand] });
    const { code, out } = await say('reject', '0b8f6d', '--plan', HASH, '--reason', 'not now');
    expect({ code, started }).toEqual({ code: 0, started: [] });
    expect(said).toMatchObject([{ key: approval, row: { verdict: 'reject', reason: 'not now' } }]);
    expect(out).toContain(`rejected: plan ${HASH} of ${RUN}/${ID}; nothing waits, and nothing is done\n`);
  });
});

describe('in a world whose every plan waits for a person', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-approve-anew-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const kept = z.object({
    ledger: z.object({ runs: z.array(z.object({ run: z.string(), body: z.looseObject({ outcome: z.string() }) })) }),
  });

  it('a plain run asks, is approved of, and is done once', async () => {
    const path = join(folder, 'world.json');
    const given = z.looseObject({}).parse(JSON.parse(readFileSync('drills/instance-dies/world.json', 'utf8')));
    writeFileSync(path, JSON.stringify({ ...given, script: [], ledger: { asks: true } }));
    const say = (...words: readonly string[]): Promise<Ran> => on(path, words, { functions });
    const runs = () => kept.parse(JSON.parse(readFileSync(path, 'utf8'))).ledger.runs;
    const params = ['--param', 'action=move', '--param', 'to=i-0b93e1f67a2c4d815'];
    const asked = await say('run', 'reassign-elastic-ip', '--target', ID, ...params);
    expect(asked.code).toBe(0);
    const [question] = runs();
    const asking = question?.run ?? '';
    const status = await say('status');
    expect(status.out).toContain(`npx runbook approve ${asking.slice(0, 6)}/${ID} --world ${path}`);
    expect((await say('show', asking)).out).toContain(`npx runbook approve ${asking}/${ID} --world ${path}`);
    const planHash = z.object({ planHash: z.string() }).parse(question?.body['approval']).planHash;
    const yes = await say('approve', asking, '--plan', planHash, '--yes', '--json');
    expect(JSON.parse(yes.out)).toMatchObject({
      runbook: 'reassign-elastic-ip',
      run: asking,
      planHash,
      code: 'approved',
    });
    expect(yes.code).toBe(0);
    expect(runs().map(({ body }) => body.outcome)).toEqual(['awaiting-approval', 'planned', 'done']);
    expect((await say('status')).out).not.toContain('waits for approval');
    const again = await say('approve', asking, '--plan', planHash, '--yes');
    expect(again).toMatchObject({ code: 4 });
    expect(runs().filter(({ body }) => body.outcome === 'done')).toHaveLength(1);
  });
});
