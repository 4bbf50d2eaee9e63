import { describe, expect, it } from 'vitest';
import {
  checkpointsBesideWrites,
  deathsOf,
  foldedRequests,
  likenesses,
  momentsInto,
  type Moment,
} from '../../../rehearsal/explorer/folding.ts';
import { Rehearsal } from '../../../rehearsal/explorer/rehearsal.ts';
import { NO_FAULTS, type DeployedFunction, type LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { computing, drill } from './explored.ts';

const TICKING: DeployedFunction = {
  ...computing,
  summary: { ...computing.summary, triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] },
};

/** The drill alone, or with a schedule that ticks five more times. */
async function baselineOf(fn: DeployedFunction): Promise<SimulationEnd> {
  return (await new Rehearsal(drill(), [fn], 1).baseline()).end;
}

function request(index: number, changes: Partial<LoggedRequest>): LoggedRequest {
  const at = `2026-11-22T08:00:0${index}.000Z`;
  return {
    index,
    invocation: 0,
    call: 'ec2:DescribeAddresses',
    kind: 'read',
    input: {},
    at,
    answeredAt: at,
    depth: index + 1,
    ...changes,
  };
}

function checkpoint(index: number, ...updates: readonly string[]): LoggedRequest {
  const Updates = updates.map((text) => {
    const [Action, Type, Name] = text.split(' ');
    return { Action, Type, Name };
  });
  return request(index, { call: 'lambda:CheckpointDurableExecution', kind: 'write', input: { Updates } });
}

/** Runs nothing: the requests as if one invocation had made them. */
async function told(requests: readonly LoggedRequest[]): Promise<SimulationEnd> {
  return { ...(await baselineOf(computing)), requests };
}

/** The deaths worth trying, as `0 before` and `0 after`. */
async function deathsIn(...requests: readonly LoggedRequest[]): Promise<readonly string[]> {
  const deaths = deathsOf(await told(requests));
  return requests.flatMap((one) =>
    (['died-before', 'died-after'] as const)
      .filter((kind) => (one.kind === 'write' || kind === 'died-before') && deaths.isNew(one, kind))
      .map((kind) => `${one.index} ${kind.slice(5)}`),
  );
}

describe('requests that are alike', () => {
  it('are left out from the fourth on', async () => {
    const end = await baselineOf(TICKING);
    // The event's run: two reads and a write; then five ticks of two reads each that find nothing to do.
    expect(end.requests.map(({ call }) => call).filter((call) => call === 'ec2:DescribeAddresses')).toHaveLength(6);
    const { requests, folded } = foldedRequests(end, likenesses(end, []));
    expect(requests.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(folded).toBe(4);
  });

  it('are not, where another delivery set them off', async () => {
    const end = await baselineOf(computing);
    expect(foldedRequests(end, likenesses(end, []))).toMatchObject({ folded: 0 });
  });

  it('are not, where the account has changed meanwhile', async () => {
    const end = await baselineOf(TICKING);
    const third = Date.parse(end.requests[7]?.at ?? '');
    const moments: readonly Moment[] = [
      { atMs: 0, digest: 'before' },
      { atMs: third, digest: 'after' },
    ];
    expect(foldedRequests(end, likenesses(end, moments))).toMatchObject({ folded: 0 });
  });
});

describe('moments', () => {
  it('tell accounts apart by everything but times', async () => {
    const moments: Moment[] = [];
    await new Rehearsal(drill(), [TICKING], 1).run(NO_FAULTS, { watchers: [momentsInto(moments)] });
    // The address stands on the wrong instance, then on the right one, whatever the minute.
    expect(moments.map(({ digest }) => digest)).toEqual(['state 0', 'state 1']);
  });
});

describe('deaths that leave the same behind', () => {
  it('are one between two writes, however much was read', async () => {
    const write = request(2, { call: 'ec2:AssociateAddress', kind: 'write' });
    expect(await deathsIn(request(0, {}), request(1, {}), write, request(3, {}), request(4, {}))).toEqual([
      '0 before',
      '2 after',
    ]);
  });

  it('are not one when a write that was refused lies between them only in appearance', async () => {
    const refused = request(1, { call: 'ledger:acquire', kind: 'write', error: 'ConditionalCheckFailedException' });
    expect(await deathsIn(request(0, {}), refused, request(2, {}))).toEqual(['0 before']);
  });

  it('are told apart by checkpoints, but not by those that say only that a step began', async () => {
    const began = checkpoint(1, 'START STEP observe:0');
    const ended = checkpoint(2, 'SUCCEED STEP observe:0');
    const waits = checkpoint(3, 'START WAIT wait:0');
    expect(await deathsIn(request(0, {}), began, ended, waits)).toEqual(['0 before', '2 after', '3 after']);
  });

  it('are told apart while a write is still on its way: what has left takes effect', async () => {
    const slow = request(0, { call: 'ec2:CreateTags', kind: 'write', answeredAt: '2026-11-22T08:00:05.000Z' });
    const beside = request(1, { call: 'ec2:AttachVolume', kind: 'write' });
    // Before anything; with the first on its way; with both on their way.
    expect(await deathsIn(slow, beside)).toEqual(['0 before', '0 after', '1 before']);
  });

  it('of different invocations are never one', async () => {
    expect(await deathsIn(request(0, {}), request(1, { invocation: 1 }))).toEqual(['0 before', '1 before']);
  });
});

describe('checkpoints beside a write', () => {
  it('are those right before and right after one, but for other checkpoints', async () => {
    const write = request(4, { call: 'ec2:AttachVolume', kind: 'write' });
    const telling = request(8, { call: 'events:PutEvents', kind: 'write' });
    const requests = [
      checkpoint(0, 'START STEP observe:0'),
      request(1, {}),
      checkpoint(2, 'SUCCEED STEP observe:0'),
      checkpoint(3, 'START STEP apply:0'),
      write,
      checkpoint(5, 'SUCCEED STEP apply:0'),
      request(6, {}),
      checkpoint(7, 'SUCCEED STEP verify:0'),
      telling,
      checkpoint(9, 'SUCCEED STEP report'),
    ];
    expect([...checkpointsBesideWrites({ requests })]).toEqual([2, 3, 5]);
  });

  it('are none of a write that was refused, or that another invocation made', () => {
    const refused = request(1, { call: 'ledger:acquire', kind: 'write', error: 'AccessDeniedException' });
    const elsewhere = request(2, { call: 'ec2:AttachVolume', kind: 'write', invocation: 1 });
    const requests = [checkpoint(0, 'START STEP lease:0'), refused, elsewhere, checkpoint(3, 'SUCCEED STEP lease:0')];
    expect([...checkpointsBesideWrites({ requests })]).toEqual([]);
  });
});

describe('what requests are alike by', () => {
  it('is the same in another drill, whatever the account and the number of targets', async () => {
    const end = await told([checkpoint(0, 'SUCCEED STEP observe:3', 'SUCCEED STEP observe:4')]);
    const other = await told([checkpoint(0, 'SUCCEED STEP observe:0')]);
    const moment = { atMs: 0, digest: 'another' };
    const [one] = likenesses(end, []);
    const [two] = likenesses(other, [moment]);
    expect(one?.kind).toBe(two?.kind);
    expect(one?.kind).toContain('SUCCEED STEP observe:#');
    expect(one?.place).not.toBe(two?.place);
  });
});
