/**
 * Members of requests and answers that no source of ours names, left out of a client's schemas. What is not in its schema the SDK neither
 * sends nor reads; and what nobody names nobody sends or reads, as long as no answer is handed on whole.
 */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cloudformation.ts';

/** Clients whose answers our own code alone reads. Middleware of S3's, SQS's and DynamoDB's reads others, and the durable SDK Lambda's. */
const READ_BY_US_ALONE = /[\\/]client-(?:auto-scaling|batch|cloudwatch|datasync|ec2|fsx|service-quotas|ssm)[\\/]/u;

/** Texts between the commas of the outermost level of a list. */
export function elementsOf(list: string): string[] {
  const elements: string[] = [];
  let [depth, start] = [0, 0];
  for (let index = 0; index < list.length; index += 1) {
    const character = list.charAt(index);
    if ('[({'.includes(character)) depth += 1;
    else if ('])}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      elements.push(list.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = list.slice(start).trim();
  return last === '' ? elements : [...elements, last];
}

const STRUCTURE = /^(export var \w+\$ = \[3, n0, \w+,)([\s\S]*?)\];$/gmu;
const STRING_CONSTANT = /^const (_\w+) = "([^"\\\n]*)";$/gmu;
/** Pages are turned by the SDK, and it fills in a token of a request that has none. */
const READ_BY_THE_SDK = /(?:token|marker|results|records|items)$/iu;

/** The schemas of structures without the members that `isNamed` does not know. */
export function leaveOutMembers(source: string, isNamed: (member: string) => boolean): string {
  const texts = new Map([...source.matchAll(STRING_CONSTANT)].map(([, name = '', text = '']) => [name, text]));
  return source.replaceAll(STRUCTURE, (whole, head: string, body: string) => {
    const [traits = '', names = '', schemas = '', required] = elementsOf(body);
    const [members, kinds] = [elementsOf(names.slice(1, -1)), elementsOf(schemas.slice(1, -1))];
    if (members.length !== kinds.length)
      throw new Error(`${head} ${members.length} names of ${kinds.length} members; has the SDK changed its layout?`);
    const kept = members.flatMap((member, index) => {
      const name = texts.get(member);
      return name === undefined || READ_BY_THE_SDK.test(name) || isNamed(name) ? [index] : [];
    });
    if (kept.length === members.length) return whole;
    const those = (list: readonly string[]): string => kept.map((index) => list[index]).join(', ');
    // How many of the first are required.
    const still = required === undefined ? '' : `, ${kept.filter((index) => index < Number(required)).length}`;
    return `${head} ${traits}, [${those(members)}], [${those(kinds)}]${still}];`;
  });
}

let words: ReadonlySet<string> | undefined;

/** Every word of our sources; those of comments too, which does no harm. */
function ownWords(): ReadonlySet<string> {
  words ??= new Set(
    globSync('{functions,shared}/**/*.ts', { cwd: ROOT }).flatMap(
      (path) => readFileSync(join(ROOT, path), 'utf8').match(/\w+/gu) ?? [],
    ),
  );
  return words;
}

/** The same for a client whose answers our own code alone reads; others stay as they are. `path`: of its schema file. */
export function leaveOutUnnamed(source: string, path: string): string {
  if (!READ_BY_US_ALONE.test(path)) return source;
  const own = ownWords();
  const rest = leaveOutMembers(source, (member) => own.has(member));
  if (rest === source) throw new Error(`${path}: no members to leave out; has the SDK changed its layout?`);
  return rest;
}
