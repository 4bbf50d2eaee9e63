/** What `restrict-access` does about a distribution: countries are shut out for a time. Pure. */

import type { Act, Decision, JsonObject, PlannedCall, Refusal, Refuse } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { geoRestrictionOf, isSame, restrictionText, shutOut, type Restriction } from './countries.ts';
import type { Ask, Distribution, DistributionFacts, GeoNote, RestrictLimits } from './facts.ts';
import { standingOf, stillOut } from './standing.ts';
import { calledOff, calledOffBy, isCalledOff, isDue, isOwn, isRepeat, noteWrite, untilOf } from './notes.ts';

interface Scene {
  readonly facts: DistributionFacts;
  readonly limits: RestrictLimits;
  readonly now: string;
}

const UPDATE = 'cloudfront:UpdateDistribution';

/** Decides on one distribution: on what a person asks, or on what the note says. */
export function decideDistribution(facts: DistributionFacts, limits: RestrictLimits, now: string): Decision {
  const scene = { facts, limits, now };
  const { ask, asker, distribution, noted, target } = facts;
  const { note } = noted;
  if (ask === null && (note === null || note.over !== null)) return notRestricted(target, note);
  if (distribution === null) return absent(scene);
  const off = calledOffBy(noted, asker);
  if (off !== undefined && note !== null) return notTaken(scene, distribution, off);
  if (ask?.action === 'geo') return shut(scene, distribution, ask);
  if (note === null || note.over !== null)
    return nothing(
      { distribution: target },
      'not-restricted',
      `${distribution.id} is not restricted by a note of ours`,
    );
  return ask === null && !isDue(note, now) ? hold(scene, distribution, note) : reopen(scene, distribution, note);
}

/** A run that called it off leaves what it had announced to be settled by the next tick. */
function notRestricted(target: string, note: GeoNote | null): Decision {
  const word = note?.over ?? '';
  return isCalledOff(word)
    ? nothing({ target }, 'called-off', `${target} is as it was: its restriction was ${word.replace(': ', ' for ')}`)
    : nothing({ target }, 'not-restricted', `${target} is not restricted by a note of ours`);
}

/** A request that is answered with no: the person sees it, and nobody else has to. */
function no(code: string, because: string, evidence: JsonObject): Refuse {
  return { kind: 'refuse', code, because, evidence };
}

function write({ facts, limits, now }: Scene, note: GeoNote, because: string, writtenBefore = 0): PlannedCall {
  const version = facts.noted.version + writtenBefore;
  return noteWrite({ ...note }, because, { target: facts.target, version, limits, now });
}

function absent(scene: Scene): Decision {
  const { ask, noted, target } = scene.facts;
  if (ask !== null) return no('no-such-distribution', `there is no distribution ${target}`, { target });
  const { note } = noted;
  if (note === null) return notRestricted(target, note);
  const because = `${target} is gone, and its restriction with it`;
  const plan = [write(scene, { ...note, over: 'gone' }, because)];
  const evidence = { distribution: target };
  return { kind: 'act', code: 'gone', because, evidence, plan, intent: `open ${target}`, budget: 'free' };
}

function shut(scene: Scene, distribution: Distribution, ask: Extract<Ask, { readonly action: 'geo' }>): Decision {
  const { facts, limits, now } = scene;
  const until = untilOf(ask.ttlSeconds, limits, now);
  if (typeof until !== 'string') return until;
  const { note } = facts.noted;
  if (note !== null && isOwn(note, facts.asker) && (note.over !== null || isDue(note, now))) {
    const because = `${distribution.id} was restricted by this request, and is not any more (${note.over ?? 'lifted'})`;
    return nothing(evidenceOf(distribution, note), 'lifted-since', because);
  }
  const stands = note !== null && note.over === null && !isDue(note, now);
  if (stands && isRepeat(note, facts.asker, until, limits)) return hold(scene, distribution, note, SHUT);
  // Another run has taken the note back meanwhile: AWS's answer is the same.
  const denial = denialIn(facts.refusals);
  if (denial !== undefined) return notTaken(scene, distribution, codeOfDenial(denial));
  return begin(scene, distribution, { ask, until });
}

interface Asked {
  readonly ask: Extract<Ask, { readonly action: 'geo' }>;
  readonly until: string;
}

