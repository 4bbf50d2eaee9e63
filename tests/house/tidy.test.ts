/** The house rules, held by machine. Without exclusions: what a rule does not fit, changes the rule for everybody. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { readParticulars } from '../../deploy/standard/particulars.ts';
import { canonical } from '../../shared/kernel/json.ts';
import { importsOf, reach, type Import } from './tidy-imports.ts';
import { folders, lineCount, sourceFiles, type SourceFile } from './tidy-files.ts';

const FILES = sourceFiles();
const CODE = FILES.filter(({ path }) => /\.(?:ts|js|mjs)$/u.test(path));
const PAGES = FILES.filter(({ path }) => path.endsWith('.md'));
const RUNBOOKS = folders('functions');

const PAGE_HEADINGS = [
  'What it does',
  'When it runs',
  'What it changes',
  'Refuses when',
  'Settings',
  'Dry run',
  'Undo',
  'Without the lease',
  'Alarms, and what to do',
  'Permissions and why each',
];

/** `path:line: the line` of every line that matches. */
function linesMatching(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 160)}`] : [])),
  );
}

function textOf(path: string): string {
  return FILES.find((file) => file.path === path)?.text ?? '';
}

/** Imports of the code below `folder` that `allowed` does not allow, as `path -> import`. */
function strayImports(folder: string, allowed: (entry: Import, path: string) => boolean): string[] {
  return CODE.filter(({ path }) => path.startsWith(folder)).flatMap(({ path, text }) =>
    importsOf(path, text).flatMap((entry) => (allowed(entry, path) ? [] : [`${path} -> ${entry.from}`])),
  );
}

/** What a runbook's folder may hold: the five faces, and behind two of them a folder where a face outgrew its file. */
const FACES = ['README.md', 'aws.ts', 'decide.ts', 'function.yml', 'handler.ts'];
const BEHIND = ['aws', 'decide'];
/** Packages that are pure themselves, so that a decision stays a value: a language to ask in, without clock, chance or file. */
const PURE_PACKAGES = ['@aws-lambda-powertools/jmespath', 'zod/mini'];
/** More files than this, and nobody sees what is in a folder. Drills are a list to choose from. */
const MAX_FILES = 40;

/** The runbook and face that a module below `functions/` belongs to: `functions/x/aws/y.ts` is behind `functions/x/aws.ts`. */
function faceOf(path: string): string | undefined {
  const [, face] = /^(functions\/[^/]+\/(?:aws|decide))(?:\.ts|\/)/u.exec(path) ?? [];
  return face === undefined ? undefined : `${face}.ts`;
}

/** Imports of the code of one face, its folder included, that `allowed` does not allow. */
function strayBehind(face: string, allowed: (entry: Import) => boolean): string[] {
  return RUNBOOKS.flatMap((name) =>
    [`functions/${name}/${face}.ts`, `functions/${name}/${face}/`].flatMap((place) =>
      strayImports(place, (entry, path) => faceOf(entry.from) === faceOf(path) || allowed(entry)),
    ),
  );
}

describe('a runbook', () => {
  it.each(RUNBOOKS)('%s consists of the same five faces as every other', (name) => {
    const entries = readdirSync(join(ROOT, 'functions', name));
    expect(entries.filter((entry) => !BEHIND.includes(entry)).toSorted()).toEqual(FACES);
  });

  it.each(RUNBOOKS)('%s has a twin folder with tests', (name) => {
    expect(
      CODE.filter(({ path }) => path.startsWith(`tests/functions/${name}/`) && path.endsWith('.test.ts')).length,
    ).toBeGreaterThan(0);
  });

  it.each(RUNBOOKS)('%s has a page with the headings of every page, in their order', (name) => {
    const headings = [...textOf(`functions/${name}/README.md`).matchAll(/^## (.+)$/gmu)].map(([, heading]) => heading);
    expect(headings).toEqual(PAGE_HEADINGS);
  });

  it.each(RUNBOOKS)('%s has a pair of lines in serverless.yml', (name) => {
    const framework = textOf('serverless.yml');
    expect(framework).toContain(`- \${file(deploy/standard.js):runbooks.${name}.function}`);
    expect(framework).toContain(`- \${file(deploy/standard.js):runbooks.${name}.resources}`);
  });

  it.each(RUNBOOKS)('%s says in function.yml what is particular, in at most 120 lines', (name) => {
    expect(lineCount(textOf(`functions/${name}/function.yml`))).toBeLessThanOrEqual(120);
  });

  it('no function.yml says what another says too', () => {
    const said = RUNBOOKS.flatMap((name) => {
      const { statements, alarms } = readParticulars(name);
      return [...statements.map(canonical), ...Object.values(alarms).map(canonical)];
    });
    expect(said.filter((one, index) => said.indexOf(one) !== index)).toEqual([]);
  });

  it.each(RUNBOOKS)('%s has a handler of wiring only: at most 70 lines', (name) => {
    expect(lineCount(textOf(`functions/${name}/handler.ts`))).toBeLessThanOrEqual(70);
  });
});

describe('imports point one way', () => {
  it('decide.ts reaches only modules without Node, environment, clock or chance, and of packages those that are pure', () => {
    const impure = /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bsurroundings\b/u;
    const stray = RUNBOOKS.flatMap((name) =>
      [...reach(`functions/${name}/decide.ts`)].flatMap(([path, imports]) => [
        ...imports
          .filter(({ relative, from }) =>
            relative ? !/^(?:shared|functions)\//u.test(from) : !PURE_PACKAGES.includes(from),
          )
          .map(({ from }) => `${path} -> ${from}`),
        ...(impure.test(textOf(path)) ? [`${path} is not pure`] : []),
      ]),
    );
    expect(stray).toEqual([]);
  });

  it('decide.ts and what is behind it import nothing but shared modules and pure packages, not even types of anything else', () => {
    expect(strayBehind('decide', ({ from }) => from.startsWith('shared/') || PURE_PACKAGES.includes(from))).toEqual([]);
  });

  it('aws.ts and what is behind it import the SDK, modules of Node, shared modules and decide.ts', () => {
    const stray = strayBehind(
      'aws',
      ({ from }) =>
        from.startsWith('@aws-sdk/client-') ||
        from.startsWith('node:') ||
        from.startsWith('shared/') ||
        RUNBOOKS.some((name) => from === `functions/${name}/decide.ts`),
    );
    expect(stray).toEqual([]);
  });

  it('what is behind a face is imported through the face', () => {
    const stray = strayImports('', ({ from }, path) => {
      const face = faceOf(from);
      return face === undefined || from === face || faceOf(path) === face || path.startsWith('tests/functions/');
    });
    expect(stray).toEqual([]);
  });

  it('handler.ts imports its decide.ts and aws.ts, shared modules and the schema library', () => {
    const stray = RUNBOOKS.flatMap((name) =>
      strayImports(
        `functions/${name}/handler.ts`,
        ({ from }) =>
          [`functions/${name}/decide.ts`, `functions/${name}/aws.ts`, 'zod/mini'].includes(from) ||
          from.startsWith('shared/'),
      ),
    );
    expect(stray).toEqual([]);
  });

  it('no function imports another', () => {
    const stray = RUNBOOKS.flatMap((name) =>
      strayImports(
        `functions/${name}/`,
        ({ from }) => !from.startsWith('functions/') || from.startsWith(`functions/${name}/`),
      ),
    );
    expect(stray).toEqual([]);
  });

  it('a module is shared because two runbooks or the kernel use it, or the small runbooks prove it for those to come', () => {
    const importers = (path: string): readonly string[] =>
      CODE.filter((file) => importsOf(file.path, file.text).some(({ from }) => from === path)).map((file) => file.path);
    const isShared = (path: string): boolean => {
      const all = importers(path);
      const users = all.filter((one) => !one.startsWith('tests/'));
      const apart = new Set(users.map((one) => /^functions\/[^/]+/u.exec(one)?.[0] ?? one));
      return apart.size >= 2 || all.some((one) => /^tests\/recycle-[a-z-]+\//u.test(one));
    };
    // What a module has beside it for itself alone is a part of it, in the folder of a subject of its own.
    const isPart = (path: string): boolean =>
      posix.dirname(path).split('/').length > 2 &&
      importers(path)
        .filter((one) => !one.startsWith('tests/'))
        .every((one) => posix.dirname(one) === posix.dirname(path));
    const shared = CODE.map(({ path }) => path).filter((path) => /^shared\/(?:aws|judgement)\//u.test(path));
    expect(shared.filter((path) => !isShared(path) && !isPart(path))).toEqual([]);
  });

  it('shared modules import only each other and packages', () => {
    expect(strayImports('shared/', ({ from, relative }) => !relative || from.startsWith('shared/'))).toEqual([]);
  });

  it('the kernel knows no SDK but in its ledger and its reports', () => {
    const stray = strayImports(
      'shared/kernel/',
      ({ from }, path) => !from.startsWith('@aws-sdk/') || /^shared\/kernel\/(?:ledger|report)\//u.test(path),
    );
    expect(stray).toEqual([]);
  });

  it('only tests, rehearsal, bench, conformance and the command import the simulator or the rehearsal', () => {
    const stray = ['functions/', 'shared/', 'build/', 'deploy/'].flatMap((folder) =>
      strayImports(folder, ({ from }) => !/^(?:simulator|rehearsal)\//u.test(from)),
    );
    expect(stray).toEqual([]);
  });

  it('the simulator knows no runbook, and nothing of its rehearsal', () => {
    expect(
      linesMatching(
        CODE.filter(({ path }) => path.startsWith('simulator/')),
        /'runbook:[a-z-]+'/u,
      ),
    ).toEqual([]);
    expect(
      strayImports('simulator/', ({ from, relative }) => !relative || /^(?:simulator|shared)\//u.test(from)),
    ).toEqual([]);
  });
});

describe('source files', () => {
  it('are named in kebab-case', () => {
    const conventional = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*|\.[a-z.-]+|[A-Z_]+(?:\.md)?)$/u;
    expect(
      FILES.flatMap(({ path }) =>
        path
          .split('/')
          .filter((part) => !conventional.test(part))
          .map(() => path),
      ),
    ).toEqual([]);
  });

  it('have names that say what is in them', () => {
    expect(
      CODE.filter(({ path }) => /(?:^|\/)(?:utils?|helpers?|index|common|misc)\.\w+$/u.test(path)).map(
        ({ path }) => path,
      ),
    ).toEqual([]);
  });

  it('lie in folders that can be taken in at a glance', () => {
    const counts = new Map<string, number>();
    for (const { path } of FILES) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
  });

  it('have at most 400 lines', () => {
    const long = FILES.filter(({ path, text }) => /\.(?:ts|js|mjs|ya?ml)$/u.test(path) && lineCount(text) > 400);
    expect(long.map(({ path, text }) => `${path}: ${lineCount(text)}`)).toEqual([]);
  });

  it('have functions of at most 70 lines: the linter holds that, and nobody switches it off', () => {
    const lint = z
      .object({
        rules: z.record(z.string(), z.unknown()),
        overrides: z.array(z.object({ files: z.array(z.string()), rules: z.record(z.string(), z.unknown()) })),
      })
      .parse(JSON.parse(textOf('.oxlintrc.json')));
    expect(lint.rules['max-lines-per-function']).toEqual([
      'error',
      { max: 70, skipBlankLines: false, skipComments: false },
    ]);
    const relaxed = lint.overrides.flatMap(({ files, rules }) => ('max-lines-per-function' in rules ? files : []));
    // A describe block is a function too.
    expect(relaxed).toEqual(['tests/**', 'bench/**']);
    expect(linesMatching(CODE, /(?:ox|es)lint-d[i]sable/u)).toEqual([]);
  });

  it('make each line for a shell word by word: a name may hold whatever AWS lets a name hold', () => {
    const acting = CODE.filter(({ path }) => /^(?:functions|shared)\//u.test(path));
    expect(linesMatching(acting, /\baws [a-z\d-]+ [a-z\d-]+ [^`]*\$\{/u)).toEqual([]);
  });

  it('know an error of AWS by its name: in a bundle it has no class', () => {
    const deployed = CODE.filter(({ path }) => /^(?:functions|shared)\//u.test(path));
    const byClass = deployed.flatMap(({ path, text }) => {
      const imports = [...text.matchAll(/import \{([^}]*)\} from '@(?:aws-sdk|smithy)\//gu)].map(
        ([, names = '']) => names,
      );
      const names = imports
        .join(',')
        .split(',')
        .map((name) => name.trim());
      return [...text.matchAll(/instanceof (\w+)/gu)].flatMap(([whole, name = '']) =>
        names.includes(name) ? [`${path}: ${whole}`] : [],
      );
    });
    expect(byClass).toEqual([]);
  });

  it('leave no test out', () => {
    expect(linesMatching(CODE, /\b(?:it|test|describe|suite)\.(?:skip|only|todo|fails|skipIf|runIf)\b/u)).toEqual([]);
  });

  it('have no escape from the type checker', () => {
    expect(linesMatching(CODE, /@ts-(?:ignore|expect-error|nocheck)/u)).toEqual([]);
    expect(linesMatching(CODE, /(?::|<|\bas|\||&)\s*any\b(?=\s*(?:[;,)>=[\]|&{]|$))/u)).toEqual([]);
  });

  it('put nothing off', () => {
    expect(linesMatching(FILES, /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/u)).toEqual([]);
  });
});

