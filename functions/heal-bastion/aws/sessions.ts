/** How many people are on hosts that are taken out: what a document of the fleet has counted there (SSM Run Command). */

import {
  paginateListCommandInvocations,
  paginateListDocuments,
  SSMClient,
  type CommandInvocation,
} from '@aws-sdk/client-ssm';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { countComment, type Count, type Counting } from '../decide.ts';
import { TAG } from './target-groups.ts';

/** Longer ago than this a count says nothing. */
const LATELY_MS = 3_600_000;

/** Only documents of this account: others may be shared with it, or be Amazon's. */
async function documentOf(fleet: string, { signal }: Io): Promise<string | null> {
  const Filters = [
    { Key: 'Owner', Values: ['Self'] },
    { Key: 'DocumentType', Values: ['Command'] },
    { Key: `tag:${TAG}`, Values: [fleet] },
  ];
  const found = await collect(
    paginateListDocuments({ client: client(SSMClient) }, { Filters }, { abortSignal: signal }),
    ({ DocumentIdentifiers }) => DocumentIdentifiers,
  );
  const [first, second] = found;
  return first === undefined || second !== undefined ? null : need(first.Name, 'DocumentIdentifiers[].Name');
}

/** The last line of JSON with `sessions`. */
function sessionsIn(output: string): number | null {
  for (const line of output.split('\n').toReversed()) {
    const [, number] = /^\s*\{\s*"sessions"\s*:\s*(\d{1,6})\s*\}\s*$/u.exec(line) ?? [];
    if (number !== undefined) return Number(number);
  }
  return null;
}

function countOf({ Status, RequestedDateTime, CommandPlugins = [] }: CommandInvocation): Count {
  const output = CommandPlugins.map(({ Output = '' }) => Output).join('\n');
  const status: string = need(Status, 'CommandInvocations[].Status');
  return {
    requestedAt: need(RequestedDateTime, 'CommandInvocations[].RequestedDateTime').toISOString(),
    status,
    sessions: status === 'Success' ? sessionsIn(output) : null,
  };
}

async function countsOn(host: string, document: string, { now, signal }: Io): Promise<readonly Count[]> {
  const pages = paginateListCommandInvocations(
    { client: client(SSMClient) },
    {
      InstanceId: host,
      Filters: [
        { key: 'DocumentName', value: document },
        { key: 'InvokedAfter', value: new Date(Date.parse(now()) - LATELY_MS).toISOString() },
      ],
      Details: true,
    },
    { abortSignal: signal },
  );
  const found = await collect(pages, ({ CommandInvocations }) => CommandInvocations);
  return found
    .filter(({ Comment: comment }) => comment === countComment(host))
    .map(countOf)
    .toSorted((one, other) => other.requestedAt.localeCompare(one.requestedAt));
}

/** What was counted on hosts that are taken out. Read only where there are such. */
export async function readCounts(fleet: string, hosts: readonly string[], io: Io): Promise<Counting> {
  if (hosts.length === 0) return { document: null, counts: {} };
  const document = await documentOf(fleet, io);
  if (document === null) return { document, counts: {} };
  const counts = await Promise.all(hosts.map(async (host) => [host, await countsOn(host, document, io)] as const));
  return { document, counts: Object.fromEntries(counts) };
}
