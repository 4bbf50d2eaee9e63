/**
 * A set is carried by one instance at a time. Where a group wants several, or several are in service, nobody can say which volume
 * belongs on whom; and a volume with multi-attach may be written by several at once. Then nothing is carried, by no path, and the
 * group goes on as it would without this runbook. Its hooks are answered, or it would wait for ever, or launch and abandon for ever:
 *
 * - a member that leaves is let go as soon as the volumes on it outlive it; nothing is stopped, detached or copied;
 * - one that arrives is let in without volumes, after two minutes, in which what was only passing is over.
 *
 * A person hears of either. Pure.
 */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { keepingVolumes } from './calls.ts';
import { answer, hold } from './hold.ts';
import { untaggedBecause } from './preflight.ts';
import type { Facts } from './facts.ts';
import type { GroupFacts } from './scaling-group.ts';
import { act } from './step.ts';
import type { Side, View } from './view.ts';
import { attachmentTo, isLive } from './volume-set.ts';

/** A word and a sentence: why nothing of the set is carried, by no path. */
export interface Uncarried {
  readonly code: 'not-one-instance' | 'multi-attach';
  readonly why: string;
}

const SHARED_REMEDY = 'modify the volume to be without multi-attach, or take the tag runbook:volumes off the group';
const REMEDY = 'let it want one (desired and maximum size 1), or take the tag runbook:volumes off the group';

/** Why the set cannot be carried by this group, and what to do; `undefined`: it can. */
export function severalBecause({
  desired,
  inGoodService,
  name,
  sharers,
}: Pick<GroupFacts, 'desired' | 'inGoodService' | 'name' | 'sharers'>): string | undefined {
  const who = sharers.length === 0 ? name : `${[name, ...sharers].join(' and ')}, which carry the same set,`;
  const wants = sharers.length === 0 ? 'wants' : 'want';
  if (desired > 1) return `${who} ${wants} ${desired} instances; a set of volumes is carried by one; ${REMEDY}`;
  if (inGoodService > 1)
    return `${inGoodService} instances of ${who} are healthy and in service; a set of volumes is carried by one; ${REMEDY}`;
  return undefined;
}

/** Why nothing of the set is carried; `undefined`: it is. */
export function uncarriedBecause({ group, volumes }: Facts): Uncarried | undefined {
  const several = severalBecause(group);
  if (several !== undefined) return { code: 'not-one-instance', why: several };
  const shared = volumes.filter((volume) => volume.multiAttach && isLive(volume)).map(({ id }) => id);
  if (shared.length === 0) return undefined;
  const why = `${shared.join(', ')} may be attached to several instances at once (multi-attach): that nobody writes any more cannot be seen, nor the holder told; ${SHARED_REMEDY}`;
  return { code: 'multi-attach', why };
}

/** What is done for an instance of such a group: nothing, but that its hook is answered. */
export function standAside(side: Side, { code, why }: Uncarried): Decision {
  const { facts } = side;
  if (facts.hook === null) {
    const isAskedByPerson = facts.ask.kind === 'carry' || facts.ask.kind === 'sweep';
    return isAskedByPerson ? refuse(side.evidence, code, why) : nothing(side.evidence, code, why);
  }
  return facts.leaving ? letGo(side, { code, why }) : letIn(side, { code, why });
}

/** What the group as a whole is told. */
export function refuseUncarried(view: View, { code, why }: Uncarried): Decision {
  return refuse({ ...view.evidence, ...(code === 'multi-attach' ? { preflight: [why] } : {}) }, code, why);
}

function letGo(side: Side, { code, why }: Uncarried): Decision {
  const { facts, machine } = side;
  const mine = facts.volumes.filter((volume) => attachmentTo(volume, machine.id) !== undefined);
  const guard = keepingVolumes(mine, machine.id);
  if (guard.length > 0 && !machine.optedIn)
    return refuse(side.evidence, 'not-opted-in', untaggedBecause(machine.id, facts.set));

  const names = mine.map(({ id }) => id).join(', ');
  if (guard.length > 0) {
    const because = `${machine.id} would take ${names} with it`;
    return act(side, { code: 'kept', because, plan: guard });
  }
  const outcome = mine.length === 0 ? '' : `, and its volumes outlive it, unattached (${names})`;
  return { ...answer(side, { code, because: `${machine.id} is let go${outcome}: ${why}` }), attention: true };
}

function letIn(side: Side, { code, why }: Uncarried): Decision {
  const { elapsedSeconds, limits, machine } = side;
  if (elapsedSeconds < limits.hopelessSeconds) return hold(side, code, why);
  const because = `${machine.id} goes into service without volumes: ${why}`;
  return { ...answer(side, { code, because }), attention: true };
}
