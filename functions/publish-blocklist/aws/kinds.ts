/** What is published to: sets; and what is published from besides the ledger's rows: lists. */

import { faulty, type Found, type Kind } from '../../../shared/aws/blocklist/kind.ts';
import { setIn } from '../../../shared/aws/blocklist/tagged-sets.ts';
import { publishedIn } from '../../../shared/aws/blocklist/rows.ts';
import { listIncident } from '../../../shared/judgement/blocklist/list-rows.ts';
import type { Observed } from '../../../shared/kernel/definition.ts';
import { raise } from '../../../shared/kernel/errors.ts';
import type { ListFacts, SetFacts } from '../decide.ts';
import { findPoints } from './enforcement-points.ts';
import { groupsOf, isTogether, readAll, type Reading } from './set-groups.ts';
import type { Ledger, ListLook } from './wishes.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<SetFacts> | Observed<ListFacts>;

type Of = Kind<Seen, Ledger>;

function listSeen({ row, note, content, protects, fault }: ListLook): Seen {
  if (fault !== undefined) throw raise(fault);
  return { kind: 'list', row, note, content, ...(protects === undefined ? {} : { protects }) };
}

/** Lists of the ledger. No request names one here: whoever means a list tells block-address. */
const LISTS: Of = {
  name: 'lists',
  isOne: (target) => target.startsWith(listIncident('')),
  find: async (ledger) => {
    const { lists } = await ledger;
    return lists.map((look): Found<Seen> => {
      const { row, fault } = look;
      const target = listIncident(row.name);
      return fault === undefined ? { names: [], located: { target, facts: listSeen(look) } } : faulty(target, fault);
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
const IP_SETS: Of = {
  name: 'ip-sets',
  isOne: (target) => setIn(target) !== undefined,
  find: async (ledger, io) => {
    const { points, unasked } = await findPoints(io);
    const [readings, known] = await Promise.all([readAll(points, io), ledger]);
    const groups = groupsOf(readings);
    const sets = readings.map((reading): Found<Seen> => {
      const { point, fault } = reading;
      const { arn: target, name, blocklist } = point;
      const names = [target, name, blocklist];
      if (fault !== undefined) return faulty(target, fault, names);
      return { names, located: { target, facts: setSeen(target, reading, groups, known) } };
    });
    return [...unasked.map(({ target, fault }) => faulty<Seen>(target, fault)), ...sets];
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

/** In the order in which a run tells of them. */
export const KINDS: readonly Of[] = [LISTS, IP_SETS];
