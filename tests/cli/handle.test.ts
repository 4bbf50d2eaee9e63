import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseWorld } from '../../simulator/world/world-file.ts';
import { file, marked, REQUEST, run, stateEvent, type Ran, type Setting } from './terminal.ts';
import { stopMarked } from './stop-marked.ts';

interface Shown {
  readonly runbook: string;
  readonly target?: string;
  readonly outcome: string;
  readonly reason: string;
  readonly plan: readonly { readonly call: string; readonly undo: unknown }[];
  readonly calls: readonly {
    readonly at: string;
    readonly call: string;
    readonly input: unknown;
    readonly error?: string;
  }[];
}

async function handle(
  event: object,
  world: object,
  flags: readonly string[] = [],
  setting: Setting = {},
): Promise<{ code: number; results: readonly Shown[]; err: string }> {
  const { code, out, err } = await run(
    ['handle', file('event.json', event), '--world', file('world.json', world), '--json', ...flags],
    setting,
  );
  const document: { readonly results: readonly Shown[] } = JSON.parse(out);
  return { code, results: document.results, err };
}

/** The world of a drill whose group asks the load balancer, and ends and launches hosts that nobody can check, for ever. */
function endless(): object {
  const text = readFileSync('drills/bastion-checks-shut-out/world.json', 'utf8');
  const world: object = JSON.parse(text.replace('"HealthCheckType": "EC2"', '"HealthCheckType": "ELB"'));
  return world;
}

describe('a world that never comes to rest', () => {
  it('is shown as far as it went, and it is said when it was stopped, and why', async () => {
    const { code, results, err } = await handle(REQUEST, endless(), [], { mostSteps: 3_000 });
    expect(code).toBe(1);
    expect(results).toHaveLength(1);
    expect(err).toMatch(
      /stopped at 2026-1\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, after \d+ simulated minutes: the run did not come to rest within 3000 steps\. Things go on for ever in this world/u,
    );
  });
});

