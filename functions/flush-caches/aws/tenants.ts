/** Tenants of multi-tenant distributions: each has the configuration of its distribution, and a cache of its own. */

import {
  CloudFrontClient,
  GetDistributionTenantCommand,
  ListDistributionTenantsCommand,
  type DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import { arnParts } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { GLOBAL, unlessGone } from './front.ts';

/** The id in the ARN of a tenant. */
export function tenantIn(arn: string): string | undefined {
  const { service, kind, name } = arnParts(arn) ?? {};
  return service === 'cloudfront' && kind === 'distribution-tenant' ? name : undefined;
}

/** Whether an ARN is that of a tenant. */
export function isTenant(arn: string): boolean {
  return tenantIn(arn) !== undefined;
}

/** CloudFront's own form of a tenant's id. Source: the examples of `aws cloudfront create-invalidation-for-distribution-tenant help`. */
const ID = /^dt_[0-9A-Za-z]{10,40}$/u;

/** Whether a text is the id of a tenant. */
export function isTenantId(text: string): boolean {
  return ID.test(text);
}

/** Whether a distribution has no cache of its own. */
export function isMultiTenant({ ConnectionMode: mode }: DistributionConfig): boolean {
  return mode === 'tenant-only';
}

/**
 * Tenants of one distribution that are flushed by one request. At half of the assumed rate so many have their turns within the five minutes
 * that a call may wait for its own.
 */
const MOST_TENANTS = 100;

/** Tenants of a distribution. */
export interface Tenants {
  /** Their ARNs; of more than `MOST_TENANTS` those that CloudFront lists first. */
  readonly found: readonly string[];
  readonly areMore: boolean;
}

/** What is left out in silence would keep its cache. */
function listed(arn: string | undefined, id: string | undefined, distribution: string): string {
  if (arn !== undefined) return arn;
  throw new TerminalError(`${distribution}: CloudFront's list of tenants lacks the ARN of ${id ?? 'one'}`);
}

/** The tenants of a distribution, whether they are enabled or not. */
export async function tenantsOf(distribution: string, io: Io): Promise<Tenants> {
  const found: string[] = [];
  let marker: string | undefined;
  for (let page = 0; page <= MOST_TENANTS; page += 1) {
    const command = new ListDistributionTenantsCommand({
      AssociationFilter: { DistributionId: distribution },
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    const answer = await unlessGone(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
    found.push(...(answer?.DistributionTenantList ?? []).map(({ Arn: arn, Id: id }) => listed(arn, id, distribution)));
    marker = answer?.NextMarker;
    const areMore = found.length > MOST_TENANTS;
    if (areMore || marker === undefined || marker === '') return { found: found.slice(0, MOST_TENANTS), areMore };
  }
  throw new TerminalError(`${distribution}: CloudFront's list of tenants has no end`);
}

/** A tenant as it is. */
export interface Tenant {
  readonly arn: string;
  /** The id of its distribution. */
  readonly of: string;
  readonly isEnabled: boolean;
  readonly status: string | null;
  /** What its distribution has placeholders for. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a tenant; `undefined`: it is gone, or there was never one. */
export async function getTenant(id: string, io: Io): Promise<Tenant | undefined> {
  const command = new GetDistributionTenantCommand({ Identifier: id });
  const answer = await unlessGone(client(CloudFrontClient, GLOBAL).send(command, { abortSignal: io.signal }));
  if (answer === undefined) return undefined;
  const {
    Arn: arn,
    DistributionId: of,
    Enabled: enabled,
    Status: status,
    Parameters,
  } = answer.DistributionTenant ?? {};
  if (arn === undefined || of === undefined)
    throw new TerminalError(`${id}: CloudFront's answer lacks the tenant's ARN or its distribution`);
  const parameters = (Parameters ?? []).map(({ Name = '', Value = '' }) => [Name, Value] as const);
  return { arn, of, isEnabled: enabled !== false, status: status ?? null, parameters: new Map(parameters) };
}

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/tenant-customization.html (parameters: origin domains and paths). */
const PLACEHOLDER = /\{\{([\w-]+)\}\}/gu;

/** Whether a tenant's parameter says whose domain an origin of a distribution has. */
export function hasNamedDomains({ Origins: origins }: DistributionConfig): boolean {
  return (origins?.Items ?? []).some(({ DomainName: domain = '' }) => domain.search(PLACEHOLDER) >= 0);
}

/** The configuration as it is for one tenant: with its parameters in place of what stands for them. */
export function settledFor(config: DistributionConfig, { parameters }: Pick<Tenant, 'parameters'>): DistributionConfig {
  const usual = (config.TenantConfig?.ParameterDefinitions ?? []).map(
    ({ Name = '', Definition: definition }) => [Name, definition?.StringSchema?.DefaultValue] as const,
  );
  const values = new Map([...usual, ...parameters]);
  const filled = (text: string | undefined): string =>
    (text ?? '').replaceAll(PLACEHOLDER, (placeholder, name: string) => values.get(name) ?? placeholder);
  const origins = (config.Origins?.Items ?? []).map((origin) => ({
    ...origin,
    DomainName: filled(origin.DomainName),
    OriginPath: filled(origin.OriginPath),
  }));
  return { ...config, Origins: { Quantity: origins.length, Items: origins } };
}
