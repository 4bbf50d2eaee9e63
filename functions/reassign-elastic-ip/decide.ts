/**
 * Who should hold an Elastic IP. The holder is computed from what is seen on both sides, never toggled: the same facts
 * give the same holder however often, and in whatever order, the events arrive.
 *
 * To be read downwards, as an incident goes: the order of judgement, what follows from the holder's health, taking over,
 * failing back, and what a person asks for. Whatever refuses stands here, but for what only a move shows (`cannot-fence`,
 * `no-free-private-address`: `moving`) and what only its failure does (`cannot-go-back`: `going-back`).
 *
 * Behind it, in `decide/`: `view` (both sides at a glance), `instance-verdict` (is the holder good?), `candidates` (is anybody
 * else?), `fencing` and `moving`, `going-back`, `house`, and what is kept for the next run: `move-records` and `memory`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { nothing, needsHistory, refuse, wait } from '../../shared/judgement/decisions.ts';
import { isLeaving } from '../../shared/judgement/instance-health.ts';
import { isUnbooked, remembered, secondsSince } from '../../shared/judgement/since.ts';
import { isWhereAsked, standbysNamed } from './decide/by-name.ts';
import { isGood, isReserved, isUnread, verdictOn, type Standby } from './decide/candidates.ts';
import type { Ask, ElasticIpLimits, EventTrigger, Facts, Machine, MoveAsk } from './decide/facts.ts';
import { goBack } from './decide/going-back.ts';
import { keepHouse } from './decide/house.ts';
import { memories } from './decide/memory.ts';
import { lastMoveAt, untold } from './decide/move-records.ts';
import { relocate } from './decide/moving.ts';
import { refusedBudget, refusedPlaces } from './decide/refusals.ts';
import { othersOn } from './decide/siblings.ts';
import { survey, type Health, type View } from './decide/view.ts';

export type {
  AddressFacts,
  AlarmFacts,
  Ask,
  ElasticIpLimits,
  EventTrigger,
  Facts,
  Machine,
  MoveAsk,
  ProbeReading,
} from './decide/facts.ts';
export { parseWish, WISH_FORM, type Wish } from './decide/wish.ts';

/** Says who should hold the address, and what is to be done for it. Pure; `now` is ISO 8601. */
export function decide(facts: Facts, limits: ElasticIpLimits, now: string): Decision {
  const view = survey(facts, limits, now);
  const judgement = judge(view);
  // After a move that failed, no hook is answered before it is clear where the address ends.
  const mayKeepHouse = facts.setback === undefined;
  const decision = judgement.kind !== 'act' && mayKeepHouse ? keepHouse(view, judgement) : judgement;
  const move = judgement.kind !== 'act' && mayKeepHouse ? untold(facts, view.holder, now) : undefined;
  const remember = { ...memories(view), ...decision.remember };
  return {
    ...decision,
    ...(move === undefined ? {} : { because: `${decision.because}; ${move.because}`, untold: [move] }),
    ...(facts.ask.kind === 'reconcile' ? { metrics: metricsOf(view) } : {}),
    ...(Object.keys(remember).length > 0 ? { remember } : {}),
  };
}

/** Of each minute: is there somebody to fail over to, and is EC2 about to do something to the holder? */
function metricsOf({ good, holder }: View): { readonly [name: string]: number } {
  const ahead = holder?.scheduled.length ?? 0;
  return { StandbyReady: good.length > 0 ? 1 : 0, ...(ahead > 0 ? { HolderScheduled: ahead } : {}) };
}

/** What speaks first decides: settings nobody can read, a move that failed, an alarm that says nothing, a person, the holder's health. */
function judge(view: View): Decision {
  const { evidence, facts } = view;
  const { ask, address, setback } = facts;
  if (facts.isReleased === true)
    return nothing(evidence, 'released', `${address.allocationId} is released, or no longer tagged`);
  if (address.problems.length > 0) return refuse(evidence, 'bad-settings', address.problems.join('; '));
  if (setback !== undefined) return goBack(view, setback.plan);
  if (ask.kind === 'event' && !ask.raised)
    return nothing(evidence, 'alarm-not-raised', `${ask.alarmNames.join(', ')} did not go to ALARM`);
  if (ask.kind === 'move' || ask.kind === 'fail-back') return byHand(view, ask);
  return uphold(view);
}

/** These tell of the instances they name. Whatever else starts a run may concern the holder by way of another instance. */
const TELL_OF_THEIR_OWN = new Set<EventTrigger>(['alarm', 'state']);

