/**
 * Claims: what an action needs for itself besides its target, e.g. the place where it is to go. Runs on different targets may
 * see different things and choose the same; the ledger gives it to one of them. Claims are taken side by side with the lease,
 * so they cost no round trip.
 *
 * A claim belongs to the target, not to the run: who takes up the target of a dead run finds its claims its own.
 */

import type { Act, Refusal } from '../decision.ts';
import { fault, type Fault } from '../errors.ts';
import { laterBy, LEASE_SECONDS, takeLease } from '../ledger/access.ts';
import type { Lease } from '../ledger/ledger.ts';
import { CONTENDED } from '../ledger/rules.ts';
import type { TargetRun } from './context.ts';
import type { RunState, Sight } from './state.ts';

/** What came of asking for the claims of a decision. */
export interface Claimed {
  /** Those that are held now, with those from before. */
  readonly held: readonly Lease[];
  /** The first that another target has. */
  readonly denied?: Refusal;
  /** The ledger did not answer. */
  readonly fault?: Fault;
  /** Somebody else may have used one of them after the target was looked at. */
  readonly isOvertaken: boolean;
}

/** Looks after which what others did meanwhile shows: who claimed a place has taken it by then. */
export const CLAIM_LOOKS = 2;

/** How a claim is called among the ledger's resources. */
function resourceOf(claim: string): string {
  return `claim/${claim}`;
}

/** The claims of a decision that the run does not hold yet. */
function missingClaims({ claims }: RunState<object>, { claims: wanted = [] }: Act): readonly string[] {
  return wanted.filter((claim) => claims.every(({ resource }) => resource !== resourceOf(claim)));
}

/** Asks for the claims that are missing. */
export async function takeClaims<Seen extends object>(
  run: TargetRun<Seen>,
  state: RunState<Seen>,
  sight: Sight<Seen>,
  decision: Act,
): Promise<Claimed> {
  const asks = missingClaims(state, decision).map((claim) => () => takeClaim(run, state, sight, claim));
  const answers: Claimed[] = [];
  if (run.host.kind === 'plain') answers.push(...(await Promise.all(asks.map((ask) => ask()))));
  // Side by side the order of their steps would not replay.
  else for (const ask of asks) answers.push(await ask());
  const denied = answers.find((answer) => answer.denied !== undefined)?.denied;
  const failure = answers.find((answer) => answer.fault !== undefined)?.fault;
  return {
    held: [...state.claims, ...answers.flatMap(({ held }) => held)],
    isOvertaken: answers.some(({ isOvertaken }) => isOvertaken),
    ...(denied === undefined ? {} : { denied }),
    ...(failure === undefined ? {} : { fault: failure }),
  };
}

async function takeClaim<Seen extends object>(
  run: TargetRun<Seen>,
  { turn, now, looks }: RunState<Seen>,
  sight: Sight<Seen>,
  claim: string,
): Promise<Claimed> {
  const { host, ledger, runbook, target } = run;
  const leftSeconds = host.kind === 'plain' ? Math.ceil(host.remainingMs() / 1_000) : LEASE_SECONDS;
  const asked = await takeLease(host, ledger, `claim:${turn}:${claim}`, {
    resource: resourceOf(claim),
    runbook: runbook.name,
    owner: target,
    now,
    until: laterBy(now, Math.max(LEASE_SECONDS, leftSeconds)),
    // Nothing is limited; that it was claimed, and when, is to be known to the next one.
    budget: { lastBefore: laterBy(now, 1), windowFrom: laterBy(now, 1), max: 1 },
  });
  if (!asked.ok) return { held: [], isOvertaken: false, fault: asked.fault };
  const answer = asked.value;
  if (answer.granted) {
    const [, before = ''] = answer.history.actions;
    // Who claimed it then may have acted on it until its run had to end.
    const isOvertaken = before > laterBy(sight.at, -runbook.timeoutSeconds);
    return { held: [answer.lease], isOvertaken };
  }
  // Nobody has it for that: whoever wrote at the same time may have been turned away like this run.
  if (answer.detail === CONTENDED.detail && looks < CLAIM_LOOKS)
    return { held: [], isOvertaken: false, fault: fault('retryable', 'Contended', answer.detail, 'none') };
  const input = { claim };
  const denied = {
    call: 'ledger:claim',
    input,
    meaning: 'refused',
    name: 'Claimed',
    message: answer.detail,
    at: asked.endedAt,
  } as const;
  return { held: [], isOvertaken: false, denied };
}
