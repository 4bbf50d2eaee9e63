/**
 * What is done about one host: it is given, by a command of Systems Manager, all that it is to drop, each network with its end. Pure.
 *
 * What it was given is noted before the command is sent, and that it stands once the host has said so. A command is sent only where
 * something else is wanted than stands there by then; what merely ends needs none.
 */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { gone, named } from '../../../shared/judgement/blocklist/notes.ts';
import { writeOfNote } from '../../../shared/judgement/blocklist/published.ts';
import { secondsPastDue } from '../../../shared/judgement/blocklist/wanted.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import {
  contentSum,
  elementText,
  givenIn,
  isSame,
  lasting,
  noteOfGiven,
  parametersOf,
  wishFor,
  type Element,
  type Given,
  type HostWish,
} from './host-content.ts';
import type { Host, HostCommand, HostFacts } from './host-facts.ts';

export type { Host, HostCommand, HostFacts } from './host-facts.ts';

/** A minute: the schedule's. */
const UNTIL_THE_NEXT_TICK_SECONDS = 60;

/** Commands of the same content that fail at one tick after the other; after them people are told, and one is tried each hour. */
const QUICK_TRIES = 3;
/** A command was sent some seconds after its tick, so the next one is less than a minute later; a change of the ledger does not hurry it. */
const QUICK_TRIES_SECONDS = 45;
const LATER_TRIES_SECONDS = 3_600;

/** An agent that has to begin within this time does, or the next look sends anew; the least is 30. Source: SendCommand, `TimeoutSeconds`. */
const DELIVERY_SECONDS = 60;

/**
 * A reboot from inside and a flush of its rules empty a host's table, and AWS shows neither. So what stands is given anew so often: the
 * script puts back what is gone, and changes nothing where nothing is.
 */
const GIVEN_AGAIN_SECONDS = 900;

/** An instance that has just been started is not managed yet: its agent registers within a minute or two. Assumed. */
const STARTING_SECONDS = 300;

/** Characters of a host's own words that are told. */
const MOST_SAID = 200;

/** States of a command that may still come to something. Source: CommandInvocation, `Status`. */
const MOVING = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** Whether a command may still come to something. */
export function isUnderWay({ status }: Pick<HostCommand, 'status'>): boolean {
  return MOVING.has(status);
}

/** The comment by which a command of ours is known: what it gives, and when that was decided. SSM takes up to 100 characters. */
export function commentOf({ elements, asked }: Given): string {
  return `deny-networks ${contentSum(elements)} ${asked}`;
}

/** A host, what stands on it, and what is to. */
interface Outlook {
  readonly facts: HostFacts;
  readonly host: Host;
  readonly given: Given;
  readonly standing: readonly Element[];
  readonly wish: HostWish;
  readonly now: string;
}

/** Decides on one host. */
export function decideHost(facts: HostFacts, now: string): Decision {
  const { arn, host } = facts;
  if (host === null) return gone(arn);
  const outlook = outlookOf(facts, host, now);
  const { given, standing, wish } = outlook;
  const apart = outOfReach(outlook);
  if (apart !== undefined) return apart;
  const content = { asked: Date.parse(now), isKnown: true, stands: false, elements: wish.elements };
  if (!given.isKnown || !isSame(standing, wish.elements)) return give(outlook, content);
  if (isGivenLongAgo(outlook)) return give(outlook, content);
  if (given.stands || isStartedSince(host, given)) return asWanted(outlook);
  return afterCommand(outlook);
}

function isStartedSince({ launchedAt }: Host, { asked }: Given): boolean {
  return Date.parse(launchedAt) > asked;
}

/** Whether what stands was given so long ago that it may be gone. A host that drops nobody has nothing to lose. */
function isGivenLongAgo({ given, standing, now }: Outlook): boolean {
  return given.stands && standing.length > 0 && Date.parse(now) - given.asked > GIVEN_AGAIN_SECONDS * 1_000;
}