describe('exit codes of handle --world', () => {
  it('is 0 when the runbook did what it is for', async () => {
    const { code, results } = await handle(REQUEST, marked({ 'i-0a1': 'stop' }));
    expect(code).toBe(0);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done']);
  });

  it('is 0 when there was nothing to do', async () => {
    const { code, results } = await handle(REQUEST, marked({ 'i-0a1': 'leave' }));
    expect(code).toBe(0);
    expect(results.map(({ reason }) => reason)).toEqual(['left-alone: i-0a1 is running']);
  });

  it('is 0 for a plan, which is told, and nothing is changed', async () => {
    const { code, results } = await handle(REQUEST, marked({ 'i-0a1': 'stop' }), ['--dry-run']);
    expect(code).toBe(0);
    expect(results[0]).toMatchObject({
      outcome: 'planned',
      plan: [{ call: 'ec2:StopInstances', undo: { call: 'ec2:StartInstances', input: { InstanceIds: ['i-0a1'] } } }],
    });
    expect(results[0]?.calls.map(({ call }) => call)).toEqual(['ec2:DescribeInstances', 'events:PutEvents']);
  });

  it('is 1 when a run failed, and the failed request shows its error', async () => {
    const { code, results } = await handle(REQUEST, marked({ 'i-0a1': 'broken' }));
    expect(code).toBe(1);
    expect(results[0]?.outcome).toBe('failed');
    expect(results[0]?.calls.find(({ call }) => call === 'ec2:StopInstances')?.error).toBe(
      'InvalidInstanceID.NotFound',
    );
  });

  it('is 4 when a guard refused, though another target was done', async () => {
    const { code, results } = await handle(REQUEST, marked({ 'i-0a1': 'stop', 'i-0b2': 'guarded' }));
    expect(code).toBe(4);
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['done', 'refused']);
  });

  it('is 1 when one target failed, though another was refused', async () => {
    const { code } = await handle(REQUEST, marked({ 'i-0a1': 'broken', 'i-0b2': 'guarded' }));
    expect(code).toBe(1);
  });

  it('is 3 with no results when no runbook is started by the event', async () => {
    const { code, results } = await handle(stateEvent('i-0a1', { source: 'aws.other' }), marked({}));
    expect({ code, results }).toEqual({ code: 3, results: [] });
  });

  it.each([
    [{ runbook: 'somebody-else' }],
    [[{ event: stateEvent('i-0a1'), runbook: 'somebody-else' }]],
    [[{ event: REQUEST }, { event: { runbook: 'somebody-else' } }]],
  ])('is 3 when there is no such runbook, says so, and does nothing: %j', async (event) => {
    const { code, results, err } = await handle(event, marked({ 'i-0a1': 'stop' }));
    expect({ code, results, err }).toEqual({
      code: 3,
      results: [],
      err: 'runbook: there is no runbook somebody-else; there are: stop-marked\n',
    });
  });

  it('is 3 when every result is not-mine, and says so', async () => {
    const { code, results } = await handle(stateEvent('i-0ff'), marked({ 'i-0a1': 'stop' }));
    expect(code).toBe(3);
    expect(results.map(({ outcome }) => outcome)).toEqual(['not-mine']);
  });

  it('leaves not-mine out when another runbook took the event', async () => {
    const other = stopMarked('stop-others');
    const { code, results } = await handle(
      [{ event: stateEvent('i-0a1') }, { event: stateEvent('i-0ff'), runbook: 'stop-others' }],
      marked({ 'i-0a1': 'leave' }),
      [],
      { functions: [stopMarked(), other] },
    );
    expect(code).toBe(0);
    expect(results.map(({ outcome }) => outcome)).toEqual(['nothing', 'nothing']);
  });

  it('is 1 with one line when the runbook needs what is not simulated', async () => {
    const elsewhere = marked({ 'i-0a1': 'stop' });
    const broken = stopMarked();
    const triggers = broken.summary.triggers.map((trigger) =>
      trigger.schedule === undefined ? trigger : { ...trigger, schedule: 'at(2026-11-22T09:00:00)' },
    );
    const world = file('world.json', elsewhere);
    const { code, out, err } = await run(['handle', file('event.json', REQUEST), '--world', world, '--json'], {
      functions: [{ ...broken, summary: { ...broken.summary, triggers } }],
    });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: `runbook: not simulated: ${world}: schedule at(2026-11-22T09:00:00): neither rate(5 minutes) nor cron(0 8 * * ? *)\n`,
    });
  });
});

