/** ModifyManagedPrefixList: what it takes, what it refuses, and how long its change is under way. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal, type Ec2World } from './ec2-world.ts';

const LIST = {
  PrefixListId: 'pl-1',
  PrefixListName: 'blocked',
  MaxEntries: 3,
  Version: 4,
  Entries: [{ Cidr: '192.0.2.0/24', Description: 'INC-1' }, '198.51.100.7/32'],
};

function listWorld(members: Shape = {}): Ec2World {
  return ec2World({ ManagedPrefixLists: [{ ...LIST, ...members }] });
}

const CHANGE = { PrefixListId: 'pl-1', CurrentVersion: 4 };
const ONE = { ...CHANGE, AddEntries: [{ Cidr: '203.0.113.9/32', Description: 'INC-2' }] };

function modify({ call }: Ec2World, input: Shape): Shape {
  return call('ModifyManagedPrefixList', input);
}

/** State, version and networks of the list, as they are read. */
function seen({ call, record }: Ec2World): string {
  const { State, Version } = record('ManagedPrefixLists');
  const { Entries } = call('GetManagedPrefixListEntries', { PrefixListId: 'pl-1', TargetVersion: Version });
  return JSON.stringify([State, Version, Entries]);
}

const BEFORE = [{ Cidr: '192.0.2.0/24', Description: 'INC-1' }, { Cidr: '198.51.100.7/32' }];

