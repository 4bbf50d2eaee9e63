/** Reads listings that may be long: so many at most, a few requests at once, and with patience where AWS is busy. */

import { chunksOf } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { raise } from '../../../shared/kernel/errors.ts';
import { patiently } from './patience.ts';

/** Requests at once: Lambda answers 15 such a second in all, the others more. Source: Lambda quotas, control plane API requests. */
const AT_ONCE = 10;

/** As much of a listing as is read, and what is to be said where that is not all. */
export interface Bounded<T> {
  readonly items: readonly T[];
  readonly unread: readonly string[];
}

/** The first so many of a listing. Pages behind are not asked for. Throws what AWS throws. */
export async function atMost<Page, Item>(
  most: number,
  what: string,
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Bounded<Item>> {
  const all: Item[] = [];
  for await (const page of pages) {
    all.push(...(items(page) ?? []));
    if (all.length > most)
      return { items: all.slice(0, most), unread: [`there are more than ${most} ${what}: the others were not read`] };
  }
  return { items: all, unread: [] };
}

/** The pages of a listing for which the SDK has no paginator. */
export async function* pagesOf<Page extends { readonly NextToken?: string | undefined }>(
  ask: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let token: string | undefined;
  do {
    const page: Page = await ask(token);
    yield page;
    token = page.NextToken;
  } while (token !== undefined);
}

/** What is read of each, a few at once, in their order. */
export async function ofEach<Item, Read>(
  items: readonly Item[],
  read: (item: Item) => Promise<readonly Read[]>,
): Promise<readonly Read[]> {
  const all: Read[] = [];
  for (const some of chunksOf(items, AT_ONCE)) all.push(...(await Promise.all(some.map(read))).flat());
  return all;
}

/** Names by which services say that what was listed is there no more. */
const GONE: ReadonlySet<string> = new Set(['NotFoundException', 'ResourceNotFoundException']);

/** AWS's answer; `undefined`: it is gone since it was listed. Throws where there is no answer. */
export async function unlessGone<T>(request: () => Promise<T>, io: Io): Promise<T | undefined> {
  const answer = await patiently(request, true, io);
  if (answer.ok) return answer.value;
  if (GONE.has(answer.fault.name)) return undefined;
  throw raise(answer.fault);
}