describe('the repository stands alone', () => {
  it('names no path of a machine', () => {
    expect(linesMatching(FILES, /(?<![\w.:/-])\/(?:work|root|home|Users)\/\w/u)).toEqual([]);
  });

  it('names no package registry', () => {
    expect(linesMatching(FILES, /\bregistry\.[\w-]+\.(?:org|com|net)\b/u)).toEqual([]);
  });

  it('points at nothing outside itself', () => {
    const outside = FILES.flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w/])((?:\.\.\/)+[\w-][\w./-]*)/gu)].flatMap(([, target = '']) =>
        posix.join(dirname(path), target).startsWith('..') ? [`${path}: ${target}`] : [],
      ),
    );
    expect(outside).toEqual([]);
  });

  it('has commands that can be run from a clean clone', () => {
    const commands = ['.ci/run', 'cli/runbook.js'];
    expect(commands.filter((path) => (statSync(join(ROOT, path)).mode & 0o111) === 0)).toEqual([]);
    expect(commands.filter((path) => !textOf(path).startsWith('#!'))).toEqual([]);
  });

  it('has no dead link between its pages', () => {
    const dead = PAGES.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/gu)].flatMap(([, target = '']) =>
        existsSync(join(ROOT, dirname(path), target)) ? [] : [`${path}: ${target}`],
      ),
    );
    expect(dead).toEqual([]);
  });
});
