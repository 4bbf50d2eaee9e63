/** The door plates of an account and Region: which stacks are deployed there, and as what (`deploy/standard/plate.ts` writes them). */

import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { PLATE_LAYOUT, PLATES } from '../../../deploy/standard/plate.ts';
import { client } from '../../../shared/aws/clients.ts';
import { ANSWER_MS } from './asking.ts';

/** What a newer version may add is left alone. */
const plateSchema = z.object({
  prefix: z.string().min(1),
  version: z.string(),
  runbooks: z.record(z.string(), z.enum(['plain', 'durable'])),
  parameters: z.object({
    dryRun: z.boolean(),
    approval: z.enum(['never', 'always']),
    /** `none`: the deployment leaves it to the ledger. */
    mode: z.enum(['plan', 'apply', 'none']),
  }),
  controlTable: z.string().min(1),
  /** Plates have it from their first layout on. */
  dataTable: z.string().min(1).optional(),
});

/** What a stack says of itself. */
export type Plate = z.infer<typeof plateSchema>;

/** A plate that cannot be read, and why. */
interface UnreadPlate {
  readonly name: string;
  readonly why: string;
}

/** All plates of a place. */
export interface Plates {
  /** In the order of their prefixes. */
  readonly plates: readonly Plate[];
  readonly unread: readonly UnreadPlate[];
}

/** Reads the value of a plate; why it cannot be read, where it cannot. */
export function readPlate(value: string): Plate | string {
  let content: unknown;
  try {
    content = JSON.parse(value);
  } catch {
    return 'it is no JSON';
  }
  const layout: unknown = typeof content === 'object' && content !== null ? Reflect.get(content, 'layout') : undefined;
  if (typeof layout === 'number' && layout > PLATE_LAYOUT)
    return `it has layout ${layout}, this version reads up to ${PLATE_LAYOUT}: use the version that deployed it`;
  const parsed = plateSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`;
}

/** Lists the plates, page by page. Throws the SDK's error when Systems Manager does not answer. */
export async function listPlates(region: string): Promise<Plates> {
  const plates: Plate[] = [];
  const unread: UnreadPlate[] = [];
  const pages = paginateGetParametersByPath(
    { client: client(SSMClient, { region, purpose: 'plates', timeoutMs: ANSWER_MS }) },
    { Path: PLATES },
  );
  for await (const { Parameters = [] } of pages) {
    for (const { Name = '', Value = '' } of Parameters) {
      const plate = readPlate(Value);
      if (typeof plate === 'string') unread.push({ name: Name, why: plate });
      else plates.push(plate);
    }
  }
  return { plates: plates.toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1)), unread };
}