function outlookOf(facts: HostFacts, host: Host, now: string): Outlook {
  const given = givenIn(facts.published);
  const left = lasting(given.elements, now);
  const standing = isStartedSince(host, given) ? [] : left;
  const wish = wishFor(facts.wishes, left);
  return { facts, host, given, standing, wish: { ...wish, elements: lasting(wish.elements, now) }, now };
}

/** What all decisions on a host tell. */
function told({ facts, host, wish }: Outlook): Pick<Decision, 'evidence' | 'attention'> {
  const { withoutRoom, heldBack, elements } = wish;
  const faults = [...facts.wishes.unreadable, ...facts.wishes.guardFaults];
  return {
    evidence: {
      host: host.name,
      blocklist: host.blocklist,
      networks: elements.length,
      ...(withoutRoom === 0 ? {} : { withoutRoom }),
      ...(heldBack === 0 ? {} : { heldBack }),
      ...(faults.length === 0 ? {} : { unreadable: named(faults) }),
    },
    ...(withoutRoom + faults.length > 0 ? { attention: true } : {}),
  };
}

/** What is said of networks that the host does not get. */
function besides({ wish: { withoutRoom, heldBack } }: Outlook): string {
  const full = withoutRoom === 0 ? '' : `; ${withoutRoom} more have no room on it`;
  return heldBack === 0 ? full : `${full}; ${heldBack} more wait until what may never be blocked can be read`;
}

/** A host that no command reaches; people hear of each once. */
function outOfReach(outlook: Outlook): Decision | undefined {
  const { host, now } = outlook;
  const { name, state, platform, agent } = host;
  const { evidence } = told(outlook);
  if (state !== 'running') {
    const because = `${name} is ${state}: it is given what is blocked when it runs`;
    return { kind: 'nothing', code: 'not-running', because, evidence };
  }
  const refuse = (code: string, because: string): Decision => {
    return { kind: 'refuse', code, because, evidence, needsHistory: true, attention: true };
  };
  if (platform !== 'Linux') return refuse('not-linux', `${name} runs ${platform}, which has no nftables`);
  if (agent === 'Online') return undefined;
  if (secondsSince(host.launchedAt, now) < STARTING_SECONDS) {
    const because = `${name} has just been started, and its agent does not answer yet`;
    return { kind: 'nothing', code: 'starting', because, evidence };
  }
  if (agent === null)
    return refuse('not-managed', `${name} is not managed by Systems Manager: no command of ours reaches it`);
  return refuse('not-online', `the agent of ${name} does not answer (${agent}); what it was given ends by itself`);
}

function asWanted(outlook: Outlook): Decision {
  const { host, wish } = outlook;
  const because = `${host.name} drops ${wish.elements.length} networks of ${host.blocklist}${besides(outlook)}`;
  return { kind: 'nothing', code: 'as-wanted', because, ...told(outlook) };
}

/** Gives a host all that it is to drop, in the place of what it was given before. */
function give(outlook: Outlook, content: Given): Decision {
  const { facts, host, standing, now } = outlook;
  const [before, after] = [new Set(standing.map(elementText)), new Set(content.elements.map(elementText))];
  const added = [...after].filter((text) => !before.has(text));
  const removed = [...before].filter((text) => !after.has(text));
  const again = isGivenLongAgo(outlook) && added.length + removed.length === 0 ? ' once more, lest they are gone' : '';
  const because = `${host.name} is given ${after.size} networks of ${host.blocklist}${again}${besides(outlook)}`;
  const { evidence, ...attention } = told(outlook);
  const wanted = new Set(content.elements.map(({ cidr }) => cidr));
  const over = standing.map(({ cidr }) => cidr).filter((cidr) => !wanted.has(cidr));
  const late = secondsPastDue(facts.wishes, over, now);
  const note = writeOfNote(
    facts.arn,
    noteOfGiven(content, facts.published.version),
    'what the host is about to be given is not yet known to stand',
  );
  return {
    kind: 'act',
    code: 'sent',
    because,
    evidence: {
      ...evidence,
      ...(added.length === 0 ? {} : { added: named(added) }),
      ...(removed.length === 0 ? {} : { removed: named(removed) }),
    },
    ...attention,
    plan: [note, command(outlook, content, because)],
    ...intentOf(host),
    ...(late === undefined ? {} : { metrics: { SecondsPastDue: late } }),
    // What came of it is seen by the next look.
    more: true,
  };
}

