/** World, account, snapshot, world: every drill comes to the same on the snapshot of its world as on the world. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAccount } from '../../../cli/snapshot/account.ts';
import { askerOf, type Unread } from '../../../cli/snapshot/asking.ts';
import { worldOf } from '../../../cli/snapshot/world.ts';
import { loadDrills, type Drill } from '../../../rehearsal/drill.ts';
import { pastedWorld } from '../../../simulator/world/world-file.ts';
import { SHARE } from '../../share.ts';
import { standing } from './account.ts';
import { withOwnParts } from './own-parts.ts';
import { outcomesOf } from './rehearsed.ts';

/** What its world's AWS does not answer is what the drill is about. */
const UNANSWERED = new Set(['bastion-health-unavailable']);

/** Each is run twice: `npm test` tries a few, `npm run test:long` all. */
const EVERY = SHARE === 1 ? 1 : SHARE * 5;

const DRILLS = loadDrills('drills').filter(({ name }, index) => index % EVERY === 0 && !UNANSWERED.has(name));

async function snapshotOf(
  drill: Drill,
): Promise<{ readonly file: Record<string, unknown>; readonly unread: readonly Unread[] }> {
  const { world } = drill;
  const account = standing(world);
  try {
    const ask = askerOf({ say: () => undefined, wait: account.wait });
    const regions = [world.region, ...Object.keys(world.regions)];
    const read = await readAccount(ask, { account: world.account, regions });
    const now = new Date(world.nowMs).toISOString();
    const { file } = worldOf({ now, account: world.account, region: world.region }, read);
    return { file, unread: ask.unread() };
  } finally {
    account.end();
  }
}

describe('a snapshot of a drill', () => {
  it.each(DRILLS.map((drill) => [drill.name, drill] as const))('%s', async (name, drill) => {
    const { file } = await snapshotOf(drill);
    const written: unknown = JSON.parse(readFileSync(`drills/${name}/world.json`, 'utf8'));
    const { world } = pastedWorld(withOwnParts(file, { parsed: drill.world, written }));
    const { events } = drill;
    expect(await outcomesOf(drill, { world, events })).toEqual(await outcomesOf(drill, { world: drill.world, events }));
  });

  it('of what AWS does not answer says what was not read, and has the rest', async () => {
    const [drill] = loadDrills('drills', ['bastion-health-unavailable']);
    if (drill === undefined) throw new Error('the drill is there');
    const { file, unread } = await snapshotOf(drill);
    expect(unread.map(({ call, missing }) => [call, missing])).toEqual([
      ['elasticloadbalancing:DescribeTargetHealth', []],
    ]);
    expect(file['elastic-load-balancing-v2']).not.toHaveProperty('TargetHealth');
    expect(file['elastic-load-balancing-v2']).toHaveProperty('TargetGroups');
    expect(file).not.toHaveProperty('whole');
  });
});
