/**
 * A list of addresses as somebody else wrote it: line by line a network, or the reason why it is none. Strict as `parseNetwork` is:
 * what could be meant in two ways is refused, one bad line spoils no other. Pure. Parts, each beside it as `list-…`: the columns of a
 * line, what one of them is (`cell`), which of them is the address (`rows`), ranges (`span`), JSON, and the reasons (`refusal`).
 */

import { printable } from '../../../shared/kernel/printable.ts';
import { isNamed, soleCellOf, type Named } from './list-cell.ts';
import { isComment, trimmedLine } from './list-columns.ts';
import { documentOf, elementOf, jsonRow, type Element } from './list-json.ts';
import { LINE_LIMIT, NETWORK_LIMIT, refusal, type Refusal } from './list-refusal.ts';
import { rowOf, type Header, type Row } from './list-rows.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';

/** The widest networks that a list may name, as bits of their prefixes. */
export interface ListPolicy {
  readonly widestIpv4: number;
  readonly widestIpv6: number;
}

/** Of 1,385 IPv4 and 78 IPv6 networks of Spamhaus' DROP list 14 and 28 are wider: who trusts a list so far says so. */
const LIST_POLICY: ListPolicy = { widestIpv4: 16, widestIpv6: 32 };

/** What a line is found to be: taken, passed over, or the reason of its refusal. */
type Verdict =
  | 'ok'
  | 'range'
  | 'host-bits'
  | 'duplicate'
  | 'comment'
  | 'empty'
  | 'header'
  | 'metadata'
  | Refusal['why'];

/** A line with its verdict. */
export interface LineVerdict {
  /** From 1 on; in a document that is one JSON array, the element. */
  readonly line: number;
  /** As it stands in the list. */
  readonly text: string;
  readonly verdict: Verdict;
  /** What it adds to the list, in the one spelling; a range may be several. */
  readonly networks: readonly string[];
  /** Why it is not taken; `undefined`: it is, or is passed over. */
  readonly refusal: Refusal | undefined;
}

/** A line that is not taken. */
interface RefusedLine extends Refusal {
  readonly line: number;
  /** Its first characters, printable. */
  readonly text: string;
}

/** A list that was read. */
export interface ListReading {
  /** In their one spelling, each once, in the order of the list. Those that lie in others are still there. */
  readonly networks: readonly string[];
  readonly lines: number;
  /** Lines by verdict; one that was given to none is absent. */
  readonly counts: { readonly [verdict in Verdict]?: number };
  /** Lines that are not taken, all of them counted. */
  readonly refusedLines: number;
  /** The first of these, at most `REFUSED_SHOWN`. */
  readonly refused: readonly RefusedLine[];
}

/** As many as a person reads in a message. */
const REFUSED_SHOWN = 20;

/** Characters: an IPv6 network with its comment. */
const TEXT_SHOWN = 80;

type Judged = Pick<LineVerdict, 'verdict' | 'networks' | 'refusal'>;

function passedOver(verdict: Verdict): Judged {
  return { verdict, networks: [], refusal: undefined };
}

const DUPLICATE = passedOver('duplicate');

function refused(reason: Refusal): Judged {
  return { verdict: reason.why, networks: [], refusal: reason };
}

/** What the lines before have left behind. */
interface Progress {
  readonly policy: ListPolicy;
  readonly known: Set<string>;
  header: Header | undefined;
  /** Whether a row came already: a header comes first. */
  isBegun: boolean;
}

function whyNot({ family, prefix, networks }: Named, { policy, known }: Progress): Refusal | undefined {
  for (const cidr of networks) {
    const special = specialUse(cidr);
    if (special !== undefined) return refusal('never-block', special);
  }
  const widest = family === 'IPV4' ? policy.widestIpv4 : policy.widestIpv6;
  if (prefix < widest) return refusal('breadth', `at most /${widest}`);
  return known.size + networks.length > NETWORK_LIMIT ? refusal('too-many') : undefined;
}

