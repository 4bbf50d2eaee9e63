/** DescribeInstances for a list of ids. */

import { EC2Client, paginateDescribeInstances, type Instance } from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';

/** The most EC2 gives in a page. */
export const PAGE = 1_000;
/** The values that one filter takes. Source: EC2 API, error FilterLimitExceeded. */
const FILTER_VALUES = 200;

function instancesWith(filter: { Name: string; Values: string[] }, { signal }: Io): Promise<Instance[]> {
  return collect(
    paginateDescribeInstances(
      { client: client(EC2Client), pageSize: PAGE },
      { Filters: [filter] },
      { abortSignal: signal },
    ),
    ({ Reservations }) => Reservations?.flatMap(({ Instances }) => Instances ?? []),
  );
}

/** A filter, not a list of ids: one that EC2 does not know any more would fail the whole request. */
export async function readInstances(ids: ReadonlySet<string>, io: Io): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  for (const some of chunksOf([...ids], FILTER_VALUES))
    found.push(...(await instancesWith({ Name: 'instance-id', Values: some }, io)));
  return found;
}

/** All that carry the tag. */
export function instancesTagged(key: string, io: Io): Promise<Instance[]> {
  return instancesWith({ Name: 'tag-key', Values: [key] }, io);
}
