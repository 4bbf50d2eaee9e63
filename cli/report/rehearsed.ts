/** How often an incident was rehearsed: drills that end as it did, and what the last whole exploration has on record of them. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownVersion } from '../../build/source-version.ts';
import { loadOutlines, type DrillOutline } from '../../rehearsal/drill.ts';
import { EXPLORED, parseExplorationRecord, type ExplorationRecord } from '../../rehearsal/explorer/record.ts';
import { countText } from './cut.ts';
import type { Receipt, RehearsedDrill } from './report.ts';

/** How a run ended, as drills say it. */
export interface Ending {
  readonly runbook: string;
  readonly outcome: string;
  readonly code: string;
}

/** An exploration that was made for the page itself. */
export interface OwnExploration {
  readonly mode: string;
  readonly schedules: number;
  readonly violations: number;
}

const ROOT = join(import.meta.dirname, '..', '..');

/** The record of the last whole exploration; `undefined`: there is none, or none that can be read. */
export function explorationOnRecord(root: string = ROOT): ExplorationRecord | undefined {
  const path = join(root, EXPLORED);
  if (!existsSync(path)) return undefined;
  try {
    return parseExplorationRecord(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // A receipt that cannot be read is none; the run's own page is shown all the same.
    return undefined;
  }
}

/** Digits of a commit that people read. */
const COMMIT_DIGITS = 8;

function schedulesText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'schedule' : 'schedules'}`;
}

function onRecord(
  name: string,
  record: ExplorationRecord | undefined,
): Pick<RehearsedDrill, 'explored' | 'isExplored'> {
  if (record === undefined) return { explored: 'Not explored: no whole exploration is on record.', isExplored: false };
  const commit = record.commit.slice(0, COMMIT_DIGITS);
  const named = record.modes.filter(({ each }) => each !== undefined);
  if (named.length === 0) {
    const count = record.modes.map(
      ({ mode, drills, schedules }) => `${countText(drills)} drills, ${schedulesText(schedules)} (${mode})`,
    );
    const explored = `Not explored, as far as is known: the last whole exploration (${commit}: ${count.join('; ')}) does not say which drills it tried.`;
    return { explored, isExplored: false };
  }
  const tried = named.flatMap(({ mode, each = {} }) => {
    const schedules = each[name];
    return schedules === undefined ? [] : [{ mode, schedules }];
  });
  if (tried.length === 0)
    return { explored: `Not explored: the last whole exploration (${commit}) did not try it.`, isExplored: false };
  const counts = tried.map(({ mode, schedules }) => `${schedulesText(schedules)} (${mode})`).join(', ');
  const bad = record.modes.reduce((sum, { violations }) => sum + violations, 0);
  const found = bad === 0 ? 'no violation' : `${countText(bad)} violations in all drills`;
  return {
    explored: `${counts} of its own at ${commit}, beside those it shares with other drills; ${found}.`,
    isExplored: true,
  };
}

function ownText({ mode, schedules, violations }: OwnExploration): string {
  const found = violations === 0 ? 'no violation' : `${countText(violations)} violations`;
  return `${schedulesText(schedules)} (${mode}) for this page; ${found}.`;
}

/** What is known of the rehearsal of a drill that was just played. */
export function receiptOfDrill(
  drill: Pick<DrillOutline, 'name' | 'title'>,
  record: ExplorationRecord | undefined,
  own: OwnExploration | undefined,
): Receipt {
  const version = ownVersion();
  const { name, title } = drill;
  const explored = own === undefined ? onRecord(name, record) : { explored: ownText(own), isExplored: true };
  return { ran: version, rehearsed: version, drills: [{ name, title, ...explored }] };
}

/** Drills that expect such an end: those that name the reason's code, where there are any. */
function alike({ runbook, outcome, code }: Ending, outlines: readonly DrillOutline[]): readonly DrillOutline[] {
  const ending = (isExact: boolean) =>
    outlines.filter(({ expect }) =>
      expect.results.some(
        (one) => one.runbook === runbook && one.outcome === outcome && one.code === (isExact ? code : undefined),
      ),
    );
  const exact = ending(true);
  return exact.length > 0 ? exact : ending(false);
}

/**
 * The receipt of an incident that came to these ends.
 * @param ran version of the sources that ran; `null`: nobody says which
 * @param isOwn they are those of this tree
 */
export function receiptOfEndings(
  ran: string | null,
  endings: readonly Ending[],
  drillsRoot: string,
  isOwn: boolean,
): Receipt {
  const rehearsed = ownVersion();
  const outlines = loadOutlines(drillsRoot);
  const record = explorationOnRecord();
  const found = new Map(endings.flatMap((ending) => alike(ending, outlines)).map((one) => [one.name, one]));
  const drills = [...found.values()].map(({ name, title }) => ({ name, title, ...onRecord(name, record) }));
  const known = drills.toSorted((one, other) => Number(other.isExplored) - Number(one.isExplored));
  return { ran: isOwn ? rehearsed : ran, rehearsed, drills: known };
}
