/** CloudFront's part of a world file, and what of AWS's outputs stands in it under other names. */

import {
  ActiveTrustedKeyGroups$,
  ActiveTrustedSigners$,
  AnycastIpList$,
  DistributionConfig$,
  DistributionSummary$,
  DistributionTenant$,
  Invalidation$,
} from '@aws-sdk/client-cloudfront';
import { z } from 'zod';
import type { Shape } from '../../engine/model.ts';
import { recordSchema, type Refinements } from '../ec2/shape.ts';
import { parseDuration } from '../../world/duration.ts';
import { isShape, list, part } from '../ec2/state.ts';
import { awsTime, TRIMMINGS } from '../pasted.ts';
import { RESTRICTION_TYPES } from './config.ts';

const REFINEMENTS: Refinements = {
  GeoRestriction: { RestrictionType: z.enum(RESTRICTION_TYPES) },
  DistributionSummary: {
    Status: z
      .enum(['InProgress', 'Deployed'])
      .describe('Default: Deployed. InProgress becomes Deployed five minutes later.'),
  },
  DistributionTenant: { Status: z.enum(['InProgress', 'Deployed']).describe('Default: Deployed.') },
  Invalidation: { Status: z.enum(['InProgress', 'Completed']).describe('Default: by CompletesAt.') },
  AnycastIpList: { Status: z.enum(['Deployed', 'Deploying', 'Failed']).describe('Default: Deployed.') },
};

const tagList = z.array(z.strictObject({ Key: z.string().min(1), Value: z.string() }));

const tags = z
  .union([tagList, z.strictObject({ Items: tagList }).transform(({ Items }) => Items)])
  .optional()
  .describe('What ListTagsForResource prints. Default: none; of a paste they are not known.');

const invalidation = recordSchema(Invalidation$, 'Id', REFINEMENTS, {
  CompletesAt: awsTime.optional().describe('When it is completed. Default: InvalidationTakes after its CreateTime.'),
});

/** What the simulator keeps of a cache's invalidations, beside what AWS prints of its holder. */
const INVALIDATED = {
  Invalidations: z
    .array(invalidation)
    .optional()
    .describe("Other people's, as get-invalidation prints them. Default: none; of a paste they are not known."),
  InvalidationTakes: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as PT1M' })
    .optional()
    .describe('From CreateInvalidation to Completed. Default: PT1M.'),
  RefusedPaths: z
    .array(z.string())
    .optional()
    .describe('Paths for which CloudFront refuses a whole batch although nothing is known against them.'),
  InvalidatedPaths: z.array(z.string()).optional().describe('Derived: what CreateInvalidation has taken, in order.'),
};

const distribution = recordSchema(DistributionSummary$, 'Id', REFINEMENTS, {
  DistributionConfig: recordSchema(DistributionConfig$, undefined, REFINEMENTS)
    .optional()
    .describe('As GetDistribution prints it. Left out: not known, as in the output of list-distributions.'),
  InProgressInvalidationBatches: z.number().int().min(0).optional(),
  ActiveTrustedSigners: recordSchema(ActiveTrustedSigners$, undefined, {}).optional(),
  ActiveTrustedKeyGroups: recordSchema(ActiveTrustedKeyGroups$, undefined, {}).optional(),
  ...INVALIDATED,
  ETag: z.string().min(1).optional().describe('Derived. A scripted change of the configuration gives it a new one.'),
  Tags: tags,
});

const tenant = recordSchema(DistributionTenant$, 'Id', REFINEMENTS, {
  ...INVALIDATED,
  ETag: z.string().min(1).optional().describe('Derived.'),
  Tags: tags,
});

const ipList = recordSchema(AnycastIpList$, 'Id', REFINEMENTS, {
  AnycastIps: z
    .array(z.string())
    .optional()
    .describe('Left out: not known, as in the output of list-anycast-ip-lists.'),
  ETag: z.string().min(1).optional().describe('Derived.'),
  Tags: tags,
});