function take(named: Named, progress: Progress): Judged {
  const { known } = progress;
  const fresh = named.networks.filter((cidr) => !known.has(cidr));
  if (fresh.length === 0) return DUPLICATE;
  const reason = whyNot(named, progress);
  if (reason !== undefined) return refused(reason);
  for (const cidr of fresh) known.add(cidr);
  return { verdict: named.how, networks: fresh, refusal: undefined };
}

function judge(found: Row | Element, progress: Progress): Judged {
  if (found === undefined) return passedOver('metadata');
  progress.isBegun = true;
  if (isNamed(found)) return take(found, progress);
  if ('why' in found) return refused(found);
  progress.header = found.header;
  return passedOver('header');
}

/** Most lines of most lists: an address or a network and nothing else. */
const BARE = /^[\da-f.:/]+$/iu;

function judgeLine(text: string, progress: Progress): Judged {
  if (text.length > LINE_LIMIT) return refused(refusal('line-too-long'));
  const line = trimmedLine(text);
  if (line === '') return passedOver('empty');
  if (isComment(line)) return passedOver('comment');
  if (progress.header === undefined && BARE.test(line)) return judge(soleCellOf(line), progress);
  const isJson = line.startsWith('{');
  return judge(isJson ? jsonRow(line) : rowOf(line, progress.header, !progress.isBegun), progress);
}

type Visit = (line: number, text: string, judged: Judged) => void;

/** A line feed at the end of the list begins no further line. */
function visitLines(text: string, progress: Progress, visit: Visit): void {
  let line = 0;
  for (let from = 0; from < text.length;) {
    const feed = text.indexOf('\n', from);
    const to = feed < 0 ? text.length : feed;
    const each = text.slice(from, to);
    line += 1;
    visit(line, each, judgeLine(each, progress));
    from = to + 1;
  }
}

function visitElements(elements: readonly unknown[], progress: Progress, visit: Visit): void {
  for (const [index, element] of elements.entries()) {
    const shown = typeof element === 'string' ? element : JSON.stringify(element);
    visit(index + 1, shown, judge(elementOf(element), progress));
  }
}

const BYTE_ORDER_MARK = '\uFEFF';

function visitList(text: string, policy: ListPolicy, visit: Visit): void {
  const progress: Progress = { policy, known: new Set(), header: undefined, isBegun: false };
  const bare = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const document = documentOf(bare);
  if (document === undefined) visitLines(bare, progress, visit);
  else if ('why' in document) visit(1, bare, refused(document));
  else visitElements(document, progress, visit);
}

/** The verdict of every line, in order. @param text the whole list, decoded. Throws nothing. */
export function verdictsOf(text: string, policy: ListPolicy = LIST_POLICY): readonly LineVerdict[] {
  const verdicts: LineVerdict[] = [];
  visitList(text, policy, (line, written, judged) => verdicts.push({ line, text: written, ...judged }));
  return verdicts;
}

/** What is cut through becomes visible too: half a character is not printable. */
function shortened(text: string): string {
  const bare = trimmedLine(text);
  return printable(bare.length > TEXT_SHOWN ? `${bare.slice(0, TEXT_SHOWN)}…` : bare);
}

/**
 * Reads a list. Nothing in it is an error: whether a list with so many bad lines is to be believed is for the caller to say.
 * @param text the whole list, decoded.
 */
export function readList(text: string, policy: ListPolicy = LIST_POLICY): ListReading {
  const networks: string[] = [];
  const counts: { [verdict in Verdict]?: number } = {};
  const shown: RefusedLine[] = [];
  let lines = 0;
  let refusedLines = 0;
  visitList(text, policy, (line, written, { verdict, networks: added, refusal: reason }) => {
    lines += 1;
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    for (const cidr of added) networks.push(cidr);
    if (reason === undefined) return;
    refusedLines += 1;
    if (shown.length < REFUSED_SHOWN) shown.push({ line, text: shortened(written), ...reason });
  });
  return { networks, lines, counts, refusedLines, refused: shown };
}
