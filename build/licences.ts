/** Lists the licences of what is deployed or runs the command: `npm run licences` writes docs/licences.md. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cloudformation.ts';
import { productionPackages } from './lockfile.ts';

/** The page, relative to the root. */
export const LICENCES_PAGE = 'docs/licences.md';

/** Licences that ask for no more than to be named: none reaches over to the code that uses the package. */
export const PERMISSIVE: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
  'Zlib',
];

/** The page as it is to be. */
export function licencesPage(): string {
  const packages = productionPackages();
  const counts = new Map<string, number>();
  for (const { license = 'none stated' } of packages) counts.set(license, (counts.get(license) ?? 0) + 1);
  const summary = [...counts]
    .toSorted(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))
    .map(([license, count]) => `${license}: ${count}`);
  return [
    '# Licences of the production dependencies',
    '',
    'Every package that `npm ci --omit=dev` installs, on any platform. Written by `npm run licences` from the lockfile; a test keeps it current and',
    `every licence permissive (${PERMISSIVE.join(', ')}).`,
    '',
    `${packages.length} packages. ${summary.join(' · ')}.`,
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...packages.map(({ name, version, license = 'none stated' }) => `| ${name} | ${version} | ${license} |`),
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(ROOT, LICENCES_PAGE), licencesPage());
