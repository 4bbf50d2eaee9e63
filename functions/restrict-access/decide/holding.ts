/** A group while it is locked down: only the allow-list comes in, and what others have let in since. Pure. */

import type { Act, Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import type { LockdownNote, SecurityGroup } from './facts.ts';
import { authorize, denialsIn, named, revoke, upToSome, type Denial } from './group-calls.ts';
import { lockdownWrite, type Scene } from './group-note.ts';
import { calledOff } from './notes.ts';
import { openedSince } from './allow-list.ts';
import { among, isFromGroup, isFromList, without, type Rule } from './rules.ts';

/** What nobody may take a lockdown for. */
const TRACKED =
  'connections that are tracked go on until they end; a network ACL cuts at once: block the address with block-address';

/** A group, and how far it is from what the note says. */
interface Outlook {
  /** Ours, and not there. */
  readonly missing: readonly Rule[];
  /** Taken away, and there; as it stands. */
  readonly back: readonly Rule[];
  /** Let in by somebody since. */
  readonly openedSince: readonly Rule[];
  /** From the group itself: those stay. */
  readonly own: readonly Rule[];
}

function outlookOf({ id, rules }: SecurityGroup, { allowList, taken, added }: LockdownNote): Outlook {
  const others = rules.filter((rule) => !isFromGroup(rule, id));
  return {
    missing: without(added, rules),
    back: among(rules, taken),
    openedSince: without(others, taken).filter((rule) => !isFromList(rule, allowList.id)),
    own: rules.filter((rule) => isFromGroup(rule, id)),
  };
}

/** What is said where there is something to do, and where there is nothing. */
export interface Words {
  readonly done: string;
  readonly nothing: string;
  readonly budget: Act['budget'];
}

const ON_A_TICK: Words = { done: 'locked-again', nothing: 'holds', budget: 'free' };

/**
 * Has the group be as the note says. What is to come in is let in before anything is taken away.
 * @param note as it stands, or is to stand: then with the write of it as `announced`
 */
export function hold(
  scene: Scene,
  group: SecurityGroup,
  note: LockdownNote,
  { words = ON_A_TICK, announced = [] }: { readonly words?: Words; readonly announced?: readonly PlannedCall[] } = {},
): Decision {
  const outlook = outlookOf(group, note);
  const denial = announced.length === 0 ? denialsIn(scene.facts.refusals).at(-1) : undefined;
  if (denial !== undefined) return denied(scene, group, note, { outlook, denial });
  const evidence = evidenceOf(scene, group, note, outlook);
  const plan = [...announced, ...callsFor(group, note, outlook)];
  const again = words === ON_A_TICK && plan.length > 0 ? onceMore(scene, note) : null;
  const worries = worriesOf(scene, group, note, { outlook, again });
  const attention = worries.length === 0 ? {} : { attention: true as const };
  const says = [`${group.id} lets in ${note.allowList.name} alone until ${note.until}`, ...worries].join('; ');
  if (plan.length === 0) return { ...nothing(evidence, words.nothing, says), ...attention };
  if (group.allowList === null) return untagged(group, evidence);
  return {
    kind: 'act',
    code: words.done,
    because: `${note.by}: ${says}`,
    evidence,
    plan: [...countedIn(scene, note, again), ...plan],
    intent: `lock ${group.id}`,
    budget: words.budget,
    ...attention,
  };
}

type Again = NonNullable<LockdownNote['again']>;

/** How often it was undone, with this run's finding counted once, however often it looks. */
function onceMore({ facts }: Scene, { again }: LockdownNote): Again {
  const { run } = facts.asker;
  return again?.run === run ? again : { times: (again?.times ?? 0) + 1, run };
}

function countedIn(scene: Scene, note: LockdownNote, again: Again | null): readonly PlannedCall[] {
  if (again === null || again === note.again) return [];
  return [lockdownWrite(scene, { ...note, again }, `it was undone, and is shut again: ${again.times} in all`)];
}

/** A stack is updated once, and a person tries twice; what undoes it a third time goes on doing so. */
const TOO_OFTEN = 3;

/** What a person has to look at although the group is as the note says. */
function worriesOf(
  { facts }: Scene,
  { id }: SecurityGroup,
  { allowList }: LockdownNote,
  { outlook, again }: { readonly outlook: Outlook; readonly again: Again | null },
): readonly string[] {
  const opened = outlook.openedSince.length;
  const list = openedSince(allowList, facts.allowList);
  const often = again !== null && again.times >= TOO_OFTEN;
  return [
    ...(opened === 0 ? [] : [`somebody has let in ${opened} more since`]),
    ...(list === undefined ? [] : [list.because]),
    ...(often
      ? [
          `something has undone it ${again.times} times: CloudTrail says who calls AuthorizeSecurityGroupIngress on ${id}`,
        ]
      : []),
  ];
}

/** The role may change tagged groups only. */
export function untagged({ id }: SecurityGroup, evidence: JsonObject): Decision {
  const because = `${id} is locked down and has lost its tag runbook:lockdown, without which it may not be changed: put it back`;
  return refuse(evidence, 'tag-removed', because);
}

function callsFor({ id }: SecurityGroup, note: LockdownNote, { missing, back }: Outlook): readonly PlannedCall[] {
  const { allowList, until } = note;
  return [
    ...authorize(id, missing, `${allowList.name} is to come in while nobody else does`),
    ...revoke(id, back, `taken away until ${until}; it is noted, and comes back then`),
  ];
}

/** AWS does not take the allow-list in. As long as nothing was taken away there is nothing to put back, and all is called off. */
function denied(
  scene: Scene,
  group: SecurityGroup,
  note: LockdownNote,
  { outlook, denial }: { readonly outlook: Outlook; readonly denial: Denial },
): Decision {
  const { name, message } = denial.refusal;
  const code = denial.isForRoom ? 'no-room' : 'not-authorized';
  const evidence = { ...evidenceOf(scene, group, note, outlook), aws: `${name}: ${message}` };
  const stillThere = without(note.taken, outlook.back).length === 0;
  if (!stillThere)
    return refuse(evidence, code, `${group.id} is locked down, and ${note.allowList.name} has to come in`);
  const { by, run } = scene.facts.asker;
  const over: LockdownNote = { ...note, ended: { by, run }, over: calledOff(code) };
  const because = `${note.allowList.name} cannot be let into ${group.id}: nothing is taken away`;
  const ours = among(group.rules, note.added).filter(isOurs);
  return {
    kind: 'act',
    code,
    because,
    evidence,
    plan: [
      ...revoke(group.id, ours, 'put there for a lockdown that is not to be'),
      lockdownWrite(scene, over, because),
    ],
    intent: `lock ${group.id}`,
    budget: 'free',
    more: true,
    attention: true,
  };
}

/** Says in the rule itself that it goes with the lockdown. Somebody else's rule of the same content has other words. */
export const OURS = 'restrict-access: let in while the group is locked down';

/** Whether a rule as it stands is ours to take away. */
export function isOurs({ description }: Rule): boolean {
  return description === OURS;
}

function evidenceOf(
  { facts }: Scene,
  group: SecurityGroup,
  note: LockdownNote,
  { openedSince: opened, own }: Outlook,
): JsonObject {
  const more = openedSince(note.allowList, facts.allowList)?.networks ?? [];
  const { allowList, taken, added, until, by, why } = note;
  const foreign = among(group.rules, added).filter((rule) => !isOurs(rule));
  return {
    group: group.id,
    name: group.name,
    allowList: `${allowList.name} (${allowList.id})`,
    until,
    by,
    why,
    taken: named(taken),
    added: named(without(added, foreign)),
    ...(own.length === 0 ? {} : { fromTheGroupItself: named(own) }),
    ...(opened.length === 0 ? {} : { openedSince: named(opened) }),
    ...(more.length === 0 ? {} : { allowedSince: upToSome(more) }),
    tracked: TRACKED,
  };
}
