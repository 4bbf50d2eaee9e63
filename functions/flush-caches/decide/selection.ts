/** Which paths are to be sent: each once, and none that a wildcard of the same request covers. Pure. */

/** What an item of an invalidation is. Each kind is counted. */
export type ItemKind = 'file' | 'wildcard' | 'tag';

/** A cache tag may hold a `*`, which means nothing there. */
export function kindOf(item: string): ItemKind {
  if (item.startsWith('#')) return 'tag';
  return item.endsWith('*') ? 'wildcard' : 'file';
}

/** How many there are of each kind. */
export type Counts = { readonly files: number; readonly wildcards: number; readonly tags: number };

/** Counts them. */
export function countsOf(items: readonly string[]): Counts {
  const of = (kind: ItemKind): number => items.filter((item) => kindOf(item) === kind).length;
  return { files: of('file'), wildcards: of('wildcard'), tags: of('tag') };
}

/** What wildcards cover: none of the prefixes is the beginning of another, and they are in order. */
type Cover = readonly string[];

function coverOf(items: readonly string[]): Cover {
  const prefixes = items.filter((item) => kindOf(item) === 'wildcard').map((item) => item.slice(0, -1));
  const kept: string[] = [];
  // In order whatever begins with a prefix stands right behind it.
  for (const prefix of prefixes.toSorted()) {
    const last = kept.at(-1);
    if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
  }
  return kept;
}

/** The prefix that an item begins with. Only the last that is not behind the item can be it. */
function prefixOf(item: string, cover: Cover): string | undefined {
  let [low, high] = [0, cover.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((cover[middle] ?? '') <= item) low = middle + 1;
    else high = middle;
  }
  const prefix = cover[low - 1];
  return prefix !== undefined && item.startsWith(prefix) ? prefix : undefined;
}

/** In order, each once, without what a wildcard among them covers. */
export function selected(items: readonly string[]): readonly string[] {
  const cover = coverOf(items);
  return [...new Set(items)].toSorted().filter((item) => {
    const prefix = prefixOf(item, cover);
    return prefix === undefined || item === `${prefix}*`;
  });
}

/** Which of the items stands for a path: itself, or the wildcard among them that covers it; none where neither is among them. */
export function standsFor(items: readonly string[]): (path: string) => string | undefined {
  const known = new Set(items);
  const cover = coverOf(items);
  return (path) => {
    const prefix = prefixOf(path, cover);
    if (prefix !== undefined) return `${prefix}*`;
    return known.has(path) ? path : undefined;
  };
}

/** Those of the items that neither are among the others nor are covered by a wildcard among them. */
export function uncovered(items: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  const cover = coverOf(others);
  return items.filter((item) => !known.has(item) && prefixOf(item, cover) === undefined);
}

/** The directory of a file, with its slash; a slash in the query string makes none. */
function directoryOf(file: string): string {
  const [path = ''] = file.split('?', 1);
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** The first so many steps of a directory: `/a/b/c/` → `/a/b/`. */
function shortened(directory: string, steps: number): string {
  return directory
    .split('/')
    .slice(0, steps + 1)
    .concat('')
    .join('/');
}

/** Files, each under the directory whose wildcard would stand for it. */
function byDirectory(files: readonly string[], steps: number): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(files, (file) => {
    const directory = directoryOf(file);
    return directory.split('/').length - 2 <= steps ? directory : shortened(directory, steps);
  });
}

/** Wildcards for directories, at most so many steps deep. What lies at the top stays: `/*` is for who says it. */
function joinedAt(items: readonly string[], steps: number): readonly string[] {
  const files = items.filter((item) => kindOf(item) === 'file');
  const wildcards = [...byDirectory(files, steps)]
    .filter(([directory, { length }]) => directory !== '/' && length > 1)
    .map(([directory]) => `${directory}*`);
  return selected([...items, ...wildcards]);
}

/**
 * The same with a wildcard for each directory of which several files are asked for. Where these are more than may be in progress at one
 * time, directories go into those above them, the deepest first, never into all.
 */
export function collapsed(items: readonly string[], mostWildcards: number): readonly string[] {
  const depths = items.map((item) => directoryOf(item).split('/').length - 2);
  const deepest = depths.reduce((most, depth) => Math.max(most, depth), 1);
  for (let steps = deepest; steps > 1; steps -= 1) {
    const joined = joinedAt(items, steps);
    if (countsOf(joined).wildcards <= mostWildcards) return joined;
  }
  return joinedAt(items, 1);
}
