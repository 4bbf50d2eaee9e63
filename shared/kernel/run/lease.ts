/** The lease on the target, and the second judgement behind it. */

import type { Act } from '../decision.ts';
import type { Fault } from '../errors.ts';
import { attempt, type Attempt } from '../hosts/attempt.ts';
import { attemptTwice, laterBy, LEASE_SECONDS, outdated } from '../ledger/access.ts';
import type { Lease, LeaseAnswer, LeaseRequest } from '../ledger/ledger.ts';
import { refusalOf } from '../ledger/rules.ts';
import { planHash } from '../plan.ts';
import { CLAIM_LOOKS, takeClaims, type Claimed } from './claims.ts';
import type { TargetRun } from './context.ts';
import { alarmingRefusal, leaves, refusal, type Leaving, type Staged } from './end.ts';
import { asksPerson, mayAct, overLimit, repeatedFailure } from './gate.ts';
import { judge } from './look.ts';
import {
  carriesBooking,
  granted,
  isLedgerLost,
  noted,
  unseen,
  withoutLedger,
  type Acting,
  type HeldLease,
  type LeaseNews,
  type RunState,
  type Sight,
} from './state.ts';
import { again, backOff, chooseAgain } from './wait.ts';

/**
 * Takes the lease for this decision, if it is not held already, and books and announces with it what is to be done; and beside
 * it what the decision claims.
 */
export async function lease<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  const { state: before, decision } = acting;
  // Before anything is claimed, where that need not be a step.
  if (run.host.kind === 'plain' && !mayAct(run, decision)) return overLimit(run, acting);
  if (isLedgerLost(before) || run.runbook.safety) return withoutLease(run, acting);
  const request = covers(before.lease, decision) ? undefined : requestFor(run, before, decision);
  const asking = request === undefined ? undefined : askForLease(run, before, decision, request);
  // Side by side the order of the steps would not replay; and nothing is claimed for an action that may not be.
  const isFirst = run.host.kind === 'durable' || (request !== undefined && isOverBudget(before, request));
  const first = isFirst ? await asking : undefined;
  if (first !== undefined && !isGranted(first)) return withLease(run, acting, first, before.claims);
  const claiming = takeClaims(run, before, acting.sight, decision);
  const [leased, claimed] = await Promise.all([asking, claiming]);
  const next = leased === undefined ? acting : await withLease(run, acting, leased, claimed.held);
  return leaves(next) ? next : withClaims(run, next, claimed);
}

/** The ledger's answer, or that the run acts on as many targets already as it may. */
type Answer = LeaseAnswer | { readonly granted: false; readonly why: 'too-many-targets'; readonly detail: string };

function askForLease<Seen extends object>(
  run: TargetRun<Seen>,
  { turn }: RunState<Seen>,
  decision: Act,
  request: LeaseRequest,
): Promise<Attempt<Answer>> {
  return attemptTwice<Answer>(run.host, `lease:${turn}`, async () =>
    mayAct(run, decision) ? run.ledger.acquire(request) : { granted: false, why: 'too-many-targets', detail: '' },
  );
}

/** A runbook that proceeds without its ledger, or needs no lease. */
async function withoutLease<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  if (run.host.kind === 'plain') return acting;
  const { state, decision } = acting;
  const admitted = await attempt(run.host, `lease:${state.turn}`, () => Promise.resolve(mayAct(run, decision)));
  return admitted.ok && admitted.value ? acting : overLimit(run, acting);
}

/** By what is known of the target's past, the budget will say no; the ledger has the last word. */
function isOverBudget({ history }: RunState<object>, request: LeaseRequest): boolean {
  const isOpen = request.carries === undefined && typeof history === 'object';
  return isOpen && refusalOf({ actions: history.actions }, request) !== undefined;
}

function isGranted(asked: Attempt<Answer>): boolean {
  return asked.ok && asked.value.granted;
}

/** With the lease, or without it. */
function withLease<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  asked: Attempt<Answer>,
  claims: readonly Lease[],
): Promise<Staged<Seen>> | Staged<Seen> {
  const { state: before, decision } = acting;
  const state = noted(before, 'lease', asked);
  if (!asked.ok) return unanswered(run, { ...acting, state }, asked.fault);
  const answer = asked.value;
  if (!answer.granted) {
    // What was claimed stays the target's while another run has its lease: that run may need it.
    const kept = answer.why === 'leased' ? before.claims : claims;
    return denied(run, { ...acting, state: { ...state, claims: kept } }, answer);
  }
  // A replay has not asked.
  mayAct(run, decision);
  const leased = { ...acting, state: granted(state, decision, answer) };
  return before.lease === undefined ? { ...leased, news: { answer, before: before.history } } : leased;
}

/** With all that is claimed; or it chooses again, knowing what another target has, or looks again at what another has just had. */
function withClaims<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  { held, denied: refused, fault, isOvertaken: isOldNews }: Claimed,
): Promise<Staged<Seen>> | Staged<Seen> {
  const state = { ...acting.state, claims: held };
  if (fault !== undefined) return unclaimed(run, { ...acting, state }, fault);
  if (refused !== undefined) {
    const refusals = [...state.refusals, refused];
    const next = { ...state, refusals, carries: true, tries: state.tries + 1 };
    return chooseAgain(run, next, refused, acting.decision.evidence);
  }
  return isOldNews ? unseen(state) : { ...acting, state };
}

/**
 * A ledger that has given the lease is there: others claim by it, and see nothing of who goes on without. So it is asked again,
 * and the target looked at anew, before it counts as lost.
 */
