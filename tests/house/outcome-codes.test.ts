/** Every code that a decision can give stands on its runbook's page: whoever is woken by one looks there. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../build/cloudformation.ts';
import { folders } from './tidy-files.ts';

/** What opens and closes in code, outside of its strings. */
const OPEN = '([{';
const CLOSE = ')]}';

/** The code up to the bracket that closes what is open at `from`, in its parts between commas. */
function partsFrom(code: string, from: number): readonly string[] {
  const parts = [''];
  let depth = 0;
  let quote = '';
  for (const letter of code.slice(from)) {
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if ('\'`"'.includes(letter)) quote = letter;
    else if (OPEN.includes(letter)) depth += 1;
    else if (CLOSE.includes(letter)) depth -= 1;
    if (depth < 0) break;
    if (letter === ',' && depth === 0 && quote === '') parts.push('');
    else parts[parts.length - 1] = `${parts.at(-1) ?? ''}${letter}`;
  }
  return parts;
}

function textOf(pattern: string): string {
  const paths = globSync(pattern, { cwd: ROOT }).toSorted();
  return paths
    .map((path) => readFileSync(join(ROOT, path), 'utf8').replaceAll(/\/\*.*?\*\/|^ *\/\/[^\n]*/gmsu, ''))
    .join('\n');
}

/** Functions that take a parameter `code`, with its place among the parameters. */
function takers(code: string): ReadonlyMap<string, number> {
  const declared = [...code.matchAll(/\bfunction (\w+)(?:<[^>()]*>)?\(/gu)].map(({ 0: head, 1: name = '', index }) => {
    const place = partsFrom(code, index + head.length).findIndex((part) => /^\s*code: /u.test(part));
    return [name, place] as const;
  });
  return new Map(declared.filter(([, place]) => place >= 0));
}

/** Names of the codes in an expression: a literal, or each end of a choice; the condition of a choice is none. */
function literals(expression: string): readonly string[] {
  const value = expression.replace(/^[^?]*[^?.]\?(?![?.])/u, '');
  return [...value.matchAll(/'([a-z]+(?:-[a-z]+)*)'/gu)].map(([, name = '']) => name);
}

/** The codes given in code: as the argument of a function that takes one, as a member, or on the way there. */
function codesIn(code: string, helpers: string): ReadonlySet<string> {
  const places = takers(`${helpers}\n${code}`);
  const called = [...code.matchAll(/(?<!function )\b(\w+)\(/gu)].flatMap(({ 0: head, 1: name = '', index }) => {
    const place = places.get(name);
    return place === undefined ? [] : literals(partsFrom(code, index + head.length)[place] ?? '');
  });
  const members = [...code.matchAll(/\bcode: (?=[^s])/gu)].flatMap(({ 0: head, index }) =>
    literals(partsFrom(code, index + head.length)[0]?.split(';')[0] ?? ''),
  );
  const named = [...code.matchAll(/\bconst code = ([^;]*);/gu)].flatMap(([, value = '']) => literals(value));
  return new Set([...called, ...members, ...named]);
}

const HELPERS = textOf('shared/judgement/decisions.ts');

/** The section of a page that lists the codes. */
function section(runbook: string): string {
  const page = readFileSync(join(ROOT, 'functions', runbook, 'README.md'), 'utf8');
  return /^## Refuses when\n(.*?)^## /msu.exec(page)?.[1] ?? '';
}

function decisionsOf(runbook: string): string {
  return `${textOf(`functions/${runbook}/decide.ts`)}\n${textOf(`functions/${runbook}/decide/*.ts`)}`;
}

/** Codes that a decision is refused with. */
function refusalsIn(code: string): string[] {
  return [...code.matchAll(/\brefuse\(/gu)].flatMap(({ 0: head, index }) =>
    literals(partsFrom(code, index + head.length)[1] ?? ''),
  );
}

describe('the code of the runbooks', () => {
  it('is read: most codes are found', () => {
    const all = folders('functions').map(decisionsOf);
    expect(all.flatMap((code) => [...codesIn(code, HELPERS)]).length).toBeGreaterThan(60);
    expect(all.flatMap(refusalsIn).length).toBeGreaterThan(15);
  });
});

const DURABLE = folders('functions').filter((name) =>
  /^durable:/mu.test(readFileSync(join(ROOT, 'functions', name, 'function.yml'), 'utf8')),
);

it.each(DURABLE)('the page of %s says what it means that it has waited for too long', (runbook) => {
  expect(section(runbook)).toContain('`waited-too-long`');
});

describe.each(folders('functions'))('the page of %s', (runbook) => {
  const code = decisionsOf(runbook);
  const codes = [...codesIn(code, HELPERS)].toSorted();

  it('has every code that a decision can give', () => {
    expect(codes.filter((name) => !section(runbook).includes(`\`${name}\``))).toEqual([]);
  });

  it('has a row for every refusal', () => {
    const refused = refusalsIn(code);
    const rows = section(runbook)
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(refused.filter((name) => !rows.some((row) => row.split('|')[1]?.includes(`\`${name}\``)))).toEqual([]);
  });
});

describe('a code', () => {
  it.each([
    ["refuse(evidence, 'too-few', why)", ['too-few']],
    ["refuse({ a: f(1, 2) }, isLate ? 'late' : 'early', why)", ['early', 'late']],
    ["say(view, { code: 'told', because })", ['told']],
    ["const code = fix === 'none' ? 'left' : 'mended';", ['left', 'mended']],
    ["function hold(side: Side, code: string) {} hold(side, 'held')", ['held']],
  ])('is found in %s', (code, found) => {
    expect([...codesIn(code, HELPERS)].toSorted()).toEqual(found);
  });
});
