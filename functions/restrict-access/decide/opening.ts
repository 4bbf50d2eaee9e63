/** A lockdown is over: what was taken away comes back first, then what was put in its place goes. Pure. */

import type { Act, Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { LockdownNote, SecurityGroup } from './facts.ts';
import { authorize, deniedAlone, denialsIn, named, revoke, rulesInAll, type Denial } from './group-calls.ts';
import { lockdownWrite, type Scene } from './group-note.ts';
import { isOurs, untagged } from './holding.ts';
import { among, without, type Rule } from './rules.ts';

/** What is still to be put back, and to be taken away. */
interface Rest {
  readonly missing: readonly Rule[];
  /** Taken away by us, and AWS will not have it again: its source is gone. */
  readonly lost: readonly Rule[];
  readonly ours: readonly Rule[];
  readonly denials: readonly Denial[];
}

function restOf({ facts }: Scene, { rules }: SecurityGroup, { taken, added }: LockdownNote): Rest {
  const denials = denialsIn(facts.refusals);
  const isLost = (rule: Rule): boolean => deniedAlone(denials, rule, false) > 0;
  const missing = without(taken, rules);
  return {
    missing: missing.filter((rule) => !isLost(rule)),
    lost: missing.filter(isLost),
    // Somebody may have put a rule of his own where ours was.
    ours: among(rules, added).filter(isOurs),
    denials,
  };
}

/** Opens the group again. What stands already is left out. */
export function open(scene: Scene, group: SecurityGroup, note: LockdownNote): Decision {
  const rest = restOf(scene, group, note);
  const isAtWork = rest.missing.length + rest.ours.length > 0;
  if (isAtWork && group.allowList === null) return untagged(group, evidenceOf(group, note, rest));
  // One that AWS will not have keeps none of the others out.
  return rest.denials.length === 0 ? openAtOnce(scene, group, note, rest) : openOneByOne(scene, group, note, rest);
}

function openAtOnce(scene: Scene, group: SecurityGroup, note: LockdownNote, rest: Rest): Decision {
  const announced = announcementOf(scene, group, note);
  const calls = [...authorize(group.id, rest.missing, BACK), ...revoke(group.id, rest.ours, GOES)];
  const isEnded = announced.length > 0;
  const last = lockdownWrite(scene, overOf(scene, note, isEnded), WAS, announced.length);
  return act(scene, group, note, { rest, plan: [...announced, ...calls, last] });
}

const BACK = 'it was taken away for a time, which is over';
const GOES = 'it was let in for a time, which is over';
const WAS = 'what was taken away is back';

/** A person ends it before its time: noted first, so that the next tick goes on where his run may break off. */
function announcementOf(scene: Scene, group: SecurityGroup, note: LockdownNote): readonly PlannedCall[] {
  const { ask, asker } = scene.facts;
  if (ask === null || note.ended !== null) return [];
  const ended = { by: asker.by, run: asker.run };
  return [lockdownWrite(scene, { ...note, ended }, `${asker.by} asks for ${group.id} to be opened again`)];
}

function overOf({ facts }: Scene, note: LockdownNote, isEnded: boolean): LockdownNote {
  const { by, run } = facts.asker;
  return { ...note, ended: isEnded ? { by, run } : note.ended, over: 'opened' };
}

/** AWS has refused them together: each by itself, and what has no room beside ours once ours is gone. */
function openOneByOne(scene: Scene, group: SecurityGroup, note: LockdownNote, rest: Rest): Decision {
  const { missing, ours, denials, lost } = rest;
  const evidence = evidenceOf(group, note, rest);
  const isTired = (rule: Rule): boolean => deniedAlone(denials, rule, true) > 1;
  const tried = missing.filter((rule) => !isTired(rule));
  if (tried.length + ours.length > 0) {
    const singles = tried.flatMap((rule) => authorize(group.id, [rule], BACK)).map(asOptional);
    return act(scene, group, note, { rest, plan: [...singles, ...revoke(group.id, ours, GOES)], more: true });
  }
  if (missing.length > 0) {
    const because = `${group.id} has no room for what was taken away (${rulesInAll(missing)}); it is tried again each minute`;
    return refuse({ ...evidence, withoutRoom: named(missing) }, 'no-room-to-open', because);
  }
  const because = `${WAS}, but for ${rulesInAll(lost)}, which AWS will not have`;
  return act(scene, group, note, { rest, plan: [lockdownWrite(scene, overOf(scene, note, false), because)] });
}

function asOptional(call: PlannedCall): PlannedCall {
  return { ...call, optional: true };
}

/** A plan, and what is said of it. */
interface Doing {
  readonly rest: Rest;
  readonly plan: readonly PlannedCall[];
  readonly more?: true;
}

function act({ facts, now }: Scene, group: SecurityGroup, note: LockdownNote, { rest, ...doing }: Doing): Act {
  const { by } = note.ended ?? { by: facts.ask === null ? 'its time is over' : facts.asker.by };
  const isLate = facts.ask === null && note.ended === null;
  const { lost } = rest;
  const less = lost.length === 0 ? '' : `; not back, for AWS will not have it: ${rulesInAll(lost)}`;
  return {
    kind: 'act',
    code: 'opened',
    because: `${group.id} is opened again (${by})${less}`,
    evidence: evidenceOf(group, note, rest),
    ...doing,
    intent: `open ${group.id}`,
    budget: 'free',
    ...(isLate ? { metrics: { SecondsPastDue: secondsSince(note.until, now) } } : {}),
    ...(lost.length === 0 ? {} : { attention: true as const }),
  };
}

function evidenceOf(group: SecurityGroup, { until, taken }: LockdownNote, { missing, lost, ours }: Rest): JsonObject {
  return {
    group: group.id,
    name: group.name,
    until,
    taken: named(taken),
    back: named(missing),
    gone: named(ours),
    ...(lost.length === 0 ? {} : { notBack: named(lost) }),
  };
}