function unclaimed<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  why: Fault,
): Promise<Staged<Seen>> | Staged<Seen> {
  const { state, decision } = acting;
  if (state.lease === undefined || state.looks >= CLAIM_LOOKS) return unanswered(run, acting, why);
  return again(run, state, { ...why, class: 'retryable' }, decision.evidence);
}

function covers(held: HeldLease | undefined, { intent, budget }: Act): boolean {
  return held !== undefined && held.intent === intent && (held.booked || budget === 'free');
}

function requestFor<Seen extends object>(run: TargetRun<Seen>, state: RunState<Seen>, decision: Act): LeaseRequest {
  const { limits, host, target } = run;
  const { now, lease: held, approved } = state;
  // An execution that waits for its word hears it alone.
  const word = host.kind === 'plain' && asksPerson(run, decision) ? approved : undefined;
  const budget = {
    lastBefore: laterBy(now, -limits.cooldownSeconds),
    windowFrom: laterBy(now, -limits.windowSeconds),
    max: limits.maxActionsPerWindow,
  };
  return {
    resource: target,
    runbook: run.runbook.name,
    owner: `${host.run}|${target}`,
    now,
    until: laterBy(now, LEASE_SECONDS),
    intent: { key: decision.intent, note: decision.note ?? {} },
    ...(decision.budget === 'counted' ? { budget } : {}),
    ...(word && { word: { until: word.until, by: word.by } }),
    ...(carriesBooking(state) && held !== undefined ? { carries: held.held.epoch } : {}),
  };
}

/** The ledger does not answer: what was decided as if there were one is decided again, by a runbook that proceeds without. */
function unanswered<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  fault: Fault,
): Promise<Leaving<Seen>> | Leaving<Seen> {
  const state = withoutLedger(acting.state);
  const { ledgerLost, hindered } = run.runbook;
  if (ledgerLost === 'proceed') return state;
  const because = `the ledger does not answer (${fault.name})`;
  const barred = { ...acting, state };
  return hindered?.withoutAnswer(run, barred, because) ?? alarmingRefusal(barred, 'ledger-lost', because);
}

/** The budget says no. A runbook that has something else to do then is told, and decides once more on what it has seen. */
function overBudget<Seen extends object>(acting: Acting<Seen>, name: string, detail: string): Leaving<Seen> {
  const { state, decision } = acting;
  if (decision.onDenied !== 'decide') return alarmingRefusal(acting, name, `${decision.because}; but ${detail}`);
  const told = {
    call: 'ledger:acquire',
    input: {},
    meaning: 'refused',
    name,
    message: detail,
    at: state.now,
  } as const;
  return { ...state, refusals: [...state.refusals, told] };
}

/** The word was used up by another run: what that one has done is looked at first. */
function withoutWord<Seen extends object>(
  acting: Acting<Seen>,
  { detail, history }: Extract<LeaseAnswer, { granted: false }>,
): Leaving<Seen> {
  const { state } = acting;
  if (state.contended > 0)
    return { ...refusal(acting, 'not-approved', `${state.approved?.by} said yes, and ${detail}`), ofWord: true };
  return { ...unseen(state), contended: 1, approved: undefined, history };
}

async function denied<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  denial: Extract<Answer, { granted: false }>,
): Promise<Leaving<Seen>> {
  const { why, detail } = denial;
  if (why === 'too-many-targets') return overLimit(run, acting);
  run.tally.withdraw(run.target);
  if (denial.why === 'used') return withoutWord(acting, denial);
  if (why !== 'leased') return overBudget(acting, why, detail);
  const contended = acting.state.contended + 1;
  const state = { ...unseen(acting.state), contended };
  const mayWait = contended < run.limits.maxLooks && (await backOff(run, state, contended));
  if (mayWait) return { ...state, switches: outdated(state.switches) };
  return run.runbook.hindered?.heldUp(acting, detail) ?? refusal(acting, why, detail);
}

/**
 * What the history that came with the lease adds may change the judgement: the same facts are judged again, and the lease is
 * there already. When somebody acted since they were read, they are read again.
 */
export function judgeAgain<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Staged<Seen> {
  const { state, sight, decision, news } = acting;
  if (news === undefined) return acting;
  const repeat = repeatedFailure(run, state);
  if (repeat !== undefined) return repeat;
  // Nothing of what was booked has begun: what is chosen instead is the action that it was booked for, or gives it back. What a run
  // before this one did under the same booking is not known: then something else is an action more.
  const open = state.resumed ? state : { ...state, carries: true };
  if (isOvertaken(sight, decision, news)) return unseen(open);
  const judged = judge(run, { state, sight });
  if (leaves(judged)) return judged;
  const second = judged.decision;
  return second.kind === 'act' && isSame(second, decision) ? { state, sight, decision: second } : open;
}

/** Somebody acted, or held the lease, after the facts were read. */
function isOvertaken(sight: Sight<object>, decision: Act, { answer, before }: LeaseNews): boolean {
  const { actions, epoch } = answer.history;
  // The newest action is this run's own where it was booked just now.
  const ownBooking = decision.budget === 'counted' && !answer.resumed;
  const previous = actions[ownBooking ? 1 : 0] ?? '';
  return previous > sight.at || (typeof before === 'object' && epoch > before.epoch + 1);
}

function isSame(second: Act, first: Act): boolean {
  return second.intent === first.intent && planHash(second.plan) === planHash(first.plan);
}