function intentOf({ name }: Host): { readonly intent: string; readonly budget: 'free' } {
  return { intent: `publish ${name}`, budget: 'free' };
}

function command({ facts, host }: Outlook, content: Given, because: string): PlannedCall {
  const input = {
    InstanceIds: [host.id],
    DocumentName: facts.document,
    Parameters: parametersOf(content),
    TimeoutSeconds: DELIVERY_SECONDS,
    Comment: commentOf(content),
  };
  return { call: 'ssm:SendCommand', input, because };
}

/** What the host was given is what is wanted, and is not known to stand: its command says. */
function afterCommand(outlook: Outlook): Decision {
  const { facts, host, given } = outlook;
  const comment = commentOf(given);
  const sent = facts.commands.filter((each) => each.comment === comment);
  const last = sent.toSorted((one, other) => (one.requestedAt < other.requestedAt ? 1 : -1))[0];
  if (last === undefined)
    return repeat(outlook, `${host.name} was to be given what is blocked, and no command was sent`);
  if (isUnderWay(last)) {
    const because = `${host.name} has a command that is not done yet (${last.status})`;
    return { kind: 'wait', code: 'pending', because, seconds: UNTIL_THE_NEXT_TICK_SECONDS, ...told(outlook) };
  }
  if (last.status === 'Success' && last.said.includes(contentSum(given.elements))) return stands(outlook, last);
  return failure(outlook, last, sent.length);
}

function stands(outlook: Outlook, { said }: HostCommand): Decision {
  const { facts, host, given, wish } = outlook;
  const note = noteOfGiven({ ...given, stands: true }, facts.published.version);
  const { evidence, ...attention } = told(outlook);
  const because = `${host.name} drops ${wish.elements.length} networks of ${host.blocklist}, and says so${besides(outlook)}`;
  return {
    kind: 'act',
    code: 'published',
    because,
    evidence: { ...evidence, said: printed(said) },
    ...attention,
    plan: [writeOfNote(facts.arn, note, 'the host has said that this stands')],
    ...intentOf(host),
  };
}

/** What a host prints is its own word: one line of it, and no control characters. */
function printed(said: string): string {
  return said
    .replaceAll(/[^\x20-\x7e]+/gu, ' ')
    .trim()
    .slice(0, MOST_SAID);
}

function failure(outlook: Outlook, last: HostCommand, tries: number): Decision {
  const { host, now } = outlook;
  const lacksNft = last.said.includes('no-nftables');
  const code = lacksNft ? 'no-nftables' : 'command-failed';
  const why = lacksNft ? 'it has no nft' : `its command ended in ${last.status}`;
  const because = `${host.name} was to be given what is blocked: ${why}, at try ${tries}`;
  const isQuick = tries < QUICK_TRIES && !lacksNft;
  const pause = isQuick ? QUICK_TRIES_SECONDS : LATER_TRIES_SECONDS;
  if (secondsSince(last.requestedAt, now) >= pause) return repeat(outlook, because);
  const evidence = { ...told(outlook).evidence, tries, status: last.status, said: printed(last.said) };
  if (isQuick) return { kind: 'wait', code, because, evidence, seconds: UNTIL_THE_NEXT_TICK_SECONDS };
  return { kind: 'refuse', code, because, evidence, needsHistory: true, attention: true };
}

/** The same content once more, under the note that stands. */
function repeat(outlook: Outlook, because: string): Decision {
  const { host, given } = outlook;
  return {
    kind: 'act',
    code: 'sent',
    because,
    ...told(outlook),
    plan: [command(outlook, given, because)],
    ...intentOf(host),
    more: true,
  };
}
