/** The kinds of things that are published to, and lists, which are published from. */

import { listIncident } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Io, Located } from '../../../shared/kernel/definition.ts';
import { classify, raise } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { forNetworkAcls, forNetworks, PUBLISHED, type NetworkAcl, type PrefixList, type Published } from '../decide.ts';
import { findPoints } from './enforcement-points.ts';
import type { Found, Kind, Seen } from './kind.ts';
import { findAcls, readAcl } from './network-acls.ts';
import { findPrefixLists, readPrefixList } from './prefix-lists.ts';
import { groupsOf, isTogether, publishedIn, readAll, type Reading } from './set-groups.ts';
import type { Ledger, ListLook } from './wishes.ts';

async function noteAbout(arn: string): Promise<Published> {
  return publishedIn(await openData().read(PUBLISHED, arn));
}

/** What goes wrong with one of several is its own fault. */
async function locatedAs(target: string, look: () => Promise<Seen>): Promise<Located<Seen>> {
  try {
    return { target, facts: await look() };
  } catch (error) {
    return { target, fault: classify(error) };
  }
}

function listSeen({ row, note, content, fault }: ListLook): Seen {
  if (fault !== undefined) throw raise(fault);
  return { kind: 'list', row, note, content };
}

/** Lists of the ledger. No request names one here: whoever means a list tells block-address. */
const LISTS: Kind = {
  name: 'lists',
  isOne: (target) => target.startsWith(listIncident('')),
  find: async (ledger) => {
    const { lists } = await ledger;
    return lists.map((look): Found => {
      const { row, fault } = look;
      const target = listIncident(row.name);
      return { names: [], located: fault === undefined ? { target, facts: listSeen(look) } : { target, fault } };
    });
  },
  observe: async (target, { lists }) => {
    const look = lists.find(({ row }) => listIncident(row.name) === target);
    return look === undefined ? { kind: 'list', row: null, note: null, content: null } : listSeen(look);
  },
};

type Groups = ReturnType<typeof groupsOf>;
type SetRead = Pick<Reading, 'set' | 'published' | 'fault'>;

function setSeen(arn: string, { set, published, fault }: SetRead, groups: Groups, { wishes }: Ledger): Seen {
  if (fault !== undefined) throw raise(fault);
  return { kind: 'ip-set', arn, set, published, group: groups.get(arn) ?? [], wishes };
}

/** WAF IP sets: which of those that share a blocklist takes what can only be said of all. */
const IP_SETS: Kind = {
  name: 'ip-sets',
  isOne: (target) => /:(?:regional|global)\/ipset\//u.test(target),
  find: async (ledger, io) => {
    const { points, unasked } = await findPoints(io);
    const [readings, known] = await Promise.all([readAll(points, io), ledger]);
    const groups = groupsOf(readings);
    const sets = readings.map((reading): Found => {
      const { point, fault } = reading;
      const { arn: target, name, blocklist } = point;
      const facts = (): Seen => setSeen(target, reading, groups, known);
      const located = fault === undefined ? { target, facts: facts() } : { target, fault };
      return { names: [target, name, blocklist], located };
    });
    return [...unasked.map((located) => ({ names: [], located })), ...sets];
  },
  observe: async (target, ledger, io) => {
    const { points, unasked } = await findPoints(io);
    const point = points.find(({ arn }) => arn === target);
    // While a place does not answer nobody knows whether a set is gone.
    const [silent] = point === undefined ? unasked : [];
    if (silent !== undefined) throw raise(silent.fault);
    const gone = { set: null, published: publishedIn(undefined) };
    if (point === undefined) return setSeen(target, gone, new Map(), ledger);
    const readings = await readAll(
      points.filter((other) => isTogether(other, point)),
      io,
    );
    return setSeen(target, readings.find((each) => each.point === point) ?? gone, groupsOf(readings), ledger);
  },
};

function idIn(target: string): string {
  return target.slice(target.lastIndexOf('/') + 1);
}

async function aclSeen(arn: string, acl: NetworkAcl | null, { wishes }: Ledger): Promise<Seen> {
  return { kind: 'network-acl', arn, acl, published: await noteAbout(arn), wishes: forNetworkAcls(wishes) };
}

const NETWORK_ACLS: Kind = {
  name: 'network-acls',
  isOne: (target) => target.includes(':network-acl/'),
  find: async (ledger, io) => {
    const [acls, known] = await Promise.all([findAcls(io), ledger]);
    return Promise.all(
      acls.map(async (found): Promise<Found> => {
        const { arn: target } = found;
        if ('error' in found) return { names: [target], located: { target, fault: classify(found.error) } };
        const { acl } = found;
        const located = await locatedAs(target, () => aclSeen(target, acl, known));
        return { names: [target, acl.id, acl.blocklist], located };
      }),
    );
  },
  observe: async (target, ledger, io) => aclSeen(target, await readAcl(idIn(target), io), ledger),
};

async function prefixListSeen(arn: string, list: PrefixList | null, { wishes }: Ledger): Promise<Seen> {
  return { kind: 'prefix-list', arn, list, published: await noteAbout(arn), wishes: forNetworks(wishes) };
}

const PREFIX_LISTS: Kind = {
  name: 'prefix-lists',
  isOne: (target) => target.includes(':prefix-list/'),
  find: async (ledger, io) => {
    const [lists, known] = await Promise.all([findPrefixLists(io), ledger]);
    return Promise.all(
      lists.map(async ({ arn: target, names, read }): Promise<Found> => {
        const located = await locatedAs(target, async () => prefixListSeen(target, await read(), known));
        return { names, located };
      }),
    );
  },
  observe: async (target, ledger, io) => prefixListSeen(target, await readPrefixList(idIn(target), io), ledger),
};

/** In the order in which a run tells of them. */
export const KINDS: readonly Kind[] = [LISTS, IP_SETS, NETWORK_ACLS, PREFIX_LISTS];

/** All of a kind; where nobody can say which there are, that alone. */
export async function foundOf(kind: Kind, ledger: Promise<Ledger>, io: Io): Promise<readonly Found[]> {
  try {
    return await kind.find(ledger, io);
  } catch (error) {
    return [{ names: [], located: { target: kind.name, fault: classify(error) } }];
  }
}
