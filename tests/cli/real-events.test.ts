/** Every event of `fixtures/events`, in AWS's documented form, given to `runbook handle` on a small account: what comes of it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { FINDING_FIXTURES } from '../shared/kernel/triggers/findings.ts';
import { matches } from '../../simulator/engine/bus.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { file, run } from './terminal.ts';
import { EVENT_FIXTURES, readEvent } from '../shared/kernel/triggers/events.ts';
import type { Template } from '../house/iam/template.ts';
import { DEFAULTS, packagedTemplate, PACKAGING_TIMEOUT_MS } from '../house/packaged-template.ts';
import { smallAccount, type Standing } from './small-account.ts';

// What `check-readiness` looks at is a stack, and the account here has none.
const functions = (await discoverFunctions(join(ROOT, 'functions'))).filter(
  ({ summary }) => summary.name !== 'check-readiness',
);

const resultsSchema = z.object({
  results: z.array(
    z.object({
      runbook: z.string(),
      outcome: z.string(),
      reason: z.string(),
      calls: z.array(z.object({ call: z.string(), error: z.string().optional() })),
    }),
  ),
});

interface Came {
  readonly code: number;
  /** `runbook outcome code-of-the-reason`; a runbook that the event does not concern is left out. */
  readonly results: readonly string[];
  /** Every change that was asked for, in order; reports on the own bus are left out. */
  readonly writes: readonly string[];
  readonly complaint: string;
}

/** A few seconds after the event, whenever that was. */
const AFTER: { readonly [name: string]: string } = {
  'eventbridge-alarm-ok': '2026-11-22T08:20:07Z',
  'eventbridge-schedule-rule': '2026-11-22T08:01:02Z',
  'scheduler-tick': '2026-11-22T08:02:02Z',
};

async function handled(name: string, standing: Standing): Promise<Came> {
  const world = smallAccount(standing, AFTER[name] ?? '2026-11-22T08:00:10Z');
  const { code, out, err } = await run(
    ['handle', file('real.json', readEvent(name)), '--world', file('account.json', world), '--json'],
    { functions },
  );
  const { results } = resultsSchema.parse(out === '' ? { results: [] } : JSON.parse(out));
  return {
    code,
    results: results
      .filter(({ outcome, reason }) => !(outcome === 'nothing' && reason.startsWith('no-target')))
      .map(({ runbook, outcome, reason }) => `${runbook} ${outcome} ${reason.split(':')[0] ?? ''}`),
    writes: results
      .flatMap(({ calls }) => calls.map(({ call, error }) => `${call}${error === undefined ? '' : ` ${error}`}`))
      .filter((call) => !/:(?:Describe|Get|List)|^events:PutEvents$/u.test(call)),
    complaint: err.replace(/^seed 1\n$/u, ''),
  };
}

const FAILED_OVER: Came = {
  code: 0,
  results: ['reassign-elastic-ip done failed-over'],
  writes: ['ec2:AssociateAddress', 'ec2:CreateTags', 'ec2:CreateTags'],
  complaint: '',
};
/** A tick is everybody's. */
const TICKED: Came = { ...FAILED_OVER, results: ['block-address nothing unchanged', ...FAILED_OVER.results] };
const CLAIMED: Came = {
  code: 0,
  // The hook is answered, the member goes into service, and the event of that finds the work done.
  results: ['reassign-elastic-ip done taken-up', 'reassign-elastic-ip nothing holder-healthy'],
  writes: ['ec2:AssociateAddress', 'ec2:CreateTags', 'autoscaling:CompleteLifecycleAction'],
  complaint: '',
};
const HANDED_OVER: Came = {
  code: 0,
  // Then the instance shuts down and is gone: two events, about no holder any more.
  results: [
    'reassign-elastic-ip done handed-over',
    'reassign-elastic-ip nothing not-the-holder',
    'reassign-elastic-ip nothing not-the-holder',
  ],
  writes: ['ec2:AssociateAddress', 'ec2:CreateTags', 'autoscaling:CompleteLifecycleAction'],
  complaint: '',
};
/** No change, and no news: what somebody set up works. */
const TRIED_OUT: Came = {
  code: 0,
  results: [
    'deny-networks nothing test-notification',
    'prove-blocklist nothing test-notification',
    'publish-blocklist nothing test-notification',
    'reassign-elastic-ip nothing test-notification',
    'restrict-access nothing test-notification',
    // A message of its queue is a run of its own, which takes a moment longer.
    'block-address nothing test-notification',
  ],
  writes: [],
  complaint: '',
};
const NOBODYS: Came = { code: 3, results: [], writes: [], complaint: '' };
const PLANNED: Came = { code: 0, results: ['reassign-elastic-ip planned moved-by-hand'], writes: [], complaint: '' };

