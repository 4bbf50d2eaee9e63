import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../../simulator/engine/run-types.ts';
import { SHARE } from '../../share.ts';
import { instances, outcomes, RECYCLED, run } from './small-run.ts';

describe('a crash at every point', () => {
  it.each<FaultKind>(['died-before', 'died-after', 'reply-lost', 'throttled', 'failed-before'])(
    '%s: the run ends as without it',
    async (kind) => {
      const { requests } = await run();
      const wrong: string[] = [];
      for (const { index, call } of requests.filter((_request, place) => place % SHARE === 0)) {
        const end = await run({ faults: { points: [{ request: index, kind }] } });
        // A step is at least once: the two targets' steps that were under way run again, so a target may report or stop twice, never more.
        const state = JSON.stringify([instances(end), [...new Set(outcomes(end))], end.error?.message]);
        const stops = end.requests.filter((request) => request.call === 'ec2:StopInstances').length;
        if (state !== JSON.stringify([RECYCLED, ['i-0a1 done', 'i-0b2 done'], undefined]))
          wrong.push(`${index} ${call}: ${state}`);
        if (stops > 4) wrong.push(`${index} ${call}: ${stops} stops`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