/** What should be, by what is seen: the address on a good instance. */
function uphold(view: View): Decision {
  const { evidence, facts, holder, health } = view;
  const { ask, address } = facts;
  const told = ask.kind === 'event' && TELL_OF_THEIR_OWN.has(ask.trigger) ? ask.instanceIds : undefined;
  if (told !== undefined && holder !== null && !told.includes(holder.id)) {
    const isElsewhere = `${told.join(', ')} does not hold ${address.publicIp}, ${holder.id} does`;
    return nothing(evidence, 'not-the-holder', isElsewhere);
  }
  return BY_HEALTH[health.verdict](view);
}

/**
 * What follows from how the holder is; `instance-verdict` says when it is which. A holder that its group is ending counts as
 * bad however well it is: it hands over while it can.
 */
const BY_HEALTH: { readonly [verdict in Health['verdict']]: (view: View) => Decision } = {
  nobody: (view) => takeOver(view, 'taken-up'),
  bad: (view) => takeOver(view, view.holder !== null && isLeaving(view.holder) ? 'handed-over' : 'failed-over'),
  good: (view) => leaveOrFailBack(view),
  starting: ({ evidence, health }) => wait(evidence, 'holder-starting', health.why, 30),
  doubtful: ({ evidence, health }) => wait(evidence, 'holder-doubtful', health.why, 60),
  unread: ({ evidence, health }) => needsHistory(evidence, health.why),
  unreadable: ({ evidence, health }) => refuse(evidence, 'holder-unreadable', health.why),
  foreign: (view) => refuse(view.evidence, 'held-by-interface', `${view.health.why}; ${howToTake(view)}`),
};

/** EC2 itself refuses to take an address from a service: that is asked to give it back. */
function howToTake({ facts: { loneInterface } }: View): string {
  return typeof loneInterface?.service === 'string'
    ? 'EC2 takes it from no service: it is to be changed there'
    : 'a person may move it with force';
}

/** Places tried in one run: when EC2 refuses so many, it is hardly the places. */
const REFUSALS_PER_RUN = 5;

/** Nobody (good) holds it: the best good candidate takes it, or one that still boots is waited for. */
function takeOver(view: View, code: string): Decision {
  const { evidence, facts, health, standbys } = view;
  const pause = overBudget(view) ?? pauseAfterMove(view);
  if (pause !== undefined) return pause;
  if (standbys.some(isUnread)) return needsHistory(evidence, `${health.why}; a candidate is silent`);
  const refused = refusedPlaces(facts);
  if (refused.length >= REFUSALS_PER_RUN)
    return refuse(evidence, 'no-good-candidate', `${health.why}; ${refused.length} candidates: ${refused.at(-1)?.why}`);
  const [best] = view.good;
  if (isPlaceUnread(view)) return needsHistory(evidence, `${health.why}; where on its holder it was is remembered`);
  if (best !== undefined) return relocate(view, best, { code, why: health.why, budget: 'counted' });
  const reserved = standbys.find(isReserved);
  // Whether it has waited its turn, and whether its place is a makeshift, only the history tells.
  if (facts.history === 'unread' && (reserved !== undefined || !view.demand.like.isPrimary))
    return needsHistory(evidence, `${health.why}; no candidate has a place for it, by what is seen`);
  const [next] = view.booting;
  if (next !== undefined)
    return wait(evidence, 'standby-booting', `${health.why}; ${next.machine.id} ${verdictOn(next)}`, 15);
  const why = reserved === undefined ? 'no candidate is good' : `${reserved.machine.id}: ${verdictOn(reserved)}`;
  return refuse(evidence, 'no-good-candidate', `${health.why}; ${why}`);
}

/** Where on its holder the address was matters where candidates have several private addresses, and only the history tells. */
function isPlaceUnread({ facts, demand, standbys }: View): boolean {
  const isOpen = !demand.isLikeKnown && (demand.wish === null || demand.wish.deviceIndex === null);
  return facts.history === 'unread' && isOpen && standbys.some(({ machine }) => machine.slots.length > 1);
}

/** The ledger has said in this run that it may not move yet. */
function overBudget({ evidence, facts, health }: View): Decision | undefined {
  const refused = refusedBudget(facts);
  return refused === undefined ? undefined : refuse(evidence, refused.name, `${health.why}; but ${refused.message}`);
}

