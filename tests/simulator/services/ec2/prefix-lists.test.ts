/** Managed prefix lists: the account's own and those of AWS, and their entries as far as they are known. */

import { describe, expect, it } from 'vitest';
import { list } from '../../../../simulator/services/ec2/state.ts';
import { ask, load } from '../../world/pasting.ts';
import { ec2World, refusal } from './ec2-world.ts';

/** As `aws ec2 describe-managed-prefix-lists` prints a list of AWS. */
const CLOUDFRONT = {
  PrefixListId: 'pl-4fa04526',
  AddressFamily: 'IPv4',
  State: 'create-complete',
  PrefixListArn: 'arn:aws:ec2:eu-west-1:aws:prefix-list/pl-4fa04526',
  PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
  Tags: [],
  OwnerId: 'AWS',
};

describe('DescribeManagedPrefixLists', () => {
  it('derives what a list of the account leaves out but for its size, and shows no entries', () => {
    const { call } = ec2World({
      ManagedPrefixLists: [
        { PrefixListId: 'pl-1', PrefixListName: 'blocked', Entries: ['192.0.2.0/24', '198.51.100.7/32'] },
        { PrefixListId: 'pl-2', PrefixListName: 'blocked-v6', Entries: [{ Cidr: '2001:db8::/32' }] },
      ],
    });
    expect(call('DescribeManagedPrefixLists')).toEqual({
      PrefixLists: [
        {
          PrefixListId: 'pl-1',
          PrefixListName: 'blocked',
          PrefixListArn: 'arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-1',
          OwnerId: '111122223333',
          State: 'create-complete',
          Version: 1,
          AddressFamily: 'IPv4',
          Tags: [],
        },
        {
          PrefixListId: 'pl-2',
          PrefixListName: 'blocked-v6',
          PrefixListArn: 'arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-2',
          OwnerId: '111122223333',
          State: 'create-complete',
          Version: 1,
          AddressFamily: 'IPv6',
          Tags: [],
        },
      ],
    });
  });

  it('shows neither a version nor a size of a list of AWS, which its name is enough to tell', () => {
    const { call } = ec2World({
      ManagedPrefixLists: [
        {
          PrefixListId: 'pl-4fa04526',
          PrefixListName: 'com.amazonaws.global.cloudfront.origin-facing',
          Entries: ['203.0.113.0/24'],
        },
      ],
    });
    expect(call('DescribeManagedPrefixLists')).toEqual({ PrefixLists: [CLOUDFRONT] });
  });

  it('makes up neither size nor family where the entries are not known', () => {
    const { call } = ec2World({ ManagedPrefixLists: [{ PrefixListId: 'pl-1' }] });
    const [prefixList] = list(call('DescribeManagedPrefixLists'), 'PrefixLists');
    expect(prefixList).toMatchObject({ PrefixListId: 'pl-1', Version: 1 });
    expect(prefixList).not.toHaveProperty('MaxEntries');
    expect(prefixList).not.toHaveProperty('AddressFamily');
  });

  it('filters by owner, id, name and tags', () => {
    const { call } = ec2World({
      ManagedPrefixLists: [
        CLOUDFRONT,
        { PrefixListId: 'pl-1', PrefixListName: 'office', Tags: [{ Key: 'team', Value: 'web' }] },
      ],
    });
    const by = (Name: string, ...Values: string[]): unknown[] =>
      list(call('DescribeManagedPrefixLists', { Filters: [{ Name, Values }] }), 'PrefixLists').map(
        (prefixList) => prefixList['PrefixListId'],
      );
    expect(by('owner-id', 'AWS')).toEqual(['pl-4fa04526']);
    expect(by('owner-id', '111122223333')).toEqual(['pl-1']);
    expect(by('prefix-list-id', 'pl-1')).toEqual(['pl-1']);
    expect(by('prefix-list-name', '*cloudfront*')).toEqual(['pl-4fa04526']);
    expect(by('tag:team', 'web')).toEqual(['pl-1']);
    expect(by('tag-key', 'team')).toEqual(['pl-1']);
    expect(refusal(() => by('state', 'create-complete'))).toBe(
      'not simulated: ec2:DescribeManagedPrefixLists filter state',
    );
  });

  it('gives lists by id, and names an unknown one', () => {
    const { call } = ec2World({ ManagedPrefixLists: [CLOUDFRONT, { PrefixListId: 'pl-1' }] });
    expect(list(call('DescribeManagedPrefixLists', { PrefixListIds: ['pl-1'] }), 'PrefixLists')).toMatchObject([
      { PrefixListId: 'pl-1' },
    ]);
    expect(refusal(() => call('DescribeManagedPrefixLists', { PrefixListIds: ['pl-8'] }))).toBe(
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-8' does not exist",
    );
  });

  it('comes in pages of one to a hundred', () => {
    const { call } = ec2World({ ManagedPrefixLists: [{ PrefixListId: 'pl-1' }, { PrefixListId: 'pl-2' }] });
    const first = call('DescribeManagedPrefixLists', { MaxResults: 1 });
    expect(list(first, 'PrefixLists')).toMatchObject([{ PrefixListId: 'pl-1' }]);
    const second = call('DescribeManagedPrefixLists', { MaxResults: 1, NextToken: first['NextToken'] });
    expect(list(second, 'PrefixLists')).toMatchObject([{ PrefixListId: 'pl-2' }]);
    expect(second).not.toHaveProperty('NextToken');
    expect(refusal(() => call('DescribeManagedPrefixLists', { MaxResults: 101 }))).toBe(
      'InvalidParameterValue: Value ( 101 ) for parameter maxResults is invalid. Expecting a value less than 100.',
    );
  });
});

