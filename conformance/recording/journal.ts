/**
 * What a run has created, on disk before it is: what is intended first, then its id. Whoever cleans up after a run that was killed reads it
 * here, and what no journal tells of is nobody's to delete.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Kind } from './kinds.ts';

const KINDS: { readonly [kind in Kind]: true } = {
  'auto-scaling-group': true,
  'elastic-ip': true,
  instance: true,
  'internet-gateway': true,
  'launch-template': true,
  'network-acl': true,
  'prefix-list': true,
  queue: true,
  'security-group': true,
  snapshot: true,
  subnet: true,
  volume: true,
  vpc: true,
  'vpc-peering-connection': true,
};

function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

const headSchema = z.strictObject({
  run: z.string().regex(/^rbc-[0-9a-f]{12}$/u),
  account: z.string().regex(/^\d{12}$/u),
  region: z.string().min(1),
  scenario: z.string(),
});
const kindSchema = z.string().refine(isKind);
const lineSchema = z.union([
  headSchema,
  z.strictObject({ intent: z.int(), kind: kindSchema, operation: z.string() }),
  z.strictObject({ made: z.int(), ids: z.array(z.string()) }),
  z.strictObject({ refused: z.int() }),
]);

/** Whose run it is. */
export type Head = z.infer<typeof headSchema>;

/** A journal that is being written. */
export interface Journal {
  readonly file: string;
  readonly head: Head;
  /** Says what is about to be created, before the request; its number. */
  readonly intend: (kind: Kind, operation: string) => number;
  readonly made: (intent: number, ids: readonly string[]) => void;
  /** AWS has refused it: nothing came of it. */
  readonly refused: (intent: number) => void;
}

/** A journal as it was read. */
export interface Past {
  readonly file: string;
  readonly head: Head;
  readonly made: readonly { readonly kind: Kind; readonly id: string }[];
  /** Kinds that were about to be created; what became of it is not known. */
  readonly open: ReadonlySet<Kind>;
}

/** Appends a line that is on the disk before this returns. */
function append(file: string, line: object): void {
  const handle = openSync(file, 'a', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(line)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Begins the journal of a run. */
export function beginJournal(folder: string, head: Head): Journal {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${head.run}.jsonl`);
  if (existsSync(file)) throw new Error(`${file}: there is a journal of this run already`);
  append(file, head);
  let intents = 0;
  return {
    file,
    head,
    intend: (kind, operation) => {
      intents += 1;
      append(file, { intent: intents, kind, operation });
      return intents;
    },
    made: (intent, ids) => append(file, { made: intent, ids }),
    refused: (intent) => append(file, { refused: intent }),
  };
}

/** Nothing is left of a run: its journal is kept, and read no more. */
export function closeJournal({ file }: Pick<Past, 'file'>): void {
  renameSync(file, file.replace(/\.jsonl$/u, '.clean'));
}

/** The lines of a journal. Of a process that was killed the last one may be torn: what it was to say had not been done, or is open. */
function linesOf(file: string, text: string): z.infer<typeof lineSchema>[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const read = lineSchema.safeParse(parsed(line));
    if (!read.success) throw new Error(`${file}:${index + 1}: this is no line of a journal: clean up by hand`);
    return read.data;
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What a journal says. `undefined`: it was killed before its first line stood. */
export function pastOf(file: string, text: string): Past | undefined {
  const lines = linesOf(file, text);
  const head = lines.find((line) => 'run' in line);
  if (head === undefined) return undefined;
  const intents = new Map(lines.flatMap((line) => ('intent' in line ? [[line.intent, line.kind] as const] : [])));
  const made: { kind: Kind; id: string }[] = [];
  const open = new Map(intents);
  for (const line of lines) {
    if ('refused' in line) open.delete(line.refused);
    if (!('made' in line)) continue;
    open.delete(line.made);
    const kind = intents.get(line.made);
    if (kind !== undefined) made.push(...line.ids.map((id) => ({ kind, id })));
  }
  return { file, head, made, open: new Set(open.values()) };
}

/** Journals of runs of which something may be left, oldest first by name. */
export function unfinished(folder: string): readonly Past[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .flatMap((name) => {
      const file = join(folder, name);
      const past = pastOf(file, readFileSync(file, 'utf8'));
      return past === undefined ? [] : [past];
    });
}
