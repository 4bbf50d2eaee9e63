/** A generated world as files, for people to look at and to try again. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './bench.ts';
import { durationOf, type Case } from './case.ts';
import { formatSpot, type Drawn, type Spot } from './draw.ts';
import { shellLine } from '../../shared/kernel/shell.ts';
import type { InterestsByRunbook } from './trial.ts';
import { ticksBetween } from '../../shared/kernel/triggers/schedule-expression.ts';
import type { DeployedFunction } from '../../simulator/engine/run-types.ts';
import { scheduleOf } from '../../simulator/engine/bus.ts';
import { ACCOUNT, BEGIN, REGION } from './case.ts';

/** The command that shows the world at a spot again. */
export function replayCommand(runbooks: readonly string[], seed: number, spot: Spot): string {
  const how = ['--seed', String(seed), '--replay', formatSpot(spot)];
  return shellLine('npx', 'runbook', 'drill', '--faults', 'worlds', ...runbooks, ...how);
}

function tickAt(seconds: number): object {
  const time = `${new Date(Date.parse(BEGIN) + seconds * 1_000).toISOString().slice(0, 19)}Z`;
  return {
    version: '0',
    id: '00000000-0000-4000-8000-000000000000',
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: ACCOUNT,
    time,
    region: REGION,
    resources: [],
    detail: '{}',
  };
}

/** The ticks of a function's schedules within a world's time, as events that are given from outside. */
function ticksOf(
  fn: DeployedFunction,
  minutes: number,
): readonly { readonly seconds: number; readonly runbook: string }[] {
  const { triggers, name } = fn.summary;
  return triggers.flatMap(({ schedule }) => {
    if (schedule === undefined) return [];
    const [beginMs, endMs] = [Date.parse(BEGIN), Date.parse(BEGIN) + minutes * 60_000];
    return [...ticksBetween(scheduleOf(schedule), beginMs, endMs)].map((atMs) => ({
      seconds: (atMs - beginMs) / 1_000,
      runbook: name,
    }));
  });
}

/**
 * An event file for `runbook handle`: what arrives from outside, and each tick of the schedules. In `handle` the schedules
 * tick only while something waits, so that a world with its ticks takes nearly, not exactly, the same course.
 */
function eventFile(one: Case, functions: readonly DeployedFunction[]): readonly object[] {
  const ticks = functions.flatMap((fn) =>
    ticksOf(fn, one.minutes).map(({ seconds, runbook }) => ({ seconds, runbook, event: tickAt(seconds) })),
  );
  return [...one.arrivals, ...ticks]
    .toSorted((a, b) => a.seconds - b.seconds)
    .map(({ seconds, ...rest }) => ({ after: durationOf(seconds), ...rest }));
}

/** What a printed world is about. */
export interface Subject {
  readonly seed: number;
  readonly finding: Finding;
  readonly replay: string;
  readonly interests: InterestsByRunbook;
}

function quoteOf({ finding, interests }: Subject): string | undefined {
  for (const [runbook, own] of Object.entries(interests)) {
    const interest = own.find(({ name }) => name === finding.interest);
    if (interest !== undefined) return `functions/${runbook}/README.md: "${interest.quotes}"`;
  }
  return undefined;
}

function pageOf(subject: Subject, folder: string): string {
  const { finding, replay } = subject;
  const promise = quoteOf(subject);
  return [
    `# ${finding.interest}`,
    '',
    finding.what,
    ...(promise === undefined ? [] : ['', `Promised by ${promise}`]),
    '',
    'Exactly this run, with its whole story:',
    '',
    `    ${replay}`,
    '',
    'The same world, in nearly the same course:',
    '',
    `    ${shellLine('npx', 'runbook', 'handle', `${folder}/event.json`, '--world', `${folder}/world.json`)}`,
    '',
  ].join('\n');
}

/** Writes a world below a folder; returns the folder it is in. */
export function writeFiles(
  root: string,
  { case: one, runbooks }: Drawn,
  functions: readonly DeployedFunction[],
  subject: Subject,
): string {
  const { batch, path } = subject.finding.spot;
  const folder = join(root, `${subject.finding.interest}-${subject.seed}-${batch}-${path.split(':')[0] ?? ''}`);
  mkdirSync(folder, { recursive: true });
  const deployed = functions.filter(({ summary }) => runbooks.includes(summary.name));
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  write('world.json', { whole: true, ...one.world });
  write('event.json', eventFile(one, deployed));
  writeFileSync(join(folder, 'README.md'), pageOf(subject, folder));
  return folder;
}

/** The sentence that a finding breaks, with the page that it stands on; `undefined`: it is promised by no page. */
export function promiseOf(finding: Finding, interests: InterestsByRunbook): string | undefined {
  return quoteOf({ seed: 0, finding, replay: '', interests });
}
