/** Tenants of multi-tenant distributions, each with a cache of its own: read and listed. */

import { DistributionTenant$, DistributionTenantSummary$ } from '@aws-sdk/client-cloudfront';
import { awsError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { outputOf } from '../ec2/shape.ts';
import { list, part, text } from '../ec2/state.ts';
import { page } from './pages.ts';
import { demandMember, listed, records } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_';

const whole = outputOf(DistributionTenant$);
const summary = outputOf(DistributionTenantSummary$);

/** The SDK models the code; the wording is that of its description. */
function notFound(): Error {
  return awsError('EntityNotFound', 'The entity was not found.', 404);
}

/**
 * The tenant that fits.
 * @throws AwsError where it is not there
 */
export function demandTenant(call: string, world: World, fits: (tenant: Shape) => boolean): Shape {
  const found = records(world, 'DistributionTenants').find(fits);
  if (found !== undefined) return found;
  listed(call, world, 'DistributionTenants');
  throw notFound();
}

/** By its ARN, its id or its name. Source: API_GetDistributionTenant (Identifier). */
function getTenant({ Identifier: named }: Shape, world: World): object {
  const call = 'cloudfront:GetDistributionTenant';
  const found = demandTenant(call, world, ({ Arn, Id, Name }) => [Arn, Id, Name].includes(named));
  for (const member of ['Tags', 'Parameters']) demandMember(call, 'DistributionTenants', found, member);
  const Tags = { Items: structuredClone(list(found, 'Tags')) };
  return { DistributionTenant: { ...whole({ ...found, Tags }) }, ETag: found['ETag'] };
}

/** What is answered where the distribution of the filter is not there is not documented. */
const NO_DISTRIBUTION = 'cloudfront: tenants of a distribution that is not there are EntityNotFound';

function listTenants(input: Shape, world: World): object {
  const filter = part(input, 'AssociationFilter');
  const of = text(filter, 'DistributionId');
  const group = text(filter, 'ConnectionGroupId');
  if (of !== undefined && !records(world, 'Distributions').some(({ Id }) => Id === of)) {
    world.assume(NO_DISTRIBUTION);
    throw notFound();
  }
  const found = listed('cloudfront:ListDistributionTenants', world, 'DistributionTenants').filter(
    ({ DistributionId, ConnectionGroupId }) =>
      (of === undefined || DistributionId === of) && (group === undefined || ConnectionGroupId === group),
  );
  const { NextMarker, Items = [] } = page(input, found, summary);
  return { ...(NextMarker === undefined ? {} : { NextMarker }), DistributionTenantList: Items };
}

export const tenantOperations: { readonly [operation: string]: Operation } = {
  GetDistributionTenant: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}GetDistributionTenant.html`,
    run: getTenant,
  },
  ListDistributionTenants: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}ListDistributionTenants.html`,
    run: listTenants,
  },
};