const CASES: readonly (readonly [name: string, standing: Standing, came: Came])[] = [
  ['alarm-action-composite', 'failing', FAILED_OVER],
  ['alarm-action-metric', 'failing', FAILED_OVER],
  ['alarm-action-metric-math', 'failing', FAILED_OVER],
  ['eventbridge-alarm-composite', 'failing', FAILED_OVER],
  ['eventbridge-alarm-metric', 'failing', FAILED_OVER],
  ['eventbridge-alarm-metric-math', 'failing', FAILED_OVER],
  [
    'eventbridge-alarm-ok',
    'failing',
    { code: 0, results: ['reassign-elastic-ip nothing alarm-not-raised'], writes: [], complaint: '' },
  ],
  [
    'eventbridge-alarm-queue-depth',
    'letters',
    {
      code: 0,
      results: ['redrive-dead-letters done redriven'],
      // Then it is looked for what has come back.
      writes: [
        'sqs:ReceiveMessage',
        'sqs:SendMessageBatch',
        'sqs:DeleteMessageBatch',
        'sqs:ReceiveMessage',
        'sqs:ReceiveMessage',
      ],
      complaint: '',
    },
  ],
  ['eventbridge-instance-shutting-down', 'failing', FAILED_OVER],
  ['eventbridge-instance-state', 'failing', FAILED_OVER],
  ['eventbridge-instance-stopped', 'failing', FAILED_OVER],
  ['eventbridge-instance-terminated', 'failing', FAILED_OVER],
  ['eventbridge-launch-hook', 'launching', CLAIMED],
  ['eventbridge-launch-successful', 'failing', FAILED_OVER],
  // Of no group of bastions.
  ['eventbridge-launch-unsuccessful', 'failing', { ...NOBODYS, results: ['heal-bastion not-mine no-target'] }],
  ['eventbridge-other', 'failing', NOBODYS],
  ['eventbridge-schedule-rule', 'failing', TICKED],
  // It is no node of a fleet.
  ['eventbridge-spot-notice', 'failing', { ...NOBODYS, results: ['scale-hpc-fleet not-mine no-target'] }],
  ['eventbridge-terminate-hook', 'leaving', HANDED_OVER],
  ['eventbridge-terminate-successful', 'failing', { ...NOBODYS, results: ['heal-bastion not-mine no-target'] }],
  ['eventbridge-terminate-unsuccessful', 'failing', { ...NOBODYS, results: ['heal-bastion not-mine no-target'] }],
  ['request', 'failing', PLANNED],
  [
    'scheduler-request',
    'failing',
    { code: 0, results: ['reassign-elastic-ip nothing already-preferred'], writes: [], complaint: '' },
  ],
  ['scheduler-tick', 'failing', TICKED],
  ['sns-alarm-composite', 'failing', FAILED_OVER],
  ['sns-alarm-metric', 'failing', FAILED_OVER],
  ['sns-alarm-metric-math', 'failing', FAILED_OVER],
  ['sns-lifecycle', 'launching', CLAIMED],
  ['sns-scaling-result', 'failing', FAILED_OVER],
  ['sqs-eventbridge-instance-state', 'failing', FAILED_OVER],
  ['sqs-lifecycle', 'launching', CLAIMED],
  ['sqs-lifecycle-test', 'failing', TRIED_OUT],
  [
    'sqs-mixed',
    'failing',
    {
      code: 0,
      results: [
        'reassign-elastic-ip planned moved-by-hand',
        'reassign-elastic-ip done failed-over',
        'reassign-elastic-ip nothing holder-healthy',
      ],
      writes: ['ec2:AssociateAddress', 'ec2:CreateTags', 'ec2:CreateTags'],
      complaint: '',
    },
  ],
  ['sqs-request', 'failing', PLANNED],
  ['sqs-s3-test', 'failing', TRIED_OUT],
  ['sqs-sns-alarm', 'failing', FAILED_OVER],
  ['sqs-sns-eventbridge', 'failing', FAILED_OVER],
  ['sqs-sns-raw-alarm', 'failing', FAILED_OVER],
];