describe('results of handle', () => {
  it('gives every request to exactly one of several targets: shared reads to the first, the others to whom they are about', async () => {
    const { results } = await handle(REQUEST, marked({ 'i-0a1': 'stop', 'i-0b2': 'stop' }), [], { env: {} });
    const calls = results.map((result) => ({
      target: result.target?.split('/')[1],
      calls: result.calls.map(({ call }) => call),
    }));
    const first = calls.find(({ calls: sent }) => sent.includes('ec2:DescribeInstances'));
    expect(calls).toHaveLength(2);
    expect(first?.target).toBe(calls[0]?.target);
    for (const { target } of calls) {
      const own = results
        .find((result) => result.target?.endsWith(target ?? '-'))
        ?.calls.filter(({ call }) => call === 'ec2:StopInstances');
      expect(own?.map(({ input }) => input)).toEqual([{ InstanceIds: [target] }]);
    }
    expect(
      results.flatMap((result) => result.calls.filter(({ call }) => call === 'ec2:DescribeInstances')),
    ).toHaveLength(1);
  });

  it('lists neither the ledger nor checkpoints, times with milliseconds, and undo null where there is none', async () => {
    const { results } = await handle(REQUEST, marked({ 'i-0a1': 'stop' }));
    const [result] = results;
    expect(result?.calls.map(({ call }) => call)).toEqual([
      'ec2:DescribeInstances',
      'ec2:StopInstances',
      'events:PutEvents',
    ]);
    expect(result?.calls[0]?.at).toMatch(/^2026-11-22T08:00:00\.\d{3}Z$/u);
    expect(Object.keys(result ?? {})).toEqual([
      'runbook',
      'target',
      'run',
      'outcome',
      'code',
      'reason',
      'evidence',
      'plan',
      'calls',
      'phases',
    ]);
  });

  it("lists a schedule's ticks only when they have something new to say", async () => {
    const script = [{ after: 'PT150S', set: { 'ec2/Instances/i-0a1/Tags/mark': 'stop' } }];
    const { code, results } = await handle(REQUEST, marked({ 'i-0a1': 'later' }, { script }));
    expect(code).toBe(0);
    expect(results.map(({ outcome }) => outcome)).toEqual(['waiting', 'done']);
  });

  it('prints the seed beside the results', async () => {
    const { err } = await handle(REQUEST, marked({ 'i-0a1': 'leave' }), ['--seed', '7']);
    expect(err).toBe('seed 7\n');
  });

  it('is the same, byte for byte, for the same seed', async () => {
    const runs = [
      await handle(REQUEST, marked({ 'i-0a1': 'stop', 'i-0b2': 'stop' })),
      await handle(REQUEST, marked({ 'i-0a1': 'stop', 'i-0b2': 'stop' })),
    ];
    expect(runs[0]?.results).toEqual(runs[1]?.results);
  });

  it('writes the world as it stands after the run, to begin the next one with', async () => {
    const path = file('after.json', '');
    await handle(REQUEST, marked({ 'i-0a1': 'stop' }), ['--world-out', path]);
    const after: unknown = JSON.parse(readFileSync(path, 'utf8'));
    expect(parseWorld(after).data['ec2']?.['Instances']?.[0]?.['State']).toEqual({ Code: 80, Name: 'stopped' });
    const again = await run(['handle', file('event.json', REQUEST), '--world', path, '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ results: [{ reason: 'left-alone: i-0a1 is stopped' }] });
  });

  it('tells a person what came of it last, with the lines that take it back', async () => {
    const { out } = await run([
      'handle',
      file('event.json', REQUEST),
      '--world',
      file('world.json', marked({ 'i-0a1': 'stop' })),
    ]);
    expect(out.split('\n').map((line) => line.replace(/(ec2:DescribeInstances|events:PutEvents) .*/u, '$1'))).toEqual([
      'simulated from 2026-11-22T08:00:00.000Z, seed 1',
      '',
      'stop-marked i-0a1',
      '  requests (3)',
      expect.stringMatching(/^    08:00:00\.\d{3}  ec2:DescribeInstances$/u),
      expect.stringMatching(/^    08:00:00\.\d{3}  ec2:StopInstances InstanceIds=i-0a1$/u),
      expect.stringMatching(/^    08:00:00\.\d{3}  events:PutEvents$/u),
      '  evidence',
      '    instance  id i-0a1, state running',
      '    mark      stop',
      '  did',
      '    1. ec2:StopInstances InstanceIds=i-0a1',
      '       because it is marked',
      '',
      expect.stringMatching(/^stop-marked i-0a1: done \(stopped\)  0\.\d s$/u),
      '  i-0a1 is marked',
      '  what would take it back, in the account that this world is of:',
      `    aws ec2 start-instances --cli-input-json '{"InstanceIds":["i-0a1"]}'`,
      '',
    ]);
  });

  it('shows what would take a plan back beside each of its calls', async () => {
    const { out } = await run([
      'handle',
      file('event.json', REQUEST),
      '--world',
      file('world.json', marked({ 'i-0a1': 'stop' })),
      '--dry-run',
    ]);
    expect(out).toContain(
      `       because it is marked\n       undo\n       aws ec2 start-instances --cli-input-json '{"InstanceIds":["i-0a1"]}'\n`,
    );
    expect(out).toMatch(/\nstop-marked i-0a1: planned \(stopped\)  0\.\d s\n  i-0a1 is marked\n$/u);
  });
});

describe('handle without an event', () => {
  const unmarked = marked({ 'i-0a1': 'leave' });
  const script = (value: string): object => [{ after: 'PT150S', set: { 'ec2/Instances/i-0a1/State/Name': value } }];

  it('is what the script of the world sets off', async () => {
    const Instances = [{ InstanceId: 'i-0a1', State: { Name: 'stopped' }, Tags: [{ Key: 'mark', Value: 'stop' }] }];
    const { code, results } = await handle([], { ...unmarked, ec2: { Instances }, script: script('running') });
    expect(code).toBe(0);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done']);
  });

  it('is 0 when the script starts nothing, and says so', async () => {
    const world = file('world.json', { ...unmarked, script: script('stopped') });
    const { code, out } = await run(['handle', file('event.json', []), '--world', world]);
    expect(code).toBe(0);
    expect(out).toMatch(/\n\nnothing in the world's script started a runbook\n$/u);
    expect(await handle([], { ...unmarked, script: script('stopped') })).toMatchObject({ code: 0, results: [] });
    expect(await handle([], unmarked)).toMatchObject({ code: 0, results: [] });
  });

  it('is 0 when nothing at all is given, and says so in one line', async () => {
    const [event, world] = [file('event.json', []), file('world.json', unmarked)];
    const { code, out } = await run(['handle', event, '--world', world]);
    expect(code).toBe(0);
    expect(out.split('\n').slice(2)).toEqual([
      `there is no event in ${event} and no script in ${world}: no runbook was started; what a schedule's tick does is asked for by a request, see examples/`,
      '',
    ]);
    const there = await run(['handle', event, '--aws']);
    expect(there).toMatchObject({ code: 2, err: `runbook: ${event}: there is no event in it; --aws takes one\n` });
  });
});

describe('a paste that does not say where and when it is', () => {
  const Tags = [
    { Key: 'mark', Value: 'leave' },
    // Whatever a tag says is nobody's place.
    { Key: 'made-by', Value: 'arn:aws:iam::999999999999:role/x' },
  ];
  const instance = {
    InstanceId: 'i-0a1',
    State: { Name: 'running' },
    Placement: { AvailabilityZone: 'us-west-2-lax-1a' },
    Tags,
  };
  const Reservations = [{ ReservationId: 'r-1', OwnerId: '123456789012', Instances: [instance] }];

  async function given(world: object, event: unknown = REQUEST): Promise<Ran> {
    return run(['handle', file('event.json', event), '--world', file('bare.json', world), '--json']);
  }

  it('is where its records say, and says so', async () => {
    const { code, out, err } = await given({ ec2: { Reservations } });
    expect(code).toBe(0);
    expect(err).toMatch(
      /bare\.json: taken to be "now": "20\d\d-[\dT:.-]+Z", "account": "123456789012", "region": "us-west-2"; write it into the file if that is right\n/u,
    );
    expect(out).toContain('arn:aws:ec2:us-west-2:123456789012:instance/i-0a1');
  });

  it('is at the time of the event', async () => {
    const { err } = await given(
      { region: 'us-west-2', ec2: { Reservations } },
      stateEvent('i-0a1', { account: '123456789012' }),
    );
    expect(err).toContain('taken to be "now": "2026-11-22T08:00:00.000Z", "account": "123456789012"; write');
  });

  it('is refused with all that is missing and the line to add', async () => {
    const { code, err } = await given({ now: '2026-11-22T08:00:00Z', ec2: { Instances: [] } });
    expect({ code, err: err.replace(/^.*bare/u, 'bare') }).toEqual({
      code: 2,
      err: 'bare.json: account: missing, and no record names one; region: missing, and no record names one; add, with yours: "account": "111122223333", "region": "eu-west-1",\n',
    });
  });

  it('is told where it belongs when it was pasted as it came', async () => {
    const { code, err } = await given({ Reservations });
    expect({ code, err: err.replace(/^.*bare/u, 'bare') }).toEqual({
      code: 2,
      err: 'bare.json: Reservations: is output of ec2, and belongs below it: "ec2": { "Reservations": … }\n',
    });
  });

  it('is refused where its records name several', async () => {
    const elsewhere = { ...instance, InstanceId: 'i-0b2', Placement: { AvailabilityZone: 'eu-west-1a' } };
    const other = { OwnerId: '111122223333', Instances: [elsewhere] };
    const { code, err } = await given({ ec2: { Reservations: [...Reservations, other] } });
    expect(code).toBe(2);
    expect(err).toContain(
      'account: missing, and the records name 123456789012 (1) and 111122223333 (1); region: missing, ',
    );
    expect(err).toContain(
      'region: missing, and the records name us-west-2 (1) and eu-west-1 (1); add, with yours: "now": "',
    );
  });
});
