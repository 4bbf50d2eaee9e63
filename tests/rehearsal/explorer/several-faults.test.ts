/** Several faults in one run that once ended wrongly. They are found by what they strike: numbers of requests change with every step more. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concerned, loadDrills } from '../../../rehearsal/drill.ts';
import { FUNCTIONS_ROOT } from '../../../rehearsal/explorer/crew.ts';
import { Rehearsal } from '../../../rehearsal/explorer/rehearsal.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import {
  NO_FAULTS,
  type DuplicateDelivery,
  type FaultKind,
  type FaultPlan,
  type LoggedRequest,
} from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';

const DRILLS = join(import.meta.dirname, '../../../drills');
const deployed = await discoverFunctions(FUNCTIONS_ROOT);

/** A fault at the first request, after those before, that is wanted. */
interface Strike {
  readonly kind: FaultKind;
  /** Of `world-moves`: which. */
  readonly move?: string;
  readonly at: (request: LoggedRequest, end: SimulationEnd) => boolean;
}

const says = ({ input }: LoggedRequest, text: string): boolean => JSON.stringify(input).includes(text);

/** Sent more than a minute, or so many, after the first request: by a repeat. */
function isLater({ at }: LoggedRequest, { requests }: SimulationEnd, minutes = 1): boolean {
  return Date.parse(at) - Date.parse(requests[0]?.at ?? '') > minutes * 60_000;
}

/** A checkpoint that says of a step that it has succeeded. */
function keeps(request: LoggedRequest, step: string): boolean {
  return request.call === 'lambda:CheckpointDurableExecution' && says(request, step) && says(request, '"SUCCEED"');
}

/** What is wrong with a drill under several faults, each planned in the run that the ones before have made. */
async function struck(
  name: string,
  seed: number,
  duplicates: readonly DuplicateDelivery[],
  strikes: readonly Strike[],
  always: Partial<FaultPlan> = {},
): Promise<readonly string[]> {
  const [drill] = loadDrills(DRILLS, [name]);
  if (drill === undefined) throw new Error(`no drill ${name}`);
  const rehearsal = new Rehearsal(drill, concerned(drill, deployed), seed);
  let plan: FaultPlan = { ...NO_FAULTS, ...always, duplicates };
  for (const { kind, at, move } of strikes) {
    const end = await rehearsal.run(plan);
    const last = plan.points.at(-1)?.request ?? -1;
    const found = end.requests.find((request) => request.index > last && at(request, end));
    if (found === undefined) throw new Error(`nothing to strike with ${kind} after ${last}`);
    plan = {
      ...plan,
      points: [...plan.points, { request: found.index, kind, ...(move === undefined ? {} : { move }) }],
    };
  }
  return (await rehearsal.rehearse(plan)).finding.violations;
}

/** Violations that say that a change was told to nobody. */
function silent(violations: readonly string[]): readonly string[] {
  return violations.filter((text) => /^no line, record or event|said nothing of what it did/u.test(text));
}

describe.each([1, 101])('seed %i', (seed) => {
  it('an answer to a hook whose checkpoint is lost for a minute, beside a launch that comes twice, is told', async () => {
    const violations = await struck(
      'carry-already-terminated',
      seed,
      [{ event: 1, when: 'during' }],
      [
        { kind: 'throttled-for-a-minute', at: (one) => keeps(one, 'apply:0:0:autoscaling:CompleteLifecycleAction') },
        { kind: 'throttled', at: (one, end) => one.call === 'ledger:switches' && isLater(one, end) },
        { kind: 'throttled', at: (one) => keeps(one, 'apply:0:0:ec2:CreateTags') },
      ],
    );
    expect(silent(violations)).toEqual([]);
  });

  it('a move without the ledger by a run that dies before it has said so, twice, is told', async () => {
    const violations = await struck(
      'fence-as-far-as-possible',
      seed,
      [],
      [
        { kind: 'throttled-for-a-minute', at: ({ call }) => call === 'ledger:acquire' },
        { kind: 'died-before', at: ({ call }) => call === 'ledger:record' },
        {
          kind: 'died-after',
          at: (one, end) =>
            one.call === 'ec2:DescribeAvailabilityZones' &&
            end.invocations[one.invocation]?.delivery === 0 &&
            isLater(one, end),
        },
        {
          kind: 'failed-before',
          at: ({ call, invocation }, end) =>
            call === 'ec2:DescribeAddresses' && end.invocations[invocation]?.delivery === -1,
        },
      ],
    );
    expect(violations).toEqual([]);
  });

  it('a quarantine that fails when the schedule takes up a dead run is written all the same', async () => {
    const violations = await struck(
      'fence-as-far-as-possible',
      seed,
      [{ event: 0, when: 'during' }],
      [
        { kind: 'reply-lost', at: ({ call }) => call === 'cloudwatch:DescribeAlarms' },
        { kind: 'died-before', at: (one) => one.call === 'ec2:CreateTags' && says(one, 'runbook:quarantined') },
        { kind: 'failed-before', at: (one) => one.call === 'ec2:CreateTags' && says(one, 'runbook:quarantined') },
      ],
    );
    expect(violations).toEqual([]);
  });

  it('a refusal for want of the ledger that the bus does not take either is in the log, and leaves the hook to its default', async () => {
    const violations = await struck(
      'carry-launch-first',
      seed,
      [],
      [{ kind: 'throttled-for-a-minute', at: (one, end) => one.call === 'events:PutEvents' && isLater(one, end, 30) }],
      { ledgerLost: true },
    );
    expect(violations.filter((text) => text.startsWith('hook-answered'))).toEqual([]);
  });
});

describe('the last address of an account', () => {
  it('that is released while an instance waits in its launch hook lets it go: nobody else would', async () => {
    const released = { kind: 'world-moves', move: 'address-released' } as const;
    const violations = await struck(
      'group-replacement',
      1,
      [],
      [{ ...released, at: ({ call }) => call === 'ec2:AssociateAddress' }],
    );
    expect(violations).toEqual([]);
  });
});

describe.each([1, 202])('seed %i', (seed) => {
  it('an answer to a launch hook whose checkpoint is lost twice leaves nothing announced behind', async () => {
    const violations = await struck(
      'carry-launch-first',
      seed,
      [],
      [
        { kind: 'throttled-for-a-minute', at: (one) => keeps(one, 'ec2:DetachVolume') },
        { kind: 'throttled', at: (one) => keeps(one, 'autoscaling:CompleteLifecycleAction') },
      ],
    );
    expect(violations).toEqual([]);
  });
});
