/** Whom lists protect, as those know it who read no lists. */

import { describe, expect, it } from 'vitest';
import { protectionsOf } from '../../../../shared/judgement/blocklist/listed-rows.ts';
import type { ListRow, ListUse } from '../../../../shared/judgement/blocklist/list-rows.ts';
import type { DataItem } from '../../../../shared/kernel/ledger/data.ts';
import { later, NOW } from './ledger-facts.ts';

function holding(key: string, use: ListUse): ListRow {
  return {
    name: `lists/${key}`,
    object: { bucket: 'lists', key, versionId: 'v1', etag: null, sequencer: null },
    policy: { use, widestIpv4: 16, widestIpv6: 32, maxLossPercent: 50, ttlSeconds: 3_600 },
    isForced: false,
    by: 'S3',
    why: '',
    from: NOW,
    until: later(3_600),
    delivery: 'd',
    run: 'r',
    version: 1,
  };
}

function item(key: string, value: DataItem['value']): DataItem {
  return { partition: 'listed', key: `lists/${key}`, value, version: 1 };
}

const LATER = later(120);
const NETWORKS = ['198.51.100.0/28'];

describe('lists that protect', () => {
  it('protect whom the publisher has read in them', () => {
    const items = [item('ours.txt', { use: 'allow', versionId: 'v1', networks: NETWORKS })];
    expect(protectionsOf([holding('ours.txt', 'allow'), holding('drop.txt', 'block')], items, LATER)).toEqual({
      lists: [{ name: 'lists/ours.txt', use: 'allow', networks: NETWORKS }],
      faults: [],
      settling: [],
    });
  });

  it('protect nobody knows whom until they were read, or were read as something else, or cannot be understood', () => {
    const list = holding('ours.txt', 'allow');
    const unknown = 'list lists/ours.txt: it is not known yet whom it protects';
    expect(protectionsOf([list], [], LATER)).toEqual({ lists: [], faults: [unknown], settling: [] });
    expect(protectionsOf([list], [], later(119))).toEqual({ lists: [], faults: [], settling: [unknown] });
    const other = item('ours.txt', { use: 'block', versionId: 'v1', networks: NETWORKS });
    expect(protectionsOf([list], [other], LATER)).toEqual({ lists: [], faults: [unknown], settling: [] });
    const bad = item('ours.txt', { use: 'allow', versionId: 'v1', networks: [7] });
    expect(protectionsOf([list], [bad], LATER)).toEqual({
      lists: [],
      faults: ['ledger listed/lists/ours.txt: networks: expected a list of texts', unknown],
      settling: [],
    });
  });

  it('that hold no longer protect nobody', () => {
    const items = [item('ours.txt', { use: 'allow', versionId: 'v1', networks: NETWORKS })];
    expect(protectionsOf([], items, LATER)).toEqual({ lists: [], faults: [], settling: [] });
  });
});
