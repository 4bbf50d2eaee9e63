/**
 * What a host is given: elements of its sets, each with its end, so that a block is over on the host at its time also when nobody can
 * reach it. Pure.
 *
 * Nothing but what was parsed as a network, and numbers, is ever made part of it.
 */

import { covers, familyOf, type AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import { noteOf, type Published } from '../../../shared/judgement/blocklist/published.ts';
import { lastEnd } from '../../../shared/judgement/blocklist/rows.ts';
import { wantedIn, worstOf } from '../../../shared/judgement/blocklist/wanted.ts';
import { isGuarded, type Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { cksum } from './cksum.ts';

/**
 * Networks of each family on a host. A document may have 64 KB, what is given for its parameters among them; a network of IPv4 takes 30
 * characters with its end, one of IPv6 55, so that these are 43 KB, and the script has room beside them.
 * Source: CreateDocument, `Content`.
 */
const MOST_OF_A_FAMILY = 500;

const FAMILIES: readonly AddressFamily[] = ['IPV4', 'IPV6'];

/** A network that is blocked, and until when. */
export interface Element {
  readonly cidr: string;
  /** Seconds since 1970. */
  readonly end: number;
}

/** As a host is given it: `198.51.100.9/32,1795334400`. */
export function elementText({ cidr, end }: Element): string {
  return `${cidr},${end}`;
}

/** What a host was given last. */
export interface Given {
  /** When that was decided, milliseconds since 1970; 0: it was never given anything. */
  readonly asked: number;
  /** False: the note cannot be understood, and what stands may be anything. */
  readonly isKnown: boolean;
  /** The host has said that it stands. */
  readonly stands: boolean;
  readonly elements: readonly Element[];
}

const NEVER: Given = { asked: 0, isKnown: true, stands: true, elements: [] };

function elementOf(text: string): readonly Element[] {
  const [network = '', end] = text.split(',');
  const parsed = parseNetwork(network);
  const seconds = Number(end);
  return isMalformed(parsed) || !Number.isSafeInteger(seconds) ? [] : [{ cidr: parsed.cidr, end: seconds }];
}

/** What is noted of a host. */
export function givenIn({ mine, version }: Published): Given {
  const [, word, asked] = mine.map((text) => /^(asked|stands) (\d{1,15})$/u.exec(text)).find(Boolean) ?? [];
  if (word === undefined) return { ...NEVER, isKnown: version === 0 };
  return { asked: Number(asked), isKnown: true, stands: word === 'stands', elements: mine.flatMap(elementOf) };
}

/** The note of it. */
export function noteOfGiven({ asked, stands, elements }: Given, version: number): Published {
  return noteOf([`${stands ? 'stands' : 'asked'} ${asked}`, ...elements.map(elementText)], version);
}

/** What is to stand on a host. */
export interface HostWish {
  readonly elements: readonly Element[];
  /** Networks for which there is no room. */
  readonly withoutRoom: number;
  /** Networks that wait until what may never be blocked can be read. */
  readonly heldBack: number;
}

/** What is wanted on a host that was given `standing`, of which nothing has ended. */
export function wishFor(wishes: Wishes, standing: readonly Element[]): HostWish {
  const endOf = endsIn(wishes);
  const due = FAMILIES.flatMap((family) => wantedIn(wishes, family)).map((cidr) => ({ cidr, end: endOf(cidr) }));
  const may = isGuarded(wishes) ? due : stayingOf(due, standing);
  const kept = FAMILIES.flatMap((family) => {
    const cidrs = may.map(({ cidr }) => cidr).filter((cidr) => familyOf(cidr) === family);
    return worstOf(wishes, cidrs, MOST_OF_A_FAMILY);
  });
  const keep = new Set(kept);
  return {
    elements: may.filter(({ cidr }) => keep.has(cidr)),
    withoutRoom: may.length - keep.size,
    heldBack: Math.max(0, due.length - may.length),
  };
}

/** While it is not known who may never be blocked: no more than what stands, as far as it lies in what is wanted, and for no longer. */
function stayingOf(due: readonly Element[], standing: readonly Element[]): readonly Element[] {
  const index = indexOf(due.map(({ cidr }) => cidr));
  const ends = new Map(due.map(({ cidr, end }) => [cidr, end]));
  return standing.flatMap(({ cidr, end }) => {
    const around = index.covering(cidr);
    return around === undefined ? [] : [{ cidr, end: Math.min(end, ends.get(around) ?? end) }];
  });
}

/** Until when all of a network is blocked: by the last of the rows around it, not by one inside, which is told when its turn comes. */
function endsIn({ blocks }: Wishes): (cidr: string) => number {
  const ends = new Map<string, number>();
  for (const { cidr, reasons } of blocks) {
    const end = Math.ceil(Date.parse(lastEnd(reasons)) / 1_000);
    ends.set(cidr, Math.max(ends.get(cidr) ?? 0, Number.isNaN(end) ? 0 : end));
  }
  const rows = indexOf([...ends.keys()]);
  return (cidr) => {
    const around = rows.overlapping(cidr).filter((row) => covers(row, cidr));
    return Math.max(0, ...around.map((row) => ends.get(row) ?? 0));
  };
}

/** What of it has not ended. */
export function lasting(elements: readonly Element[], now: string): readonly Element[] {
  return elements.filter(({ end }) => end * 1_000 > Date.parse(now));
}

/** Whether two of them are the same networks until the same times. */
export function isSame(one: readonly Element[], other: readonly Element[]): boolean {
  const texts = new Set(one.map(elementText));
  return one.length === other.length && other.every((each) => texts.has(elementText(each)));
}

function listOf(elements: readonly Element[], family: AddressFamily): string {
  const own = elements.filter(({ cidr }) => familyOf(cidr) === family);
  return own.map(elementText).toSorted().join(' ');
}

/** By which a host says what it was given: `cksum` of both lists with a NUL between, e.g. `1219131554-26`. */
export function contentSum(elements: readonly Element[]): string {
  return cksum(`${listOf(elements, 'IPV4')}\0${listOf(elements, 'IPV6')}`);
}

/** The parameters of the document. A list that is empty is left out: the document's own default is empty. */
export function parametersOf({ elements, asked }: Given): JsonObject {
  const [v4, v6] = [listOf(elements, 'IPV4'), listOf(elements, 'IPV6')];
  return { asked: [String(asked)], ...(v4 === '' ? {} : { v4: [v4] }), ...(v6 === '' ? {} : { v6: [v6] }) };
}
