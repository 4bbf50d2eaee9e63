/** A person asks for a group to be locked down, or for longer. Pure. */

import type { Decision, JsonObject, Refuse } from '../../../shared/kernel/decision.ts';
import { nothing } from '../../../shared/judgement/decisions.ts';
import { allowListOf } from './allow-list.ts';
import type { Ask, LockdownNote, SecurityGroup } from './facts.ts';
import { named } from './group-calls.ts';
import { lockdownWrite, type Scene } from './group-note.ts';
import { hold, OURS } from './holding.ts';
import { calledOffBy, isDue, isOwn, isRepeat, untilOf } from './notes.ts';
import { open } from './opening.ts';
import { isFromGroup, isFromList, rangesOf, type Rule } from './rules.ts';

/** A request that is answered with no, in one line: the person sees it, and nobody else has to. */
function no(code: string, because: string, evidence: JsonObject): Refuse {
  return { kind: 'refuse', code, because, evidence };
}

/** Which group is meant, or why none. */
export function groupMeant({ facts }: Scene): SecurityGroup | Refuse {
  const { group, named: ids, target } = facts;
  if (group !== null) return group;
  if (ids.length < 2) return no('no-such-group', `there is no security group ${target}`, { target });
  const because = `${ids.length} security groups are called ${target}: name one by its id`;
  return no('ambiguous', because, { target, groups: ids.slice(0, 20) });
}

/** Locks it down, or for longer. */
export function lock(scene: Scene, ask: Extract<Ask, { readonly action: 'lockdown' }>): Decision {
  const { facts, limits, now } = scene;
  const group = groupMeant(scene);
  if ('kind' in group) return group;
  const { note } = facts.noted;
  const until = untilOf(ask.ttlSeconds, limits, now);
  if (typeof until !== 'string') return until;
  const off = calledOffBy(facts.noted, facts.asker);
  if (off !== undefined && note !== null) return notToBe(group, note, off);
  if (note === null || note.over !== null)
    return note !== null && isOwn(note, facts.asker) ? openedSince(group, note) : begin(scene, group, until);
  if (isRepeat(note, facts.asker, until, limits))
    return isDue(note, now) ? open(scene, group, note) : hold(scene, group, note, { words: LOCKED });
  return prolong(scene, group, note, until);
}

const LOCKED = { done: 'locked', nothing: 'locked-already', budget: 'counted' } as const;

/** Called off by this very run, which says so once more: as its end. */
export function notToBe(group: SecurityGroup, note: LockdownNote, code: string): Refuse {
  const because = `${note.allowList.name} cannot be let into ${group.id}: it is as it was`;
  const why = code === 'no-room' ? `${because}. A prefix list counts as many rules as its MaxEntries` : because;
  return { ...no(code, why, { group: group.id, until: note.until }), attention: true };
}

function openedSince({ id }: SecurityGroup, { ended, over, until }: LockdownNote): Decision {
  const because = `${id} was locked down by this request, and is not any more (${over ?? ''}, by ${ended?.by ?? 'its time'})`;
  return nothing({ group: id, until }, 'lifted-since', because);
}

function prolong(scene: Scene, group: SecurityGroup, note: LockdownNote, until: string): Decision {
  const { asker, allowList } = scene.facts;
  if (!isDue(note, scene.now) && note.until >= until) return hold(scene, group, note, { words: LOCKED });
  // Whom the list lets in is in force already; for longer it is nobody's allow-list.
  const list = allowListOf(allowList, note.allowList.name);
  if ('code' in list)
    return no(list.code, list.because, { group: group.id, allowList: note.allowList.name, until: note.until });
  const { by, why, delivery, run } = asker;
  const longer: LockdownNote = { ...note, by, why, delivery, run, until, ended: null };
  const announced = [lockdownWrite(scene, longer, `${by} asks for ${group.id} to stay locked down until ${until}`)];
  return hold(scene, group, longer, { words: { ...LOCKED, done: 'extended' }, announced });
}

/** Begins with the note of what is to be taken away. */
function begin(scene: Scene, group: SecurityGroup, until: string): Decision {
  const { facts, limits, now } = scene;
  if (group.allowList === null)
    return no('not-tagged', `${group.id} has no tag runbook:lockdown, which names its allow-list`, { group: group.id });
  const list = allowListOf(facts.allowList, group.allowList);
  if ('code' in list) return no(list.code, list.because, { group: group.id, allowList: group.allowList });
  const taken = group.rules.filter((rule) => !isFromGroup(rule, group.id) && !isFromList(rule, list.id));
  if (taken.length === 0) {
    const because = `${group.id} lets in nobody but itself and ${list.name}: there is nothing to take away`;
    return nothing({ group: group.id, rules: named(group.rules) }, 'no-inbound-rule', because);
  }
  if (taken.length > limits.maxRules) {
    const because = `${group.id} has ${taken.length} rules to take away, more than the ${limits.maxRules} that a note has room for`;
    return no('too-many-rules', because, { group: group.id, rules: taken.length, most: limits.maxRules });
  }
  const wanted = rangesOf(taken).map((range): Rule => ({
    range,
    source: { PrefixListId: list.id },
    description: OURS,
  }));
  const { sentAt: _sentAt, ...asker } = facts.asker;
  const note: LockdownNote = {
    kind: 'lockdown',
    ...asker,
    from: now,
    until,
    ended: null,
    over: null,
    allowList: list,
    taken,
    // Also what somebody else's rule lets in now: where that is taken out, ours comes in. Only ours is taken away again.
    added: wanted,
  };
  const why = 'what is about to be taken away comes back, and what is about to be let in goes, when its time is over';
  return hold(scene, group, note, { words: LOCKED, announced: [lockdownWrite(scene, note, why)] });
}
