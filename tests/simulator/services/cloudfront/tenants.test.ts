/** Tenants of multi-tenant distributions: each is read, listed, and invalidated by itself. */

import { CloudFrontClient, GetDistributionTenantCommand } from '@aws-sdk/client-cloudfront';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { simulate } from '../../../../simulator/engine/simulation.ts';
import { isShape, list, part } from '../../../../simulator/services/ec2/state.ts';
import { parseWorld, pastedWorld } from '../../../../simulator/world/world-file.ts';
import { deploy, run } from '../../deploy.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const PARENT = 'E1ABCDEFGHIJKL';
const ID = 'dt_2wjDZi3hD1ivOXf6rpZJO1AB';
const OTHER = 'dt_2wjDZi3hD1ivOXf6rpZJO2CD';
const ARN = `arn:aws:cloudfront::111122223333:distribution-tenant/${ID}`;
const NOT_FOUND = 'EntityNotFound: The entity was not found.';
const WORLD = { now: '2026-11-22T08:00:00Z', region: 'us-east-1' } as const;

function tenant(Id: string, more: Shape = {}): Shape {
  return { Id, DistributionId: PARENT, ...more };
}

function frontOf(tenants: readonly Shape[]): Shape {
  return {
    Distributions: [
      { Id: PARENT, DistributionConfig: { ConnectionMode: 'tenant-only' } },
      { Id: 'E2DIRECT000000', DistributionConfig: {} },
    ],
    DistributionTenants: tenants,
  };
}

function begin(tenants: readonly Shape[] = [tenant(ID, { Name: 'acme' }), tenant(OTHER)]) {
  const begun = serviceWorld({ ...WORLD, cloudfront: frontOf(tenants) });
  const { call } = begun;
  const create = (items: readonly string[], reference = 'one', Id = ID): Shape =>
    call('cloudfront:CreateInvalidationForDistributionTenant', {
      Id,
      InvalidationBatch: { CallerReference: reference, Paths: { Quantity: items.length, Items: items } },
    });
  const get = (of: string, id: unknown): Shape =>
    part(call('cloudfront:GetInvalidationForDistributionTenant', { DistributionTenantId: of, Id: id }), 'Invalidation');
  const listed = (Id = ID): unknown =>
    part(call('cloudfront:ListInvalidationsForDistributionTenant', { Id }), 'InvalidationList')['Quantity'];
  const read = (Identifier: string): Shape =>
    part(call('cloudfront:GetDistributionTenant', { Identifier }), 'DistributionTenant');
  const ids = (input: Shape = {}): unknown =>
    list(call('cloudfront:ListDistributionTenants', input), 'DistributionTenantList').map((each) => each['Id']);
  return { ...begun, create, get, listed, read, ids };
}

describe('GetDistributionTenant', () => {
  it.each([ID, ARN, 'acme'])('knows a tenant as %s, and tells what AWS prints of one', (identifier) => {
    const tags = [{ Key: 'runbook:flush', Value: 'site' }];
    const Parameters = [{ Name: 'customer', Value: 'acme' }];
    const { read } = begin([tenant(ID, { Name: 'acme', Tags: tags, Parameters })]);
    expect(read(identifier)).toEqual({
      Id: ID,
      DistributionId: PARENT,
      Name: 'acme',
      Arn: ARN,
      Domains: [{ Domain: 'acme.example.com', Status: 'active' }],
      Tags: { Items: tags },
      Parameters,
      CreatedTime: new Date('2026-11-22T08:00:00Z'),
      LastModifiedTime: new Date('2026-11-22T08:00:00Z'),
      Enabled: true,
      Status: 'Deployed',
    });
  });

  it('is refused for one that is not there', () => {
    expect(refusal(() => begin().read('dt_none'))).toBe(NOT_FOUND);
  });

  it('is not simulated of a pasted summary, and says what is missing', async () => {
    const get = () => client(CloudFrontClient).send(new GetDistributionTenantCommand({ Identifier: ID }));
    const cloudfront = { Distributions: [], DistributionTenantList: [tenant(ID)] };
    const { world } = pastedWorld({ ...WORLD, account: '111122223333', cloudfront });
    const end = await simulate(run(deploy(get, { timeoutSeconds: 300 }), { world }));
    expect(end.error?.message).toBe(
      `not simulated: cloudfront:GetDistributionTenant of ${ID}: the world file does not say its Tags; write it into cloudfront.DistributionTenants`,
    );
  });
});

describe('ListDistributionTenants', () => {
  it('lists them, of one distribution where that is asked, page by page', () => {
    const { ids, call } = begin();
    expect(ids()).toEqual([ID, OTHER]);
    expect(ids({ AssociationFilter: { DistributionId: PARENT } })).toEqual([ID, OTHER]);
    expect(ids({ AssociationFilter: { DistributionId: 'E2DIRECT000000' } })).toEqual([]);
    expect(ids({ AssociationFilter: { ConnectionGroupId: 'cg_1' } })).toEqual([]);
    const { NextMarker: next } = call('cloudfront:ListDistributionTenants', { MaxItems: 1 });
    expect(ids({ MaxItems: 1, Marker: next })).toEqual([OTHER]);
  });

  it('is refused for a distribution that is not there, which is assumed', () => {
    const { ids, world } = begin();
    expect(refusal(() => ids({ AssociationFilter: { DistributionId: 'E0000000000000' } }))).toBe(NOT_FOUND);
    expect([...world.assumed]).toContain('cloudfront: tenants of a distribution that is not there are EntityNotFound');
  });
});

