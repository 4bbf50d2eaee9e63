/**
 * Looks at the command's pages in a real browser: `npm run report-check`. Each at the width of a telephone and of a desk, by day and by
 * night: axe-core finds nothing, nothing is wider than the screen, nothing is loaded, the style sheet is the one that the policy allows,
 * and the keyboard alone goes everywhere. Where no Chromium is installed it says so and passes.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { z } from 'zod';
import { drillReport } from '../../cli/report/of-drill.ts';
import { indexPage, reportPage, type Frame } from '../../cli/report/page.ts';
import { explorationOnRecord, receiptOfDrill } from '../../cli/report/rehearsed.ts';
import type { Report, ReportedRun } from '../../cli/report/report.ts';
import { verdictOf } from '../../cli/report/verdict.ts';
import { whatIfPage } from '../../cli/report/whatif-page.ts';
import { loadDrills, runDrill } from '../../rehearsal/drill.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { whatIf } from '../../rehearsal/whatif/whatif.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';
import { parseWorld } from '../../simulator/world/world-file.ts';
import { ROOT } from '../../build/cloudformation.ts';

/** Where Debian, Ubuntu and Chrome's own packages put it; the variable names another. */
const BROWSERS = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
/** Nothing that a browser does of its own accord: no profile of somebody's, no traffic. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WIDTHS = [360, 1280];
const HEIGHT = 800;
const SCHEMES = ['light', 'dark'] as const;

/** One that is done, refused, failed, only planned, with long waits, and of a runbook that plans much. */
const DRILLS = [
  'instance-dies',
  'stale-alarm',
  'move-that-does-not-verify',
  'only-planned',
  'bastion-sshd-dead',
  'four-holders-four-standbys',
];
const SEED = 1;
const STORM = 50;

const FRAME: Frame = {
  title: 'A page',
  kind: 'REHEARSAL',
  place: 'looked at by a machine',
  footer: 'Written by npm run report-check.',
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

interface NamedPage {
  readonly name: string;
  readonly html: string;
}

async function drillReports(): Promise<ReadonlyMap<string, Report>> {
  const functions = await discoverFunctions(join(ROOT, 'functions'));
  const summaries = functions.map(({ summary }) => summary);
  const record = explorationOnRecord();
  const reports = new Map<string, Report>();
  for (const drill of loadDrills(join(ROOT, 'drills'), DRILLS)) {
    const run = await runDrill(drill, functions, { seed: SEED, faults: NO_FAULTS });
    const receipt = receiptOfDrill(drill, record, undefined);
    reports.set(drill.name, drillReport(drill, run, { seed: SEED, faults: '', summaries, receipt }));
  }
  return reports;
}

/** What no drill ends with, made of one that does. */
function changed(report: Report, change: (run: ReportedRun) => readonly ReportedRun[]): Report {
  const runs = report.runs.flatMap(change);
  return { ...report, runs, verdict: verdictOf(runs, { isUnderWay: false, line: 'npx runbook show 0b8f6d' }) };
}

/** A small company, of which each thing is lost once. */
async function whatIfHtml(): Promise<string> {
  const path = join(ROOT, 'examples', 'company.json');
  const world = parseWorld(JSON.parse(readFileSync(path, 'utf8')));
  const functions = await discoverFunctions(join(ROOT, 'functions'));
  const asked = { world, functions, kinds: ['instance', 'zone', 'queue'] as const, pairs: false, seed: SEED };
  return whatIfPage((await whatIf(asked)).whatIf, 'company.json', 'Written by npm run report-check.');
}

function pagesOf(reports: ReadonlyMap<string, Report>): readonly NamedPage[] {
  const [done, ...others] = reports.values();
  if (done === undefined) throw new Error('no drill was played');
  const some = [done, ...others.slice(0, 2)];
  const awaiting = changed(done, (run) => [{ ...run, outcome: 'awaiting-approval', hasActed: false }]);
  const takenBack = { text: 'The run that takes it back (cccc00): done; started by kim', isDone: true };
  const storm = changed(done, (run) =>
    Array.from({ length: STORM }, (_one, index) => ({
      ...run,
      target: `${run.target}${index}`,
      outcome: index % 7 === 3 ? 'failed' : 'done',
    })),
  );
  const made: readonly (readonly [string, Report])[] = [
    ...reports,
    ['awaiting-approval', awaiting],
    ['undone', changed(done, (run) => [{ ...run, takenBack }])],
    ['storm', storm],
    [
      'amiss',
      { ...done, unread: ['switches: TimeoutError: no answer'], faults: ['result 1: expected done, found none'] },
    ],
  ];
  return [
    ...made.map(([name, report]) => ({ name, html: reportPage(FRAME, report) })),
    { name: 'several', html: indexPage(FRAME, 'Rehearsed incidents', 'Each with its verdict.', some) },
  ];
}

const violations = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      help: z.string(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

/** What axe finds, with everything unfolded: what is folded is looked at, too. */
async function axeFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
  );
  return violations.parse(found).violations.map(({ id, help, nodes }) => {
    const [first] = nodes;
    return `${id}: ${help} (${nodes.length}): ${first?.html.slice(0, 160) ?? ''} ${first?.failureSummary?.replaceAll('\n', ' ') ?? ''}`;
  });
}

