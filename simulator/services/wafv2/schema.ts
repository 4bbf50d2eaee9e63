/** AWS WAF's part of a world file, and what of AWS's outputs stands in it under other names. */

import { IPSet$, RuleGroup$, SampledHTTPRequest$, WebACL$ } from '@aws-sdk/client-wafv2';
import { z } from 'zod';
import type { Shape } from '../../engine/model.ts';
import { recordSchema, type Refinements } from '../ec2/shape.ts';
import { isShape, list } from '../ec2/state.ts';
import { TRIMMINGS } from '../pasted.ts';
import { FAMILIES } from './addresses.ts';
import { SCOPES, scopeOf } from './state.ts';

/** Statements hold statements: what is in a rule is taken as it is. */
const statement = z.record(z.string(), z.unknown());

const REFINEMENTS: Refinements = {
  IPSet: { IPAddressVersion: z.enum(FAMILIES).describe('Default: as the first of its Addresses is written.') },
  Rule: { Statement: statement },
  FirewallManagerRuleGroup: { FirewallManagerStatement: statement },
};

const token = z.string().regex(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/u, { error: 'must be a UUID' });

/** What both have besides the shape that AWS gives them. */
const OWN = {
  Scope: z
    .enum(SCOPES)
    .optional()
    .describe(
      'Default: as its ARN says, else REGIONAL. CLOUDFRONT is kept in us-east-1, also if it is written at the top of another.',
    ),
  LockToken: token.optional().describe('Derived. A scripted change of the record gives it a new one.'),
  Tags: z
    .array(z.strictObject({ Key: z.string().min(1), Value: z.string() }))
    .optional()
    .describe('What ListTagsForResource prints. Default: none; of a paste they are not known.'),
};

const ipSet = recordSchema(IPSet$, 'Name', REFINEMENTS, {
  ...OWN,
  Addresses: z.array(z.string()).optional().describe('Left out: not known, as in the output of list-ip-sets.'),
});

const sample = recordSchema(SampledHTTPRequest$, 'RuleMetricName', {});

const webAcl = recordSchema(WebACL$, 'Name', REFINEMENTS, {
  ...OWN,
  ApplicationIntegrationURL: z.string().optional().describe('As get-web-acl prints it beside the web ACL.'),
  Resources: z
    .array(z.string())
    .optional()
    .describe('ARNs of what it is attached to, as ListResourcesForWebACL prints them. Left out: not known.'),
  ManagedKeys: z
    .record(z.string(), z.strictObject({ IPV4: z.array(z.string()).optional(), IPV6: z.array(z.string()).optional() }))
    .optional()
    .describe(
      'Whom its rate-based rules hold, by the name of the rule, as GetRateBasedStatementManagedKeys prints them. Left out: nobody; of a paste it is not known.',
    ),
  SampledRequests: z
    .array(sample)
    .optional()
    .describe(
      'Requests that a rule or the default action met with, as GetSampledRequests prints them, each with the metric of the rule (or of the web ACL, for the default action). ' +
        'Timestamp default: when it appears; Weight default: 1. Left out: none; of a paste it is not known.',
    ),
});

const ruleGroup = recordSchema(RuleGroup$, 'Name', REFINEMENTS, {
  ...OWN,
  Rules: z.array(z.record(z.string(), z.unknown())).optional(),
});

const tagInfo = z.strictObject({
  ResourceARN: z.string().min(1),
  TagList: z.array(z.strictObject({ Key: z.string().min(1), Value: z.string() })),
});

/** A record with its scope, which is part of its name: the same name may be there in both. */
function scoped(record: Shape): Shape {
  return { ...record, Scope: scopeOf(record) };
}

/** A summary and the whole of the same record are one: what either says. */
function joined(records: readonly Shape[], whole: Shape | undefined): Shape[] {
  if (whole === undefined) return [...records];
  const isSame = (record: Shape): boolean => record['Name'] === whole['Name'] && record['Scope'] === whole['Scope'];
  const at = records.findIndex(isSame);
  return at < 0
    ? [...records, whole]
    : records.map((record, index) => (index === at ? { ...record, ...whole } : record));
}

function tagged(records: readonly Shape[], info: unknown): Shape[] {
  if (!isShape(info)) return [...records];
  return records.map((record) =>
    record['ARN'] === info['ResourceARN'] ? { ...record, Tags: list(info, 'TagList') } : record,
  );
}

/** `get-ip-set`'s and `get-web-acl`'s single record with what is printed beside it. */
function wholeOf(section: Shape, member: string, beside: readonly string[]): Shape | undefined {
  const record = section[member];
  if (!isShape(record)) return undefined;
  const printed = beside.filter((name) => section[name] !== undefined).map((name) => [name, section[name]] as const);
  return scoped({ ...record, ...Object.fromEntries(printed) });
}

function collected(section: Shape): Shape {
  const { IPSet, WebACL, LockToken: _token, ApplicationIntegrationURL: _url, TagInfoForResource, ...rest } = section;
  // The token is that of the one output that prints it; beside both it could be either's.
  const isOfSet = isShape(IPSet);
  const sets = joined(list(section, 'IPSets').map(scoped), wholeOf(section, 'IPSet', ['LockToken']));
  const acls = joined(
    list(section, 'WebACLs').map(scoped),
    wholeOf(section, 'WebACL', isOfSet ? ['ApplicationIntegrationURL'] : ['LockToken', 'ApplicationIntegrationURL']),
  );
  return {
    ...rest,
    ...(section['RuleGroups'] === undefined ? {} : { RuleGroups: list(section, 'RuleGroups').map(scoped) }),
    ...(section['IPSets'] === undefined && IPSet === undefined ? {} : { IPSets: tagged(sets, TagInfoForResource) }),
    ...(section['WebACLs'] === undefined && WebACL === undefined ? {} : { WebACLs: tagged(acls, TagInfoForResource) }),
  };
}

export const wafV2Schema = z
  .strictObject({
    ...TRIMMINGS,
    NextMarker: z.string().optional().describe('Left out: AWS WAF prints one on the last page, too.'),
    IPSets: z.array(ipSet).optional(),
    WebACLs: z.array(webAcl).optional(),
    RuleGroups: z.array(ruleGroup).optional().describe("The account's own, as GetRuleGroup prints them."),
    IPSet: ipSet.optional().describe('get-ip-set output as it is.'),
    WebACL: webAcl.optional().describe('get-web-acl output as it is.'),
    LockToken: token.optional().describe('That of the IPSet, or of the WebACL where there is no IPSet.'),
    ApplicationIntegrationURL: z.string().optional(),
    TagInfoForResource: tagInfo.optional().describe('list-tags-for-resource output as it is.'),
  })
  .refine(
    (section) => !(section.LockToken !== undefined && section.IPSet !== undefined && section.WebACL !== undefined),
    {
      path: ['LockToken'],
      error: 'may be that of the IPSet or of the WebACL: write it into the one',
    },
  )
  .transform((section): Shape => collected(section));
