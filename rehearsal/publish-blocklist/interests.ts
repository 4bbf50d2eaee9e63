/** What people have at stake in a world with blocklists, each with the sentence of the page that promises it. */

import type { LoggedRequest } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import type { Given, Interest } from '../worlds/interest.ts';
import { dryRunsChangeNothing, named, nothingWhileSwitchedOff, watching } from '../worlds/looks.ts';
import { INVARIANTS as OF_ACLS } from '../deny-networks/invariants.ts';
import { INVARIANTS as OF_SETS } from './invariants.ts';

const INVARIANTS = [...OF_SETS, ...OF_ACLS];
import { endsTold } from '../blocklist/told.ts';

/** A reading of what is ours, and a tick that has its last write noted, after the last thing that happened. */
const REST_MS = 180_000;
/** `UpdateIPSet` may be called once a second in a Region, by all together. */
const PACE_MS = 1_000;

function always(): boolean {
  return false;
}

/** A promise with a time in it holds where AWS does its part, and the ledger is there. */
function isHindered({ case: { surroundings } }: Given): boolean {
  return surroundings.faults.length > 0 || surroundings.ledgerLost;
}

/** Below the web ACLs more is left out than people were told of: what many people share, and what waits for a row that cannot be read. */
function isNarrowed(given: Given): boolean {
  const ledger = JSON.stringify(given.case.world['ledger']);
  return isHindered(given) || /"partition":"shared-egress"|"ranges":"everything"/u.test(ledger);
}

function held(name: string, quotes: string, excused: (given: Given) => boolean = always): Interest {
  return { name, quotes, watch: watching(named(INVARIANTS, name), excused) };
}

const DENY = 'deny-networks';

function ofDeny(interest: Interest): Interest {
  return { ...interest, of: DENY };
}

const WRITES = /^(?:wafv2:UpdateIPSet|ec2:(?:Create|Replace|Delete)NetworkAclEntry|ec2:ModifyManagedPrefixList)$/u;

function sentAt({ at }: LoggedRequest): number {
  return Date.parse(at);
}

/** Times at which something happened or ended, milliseconds. */
function eventsOf(end: SimulationEnd, { case: one, beginMs }: Given): readonly number[] {
  const script: readonly unknown[] = Array.isArray(one.world['script']) ? one.world['script'] : [];
  const scripted = script.flatMap((step) => {
    const said = JSON.stringify(step);
    const at = Number(/PT([\d.]+)S/u.exec(said)?.[1] ?? 0);
    // In the body of a message its quotes are escaped.
    const ttl = /ttlSeconds\\*":(\d+)/u.exec(said)?.[1];
    return ttl === undefined ? [at] : [at, at + Number(ttl)];
  });
  const arrived = one.arrivals.map(({ seconds }) => seconds);
  const told = endsTold(end.results.map(({ result }) => result));
  const allowances = one.arrivals.flatMap(({ seconds, event }) => {
    const ttl = /"ttlSeconds":(\d+)/u.exec(JSON.stringify(event))?.[1];
    return ttl === undefined ? [] : [seconds + Number(ttl)];
  });
  const rows = [...JSON.stringify(one.world['ledger']).matchAll(/"until":"([^"]+)"/gu)].map(([, at = '']) =>
    Date.parse(at),
  );
  const seconds = [...scripted, ...arrived, ...allowances].map((each) => beginMs + each * 1_000);
  return [beginMs, ...seconds, ...rows.filter((at) => !Number.isNaN(at)), ...told.values()];
}

const nothingAtRest: Interest = {
  name: 'nothing-is-written-at-rest',
  quotes: 'at rest it writes nothing',
  end: (end, given) => {
    if (isHindered(given)) return [];
    const events = eventsOf(end, given);
    return end.requests
      .filter(({ call }) => WRITES.test(call))
      .filter((request) => !events.some((at) => at <= sentAt(request) && sentAt(request) - at <= REST_MS))
      .map(({ call, at }) => `${call} was sent at ${at}, three minutes after everything was over`);
  },
};

const atWafsPace: Interest = {
  name: 'at-most-one-write-a-second',
  quotes: 'WAF takes one `UpdateIPSet` a second from all callers together',
  end: (end) => {
    const writes = end.requests.filter(({ call }) => call === 'wafv2:UpdateIPSet');
    return [...Map.groupBy(writes, ({ region }) => region).values()].flatMap((ofRegion) =>
      ofRegion
        .toSorted((a, b) => sentAt(a) - sentAt(b))
        .flatMap((request, index, all) => {
          const before = all[index - 1];
          const isSoon = before !== undefined && sentAt(request) - sentAt(before) < PACE_MS;
          return isSoon ? [`UpdateIPSet was sent at ${before.at} and ${request.at}`] : [];
        }),
    );
  },
};

const PAGE = 'Makes every WAF IP set tagged `runbook:block = NAME` equal to what the ledger has blocked now';

/** The promises of the page that generated worlds are held against. */
export const INTERESTS: readonly Interest[] = [
  held('foreign-entries-survive', 'what is not noted is somebody else'),
  held('own-addresses-never-blocked', 'what is allowed, ours, or of special use', isHindered),
  held('no-block-outlives-its-time', 'What has ended is taken out at the next tick', isHindered),
  held('nothing-asked-for-is-lost', PAGE, isHindered),
  ofDeny(held('foreign-acl-entries-survive', 'keeps what others have put into it')),
  ofDeny(held('own-addresses-never-denied', 'cut out of a wider block', isHindered)),
  ofDeny(held('no-denial-outlives-its-time', 'the last one too', isHindered)),
  ofDeny(held('foreign-list-entries-survive', 'what is not noted is somebody')),
  ofDeny(held('own-addresses-never-listed', 'allowed, ours, or of special use', isHindered)),
  ofDeny(held('no-entry-outlives-its-time', 'What has ended is taken out at the next tick', isHindered)),
  ofDeny(held('own-addresses-never-dropped', 'allowed, ours, or of special use', isHindered)),
  ofDeny(
    held(
      'no-drop-outlives-its-time',
      'a block is over on the host at its time also when nobody can reach it',
      isHindered,
    ),
  ),
  ofDeny(
    held(
      'no-drop-is-meant-to-outlive-its-time',
      'Every network carries its end*, so a block is over on the host at its time',
      isHindered,
    ),
  ),
  ofDeny(held('what-is-blocked-is-dropped', 'equal to what the ledger has blocked now', isNarrowed)),
  ofDeny(held('only-tagged-hosts-are-commanded', 'a host that is tagged, with the document of this stack')),
  ofDeny(
    held('what-is-blocked-is-listed', 'Managed prefix lists** hold up to 1,000 entries of one family', isNarrowed),
  ),
  ofDeny(
    held(
      'what-is-blocked-is-denied',
      'Each blocked network is denied at a number before the first entry that lets any of it in',
      isNarrowed,
    ),
  ),
  ofDeny(held('denied-before-let-in', 'at a number before the first entry that lets any of it in', isHindered)),
  nothingAtRest,
  atWafsPace,
  nothingWhileSwitchedOff('publish-blocklist', 'switched off', 'refuses'),
  dryRunsChangeNothing(
    'publish-blocklist',
    '`"dryRun": true` in a request says which entries would come and go, of each enforcement point by itself.',
  ),
  {
    ...ofDeny(nothingWhileSwitchedOff(DENY, 'switched off', 'refuses')),
    name: 'nothing-is-denied-while-switched-off',
  },
];
