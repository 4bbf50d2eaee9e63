/** Reads YAML with CloudFormation's short tags, as the framework does. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type CollectionTag, type ScalarTag } from 'yaml';

/** Root of the repository. */
export const ROOT = join(import.meta.dirname, '..');

const FUNCTIONS = [
  'Ref',
  'GetAtt',
  'Sub',
  'Select',
  'Join',
  'GetAZs',
  'Base64',
  'If',
  'Not',
  'Equals',
  'Cidr',
  'Split',
  'FindInMap',
  'ImportValue',
];

/** `!Ref x` → `{ Ref: x }`, `!Sub x` → `{ 'Fn::Sub': x }`. */
function tagsOf(name: string): (ScalarTag | CollectionTag)[] {
  const key = name === 'Ref' ? 'Ref' : `Fn::${name}`;
  return [
    { tag: `!${name}`, resolve: (value: string) => ({ [key]: name === 'GetAtt' ? value.split('.') : value }) },
    { tag: `!${name}`, collection: 'seq', resolve: (sequence) => ({ [key]: sequence.toJSON() as unknown }) },
  ];
}

/** Parses a YAML text. */
export function parseTemplate(text: string): unknown {
  return parse(text, { customTags: FUNCTIONS.flatMap(tagsOf), merge: true }) as unknown;
}

/** Reads a YAML file, `path` relative to the root. */
export function readTemplate(path: string): unknown {
  return parseTemplate(readFileSync(join(ROOT, path), 'utf8'));
}
