import { afterEach, describe, expect, it, vi } from 'vitest';
import { credentials, startEndpoint, type Endpoint } from './endpoint.ts';
import { file, REQUEST, stateEvent } from './terminal.ts';

let endpoint: Endpoint | undefined;

// Clients live as long as the process: every test has fresh modules, and so a fresh recorder on a fresh client.
async function aws(
  event: object,
  flags: readonly string[],
  refused: readonly string[] = [],
): Promise<{ code: number; out: string; err: string; actions: readonly string[] }> {
  endpoint = await startEndpoint(() => undefined, refused);
  for (const [name, value] of Object.entries(credentials(endpoint.url))) vi.stubEnv(name, value);
  vi.resetModules();
  const fresh = await import('./terminal.ts');
  const ran = await fresh.run(['handle', file('event.json', event), '--aws', ...flags], {
    env: credentials(endpoint.url),
  });
  return { ...ran, actions: endpoint.actions };
}

afterEach(() => {
  endpoint?.close();
  vi.unstubAllEnvs();
});

/** What stands on standard error of `--json` before anything else. */
const PLACE = 'account 111122223333, eu-west-1, as arn:aws:iam::111122223333:user/kim\n';

function now(): object {
  return stateEvent('i-0a1', { time: `${new Date().toISOString().slice(0, 19)}Z` });
}

describe('handle --aws', () => {
  it('plans and changes nothing, with every request that was sent', async () => {
    const { code, out, actions } = await aws(now(), ['--json']);
    expect({ code, actions }).toEqual({ code: 0, actions: ['GetCallerIdentity', 'DescribeInstances'] });
    expect(JSON.parse(out)).toMatchObject({
      results: [
        {
          runbook: 'stop-marked',
          target: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1',
          outcome: 'planned',
          plan: [{ call: 'ec2:StopInstances', input: { InstanceIds: ['i-0a1'] } }],
          calls: [{ call: 'ec2:DescribeInstances', input: { Filters: [{ Name: 'tag-key', Values: ['mark'] }] } }],
        },
      ],
    });
  });

  it('acts with --apply --unsafe-no-ledger', async () => {
    const { code, out, actions } = await aws(now(), ['--json', '--apply', '--unsafe-no-ledger']);
    expect({ code, actions }).toEqual({
      code: 0,
      actions: ['GetCallerIdentity', 'DescribeInstances', 'StopInstances'],
    });
    expect(JSON.parse(out)).toMatchObject({
      results: [{ outcome: 'done', calls: [{ call: 'ec2:DescribeInstances' }, { call: 'ec2:StopInstances' }] }],
    });
  });

  it('shows a refused request with its error, once: nothing is sent again behind the back', async () => {
    const { code, out, actions } = await aws(now(), ['--json', '--apply', '--unsafe-no-ledger'], ['StopInstances']);
    expect({ code, actions }).toEqual({
      code: 1,
      actions: ['GetCallerIdentity', 'DescribeInstances', 'StopInstances'],
    });
    expect(JSON.parse(out)).toMatchObject({
      results: [
        {
          outcome: 'failed',
          calls: [{ call: 'ec2:DescribeInstances' }, { call: 'ec2:StopInstances', error: 'UnauthorizedOperation' }],
        },
      ],
    });
  });

  it('writes log lines to standard error only when asked', async () => {
    expect((await aws(now(), ['--json'])).err).toBe(PLACE);
    expect((await aws(now(), ['--json', '--verbose'])).err).toContain('"message":"outcome"');
  });

  it('says first whose account it is, as AWS has it, whatever the event says', async () => {
    const { code, out } = await aws(REQUEST, []);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 2)).toEqual([
      'account 111122223333, eu-west-1, as arn:aws:iam::111122223333:user/kim',
      '',
    ]);
    expect((await aws(REQUEST, ['--account', '111122223333'])).code).toBe(0);
    const foreign = await aws({ ...now(), account: '444455556666' }, ['--json']);
    expect(foreign.code).toBe(3);
    expect(JSON.parse(foreign.out)).toMatchObject({ results: [{ outcome: 'not-mine', code: 'foreign-account' }] });
  });

  it.each([
    [
      REQUEST,
      ['--account', '444455556666'],
      '--account says 444455556666, but these credentials are of 111122223333: nothing was done',
    ],
    [
      { ...REQUEST, target: 'arn:aws:ec2:eu-west-1:444455556666:instance/i-0a1' },
      [],
      'target: arn:aws:ec2:eu-west-1:444455556666:instance/i-0a1 is in 444455556666 eu-west-1, but these credentials are of 111122223333 in eu-west-1',
    ],
    [
      { ...REQUEST, target: 'arn:aws:ec2:eu-central-1:111122223333:instance/i-0a1' },
      [],
      'target: arn:aws:ec2:eu-central-1:111122223333:instance/i-0a1 is in 111122223333 eu-central-1, but these credentials are of 111122223333 in eu-west-1',
    ],
  ])('refuses another account or Region, and asks nothing else: %j', async (event, flags, line) => {
    const { code, out, err, actions } = await aws(event, ['--json', '--apply', '--unsafe-no-ledger', ...flags]);
    expect({ code, out, err, actions }).toEqual({
      code: 2,
      out: '',
      err: `${PLACE}runbook: ${line}\n`,
      actions: ['GetCallerIdentity'],
    });
  });

  it('is 2 with one line when AWS does not take the credentials', async () => {
    const { code, out, err, actions } = await aws(REQUEST, [], ['GetCallerIdentity']);
    expect({ code, out, actions }).toEqual({ code: 2, out: '', actions: ['GetCallerIdentity'] });
    expect(err).toBe(
      'runbook: AWS does not say whose account this is (keys of the environment): ExpiredToken: The security token included in the request is expired\n',
    );
  });

  it('is 3 when there is no such runbook, and sends nothing', async () => {
    const { code, out, err, actions } = await aws({ runbook: 'somebody-else' }, ['--json']);
    expect({ code, out: JSON.parse(out) as unknown, err, actions }).toEqual({
      code: 3,
      out: { results: [] },
      err: 'runbook: there is no runbook somebody-else; there are: stop-marked\n',
      actions: [],
    });
  });

  it('refuses what only the runbook can judge with one line', async () => {
    const { code, out, err } = await aws({ ...REQUEST, params: { other: 1 } }, ['--json']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^account .*\nrunbook: .*event\.json: params\.other: unknown key\n$/u);
  });

  it('takes one event, not a list with times', async () => {
    const { code, err, actions } = await aws([{ event: REQUEST }, { event: REQUEST }], []);
    expect({ code, actions }).toEqual({ code: 2, actions: [] });
    expect(err).toContain('a list of timed events is for --world');
  });
});

