/** What became of the commands that a host was sent (SSM Run Command). */

import { paginateListCommandInvocations, SSMClient, type CommandInvocation } from '@aws-sdk/client-ssm';
import type { Io } from '../../kernel/definition.ts';
import { RetryableError } from '../../kernel/errors.ts';
import { client } from '../clients.ts';
import { need } from '../ec2/reading.ts';
import { collect } from '../pages.ts';

/** The most SSM gives in a page. It may give fewer, or none, and say that there is more. */
const PAGE = 50;

/** A host is sent some thirty commands in the time that is looked back over: what has more pages than this is no answer to believe. */
const MOST_PAGES = 20;

/** A command on a host. */
export interface Invocation {
  readonly comment: string;
  /** SSM's word: `Pending`, `InProgress`, `Delayed`, `Success`, `Failed`, `TimedOut`… */
  readonly status: string;
  /** What it says besides; the status where it says nothing. */
  readonly details: string;
  /** ISO 8601. */
  readonly requestedAt: string;
  /** What its steps have printed. */
  readonly output: string;
}

function invocationOf(invocation: CommandInvocation): Invocation {
  const { Comment = '', Status, StatusDetails, RequestedDateTime, CommandPlugins = [] } = invocation;
  const status: string = need(Status, 'CommandInvocations[].Status');
  return {
    comment: Comment,
    status,
    details: StatusDetails ?? status,
    requestedAt: need(RequestedDateTime, 'CommandInvocations[].RequestedDateTime').toISOString(),
    output: CommandPlugins.map(({ Output = '' }) => Output).join('\n'),
  };
}

/**
 * What a document was run with on a host since a time, milliseconds since 1970.
 * @throws RetryableError where there are more pages than can be believed; what AWS throws
 */
export async function invocationsOn(
  host: string,
  document: string,
  sinceMs: number,
  { signal }: Pick<Io, 'signal'>,
): Promise<readonly Invocation[]> {
  const pages = paginateListCommandInvocations(
    { client: client(SSMClient), pageSize: PAGE },
    {
      InstanceId: host,
      Filters: [
        { key: 'DocumentName', value: document },
        { key: 'InvokedAfter', value: new Date(sinceMs).toISOString() },
      ],
      Details: true,
    },
    { abortSignal: signal },
  );
  let count = 0;
  const found = await collect(pages, ({ CommandInvocations }) => {
    count += 1;
    if (count > MOST_PAGES) throw new RetryableError(`the commands of ${host} have more than ${MOST_PAGES} pages`);
    return CommandInvocations;
  });
  return found.map(invocationOf);
}