/** What a reader sees that no rule of axe is about. */
async function layoutFaults(page: Page, width: number): Promise<readonly string[]> {
  const wide = z.number().parse(await page.evaluate('document.documentElement.scrollWidth'));
  const ground = z.string().parse(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
  return [
    ...(wide > width ? [`is ${wide} px wide on a screen of ${width}`] : []),
    ...(ground === 'rgba(0, 0, 0, 0)' ? ['has no style: the policy does not allow its sheet'] : []),
  ];
}

/** The first key leads to the skip link, it leads to the verdict, and what is folded opens without a mouse. */
async function keyboardFaults(page: Page): Promise<readonly string[]> {
  const focused = async (): Promise<string> =>
    z.string().parse(await page.evaluate('document.activeElement.className || document.activeElement.id'));
  await page.keyboard.press('Tab');
  const first = await focused();
  await page.keyboard.press('Enter');
  const second = await focused();
  const folded = page.locator('summary').first();
  const isThere = (await folded.count()) > 0;
  if (isThere) {
    await folded.focus();
    await page.keyboard.press('Enter');
  }
  const isOpen = !isThere || z.boolean().parse(await page.evaluate('document.querySelector("details").open'));
  return [
    ...(first === 'skip' ? [] : [`the first key leads to ${first}`]),
    ...(second === 'content' ? [] : [`the skip link leads to ${second}`]),
    ...(isOpen ? [] : ['what is folded does not open by a key']),
  ];
}

async function faultsAt(
  browser: Browser,
  url: string,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<readonly string[]> {
  const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
  const heard: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== url) heard.push(`asks for ${request.url()}`);
  });
  page.on('console', (message) => heard.push(`the browser says: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(`the browser says: ${error.message}`));
  await page.goto(url);
  const found = [...(await layoutFaults(page, width)), ...(await keyboardFaults(page)), ...(await axeFaults(page))];
  await page.emulateMedia({ media: 'print', colorScheme });
  const printed = (await layoutFaults(page, width)).map((fault) => `in print ${fault}`);
  await page.close();
  return [...heard, ...found, ...printed];
}

async function lookAt(executablePath: string): Promise<number> {
  const pages = [...pagesOf(await drillReports()), { name: 'whatif', html: await whatIfHtml() }];
  const folder = mkdtempSync(join(tmpdir(), 'runbook-report-check-'));
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  let bad = 0;
  try {
    for (const { name, html } of pages) {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, html);
      const faults: string[] = [];
      for (const width of WIDTHS)
        for (const scheme of SCHEMES)
          faults.push(
            ...(await faultsAt(browser, pathToFileURL(file).href, width, scheme)).map(
              (one) => `${width} px, ${scheme}: ${one}`,
            ),
          );
      bad += faults.length;
      say(`${faults.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${Math.ceil(html.length / 1_000)} kB)`);
      for (const fault of faults) say(`      x ${fault}`);
    }
    const views = pages.length * WIDTHS.length * SCHEMES.length;
    say(
      `${pages.length} pages, ${views} views with ${browser.browserType().name()} ${browser.version()} and axe-core ${axe.version}: ${bad} faults`,
    );
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return bad === 0 ? 0 : 1;
}

const found = BROWSERS.find((path) => path !== '' && existsSync(path));
if (found === undefined) say('report-check: no Chromium is installed (CHROMIUM names one): no page was looked at');
else process.exitCode = await lookAt(found);