describe('a change of the entries of a managed prefix list', () => {
  it('shows the old version and entries until it has ended', () => {
    const world = listWorld();
    expect(modify(world, { ...ONE, RemoveEntries: [{ Cidr: '198.51.100.7/32' }] })).toEqual({
      PrefixList: {
        PrefixListId: 'pl-1',
        PrefixListName: 'blocked',
        PrefixListArn: 'arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-1',
        OwnerId: '111122223333',
        State: 'modify-in-progress',
        AddressFamily: 'IPv4',
        MaxEntries: 3,
        Version: 4,
        Tags: [],
      },
    });
    world.pass(4);
    expect(seen(world)).toBe(JSON.stringify(['modify-in-progress', 4, BEFORE]));
    world.pass(1);
    const after = [BEFORE[0], { Cidr: '203.0.113.9/32', Description: 'INC-2' }];
    expect(seen(world)).toBe(JSON.stringify(['modify-complete', 5, after]));
    expect([...world.world.assumed]).toEqual([
      'ec2: a change of a managed prefix list takes 5 s, in which it shows its old version and entries',
    ]);
  });

  it('takes as long as the world says', () => {
    const world = listWorld({ ModifySeconds: 40 });
    modify(world, ONE);
    world.pass(39);
    expect(world.record('ManagedPrefixLists')).toMatchObject({ State: 'modify-in-progress', Version: 4 });
    world.pass(1);
    expect(world.record('ManagedPrefixLists')).toMatchObject({ State: 'modify-complete', Version: 5 });
    expect([...world.world.assumed]).toEqual([]);
  });

  it('that is under way when a world begins goes on to its end', () => {
    const world = listWorld({ State: 'modify-in-progress', Pending: { Entries: [{ Cidr: '203.0.113.0/24' }] } });
    expect(refusal(() => modify(world, ONE))).toBe(
      'IncorrectState: The request cannot be completed while the prefix list (pl-1) is in the current state (modify-in-progress)',
    );
    world.pass(5);
    expect(seen(world)).toBe(JSON.stringify(['modify-complete', 5, [{ Cidr: '203.0.113.0/24' }]]));
    const mentioned = listWorld({ State: 'modify-in-progress' });
    mentioned.pass(5);
    expect(seen(mentioned)).toBe(JSON.stringify(['modify-complete', 4, BEFORE]));
  });

  it('keeps networks without host bits', () => {
    const world = listWorld({ AddressFamily: 'IPv6', Entries: [] });
    modify(world, { ...CHANGE, AddEntries: [{ Cidr: '2001:DB8:0::7/64' }] });
    world.pass(5);
    expect(world.record('ManagedPrefixLists')).toMatchObject({ Entries: [{ Cidr: '2001:db8::/64' }] });
    expect([...world.world.assumed]).toContain(
      'ec2: a managed prefix list keeps a network without host bits, spelt as EC2 does',
    );
  });

  const added = (...cidrs: readonly string[]): Shape => ({ ...CHANGE, AddEntries: cidrs.map((Cidr) => ({ Cidr })) });
  const removed = (...cidrs: readonly string[]): Shape => ({
    ...CHANGE,
    RemoveEntries: cidrs.map((Cidr) => ({ Cidr })),
  });
  const hundredAndOne = Array.from({ length: 101 }, (_, index) => `10.0.${index}.0/24`);

  it.each<[string, Shape, string]>([
    [
      'an old version',
      { ...ONE, CurrentVersion: 3 },
      'PrefixListVersionMismatch: The prefix list has the incorrect version number.',
    ],
    [
      'no version',
      { ...ONE, CurrentVersion: undefined },
      'MissingParameter: The request must contain the parameter CurrentVersion',
    ],
    [
      'an entry that is there',
      added('192.0.2.9/24'),
      'InvalidPrefixListModification: An entry with the CIDR (192.0.2.0/24) and description (INC-1) already exists.',
    ],
    [
      'an entry to remove that is not there',
      removed('203.0.113.0/24'),
      'InvalidPrefixListModification: An entry with the CIDR (203.0.113.0/24) does not exist.',
    ],
    [
      'more than its size',
      added('203.0.113.1/32', '203.0.113.2/32'),
      "PrefixListMaxEntriesExceeded: You've reached the maximum number of entries (3) for the prefix list (pl-1).",
    ],
    [
      'another family',
      added('2001:db8::/32'),
      'InvalidParameterValue: The CIDR (2001:db8::/32) is not a valid IPv4 CIDR.',
    ],
    [
      'an address without a prefix',
      added('203.0.113.1'),
      'InvalidParameterValue: The CIDR (203.0.113.1) is not a valid IPv4 CIDR.',
    ],
    [
      'a network twice',
      added('203.0.113.1/32', '203.0.113.1/32'),
      'InvalidParameterValue: Request cannot contain Cidr 203.0.113.1/32 more than once',
    ],
    [
      'the same network to add and to remove',
      { ...added('192.0.2.0/24'), RemoveEntries: [{ Cidr: '192.0.2.0/24' }] },
      'InvalidParameterValue: Request cannot contain Cidr 192.0.2.0/24 in both AddPrefixListEntries and RemovePrefixListEntries',
    ],
    [
      '101 to add',
      added(...hundredAndOne),
      'InvalidParameterValue: Request cannot contain more than 100 entry additions or removals',
    ],
    [
      '101 to remove',
      removed(...hundredAndOne),
      'InvalidParameterValue: Request cannot contain more than 100 entry additions or removals',
    ],
    [
      'another size as well',
      { ...ONE, MaxEntries: 5 },
      'InvalidParameterCombination: You cannot modify the entries and the maximum entries for the prefix list in the same request.',
    ],
    ['no change', CHANGE, 'InvalidRequest: The request received was invalid.'],
    [
      'an unknown list',
      { ...ONE, PrefixListId: 'pl-9' },
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-9' does not exist",
    ],
  ])('is refused with %s, and nothing is changed', (_, input, said) => {
    const world = listWorld();
    expect(refusal(() => modify(world, input))).toBe(said);
    expect(seen(world)).toBe(JSON.stringify(['create-complete', 4, BEFORE]));
  });

  it('may add 100 entries and remove 100 at once', () => {
    const old = Array.from({ length: 100 }, (_, index) => `10.1.${index}.0/24`);
    const world = listWorld({ MaxEntries: 100, Entries: old });
    const fresh = hundredAndOne.slice(0, 100);
    modify(world, { ...added(...fresh), RemoveEntries: old.map((Cidr) => ({ Cidr })) });
    world.pass(5);
    expect(world.record('ManagedPrefixLists')['Entries']).toEqual(fresh.map((Cidr) => ({ Cidr })));
  });

  it.each<[string, Shape]>([
    ['Entries', { Entries: undefined, AddressFamily: 'IPv4' }],
    ['AddressFamily', { Entries: [] }],
    ['MaxEntries', { MaxEntries: undefined }],
  ])('is not simulated where the file has no %s', (member, members) => {
    expect(refusal(() => modify(listWorld(members), ONE))).toBe(
      `not simulated: ec2:ModifyManagedPrefixList of pl-1: the world file has no ${member} of it`,
    );
  });
});

