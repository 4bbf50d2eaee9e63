/** What is published of networks behind whose addresses many people sit. */

import { describe, expect, it } from 'vitest';
import { forNetworks, wantedIn } from '../../../../shared/judgement/blocklist/wanted.ts';
import type { Wishes } from '../../../../shared/judgement/blocklist/wishes.ts';
import { later, row, wishes } from './ledger-facts.ts';

const CARRIERS = { name: 'lists-example/carriers.txt', use: 'shared-egress', networks: ['198.51.100.0/25'] } as const;
const OFFICE = { source: 'office', ranges: ['203.0.113.8/29'], version: 1 };

function wanted(change: Partial<Wishes>): readonly string[] {
  return wantedIn(wishes({ lists: [CARRIERS], sharedEgress: [OFFICE], ...change }), 'IPV4');
}

describe('a block of what many people share', () => {
  it.each([
    ['by a list', '198.51.100.9/32'],
    ['by a row', '203.0.113.9/32'],
  ])('%s is let go a quarter of an hour after it was asked for, whenever it ends', (_how, cidr) => {
    const asked = (seconds: number): readonly string[] =>
      wanted({ blocks: [row(cidr, { from: later(-seconds), until: later(86_400) })] });
    expect(asked(899)).toEqual([cidr]);
    expect(asked(900)).toEqual([]);
  });

  it('holds while the last of its reasons was given lately, or nobody knows when', () => {
    const old = { from: later(-3_600) };
    expect(wanted({ blocks: [row('198.51.100.9/32', old, { from: later(-60) })] })).toEqual(['198.51.100.9/32']);
    expect(wanted({ blocks: [row('198.51.100.9/32', old, { from: later(-60), until: later(-1) })] })).toEqual([]);
    expect(wanted({ blocks: [row('198.51.100.9/32', old, { from: '' })] })).toEqual(['198.51.100.9/32']);
  });

  it('is cut out of a wider one, and a later one inside that stands', () => {
    const wide = row('198.51.100.0/24', { from: later(-3_600) });
    expect(wanted({ blocks: [wide] })).toEqual(['198.51.100.128/25']);
    expect(wanted({ blocks: [wide, row('198.51.100.9/32')] })).toEqual(['198.51.100.9/32', '198.51.100.128/25']);
  });

  it('is let go of lists, too', () => {
    const feed = {
      name: 'lists-example/drop.txt',
      use: 'block',
      networks: ['198.51.100.9/32', '192.0.2.1/32'],
    } as const;
    expect(wanted({ lists: [CARRIERS, { ...feed, from: later(-60) }] })).toEqual(['192.0.2.1/32', '198.51.100.9/32']);
    expect(wanted({ lists: [CARRIERS, { ...feed, from: later(-900) }] })).toEqual(['192.0.2.1/32']);
    expect(wanted({ lists: [CARRIERS, feed] })).toEqual(['192.0.2.1/32', '198.51.100.9/32']);
  });

  it('is nothing for a network ACL, however new', () => {
    const all = wishes({
      lists: [CARRIERS],
      sharedEgress: [OFFICE],
      blocks: ['198.51.100.9/32', '203.0.113.9/32', '192.0.2.1/32'].map((cidr) => row(cidr)),
    });
    expect(wantedIn(forNetworks(all), 'IPV4')).toEqual(['192.0.2.1/32']);
  });

  it('is cut out of a wider block below the web ACLs, which stays for all others', () => {
    const all = wishes({ blocks: [row('203.0.113.0/28')], sharedEgress: [OFFICE] });
    expect(wantedIn(forNetworks(all), 'IPV4')).toEqual(['203.0.113.0/29']);
    expect(wantedIn(forNetworks(wishes({ blocks: [row('203.0.113.9/32')], sharedEgress: [OFFICE] })), 'IPV4')).toEqual(
      [],
    );
  });
});
