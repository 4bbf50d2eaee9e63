/** Whether a prefix list can be an allow-list, and whom it lets in since a lockdown began. Pure. */

import {
  covers,
  familyOf,
  minimalCover,
  prefixOf,
  type AddressFamily,
} from '../../../shared/judgement/addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { AllowList, AllowListReading } from './facts.ts';

/** Why a prefix list can be none: the code of the refusal, and a sentence. */
export interface Unfit {
  readonly code: string;
  readonly because: string;
}

/** The widest networks that are somebody's own: RFC 1918's 10.0.0.0/8; no registry gives anybody more of IPv6. */
const WIDEST: { readonly [family in AddressFamily]: number } = { IPV4: 8, IPV6: 16 };

const EVERYBODY = /\/0$/u;

/** The allow-list as it was read, or why it is none that could be meant: an empty one never means all. @param name as people call it */
export function allowListOf(reading: AllowListReading | null, name: string): Required<AllowList> | Unfit {
  if (reading === null) return { code: 'no-such-prefix-list', because: `${name} was not found` };
  if ('refused' in reading) return { code: reading.refused, because: reading.because };
  const { id, name: own, cidrs } = reading;
  if (cidrs.length === 0)
    return { code: 'prefix-list-empty', because: `${own} (${id}) has no entry: nobody at all could come in` };
  const wide = widestOf(cidrs);
  if (wide === undefined) return { id, name: own, networks: networksOf(cidrs) };
  return {
    code: 'allows-everybody',
    because: `${own} (${id}) lets in all of ${wide}: it would shut hardly anything`,
  };
}

function networksOf(cidrs: readonly string[]): readonly string[] {
  return minimalCover(cidrs.map(parseNetwork).flatMap((each) => (isMalformed(each) ? [] : [each.cidr])));
}

/** What its entries let in together that is wider than anybody's own network; two halves of everything are everything. */
function widestOf(cidrs: readonly string[]): string | undefined {
  const everybody = cidrs.find((cidr) => EVERYBODY.test(cidr));
  if (everybody !== undefined) return everybody;
  return networksOf(cidrs).find((cidr) => prefixOf(cidr) < WIDEST[familyOf(cidr)]);
}

/** What people have to know of the list while it is all that comes in. */
export interface Opened {
  readonly because: string;
  /** Networks that were not let in when the lockdown began. */
  readonly networks: readonly string[];
}

/** What has become of the list since the lockdown began. `undefined`: it lets in nobody who was not let in then. */
export function openedSince(
  { name, networks: before }: AllowList,
  reading: AllowListReading | null,
): Opened | undefined {
  const now = allowListOf(reading, name);
  if ('code' in now) return { because: now.because, networks: [] };
  if (before === undefined) return undefined;
  const networks = now.networks.filter((each) => !before.some((known) => covers(known, each)));
  if (networks.length === 0) return undefined;
  return { because: `${name} lets in ${networks.length} more than when this began`, networks };
}
