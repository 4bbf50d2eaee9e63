/** What is watched while caches of stages are flushed: that each watcher notices what it is there for, and nothing else. */

import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../../rehearsal/invariants.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { staged } from '../watching.ts';

const STAGE = '/restapis/a1b2c3d4e5/stages/prod';
const [BEFORE, BEGUN, LATER] = ['2026-11-22T07:59:59.000Z', '2026-11-22T08:00:00.000Z', '2026-11-22T08:00:30.000Z'];

function found(name: string, stage: object, evidence: JsonObject = {}): string | undefined {
  const tags = { 'runbook:flush': 'shop' };
  const Stages = [{ restApiId: 'a1b2c3d4e5', stageName: 'prod', cacheClusterEnabled: true, tags, ...stage }];
  const { world } = staged({ 'api-gateway': { Stages } });
  const told: RunResult = {
    runbook: 'flush-caches',
    run: 'run-1',
    target: `arn:aws:apigateway:eu-west-1::${STAGE}`,
    outcome: 'done',
    reason: 'flushed: so it is',
    evidence: { by: 'kim', why: 'deploy', whole: ['stage'], ...evidence },
    plan: [],
    phases: [],
  };
  const event = { runbook: 'flush-caches', reason: 'deploy', requestedBy: 'kim' };
  const invoked = [LATER, BEGUN].map((startedAt) => ({ runbook: 'flush-caches', event, startedAt }));
  return INVARIANTS[name]?.check(world, {}, [told], [], invoked);
}

function flushes(...times: readonly string[]): object {
  return { Flushes: times.map((At) => ({ At, Of: 'data' })) };
}

describe('every-asked-stage-flushed-since', () => {
  const name = 'every-asked-stage-flushed-since';
  const missed = (cache: string) =>
    `arn:aws:apigateway:eu-west-1::${STAGE} (${cache}): told as done, and not flushed since it was asked for`;

  it('holds for what was flushed since, and for a cache that there is not', () => {
    expect(found(name, flushes(BEGUN))).toBeUndefined();
    expect(found(name, { cacheClusterEnabled: false })).toBeUndefined();
  });

  it('is broken by what was flushed before, or is another cache', () => {
    expect(found(name, flushes(BEFORE))).toBe(missed('stage'));
    expect(found(name, flushes(BEGUN), { whole: ['authorizers', 'stage'] })).toBe(missed('authorizers'));
    expect(found(name, flushes(BEGUN), { by: 'others' })).toBe(missed('stage'));
  });
});

describe('never-two-flushes-of-a-stage-at-once', () => {
  const name = 'never-two-flushes-of-a-stage-at-once';

  it('is broken by a flush that begins before another is over', () => {
    expect(found(name, flushes(BEGUN, LATER))).toBeUndefined();
    expect(found(name, { ...flushes(BEGUN, LATER), FlushTakes: 'PT31S' })).toBe(
      `${STAGE}: flushed while a flush was under way`,
    );
  });
});

describe('no-untagged-stage-flushed', () => {
  const name = 'no-untagged-stage-flushed';

  it('is broken by a flush of a stage without the tag', () => {
    expect(found(name, flushes(BEGUN))).toBeUndefined();
    expect(found(name, { tags: {} })).toBeUndefined();
    expect(found(name, { ...flushes(BEGUN), tags: {} })).toBe(`${STAGE}: flushed without a tag`);
  });
});
