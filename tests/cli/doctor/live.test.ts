import { afterEach, describe, expect, it } from 'vitest';
import { doctor, DOCTOR_TABLE, type DoctorFlags } from '../../../cli/doctor/doctor.ts';
import type { simulatedRights } from '../../../cli/doctor/live.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import type { Stack } from '../../../cli/operate/place.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { awsError } from '../../../simulator/engine/model.ts';
import { readJsonFile } from '../../../simulator/world/json-file.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import { fakePlace, fakeStack } from '../operate/fake-place.ts';
import { standing, type Standing, type Trouble } from '../snapshot/account.ts';

const functions = await discoverFunctions('functions');
let account: Standing | undefined;

afterEach(() => {
  account?.end();
  account = undefined;
});

interface Examined {
  readonly code: number;
  readonly findings: readonly Finding[];
  readonly err: string;
}

interface Surroundings {
  readonly trouble?: Trouble;
  readonly stacks?: readonly Stack[];
  readonly rights?: typeof simulatedRights;
}

const company = parseWorld(readJsonFile('examples/company.json'));

/** Examines the account of the example, as if it were real. */
async function examined(around: Surroundings = {}): Promise<Examined> {
  const { trouble, stacks = [fakeStack()], rights = () => Promise.resolve([]) } = around;
  account = standing(company, trouble);
  const now = new Date(company.nowMs).toISOString();
  let [out, err] = ['', ''];
  const sink = (write: (text: string) => void) => ({ write, isTTY: false, columns: () => 100 });
  const io = {
    stdout: sink((text) => (out += text)),
    stderr: sink((text) => (err += text)),
    env: {},
    functions: () => Promise.resolve(functions),
    drills: '',
    onInterrupt: () => () => undefined,
    openPlace: () => Promise.resolve(fakePlace(stacks, { now: () => now })),
  };
  const flags: DoctorFlags = { json: true };
  const code = await doctor(io, flags, { wait: account.wait, rights });
  const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(out);
  return { code, findings, err };
}

/** Calls that read, by their names. */
const READS = /:(?:Describe|Get|List|Query|Simulate)/u;

const APPLY = { scope: 'all', mode: 'apply', reason: 'tried', by: 'kim', at: '2026-11-20T10:00:00.000Z' } as const;

/** What is found of a check, without the texts. */
function levels(findings: readonly Finding[], check: string): readonly string[] {
  return findings.filter((one) => one.check === check).map(({ level, about }) => `${level} ${about ?? ''}`);
}

describe('runbook doctor, live', () => {
  it('reads alone, and asks the runbooks about what it has read', async () => {
    const { code, findings, err } = await examined();
    const asked = account?.asked.map(({ call }) => call) ?? [];
    expect(asked.filter((call) => !READS.test(call))).toEqual([]);
    const table = new Set(DOCTOR_TABLE.map(({ call }) => call));
    expect(asked.filter((call) => !table.has(call))).toEqual([]);
    expect(asked.filter((call) => call === 'sns:ListSubscriptions')).toHaveLength(1);
    expect(err).toContain('and changes nothing; --list-calls names them');
    expect(levels(findings, 'standby')).toEqual([
      'broken mail 203.0.113.25 eipalloc-05d9f3b7a2c4e0681',
      'ok web 203.0.113.10 eipalloc-04c8e2a6f1b3d9570',
    ]);
    expect(code).toBe(1);
  });

  it('says what may not be read, with the action that is missing, and guesses nothing from it', async () => {
    const before = (call: string): void => {
      if (call === 'ec2:DescribeInstances') throw awsError('UnauthorizedOperation', 'You are not authorized.', 403);
    };
    const { findings } = await examined({ trouble: { before } });
    const unread = findings.find(({ about }) => about === 'ec2:DescribeInstances');
    expect(unread).toMatchObject({ level: 'unread', check: 'read' });
    expect(unread?.text).toContain('missing: ec2:DescribeInstances');
    expect(levels(findings, 'standby').filter((one) => one.startsWith('broken'))).toEqual([]);
  });

  it('finds that nobody is subscribed, that the functions are not there, and no alarm', async () => {
    const { findings } = await examined();
    expect(levels(findings, 'subscriptions')).toEqual([
      'broken runbook-prod-page',
      'warning runbook-prod-look',
      'warning runbook-prod-messages',
    ]);
    expect(levels(findings, 'alarms')).toEqual([
      'broken runbook-prod-page',
      'broken runbook-prod-look',
      'broken runbook-prod-heartbeat',
      'broken runbook-prod-dead-letters-lost',
      'broken runbook-prod-failed-runs',
      'broken runbook-prod-undelivered',
      'broken runbook-prod-outcomes-undelivered',
      'broken runbook-prod-trouble-dead-letters',
    ]);
  });

  it('tells of two stacks on the same tags: broken where both act, a warning where one does', async () => {
    const second = (mode: 'apply' | 'plan') => fakeStack({ modes: [{ ...APPLY, mode }] }, { prefix: 'runbook-test' });
    const acting = await examined({ stacks: [fakeStack(), second('apply')] });
    expect(levels(acting.findings, 'stacks')).toEqual(['broken runbook-prod, runbook-test']);
    const planning = await examined({ stacks: [fakeStack(), second('plan')] });
    expect(levels(planning.findings, 'stacks')).toEqual(['warning runbook-prod, runbook-test']);
  });
});