describe('an invalidation of a tenant', () => {
  it('is of that tenant alone, in progress for a minute, and completed then', () => {
    const { create, get, listed, pass } = begin();
    const { Location: location, Invalidation: made } = create(['/b', '/a*']);
    const { Id: id } = isShape(made) ? made : {};
    expect(location).toBe(
      `https://cloudfront.amazonaws.com/2020-05-31/distribution-tenant/${ID}/invalidation/${String(id)}`,
    );
    expect([listed(), listed(OTHER)]).toEqual([1, 0]);
    expect(get(ID, id)).toMatchObject({
      Status: 'InProgress',
      InvalidationBatch: { CallerReference: 'one', Paths: { Quantity: 2, Items: ['/b', '/a*'] } },
    });
    expect(refusal(() => get(OTHER, id))).toBe('NoSuchInvalidation: The specified invalidation does not exist.');
    pass(60);
    expect(get(ID, id)['Status']).toBe('Completed');
  });

  it('may have fifteen wildcards at each tenant, which is assumed', () => {
    const { create, world } = begin();
    const wildcards = Array.from({ length: 15 }, (_none, index) => `/${index}/*`);
    create(wildcards);
    expect(refusal(() => create(['/more/*'], 'two'))).toMatch(/^TooManyInvalidationsInProgress: /u);
    create(['/more/*'], 'two', OTHER);
    expect([...world.assumed]).toContain('cloudfront: 3,000 files and 15 wildcards may be in progress at each tenant');
  });

  it('is refused for a tenant that is not there, a path that is not taken, and a reference that was used', () => {
    const { create } = begin();
    expect(refusal(() => create(['/a'], 'one', 'dt_none'))).toBe(NOT_FOUND);
    expect(refusal(() => create(['/a~']))).toMatch(/^InvalidArgument: /u);
    create(['/a']);
    expect(refusal(() => create(['/b']))).toMatch(/^InvalidationBatchAlreadyExists: /u);
  });

  it("shares the rate of the account's requests with those of distributions", () => {
    const { create } = begin();
    for (let index = 0; index < 6; index += 1) create([`/${index}`], `reference-${index}`);
    expect(refusal(() => create(['/six'], 'six', OTHER))).toBe('Throttling: Rate exceeded');
  });

  it('is not made at the multi-tenant distribution, which is as if it were not there', () => {
    const { call } = begin();
    const InvalidationBatch = { CallerReference: 'one', Paths: { Quantity: 1, Items: ['/a'] } };
    expect(refusal(() => call('cloudfront:CreateInvalidation', { DistributionId: PARENT, InvalidationBatch }))).toBe(
      'NoSuchDistribution: The specified distribution does not exist.',
    );
  });
});

describe('a tenant of a world', () => {
  it('is found by its tags, by its kind and as one of CloudFront', () => {
    const { call } = begin([tenant(ID, { Tags: [{ Key: 'runbook:flush', Value: 'site' }] })]);
    const found = (type: string): unknown =>
      list(call('tag:GetResources', { ResourceTypeFilters: [type] }), 'ResourceTagMappingList').map(
        (each) => each['ResourceARN'],
      );
    expect(found('cloudfront')).toEqual([ARN]);
    expect(found('cloudfront:distribution-tenant')).toEqual([ARN]);
    expect(found('cloudfront:distribution')).toEqual([]);
    expect(call('cloudfront:ListTagsForResource', { Resource: ARN })).toEqual({
      Tags: { Items: [{ Key: 'runbook:flush', Value: 'site' }] },
    });
  });

  it('must be of a multi-tenant distribution', () => {
    const world = (of: string): Shape => ({
      ...WORLD,
      account: '111122223333',
      cloudfront: frontOf([tenant(ID, { DistributionId: of })]),
    });
    const wanted =
      'cloudfront.DistributionTenants[0].DistributionId: must be that of a distribution whose configuration has the ConnectionMode tenant-only';
    expect(refusal(() => serviceWorld(world('E2DIRECT000000')))).toContain(wanted);
    expect(refusal(() => serviceWorld(world('E0000000000000')))).toContain(wanted);
  });

  it("may have other people's invalidations, at its beginning and later", () => {
    const Paths = { Items: ['/theirs/*'] };
    const theirs = { Id: 'I1', CreateTime: '2026-11-22T07:59:30Z', InvalidationBatch: { Paths } };
    const { set, get, listed, pass } = begin([tenant(ID, { Invalidations: [theirs] })]);
    expect(get(ID, 'I1')['Status']).toBe('InProgress');
    set(`cloudfront/DistributionTenants/${ID}/Invalidations/+`, { ...theirs, Id: 'I2' });
    expect(listed()).toBe(2);
    pass(30);
    expect(get(ID, 'I2')['Status']).toBe('Completed');
  });
});

describe('the entity tag beside what get-… prints', () => {
  it('is of one record', () => {
    const section = { ETag: 'E1', Distribution: { Id: PARENT }, DistributionTenant: tenant(ID) };
    const parsed = (): unknown => parseWorld({ ...WORLD, account: '111122223333', cloudfront: section });
    expect(parsed).toThrow('write it into the one');
  });
});
