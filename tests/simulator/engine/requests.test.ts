import { CopyImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { client, surroundings } from '../../../shared/aws/clients.ts';
import { probeOnce } from '../../../shared/kernel/probe.ts';
import {
  NO_FAULTS,
  type FaultKind,
  type FaultPlan,
  type SimulationResult,
} from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import {
  deploy,
  describeAddresses,
  describeInstances,
  ending,
  run,
  sleep,
  stop,
  tag,
  tagsOf,
  usual,
} from '../deploy.ts';

const calls = (result: SimulationResult): string[] =>
  result.requests.map((request) => `${request.invocation} ${request.call}`);

function fault(request: number, kind: FaultKind): FaultPlan {
  return { ...NO_FAULTS, points: [{ request, kind }] };
}

/** A handler that acts in its first invocation only: what a retry does is not the matter here. */
function once(handler: () => Promise<unknown>) {
  let done = false;
  return deploy(() => {
    if (done) return Promise.resolve();
    done = true;
    return handler();
  });
}

describe('a fault', () => {
  /** Sends one write under the fault and tells how it ended. */
  async function underFault(kind: FaultKind): Promise<{ result: SimulationResult; ended: string; elapsedMs: number }> {
    let ended = 'never';
    let elapsedMs = 0;
    const fn = deploy(async () => {
      const from = Date.now();
      ended = await ending(tag('a', '1'));
      elapsedMs = Date.now() - from;
    });
    return { result: await simulate(run(fn, { faults: fault(0, kind) })), ended, elapsedMs };
  }

  it.each([
    ['throttled', 'RequestLimitExceeded', []],
    ['throttled-for-a-minute', 'RequestLimitExceeded', []],
    ['failed-before', 'InternalError', []],
    ['reply-lost', 'TimeoutError', ['a=1']],
    ['stale-read', 'ok', ['a=1']],
    ['lock-conflict', 'ConditionalCheckFailedException', []],
    ['refused', 'UnauthorizedOperation', []],
    ['effect-throws', 'TypeError', ['a=1']],
  ] as const)('%s on a write ends in %s and leaves the tags %j', async (kind, name, tags) => {
    const { result, ended } = await underFault(kind);
    expect(ended).toBe(name);
    expect(tagsOf(result)).toEqual(tags);
    expect(result.requests[0]?.fault).toBe(kind);
    expect(result.timeline.filter((entry) => entry.kind === 'fault').map((entry) => entry.text)).toEqual([
      `${kind} at request 0 ec2:CreateTags`,
    ]);
  });

  it('that loses the reply costs the request time-out of ten seconds', async () => {
    expect((await underFault('reply-lost')).elapsedMs).toBe(10_000);
  });

  it('of a refusal is an error of the operation where it has one, else of its service; of the ledger, one of DynamoDB', async () => {
    const names: string[] = [];
    const fn = deploy(async () => {
      names.push(
        await ending(stop('i-0b2')),
        await ending(surroundings().ledger?.remember('arn:x', 'a-b', { a: '1' })),
      );
    });
    const points = [0, 1].map((request) => ({ request, kind: 'refused' as const }));
    const result = await simulate(run(fn, { faults: { ...NO_FAULTS, points } }));
    expect(names).toEqual(['IncorrectInstanceState', 'AccessDeniedException']);
    expect(result.world.records('ec2', 'Instances')[1]?.['State']).toMatchObject({ Name: 'running' });
  });

  it('throttles the whole service for a minute, and no other one', async () => {
    const names: string[] = [];
    const fn = deploy(
      async () => {
        names.push(await ending(describeAddresses()));
        await sleep(59_000);
        names.push(await ending(describeInstances()), await ending(surroundings().ledger?.switches()));
        await sleep(1_000);
        names.push(await ending(describeAddresses()));
      },
      { timeoutSeconds: 120 },
    );
    await simulate(run(fn, { faults: fault(0, 'throttled-for-a-minute') }));
    expect(names).toEqual(['RequestLimitExceeded', 'RequestLimitExceeded', 'ok', 'ok']);
  });

  it('of a stale read shows the state before the latest write, and only to that read', async () => {
    const seen: unknown[] = [];
    const look = async (): Promise<void> =>
      void seen.push((await describeInstances()).Reservations?.[0]?.Instances?.[0]?.Tags?.length);
    const fn = deploy(async () => {
      await tag('a', '1');
      await tag('b', '1');
      await look();
      await look();
    });
    await simulate(run(fn, { faults: fault(2, 'stale-read') }));
    expect(seen).toEqual([1, 2]);
  });

  it('of a stale read is at most a minute old', async () => {
    const seen: unknown[] = [];
    const fn = deploy(
      async () => {
        await tag('a', '1');
        await sleep(61_000);
        seen.push((await describeInstances()).Reservations?.[0]?.Instances?.[0]?.Tags?.length);
      },
      { timeoutSeconds: 120 },
    );
    await simulate(run(fn, { faults: fault(1, 'stale-read') }));
    expect(seen).toEqual([1]);
  });

  it('of a lock conflict refuses a conditional write of the ledger once', async () => {
    const answers: unknown[] = [];
    const at = {
      resource: 'arn:x',
      runbook: 'probe-function',
      owner: 'me',
      now: '2026-11-22T08:00:00.000Z',
      until: '2026-11-22T08:05:00.000Z',
    };
    const fn = deploy(async () => {
      answers.push((await surroundings().ledger?.acquire(at))?.granted);
      answers.push((await surroundings().ledger?.acquire(at))?.granted);
    });
    await simulate(run(fn, { faults: fault(0, 'lock-conflict') }));
    expect(answers).toEqual([false, true]);
  });

  it('of a lost ledger fails every request to it, and nothing else', async () => {
    const names: string[] = [];
    const fn = deploy(async () => {
      names.push(
        await ending(surroundings().ledger?.switches()),
        await ending(describeInstances()),
        await ending(surroundings().ledger?.resource('arn:x')),
      );
    });
    const result = await simulate(run(fn, { faults: { ...NO_FAULTS, ledgerLost: true } }));
    expect(names).toEqual(['ServiceUnavailable', 'ok', 'ServiceUnavailable']);
    expect(calls(result)).toEqual(['0 ledger:switches', '0 ec2:DescribeInstances', '0 ledger:resource']);
  });

  it.each(['died-before', 'died-after'] as const)(
    '%s ends the invocation there, and Lambda starts another',
    async (kind) => {
      const result = await simulate(run(usual, { faults: fault(0, kind) }));
      expect(result.invocations.map((invocation) => invocation.ended)).toEqual(['died', 'returned']);
      expect(tagsOf(result)).toEqual(['a=1']);
    },
  );

  it.each([
    ['died-before', []],
    ['died-after', ['a=1']],
  ] as const)('%s leaves %j of the request it strikes', async (kind, tags) => {
    expect(
      tagsOf(
        await simulate(
          run(
            once(() => tag('a', '1')),
            { faults: fault(0, kind) },
          ),
        ),
      ),
    ).toEqual(tags);
  });
});

describe('a dead invocation', () => {
  it.each(['died-before', 'died-after'] as const)(
    '(%s) does nothing more, although another call of its Promise.all had left',
    async (kind) => {
      const after: string[] = [];
      const goOn = async (): Promise<void> => {
        await tag('left', '1');
        // Longer than any request takes, so that it would go on after the death.
        await sleep(100);
        after.push('went on');
        await tag('dead', '1');
      };
      const fn = once(async () => {
        setTimeout(() => {
          after.push('timer');
          surroundings().write('{"message":"from the grave"}');
        }, 500);
        await Promise.all([goOn(), describeInstances().finally(() => after.push('hung call settled'))]);
      });
      const result = await simulate(run(fn, { faults: fault(1, kind) }));
      expect(result.invocations.map((invocation) => invocation.ended)).toEqual(['died', 'returned']);
      expect(calls(result)).toEqual(['0 ec2:CreateTags', '0 ec2:DescribeInstances']);
      expect(after).toEqual([]);
      expect(result.lines).toEqual([]);
      // What had left takes effect; nobody hears of it.
      expect(tagsOf(result)).toEqual(['left=1']);
    },
  );

  it('is not answered by a probe', async () => {
    const after: string[] = [];
    const fn = once(async () => {
      const probed = probeOnce('203.0.113.10', { scheme: 'tcp', port: 443, path: '' });
      await Promise.all([probed.finally(() => after.push('probe')), describeInstances()]);
    });
    const result = await simulate(run(fn, { faults: fault(0, 'died-before') }));
    expect(result.invocations[0]?.ended).toBe('died');
    expect(after).toEqual([]);
  });

  it('cannot fail the run with a request that is not simulated', async () => {
    const copy = () =>
      client(EC2Client).send(
        new CopyImageCommand({ Name: 'n', SourceImageId: 'ami-1', SourceRegion: 'eu-west-1', ClientToken: 't' }),
      );
    const fn = once(() => Promise.all([describeInstances(), copy()]));
    const result = await simulate(run(fn, { faults: fault(0, 'died-before') }));
    expect(result.error).toBe(undefined);
    expect(calls(result)).toEqual(['0 ec2:DescribeInstances']);
  });
});
