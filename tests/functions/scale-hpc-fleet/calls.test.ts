/** The calls of a plan: what a launch asks EC2 for, and in which order a gang is made and ended. */

import { describe, expect, it } from 'vitest';
import {
  cameWrites,
  capacityWrite,
  endCalls,
  gangWrite,
  launchCall,
  launchCalls,
} from '../../../functions/scale-hpc-fleet/decide/calls.ts';
import { KEPT_MEMBERS } from '../../../build/kept-members.ts';
import type { GangRecord, InterfaceSpec, RungMemory } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Gang } from '../../../functions/scale-hpc-fleet/decide/gangs.ts';
import type { JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import type { DataWrite } from '../../../shared/kernel/ledger/data.ts';
import { writeOf } from '../../../shared/kernel/ledger/planned-write.ts';
import { FOUR, NOW, RUNG, gangId, launching, nodesOf, record, words } from './fleet-facts.ts';

const TEMPLATE = 'lt-0c1d2e3f4a5b60718';

const EFA: InterfaceSpec = {
  DeviceIndex: 0,
  NetworkCardIndex: 0,
  InterfaceType: 'efa',
  Groups: ['sg-0e1'],
  DeleteOnTermination: true,
  AssociatePublicIpAddress: null,
};

function launchOf(more: Partial<GangRecord> = {}, interfaces: readonly InterfaceSpec[] = []): JsonObject {
  return launchCall(TEMPLATE, launching('a', 0, more), words(0, { interfaces }), 'a job waits').input;
}

describe('a launch', () => {
  it('is all of the gang or nothing, under the name of the gang, of the version that was read', () => {
    expect(launchOf({ nodes: 16 })).toMatchObject({
      ClientToken: gangId('a'),
      MinCount: 16,
      MaxCount: 16,
      LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '7' },
      InstanceType: 'hpc7a.96xlarge',
      Placement: { GroupName: 'cfd-a' },
    });
  });

  it('that is made again from what the ledger kept is the same, byte for byte', () => {
    const launch = words(0, { interfaces: [EFA] });
    const asked = launching('a', 0, { launch, rung: { ...RUNG, market: 'spot' } });
    const [, first] = launchCalls(TEMPLATE, asked, 'a job waits', NOW);
    // The ledger gives back JSON, of a gang that has gone on since.
    const kept: GangRecord = JSON.parse(JSON.stringify({ ...asked, version: 9, keptAt: NOW, why: 'late' }));
    const [, again] = launchCalls(TEMPLATE, kept, 'it does not show', NOW);
    expect(JSON.stringify(again?.input)).toBe(JSON.stringify(first?.input));
  });

  it('has its subnet beside it where the template has no interfaces', () => {
    const input = launchOf();
    expect(input['SubnetId']).toBe(RUNG.subnetId);
    expect(input).not.toHaveProperty('NetworkInterfaces');
  });

  it('has its subnet in each interface where the template has some, and then not beside them', () => {
    const second = { ...EFA, DeviceIndex: 1, NetworkCardIndex: 1, InterfaceType: 'efa-only' };
    const input = launchOf({}, [{ ...EFA, AssociatePublicIpAddress: false }, second]);
    expect(input).not.toHaveProperty('SubnetId');
    const { AssociatePublicIpAddress: _unsaid, ...said } = EFA;
    expect(input['NetworkInterfaces']).toEqual([
      { ...said, SubnetId: RUNG.subnetId, AssociatePublicIpAddress: false },
      {
        ...said,
        DeviceIndex: 1,
        NetworkCardIndex: 1,
        InterfaceType: 'efa-only',
        SubnetId: RUNG.subnetId,
      },
    ]);
  });

  it('without a placement group names none', () => {
    expect(launchOf({ rung: { ...RUNG, placementGroup: null } })).not.toHaveProperty('Placement');
  });

  it('on Spot asks once, and is terminated when it is interrupted', () => {
    expect(launchOf({ rung: { ...RUNG, market: 'spot' } })['InstanceMarketOptions']).toEqual({
      MarketType: 'spot',
      SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
    });
    expect(launchOf()).not.toHaveProperty('InstanceMarketOptions');
  });

  it('of a reservation draws on that one alone', () => {
    expect(launchOf({ rung: { ...RUNG, reservation: 'cr-0a1' } })['CapacityReservationSpecification']).toEqual({
      CapacityReservationTarget: { CapacityReservationId: 'cr-0a1' },
    });
    expect(launchOf()).not.toHaveProperty('CapacityReservationSpecification');
  });

  it('tags instances, volumes and interfaces alike: whose they are, of which gang, of how many', () => {
    const Tags = [
      { Key: 'runbook:hpc-queue', Value: 'cfd-4' },
      { Key: 'runbook:run', Value: `scale-hpc-fleet/${gangId('a')}` },
      { Key: 'runbook:nodes-per-job', Value: '4' },
    ];
    expect(launchOf()['TagSpecifications']).toEqual([
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
      { ResourceType: 'network-interface', Tags },
    ]);
  });

  it('comes after the ledger knows of it, for the first time', () => {
    const calls = launchCalls(TEMPLATE, launching('a', 0, { version: 0 }), 'a job waits', NOW);
    expect(calls.map(({ call }) => call)).toEqual(['ledger:write', 'ec2:RunInstances']);
    expect(calls[0]?.input).toMatchObject({ partition: 'hpc-gang', ifVersion: 0, value: { state: 'launching' } });
  });
});

