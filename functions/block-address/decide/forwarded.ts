/**
 * Who sent a request that came through proxies, by the header in which each of them has put down whom it had it from (`X-Forwarded-For`, or
 * `Forwarded` of RFC 7239). Read from the right: an element was written by the proxy whose own address stands to the right of it. So what stands to the
 * left of the first that is no proxy of ours was written by that client, who may write there what it likes. Pure.
 */

import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import type { Decision, Refuse } from '../../../shared/kernel/decision.ts';
import { allowedNow } from './guards.ts';
import type { Guard } from './facts.ts';
import { canonical } from './wish.ts';

/** The element of the header that is blocked. */
export type TakenElement = {
  /** Its place in the text, from the left, the first is 0. */
  readonly index: number;
  /** As written, without blanks at its ends. */
  readonly element: string;
  /** How many stand to the right of it: our own side. */
  readonly passedOver: number;
};

/** Whom the header names, or why nobody. */
export type Client = { readonly cidr: string; readonly taken: TakenElement } | { readonly refusal: Refuse };

/** An address, with brackets around one of IPv6 or not, and the port that some proxies write behind it; RFC 7239 has hidden ports, too. */
const NODE = /^(?:\[(?<bracketed>[\da-f:.]*:[\da-f:.]*)\]|(?<bare>[\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/iu;

/** `for=192.0.2.60;proto=https`: a comma, a semicolon or a quote inside quotes is read by nobody here, and ends the reading. */
const PAIR = /^[ \t]*(?<name>[\w-]+)=(?:"(?<quoted>[^"\\]*)"|(?<token>[^"\\ \t]*))[ \t]*$/u;

/** Of what somebody else wrote so much is told. */
const MAX_ELEMENT_CHARS = 64;

function bare(element: string): string {
  return element.replace(/^[ \t]+/u, '').replace(/[ \t]+$/u, '');
}

/** The one `for` of an element of `Forwarded`; `undefined` where it has none, or several, or is not to be read. */
function forIn(element: string): string | undefined {
  const pairs = element.split(';').map((pair) => PAIR.exec(pair)?.groups);
  const [said, ...more] = pairs.filter((pair) => pair?.['name']?.toLowerCase() === 'for');
  const isPlain = pairs.every((pair) => pair !== undefined) && more.length === 0;
  return isPlain ? (said?.['quoted'] ?? said?.['token']) : undefined;
}

/** The network of a node; `undefined` for what is no address: text, `unknown`, a name that hides one (`_gateway`). */
function addressOf(node: string): string | undefined {
  const { bracketed, bare: plain } = NODE.exec(node)?.groups ?? {};
  return canonical(bracketed ?? plain ?? node);
}

function unreadable(index: number, element: string): Client {
  const told = element.slice(0, MAX_ELEMENT_CHARS);
  const because = `forwardedFor[${index}] is no address (${JSON.stringify(told)}), and whatever stands to the left of it may be made up`;
  return { refusal: { kind: 'refuse', code: 'forwarded-not-an-address', because, evidence: { index, element: told } } };
}

/**
 * The client of a header.
 * @param isOurs whether a network, in its one spelling, is a proxy of ours
 */
export function clientIn(text: string, isOurs: (cidr: string) => boolean): Client {
  const elements = text.split(',').map(bare);
  // The last element is our own proxy's: it says which of the two headers this is.
  const nodeOf = elements.at(-1)?.includes('=') === true ? forIn : (element: string): string => element;
  for (let index = elements.length - 1; index >= 0; index -= 1) {
    const element = elements[index] ?? '';
    const cidr = addressOf(nodeOf(element) ?? '');
    if (cidr === undefined) return unreadable(index, element);
    if (!isOurs(cidr)) return { cidr, taken: { index, element, passedOver: elements.length - 1 - index } };
  }
  const passedOver = elements.length;
  const because = `all ${passedOver} addresses of forwardedFor are ours, AWS's, allowed or of special use: none is a client's`;
  return { refusal: { kind: 'refuse', code: 'forwarded-nobody', because, evidence: { passedOver } } };
}

/** What a client of ours does not come from: what may never be blocked, special use, what is allowed now. */
export function oursBy(guard: Guard, now: string): (cidr: string) => boolean {
  const ranges = indexOf([...guard.neverBlock.flatMap((row) => row.ranges), ...allowedNow(guard, now)]);
  return (cidr) => specialUse(cidr) !== undefined || ranges.covering(cidr) !== undefined;
}

/** A decision about the client of a header, with which element that was. */
export function tellingOf<D extends Decision>(decision: D, taken: TakenElement | undefined): D {
  if (taken === undefined) return decision;
  const { index, passedOver } = taken;
  const because = `${decision.because}; the client is forwardedFor[${index}], ${passedOver} to the right of it are our own side`;
  return { ...decision, because, evidence: { ...decision.evidence, forwarded: taken } };
}
