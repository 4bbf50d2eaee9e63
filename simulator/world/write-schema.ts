/** Writes `docs/world.schema.json` from the schema that world files are checked against. */

import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { worldSchema } from './world-file.ts';

const DESCRIPTION =
  'An account as aws … describe-* prints it, with what the simulator has to know besides. Where runbook handle reads it, members ' +
  "of AWS's records that are null count as absent; members and outputs that are not listed here are left out, and named on standard error.";

/** The JSON Schema of the world file, as text. What a check of ours says beyond JSON Schema is left open there. */
export function worldSchemaText(): string {
  const schema = z.toJSONSchema(worldSchema, { io: 'input', unrepresentable: 'any', reused: 'ref' });
  return `${JSON.stringify({ title: 'World file of the simulator', description: DESCRIPTION, ...schema }, null, 1)}\n`;
}

if (import.meta.main) writeFileSync(new URL('../../docs/world.schema.json', import.meta.url), worldSchemaText());
