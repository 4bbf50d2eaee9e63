import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDrills, runDrill } from '../../rehearsal/drill.ts';
import { formatReplay, parseReplay } from '../../rehearsal/replay.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';
import { stopMarked } from './stop-marked.ts';
import { marked, REQUEST, run } from './terminal.ts';

interface Files {
  readonly event?: unknown;
  readonly world?: unknown;
  readonly expect?: unknown;
  readonly readme?: string;
}

const STOPPED = {
  results: [{ runbook: 'stop-marked', outcome: 'done', code: 'stopped', target: 'i-0a1' }],
  final: { 'ec2/Instances/i-0a1/State/Name': 'stopped' },
  calls: { 'ec2:StopInstances': 1 },
};

/** A folder of drills: a good one, changed where the test says. */
function drills(changes: { readonly [name: string]: Files }): string {
  const root = mkdtempSync(join(tmpdir(), 'runbook-drills-'));
  for (const [
    name,
    {
      event = REQUEST,
      world = marked({ 'i-0a1': 'stop' }),
      expect: wanted = STOPPED,
      readme = '# A marked instance is stopped\n\nMore.',
    },
  ] of Object.entries(changes)) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'README.md'), readme);
    for (const [file, content] of [
      ['event.json', event],
      ['world.json', world],
      ['expect.json', wanted],
    ] as const)
      writeFileSync(join(root, name, file), JSON.stringify(content));
  }
  return root;
}

async function failures(wanted: object, more: Files = {}): Promise<readonly string[]> {
  const [drill] = loadDrills(drills({ one: { ...more, expect: { ...STOPPED, ...wanted } } }));
  if (drill === undefined) throw new Error('no drill');
  return (await runDrill(drill, [stopMarked()], { seed: 1, faults: NO_FAULTS })).failures;
}

describe('what a drill expects', () => {
  it('is met by a run that does it', async () => {
    expect(await failures({})).toEqual([]);
  });

  it('names the result that is missing, another one, or too many', async () => {
    expect(await failures({ results: [] })).toEqual([
      'result 1: expected none, found stop-marked done on arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1: stopped: i-0a1 is marked',
    ]);
    expect(await failures({ results: [{ runbook: 'stop-marked', outcome: 'refused' }] })).toEqual([
      'result 1: expected stop-marked refused, found stop-marked done on arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1: stopped: i-0a1 is marked',
    ]);
    expect(
      await failures({ results: [...STOPPED.results, { runbook: 'stop-marked', outcome: 'done', target: 'i-0b2' }] }),
    ).toEqual(['result 2: expected stop-marked done on i-0b2, found none']);
    expect(await failures({ results: [{ runbook: 'stop-marked', outcome: 'done', code: 'moved' }] })).toHaveLength(1);
  });

  it('compares the end: values, tags by key, null for absent, and that something is present', async () => {
    expect(
      await failures({
        final: {
          'ec2/Instances/i-0a1/Tags/mark': 'stop',
          'ec2/Instances/i-0a1/Tags/other': null,
          'ec2/Instances/i-0a1/StateReason': { present: true },
          'ec2/Instances/i-0ff': null,
        },
      }),
    ).toEqual([]);
    expect(await failures({ final: { 'ec2/Instances/i-0a1/State/Name': 'running' } })).toEqual([
      'ec2/Instances/i-0a1/State/Name: expected "running", found "stopped"',
    ]);
    expect(await failures({ final: { 'ec2/Instances/i-0a1/Tags/other': { present: true } } })).toEqual([
      'ec2/Instances/i-0a1/Tags/other: expected a value, found none',
    ]);
    expect(await failures({ final: { 'ec2/Instances/i-0a1/Tags/mark': null } })).toEqual([
      'ec2/Instances/i-0a1/Tags/mark: expected null, found "stop"',
    ]);
  });

  it('counts requests exactly', async () => {
    expect(await failures({ calls: { 'ec2:StopInstances': 2, 'ec2:StartInstances': 0 } })).toEqual([
      'ec2:StopInstances: expected 2 times, sent 1 times',
    ]);
  });

  it('folds what a schedule only repeats', async () => {
    const world = marked({ 'i-0a1': 'guarded' });
    expect(
      await failures(
        {
          runFor: 'PT5M',
          results: [{ runbook: 'stop-marked', outcome: 'refused', code: 'guarded' }],
          final: {},
          calls: {},
        },
        { world },
      ),
    ).toEqual([]);
  });

  it('lets the script set everything off when no event is delivered', async () => {
    const world = marked(
      { 'i-0a1': 'leave' },
      { script: [{ after: 'PT90S', set: { 'ec2/Instances/i-0a1/Tags/mark': 'stop' } }] },
    );
    expect(await failures({ runFor: 'PT3M' }, { world, event: [] })).toEqual([]);
  });

  it('fails a run that needs what is not simulated', async () => {
    const [drill] = loadDrills(drills({ one: {} }));
    if (drill === undefined) throw new Error('no drill');
    const fn = stopMarked();
    const functions = [
      { ...fn, summary: { ...fn.summary, triggers: [{ name: 'schedule', schedule: 'at(2026-11-22T09:00:00)' }] } },
    ];
    expect((await runDrill(drill, functions, { seed: 1, faults: NO_FAULTS })).failures).toEqual([
      'not simulated: schedule at(2026-11-22T09:00:00): neither rate(5 minutes) nor cron(0 8 * * ? *)',
    ]);
  });
});

