/**
 * What `prove-blocklist` says of one blocklist: accepted, written, seen; and of each layer whether it is enforced. Pure.
 *
 * It changes nothing. What nobody can say is never taken for proved: it is told as not known, and people hear of it.
 */

import { nothing, refuse } from '../../shared/judgement/decisions.ts';
import { named } from '../../shared/judgement/blocklist/notes.ts';
import type { Decision, Evidence } from '../../shared/kernel/decision.ts';
import { memoryKey, type Facts, type ProveLimits } from './decide/facts.ts';
import { networkLayersOf, type NetworkLayers } from './decide/network-layer.ts';
import { rowOf, seenOf, unseenAt, type Seen } from './decide/seen.ts';
import { webLayersOf, type WebLayers } from './decide/web-layer.ts';
import { counted } from './decide/words.ts';
import { acceptedIn, dueOf, writtenOf, type Accepted, type Due, type Written } from './decide/written.ts';

export { refersTo } from './decide/web-rules.ts';

export {
  DEFAULT_ACTION,
  memoryKey,
  type AclEntry,
  type Attached,
  type BalancerSubnet,
  type Facts,
  type ForwardedIn,
  type Sample,
  type Scope,
  type SetReference,
  type TaggedAcl,
  type TaggedPrefixList,
  type TaggedSet,
  type WebAcl,
  type WebRule,
} from './decide/facts.ts';

/** Examples of who was seen. */
const EXAMPLES = 10;

interface Proof {
  readonly accepted: readonly Accepted[];
  readonly written: Written;
  readonly web: WebLayers;
  readonly network: NetworkLayers;
  readonly seen: Seen;
  readonly evidence: Evidence;
}

/** Decides on one blocklist. */
export function decide(facts: Facts, limits: ProveLimits, now: string): Decision {
  const remember = remembered(facts);
  const kept = Object.keys(remember).length === 0 ? {} : { remember };
  return { ...judged(facts, limits, now), ...kept };
}

/** Readings of attachments of this run, which the next one goes by; and what is of no use any more. */
function remembered({ webAcls, forget }: Facts): { readonly [key: string]: string | null } {
  const read = webAcls.filter(({ isReadNow }) => isReadNow);
  return Object.fromEntries([
    ...forget.map((key) => [key, null] as const),
    ...read.map(({ id, attached }) => [memoryKey(id), JSON.stringify(attached)] as const),
  ]);
}

function judged(facts: Facts, limits: ProveLimits, now: string): Decision {
  const { address, blocklist } = facts;
  const accepted = acceptedIn(facts, now);
  if (address !== null && accepted.length === 0)
    return nothing(
      { address, blocklist },
      'not-blocked',
      `nobody has asked for ${address} to be blocked, or its time is over`,
    );
  if (address !== null && accepted.every(({ pieces }) => pieces.length === 0))
    return nothing(
      { address, blocklist },
      'allowed',
      `${address} is allowed, or may never be blocked: it is published nowhere`,
    );
  const due = dueOf(facts, accepted);
  if (address !== null && due.web.length + due.network.length === 0)
    return nothing(
      { address, blocklist },
      'let-go',
      `${address} is shared by many people: it was let go a quarter of an hour after it was asked for`,
    );
  const proof = proofOf(facts, accepted, due, limits, now);
  return refused(proof, facts) ?? proved(proof, facts);
}

function proofOf(facts: Facts, accepted: readonly Accepted[], due: Due, limits: ProveLimits, now: string): Proof {
  const written = writtenOf(facts, due, limits, now);
  const web = webLayersOf(facts, now);
  const network = networkLayersOf(facts, due.network);
  const seen = seenOf(facts, accepted, limits);
  const evidence = {
    ...aboutBlocks(facts, accepted, written),
    ...aboutLayers(web, network),
    ...aboutSeen(seen, facts),
  };
  const unread = facts.unread.length === 0 ? {} : { unread: named(facts.unread) };
  return { accepted, written, web, network, seen, evidence: { ...evidence, ...unread } };
}

function listed(name: string, texts: readonly string[]): Evidence {
  return texts.length === 0 ? {} : { [name]: named(texts) };
}

