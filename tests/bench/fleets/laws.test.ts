/** Each law by its published description. */

import { describe, expect, it } from 'vitest';
import { buildkite } from '../../../bench/fleets/laws/buildkite.ts';
import { keda } from '../../../bench/fleets/laws/keda.ts';
import { leastOf, missingNodes } from '../../../bench/fleets/laws/parallel-cluster.ts';
import { targetTracking } from '../../../bench/fleets/laws/target-tracking.ts';
import { FLEET_LIMITS } from '../../../bench/fleets/laws/fleet-limits.ts';
import { handler } from '../../../functions/scale-hpc-fleet/handler.ts';

describe('target tracking', () => {
  it.each([
    { visible: 3, inService: 4, nodesPerJob: 4, wanted: 12, side: 'out' },
    { visible: 1, inService: 4, nodesPerJob: 4, wanted: 4, side: 'none' },
    { visible: 0, inService: 8, nodesPerJob: 4, wanted: 1, side: 'in' },
    { visible: 1, inService: 8, nodesPerJob: 4, wanted: 4, side: 'in' },
    { visible: 2, inService: 0, nodesPerJob: 4, wanted: 8, side: 'out' },
  ] as const)(
    'sees $visible messages on $inService instances and wants $wanted',
    ({ visible, inService, nodesPerJob, ...rest }) => {
      expect(targetTracking({ visible, inService, nodesPerJob })).toEqual(rest);
    },
  );
});

describe("Buildkite's law", () => {
  it.each([
    { scheduled: 2, running: 1, nodesPerJob: 4, desired: 4, actual: 4, online: 4, wanted: 12 },
    { scheduled: 0, running: 0, nodesPerJob: 4, desired: 4, actual: 4, online: 0, wanted: 0 },
    { scheduled: 1, running: 0, nodesPerJob: 4, desired: 4, actual: 4, online: 1, wanted: 5 },
    { scheduled: 1, running: 0, nodesPerJob: 4, desired: 4, actual: 4, online: 2, wanted: 4 },
    { scheduled: 1, running: 0, nodesPerJob: 4, desired: 8, actual: 4, online: 0, wanted: 4 },
  ])('wants $wanted for $scheduled scheduled and $running running', ({ wanted, ...seen }) => {
    expect(buildkite(seen)).toBe(wanted);
  });
});

describe("KEDA's law", () => {
  it.each([
    { replicas: [4, 12], current: 4, wanted: 12 },
    { replicas: [12, 4], current: 12, wanted: 12 },
    { replicas: [4, 4], current: 12, wanted: 4 },
    { replicas: [8, 0], current: 4, wanted: 4 },
    { replicas: [0], current: 4, wanted: 0 },
  ])('wants $wanted after $replicas, with $current', ({ replicas, current, wanted }) => {
    const wishes = replicas.map((each, index) => ({ at: index * 30, replicas: each }));
    expect(keda(wishes, current)).toBe(wanted);
  });
});

describe("ParallelCluster's law", () => {
  it.each([
    { jobs: 3, size: 4, idle: 5, missing: 7 },
    { jobs: 1, size: 4, idle: 8, missing: 0 },
    { jobs: 0, size: 4, idle: 0, missing: 0 },
  ])('asks for $missing nodes for $jobs jobs beside $idle idle ones', ({ jobs, size, idle, missing }) => {
    expect(missingNodes(jobs, size, idle)).toBe(missing);
  });

  it('asks for all or for whatever comes', () => {
    expect(leastOf('all-or-nothing', 8)).toBe(8);
    expect(leastOf('best-effort', 8)).toBe(1);
  });
});

describe('the limits of scale-hpc-fleet', () => {
  it('are those that are deployed', () => {
    expect(handler.runbook.limits).toEqual(FLEET_LIMITS);
  });
});
