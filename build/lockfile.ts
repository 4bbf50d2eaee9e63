/** The lockfile, as far as this project asks it things. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './cloudformation.ts';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

/** A package that a production install brings. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; `undefined` when the package states none. */
  readonly license: string | undefined;
}

/** What `npm ci --omit=dev` brings, on any platform, in the order of the names. */
export function productionPackages(): ProductionPackage[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version = '', license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license,
    }))
    .toSorted((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}
