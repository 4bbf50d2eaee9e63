/** How many people are on hosts that are taken out: what a document of the fleet has counted there (SSM Run Command). */

import { invocationsOn } from '../../../shared/aws/ssm/commands.ts';
import { taggedDocuments } from '../../../shared/aws/ssm/documents.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { countComment, type Count, type Counting } from '../decide.ts';
import { TAG } from './target-groups.ts';

/** Longer ago than this a count says nothing. */
const LATELY_MS = 3_600_000;

/** The last line of JSON with `sessions`. */
function sessionsIn(output: string): number | null {
  for (const line of output.split('\n').toReversed()) {
    const [, number] = /^\s*\{\s*"sessions"\s*:\s*(\d{1,6})\s*\}\s*$/u.exec(line) ?? [];
    if (number !== undefined) return Number(number);
  }
  return null;
}

async function countsOn(host: string, document: string, io: Io): Promise<readonly Count[]> {
  const found = await invocationsOn(host, document, Date.parse(io.now()) - LATELY_MS, io);
  return found
    .filter(({ comment }) => comment === countComment(host))
    .map(({ requestedAt, status, output }) => ({
      requestedAt,
      status,
      sessions: status === 'Success' ? sessionsIn(output) : null,
    }))
    .toSorted((one, other) => other.requestedAt.localeCompare(one.requestedAt));
}

/** What was counted on hosts that are taken out. Read only where there are such. */
export async function readCounts(fleet: string, hosts: readonly string[], io: Io): Promise<Counting> {
  if (hosts.length === 0) return { documents: [], counts: {} };
  const documents = await taggedDocuments(TAG, fleet, io);
  const [document, another] = documents;
  if (document === undefined || another !== undefined) return { documents, counts: {} };
  const counts = await Promise.all(hosts.map(async (host) => [host, await countsOn(host, document, io)] as const));
  return { documents, counts: Object.fromEntries(counts) };
}