describe('a drill that is written wrong', () => {
  it.each([
    [{ expect: { ...STOPPED, finale: {} } }, 'drills/one/expect.json: finale: unknown key'],
    [{ expect: { ...STOPPED, runFor: '10m' } }, 'drills/one/expect.json: runFor: must be a duration such as PT10M'],
    [{ expect: { results: [{ runbook: 'x', outcome: 'don' }] } }, 'drills/one/expect.json: results[0].outcome: '],
    [{ expect: { ...STOPPED, calls: { AssociateAddress: 1 } } }, 'drills/one/expect.json: calls.AssociateAddress: '],
    [
      { expect: { ...STOPPED, invariants: ['always-well'] } },
      'drills/one/expect.json: invariants[0]: there is no invariant always-well; one of ',
    ],
    [
      { expect: { ...STOPPED, final: { 'ec2/Instnces/i-0a1': null } } },
      'drills/one/expect.json: final["ec2/Instnces/i-0a1"]: ',
    ],
    [{ world: { ...marked({}), region: 'x' } }, 'drills/one/world.json: region: must be a region'],
    [{ event: 'text' }, 'drills/one/event.json: an event is a JSON object'],
  ])('is refused with its file and path: %#', async (files: Files, line: string) => {
    const { code, out, err } = await run(['drill'], { drills: drills({ one: files }) });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`runbook: ${line}`);
    expect(err.split('\n')).toHaveLength(2);
  });

  it('is refused with its file when its world contradicts itself', async () => {
    const world = { ...marked({}), ec2: { Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-9' }] } };
    const { code, out, err } = await run(['drill', '--json'], { drills: drills({ one: { world } }) });
    const fault = 'drills/one/world.json: ec2.Addresses[0].InstanceId: there is no instance i-9 in ec2.Instances';
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `seed 1\nrunbook: ${fault}\n` });
  });

  it('is refused when it does not exist, with the nearest of many', async () => {
    const many = ['instance-dies', 'lost-ledger', 'instance-stops', 'kill-switch', 'fence-required'];
    const root = drills(Object.fromEntries(many.map((name) => [name, {}])));
    const { code, err } = await run(['drill', 'instnce-dies'], { drills: root });
    expect(code).toBe(2);
    expect(err).toMatch(/^runbook: there is no drill instnce-dies; nearest: instance-dies, instance-stops, [a-z-]+; /u);
    expect((await run(['drill', 'ledger'], { drills: root })).err).toContain('nearest: lost-ledger, ');
    expect(err).toContain('all 5 are the folders of drills/');
  });

  it('is refused when it does not exist, with those that do', async () => {
    const { code, err } = await run(['drill', 'three'], { drills: drills({ one: {}, two: {} }) });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'runbook: there is no drill three; nearest: one, two; all 2 are the folders of drills/, and `npx runbook drill` rehearses them\n',
    });
  });
});

