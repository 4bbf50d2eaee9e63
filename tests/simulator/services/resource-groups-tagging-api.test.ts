import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { serviceWorld } from './service-world.ts';

const BLOCK = { Key: 'runbook:block', Value: 'edge' };

function setNamed(name: string, tags: readonly Shape[]): Shape {
  return { Name: name, IPAddressVersion: 'IPV4', Addresses: [], Tags: [...tags] };
}

const WORLD = serviceWorld({
  wafv2: {
    IPSets: [setNamed('a', [BLOCK]), setNamed('b', [{ Key: 'team', Value: 'x' }, BLOCK]), setNamed('c', [])],
    WebACLs: [{ Name: 'acl', Tags: [BLOCK] }],
  },
});

function names(input: Shape): unknown {
  const list: unknown = WORLD.call('tag:GetResources', input)['ResourceTagMappingList'];
  return Array.isArray(list)
    ? list.map((each: Shape) => String(each['ResourceARN']).split(':').at(-1)?.split('/').slice(0, -1).join('/'))
    : list;
}

describe('GetResources', () => {
  it('lists what has tags, in the order of the ARNs', () => {
    expect(names({})).toEqual(['regional/ipset/a', 'regional/ipset/b', 'regional/webacl/acl']);
  });

  it('lists what has a tag, or one of its values, and is of a kind', () => {
    expect(names({ TagFilters: [{ Key: 'team' }] })).toEqual(['regional/ipset/b']);
    expect(names({ TagFilters: [{ Key: 'runbook:block', Values: ['other'] }] })).toEqual([]);
    expect(names({ ResourceTypeFilters: ['wafv2:regional/webacl'] })).toEqual(['regional/webacl/acl']);
    expect(names({ ResourceTypeFilters: ['ec2'] })).toEqual([]);
    expect(
      names({
        ResourceTypeFilters: ['wafv2'],
        TagFilters: [{ Key: 'team' }, { Key: 'runbook:block', Values: ['edge'] }],
      }),
    ).toEqual(['regional/ipset/b']);
  });

  it('gives pages, the last with an empty token', () => {
    const first = WORLD.call('tag:GetResources', { ResourcesPerPage: 2 });
    expect(first['PaginationToken']).toBe('2');
    const second = WORLD.call('tag:GetResources', { ResourcesPerPage: 2, PaginationToken: '2' });
    expect(second).toMatchObject({ PaginationToken: '', ResourceTagMappingList: [{ Tags: [BLOCK] }] });
  });

  it('says what it does not do', () => {
    expect(() => WORLD.call('tag:GetResources', { ResourceARNList: [] })).toThrow(
      'not simulated: tag:GetResources ResourceARNList',
    );
    expect(() => WORLD.call('tag:GetResources', { ResourcesPerPage: 101 })).toThrow(
      'ResourcesPerPage must be from 1 to 100',
    );
    expect(() => WORLD.call('tag:GetResources', { PaginationToken: 'x' })).toThrow(
      'the token is not one of this service',
    );
  });
});

describe('functions and queues', () => {
  const TARGET = { 'runbook:redrive-target': 'dead' };
  const { call } = serviceWorld({
    lambda: {
      Functions: [
        { FunctionName: 'charge', Tags: TARGET },
        { FunctionName: 'ship', Tags: {} },
      ],
    },
    sqs: { Queues: [{ QueueName: 'orders', Tags: TARGET }, { QueueName: 'bills' }] },
  });
  const CHARGE = 'arn:aws:lambda:eu-west-1:111122223333:function:charge';
  const ORDERS = 'arn:aws:sqs:eu-west-1:111122223333:orders';
  const listed = (ResourceTypeFilters: readonly string[]): unknown => {
    const { ResourceTagMappingList: list } = call('tag:GetResources', {
      ResourceTypeFilters,
      TagFilters: [{ Key: 'runbook:redrive-target', Values: ['dead'] }],
    });
    return Array.isArray(list) ? list.map(({ ResourceARN }: Shape) => ResourceARN) : list;
  };

  it('are listed by their tags, each of its kind', () => {
    expect(listed(['sqs', 'lambda:function'])).toEqual([CHARGE, ORDERS]);
    expect([listed(['lambda:function']), listed(['lambda']), listed(['sqs:queue'])]).toEqual([
      [CHARGE],
      [CHARGE],
      [ORDERS],
    ]);
    expect(listed(['lambda:event-source-mapping'])).toEqual([]);
  });

  it('have their tags as keys and values, whatever their service calls them', () => {
    const Tags = [{ Key: 'runbook:redrive-target', Value: 'dead' }];
    expect(call('tag:GetResources', {})['ResourceTagMappingList']).toEqual([
      { ResourceARN: CHARGE, Tags },
      { ResourceARN: ORDERS, Tags },
    ]);
  });
});
