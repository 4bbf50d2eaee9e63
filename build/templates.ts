/**
 * Gives the packaged stack and every example to cfn-lint, which knows CloudFormation's own resource schemas: `npm run templates`.
 * cfn-lint is Python; without Python, or without a package index, that is said and nothing fails.
 */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './cloudformation.ts';
import { packageTemplate } from './packaged-template.ts';

const run = promisify(execFile);

const FOLDER = join(ROOT, '.build', 'cfn-lint');
const PINS = join(ROOT, 'build', 'cfn-lint-requirements.txt');
/** Installing takes about 20 s; a package index that is out of reach must not hold up everything else. */
const INSTALL_TIMEOUT_MS = 150_000;
/** W3005: a DependsOn that a GetAtt implies. The framework writes one from each function to its role. */
const IGNORED = ['W3005'];

/** Why the templates cannot be checked here. */
class LinterUnavailable extends Error {
  override readonly name = 'LinterUnavailable';
}

function program(name: string): string {
  return process.platform === 'win32' ? join(FOLDER, 'Scripts', `${name}.exe`) : join(FOLDER, 'bin', name);
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? String(Reflect.get(error, 'stderr') ?? '').trim() || error.message : String(error);
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
  throw new LinterUnavailable('there is no Python of 3.10 or newer with its venv module (PYTHON names another one)');
}

/** Makes the virtual environment, unless it is there with the same pins. */
async function installLinter(): Promise<void> {
  const pins = readFileSync(PINS, 'utf8');
  const stamp = join(FOLDER, 'installed.txt');
  if (existsSync(program('cfn-lint')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === pins) return;
  const name = await python();
  mkdirSync(FOLDER, { recursive: true });
  try {
    await run(name, ['-m', 'venv', '--clear', FOLDER]);
    await run(program('python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--requirement', PINS], { timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    throw new LinterUnavailable(`pip could not install build/cfn-lint-requirements.txt: ${lastLine(error)}`);
  }
  writeFileSync(stamp, pins);
}

/** @returns the exit code: 0 also when there is nothing to check with, which is said */
async function checkTemplates(): Promise<number> {
  try {
    await installLinter();
  } catch (error) {
    if (!(error instanceof LinterUnavailable)) throw error;
    process.stdout.write(`skipped: cfn-lint: ${error.message}\n`);
    return 0;
  }
  const packaged = await packageTemplate();
  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(ROOT, 'examples', name, 'template.yml'));
  const { status } = spawnSync(program('cfn-lint'), ['--ignore-checks', ...IGNORED, '--', packaged, ...examples], { stdio: 'inherit' });
  const version = /^cfn-lint==(.+)$/mu.exec(readFileSync(PINS, 'utf8'))?.[1] ?? '';
  process.stdout.write(`${status === 0 ? 'ok' : 'FAILED'}: cfn-lint ${version} on the packaged stack and ${examples.length} examples\n`);
  return status ?? 1;
}

process.exitCode = await checkTemplates();
