/** A place as the tests want it: the ledger in memory, and around it whatever is said. */

import { ownVersion } from '../../../build/source-version.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { KillSwitch, ResourceState, RunRecord } from '../../../shared/kernel/ledger/ledger.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { memoryRecordBook } from '../../../simulator/engine/record-book.ts';
import type { ModeRow, Operation, OperatorBook, Place, Stack } from '../../../cli/operate/place.ts';

/** 64 s after the drill `instance-dies` has begun. */
export const NOW = '2026-11-22T08:05:00.000Z';

/** What stands in a ledger. */
export interface Rows {
  readonly switches?: readonly (KillSwitch & { readonly from?: string; readonly until?: string })[];
  readonly modes?: readonly ModeRow[];
  readonly resources?: readonly ResourceState[];
  readonly records?: readonly RunRecord[];
  readonly operations?: readonly Operation[];
}

/** An operator's book over the ledger in memory; `records` may be added to. */
export function fakeBook(rows: Rows, records: RunRecord[] = [...(rows.records ?? [])]): OperatorBook {
  const ledger = memoryLedger({ switches: rows.switches ?? [], resources: rows.resources ?? [] });
  const modes = new Map((rows.modes ?? []).map((row) => [row.scope, row]));
  const operations = [...(rows.operations ?? [])];
  return {
    ...memoryRecordBook(() => records),
    switches: ledger.switches,
    resources: ledger.resources,
    modes: () => Promise.resolve([...modes.values()]),
    beginning: (runbook, run) =>
      Promise.resolve(records.filter((one) => one.runbook === runbook && one.run.startsWith(run))),
    read: ({ runbook, run, target }) =>
      Promise.resolve(records.find((one) => one.runbook === runbook && one.run === run && one.target === target)?.body),
    operations: (day) => Promise.resolve(operations.filter(({ at }) => at.startsWith(day))),
    turnOff: (row) => Promise.resolve(ledger.switchOn(row)),
    turnOn: (scope) => Promise.resolve(ledger.switchOff(scope)),
    clear: ledger.clear,
    setMode: (row) => Promise.resolve(void modes.set(row.scope, row)),
    approve: ledger.approve,
    note: (operation) => Promise.resolve(void operations.push(operation)),
  };
}

const APPLY: ModeRow = { scope: 'all', mode: 'apply', reason: 'tried out', by: 'kim', at: '2026-11-20T10:00:00.000Z' };

/** A stack of two runbooks with nothing the matter. */
export function fakeStack(rows: Rows = {}, more: Partial<Stack> = {}): Stack {
  return {
    prefix: 'runbook-prod',
    version: ownVersion(),
    parameters: { dryRun: false, approval: 'never' },
    runbooks: [
      { name: 'reassign-elastic-ip', host: 'plain', functionName: 'runbook-prod-reassign-elastic-ip' },
      { name: 'stop-marked', host: 'plain', functionName: 'runbook-prod-stop-marked' },
    ],
    book: fakeBook({ modes: [APPLY], ...rows }),
    heartbeats: () => Promise.resolve(new Map([['stop-marked', '2026-11-22T08:04:10.000Z']])),
    alarms: () => Promise.resolve([]),
    start: () => Promise.reject(new Error('nothing is started in these tests')),
    standing: () => Promise.resolve(undefined),
    details: () => Promise.resolve(null),
    wake: () => Promise.reject(new Error('nobody is woken in these tests')),
    ...more,
  };
}

/** A live place. */
export function fakePlace(stacks: readonly Stack[], more: Partial<Place> = {}): Place {
  return {
    kind: 'live',
    account: '111122223333',
    alias: 'acme-prod',
    region: 'eu-west-1',
    caller: 'arn:aws:sts::111122223333:assumed-role/oncall/kim',
    person: 'AROA1:kim',
    file: null,
    now: () => NOW,
    stacks,
    quarantineOf: () => Promise.resolve(undefined),
    pardon: () => Promise.resolve(),
    keep: () => Promise.resolve(),
    close: () => Promise.resolve(),
    ...more,
  };
}

/** ARN of the address in these tests. */
export const ADDRESS = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-04c8e2a6f1b3d9570';

const MOVE = { AllocationId: 'eipalloc-04c8e2a6f1b3d9570', AllowReassociation: true };
const TAGGED = {
  Resources: ['i-0a17c4e9b2d58f306'],
  Tags: [{ Key: 'runbook:quarantined', Value: '2026-11-22T08:02:07.117Z' }],
};