/** Begins with the note of what stood before; where one of ours stands, on top of that. */
function begin(scene: Scene, distribution: Distribution, { ask, until }: Asked): Decision {
  const { facts, now } = scene;
  const { id, restriction: stands, isTagged } = distribution;
  if (!isTagged) return no('not-tagged', `${id} has no tag runbook:block`, { distribution: id });
  if (distribution.isStaging) {
    const because = `${id} is a staging distribution, and what is promoted of it nobody opens again: name the primary one`;
    return no('staging-distribution', because, { distribution: id });
  }
  const { note } = facts.noted;
  const ours = note !== null && note.over === null ? note : null;
  const first = ours === null ? undefined : settledFirst(scene, distribution, ours);
  if (first !== undefined) return first;
  const before = ours?.before ?? stands;
  const countries = [...new Set([...(ours?.countries ?? []), ...ask.countries])].toSorted();
  const set = shutOut(before, countries);
  const says = restrictionText(stands);
  if (set === undefined)
    return no('nobody-left', `${id} lets in ${says}: without ${ask.countries.join(', ')} nobody at all would come in`, {
      distribution: id,
      stands: says,
    });
  const isLonger = ours !== null && ours.until < until;
  if (isSame(set, stands) && !isLonger) {
    const because = `${id} lets in ${says} already${ours === null ? '' : `, until ${ours.until}`}`;
    return nothing({ distribution: id, stands: says }, 'shut-already', because);
  }
  const { sentAt: _sentAt, ...asker } = facts.asker;
  const end = ours === null || isLonger ? until : ours.until;
  const next: GeoNote = {
    kind: 'geo',
    ...asker,
    from: ours?.from ?? now,
    until: end,
    ended: null,
    over: null,
    countries,
    before,
    replaces: stands,
    set,
    onto: distribution.etag,
    // Already so: nothing is in between.
    ...(isSame(set, stands) ? { isSet: true } : {}),
  };
  const why = `what stood before (${restrictionText(before)}) comes back when its time is over`;
  const calls = next.isSet === true ? [] : setting(scene, distribution, next, { writtenBefore: 1 });
  const done = ours === null ? 'shut' : 'extended';
  return act(distribution, next, { code: done, plan: [write(scene, next, why), ...calls], budget: 'counted' });
}

/** Has CloudFront take what the note says, and notes that it has. */
function setting(
  scene: Scene,
  distribution: Distribution,
  note: GeoNote,
  { writtenBefore = 0 }: { readonly writtenBefore?: number } = {},
): readonly PlannedCall[] {
  const isThere: GeoNote = { ...note, onto: distribution.etag, isSet: true };
  return [
    update(distribution, note.set, `${note.by} asks for it until ${note.until}`),
    write(scene, isThere, "CloudFront has taken it: what else stands from now on is somebody else's", writtenBefore),
  ];
}

/** What has to end before a request may build on the note: a second look then begins anew. */
function settledFirst(scene: Scene, distribution: Distribution, note: GeoNote): Decision | undefined {
  const { facts, now } = scene;
  const isChanged = standingOf(note, distribution, now).startsWith('changed');
  if (!isChanged && !isDue(note, now)) return undefined;
  // Its time is over, whoever asks for what: it ends as on a tick.
  const onTick = { ...scene, facts: { ...facts, ask: null } };
  // Who asks now cannot wait for a second reading; under an old version CloudFront takes nothing.
  const ending = isChanged ? changed(scene, distribution, note) : reopen(onTick, distribution, note);
  return ending.kind === 'act' ? { ...ending, more: true } : ending;
}

interface Words {
  readonly done: string;
  readonly nothing: string;
  readonly budget: Act['budget'];
}

const ON_A_TICK: Words = { done: 'shut-again', nothing: 'holds', budget: 'free' };
const SHUT: Words = { done: 'shut', nothing: 'shut-already', budget: 'counted' };

