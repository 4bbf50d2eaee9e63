/** AWS's listings: all pages of an answer, and lists cut to what one request takes. */

/**
 * The items of all pages, in AWS's order. A page that fails fails the whole: part of a listing is never taken for all of it.
 * `items`: what to take of a page; a page without that member holds none.
 */
export async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...(items(page) ?? []));
  return all;
}

/** `items` in lists of at most `size`, in their order. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_none, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
