/** DescribeInstances by filters. */

import { EC2Client, paginateDescribeInstances, type Filter, type Instance } from '@aws-sdk/client-ec2';
import type { Io } from '../../kernel/definition.ts';
import { client } from '../clients.ts';
import { chunksOf, collect } from '../pages.ts';

/** The most EC2 gives in a page. */
const PAGE = 1_000;

/** The values that one filter takes. Source: EC2 API, error FilterLimitExceeded. */
export const FILTER_VALUES = 200;

/** Instances that pass all filters. Throws what EC2 throws. */
export function instancesBy(filters: Filter[], { signal }: Pick<Io, 'signal'>): Promise<Instance[]> {
  const pages = paginateDescribeInstances(
    { client: client(EC2Client), pageSize: PAGE },
    { Filters: filters },
    { abortSignal: signal },
  );
  return collect(pages, ({ Reservations }) => Reservations?.flatMap(({ Instances }) => Instances ?? []));
}

/** Instances by id. By a filter: an id that EC2 does not know (any more) would fail all the others. */
export async function instancesNamed(ids: readonly string[], io: Pick<Io, 'signal'>): Promise<Instance[]> {
  const read = chunksOf(ids, FILTER_VALUES).map((Values) => instancesBy([{ Name: 'instance-id', Values }], io));
  return (await Promise.all(read)).flat();
}
