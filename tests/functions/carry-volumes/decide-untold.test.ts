/** What a copy lacks is told by whoever has it next, until a launch was good: the run that made it may have ended before it told. */

import { describe, expect, it } from 'vitest';
import { untoldLoss } from '../../../functions/carry-volumes/decide/account.ts';
import { toldUntil } from '../../../functions/carry-volumes/decide/telling.ts';
import { judge } from './plan-words.ts';
import {
  activity,
  ago,
  arrivingFacts,
  attachment,
  group,
  groupFactsOf,
  loose,
  snapshot,
  volume,
} from './volume-facts.ts';

const failed = activity('launch', 'i-first', { startedAt: ago(300), endedAt: ago(200), status: 'Cancelled' });
const ended = activity('terminate', 'i-first', { startedAt: ago(250) });
const left = activity('terminate', 'i-old', { startedAt: ago(400) });
const own = activity('launch', 'i-new', { startedAt: ago(90), status: 'InProgress' });
const made = volume({
  id: 'vol-2',
  snapshotId: 'snap-1',
  createdAt: ago(280),
  run: 'carry-volumes/i-first',
  attachments: [attachment('i-new')],
});

describe('since when a loss is still to be told', () => {
  const since = (...activities: readonly (typeof own)[]): string =>
    toldUntil(activities, { id: 'i-new', launchedAt: ago(90) });

  it('is since the last that was in service left, less what it takes to tell', () => {
    expect(since(own, failed, ended, left)).toBe(ago(1_300));
  });

  it('is since the last good launch, and no launch into a warm pool is one', () => {
    const good = { startedAt: ago(500), endedAt: ago(450) };
    expect(since(own, activity('launch', 'i-good', { ...good, status: 'Successful' }))).toBe(ago(450));
    expect(since(own, failed, activity('pool', 'i-pool', { ...good, status: 'Successful' }))).toBe(ago(500));
  });

  it('is since the first that is known, and at the latest since its own launch', () => {
    expect(since(own, failed)).toBe(ago(300));
    expect(since(own)).toBe(ago(90));
    const later = { startedAt: ago(100), endedAt: ago(10), status: 'Successful' };
    expect(since(own, activity('launch', 'i-good', later))).toBe(ago(90));
  });
});

it('copies that were made for another launch are told by who has them', () => {
  const facts = arrivingFacts({ volumes: [{ ...made, run: 'carry-volumes/i-new' }], snapshots: [snapshot()] });
  const told = { ...facts, group: group({ ...facts.group, activities: [own, failed, ended, left] }) };
  expect(judge(told)).toMatchObject({ code: 'carried', attention: true, evidence: { rpoSeconds: 21_320 } });
});

it('an exact copy of what lacks something lacks it too', () => {
  const final = snapshot({
    id: 'snap-final',
    volumeId: 'vol-2',
    run: 'carry-volumes/i-first/final',
    description: 'quiet',
    startedAt: ago(60),
  });
  const copy = loose({ id: 'vol-3', snapshotId: 'snap-final', createdAt: ago(30) });
  const view = { ...groupFactsOf(), volumes: [copy, made], snapshots: [snapshot(), final] };
  expect(untoldLoss([copy], view, ago(300))).toBe(21_320);
  expect(untoldLoss([copy], view, ago(279))).toBe(0);
});
