/** Builds what is deployed, and lets the command run it in place of the sources. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundle, deployedOptions } from '../build/bundle.ts';
import { ROOT } from '../build/cloudformation.ts';
import type { LambdaFunction } from '../shared/kernel/hosts/host.ts';
import { surroundings, type Surroundings } from '../shared/aws/clients.ts';
import type { RunbookHandler } from '../shared/kernel/runbook.ts';
import { deployed, type DiscoveredFunction } from '../rehearsal/functions.ts';

/** A runbook's bundles. */
export interface Built {
  /** Exactly the file that is deployed. */
  readonly deployed: string;
  /** The same handler and one export more: the way to hand it the command's surroundings, since a bundle has its own copy of every module. */
  readonly replaceable: string;
}

/** Bundles one runbook with the options of the deployment. */
export async function buildRunbook(name: string, folder: string): Promise<Built> {
  mkdirSync(folder, { recursive: true });
  const plain = join(folder, `${name}.mjs`);
  const replaceable = join(folder, `${name}.replaceable.mjs`);
  await bundle(`functions/${name}/handler.ts`, plain, deployedOptions());
  const contents = `export { handler } from './functions/${name}/handler.ts';\nexport { surroundWith } from './shared/aws/clients.ts';\n`;
  await build({
    ...deployedOptions(),
    stdin: { contents, resolveDir: ROOT, loader: 'ts', sourcefile: 'conformance-entry.ts' },
    outfile: replaceable,
    absWorkingDir: ROOT,
    logLevel: 'silent',
  });
  return { deployed: plain, replaceable };
}

interface Replaceable {
  readonly handler: RunbookHandler;
  readonly surroundWith: (parts: Partial<Surroundings>) => () => void;
}

function isReplaceable(module: unknown): module is Replaceable {
  if (typeof module !== 'object' || module === null) return false;
  const handler: unknown = Reflect.get(module, 'handler');
  return (
    typeof handler === 'function' &&
    'runbook' in handler &&
    'direct' in handler &&
    typeof Reflect.get(module, 'surroundWith') === 'function'
  );
}

/** Loads a replaceable bundle as a function of the command. */
export async function loadBundle(path: string): Promise<DiscoveredFunction> {
  const module: unknown = await import(pathToFileURL(path).href);
  if (!isReplaceable(module)) throw new TypeError(`${path} exports no handler made by runbook()`);
  const { handler, surroundWith } = module;
  const direct: LambdaFunction = async (event, context) => {
    const { ledger, probe, write } = surroundings();
    const restore = surroundWith({ ledger, probe, write });
    try {
      return await handler.direct(event, context);
    } finally {
      restore();
    }
  };
  return { ...deployed(handler), direct };
}
