/** Java programs of others, fetched by Maven into folders of their own below the git-ignored `.build`. */

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './cloudformation.ts';
import { ToolUnavailable } from './python.ts';

const run = promisify(execFile);

/** Fetching takes about 30 s; a repository that is out of reach must not hold up everything else. */
const FETCH_TIMEOUT_MS = 240_000;

/** A program, its folder below `.build`, and the file of what it is made of, from the root. */
export interface JavaTool {
  readonly folder: string;
  readonly pom: string;
}

function jarsOf({ folder }: JavaTool): string {
  return join(ROOT, '.build', folder, 'jars');
}

/** What Java finds the program's classes by. */
export function classPathOf(tool: JavaTool): string {
  return join(jarsOf(tool), '*');
}

/** @throws ToolUnavailable where there is none */
async function demand(program: 'java' | 'mvn', argument: string, name: string): Promise<void> {
  try {
    await run(program, [argument], { shell: process.platform === 'win32' });
  } catch {
    throw new ToolUnavailable(`there is no ${name}`);
  }
}

/**
 * Fetches the program, unless it is there as its file says.
 * @returns the text of that file
 * @throws ToolUnavailable without Java or Maven, or where Maven cannot fetch
 */
export async function fetchTool(tool: JavaTool): Promise<string> {
  const pomFile = join(ROOT, tool.pom);
  const pom = readFileSync(pomFile, 'utf8');
  const [jars, stamp] = [jarsOf(tool), join(ROOT, '.build', tool.folder, 'fetched.xml')];
  await demand('java', '-version', 'Java');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pom) return pom;
  await demand('mvn', '--version', 'Maven');
  rmSync(jars, { recursive: true, force: true });
  mkdirSync(jars, { recursive: true });
  const parameters = ['-q', '-B', '-f', pomFile, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
  try {
    await run('mvn', [...parameters, '-DincludeScope=runtime'], {
      timeout: FETCH_TIMEOUT_MS,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    throw new ToolUnavailable(`Maven could not fetch ${tool.pom}: ${lastLine(error)}`);
  }
  writeFileSync(stamp, pom);
  return pom;
}

/** Maven says what is wrong on standard output. */
function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = String(Reflect.get(error, 'stdout') ?? '')
    .split('\n')
    .find((line) => line.startsWith('[ERROR]'));
  return said ?? error.message.split('\n').at(-1) ?? error.message;
}