/** Moves that the ledger does not count are kept apart here, by the tags; the kernel sees to those it counts. */
function pauseAfterMove({ evidence, facts, holder, health, limits, now }: View): Decision | undefined {
  const { address, history } = facts;
  const { cooldownSeconds, unledgeredSeconds } = limits;
  const movedAt = lastMoveAt(address, holder, now);
  if (movedAt === null) return undefined;
  const seconds = secondsSince(movedAt, now);
  const why = `${health.why}; moved at ${movedAt}`;
  if (history === 'lost' && seconds < unledgeredSeconds)
    return refuse(
      evidence,
      'too-soon-without-ledger',
      `${why}, and without the ledger it moves once in ${unledgeredSeconds} s`,
    );
  if (seconds < cooldownSeconds && isUnbooked(history, movedAt))
    return refuse(evidence, 'cooldown', `${why}, which the ledger has not booked`);
  return undefined;
}

/** A good holder keeps the address, unless a better one is due to have it back. */
function leaveOrFailBack(view: View): Decision {
  const { evidence, facts, holder, health } = view;
  const due = dueBack(view);
  if (due !== undefined && refusedBudget(facts) === undefined) {
    const why = `${due.machine.id} comes before ${holder?.id ?? ''} and has been steady`;
    return relocate(view, due, { code: 'failed-back', why, budget: 'counted' });
  }
  return facts.hookUnseen
    ? wait(evidence, 'hook-not-seen', 'the lifecycle action does not show yet', 15)
    : nothing(evidence, 'holder-healthy', health.why);
}

/**
 * The candidate that a lower priority makes the rightful holder, if it has been steady for as long as the address's tag asks,
 * and EC2 is not about to take it away again. By itself an address never moves to where it would have more company.
 */
function dueBack(view: View): Standby | undefined {
  const { facts, holder, now } = view;
  const { failbackMinutes } = facts.address;
  if (facts.ask.kind !== 'reconcile' || failbackMinutes === null || holder === null) return undefined;
  const company = othersOn(facts, holder.id).length;
  const [best] = before(view, holder).filter(
    (standby) => isGood(standby) && standby.machine.scheduled.length === 0 && standby.load <= Math.max(0, company - 1),
  );
  if (best === undefined) return undefined;
  const steadySince = remembered(facts.history, `stable:${best.machine.id}`);
  if (steadySince === undefined) return undefined;
  return secondsSince(steadySince, now) >= failbackMinutes * 60 ? best : undefined;
}

/** The candidates that come before the holder by their priority, the first of them first. */
function before({ standbys }: View, holder: Machine | null): readonly Standby[] {
  return standbys
    .filter(({ machine }) => holder === null || machine.priority < holder.priority)
    .toSorted((left, right) => left.machine.priority - right.machine.priority);
}

/** What a person asks for: from a healthy holder too, but only to a good candidate. */
function byHand(view: View, ask: MoveAsk | Extract<Ask, { kind: 'fail-back' }>): Decision {
  const { evidence, facts, health } = view;
  const isServices = typeof facts.loneInterface?.service === 'string';
  if (health.verdict === 'foreign' && (isServices || !ask.force))
    return refuse(evidence, 'held-by-interface', `${health.why}; ${howToTake(view)}`);
  return ask.kind === 'move' ? moveByHand(view, ask) : failBackByHand(view, ask.force);
}

/** To the instance, interface and private address that are named: a name is binding. */
function moveByHand(view: View, ask: MoveAsk): Decision {
  const { evidence, facts, holder } = view;
  const { publicIp, vip } = facts.address;
  if (isWhereAsked(view, ask)) return nothing(evidence, 'already-there', `${holder?.id ?? ''} holds ${publicIp}`);
  const named = standbysNamed(view, ask);
  if (named.length === 0)
    return refuse(evidence, 'unknown-candidate', `${ask.to} is no candidate: it does not carry runbook:vip = ${vip}`);
  return toOneOf(view, named, 'moved-by-hand', ask.force);
}

/** To the candidate with the lowest priority that comes before the holder. */
function failBackByHand(view: View, force: boolean): Decision {
  const { evidence, holder } = view;
  const preferred = before(view, holder);
  if (preferred.length === 0)
    return nothing(evidence, 'already-preferred', `no candidate comes before ${holder?.id ?? 'nobody'}`);
  return toOneOf(view, preferred, 'failed-back', force);
}

/** The person is the limit, so it is not counted; `force` accepts one that is quarantined. */
function toOneOf(view: View, meant: readonly Standby[], code: string, force: boolean): Decision {
  const isFit = ({ flaws }: Standby): boolean => flaws.every(({ kind }) => force && kind === 'quarantined');
  const fit = meant.find(isFit);
  if (fit !== undefined) return relocate(view, fit, { code, why: 'a person asked for it', budget: 'free' });
  const flawsOfAll = meant.map((standby) => `${standby.machine.id} ${verdictOn(standby)}`).join(', ');
  return refuse(view.evidence, 'candidate-not-good', flawsOfAll);
}
