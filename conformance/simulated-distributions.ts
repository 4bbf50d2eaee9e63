/** The distributions of a scenario's beginning, as the simulator's world file has them. */

import { ACCOUNT, distributionConfig, type Seed } from './scenario.ts';

/** Ids and entity tags of AWS's form, by place in the seed. */
export function distributionIds({ distributions = {} }: Seed): ReadonlyMap<string, string> {
  const named = Object.keys(distributions).flatMap((name, index) => {
    const digits = String(index + 1).padStart(12, '0');
    return [
      [name, `EA${digits}`],
      [`${name}.arn`, `arn:aws:cloudfront::${ACCOUNT}:distribution/EA${digits}`],
      [`${name}.etag`, `EB${digits}`],
      [`${name}.domain`, `d${digits}.cloudfront.net`],
    ] as const;
  });
  return new Map(named);
}

export function distributionRecords({ distributions = {} }: Seed, id: (name: string) => string): object[] {
  return Object.entries(distributions).map(([name, distribution]) => ({
    Id: id(name),
    ARN: id(`${name}.arn`),
    ETag: id(`${name}.etag`),
    DomainName: id(`${name}.domain`),
    DistributionConfig: distributionConfig(name, distribution),
    Tags: Object.entries(distribution.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
  }));
}
