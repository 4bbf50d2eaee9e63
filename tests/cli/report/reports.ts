/** Reports as the tests want them: of the drills, of the tests' own records, and with whatever text is said. */

import { expect } from 'vitest';
import { parse, type DefaultTreeAdapterMap } from 'parse5';
import { storyReport } from '../../../cli/report/of-story.ts';
import type { Receipt, Report } from '../../../cli/report/report.ts';
import type { Place, Stack } from '../../../cli/operate/place.ts';
import { findRuns } from '../../../cli/operate/show/found-run.ts';
import { storyOf } from '../../../cli/operate/show/story.ts';
import { fakePlace, fakeStack, record, type Rows } from '../operate/fake-place.ts';

/** A receipt that says as much as any. */
const RECEIPT: Receipt = {
  ran: '0.1.0+1a2b3c4d',
  rehearsed: '0.1.0+1a2b3c4d',
  drills: [{ name: 'instance-dies', title: 'An instance check fails', explored: '12 schedules.', isExplored: true }],
};

/** The report of the tests' own run, with this in the ledger and the stack. */
export async function reportOf(
  rows: Rows = {},
  more: Partial<Stack> = {},
  where: Partial<Place> = {},
  isShown = false,
): Promise<Report> {
  const place = fakePlace([fakeStack({ records: [record()], ...rows }, more)], where);
  const [found] = await findRuns(place, '0b8f6d');
  if (found === undefined) throw new Error('the run is not found');
  const story = await storyOf(place, found, { summary: undefined, withDetails: true, mostTargets: 60 });
  return storyReport(story, { place, receipt: RECEIPT, isShown });
}

export type Node = DefaultTreeAdapterMap['node'];
export type Element = DefaultTreeAdapterMap['element'];

/** A document, and what a browser would have to forgive in it. */
export function parsed(page: string): { readonly elements: readonly Element[]; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const document = parse(page, { onParseError: ({ code }) => void errors.push(code) });
  const elements: Element[] = [];
  const walk = (node: Node): void => {
    if ('tagName' in node) elements.push(node);
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  walk(document);
  return { elements, errors };
}

/** Text below an element. */
export function textOf(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

/** An attribute of an element. */
export function attribute({ attrs }: Element, wanted: string): string | undefined {
  return attrs.find(({ name }) => name === wanted)?.value;
}

/** What every page is. */
export function expectSound(html: string): void {
  const { elements, errors } = parsed(html);
  expect(errors).toEqual([]);
  const named = (name: string): readonly Element[] => elements.filter(({ tagName }) => tagName === name);
  expect(['script', 'link', 'img', 'iframe', 'object', 'form', 'base'].flatMap(named)).toEqual([]);
  expect(elements.filter((one) => attribute(one, 'style') !== undefined)).toEqual([]);
  expect(elements.flatMap(({ attrs }) => attrs).filter(({ name }) => name.startsWith('on'))).toEqual([]);
  const ids = elements.flatMap((one) => attribute(one, 'id') ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  const referred = elements.flatMap((one) => [
    ...(attribute(one, 'aria-labelledby')?.split(' ') ?? []),
    ...(attribute(one, 'href')?.startsWith('#') === true ? [attribute(one, 'href')?.slice(1) ?? ''] : []),
  ]);
  expect(referred.filter((id) => !ids.includes(id))).toEqual([]);
  const levels = elements.flatMap(({ tagName }) => (/^h[1-6]$/u.test(tagName) ? [Number(tagName[1])] : []));
  expect(levels[0]).toBe(1);
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
  expect(named('th').filter((one) => attribute(one, 'scope') === undefined)).toEqual([]);
  for (const svg of named('svg')) expect(attribute(svg, 'role')).toBe('img');
  expect(['header', 'main', 'footer'].map((name) => named(name).length)).toEqual([1, 1, 1]);
}
