/** `runbook drill NAME… --report FILE`: drills are told to it one after the other, and it keeps of each no more than its page says. */

import type { Drill, DrillRun } from '../../rehearsal/drill.ts';
import type { RunbookSummary } from '../../shared/kernel/definition.ts';
import { ownVersion } from '../../build/source-version.ts';
import { countText } from './cut.ts';
import { drillReport } from './of-drill.ts';
import { indexPage, reportPage, type Frame } from './page.ts';
import { explorationOnRecord, receiptOfDrill, type OwnExploration } from './rehearsed.ts';
import type { Report } from './report.ts';

/** A drill that was played. */
interface PlayedDrill {
  readonly drill: Drill;
  readonly run: DrillRun;
  /** As `--replay` takes them; empty: none. */
  readonly faults: string;
  /** What was explored of it just now; absent: nothing. */
  readonly explored?: OwnExploration;
}

/** Collects drills for a page. */
export interface DrillPages {
  readonly add: (played: PlayedDrill) => void;
  /** The page of all that were added. */
  readonly page: () => string;
}

function frameOf(title: string, seed: number): Frame {
  return {
    title,
    kind: 'REHEARSAL',
    place: 'on the simulated AWS; no account was touched',
    footer: `Written by runbook drill, seed ${seed}, version ${ownVersion()}; times are the simulated accounts'.`,
  };
}

function leadOf(reports: readonly Report[]): string {
  const bad = reports.filter(({ faults }) => faults.length > 0).length;
  const ended = bad === 0 ? 'All went as expected.' : `${countText(bad)} did not go as expected.`;
  return `${countText(reports.length)} incidents, each with its verdict. ${ended}`;
}

/** An empty collection. */
export function drillPages(seed: number, summaries: readonly RunbookSummary[]): DrillPages {
  const record = explorationOnRecord();
  const reports: Report[] = [];
  return {
    add: ({ drill, run, faults, explored }) => {
      reports.push(
        drillReport(drill, run, { seed, faults, summaries, receipt: receiptOfDrill(drill, record, explored) }),
      );
    },
    page: () => {
      const [only, ...more] = reports;
      if (only !== undefined && more.length === 0)
        return reportPage(frameOf(`${only.title}: ${only.verdict.over}`, seed), only);
      return indexPage(
        frameOf(`${countText(reports.length)} drills`, seed),
        'Rehearsed incidents',
        leadOf(reports),
        reports,
      );
    },
  };
}