/** A list as CloudFront's outputs have one. */
function pageOf(record: z.ZodType) {
  return z.strictObject({
    Items: z.array(record).optional(),
    Quantity: z.number().optional(),
    Marker: z.string().optional(),
    NextMarker: z.string().optional(),
    MaxItems: z.number().optional(),
    IsTruncated: z.boolean().optional(),
  });
}

/** What is said of a record in several outputs is said of the one. */
function joined(records: readonly Shape[], more: readonly Shape[]): Shape[] {
  return more.reduce<Shape[]>(
    (all, record) => {
      const at = all.findIndex((one) => one['Id'] === record['Id']);
      return at < 0 ? [...all, record] : all.with(at, { ...all[at], ...record });
    },
    [...records],
  );
}

/** The single record of `get-distribution` or `get-anycast-ip-list`, with the entity tag that is printed beside it. */
function single(section: Shape, member: string): readonly Shape[] {
  const record = section[member];
  if (!isShape(record)) return [];
  return [section['ETag'] === undefined ? record : { ...record, ETag: section['ETag'] }];
}

/** The records by collection; one that no output was about stays away, for nothing is known of it. */
function collected(section: Shape): Shape {
  const { Distributions, DistributionList, Distribution, AnycastIpLists, AnycastIpList } = section;
  const { DistributionTenants, DistributionTenantList, DistributionTenant } = section;
  const isAboutDistributions = [Distributions, DistributionList, Distribution].some((each) => each !== undefined);
  const isAboutIpLists = [AnycastIpLists, AnycastIpList].some((each) => each !== undefined);
  const distributions = [...list(part(section, 'DistributionList'), 'Items'), ...single(section, 'Distribution')];
  const isAboutTenants = [DistributionTenants, DistributionTenantList, DistributionTenant].some(
    (each) => each !== undefined,
  );
  const tenants = [...list(section, 'DistributionTenantList'), ...single(section, 'DistributionTenant')];
  const printed = [...list(part(section, 'AnycastIpLists'), 'Items'), ...single(section, 'AnycastIpList')];
  return {
    ...(isAboutDistributions ? { Distributions: joined(list(section, 'Distributions'), distributions) } : {}),
    ...(isAboutTenants ? { DistributionTenants: joined(list(section, 'DistributionTenants'), tenants) } : {}),
    ...(isAboutIpLists ? { AnycastIpLists: joined(list(section, 'AnycastIpLists'), printed) } : {}),
  };
}

export const cloudFrontSchema = z
  .strictObject({
    ...TRIMMINGS,
    Distributions: z
      .array(distribution)
      .optional()
      .describe(
        'As get-distribution or list-distributions print them. One for all Regions: at the top, or in us-east-1.',
      ),
    DistributionList: pageOf(distribution).optional().describe('list-distributions output as it is.'),
    Distribution: distribution.optional().describe('get-distribution output as it is.'),
    DistributionTenants: z
      .array(tenant)
      .optional()
      .describe('As get-distribution-tenant or list-distribution-tenants print them; where the Distributions are.'),
    DistributionTenantList: z.array(tenant).optional().describe('list-distribution-tenants output as it is.'),
    DistributionTenant: tenant.optional().describe('get-distribution-tenant output as it is.'),
    AnycastIpLists: z
      .union([z.array(ipList), pageOf(ipList)])
      .optional()
      .describe('As get-anycast-ip-list prints them, or list-anycast-ip-lists output as it is.'),
    AnycastIpList: ipList.optional().describe('get-anycast-ip-list output as it is.'),
    ETag: z
      .string()
      .optional()
      .describe('That of the Distribution, of the DistributionTenant, or of the AnycastIpList.'),
  })
  .refine(
    ({ ETag, Distribution, DistributionTenant, AnycastIpList }) =>
      ETag === undefined ||
      [Distribution, DistributionTenant, AnycastIpList].filter((each) => each !== undefined).length < 2,
    {
      path: ['ETag'],
      error:
        'may be that of the Distribution, of the DistributionTenant or of the AnycastIpList: write it into the one',
    },
  )
  .transform((section): Shape => collected(section));
