/** Writes the software bill of materials of the production dependencies, CycloneDX 1.5 in JSON: `npm run sbom`. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './cloudformation.ts';
import { productionPackages } from './lockfile.ts';
import { npm } from './npm.ts';

/** Where it is written, relative to the root; not committed, since it names the moment it was made. */
export const SBOM_FILE = '.build/sbom.cdx.json';

const sbomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string(), name: z.string() }) }),
  components: z.array(
    z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string(), purl: z.string() }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** A bill of materials, as far as it is looked at here. */
export type Sbom = z.infer<typeof sbomSchema>;

/**
 * Makes it from the lockfile, without the network.
 * @throws ZodError when npm printed something else
 */
export function sbom(): Sbom {
  const { name } = z.object({ name: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  // Not --omit=dev: npm then also leaves out what production and development share (zod, @smithy/core; npm 11.19).
  const made = sbomSchema.parse(JSON.parse(npm('sbom', '--sbom-format=cyclonedx', '--package-lock-only').stdout));
  const production = new Set(productionPackages().map((one) => `${one.name}@${one.version}`));
  const components = made.components.filter((one) => production.has(`${one.name}@${one.version}`));
  const { component } = made.metadata;
  const refs = new Set([component['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  return {
    ...made,
    // npm calls the project after its folder, which is whatever the clone is called.
    metadata: { ...made.metadata, component: { ...component, name } },
    components,
    dependencies: made.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) })),
  };
}

if (import.meta.main) {
  const made = sbom();
  mkdirSync(dirname(join(ROOT, SBOM_FILE)), { recursive: true });
  writeFileSync(join(ROOT, SBOM_FILE), `${JSON.stringify(made, null, 2)}\n`);
  process.stdout.write(`${SBOM_FILE}: CycloneDX ${made.specVersion}, ${made.components.length} components\n`);
}
