/** The simulated DAX: clusters as describe-clusters prints them. Nothing of its API empties one, so that nothing here changes any. */

import { Cluster$ } from '@aws-sdk/client-dax';
import { z } from 'zod';
import { awsError, type Operation, type ServiceModel, type Shape, type World } from '../engine/model.ts';
import { outputOf, recordSchema } from './ec2/shape.ts';
import { show } from './ec2/state.ts';
import { pageOf, recordsGiven, sizeOf } from './listing.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'dax';

/** Source: API_dax_DescribeClusters (MaxResults). */
const MOST_PER_PAGE = 100;

const cluster = recordSchema(
  Cluster$,
  'ClusterName',
  {},
  {
    Tags: z
      .array(z.strictObject({ Key: z.string().min(1), Value: z.string() }))
      .optional()
      .describe('As list-tags prints them. Default: none.'),
  },
);
const shown = outputOf(Cluster$);

function describe(input: Shape, world: World): object {
  const all = recordsGiven(world, { call: 'dax:DescribeClusters', service: SERVICE, collection: 'Clusters' });
  const names: unknown = input['ClusterNames'];
  const wanted = Array.isArray(names) ? names.map(show) : undefined;
  const missing = wanted?.find((name) => !all.some((one) => one['ClusterName'] === name));
  if (missing !== undefined) throw awsError('ClusterNotFoundFault', `Cluster ${missing} not found.`);
  const found = all.filter((one) => wanted?.includes(show(one['ClusterName'])) ?? true);
  const { items, next } = pageOf(found, input['NextToken'], sizeOf(input['MaxResults'], MOST_PER_PAGE));
  return { Clusters: items.map(shown), ...(next === undefined ? {} : { NextToken: next }) };
}

const operations: { readonly [operation: string]: Operation } = {
  DescribeClusters: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_dax_DescribeClusters.html',
    run: describe,
  },
};

export const dax: ServiceModel = {
  name: SERVICE,
  prefix: 'dax',
  schema: z.strictObject({
    ...TRIMMINGS,
    Clusters: z.array(cluster).optional().describe('describe-clusters output as it is.'),
  }),
  collections: { Clusters: 'ClusterName' },
  operations,
  start: (world) => {
    for (const record of world.data[SERVICE]?.['Clusters'] ?? []) {
      record['ClusterArn'] ??= `arn:aws:dax:${world.region}:${world.account}:cache/${show(record['ClusterName'])}`;
      record['Status'] ??= 'available';
    }
  },
};