/** What the drill `instance-dies` leaves in the ledger. */
export const MOVED: JsonObject = {
  runbook: 'reassign-elastic-ip',
  run: '0b8f6d3e-5c41-4a7e-9d20-000000000005',
  target: ADDRESS,
  outcome: 'done',
  reason: 'failed-over: i-0a17c4e9b2d58f306: status check instance: impaired; i-0b93e1f67a2c4d815 is good',
  evidence: {
    address: '203.0.113.10 (eipalloc-04c8e2a6f1b3d9570, runbook:vip = web)',
    holder: {
      id: 'i-0a17c4e9b2d58f306',
      verdict: 'bad',
      why: 'i-0a17c4e9b2d58f306: status check instance: impaired',
    },
    standbys: { 'i-0b93e1f67a2c4d815': 'good', 'i-0c93e1f67a2c4d816': 'is quarantined since 2026-11-22T07:00:00Z' },
    alarms: ['web-a-status-check (status) is in ALARM'],
  },
  plan: [
    {
      call: 'ec2:AssociateAddress',
      input: { ...MOVE, NetworkInterfaceId: 'eni-0b28f64d9c1e7a350', PrivateIpAddress: '10.0.2.10' },
      because: 'i-0a17c4e9b2d58f306: status check instance: impaired; i-0b93e1f67a2c4d815 is good',
      undo: {
        call: 'ec2:AssociateAddress',
        input: { ...MOVE, NetworkInterfaceId: 'eni-0a5d7c31e8f2b9046', PrivateIpAddress: '10.0.1.10' },
      },
    },
    {
      call: 'ec2:CreateTags',
      input: TAGGED,
      because: 'i-0a17c4e9b2d58f306 lost the address while it was failing',
      undo: { call: 'ec2:DeleteTags', input: TAGGED },
    },
  ],
  phases: [
    { name: 'gate', startedAt: '2026-11-22T08:02:07.000Z', endedAt: '2026-11-22T08:02:07.000Z' },
    { name: 'locate', startedAt: '2026-11-22T08:02:07.000Z', endedAt: '2026-11-22T08:02:07.076Z' },
    { name: 'lease', startedAt: '2026-11-22T08:02:07.076Z', endedAt: '2026-11-22T08:02:07.117Z' },
    { name: 'ec2:AssociateAddress', startedAt: '2026-11-22T08:02:07.117Z', endedAt: '2026-11-22T08:02:07.163Z' },
    { name: 'ec2:CreateTags', startedAt: '2026-11-22T08:02:07.163Z', endedAt: '2026-11-22T08:02:07.207Z' },
    { name: 'verify', startedAt: '2026-11-22T08:02:07.258Z', endedAt: '2026-11-22T08:02:07.297Z' },
  ],
  commands: {
    show: 'aws dynamodb get-item',
    undo: [
      `aws ec2 delete-tags --cli-input-json '${JSON.stringify(TAGGED)}'`,
      `aws ec2 associate-address --cli-input-json '{"AllocationId":"eipalloc-04c8e2a6f1b3d9570"}'`,
    ],
    undoRequest: {
      runbook: 'reassign-elastic-ip',
      target: ADDRESS,
      params: { action: 'move', to: 'eni-0a5d7c31e8f2b9046', privateIp: '10.0.1.10' },
    },
  },
};

/** A record; of the address and moved, unless it is said otherwise. */
export function record(changes: Partial<Omit<RunRecord, 'body'>> = {}, body: JsonObject = MOVED): RunRecord {
  return {
    runbook: 'reassign-elastic-ip',
    run: '0b8f6d3e-5c41-4a7e-9d20-000000000005',
    target: ADDRESS,
    at: '2026-11-22T08:02:07.297Z',
    ...changes,
    body: { ...body, ...(changes.run === undefined ? {} : { run: changes.run }) },
  };
}

/** What the ledger knows of a target. */
export function state(
  changes: Partial<ResourceState> & { readonly memory?: { readonly [key: string]: string } } = {},
): ResourceState {
  const { memory = {}, ...more } = changes;
  return {
    resource: ADDRESS,
    runbook: 'reassign-elastic-ip',
    history: { epoch: 1, actions: [], memory },
    ...more,
  };
}