describe('an event as AWS delivers it', () => {
  it.each(CASES)('%s comes to what it must come to', async (name, standing, came) => {
    expect(await handled(name, standing)).toEqual(came);
  });

  it.each(CASES.map(([name]) => name))('%s changes nothing where all is well', async (name) => {
    const { writes, complaint, results } = await handled(name, 'well');
    expect({ writes, complaint, failed: results.filter((line) => / (?:failed|refused) /u.test(line)) }).toEqual({
      writes: [],
      complaint: '',
      failed: [],
    });
  });
});

describe('the corpus', () => {
  let template: Template;
  beforeAll(async () => {
    template = await packagedTemplate(DEFAULTS);
  }, PACKAGING_TIMEOUT_MS);

  it('is all tried, each event once', () => {
    expect(CASES.map(([name]) => name).toSorted()).toEqual(EVENT_FIXTURES.map(({ name }) => name).toSorted());
  });

  it('names the source of every event', () => {
    const page = readFileSync(join(ROOT, 'tests/fixtures/events/README.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    for (const { name } of EVENT_FIXTURES)
      expect(`${name}: ${rows.filter((row) => row.split('|')[1]?.includes(`\`${name}\``) === true).length}`).toBe(
        `${name}: 1`,
      );
    // A page of AWS's documentation, or that the form is this project's own.
    for (const row of rows) expect(row).toMatch(/docs\.aws\.amazon\.com|this project's/u);
  });

  it('has an event for every value of every pattern of every rule that starts a function', () => {
    const patternSchema = z.object({
      source: z.array(z.string()),
      'detail-type': z.array(z.string()),
      // What is no list of values is the deployment's own: the name of its bucket.
      detail: z
        .record(z.string(), z.unknown())
        .default({})
        .transform((detail) =>
          Object.fromEntries(
            Object.entries(detail).flatMap(([key, values]) => {
              const said = z.array(z.string()).safeParse(values);
              return said.success ? [[key, said.data] as const] : [];
            }),
          ),
        ),
    });
    const created: unknown = JSON.parse(readFileSync(join(ROOT, 'tests/fixtures/lists/object-created.json'), 'utf8'));
    const events = [...[...EVENT_FIXTURES, ...FINDING_FIXTURES].map(({ event }) => event), created];
    const missing: string[] = [];
    let rules = 0;
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::Events::Rule' || !JSON.stringify(Properties['Targets']).includes('LambdaFunction')) continue;
      rules += 1;
      const pattern = patternSchema.parse(Properties['EventPattern']);
      const narrower = Object.entries(pattern.detail).flatMap(([key, values]) =>
        values.map((value) => ({ ...pattern, detail: { ...pattern.detail, [key]: [value] } })),
      );
      for (const one of narrower.length > 0 ? narrower : [pattern]) {
        if (!events.some((event) => isRecord(event) && matches(one, event)))
          missing.push(`${id}: ${JSON.stringify(one)}`);
      }
    }
    expect(missing).toEqual([]);
    expect(rules).toBeGreaterThan(4);
  });

  it('has what an alarm action, a schedule and a person send, as none of them comes through a rule', () => {
    const kinds = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Scheduler::Schedule'
        ? ['scheduler']
        : Type === 'AWS::Lambda::Permission' && Properties['Principal'] === 'lambda.alarms.cloudwatch.amazonaws.com'
          ? ['alarm-action']
          : [],
    );
    expect([...new Set(kinds)].toSorted()).toEqual(['alarm-action', 'scheduler']);
    for (const kind of [...kinds, 'request', 'sns-alarm', 'sqs-request', 'sqs-sns-alarm'])
      expect(`${kind}: ${String(EVENT_FIXTURES.some(({ name }) => name.startsWith(kind)))}`).toBe(`${kind}: true`);
  });
});
