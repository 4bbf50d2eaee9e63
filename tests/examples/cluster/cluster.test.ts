/** The document of examples/cluster does what its runbook counts on: its very script, in a shell, with a Slurm of two commands. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../../build/cloudformation.ts';
import { readAnswer } from '../../../functions/scale-hpc-fleet/decide.ts';

const { Resources } = z
  .object({
    Resources: z.object({
      ParkPartitions: z.object({
        Properties: z.object({
          Content: z.object({
            parameters: z.object({
              command: z.object({ allowedValues: z.array(z.string()) }),
              partitions: z.object({ allowedPattern: z.string() }),
            }),
            mainSteps: z.tuple([z.object({ inputs: z.object({ runCommand: z.tuple([z.string()]) }) })]),
          }),
        }),
      }),
    }),
  })
  .parse(readTemplate('examples/cluster/template.yml'));
const { mainSteps, parameters } = Resources.ParkPartitions.Properties.Content;
const [SCRIPT] = mainSteps[0].inputs.runCommand;

/** Slurm keeps a file for each partition with its state, and one with its jobs; what is changed is noted. */
const SCONTROL = `#!/bin/sh
cd "$SLURM" || exit 1
show() { echo "PartitionName=$1 AllowGroups=ALL MaxNodes=4 State=$(cat "$1.state") TotalCPUs=8"; }
case "$1 $2" in
  'show partition') show "$3" ;;
  'show partitions') for file in *.state; do show "\${file%.state}"; done ;;
  update*)
    name=\${2#PartitionName=} state=\${3#State=}
    echo "$name $state" >> changes
    echo "$state" > "$name.state"
    [ ! -e "on-$state" ] || . "./on-$state"
    ;;
esac
`;
const SQUEUE = `#!/bin/sh
cd "$SLURM" || exit 1
[ ! -e broken ] || exit 1
cat "$3.jobs" 2>/dev/null || true
`;

interface Head {
  readonly write: (file: string, text: string) => void;
  readonly changes: () => readonly string[];
  readonly run: (command: string, partitions?: string) => { readonly status: number | null; readonly stdout: string };
}