describe('GetManagedPrefixListEntries', () => {
  it('gives the entries with their descriptions, page by page', () => {
    const { call } = ec2World({
      ManagedPrefixLists: [
        { PrefixListId: 'pl-1', Entries: ['192.0.2.0/24', { Cidr: '198.51.100.7/32', Description: 'office' }] },
      ],
    });
    expect(call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1' })).toEqual({
      Entries: [{ Cidr: '192.0.2.0/24' }, { Cidr: '198.51.100.7/32', Description: 'office' }],
    });
    const first = call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1', MaxResults: 1 });
    expect(first['Entries']).toEqual([{ Cidr: '192.0.2.0/24' }]);
    const NextToken = first['NextToken'];
    expect(call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1', MaxResults: 1, NextToken })).toEqual({
      Entries: [{ Cidr: '198.51.100.7/32', Description: 'office' }],
    });
    expect(refusal(() => call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1', MaxResults: 101 }))).toBe(
      'InvalidParameterValue: Value ( 101 ) for parameter maxResults is invalid. Expecting a value less than 100.',
    );
  });

  it('tells a list that has no entries from one whose entries are not known', () => {
    const { call } = ec2World({ ManagedPrefixLists: [{ PrefixListId: 'pl-1', Entries: [] }, CLOUDFRONT] });
    expect(call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1' })).toEqual({ Entries: [] });
    expect(refusal(() => call('GetManagedPrefixListEntries', { PrefixListId: 'pl-4fa04526' }))).toBe(
      'not simulated: ec2:GetManagedPrefixListEntries of pl-4fa04526: the world file has no Entries of it',
    );
  });

  it('keeps those of a list of another account to itself', () => {
    const { call } = ec2World({
      ManagedPrefixLists: [{ PrefixListId: 'pl-1', OwnerId: '444455556666', Entries: ['192.0.2.0/24'] }],
    });
    expect(refusal(() => call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1' }))).toBe(
      'UnauthorizedOperation: You are not authorized to perform this operation.',
    );
  });

  it('knows the current version only', () => {
    const { call } = ec2World({
      ManagedPrefixLists: [{ PrefixListId: 'pl-1', Version: 3, Entries: ['192.0.2.0/24'] }],
    });
    const at = (TargetVersion: number): unknown =>
      call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1', TargetVersion })['Entries'];
    expect(at(3)).toEqual([{ Cidr: '192.0.2.0/24' }]);
    expect(refusal(() => at(2))).toBe(
      'not simulated: ec2:GetManagedPrefixListEntries of pl-1 at version 2: only the current one is known',
    );
  });

  it('names an unknown list', () => {
    const { call } = ec2World({});
    expect(refusal(() => call('GetManagedPrefixListEntries', { PrefixListId: 'pl-8' }))).toBe(
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-8' does not exist",
    );
  });
});

describe('a world file', () => {
  it('holds no more entries than the list can, and all of its family', () => {
    const begin = (members: object): unknown =>
      ec2World({ ManagedPrefixLists: [{ PrefixListId: 'pl-1', ...members }] });
    expect(() => begin({ MaxEntries: 1, Entries: ['192.0.2.0/24', '198.51.100.0/24'] })).toThrow(
      'ec2.ManagedPrefixLists[0].Entries',
    );
    expect(() => begin({ Entries: ['192.0.2.0/24', '2001:db8::/32'] })).toThrow('ec2.ManagedPrefixLists[0].Entries[1]');
    expect(() => begin({ AddressFamily: 'IPv6', Entries: ['192.0.2.0/24'] })).toThrow(
      'ec2.ManagedPrefixLists[0].Entries[0]',
    );
    expect(() => begin({ Entries: ['192.0.2.0/24', '192.0.2.7/24'] })).toThrow('192.0.2.0/24 is there twice');
  });

  it('takes the output of describe-managed-prefix-lists as it is, and entries only as networks', () => {
    const { world, lacks } = load({ ec2: { PrefixLists: [CLOUDFRONT] } });
    expect(lacks).toEqual([]);
    expect(ask(world, 'ec2', 'DescribeManagedPrefixLists', {})).toEqual({ PrefixLists: [CLOUDFRONT] });
    expect(() => load({ ec2: { ManagedPrefixLists: [{ PrefixListId: 'pl-1', Entries: ['192.0.2.1'] }] } })).toThrow(
      'ec2.ManagedPrefixLists[0].Entries[0]: 192.0.2.1 is not a network of IPv4',
    );
  });
});

describe('tags', () => {
  it('are set on a list of the account, and not on one of AWS', () => {
    const { call } = ec2World({ ManagedPrefixLists: [{ PrefixListId: 'pl-1' }, CLOUDFRONT] });
    const Tags = [{ Key: 'team', Value: 'web' }];
    call('CreateTags', { Resources: ['pl-1'], Tags });
    expect(call('DescribeTags')['Tags']).toEqual([
      { Key: 'team', Value: 'web', ResourceId: 'pl-1', ResourceType: 'prefix-list' },
    ]);
    expect(refusal(() => call('CreateTags', { Resources: ['pl-4fa04526'], Tags }))).toBe(
      'not simulated: how AWS refuses tags on its own prefix list pl-4fa04526',
    );
  });
});