describe('a managed prefix list', () => {
  it('of AWS or of another account is not changed', () => {
    for (const members of [{ PrefixListName: 'com.amazonaws.global.groundstation' }, { OwnerId: '444455556666' }])
      expect(refusal(() => modify(listWorld({ ...members, Version: undefined }), ONE))).toBe(
        'UnauthorizedOperation: You are not authorized to perform this operation.',
      );
  });

  it('gets another size without a version, not below what it holds and not beyond 1,000', () => {
    const world = listWorld();
    modify(world, { PrefixListId: 'pl-1', MaxEntries: 60 });
    expect(world.record('ManagedPrefixLists')).toMatchObject({ State: 'modify-in-progress', MaxEntries: 3 });
    world.pass(5);
    expect(world.record('ManagedPrefixLists')).toMatchObject({ State: 'modify-complete', MaxEntries: 60, Version: 4 });
    const sized = (MaxEntries: number): string =>
      refusal(() => modify(world, { PrefixListId: 'pl-1', MaxEntries })).split(':')[0] ?? '';
    expect([1, 0, 1_001].map(sized)).toEqual([
      'PrefixListMaxEntriesExceeded',
      'InvalidParameterValue',
      'InvalidParameterValue',
    ]);
  });

  it('gets another name at once, in the same version, which is none of AWS’s', () => {
    const world = listWorld();
    modify(world, { PrefixListId: 'pl-1', PrefixListName: 'edge' });
    expect(world.record('ManagedPrefixLists')).toMatchObject({
      PrefixListName: 'edge',
      State: 'modify-complete',
      Version: 4,
    });
    expect(refusal(() => modify(world, { PrefixListId: 'pl-1', PrefixListName: 'com.amazonaws.x' }))).toBe(
      'InvalidParameterValue: The prefix list name cannot start with com.amazonaws.',
    );
  });
});

describe('a script', () => {
  it('edits the entries as a person does, in a new version', () => {
    const world = listWorld();
    expect(world.change('ec2/ManagedPrefixLists/pl-1/Entries', ['192.0.2.9/24'])).toBe(true);
    expect(seen(world)).toBe(JSON.stringify(['create-complete', 5, [{ Cidr: '192.0.2.0/24' }]]));
    expect(() => world.change('ec2/ManagedPrefixLists/pl-1/Entries', ['2001:db8::/32'])).toThrow(
      'ec2/ManagedPrefixLists/pl-1/Entries[0]: 2001:db8::/32 is not a network of IPv4',
    );
    expect(() => world.change('ec2/ManagedPrefixLists/pl-1/Entries/0', '192.0.2.0/24')).toThrow('set the whole list');
  });

  it('begins a change of somebody else’s, which ends', () => {
    const world = listWorld();
    world.change('ec2/ManagedPrefixLists/pl-1/State', 'modify-in-progress');
    expect(refusal(() => modify(world, ONE))).toContain('IncorrectState');
    world.pass(5);
    expect(modify(world, ONE)).toMatchObject({ PrefixList: { State: 'modify-in-progress' } });
  });

  it('makes a list whole', () => {
    const { change } = listWorld();
    const made: Shape = { PrefixListId: 'pl-2', Entries: ['2001:DB8::/32'] };
    expect(change('ec2/ManagedPrefixLists/pl-2', made)).toBe(false);
    expect(made).toMatchObject({ AddressFamily: 'IPv6', Version: 1, Entries: [{ Cidr: '2001:db8::/32' }] });
  });

  it('leaves the rest to the member that it names', () => {
    expect(listWorld().change('ec2/ManagedPrefixLists/pl-1/MaxEntries', 9)).toBe(false);
  });
});
