import { describe, expect, it } from 'vitest';
import { compareEnds } from '../../conformance/compare.ts';
import { HANDLER_DRILLS } from '../../conformance/handler-drills.ts';
import { endOf, outcomesOf, toldIn, type Ec2Records } from '../../conformance/handler-end.ts';
import { endOnSimulator } from '../../conformance/handlers.ts';

const IDS = new Map([
  ['holder', 'i-0000000000000000a'],
  ['data', 'vol-0000000000000000a'],
]);
const MAPPINGS = [
  { DeviceName: '/dev/sda1', Ebs: { VolumeId: 'vol-0000000000000000f', DeleteOnTermination: true } },
  { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-0000000000000000c', DeleteOnTermination: false } },
];

const RECORDS: Ec2Records = {
  Addresses: [],
  Instances: [
    {
      InstanceId: 'i-0000000000000000a',
      State: { Name: 'running' },
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: MAPPINGS,
      Tags: [{ Key: 'Name', Value: 'db' }],
    },
  ],
  Volumes: [
    {
      VolumeId: 'vol-0000000000000000f',
      Attachments: [{ InstanceId: 'i-0000000000000000a', Device: '/dev/sda1', State: 'attached' }],
    },
    {
      VolumeId: 'vol-0000000000000000a',
      Size: 8,
      Tags: [{ Key: 'runbook:superseded-at', Value: '2026-11-22T08:00:00.123Z' }],
    },
    {
      VolumeId: 'vol-0000000000000000c',
      Size: 8,
      SnapshotId: 'snap-0000000000000000a',
      Attachments: [{ InstanceId: 'i-0000000000000000a', Device: '/dev/sdf', State: 'attached' }],
    },
  ],
  Snapshots: [
    {
      SnapshotId: 'snap-0000000000000000a',
      VolumeId: 'vol-0000000000000000a',
      Description: 'of vol-0000000000000000a',
      State: 'completed',
    },
  ],
};

const TOLD = toldIn({
  results: [
    {
      target: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0000000000000000a',
      outcome: 'done',
      reason: 'attaching: it belongs there',
      plan: [
        { call: 'ec2:CreateVolume', input: { SnapshotId: 'snap-0000000000000000a' }, because: 'x' },
        { call: 'ec2:AttachVolume', input: { VolumeId: 'vol-0000000000000000c' }, because: 'y' },
      ],
    },
  ],
});

describe('the end of a handler', () => {
  it('names what there was by the beginning, and what was made by what it was made for', () => {
    const { results, state } = endOf(TOLD, RECORDS, IDS);
    expect(results).toEqual([
      {
        target: 'arn:aws:ec2:eu-west-1:123456789012:instance/<holder>',
        outcome: 'done',
        code: 'attaching',
        plan: [
          { call: 'ec2:CreateVolume', input: { SnapshotId: '<snapshot "of <data>">' } },
          { call: 'ec2:AttachVolume', input: { VolumeId: '<volume from snapshot "of <data>">' } },
        ],
      },
    ]);
    expect(state).toMatchObject({
      snapshots: [{ SnapshotId: '<snapshot "of <data>">', VolumeId: '<data>', State: 'completed' }],
    });
  });

  it('has the data volumes with their attachments as the instance tells them, and no root volume', () => {
    expect(endOf(TOLD, RECORDS, IDS).state).toMatchObject({
      instances: [{ InstanceId: '<holder>', State: 'running', tags: { Name: 'db' } }],
      volumes: [
        { VolumeId: '<data>', Size: 8, tags: { 'runbook:superseded-at': '<time>' } },
        {
          VolumeId: '<volume from snapshot "of <data>">',
          attachments: [{ InstanceId: '<holder>', Device: '/dev/sdf', State: 'attached', DeleteOnTermination: false }],
        },
      ],
    });
  });

  it('differs by the order of calls, and by the path of whatever else is different', () => {
    const [first] = TOLD;
    const reversed = first === undefined ? [] : [{ ...first, plan: first.plan.toReversed() }];
    const end = endOf(TOLD, RECORDS, IDS);
    expect(compareEnds('carry-volumes', 'one', end, endOf(TOLD, RECORDS, IDS))).toEqual([]);
    expect(compareEnds('carry-volumes', 'one', end, endOf(reversed, RECORDS, IDS)).map(({ where }) => where)).toContain(
      'results[].plan[].call',
    );
    expect(
      compareEnds('carry-volumes', 'one', end, endOf(TOLD, { ...RECORDS, Snapshots: [] }, IDS)).find(
        ({ where }) => where === 'state.snapshots',
      ),
    ).toMatchObject({
      operation: 'carry-volumes',
      scenario: 'one',
      emulator: 'absent',
    });
  });

  it('is told in words', () => {
    expect([outcomesOf(TOLD), outcomesOf([...TOLD, ...TOLD]), outcomesOf([])]).toEqual([
      'done',
      'done, done',
      'no result',
    ]);
  });
});

/** Ends other than `done`, by the name of the incident. */
const OTHERWISE: { readonly [name: string]: readonly string[] } = {
  'all hosts serve, though not in each zone; a person asks': ['refused'],
  'a person wants the last host that serves replaced': ['refused'],
  // Its group tells of the end and of the launch while it waits.
  'a person wants one of two hosts replaced': ['nothing', 'nothing', 'done'],
};

describe('the incidents', () => {
  it.each(HANDLER_DRILLS)('$runbook: $name', async (drill) => {
    const { results } = await endOnSimulator(drill, false);
    const outcomes = OTHERWISE[drill.name] ?? drill.events.map(() => 'done');
    expect(results).toHaveLength(outcomes.length);
    expect(results).toEqual(outcomes.map((outcome) => expect.objectContaining({ outcome }) as unknown));
  });
});
