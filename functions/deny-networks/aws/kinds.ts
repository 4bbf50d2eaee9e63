/** What is denied at: network ACLs, managed prefix lists and hosts. */

import { faulty, locatedAs, type Found, type Kind } from '../../../shared/aws/blocklist/kind.ts';
import { readNote } from '../../../shared/aws/blocklist/rows.ts';
import { forNetworks } from '../../../shared/judgement/blocklist/wanted.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { Observed } from '../../../shared/kernel/definition.ts';
import { classify } from '../../../shared/kernel/errors.ts';
import type { AclFacts, HostFacts, NetworkAcl, PrefixList, PrefixListFacts } from '../decide.ts';
import { findHosts, hostSeen, readHost } from './hosts.ts';
import { findAcls, readAcl } from './network-acls.ts';
import { findPrefixLists, readPrefixList } from './prefix-lists.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<AclFacts> | Observed<HostFacts> | Observed<PrefixListFacts>;

type Of = Kind<Seen, Wishes>;

function idIn(target: string): string {
  return target.slice(target.lastIndexOf('/') + 1);
}

async function aclSeen(arn: string, acl: NetworkAcl | null, wishes: Wishes): Promise<Seen> {
  return { kind: 'network-acl', arn, acl, published: await readNote(arn), wishes: forNetworks(wishes) };
}

const NETWORK_ACLS: Of = {
  name: 'network-acls',
  isOne: (target) => target.includes(':network-acl/'),
  find: async (ledger, io) => {
    const [acls, wishes] = await Promise.all([findAcls(io), ledger]);
    return Promise.all(
      acls.map(async (found): Promise<Found<Seen>> => {
        const { arn } = found;
        if ('error' in found) return faulty(arn, classify(found.error), [arn]);
        const { acl } = found;
        return { names: [arn, acl.id, acl.blocklist], located: await locatedAs(arn, () => aclSeen(arn, acl, wishes)) };
      }),
    );
  },
  observe: async (target, wishes, io) => aclSeen(target, await readAcl(idIn(target), io), wishes),
};

async function prefixListSeen(arn: string, list: PrefixList | null, wishes: Wishes): Promise<Seen> {
  return { kind: 'prefix-list', arn, list, published: await readNote(arn), wishes: forNetworks(wishes) };
}

const PREFIX_LISTS: Of = {
  name: 'prefix-lists',
  isOne: (target) => target.includes(':prefix-list/'),
  find: async (ledger, io) => {
    const [lists, wishes] = await Promise.all([findPrefixLists(io), ledger]);
    return Promise.all(
      lists.map(async ({ arn, names, read }): Promise<Found<Seen>> => ({
        names,
        located: await locatedAs(arn, async () => prefixListSeen(arn, await read(), wishes)),
      })),
    );
  },
  observe: async (target, wishes, io) => prefixListSeen(target, await readPrefixList(idIn(target), io), wishes),
};

const HOSTS: Of = {
  name: 'hosts',
  isOne: (target) => target.includes(':instance/'),
  find: async (ledger, io) => {
    const [hosts, wishes] = await Promise.all([findHosts(io), ledger]);
    return Promise.all(
      hosts.map(async (found): Promise<Found<Seen>> => {
        const { arn } = found;
        if ('error' in found) return faulty(arn, classify(found.error), [arn]);
        const { host } = found;
        const located = await locatedAs(arn, () => hostSeen(arn, host, wishes, io));
        return { names: [arn, host.id, host.name, host.blocklist], located };
      }),
    );
  },
  observe: async (target, wishes, io) => hostSeen(target, await readHost(idIn(target), io), wishes, io),
};

/** In the order in which a run tells of them. */
export const KINDS: readonly Of[] = [NETWORK_ACLS, PREFIX_LISTS, HOSTS];