describe('runbook drill', () => {
  it('says of each drill what was decided when and why, and passes', async () => {
    const { code, out } = await run(['drill'], { drills: drills({ one: {}, two: { readme: '# Again' } }) });
    expect(code).toBe(0);
    expect(out).toContain(
      'ok    one  A marked instance is stopped\n      08:00:00  done     stopped: i-0a1 is marked\n',
    );
    expect(out).toContain('2 drills passed');
    expect(out).not.toContain('\u001b');
  });

  it('fails with 1 and says what was missed', async () => {
    const { code, out } = await run(['drill'], {
      drills: drills({ one: {}, two: { expect: { ...STOPPED, calls: { 'ec2:StopInstances': 3 } } } }),
    });
    expect(code).toBe(1);
    expect(out).toContain('FAIL  two');
    expect(out).toContain('x ec2:StopInstances: expected 3 times, sent 1 times');
    expect(out).toContain('1 of 2 drills failed');
  });

  it('tells the whole story of one drill by name', async () => {
    const { out } = await run(['drill', 'one'], { drills: drills({ one: {} }) });
    expect(out).toContain('08:00:00  event    request runbook=stop-marked  => stop-marked');
    expect(out).toMatch(/call {5}ec2:StopInstances InstanceIds=i-0a1\n {19}because it is marked\n/u);
    expect(out).toMatch(
      /done {5}stop-marked i-0a1: stopped\n {19}i-0a1 is marked\n {21}instance {2}id i-0a1, state running\n/u,
    );
    expect(out).toMatch(/08:00:30 {2}world {4}i-0a1 stopped|world {4}i-0a1 stopped/u);
  });

  it('ends the story with what was decided, and whether that was right', async () => {
    const { out } = await run(['drill', 'one'], { drills: drills({ one: {} }) });
    expect(out).toMatch(
      /\nWhat was decided:\n {6}08:00:00 {2}done {5}stopped: i-0a1 is marked\nok {4}\d+ requests to AWS, [^\n]*\n$/u,
    );
  });

  it.each([
    ['guarded', 'refused', 'guarded', 'and refuses again: guarded\n'],
    ['later', 'waiting', 'not-yet', 'and waits still: not-yet\n'],
    ['leave', 'nothing', 'left-alone', 'and changes nothing: left-alone\n'],
  ])('says what the ticks of a schedule repeat: %s', async (mark, outcome, code, said) => {
    const results = [{ runbook: 'stop-marked', outcome, code }];
    const expected = { results, final: {}, calls: {}, runFor: 'PT5M' };
    const root = drills({ one: { world: marked({ 'i-0a1': mark }), expect: expected } });
    const { out } = await run(['drill', 'one'], { drills: root });
    expect(out).toMatch(/schedule looks \d+ times until \d\d:\d\d:\d\d and /u);
    expect(out).toContain(said);
    expect(out).not.toContain('nothing to do');
  });

  it('prints one JSON object with --json', async () => {
    const { code, out, err } = await run(['drill', '--json', '--seed', '3'], {
      drills: drills({ one: {}, two: { expect: { ...STOPPED, results: [] } } }),
    });
    expect(code).toBe(1);
    expect(err).toBe('seed 3\n');
    expect(JSON.parse(out)).toEqual({
      drills: [
        { name: 'one', runbooks: ['stop-marked'], ok: true, schedules: 1, violations: [], assumed: expect.any(Array) },
        {
          name: 'two',
          runbooks: ['stop-marked'],
          ok: false,
          schedules: 1,
          violations: [
            {
              what: 'result 1: expected none, found stop-marked done on arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1: stopped: i-0a1 is marked',
              replay: 'npx runbook drill two --seed 3',
            },
          ],
          assumed: expect.any(Array),
        },
      ],
    });
  });

  it('replays a schedule of faults and shows where they struck', async () => {
    const { out } = await run(['drill', 'one', '--replay', '0:throttled'], { drills: drills({ one: {} }) });
    expect(out).toContain('faults 0:throttled');
    expect(out).toMatch(/FAULT {4}throttled at request 0/u);
  });

  it.each([
    [['drill', '--replay', '0:throttled'], '--replay takes one drill by name, and no --faults'],
    [['drill', 'one', '--replay', '0:sleepy'], '--replay: "0:sleepy" is no fault. Did you mean '],
    [['drill', 'one', '--replay', '3:throtled'], '"3:throtled" is no fault. Did you mean 3:throttled or '],
    [['drill', 'one', '--replay', 'lease-stolen'], 'Did you mean REQUEST:lease-stolen or '],
    [['drill', 'one', '--replay', 'again:0:whit'], 'Did you mean again:0:with or '],
    [
      ['drill', 'one', '--replay', '0:world-moves:quake'],
      '--replay: 0:world-moves:quake: around stop-marked there is no move quake',
    ],
    [['drill', 'one', '--replay', 'approval:given,approval:never'], '--replay: a person answers in one way: '],
    [
      ['drill', '--faults', 'many'],
      "option '--faults <mode>' argument 'many' is invalid. Allowed choices are none, random, exhaustive, no-leases, worlds.",
    ],
  ])('refuses %j', async (argv, line) => {
    const { code, err } = await run(argv, { drills: drills({ one: {} }) });
    expect(code).toBe(2);
    expect(err).toMatch(/^runbook: /u);
    expect(err).toContain(line);
  });

  it.each([
    ['9999:throttled', /^9999:throttled \(the run's requests are 0 to \d+\)$/u],
    ['0:throttled,9999:died-after', /^9999:died-after \(the run's requests are 0 to \d+\)$/u],
    ['0:throttled,0:refused', /^0:throttled \(another fault of the plan is at the same request\)$/u],
    ['0:lock-conflict', /^0:lock-conflict \(ec2:DescribeInstances is a read\)$/u],
    ['0:stale-read', /^0:stale-read \(nothing was changed in the minute before ec2:DescribeInstances\)$/u],
    ['0:lease-stolen', /^0:lease-stolen \(no lease is held then\)$/u],
    ['again:9:with', /^again:9:with \(no runbook is started by an event of that number; by 0\)$/u],
    ['again:0:with,again:0:with', /^again:0:with \(it is delivered again already\)$/u],
  ])('says that a fault struck nothing, and ends with 2: %s', async (replay, missed) => {
    const root = drills({ one: {} });
    const { code, out, err } = await run(['drill', 'one', '--replay', replay], { drills: root });
    expect({ code, said: out.includes('ok  ') }).toEqual({ code: 2, said: true });
    const [line, ...more] = err.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(line?.replace('runbook: --replay: struck nothing in drill one: ', '')).toMatch(missed);
    const json: unknown = JSON.parse((await run(['drill', 'one', '--json', '--replay', replay], { drills: root })).out);
    expect(json).toMatchObject({ drills: [{ ok: true, missed: [expect.stringMatching(missed)] }] });
  });

  it.each([
    '0:throttled',
    'again:0:with',
    'again:0:during',
    'again:0:after',
    'ledger-full',
    'leases-granted-to-all',
    'none',
  ])('has nothing to say where every fault struck: %s', async (replay) => {
    const { code, err } = await run(['drill', 'one', '--replay', replay], { drills: drills({ one: {} }) });
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('leaves out under faults what is only rehearsed, unless it is named', async () => {
    const slow = { ...STOPPED, rehearsedOnly: 'it would take a day' };
    const root = drills({ one: {}, slow: { expect: slow } });
    const told = async (...argv: readonly string[]): Promise<unknown> => {
      const { out } = await run(['drill', ...argv, '--json'], { drills: root });
      const { drills: all }: { readonly drills: readonly { readonly name: string }[] } = JSON.parse(out);
      return all.map(({ name }) => name);
    };
    expect(await told()).toEqual(['one', 'slow']);
    expect(await told('--faults', 'no-leases')).toEqual(['one']);
    expect(await told('slow', '--faults', 'no-leases')).toEqual(['slow']);
  });

  it('has a progress line on a terminal only, and removes it', async () => {
    const root = drills({ one: {}, two: {} });
    const piped = await run(['drill'], { drills: root });
    expect(piped.err).toBe('');
    const shown = await run(['drill'], { drills: root, tty: true });
    expect(shown.err).toContain('one (1 of 2)');
    expect(shown.err.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('keeps to the width of a terminal', async () => {
    const { out } = await run(['drill', 'one'], { drills: drills({ one: {} }), tty: true, env: { NO_COLOR: '1' } });
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe('a schedule of faults as one word', () => {
  it.each([
    'none',
    '14:reply-lost',
    '3:died-before,14:throttled-for-a-minute,again:0:during,ledger-lost,leases-granted-to-all',
  ])('is read as it was written: %s', (spec) => {
    expect(formatReplay(parseReplay(spec))).toBe(spec);
  });

  it('is the plan that it says', () => {
    expect(parseReplay('14:reply-lost,again:2:after,ledger-lost')).toEqual({
      points: [{ request: 14, kind: 'reply-lost' }],
      duplicates: [{ event: 2, when: 'after' }],
      ledgerLost: true,
      leasesGrantedToAll: false,
    });
  });
});
