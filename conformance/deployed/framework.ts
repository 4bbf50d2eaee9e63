/** The framework, run as a person would, in a copy of a tree. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../build/cloudformation.ts';

const TIMEOUT_MS = 120_000;
/** Files of a package that the template stands in. */
const WITH_TEMPLATE = ['cloudformation-template-update-stack.json', 'serverless-state.json'];

/** Runs one command of the framework; returns what it printed. Throws with that when it ends with a failure. */
async function framework(
  folder: string,
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<string> {
  const program = join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
    timeout: TIMEOUT_MS,
  });
  return `${stdout}${stderr}`;
}

/** A copy of a document without what the emulator does not take: alarms on expressions, documents of Systems Manager. */
function withoutGaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutGaps);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
      isGap(member) ? [] : [[key, withoutGaps(member)]],
    ),
  );
}

function isGap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Reflect.get(value, 'Type') === 'AWS::SSM::Document') return true;
  const properties: unknown = Reflect.get(value, 'Properties');
  return (
    Reflect.get(value, 'Type') === 'AWS::CloudWatch::Alarm' &&
    typeof properties === 'object' &&
    properties !== null &&
    Reflect.has(properties, 'Metrics')
  );
}

function resourceIds(templatePath: string): string[] {
  const template: unknown = JSON.parse(readFileSync(templatePath, 'utf8'));
  const resources: unknown =
    typeof template === 'object' && template !== null ? Reflect.get(template, 'Resources') : {};
  return Object.keys(typeof resources === 'object' && resources !== null ? resources : {});
}

/** Packages and deploys. Returns the logical ids of what is to stand. Throws with what the framework said. */
export async function deploy(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  await framework(folder, environment, 'package', '--param', 'alertEmail=kim@example.com');
  const paths = WITH_TEMPLATE.map((name) => join(folder, '.serverless', name));
  for (const path of paths) writeFileSync(path, JSON.stringify(withoutGaps(JSON.parse(readFileSync(path, 'utf8')))));
  // The framework takes the folder away when it is done.
  const ids = resourceIds(paths[0] ?? '');
  await framework(folder, environment, 'deploy', '--package', '.serverless');
  return ids;
}

/** Takes the stack away. */
export function remove(folder: string, environment: Readonly<Record<string, string>>): Promise<string> {
  return framework(folder, environment, 'remove');
}
