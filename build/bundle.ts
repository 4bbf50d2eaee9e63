/** Bundles a handler exactly as `serverless package` does, from the same options: those of `serverless.yml`. */

import { resolve } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { z } from 'zod';
import { readTemplate, ROOT } from './cloudformation.ts';
import plugins from './esbuild-plugins.ts';

const optionsSchema = z.object({
  custom: z.object({
    esbuild: z.strictObject({
      bundle: z.literal(true),
      minify: z.boolean(),
      format: z.literal('esm'),
      platform: z.literal('node'),
      target: z.string(),
      outputFileExtension: z.literal('.mjs'),
      mainFields: z.array(z.string()),
      legalComments: z.literal('none'),
      sourcemap: z.boolean(),
      exclude: z.array(z.string()).max(0),
      banner: z.record(z.string(), z.string()),
      plugins: z.literal('build/esbuild-plugins.ts'),
    }),
  }),
});

/** esbuild's options of the deployed bundles. Throws a ZodError when serverless.yml says something this file does not know. */
export function deployedOptions(): BuildOptions {
  const {
    outputFileExtension: _extension,
    exclude: _exclude,
    plugins: _plugins,
    ...options
  } = optionsSchema.parse(readTemplate('serverless.yml')).custom.esbuild;
  return { ...options, plugins };
}

/** What somebody gets who names an entry point and no more. Only the banner is ours: without it the result does not load. */
export function defaultOptions(): BuildOptions {
  const { banner } = deployedOptions();
  return { bundle: true, platform: 'node', format: 'esm', ...(banner === undefined ? {} : { banner }) };
}

/** A bundle that was written. */
export interface Bundle {
  readonly path: string;
  readonly bytes: number;
  /** Bytes by npm package, or by path for our own modules, largest first. */
  readonly parts: readonly (readonly [part: string, bytes: number])[];
}

function partsOf(inputs: Metafile['outputs'][string]['inputs']): Bundle['parts'] {
  const sizes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const part = /^node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(path)?.[1] ?? path;
    sizes.set(part, (sizes.get(part) ?? 0) + bytesInOutput);
  }
  return [...sizes].toSorted(([, a], [, b]) => b - a);
}

/** Bundles `entry` (relative to the root, or absolute) into the file `outfile`. */
export async function bundle(entry: string, outfile: string, options: BuildOptions): Promise<Bundle> {
  const { metafile } = await build({
    ...options,
    entryPoints: [resolve(ROOT, entry)],
    outfile,
    absWorkingDir: ROOT,
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  if (output === undefined) throw new Error(`${entry}: esbuild wrote nothing`);
  return { path: outfile, bytes: output.bytes, parts: partsOf(output.inputs) };
}
