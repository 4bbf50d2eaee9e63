/** Which ARNs are those of clusters. */

import { arnParts } from '../../../shared/aws/arn.ts';

/** Kinds of the ARNs of what keeps data in memory. Source: service authorization reference. */
const KINDS: ReadonlySet<string> = new Set([
  'cluster',
  'replicationgroup',
  'serverlesscache',
  'globalreplicationgroup',
]);

/** Whether an ARN is that of a cluster, whatever can be done about it. */
export function isCluster(arn: string): boolean {
  const { service, kind } = arnParts(arn) ?? {};
  return (
    (service === 'elasticache' && kind !== undefined && KINDS.has(kind)) || (service === 'dax' && kind === 'cache')
  );
}