function aboutBlocks({ blocklist, address, wishes }: Facts, accepted: readonly Accepted[], written: Written): Evidence {
  return {
    blocklist,
    ...(address === null
      ? {}
      : {
          address,
          blockedAs: named(
            accepted.map(({ cidr, from, until }) => `${cidr} ${from === '' ? '' : `from ${from} `}until ${until}`),
          ),
        }),
    accepted: accepted.length,
    ...listed('notWritten', written.missing),
    ...listed('withoutRoom', written.withoutRoom),
    ...listed('notKnown', written.notKnown),
    ...listed('unreadable', [...wishes.unreadable, ...wishes.guardFaults]),
  };
}

function aboutLayers({ layers }: WebLayers, network: NetworkLayers): Evidence {
  return { ...(layers.length === 0 ? {} : { sets: layers.map(({ evidence }) => evidence) }), ...network.evidence };
}

function aboutSeen({ blocked, stillAllowed }: Seen, facts: Facts): Evidence {
  const count = blocked.length + stillAllowed.length;
  const unseen = unseenAt(facts);
  if (count === 0 && unseen.length > 0)
    return { seen: `cannot be seen: samples are switched off at ${named(unseen).join(', ')}` };
  if (count === 0) return { seen: 'not seen' };
  return {
    seen: `${counted(blocked.length, 'request')} blocked, ${stillAllowed.length} still allowed`,
    ...(blocked.length === 0 ? {} : { seenBlocked: blocked.slice(0, EXAMPLES).map(rowOf) }),
    ...(stillAllowed.length === 0 ? {} : { stillAllowed: stillAllowed.slice(0, EXAMPLES).map(rowOf) }),
  };
}

function more(texts: readonly string[]): string {
  return texts.length < 2 ? '' : ` (and ${texts.length - 1} more)`;
}

/** The worst first: who comes in although blocked, what could not block anybody, what is written nowhere. */
function refused({ seen, web, network, written, evidence }: Proof, facts: Facts): Decision | undefined {
  const { blocklist, address } = facts;
  const [allowed] = seen.stillAllowed;
  if (allowed !== undefined) {
    const { address: who, at, rule, webAcl } = allowed;
    const others = new Set(seen.stillAllowed.map((each) => each.address)).size - 1;
    const because = `${who} is blocked, and was allowed at ${at} by ${rule} of ${webAcl}${others === 0 ? '' : `, like ${counted(others, 'other')}`}`;
    return refuse(evidence, 'still-allowed', because);
  }
  const faults = [...web.faults, ...network.faults];
  const [fault] = faults;
  if (fault !== undefined) return refuse(evidence, 'not-enforced', `${blocklist}: ${fault}${more(faults)}`);
  const [missing] = written.missing;
  if (missing !== undefined)
    return refuse(evidence, 'not-written', `${blocklist}: ${missing} is not written${more(written.missing)}`);
  const [crowded] = written.withoutRoom;
  // Who asks for one address wants to know of that one; of all of them those tell who write.
  if (address === null || crowded === undefined) return undefined;
  return refuse(evidence, 'without-room', `${blocklist}: ${crowded} has no room${more(written.withoutRoom)}`);
}

function proved({ accepted, written, web, seen, evidence }: Proof, facts: Facts): Decision {
  const { blocklist, unread, wishes } = facts;
  const unknown = [...unread, ...web.unknown, ...wishes.unreadable, ...wishes.guardFaults];
  const room = written.withoutRoom.length === 0 ? '' : `; ${written.withoutRoom.length} without room`;
  const nobody = unseenAt(facts).length === 0 ? 'nobody of them was seen' : 'nobody of them could be seen';
  const sight =
    seen.blocked.length === 0 ? nobody : `${counted(seen.blocked.length, 'request')} of theirs seen blocked`;
  const said = `${blocklist}: ${counted(accepted.length, 'block')} standing${room}; in three hours ${sight}`;
  const [first] = unknown;
  if (first !== undefined)
    return { ...nothing(evidence, 'partly-proved', `${said}; not known: ${first}${more(unknown)}`), attention: true };
  return nothing(evidence, 'proved', `${said}; every layer that is tagged is enforced`);
}
