import { describe, expect, it } from 'vitest';
import { surroundings } from '../../../shared/aws/clients.ts';
import type { Lease } from '../../../shared/kernel/ledger/ledger.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { NO_FAULTS, type FaultPlan, type WorldMove } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { deploy, describeInstances, ending, run, stop, tag } from '../deploy.ts';

const STOPPED: WorldMove = {
  name: 'stopped-by-hand',
  before: ['ec2:CreateTags'],
  happens: (input, world) => {
    const [id] = Array.isArray(input['Resources']) ? input['Resources'] : [];
    const instance = world.records('ec2', 'Instances').find((one) => one['InstanceId'] === id);
    const state: unknown = instance?.['State'];
    return isRecord(state) && state['Name'] === 'running'
      ? { [`ec2/Instances/${id}/State/Name`]: 'stopped' }
      : undefined;
  },
};

function moving(request: number): FaultPlan {
  return { ...NO_FAULTS, points: [{ request, kind: 'world-moves', move: 'stopped-by-hand' }] };
}

describe('a move of the world', () => {
  const fn = deploy(async () => {
    await describeInstances();
    await tag('a', '1');
    await tag('b', '1');
  });

  it('comes between the look and the call that it is planned before', async () => {
    const states: unknown[] = [];
    const looking = deploy(async () => {
      const state = async (): Promise<unknown> =>
        (await describeInstances()).Reservations?.[0]?.Instances?.[0]?.State?.Name;
      states.push(await state());
      await tag('a', '1');
      states.push(await state());
    });
    const result = await simulate(run(looking, { faults: moving(1), moves: [STOPPED] }));
    expect(states).toEqual(['running', 'stopped']);
    expect(result.requests.map(({ fault }) => fault)).toEqual([undefined, 'world-moves', undefined]);
    expect(result.requests[1]?.error).toBe(undefined);
    expect(result.timeline.map(({ text }) => text)).toContain(
      'world-moves (stopped-by-hand) at request 1 ec2:CreateTags',
    );
    expect(result.timeline.map(({ text }) => text)).toContain('ec2/Instances/i-0a1/State/Name = "stopped"');
  });

  it('is named at each request that it could have come before, while it has something to be about', async () => {
    const calm = await simulate(run(fn, { moves: [STOPPED, STOPPED] }));
    expect(calm.requests.map(({ moves }) => moves)).toEqual([undefined, ['stopped-by-hand'], ['stopped-by-hand']]);
    const moved = await simulate(run(fn, { faults: moving(1), moves: [STOPPED] }));
    expect(moved.requests.map(({ moves }) => moves)).toEqual([undefined, ['stopped-by-hand'], undefined]);
  });
});

describe('a lease that is taken away', () => {
  const ARN = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1';
  const asked = (): { resource: string; runbook: string; owner: string; now: string; until: string } => ({
    resource: ARN,
    runbook: 'probe-function',
    owner: 'me',
    now: new Date().toISOString(),
    until: new Date(Date.now() + 30_000).toISOString(),
  });

  it('is lost at the next renewal, and free again after forty seconds', async () => {
    const kept: unknown[] = [];
    const fn = deploy(
      async () => {
        const ledger = surroundings().ledger;
        const answer = await ledger?.acquire(asked());
        if (ledger === undefined || answer?.granted !== true) return;
        const lease: Lease = answer.lease;
        kept.push(await ledger.renew(lease, asked().until));
        await stop('i-0b2');
        kept.push(await ledger.renew(lease, asked().until));
        kept.push((await ledger.acquire(asked())).granted);
        await new Promise((resolve) => setTimeout(resolve, 40_000));
        kept.push((await ledger.acquire(asked())).granted);
      },
      { timeoutSeconds: 120 },
    );
    const points = [{ request: 2, kind: 'lease-stolen' as const }];
    await simulate(run(fn, { faults: { ...NO_FAULTS, points } }));
    expect(kept).toEqual([true, false, false, true]);
  });

  it('is nothing to who holds none', async () => {
    const points = [{ request: 0, kind: 'lease-stolen' as const }];
    const result = await simulate(
      run(
        deploy(() => tag('a', '1')),
        { faults: { ...NO_FAULTS, points } },
      ),
    );
    expect(result.ledger.resources).toEqual([]);
  });
});

describe('a full ledger', () => {
  it('holds what was left of five thousand other resources', async () => {
    const sizes: unknown[] = [];
    const fn = deploy(async () => {
      sizes.push((await surroundings().ledger?.resources())?.length);
      sizes.push(await ending(surroundings().ledger?.resource('arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1')));
    });
    const result = await simulate(run(fn, { faults: { ...NO_FAULTS, ledgerFull: true } }));
    expect(sizes).toEqual([5_000, 'ok']);
    expect(
      result.ledger.resources.every(({ runbook, owner }) => runbook === 'probe-function' && owner === undefined),
    ).toBe(true);
  });
});
