/** Managed prefix lists, and what a change of one is refused with. */

import {
  DescribeManagedPrefixListsCommand,
  GetManagedPrefixListEntriesCommand,
  ModifyManagedPrefixListCommand,
} from '@aws-sdk/client-ec2';
import type { Place, Scenario } from '../scenario.ts';

const SEED = { prefixLists: { office: ['192.0.2.0/24', '198.51.100.0/24'] } } as const;

/** Waits for the end of a change. */
async function settled({ ec2, id, until }: Place, after: string): Promise<void> {
  await until(`complete after ${after}`, async () => {
    const found = await ec2(new DescribeManagedPrefixListsCommand({ PrefixListIds: [id('office')] }));
    return found?.PrefixLists?.[0]?.State === 'modify-complete';
  });
}

async function look({ ec2, id, unnoted, fact }: Place, when: string): Promise<void> {
  const PrefixListId = id('office');
  const described = await unnoted(() => ec2(new DescribeManagedPrefixListsCommand({ PrefixListIds: [PrefixListId] })));
  const got = await unnoted(() => ec2(new GetManagedPrefixListEntriesCommand({ PrefixListId })));
  fact(`version ${when}`, described?.PrefixLists?.[0]?.Version);
  const shown = (got?.Entries ?? []).map(({ Cidr, Description }) => [Cidr, Description].join(' ').trim());
  fact(`entries ${when}`, shown.toSorted().join(', '));
}

export const prefixListScenarios: readonly Scenario[] = [
  {
    name: 'entries of a managed prefix list are added and removed, each time in a new version',
    seed: SEED,
    play: async (place) => {
      const { ec2, id } = place;
      const list = { PrefixListId: id('office'), PrefixListName: 'office' };
      const AddEntries = [{ Cidr: '203.0.113.9/32', Description: 'INC-1' }];
      await ec2(new ModifyManagedPrefixListCommand({ ...list, CurrentVersion: 1, AddEntries }));
      await settled(place, 'an addition');
      await look(place, 'added');
      const RemoveEntries = [{ Cidr: '192.0.2.0/24' }];
      await ec2(new ModifyManagedPrefixListCommand({ ...list, CurrentVersion: 2, RemoveEntries }));
      await settled(place, 'a removal');
      await look(place, 'removed');
      await ec2(new ModifyManagedPrefixListCommand({ ...list, PrefixListName: 'home' }));
      await look(place, 'renamed');
    },
  },
  {
    name: 'a managed prefix list that is being changed takes no other change',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const list = { PrefixListId: id('office'), PrefixListName: 'office', CurrentVersion: 1 };
      await ec2(new ModifyManagedPrefixListCommand({ ...list, AddEntries: [{ Cidr: '203.0.113.1/32' }] }));
      await ec2(new ModifyManagedPrefixListCommand({ ...list, AddEntries: [{ Cidr: '203.0.113.2/32' }] }));
    },
  },
  {
    name: 'a managed prefix list is changed in its version only',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const list = { PrefixListId: id('office'), PrefixListName: 'office' };
      const AddEntries = [{ Cidr: '203.0.113.1/32' }];
      await ec2(new ModifyManagedPrefixListCommand({ ...list, CurrentVersion: 7, AddEntries }));
    },
  },
  {
    name: 'an entry of a managed prefix list is there once',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const list = { PrefixListId: id('office'), PrefixListName: 'office', CurrentVersion: 1 };
      await ec2(new ModifyManagedPrefixListCommand({ ...list, AddEntries: [{ Cidr: '192.0.2.0/24' }] }));
    },
  },
  {
    name: 'an entry that a managed prefix list does not have is not removed',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const list = { PrefixListId: id('office'), PrefixListName: 'office', CurrentVersion: 1 };
      await ec2(new ModifyManagedPrefixListCommand({ ...list, RemoveEntries: [{ Cidr: '203.0.113.0/24' }] }));
    },
  },
  {
    name: 'a managed prefix list holds no more than its size',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const list = { PrefixListId: id('office'), PrefixListName: 'office', CurrentVersion: 1 };
      const AddEntries = [1, 2, 3, 4].map((host) => ({ Cidr: `203.0.113.${host}/32` }));
      await ec2(new ModifyManagedPrefixListCommand({ ...list, AddEntries }));
    },
  },
  {
    name: 'a managed prefix list holds networks of its family only',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const list = { PrefixListId: id('office'), PrefixListName: 'office', CurrentVersion: 1 };
      await ec2(new ModifyManagedPrefixListCommand({ ...list, AddEntries: [{ Cidr: '2001:db8::/32' }] }));
    },
  },
];