/** Has the distribution be as the note says, unless somebody has made something else of it. */
function hold(scene: Scene, distribution: Distribution, note: GeoNote, words = ON_A_TICK): Decision {
  const { id, restriction: stands } = distribution;
  const denial = denialIn(scene.facts.refusals);
  if (denial !== undefined) return denied(scene, distribution, note, denial);
  const says = `${id} lets in ${restrictionText(note.set)} until ${note.until}`;
  if (isSame(stands, note.set)) return nothing(evidenceOf(distribution, note), words.nothing, says);
  const standing = standingOf(note, distribution, scene.now);
  if (standing === 'changed') return changed(scene, distribution, note);
  if (standing === 'changed-once') return changedOnce(scene, distribution, note);
  if (!distribution.isTagged) return untagged(distribution, note);
  const plan = setting(scene, distribution, note);
  return act(distribution, note, { code: words.done, plan, budget: words.budget });
}

function untagged({ id }: Distribution, note: GeoNote): Decision {
  const because = `${id} has lost its tag runbook:block, without which it may not be changed: put it back`;
  return refuse({ distribution: id, until: note.until }, 'tag-removed', because);
}

/** It may be a state older than ours, which CloudFront has answered with: noted, and looked at again by the next tick. */
function changedOnce(scene: Scene, distribution: Distribution, note: GeoNote): Decision {
  const { id, etag, restriction: stands } = distribution;
  const because = `${id} lets in ${restrictionText(stands)}: where that stands at the next tick too, somebody has changed it`;
  if (note.seen?.etag === etag) return nothing(evidenceOf(distribution, note), 'changed-once', because);
  const plan = [write(scene, { ...note, seen: { etag, at: scene.now } }, because)];
  return { ...act(distribution, note, { code: 'changed-once', plan, budget: 'free' }), because };
}

/** What somebody has made of it is his: nothing is put back over it. */
function changed(scene: Scene, distribution: Distribution, note: GeoNote): Act {
  const { restriction: stands } = distribution;
  const left = stillOut(note, stands);
  return left === undefined ? edited(scene, distribution, note) : takenBack(scene, distribution, note, left);
}

/** Somebody has let countries in again: those are held no longer. @param left what is shut out still */
function takenBack(scene: Scene, distribution: Distribution, note: GeoNote, left: readonly string[]): Act {
  const { id, etag, restriction: stands } = distribution;
  const open = note.countries.filter((country) => !left.includes(country));
  const because = `somebody has let ${open.join(', ')} in again at ${id} before the time (${note.until}), and it is left so`;
  const told: GeoNote = { ...note, takenBack: [...new Set([...(note.takenBack ?? []), ...open])].toSorted() };
  const less: GeoNote =
    left.length === 0
      ? { ...told, over: 'taken-back' }
      : { ...told, countries: left, replaces: stands, set: stands, onto: etag, isSet: true };
  const plan = [write(scene, less, because)];
  const done = act(distribution, less, { code: 'taken-back', plan, budget: 'free' });
  return { ...done, because, evidence: { ...done.evidence, takenBack: open }, attention: true };
}

/** Something else than our countries was changed: all of it is his from now on. */
function edited(scene: Scene, distribution: Distribution, note: GeoNote): Act {
  const { id, restriction: stands } = distribution;
  const because = `somebody has changed the restriction of ${id} meanwhile: it lets in ${restrictionText(stands)}, and is left so`;
  const plan = [write(scene, { ...note, over: 'edited' }, because)];
  return { ...act(distribution, note, { code: 'edited', plan, budget: 'free' }), because, attention: true };
}

/** What AWS has refused of this run, last. */
function denialIn(refusals: readonly Refusal[] = []): Refusal | undefined {
  return refusals.findLast(({ call, meaning }) => call === UPDATE && meaning !== 'conflict');
}

const NO_COUNTRY = /^(?:InvalidLocationCode|InvalidGeoRestrictionParameter)$/u;

function codeOfDenial({ name }: Refusal): string {
  return NO_COUNTRY.test(name) ? 'no-such-country' : 'not-taken';
}

/** CloudFront does not take it: the note is taken back, down to what it replaces. */
function denied(scene: Scene, distribution: Distribution, note: GeoNote, denial: Refusal): Decision {
  const { id, restriction: stands } = distribution;
  const code = codeOfDenial(denial);
  const evidence = { ...evidenceOf(distribution, note), aws: `${denial.name}: ${denial.message}` };
  const because = `CloudFront does not take ${note.countries.join(', ')} for ${id}: ${denial.message}`;
  if (isSame(note.set, stands)) return { ...no(code, because, evidence), attention: true };
  const { by, run } = scene.facts.asker;
  const isFirst = isSame(note.replaces, note.before);
  const less: GeoNote = isFirst
    ? { ...note, ended: { by, run }, over: calledOff(code) }
    : { ...note, set: note.replaces, countries: differing(note.before, note.replaces) };
  const doing = { code, plan: [write(scene, less, because)], budget: 'free' } as const;
  return { ...act(distribution, note, doing), because, evidence, more: true, attention: true };
}

