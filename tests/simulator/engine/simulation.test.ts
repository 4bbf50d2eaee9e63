import { CopyImageCommand, EC2Client, RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { client, surroundings } from '../../../shared/aws/clients.ts';
import { probeOnce } from '../../../shared/kernel/probe.ts';
import { NO_FAULTS, type SimulationResult, type Watcher } from '../../../simulator/engine/run-types.ts';
import { RestlessError } from '../../../simulator/engine/restless.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import { deploy, describeInstances, REQUEST, run, stop, tag, tagsOf, TWO_INSTANCES, usual } from '../deploy.ts';

const calls = (result: SimulationResult): string[] =>
  result.requests.map((request) => `${request.invocation} ${request.call}`);

/** The `send` that the instances of a client class inherit. */
function sendOf(Client: { readonly prototype: object }): unknown {
  return Reflect.get(Client.prototype, 'send');
}

describe('a simulation', () => {
  it('delivers an event, lets it act on the world, and reports what happened', async () => {
    const result = await simulate(run(usual));
    expect(result.error).toBe(undefined);
    expect(calls(result)).toEqual(['0 ec2:DescribeInstances', '0 ec2:DescribeAddresses', '0 ec2:CreateTags']);
    expect(result.requests.map((request) => request.depth)).toEqual([1, 1, 2]);
    expect(tagsOf(result)).toEqual(['a=1']);
    expect(result.results.map(({ invocation, result: { outcome } }) => [invocation, outcome])).toEqual([[0, 'done']]);
    expect(result.invocations).toMatchObject([
      { index: 0, runbook: 'probe-function', delivery: 0, event: REQUEST, ended: 'returned' },
    ]);
    expect(result.timeline.map((entry) => entry.kind)).toEqual(['event', 'run', 'call', 'result', 'run']);
  });

  it('is the same, byte for byte, for the same seed, also after other simulations', async () => {
    const two = run(usual, {
      events: [
        { event: REQUEST, afterMs: 0 },
        { event: REQUEST, afterMs: 5 },
      ],
    });
    const text = (result: SimulationResult): string =>
      JSON.stringify([result.requests, result.timeline, result.lines, result.invocations, result.world.data]);
    const first = text(await simulate({ ...two, seed: 3 }));
    await simulate({ ...two, seed: 4, faults: { ...NO_FAULTS, points: [{ request: 1, kind: 'died-after' }] } });
    expect(text(await simulate({ ...two, seed: 3 }))).toBe(first);
  });

  it('lets concurrent invocations overtake each other in an order the seed chooses', async () => {
    const racing = deploy(async (event) => {
      await describeInstances();
      await tag('winner', JSON.stringify(event));
    });
    const events = ['a', 'b'].map((name) => ({ event: { ...REQUEST, reason: name }, afterMs: 0 }));
    const last = new Set<unknown>();
    for (let seed = 0; seed < 12; seed += 1)
      last.add(JSON.stringify(tagsOf(await simulate(run(racing, { events, seed })))));
    expect(last.size).toBe(2);
  });

  it('leaves its world file as it was, and the process too', async () => {
    const parsed = parseWorld(TWO_INSTANCES);
    const before = JSON.stringify(parsed.data);
    const real = { Date, setTimeout, clearTimeout, write: surroundings().write, send: sendOf(EC2Client) };
    await simulate(run(usual, { world: parsed, environment: { RUNBOOK_TEST_VARIABLE: 'x' } }));
    expect(JSON.stringify(parsed.data)).toBe(before);
    expect({ Date, setTimeout, clearTimeout, write: surroundings().write, send: sendOf(EC2Client) }).toEqual(real);
    expect(process.env['RUNBOOK_TEST_VARIABLE']).toBe(undefined);
  });

  it('runs one at a time', async () => {
    const first = simulate(run(usual));
    await expect(simulate(run(usual))).rejects.toThrow('a simulation is under way in this process already');
    expect((await first).error).toBe(undefined);
  });

  it('goes on until what an action set off has come to rest', async () => {
    const result = await simulate(run(deploy(() => stop('i-0a1'))));
    expect(result.world.records('ec2', 'Instances')[0]?.['State']).toMatchObject({ Name: 'stopped' });
    expect(result.events.map((event) => event.detail['state'])).toEqual(['stopping', 'stopped']);
  });

  it('sets the environment and the region of the functions', async () => {
    const seen: unknown[] = [];
    const fn = deploy(() =>
      Promise.resolve(seen.push(process.env['AWS_REGION'], process.env['RUNBOOK_TEST_VARIABLE'])),
    );
    await simulate(run(fn, { environment: { RUNBOOK_TEST_VARIABLE: 'x' } }));
    expect(seen).toEqual(['eu-west-1', 'x']);
  });

  it('makes scripted changes at their time, and fails on one that leads nowhere', async () => {
    const script = [
      {
        after: 'PT40S',
        set: { 'ec2/Instances/i-0b2/State/Name': 'stopped', 'probes/public>203.0.113.10:443': 'timeout' },
      },
    ];
    const result = await simulate(run(usual, { world: { ...TWO_INSTANCES, script } }));
    expect(result.world.records('ec2', 'Instances')[1]?.['State']).toMatchObject({ Name: 'stopped' });
    expect(result.timeline.filter((entry) => entry.kind === 'world').map((entry) => entry.at)).toContain(
      '2026-11-22T08:00:40.000Z',
    );
    const wrong = [{ after: 'PT40S', set: { 'ec2/Instances/i-0c3/State/Name': 'stopped' } }];
    expect((await simulate(run(usual, { world: { ...TWO_INSTANCES, script: wrong } }))).error?.message).toContain(
      'script[0].set["ec2/Instances/i-0c3/State/Name"]',
    );
    const stopped = { after: 'PT40S', set: { 'ec2/Instances/i-0c3/State/Name': 'stopped' }, ifPossible: true };
    const passedOver = await simulate(run(usual, { world: { ...TWO_INSTANCES, script: [stopped] } }));
    expect(passedOver.error).toBeUndefined();
    expect(passedOver.timeline.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('passed over: script[0]'),
    );
  });

  it('begins with an instance whose checks are still coming up', async () => {
    const statuses = [{ InstanceId: 'i-0b2', InstanceStatus: { Status: 'initializing' } }];
    const world = { ...TWO_INSTANCES, ec2: { ...TWO_INSTANCES.ec2, InstanceStatuses: statuses } };
    expect((await simulate(run(usual, { world }))).error).toBeUndefined();
  });

  it('shows every moment to the watchers, and keeps each finding once', async () => {
    const watcher: Watcher = {
      name: 'no tag',
      check: (world, memory) => {
        memory['looks'] = Number(memory['looks'] ?? 0) + 1;
        return world.records('ec2', 'Instances')[0]?.['Tags'] === undefined ? undefined : 'there is one';
      },
    };
    expect((await simulate(run(usual, { watchers: [watcher] }))).violations).toEqual(['no tag: there is one']);
  });
});

describe('a run that the simulator cannot carry on', () => {
  it('ends with what is not simulated, and the invocation goes no further', async () => {
    const fn = deploy(async () => {
      await tag('before', '1');
      await client(EC2Client)
        .send(new CopyImageCommand({ Name: 'n', SourceImageId: 'ami-1', SourceRegion: 'eu-west-1', ClientToken: 't' }))
        .catch(() => undefined);
      await tag('after', '1');
    });
    const result = await simulate(run(fn));
    expect(result.error?.message).toBe('not simulated: ec2:CopyImage');
    expect(tagsOf(result)).toEqual(['before=1']);
  });

  it('ends with a request that the SDK would not take', async () => {
    const fn = deploy(() =>
      client(EC2Client).send(new RebootInstancesCommand(Object.assign({ InstanceIds: ['i-0a1'] }, { Force: true }))),
    );
    expect((await simulate(run(fn))).error?.message).toMatch(
      /^(not simulated: ec2:RebootInstances|ec2:RebootInstances.Force: the operation has no such member)$/u,
    );
  });

  it('ends when it never comes to rest', async () => {
    const result = await simulate(run(usual), ({ clock }) => {
      const again = (): void => void clock.after(1, again);
      again();
    });
    expect(result.error?.message).toBe('the run did not come to rest within 200000 steps');
  });

  it('ends after as many steps as it may take at most', async () => {
    const result = await simulate({ ...run(usual), mostSteps: 100 }, ({ clock }) => {
      const again = (): void => void clock.after(1, again);
      again();
    });
    expect(result.error).toBeInstanceOf(RestlessError);
    expect(result.error?.message).toBe('the run did not come to rest within 100 steps');
  });
});

describe('a probe', () => {
  it('takes 20 ms when there is an answer and two seconds when there is none', async () => {
    const seen: unknown[] = [];
    const fn = deploy(async () => {
      for (const host of ['203.0.113.10', '203.0.113.99']) {
        const from = Date.now();
        seen.push(await probeOnce(host, { scheme: 'tcp', port: 443, path: '' }), Date.now() - from);
      }
    });
    await simulate(run(fn));
    expect(seen).toEqual(['ok', 20, 'timeout', 2_000]);
  });
});
