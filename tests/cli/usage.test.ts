import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { file, marked, REQUEST, run, stateEvent, type Setting } from './terminal.ts';

describe('bad input of handle', () => {
  const good = REQUEST;
  async function refused(event: unknown, world: unknown = marked({ 'i-0a1': 'stop' })): Promise<string> {
    const { code, out, err } = await run([
      'handle',
      file('bad-event.json', event),
      '--world',
      file('bad-world.json', world),
      '--json',
    ]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n')).toHaveLength(2);
    return err.replace(/^runbook: .*\/(?=bad-)/u, '').trimEnd();
  }

  it('names a file that is not there', async () => {
    const { code, err } = await run(['handle', '/nowhere/event.json', '--world', file('world.json', marked({}))]);
    expect({ code, err }).toEqual({ code: 2, err: 'runbook: /nowhere/event.json: there is no such file\n' });
  });

  it('names a folder as what it is', async () => {
    const { code, err } = await run(['handle', import.meta.dirname, '--world', file('world.json', marked({}))]);
    expect({ code, err }).toEqual({
      code: 2,
      err: `runbook: ${import.meta.dirname}: this is a folder, expected a JSON file\n`,
    });
  });

  it.each([
    ['{"a": 1,}', 'line 1 column 9: not JSON: expected a name in double quotes, found "}"'],
    ['{\n  "a" 1}', 'line 2 column 7: not JSON: expected a colon, found "1"'],
    ['{"a": [1, 2', 'line 1 column 12: not JSON: expected a comma or ], found the end of the file'],
    ['', 'line 1 column 1: not JSON: expected a value, found the end of the file'],
    ['{"a": tru}', 'line 1 column 7: not JSON: expected a value, found "t"'],
    ['{} {}', 'line 1 column 4: not JSON: expected the end of the file, found "{"'],
    ["{'a': 1}", 'line 1 column 2: not JSON: expected a name in double quotes or }, found "\'"'],
    ['{"a": "x\ny"}', 'line 1 column 7: not JSON: expected a value, found "\\""'],
    ['[01]', 'line 1 column 3: not JSON: expected a comma or ], found "1"'],
  ])('says where %j stops being JSON', async (text, line) => {
    expect(await refused(text)).toBe(`bad-event.json: ${line}`);
  });

  it('refuses a file that is not UTF-8', async () => {
    expect(await refused(new Uint8Array([0x7b, 0xff, 0x7d]))).toBe('bad-event.json: not UTF-8 text');
  });

  it('refuses a document nested beyond reason', async () => {
    expect(await refused(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)).toMatch(/^bad-event\.json: /u);
  });

  it.each([
    ['"text"', 'bad-event.json: an event is a JSON object, or a list of { "after": "PT40S", "event": {…} }'],
    [{ ...good, surprise: 1 }, 'bad-event.json: surprise: unknown key'],
    [
      [{ event: good }, { event: { ...good, dryRun: 'yes' } }],
      'bad-event.json: [1].event: dryRun: expected true or false, found "yes"',
    ],
    [stateEvent('i-0a1', { detail: { 'instance-id': 'i-0a1', state: 'flying' } }), 'bad-event.json: detail.state:'],
  ])('names the fault in an event: %j', async (event, line) => {
    expect(await refused(event)).toContain(line);
  });

  it('names the fault in what only the runbook itself can judge', async () => {
    expect(await refused({ ...good, params: { other: 1 } })).toBe('bad-event.json: params.other: unknown key');
  });

  it('refuses a batch with one bad record, before anything happens', async () => {
    const records = ['{"runbook":"stop-marked"}', '{"runbook":'].map((body, index) => ({
      messageId: `m-${index}`,
      eventSource: 'aws:sqs',
      body,
      attributes: {},
    }));
    expect(await refused({ Records: records })).toContain('bad-event.json: Records[1].body');
  });

  it.each([
    [{ ...marked({}), surprise: [] }, 'bad-world.json: surprise: unknown member'],
    [
      { ...marked({}), ec2: { Instances: [{ InstanceId: 'i-1', State: { Name: 'flying' } }] } },
      'bad-world.json: ec2.Instances[0].State.Name: ',
    ],
    [{ ...marked({}), account: '1' }, 'bad-world.json: account: must be a 12-digit account id'],
    [[], 'bad-world.json: a world is a JSON object'],
    [
      marked(
        { 'i-0a1': 'leave' },
        { script: [{ after: 'PT1S', set: { 'ec2/Instances/i-0nope/State/Name': 'stopped' } }] },
      ),
      'bad-world.json: script[0].set',
    ],
  ])('names the fault in a world', async (world, line) => {
    expect(await refused(good, world)).toContain(line);
  });

  it.each([
    [['handle', 'e.json'], 'runbook: give either --world WORLD.json (the simulator) or --aws (your account)'],
    [
      ['handle', 'e.json', '--world', 'w.json', '--aws'],
      'runbook: give either --world WORLD.json (the simulator) or --aws (your account)',
    ],
    [['handle', 'e.json', '--world', 'w.json', '--apply'], 'runbook: --apply goes with --aws'],
    [['handle', 'e.json', '--aws', '--world-out', 'x'], 'runbook: --world-out goes with --world'],
    [
      ['handle', 'e.json', '--aws', '--apply'],
      "runbook: --apply needs --ledger NAME (the deployed tables' prefix), or --unsafe-no-ledger",
    ],
    [['handle', 'e.json', '--aws', '--apply', '--dry-run'], 'runbook: --dry-run and --apply exclude each other'],
    [
      ['handle', 'e.json', '--aws', '--ledger', 'p', '--unsafe-no-ledger'],
      'runbook: --ledger and --unsafe-no-ledger exclude each other',
    ],
    [['handle'], "runbook: missing required argument 'event.json'"],
    [
      ['handle', 'e.json', 'f.json', '--aws'],
      "runbook: too many arguments for 'handle'. Expected 1 argument but got 2.",
    ],
    [['handle', 'e.json', '--world'], "runbook: option '--world <world.json>' argument missing"],
    [
      ['handle', 'e.json', '--aws', '--seed', '-1'],
      "runbook: option '--seed <n>' argument '-1' is invalid. expected a whole number from 0 to 4294967295.",
    ],
    [
      ['handle', 'e.json', '--aws', '--account', '12'],
      "runbook: option '--account <id>' argument '12' is invalid. expected a 12-digit account id.",
    ],
    [['fly'], "runbook: unknown command 'fly'"],
    [['stop-marked'], "runbook: unknown command 'stop-marked'; to start it: runbook run stop-marked"],
    [['STOP-MARKED', '--dry-run'], "runbook: unknown command 'STOP-MARKED'; to start it: runbook run stop-marked"],
    [['stop-markd'], "runbook: unknown command 'stop-markd'; to start it: runbook run stop-marked"],
    [['fly-away-home'], "runbook: unknown command 'fly-away-home'"],
    [['list', '--jsn'], "runbook: unknown option '--jsn' (Did you mean --json?)"],
    [['rnus'], "runbook: unknown command 'rnus' (Did you mean runs?)"],
    [['--jsn'], "runbook: unknown option '--jsn' (Did you mean --json?)"],
    [['show'], "runbook: missing required argument 'run[/target]'"],
    [
      ['status', '--account', '12'],
      "runbook: option '--account <id>' argument '12' is invalid. expected a 12-digit account id.",
    ],
  ])('answers %j with one line', async (argv, line) => {
    const { code, out, err } = await run(argv);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `${line}\n` });
  });

  it('explains itself on standard output', async () => {
    const { code, out, err } = await run(['handle', '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('--world-out <file>');
  });

  it.each([
    '--help',
    'status --help',
    'runs --help',
    'show --help',
    'list --help',
    'drill --help',
    'handle --help',
    'run --help',
    'switch --help',
    'mode --help',
  ])('explains itself within 80 columns: %s', async (line) => {
    const { code, out, err } = await run(line.split(' '));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').filter((one) => one.length > 80)).toEqual([]);
    expect(out).toMatch(/\nExamples:\n {2}runbook .*\n {2}runbook /u);
  });

  it.each(['--version', '-V'])('says which version it is: %s', async (option) => {
    const { code, out } = await run([option]);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}\n$/u);
  });

  it('says by its exit code that a plan has calls, where that is asked for', async () => {
    const argv = (mark: string): readonly string[] => [
      'handle',
      file('plan-event.json', REQUEST),
      '--world',
      file(`plan-${mark}.json`, marked({ 'i-0a1': mark })),
      '--plan-exit-code',
    ];
    expect((await run([...argv('stop'), '--dry-run'])).code).toBe(5);
    expect((await run([...argv('leave'), '--dry-run'])).code).toBe(0);
    expect((await run(argv('stop'))).code).toBe(0);
    expect((await run([...argv('guarded'), '--dry-run'])).code).toBe(4);
  });

  it('says where a world cannot be written', async () => {
    const path = join('/nowhere', 'after.json');
    const { code, err } = await run([
      'handle',
      file('event.json', good),
      '--world',
      file('world.json', marked({ 'i-0a1': 'leave' })),
      '--world-out',
      path,
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/^runbook: \/nowhere\/after\.json: cannot be written: .*\n$/u);
  });
});

describe('list', () => {
  it('prints name, host, disruptive and triggers as JSON', async () => {
    const { code, out } = await run(['list', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      { name: 'stop-marked', host: 'plain', disruptive: true, triggers: ['request', 'ec2-state-change', 'schedule'] },
    ]);
  });

  it('prints a table for people: plain in a pipe, coloured on a terminal unless NO_COLOR', async () => {
    const plain = await run(['list']);
    expect(plain.out).toContain('stop-marked  plain    request, ec2-state-change, schedule  DISRUPTIVE');
    const escapes = async (setting: Setting): Promise<boolean> =>
      (await run(['list'], setting)).out.includes('\u001b[');
    expect(await escapes({})).toBe(false);
    expect(await escapes({ tty: true })).toBe(true);
    expect(await escapes({ tty: true, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await escapes({ env: { FORCE_COLOR: '1' } })).toBe(true);
  });
});
