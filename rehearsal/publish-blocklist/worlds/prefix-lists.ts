/** Generated managed prefix lists: ours and others', small and full ones, with what others put there, some being changed. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { mostly, tag } from '../../worlds/pieces.ts';

/** A list as it is drawn. */
export interface PrefixList {
  readonly family: 'IPv4' | 'IPv6';
  readonly blocklist: string | undefined;
  readonly foreign: number;
  /** Places beside those of others. */
  readonly room: number;
  /** Somebody is changing it when the world begins. */
  readonly isBusy: boolean;
}

export const aPrefixList: fc.Arbitrary<PrefixList> = fc.record({
  family: mostly<PrefixList['family']>('IPv4', [30, 'IPv6']),
  blocklist: mostly<string | undefined>('edge', [15, 'office'], [15, undefined]),
  foreign: mostly(1, [20, 0], [20, 3]),
  room: mostly(20, [15, 0], [20, 1], [15, 3]),
  isBusy: mostly(false, [12, true]),
});

export function prefixListIdOf(index: number): string {
  return `pl-0b${index + 1}`;
}

/** What somebody else has put into a list, by its number. */
export function foreignCidr(family: PrefixList['family'], index: number): string {
  return family === 'IPv4' ? `100.101.1.${index}/32` : `2001:db8:f:1::${(index + 1).toString(16)}/128`;
}

/** The record of a list. */
export function prefixListRecord(one: PrefixList, index: number): Shape {
  const Entries = Array.from({ length: one.foreign }, (_, each) => ({ Cidr: foreignCidr(one.family, each) }));
  return {
    PrefixListId: prefixListIdOf(index),
    PrefixListName: `denied-${index + 1}`,
    AddressFamily: one.family,
    // A list has at least one place.
    MaxEntries: Math.max(1, one.foreign + one.room),
    Version: 4,
    Entries,
    ...(one.isBusy ? { State: 'modify-in-progress' } : {}),
    Tags: tag('runbook:block', one.blocklist),
  };
}