describe('Ctrl-C', () => {
  it('finishes the request under way, sends no other, and says what is half done', async () => {
    let interrupt = (): void => undefined;
    endpoint = await startEndpoint((action) => {
      if (action === 'StopInstances') interrupt();
    });
    for (const [name, value] of Object.entries(credentials(endpoint.url))) vi.stubEnv(name, value);
    vi.resetModules();
    const fresh = await import('./terminal.ts');
    const { code, out, err } = await fresh.run(
      ['handle', file('event.json', now()), '--aws', '--apply', '--unsafe-no-ledger', '--json'],
      {
        env: credentials(endpoint.url),
        onInterrupt: (listener) => {
          interrupt = listener;
          return () => undefined;
        },
      },
    );
    expect(code).toBe(1);
    expect(endpoint.actions).toEqual(['GetCallerIdentity', 'DescribeInstances', 'StopInstances']);
    expect(JSON.parse(out)).toMatchObject({
      results: [{ outcome: 'failed', reason: 'interrupted: stopped by a person before verify:0' }],
    });
    expect(err.split('\n')).toEqual([
      PLACE.trim(),
      'runbook: interrupted: the request under way is finished, then leases are handed back (Ctrl-C again leaves at once)',
      'runbook: stop-marked i-0a1: half done: sent ec2:StopInstances; the next run goes on from there, ec2:StartInstances would take it back',
      '',
    ]);
  });
});
