/**
 * Whether people are still on a host that is taken out. The load balancer knows when it has reset their sessions; else a document of the
 * fleet counts them on the host (SSM Run Command). Where nobody says, people are on it. Pure.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { HostVerdict } from './host-verdict.ts';
import type { Replacement, View } from './view.ts';

/** A count that was asked for on a host. */
export type Count = {
  /** ISO 8601. */
  readonly requestedAt: string;
  /** SSM's word: `Pending`, `InProgress`, `Delayed`, `Success`, `Failed`, `TimedOut`… */
  readonly status: string;
  /** What it printed; `null`: nothing that is a number of sessions. */
  readonly sessions: number | null;
};

/** What counts sessions, and what it has counted lately. */
export type Counting = {
  /** The documents that carry the name of the fleet: of several nobody knows which is meant. */
  readonly documents: readonly string[];
  /** By host, the newest first. */
  readonly counts: { readonly [host: string]: readonly Count[] };
};

/** Who is on it: nobody, people, or a count is asked for first. */
export type Presence =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'people'; readonly why: string; readonly seconds: number }
  | { readonly kind: 'ask'; readonly call: PlannedCall };

/** Where nobody counts, only the others have to be looked after: as often as the schedule does. */
const UNCOUNTED_SECONDS = 120;
/** People come and go in minutes. */
const AGAIN_SECONDS = 60;
/** What did not say how many there are hardly will a minute later. */
const SELDOM_SECONDS = 300;
/** What an agent that answers takes. */
const QUICK_SECONDS = 5;
/** Delivery to an agent that does not answer ends after so long. Source: SendCommand, `TimeoutSeconds`, at least 30. */
const DELIVERY_SECONDS = 30;

const SEND = 'ssm:SendCommand';

const MOVING: ReadonlySet<string> = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** The command has not come to the agent, or no word from there. Source: GetCommandInvocation, `StatusDetails`. */
const UNREACHED: ReadonlySet<string> = new Set(['TimedOut', 'Undeliverable', 'DeliveryTimedOut', 'Terminated']);

/** There is no client token: a count is found again by its comment. SSM takes up to 100 characters. */
export function countComment(host: string): string {
  return `heal-bastion sessions ${host}`;
}

/** The balancer has reset whatever was there, or it was waited for as long as is waited. */
function isOver({ targetGroup, limits, now }: View, { outAt, wasHealthy }: Replacement): boolean {
  const seconds = secondsSince(outAt, now);
  const { resetsUnhealthy, resetsDrainedAfterSeconds: resets } = targetGroup;
  if (seconds >= limits.maxSessionSeconds || (!wasHealthy && resetsUnhealthy)) return true;
  return resets !== null && seconds >= resets + limits.drainSeconds;
}

/** Who is on a host that is out, and may get no new connections any more. */
export function presenceOn(view: View, { host }: HostVerdict, replacement: Replacement): Presence {
  const { facts, limits, now } = view;
  if (isOver(view, replacement)) return { kind: 'nobody' };
  const { documents, counts } = facts.counting;
  const [document, another] = documents;
  if (document === undefined || another !== undefined || !host.isTagged)
    return {
      kind: 'people',
      why: `nobody says whether people are on it (${whyUncounted(view, host)}), so that they are`,
      seconds: UNCOUNTED_SECONDS,
    };
  const [newest] = counts[host.id] ?? [];
  const drainedAt = Date.parse(replacement.outAt) + limits.drainSeconds * 1_000;
  const isFresh = newest !== undefined && Date.parse(newest.requestedAt) >= drainedAt;
  const age = newest === undefined ? Infinity : secondsSince(newest.requestedAt, now);
  if (isFresh && MOVING.has(newest.status) && age < DELIVERY_SECONDS * 2)
    return { kind: 'people', why: `${document} counts who is on it`, seconds: QUICK_SECONDS };
  if (isFresh && newest.sessions === 0) return { kind: 'nobody' };
  const isCounted = isFresh && newest.sessions !== null;
  const refused = refusedAt(view, host.id);
  const asked = Math.min(
    ...[replacement.askedAt, refused].map((at) => (at === null ? Infinity : secondsSince(at, now))),
  );
  const pause = isCounted || asked === Infinity ? AGAIN_SECONDS : SELDOM_SECONDS;
  const left = Math.ceil(pause - Math.min(asked, isFresh ? age : Infinity));
  if (left <= 0) return { kind: 'ask', call: counting(host.id, document) };
  if (isCounted) return { kind: 'people', why: `${newest.sessions} sessions are on it`, seconds: left };
  // What was just sent shows in a moment.
  const isComing = asked < DELIVERY_SECONDS && refused === null;
  const seconds = isComing ? QUICK_SECONDS : Math.min(left, AGAIN_SECONDS);
  const said = unsaid(view, host.id, isFresh ? newest : undefined);
  const why = `${document} has not said whether people are on it${said === '' ? '' : ` (${said})`}, so that they are`;
  return { kind: 'people', why, seconds };
}

/** Why nobody is asked. The command is permitted on what is tagged. */
function whyUncounted({ facts, targetGroup: { fleet } }: View, { id, isTagged }: HostVerdict['host']): string {
  const { documents } = facts.counting;
  const tag = `runbook:bastion = ${fleet}`;
  if (documents.length === 0) return `no command document has the tag ${tag}`;
  if (documents.length > 1) return `${documents.join(' and ')} have the tag ${tag}, and one may`;
  return isTagged ? '' : `${id} has not the tag ${tag}, and may not be asked`;
}

/** What Systems Manager says of a count that said nothing: that it does not reach the agent, or how the document has ended. */
function unsaid({ facts: { refusals = [] } }: View, host: string, newest: Count | undefined): string {
  const refused = refusals.findLast(({ call, input }) => call === SEND && JSON.stringify(input).includes(`"${host}"`));
  if (refused?.name === 'InvalidInstanceId') return 'no agent of Systems Manager answers there: InvalidInstanceId';
  if (refused !== undefined) return `Systems Manager does not take the command: ${refused.name}`;
  if (newest === undefined || MOVING.has(newest.status)) return '';
  if (newest.status === 'Success') return 'it prints no line {"sessions":N}';
  return UNREACHED.has(newest.status)
    ? `the agent does not answer: ${newest.status}`
    : `it has ended there as ${newest.status}`;
}

/** When Systems Manager last did not take the command of this run for the host; `null`: it did, or was not asked. */
function refusedAt({ facts: { refusals = [] } }: View, host: string): string | null {
  const own = refusals.filter(({ call, input }) => call === SEND && JSON.stringify(input).includes(`"${host}"`));
  return own.at(-1)?.at ?? null;
}

function counting(host: string, document: string): PlannedCall {
  return {
    call: SEND,
    input: {
      InstanceIds: [host],
      DocumentName: document,
      Parameters: {},
      TimeoutSeconds: DELIVERY_SECONDS,
      Comment: countComment(host),
    },
    because: `whether people are on ${host}: it is ended when they have gone`,
    optional: true,
  };
}
