/** What each runbook says itself of the account as it stands, by the code that would run. */

import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import type { ParsedWorld } from '../../../simulator/world/world-file.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { idOf, reasonParts } from '../../results.ts';
import { counted, finder, type Finding } from '../finding.ts';
import { isTold, saidOf } from '../tried.ts';
import type { Lines } from '../lines.ts';

const CHECK = 'own-word';

function findingsOf(runbook: string, result: RunResult, lines: Lines): readonly Finding[] {
  const find = finder(CHECK, runbook);
  const { outcome, reason, target, evidence } = result;
  const about = target === undefined ? null : idOf(target);
  if (outcome === 'planned') {
    const acts = find({ level: 'ok', about, text: `would now act: ${reason}` });
    // What it refuses once it has acted stands in its evidence already.
    const flaws = Array.isArray(evidence['preflight']) ? evidence['preflight'].map(String) : [];
    if (flaws.length === 0) return [acts];
    const fix = lines.page(runbook, 'preflight');
    return [acts, find({ level: 'warning', about, text: `then refuses (preflight): ${flaws.join('; ')}`, fix })];
  }
  const [code, sentence] = reasonParts(reason);
  const level = outcome === 'failed' ? 'broken' : 'warning';
  const text = `${outcome} (${code})${sentence === '' ? '' : `: ${sentence}`}`;
  return [find({ level, about, text, fix: lines.page(runbook, code) })];
}

/** One runbook after the other: what one cannot be asked about says nothing of another. */
export async function asItStands(
  world: ParsedWorld,
  functions: readonly DeployedFunction[],
  lines: Lines,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let isWell = 0;
  for (const runbook of functions) {
    const { name } = runbook.summary;
    const said = await saidOf(world, runbook, functions);
    const told = 'why' in said ? [] : said.results.filter(isTold);
    if ('why' in said) findings.push(finder(CHECK, name)({ level: 'unread', text: `cannot be played: ${said.why}` }));
    else if (told.length === 0) isWell += 1;
    else findings.push(...told.flatMap((result) => findingsOf(name, result, lines)));
  }
  const well = finder(
    CHECK,
    null,
  )({
    level: 'ok',
    text: `${counted(isWell, 'runbook')} of ${functions.length} looked, and found nothing to do and nothing in the way`,
  });
  return isWell === 0 ? findings : [...findings, well];
}
