import { describe, expect, it } from 'vitest';
import { FOR_ALL } from '../../../rehearsal/equivalence.ts';
import {
  comparableEnd,
  differences as differencesBeyond,
  type ComparableEnd,
} from '../../../rehearsal/explorer/compare.ts';
import { rulesOf } from '../../../rehearsal/runbooks.ts';
import type { LedgerDump } from '../../../simulator/engine/ledger.ts';
import type { WorldData } from '../../../simulator/engine/model.ts';
import { createWorld } from '../../../simulator/engine/world.ts';

const clock = { now: () => 0, iso: () => '2026-11-22T08:10:00.000Z', after: () => () => undefined };

/** Where two ends of a drill differ in which these runbooks are deployed; all, if none is named. */
function differences(
  one: ComparableEnd,
  other: ComparableEnd,
  deployed: readonly string[] = ['carry-volumes', 'reassign-elastic-ip'],
): string[] {
  const own = deployed.flatMap((runbook) => rulesOf(runbook).differences);
  return differencesBeyond(one, other, [...FOR_ALL.differences, ...own]);
}

function end(data: WorldData, dump?: LedgerDump): ReturnType<typeof comparableEnd> {
  return comparableEnd({ data, clock }, dump, '{"AllocationId":"eipalloc-01"}', true);
}

function address(members: object): WorldData {
  return { ec2: { Addresses: [{ AllocationId: 'eipalloc-01', ...members }] } };
}

function ledger(members: {
  readonly actions?: readonly string[];
  readonly owner?: string;
  readonly until?: string;
  readonly pending?: string;
}): LedgerDump {
  const { actions = [], owner, until, pending } = members;
  const history = {
    epoch: 1,
    actions,
    memory: {},
    ...(pending === undefined ? {} : { pending: { intent: pending, at: '', note: {} } }),
  };
  return {
    switches: [],
    modes: [],
    records: [],
    resources: [
      {
        resource: 'arn:1',
        runbook: 'a-b',
        history,
        ...(owner === undefined ? {} : { owner }),
        ...(until === undefined ? {} : { until }),
      },
    ],
  };
}

function tag(Key: string, Value: string): object {
  return { Tags: [{ Key, Value }] };
}

