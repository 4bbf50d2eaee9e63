import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Setting } from '../../../cli/snapshot/live.ts';
import { snapshot, type SnapshotFlags, type Ways } from '../../../cli/snapshot/snapshot.ts';
import { UsageError } from '../../../cli/terminal.ts';
import { loadDrills } from '../../../rehearsal/drill.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { awsError } from '../../../simulator/engine/model.ts';
import { pastedWorld } from '../../../simulator/world/world-file.ts';
import { run } from '../terminal.ts';
import { standing, type Standing, type Trouble } from './account.ts';

const folder = mkdtempSync(join(tmpdir(), 'runbook-snapshot-'));
let account: Standing | undefined;

afterEach(() => {
  account?.end();
  account = undefined;
});

interface Ran {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

/** Takes a snapshot of a drill's account. */
async function taken(drill: string, flags: SnapshotFlags, trouble: Trouble = {}, more: Ways = {}): Promise<Ran> {
  const [found] = loadDrills('drills', [drill]);
  if (found === undefined) throw new Error(`there is a drill ${drill}`);
  account = standing(found.world, trouble);
  const { wait } = account;
  let [out, err] = ['', ''];
  const sink = (write: (text: string) => void) => ({ write, isTTY: false, columns: () => 100 });
  const io = {
    stdout: sink((text) => (out += text)),
    stderr: sink((text) => (err += text)),
    env: {},
    functions: () => Promise.resolve([]),
    drills: '',
    onInterrupt: () => () => undefined,
  };
  const setting: Setting = {
    account: found.world.account,
    alias: 'example-prod',
    region: found.world.region,
    caller: 'arn:aws:sts::111122223333:assumed-role/on-call/kim',
    now: new Date(found.world.nowMs).toISOString(),
    ledger: { kind: 'none' },
    close: () => undefined,
  };
  const ways = { open: () => Promise.resolve(setting), wait, ...more };
  const code = await snapshot(io, flags, ways).catch((error: unknown) => {
    if (error instanceof UsageError) return error.message;
    throw error;
  });
  return { code, out, err };
}

function worldIn(text: string): Record<string, unknown> {
  const world: unknown = JSON.parse(text);
  if (!isRecord(world)) throw new Error('a world is an object');
  return world;
}

describe('runbook snapshot', () => {
  it('prints the account as a world, and says where and what on standard error', async () => {
    const { code, out, err } = await taken('instance-dies', {});
    expect(code).toBe(0);
    expect(pastedWorld(worldIn(out)).lacks).toEqual([]);
    expect(err.split('\n')).toEqual([
      'LIVE 111122223333 (example-prod) eu-west-1, as role on-call (kim)',
      'reads 92 calls of 24 services at most, and changes nothing; --list-calls names them',
      'runbook: no stack is deployed here: the world has no ledger',
      '',
    ]);
    expect(account?.asked.filter(({ call }) => !/:(?:Describe|Get|List)/u.test(call))).toEqual([]);
  });

  it('writes a file for its owner alone, and never over another', async () => {
    const out = join(folder, 'world.json');
    const first = await taken('instance-dies', { out });
    expect([first.code, statSync(out).mode & 0o777]).toEqual([0, 0o600]);
    expect(first.out).toContain(`npx runbook handle EVENT.json --world ${out}\n`);
    account?.end();
    writeFileSync(out, 'mine');
    const again = await taken('instance-dies', { out });
    expect(again.code).toBe(`${out}: is there already: nothing was written; another --out, or --force to replace it`);
    expect([readFileSync(out, 'utf8'), account?.asked]).toEqual(['mine', []]);
    account?.end();
    expect((await taken('instance-dies', { out, force: true })).code).toBe(0);
    expect(worldIn(readFileSync(out, 'utf8'))).toHaveProperty('ec2.Instances');
  });

  it('goes on without a service that it may not read, names the permission, and ends with 5', async () => {
    const before = (call: string): void => {
      if (call === 'ec2:DescribeVolumes') throw awsError('UnauthorizedOperation', 'You are not authorized.', 403);
    };
    const { code, out, err } = await taken('instance-dies', {}, { before });
    expect(code).toBe(5);
    expect(err).toContain(
      'runbook: warning: not read: ec2:DescribeVolumes in eu-west-1: UnauthorizedOperation: You are not authorized.; missing: ec2:DescribeVolumes\n',
    );
    const { ec2 } = worldIn(out);
    expect(ec2).not.toHaveProperty('Volumes');
    expect(ec2).toHaveProperty('Instances');
  });

  it('writes nothing where nothing may be read', async () => {
    const before = (): void => {
      throw awsError('AccessDeniedException', 'no', 403);
    };
    const { code, out, err } = await taken('instance-dies', {}, { before });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('runbook: nothing could be read: nothing was written\n');
  });

  it('waits for what is throttled, and says so', async () => {
    let times = 0;
    const before = (call: string): void => {
      if (call !== 'ec2:DescribeVpcs' || times > 1) return;
      times += 1;
      throw awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    };
    const { code, err } = await taken('instance-dies', {}, { before });
    expect(code).toBe(0);
    expect(err).toContain('runbook: ec2:DescribeVpcs is throttled (RequestLimitExceeded): sent again in 1 s\n');
    expect(err).toContain('runbook: ec2:DescribeVpcs is throttled (RequestLimitExceeded): sent again in 2 s\n');
  });

  it('stops at the most records, and writes nothing', async () => {
    await expect(taken('instance-dies', {}, {}, { mostRecords: 3 })).rejects.toThrow(
      'more than 3 records are in this account: nothing was written',
    );
  });

  it('cuts to what belongs to a target', async () => {
    const { code, out } = await taken('two-addresses-one-standby', { for: 'eipalloc-04c8e2a6f1b3d9570' });
    expect(code).toBe(0);
    expect(worldIn(out)).toHaveProperty('ec2.Addresses.0.AllocationId', 'eipalloc-04c8e2a6f1b3d9570');
    expect(pastedWorld(worldIn(out)).lacks).toEqual([]);
  });

  it('says of an unknown target what is near', async () => {
    const { code } = await taken('instance-dies', { for: 'eipalloc-04c8e2a6f1b3d957f' });
    expect(code).toMatch(
      /^--for: there is no eipalloc-04c8e2a6f1b3d957f in what was read; nearest: eipalloc-[0-9a-f]{17}, .*: nothing was written$/u,
    );
  });
});

describe('runbook snapshot on the command line', () => {
  it.each([
    [['--force'], 'runbook: snapshot: --force goes with --out\n'],
    [
      ['--region', 'here'],
      "runbook: option '--region <name>' argument 'here' is invalid. expected a Region such as eu-west-1.\n",
    ],
    [
      ['--json'],
      'runbook: snapshot: --json tells of the file that --out FILE names; without it the world itself is printed\n',
    ],
  ])('refuses %j', async (argv, message) => {
    const { code, out, err } = await run(['snapshot', ...argv]);
    expect([code, out, err]).toEqual([2, '', message]);
  });

  it('asks for a file on a terminal', async () => {
    const { code, err } = await run(['snapshot'], { tty: true });
    expect([code, err]).toEqual([
      2,
      'runbook: snapshot: name a file with --out world.json; a world is too long for a terminal\n',
    ]);
  });
});