/** Countries that one of two lists has and the other has not. */
function differing(one: Restriction, other: Restriction): readonly string[] {
  const [a, b] = [one.countries, other.countries];
  return [...a.filter((each) => !b.includes(each)), ...b.filter((each) => !a.includes(each))].toSorted();
}

function notTaken({ facts }: Scene, { id }: Distribution, code: string): Refuse {
  const aws = denialIn(facts.refusals)?.message;
  const because = `CloudFront does not take it for ${id}, which is as it was`;
  const evidence = { distribution: id, ...(aws === undefined ? {} : { aws }) };
  return { ...no(code, because, evidence), attention: true };
}

/** Puts back what stood before, in the configuration as it then is. */
function reopen(scene: Scene, distribution: Distribution, note: GeoNote): Decision {
  const { facts, now } = scene;
  const { id, restriction: stands } = distribution;
  const denial = denialIn(facts.refusals);
  if (denial !== undefined)
    return refuse(
      { ...evidenceOf(distribution, note), aws: `${denial.name}: ${denial.message}` },
      'not-restored',
      `CloudFront does not take back that ${id} lets in ${restrictionText(note.before)}; it is tried again each minute`,
    );
  const isBack = isSame(stands, note.before);
  const { by, run } = facts.asker;
  const isEnded = facts.ask !== null && note.ended === null;
  const ended: GeoNote = isEnded ? { ...note, ended: { by, run } } : note;
  const standing = standingOf(note, distribution, now);
  const isOurs = !standing.startsWith('changed') || stillOut(note, stands) !== undefined;
  if (!isOurs)
    return standing === 'changed' ? edited(scene, distribution, ended) : changedOnce(scene, distribution, ended);
  if (!isBack && !distribution.isTagged) return untagged(distribution, note);
  const announced = isEnded ? [write(scene, ended, `${by} asks for ${id} to be opened again`)] : [];
  const calls = isBack ? [] : [update(distribution, note.before, 'it stood before, and the time is over')];
  const last = write(scene, { ...ended, over: 'opened' }, 'what stood before is back', announced.length);
  const isLate = facts.ask === null && note.ended === null;
  return {
    ...act(distribution, note, { code: 'opened', plan: [...announced, ...calls, last], budget: 'free' }),
    because: `${id} lets in ${restrictionText(note.before)} again (${ended.ended?.by ?? 'its time is over'})`,
    intent: `open ${id}`,
    ...(isLate ? { metrics: { SecondsPastDue: secondsSince(note.until, now) } } : {}),
  };
}

/** The change alone: who carries it out reads the configuration under this version and sends it whole. */
function update({ id, etag }: Distribution, to: Restriction, because: string): PlannedCall {
  const input = { Id: id, IfMatch: etag, GeoRestriction: geoRestrictionOf(to) };
  return { call: UPDATE, input, because: `it lets in ${restrictionText(to)}: ${because}` };
}

function act(distribution: Distribution, note: GeoNote, doing: Pick<Act, 'code' | 'plan' | 'budget'>): Act {
  const says = `${note.by}: ${distribution.id} lets in ${restrictionText(note.set)} until ${note.until}`;
  const because = [says, ...distribution.notShut.map((what) => `not shut: ${what}`)].join('; ');
  const evidence = evidenceOf(distribution, note);
  return { kind: 'act', because, evidence, intent: `shut ${distribution.id}`, ...doing };
}

function evidenceOf({ id, status, notShut, restriction: stands }: Distribution, note: GeoNote): JsonObject {
  return {
    distribution: id,
    stood: restrictionText(stands),
    before: restrictionText(note.before),
    set: restrictionText(note.set),
    countries: note.countries,
    until: note.until,
    by: note.by,
    why: note.why,
    ...(notShut.length === 0 ? {} : { notShut }),
    ...(status === null ? {} : { status }),
    propagation: 'CloudFront takes minutes to carry a change to its edges; its Status is InProgress until then',
  };
}