describe('two ends', () => {
  it('are the same when only ids that the run made and the order of tags differ', () => {
    const one = end(
      address({
        AssociationId: 'eipassoc-0fabc390000000009',
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    const other = end(
      address({
        AssociationId: 'eipassoc-0fabc39000000001d',
        Tags: [
          { Key: 'b', Value: '2' },
          { Key: 'a', Value: '1' },
        ],
      }),
    );
    expect(differences(one, other)).toEqual([]);
  });

  it('differ by an id that the world file gave', () => {
    const given = (id: string): ReturnType<typeof comparableEnd> =>
      comparableEnd(
        { data: address({ InstanceId: id }), clock },
        undefined,
        'i-0f00000000000001a i-0f00000000000002b',
        true,
      );
    expect(differences(given('i-0f00000000000001a'), given('i-0f00000000000002b'))).toEqual([
      'the end differs at ec2/Addresses/eipalloc-01/InstanceId: "i-0f00000000000001a" without faults, "i-0f00000000000002b" with',
    ]);
  });

  it('differ by one record more, or a member that is gone', () => {
    expect(
      differences(
        end(address({})),
        end({ ec2: { Addresses: [{ AllocationId: 'eipalloc-01' }, { AllocationId: 'eipalloc-02' }] } }),
      ),
    ).toEqual([
      'the end differs at ec2/Addresses/eipalloc-02: nothing without faults, {"AllocationId":"eipalloc-02"} with',
    ]);
    expect(differences(end(address({ InstanceId: 'i-1' })), end(address({})))).toEqual([
      'the end differs at ec2/Addresses/eipalloc-01/InstanceId: "i-1" without faults, nothing with',
    ]);
  });

  it('may differ by one snapshot more, never by one less', () => {
    const [one, two] = [{ SnapshotId: 'snap-01' }, { SnapshotId: 'snap-02' }];
    expect(differences(end({ ec2: { Snapshots: [one] } }), end({ ec2: { Snapshots: [one, two] } }))).toEqual([]);
    expect(differences(end({ ec2: { Snapshots: [one, two] } }), end({ ec2: { Snapshots: [one] } }))).toHaveLength(1);
  });

  it("may differ in a status tag's time, within its bound, and in no other tag", () => {
    const moved = (time: string): ReturnType<typeof end> => end(address(tag('runbook:moved-at', time)));
    expect(differences(moved('2026-11-22T08:00:00Z'), moved('2026-11-22T08:06:00Z'))).toEqual([]);
    expect(differences(moved('2026-11-22T08:00:00Z'), moved('2026-11-22T08:06:01Z'))).toHaveLength(1);
    expect(differences(moved('2026-11-22T08:00:00Z'), moved('soon'))).toHaveLength(1);
    expect(differences(moved('2026-11-22T08:00:00Z'), end(address({})))).toHaveLength(1);
    expect(differences(end(address(tag('runbook:moves', '1'))), end(address(tag('runbook:moves', '2'))))).toEqual([
      'the end differs at ec2/Addresses/eipalloc-01/Tags/runbook:moves: "1" without faults, "2" with',
    ]);
  });

  it('may differ in what the ledger booked less, in a first booking, but in no further one, and in no lease or intent left behind', () => {
    const none = end({}, { switches: [], modes: [], records: [], resources: [] });
    const booked = end({}, ledger({ actions: ['2026-11-22T08:00:00Z'] }));
    expect(differences(booked, none)).toEqual([]);
    const twice = end({}, ledger({ actions: ['2026-11-22T08:00:00Z', '2026-11-22T08:05:00Z'] }));
    expect(differences(none, booked)).toEqual([]);
    expect(differences(none, twice)).toEqual(['the end differs at ledger/arn:1/actions: 0 without faults, 2 with']);
    expect(differences(booked, twice)).toEqual(['the end differs at ledger/arn:1/actions: 1 without faults, 2 with']);
    expect(differences(none, end({}, ledger({ owner: 'run', until: '2026-11-22T08:09:59.000Z' })))).toEqual([]);
    expect(differences(none, end({}, ledger({ owner: 'run', until: '2026-11-22T08:10:01.000Z' })))).toEqual([
      'the end differs at ledger/arn:1/held: false without faults, true with',
    ]);
    expect(differences(none, end({}, ledger({ pending: 'a move' })))).toEqual([
      'the end differs at ledger/arn:1/pending: null without faults, "a move" with',
    ]);
  });

  it('may differ by what is permitted to a runbook only where that runbook is deployed', () => {
    const moved = (time: string): ComparableEnd => end(address(tag('runbook:moved-at', time)));
    const delayed = [moved('2026-11-22T08:00:00Z'), moved('2026-11-22T08:06:00Z')] as const;
    expect(differences(...delayed, ['reassign-elastic-ip'])).toEqual([]);
    expect(differences(...delayed, ['carry-volumes'])).toHaveLength(1);
    expect(differences(...delayed, ['recycle-instances'])).toHaveLength(1);
    const twice = [
      end({ ec2: { Snapshots: [{ SnapshotId: 'snap-01' }] } }),
      end({ ec2: { Snapshots: [{ SnapshotId: 'snap-01' }, { SnapshotId: 'snap-02' }] } }),
    ] as const;
    expect(differences(...twice, ['carry-volumes'])).toEqual([]);
    expect(differences(...twice, ['reassign-elastic-ip'])).toEqual([
      'the end differs at ec2/Snapshots/snap-02: nothing without faults, {"SnapshotId":"snap-02"} with',
    ]);
  });
});

describe('the end of an account with other Regions', () => {
  /** An end of which one Region beside home holds this. */
  const beside = (data: WorldData): ComparableEnd => {
    const place = { account: '111122223333', region: 'eu-west-1', clock };
    const home = createWorld({}, { services: [], seed: 1, ...place, beside: { 'us-east-1': data } });
    return comparableEnd(home, undefined, '', true);
  };
  const instance = (members: object): WorldData => ({ ec2: { Instances: [{ InstanceId: 'i-0e5', ...members }] } });

  it('differs where a Region does, by the path there', () => {
    const [running, stopped] = ['running', 'stopped'].map((Name) => beside(instance({ State: { Name } })));
    expect(differences(running ?? {}, stopped ?? {})).toEqual([
      'the end differs at regions/us-east-1/ec2/Instances/i-0e5/State/Name: "running" without faults, "stopped" with',
    ]);
    expect(differences(end({}), beside(instance({})))).toHaveLength(1);
  });

  it('may differ there in what may differ at home', () => {
    const launched = (minute: string): ComparableEnd =>
      beside(instance({ LaunchTime: `2026-11-22T08:0${minute}:00.000Z` }));
    expect(differences(launched('1'), launched('3'))).toEqual([]);
    expect(differences(launched('1'), launched('8'))).toHaveLength(1);
  });
});
