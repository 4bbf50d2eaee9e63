/** Python tools in virtual environments of their own, below the git-ignored `.build`. */

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './cloudformation.ts';

const run = promisify(execFile);

/** Installing takes about 20 s; a package index that is out of reach must not hold up everything else. */
const INSTALL_TIMEOUT_MS = 150_000;

/** Why a Python tool is not to be had here: said, and skipped. */
export class ToolUnavailable extends Error {
  override readonly name = 'ToolUnavailable';
}

/** A tool, its folder below `.build`, and the file of its pinned packages, from the root. */
export interface PythonTool {
  readonly program: string;
  readonly folder: string;
  readonly requirements: string;
}

/** Path of a program in a tool's environment. */
export function programOf({ folder }: Pick<PythonTool, 'folder'>, name: string): string {
  const environment = join(ROOT, '.build', folder);
  return process.platform === 'win32' ? join(environment, 'Scripts', `${name}.exe`) : join(environment, 'bin', name);
}

function lastLine(error: unknown): string {
  const text =
    error instanceof Error ? String(Reflect.get(error, 'stderr') ?? '').trim() || error.message : String(error);
  return text.split('\n').at(-1) ?? text;
}

async function python(): Promise<string> {
  for (const name of [process.env['PYTHON'] ?? 'python3', 'python']) {
    try {
      await run(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']);
      return name;
    } catch {
      // The next one, then.
    }
  }
  throw new ToolUnavailable('there is no Python of 3.10 or newer with its venv module (PYTHON names another one)');
}

/**
 * Makes a tool's virtual environment, unless it is there with the same pins.
 * @returns the text of the pins
 * @throws ToolUnavailable without Python, or when pip cannot install
 */
export async function installTool(tool: PythonTool): Promise<string> {
  const environment = join(ROOT, '.build', tool.folder);
  const pinFile = join(ROOT, tool.requirements);
  const pins = readFileSync(pinFile, 'utf8');
  const stamp = join(environment, 'installed.txt');
  if (existsSync(programOf(tool, tool.program)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === pins)
    return pins;
  const name = await python();
  mkdirSync(environment, { recursive: true });
  try {
    await run(name, ['-m', 'venv', '--clear', environment]);
    await run(
      programOf(tool, 'python'),
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--only-binary',
        ':all:',
        '--requirement',
        pinFile,
      ],
      { timeout: INSTALL_TIMEOUT_MS },
    );
  } catch (error) {
    throw new ToolUnavailable(`pip could not install ${tool.requirements}: ${lastLine(error)}`);
  }
  writeFileSync(stamp, pins);
  return pins;
}
