/** What `restrict-access` does about a security group. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { nothing } from '../../../shared/judgement/decisions.ts';
import type { GroupFacts, LockdownNote, RestrictLimits } from './facts.ts';
import { lockdownWrite, type Scene } from './group-note.ts';
import { hold } from './holding.ts';
import { groupMeant, lock, notToBe } from './lockdown.ts';
import { calledOffBy, isCalledOff, isDue } from './notes.ts';
import { open } from './opening.ts';

/** Decides on one group: on what a person asks, or on what the note says. */
export function decideGroup(facts: GroupFacts, limits: RestrictLimits, now: string): Decision {
  const scene = { facts, limits, now };
  if (facts.ask?.action === 'lockdown') return lock(scene, facts.ask);
  return facts.ask === null ? tick(scene) : lift(scene);
}

function tick(scene: Scene): Decision {
  const { facts, now } = scene;
  const { group, noted, target, asker } = facts;
  const { note } = noted;
  const off = calledOffBy(noted, asker);
  if (off !== undefined && note !== null && group !== null) return notToBe(group, note, off);
  if (note === null || note.over !== null) return notLocked(target, note);
  if (group === null) return goneNow(scene);
  return isDue(note, now) ? open(scene, group, note) : hold(scene, group, note);
}

/** A run that called it off leaves what it had announced to be settled by the next tick. */
function notLocked(target: string, note: LockdownNote | null): Decision {
  const word = note?.over ?? '';
  return isCalledOff(word)
    ? nothing({ target }, 'called-off', `${target} is as it was: its lockdown was ${word.replace(': ', ' for ')}`)
    : nothing({ target }, 'not-locked', `${target} is not locked down`);
}

/** Nothing is left to put back: the note ends with the group. */
function goneNow(scene: Scene): Decision {
  const { facts } = scene;
  const { target, noted } = facts;
  const because = `${target} is gone, and with it what was taken away from it`;
  const plan = noted.note === null ? [] : [lockdownWrite(scene, { ...noted.note, over: 'gone' }, because)];
  const evidence = { target };
  return { kind: 'act', code: 'gone', because, evidence, plan, intent: `open ${target}`, budget: 'free' };
}

function lift(scene: Scene): Decision {
  const { facts } = scene;
  const group = groupMeant(scene);
  if ('kind' in group) return group;
  const { note } = facts.noted;
  if (note !== null && note.over === null) return open(scene, group, note);
  return nothing({ group: group.id }, 'not-locked', `${group.id} is not locked down`);
}