describe('what is kept', () => {
  it('of a gang stands under its fleet, for 400 days, without what the key and the ledger say already', () => {
    const launch = words(0, { interfaces: [EFA] });
    const { input } = gangWrite(TEMPLATE, launching('a', 0, { version: 3, launch }), NOW, 'it is asked for');
    expect(input).toMatchObject({
      key: `${TEMPLATE}/${gangId('a')}`,
      ifVersion: 3,
      expiresAt: '2027-12-27T08:00:00.000Z',
    });
    expect(input['value']).toMatchObject({ state: 'launching', nodes: 4, launch });
    const up = gangWrite(TEMPLATE, record('a', { launch }), NOW, 'it is up').input;
    expect(up['value']).toMatchObject({ state: 'up', launch: null });
    expect(input['value']).not.toHaveProperty('id');
    expect(input['value']).not.toHaveProperty('version');
  });

  it('of a gang that is over is forgotten after a day: it is read with the others each minute', () => {
    const { input } = gangWrite(TEMPLATE, record('a', { state: 'over' }), NOW, 'it is over');
    expect(input['expiresAt']).toBe('2026-11-23T08:00:00.000Z');
  });

  it('of a rung is forgotten after a day', () => {
    const { input } = capacityWrite(RUNG, 2, [], NOW, 'it came');
    expect(input).toMatchObject({
      partition: 'hpc-capacity',
      key: 'hpc7a.96xlarge/eu-west-1a/cfd-a/on-demand/-',
      ifVersion: 2,
      expiresAt: '2026-11-23T08:00:00.000Z',
    });
  });

  it('of a rung is written after a success only where that changes what is remembered', () => {
    const refused = (times: number): RungMemory => ({
      version: 5,
      refusals: [{ nodes: 8, times, since: NOW, at: NOW, name: 'InsufficientInstanceCapacity' }],
    });
    const left = (times: number, nodes: number): unknown =>
      cameWrites(RUNG, refused(times), { nodes, launched: 'lt-0a1/7' }, NOW).map(({ input }) => input['value']);
    expect(left(1, 4)).toEqual([]);
    expect(left(3, 4)).toEqual([{ refusals: refused(1).refusals }]);
    expect(left(1, 8)).toEqual([{ refusals: [] }]);
  });
});

describe('the end of a gang', () => {
  const gang = (of: GangRecord): Gang => ({
    record: of,
    nodes: nodesOf('a', FOUR),
    standing: 'whole',
    isBusy: false,
    isAsked: true,
    unfit: null,
    hasShown: true,
  });
  const steps = (calls: readonly PlannedCall[]): readonly string[] =>
    calls.map(({ call, input }) => (call === 'ledger:write' ? written(writeOf(input)) : call));
  const end = (of: GangRecord, lease?: Parameters<typeof endCalls>[2]): readonly PlannedCall[] =>
    endCalls(TEMPLATE, gang(of), lease, 'there is no job for it', NOW);

  it('is noted, then asked for once for all nodes, then noted again', () => {
    const calls = end(record('a'));
    expect(steps(calls)).toEqual(['hpc-gang ending 2', 'ec2:TerminateInstances', 'hpc-gang over 3']);
    expect(calls[1]?.input).toEqual({ InstanceIds: ['i-a0', 'i-a1', 'i-a2', 'i-a3'] });
  });

  it('on Spot begins with its lease: no worker takes a job any more', () => {
    const spot = record('a', { rung: { ...RUNG, market: 'spot' } });
    const spotSteps = ['hpc-gang ending 2', 'hpc-lease closed 0', 'ec2:TerminateInstances', 'hpc-gang over 3'];
    expect(steps(end(spot))).toEqual(spotSteps);
    expect(steps(end(spot, { version: 6, state: 'free', until: null }))[1]).toBe('hpc-lease closed 6');
    expect(steps(end(spot, { version: 7, state: 'closed', until: null }))).not.toContain('hpc-lease closed 7');
  });

  it('that was begun goes on where it stands', () => {
    expect(steps(end(record('a', { state: 'ending' })))).toEqual(['ec2:TerminateInstances', 'hpc-gang over 2']);
    expect(steps(end(record('a', { state: 'over' })))).toEqual(['ec2:TerminateInstances']);
  });
});

function written({ partition, value: { state }, ifVersion }: DataWrite): string {
  return `${partition} ${typeof state === 'string' ? state : ''} ${ifVersion}`;
}

describe('what a launch sends', () => {
  const efa = {
    DeviceIndex: 0,
    NetworkCardIndex: 0,
    InterfaceType: 'efa',
    Groups: ['sg-1'],
    DeleteOnTermination: true,
    AssociatePublicIpAddress: null,
  };
  const rungs = [
    RUNG,
    { ...RUNG, market: 'spot' as const },
    { ...RUNG, reservation: 'cr-0a1' },
    { ...RUNG, placementGroup: null },
    { ...RUNG, placementGroup: 'fresh' },
  ];

  it.each(rungs)('is among the members that the bundle has: %o', (rung) => {
    for (const interfaces of [[], [efa]]) {
      const launch = { templateVersion: '7', interfaces, sentAt: NOW };
      const { input } = launchCall('lt-0a1', launching('a', 0, { rung }), launch, 'a job waits');
      expect(KEPT_MEMBERS['RunInstancesRequest$']).toEqual(expect.arrayContaining(Object.keys(input)));
    }
  });
});