/** A head node whose partitions stand so. */
function head({ onTestFinished }: TestContext, states: Readonly<Record<string, string>>, fleet = 'RUNNING'): Head {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const command = (name: string, text: string): void => {
    write(`bin/${name}`, text);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  for (const each of ['bin', 'logs']) mkdirSync(join(folder, each));
  command('scontrol', SCONTROL);
  command('squeue', SQUEUE);
  command('get-compute-fleet-status.sh', `#!/bin/sh\necho '{"status": "${fleet}", "lastStatusUpdatedTime": "x"}'\n`);
  for (const [name, state] of Object.entries(states)) write(`${name}.state`, `${state}\n`);
  const placed = SCRIPT.replace('/opt/slurm/bin:/usr/local/bin', join(folder, 'bin'))
    .replace('/var/log/parallelcluster', join(folder, 'logs'))
    .replace('/run/runbook-park-partitions.lock', join(folder, 'lock'));
  return {
    write,
    changes: () =>
      existsSync(join(folder, 'changes')) ? readFileSync(join(folder, 'changes'), 'utf8').trim().split('\n') : [],
    run: (asked, partitions = '') => {
      const script = placed.replace('{{ command }}', asked).replace('{{ partitions }}', partitions);
      const env = { PATH: process.env['PATH'], SLURM: folder };
      return spawnSync('sh', ['-c', script], { encoding: 'utf8', env });
    },
  };
}

function statesIn(stdout: string): Readonly<Record<string, string>> {
  return Object.fromEntries((readAnswer(stdout)?.partitions ?? []).map(({ name, state }) => [name, state]));
}

describe('the document', () => {
  it('takes three commands, and names of partitions that can be nothing more than words', () => {
    expect(parameters.command.allowedValues).toEqual(['status', 'park', 'unpark']);
    const pattern = new RegExp(parameters.partitions.allowedPattern, 'u');
    expect(['', 'efa', 'efa small_2'].filter((text) => !pattern.test(text))).toEqual([]);
    expect(["efa'", '$(id)', 'a;b', 'a\nb', '`id`'].filter((text) => pattern.test(text))).toEqual([]);
  });

  it('tells how each partition stands, and changes nothing', (test) => {
    const on = head(test, { efa: 'UP', small: 'INACTIVE' });
    on.write('efa.jobs', 'RUNNING\nCOMPLETING\nPENDING\n');
    const { status, stdout } = on.run('status');
    expect(status).toBe(0);
    expect(readAnswer(stdout)).toEqual({
      fleet: 'RUNNING',
      partitions: [
        { name: 'efa', state: 'UP', running: 2, pending: 1 },
        { name: 'small', state: 'INACTIVE', running: 0, pending: 0 },
      ],
      causes: [],
    });
    expect(on.changes()).toEqual([]);
  });

  it('parks those that are named and have no job, DOWN first, and no other', (test) => {
    const on = head(test, { busy: 'UP', debug: 'DRAIN', efa: 'UP', other: 'UP' });
    on.write('busy.jobs', 'PENDING\n');
    const { stdout } = on.run('park', 'busy debug efa');
    expect(statesIn(stdout)).toEqual({ busy: 'UP', debug: 'DRAIN', efa: 'INACTIVE', other: 'UP' });
    expect(on.changes()).toEqual(['busy DOWN', 'busy UP', 'efa DOWN', 'efa INACTIVE']);
    expect(statesIn(on.run('park', 'efa').stdout)['efa']).toBe('INACTIVE');
  });

  it.for(['DOWN', 'INACTIVE'])('keeps a partition in which a job comes when it is just %s', (moment, test) => {
    const on = head(test, { efa: 'UP' });
    on.write(`on-${moment}`, 'echo PENDING > efa.jobs\n');
    expect(statesIn(on.run('park', 'efa').stdout)).toEqual({ efa: 'UP' });
  });

  it('leaves no partition DOWN where Slurm does not answer, and fails', (test) => {
    const on = head(test, { efa: 'UP' });
    on.write('on-DOWN', ': > broken\n');
    const { status, stdout } = on.run('park', 'efa');
    expect([status, stdout]).toEqual([4, '']);
    expect(on.changes()).toEqual(['efa DOWN', 'efa UP']);
  });

  it('tells nothing rather than a part', (test) => {
    const on = head(test, { efa: 'UP' });
    on.write('broken', '');
    const { status, stdout } = on.run('status');
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    const odd = head(test, { efa: 'UP' }, '').run('status');
    expect([odd.status, odd.stdout]).toEqual([3, 'the status of the compute fleet cannot be read\n']);
  });

  it('unparks those that are named and INACTIVE, and no other', (test) => {
    const on = head(test, { debug: 'DOWN', efa: 'INACTIVE', other: 'INACTIVE' });
    expect(statesIn(on.run('unpark', 'debug efa').stdout)).toEqual({ debug: 'DOWN', efa: 'UP', other: 'INACTIVE' });
    expect(on.changes()).toEqual(['efa UP']);
  });

  it('changes nothing while the cluster is PROTECTED, and tells the last causes', (test) => {
    const on = head(test, { efa: 'INACTIVE' }, 'PROTECTED');
    const event = (level: string, message: string): string => `{"level": "${level}", "message": "${message}", "x": 1}`;
    const lines = [1, 2, 3, 4].map((each) => event('WARNING', String.raw`node ${each} says \"no\"`));
    on.write('logs/clustermgtd.events', [...lines, event('INFO', 'fine')].join('\n'));
    const { stdout } = on.run('unpark', 'efa');
    expect(readAnswer(stdout)).toMatchObject({
      fleet: 'PROTECTED',
      partitions: [{ name: 'efa', state: 'INACTIVE' }],
      causes: ['node 2 says no', 'node 3 says no', 'node 4 says no'],
    });
    expect(on.changes()).toEqual([]);
    const older = head(test, { efa: 'INACTIVE' }, 'PROTECTED');
    older.write('logs/clustermgtd', 'x\nPlacing partitions in protected mode: efa ä\n');
    expect(readAnswer(older.run('status').stdout)?.causes).toEqual(['Placing partitions in protected mode: efa ']);
    expect(head(test, { efa: 'UP' }, 'STOPPED').run('park', 'efa').stdout).toContain('"state":"UP"');
  });

  it('prints less than Systems Manager gives, of twenty partitions', (test) => {
    const names = Array.from({ length: 20 }, (_none, index) => [`partition-number-${index}`, 'INACTIVE'] as const);
    const on = head(test, Object.fromEntries(names), 'PROTECTED');
    on.write('logs/clustermgtd', `protected ${'x'.repeat(500)}\n`.repeat(9));
    expect(on.run('status').stdout.length).toBeLessThan(2_500);
  });
});
