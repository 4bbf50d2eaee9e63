/** Hosts that AWS would not end: which they are, what it said, and what a person can do about it. Pure. */

import type { Refusal, Refuse } from '../../../shared/kernel/decision.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import { shellLine } from '../../../shared/kernel/shell.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { HostVerdict } from './host-verdict.ts';
import type { View } from './view.ts';

const CANNOT_END = 'cannot-end:';

/** Both calls that end a host. */
export const END_IN_GROUP = 'autoscaling:TerminateInstanceInAutoScalingGroup';
export const END = 'ec2:TerminateInstances';

/** A message that holds an encoded authorization failure is longer than anybody reads, and the memory is no place for it. */
const MOST_CHARACTERS = 160;

/** That a member is none shows in the next look; where that still has it the group does not end it. */
const CONFLICTS = 2;

function isAbout({ call, input }: Refusal, id: string): boolean {
  return (call === END || call === END_IN_GROUP) && JSON.stringify(input).includes(`"${id}"`);
}

/** What AWS would not do in this run to end the host, with when: `2026-11-30T09:00:00.000Z OperationNotPermitted: …`. */
export function deniedNow({ facts: { refusals = [] } }: View, { host: { id } }: HostVerdict): string | undefined {
  const about = refusals.filter((each) => isAbout(each, id));
  const last = about.at(-1);
  const isDenied =
    about.some(({ meaning }) => meaning === 'refused') ||
    about.filter(({ meaning }) => meaning === 'conflict').length >= CONFLICTS;
  if (last === undefined || !isDenied) return undefined;
  const { at, name, message } = last;
  const words = message.length > MOST_CHARACTERS ? `${message.slice(0, MOST_CHARACTERS)}…` : message;
  return `${at} ${name}: ${words.replace(/\.$/u, '')}`;
}

function whenAndWhat(denial: string): readonly [at: string, words: string] {
  const space = denial.indexOf(' ');
  return [denial.slice(0, space), denial.slice(space + 1)];
}

/** So that it is tried again: what a person has changed meanwhile no look shows. */
function isOld({ limits, now }: Pick<View, 'limits' | 'now'>, denial: string): boolean {
  return secondsSince(whenAndWhat(denial)[0], now) >= limits.retryEndSeconds;
}

/** What AWS said lately when the host was to be ended; `undefined`: nothing, or so long ago that it is tried again. */
export function deniedEnd(view: View, { host: { id } }: HostVerdict): string | undefined {
  const denial = remembered(view.facts.history, `${CANNOT_END}${id}`);
  return denial === undefined || isOld(view, denial) ? undefined : denial;
}

/** Kept of a host that AWS would not end. */
export function rememberedDenial(id: string, denial: string): { readonly [key: string]: string } {
  return { [`${CANNOT_END}${id}`]: denial };
}

/** Of whom is gone, or may be tried again, nothing is kept. */
export function forgottenDenials(view: View): { readonly [key: string]: null } {
  const { history } = view.facts;
  if (typeof history !== 'object') return {};
  const here = new Set(
    view.verdicts
      .filter(({ host }) => host.state !== 'terminated' && host.state !== 'absent')
      .map(({ host }) => host.id),
  );
  const stale = Object.entries(history.memory).filter(
    ([key, denial]) => key.startsWith(CANNOT_END) && (!here.has(key.slice(CANNOT_END.length)) || isOld(view, denial)),
  );
  return Object.fromEntries(stale.map(([key]) => [key, null]));
}

const DENIED_BY_POLICY = /^(?:AccessDenied|UnauthorizedOperation)/u;

function remedyFor(id: string, words: string): string {
  if (words.startsWith('OperationNotPermitted'))
    return `lift its termination protection (${shellLine('aws', 'ec2', 'modify-instance-attribute', '--instance-id', id, '--no-disable-api-termination')})`;
  if (DENIED_BY_POLICY.test(words)) return 'look which policy denies it';
  return "look at its group's activities";
}

/** What a person reads of it. */
export function denialText({ limits }: View, id: string, denial: string): string {
  const [at, words] = whenAndWhat(denial);
  const hours = limits.retryEndSeconds / 3_600;
  return `${id} cannot be ended (${words}, at ${at}): ${remedyFor(id, words)}, or end it by your own hand; it is tried again after ${hours} h, or at once for a person who asks`;
}

/** Nothing is tried again that AWS has just refused. */
export function cannotEnd(view: View, { host: { id }, why }: HostVerdict, denial: string): Refuse {
  return refuse({ ...view.evidence, cannotEnd: id }, 'cannot-end', `${id} ${why}, and ${denialText(view, id, denial)}`);
}
