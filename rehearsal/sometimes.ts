/**
 * What must happen in at least one run of an exploration: an exploration that never came upon the interesting paths has
 * shown nothing about them.
 */

import { codeOf } from './expect.ts';
import { changesTheAccount, tookEffect } from './explorer/effects.ts';
import { requestsUnderLease } from './explorer/faults.ts';
import { isOfOwnState } from '../simulator/engine/own-state.ts';
import type {
  DeployedFunction,
  FaultPlan,
  Invocation,
  LoggedRequest,
  SimulationResult,
} from '../simulator/engine/run-types.ts';

/** One run, beside the run without faults. */
interface Witness {
  readonly plan: FaultPlan;
  readonly without: SimulationResult;
  readonly result: SimulationResult;
  readonly functions: readonly DeployedFunction[];
}

/** A thing that must be seen in an exploration. */
export interface Sometimes {
  readonly name: string;
  /** Whether an exploration of this drill can come upon it; judged by the run without faults. */
  readonly applies: (without: SimulationResult, functions: readonly DeployedFunction[]) => boolean;
  readonly seen: (witness: Witness) => boolean;
}

function struck(
  { result: { requests } }: Witness,
  wanted: (request: LoggedRequest) => boolean,
): readonly LoggedRequest[] {
  return requests.filter((request) => request.fault !== undefined && wanted(request));
}

function count(requests: readonly LoggedRequest[], call: string): number {
  return requests.filter((request) => request.call === call && tookEffect(request)).length;
}

function acts(without: SimulationResult): boolean {
  return without.requests.some((request) => changesTheAccount(request) && tookEffect(request));
}

/** The functions that change the account in a run, and would `refuse` or `proceed` without the ledger. */
export function actingWithout(
  without: SimulationResult,
  functions: readonly DeployedFunction[],
  ledgerLost: 'refuse' | 'proceed',
): ReadonlySet<string> {
  const names = new Set(
    functions.filter(({ summary }) => summary.ledgerLost === ledgerLost).map(({ summary }) => summary.name),
  );
  const changes = without.requests.filter((request) => changesTheAccount(request) && tookEffect(request));
  const acting = changes.map(({ invocation }) => without.invocations[invocation]?.runbook ?? '');
  return new Set(acting.filter((name) => names.has(name)));
}

function isPlain(name: string, functions: readonly DeployedFunction[]): boolean {
  return functions.some(({ summary }) => summary.name === name && summary.host === 'plain');
}

/** The second runs, with Lambda's repeats of them, of events that were delivered twice. */
function secondRuns({ plan, result: { invocations } }: Witness): readonly Invocation[] {
  return plan.duplicates.flatMap(({ event }) => {
    const runs = invocations.filter(({ delivery }) => delivery === event);
    const isSecond = ({ requestId, runbook }: Invocation): boolean => {
      const began = runs.find((one) => one.requestId === requestId)?.index ?? 0;
      return runs.some((one) => one.runbook === runbook && one.requestId !== requestId && one.index < began);
    };
    return runs.filter(isSecond);
  });
}

function outcomesOf({ result: { results } }: Witness, invocation: Invocation): readonly string[] {
  return results.filter((one) => one.invocation === invocation.index).map(({ result }) => result.outcome);
}

/**
 * SQS has no token that would tell whether a batch has arrived: what a lost reply did is met again as letters, and never found. A start
 * under a name is simply sent again: Lambda starts it once.
 */
function canBeFoundDone(request: LoggedRequest): boolean {
  return changesTheAccount(request) && !request.call.startsWith('sqs:') && request.call !== 'lambda:Invoke';
}

const LOST_REPLY: Sometimes = {
  name: 'a lost reply was found done',
  applies: (without) => acts(without) && without.requests.some(canBeFoundDone),
  seen: (witness) =>
    struck(witness, (request) => changesTheAccount(request) && request.fault === 'reply-lost').some(
      ({ call }) => count(witness.result.requests, call) === count(witness.without.requests, call),
    ),
};

const RESUMED: Sometimes = {
  name: 'a dead run was taken up again',
  applies: (without) => without.requests.some(({ invocation }) => invocation >= 0),
  seen: ({ result: { invocations } }) => {
    const isAboutTheSame = (one: Invocation, other: Invocation): boolean =>
      one.runbook === other.runbook && (one.requestId === other.requestId || one.delivery === other.delivery);
    const returned = invocations.filter(({ ended }) => ended === 'returned');
    const dead = invocations.filter(({ ended }) => ended === 'died');
    return dead.some((one) => returned.some((later) => later.index > one.index && isAboutTheSame(later, one)));
  },
};

const DUPLICATE: Sometimes = {
  name: 'a second delivery found the work done or under way',
  applies: (without) => acts(without) && without.invocations.some(({ delivery }) => delivery >= 0),
  seen: (witness) =>
    secondRuns(witness).some((run) =>
      outcomesOf(witness, run).some((outcome) => outcome !== 'failed' && outcome !== 'not-mine'),
    ),
};

const THROTTLED_READ: Sometimes = {
  name: 'a throttled read was made again',
  applies: (without) => without.requests.some(({ kind, call }) => kind === 'read' && !isOfOwnState(call)),
  seen: (witness) =>
    struck(witness, ({ kind, fault }) => kind === 'read' && fault === 'throttled').some((first) =>
      witness.result.requests.some(
        (again) => again.index > first.index && again.call === first.call && again.error === undefined,
      ),
    ),
};

const LEDGER_LOST_ACTED: Sometimes = {
  name: 'without its ledger a runbook acted on the state in the account',
  applies: (without, functions) => acts(without) && actingWithout(without, functions, 'refuse').size === 0,
  seen: ({ plan, result }) => plan.ledgerLost && acts(result),
};

const LEDGER_LOST_REFUSED: Sometimes = {
  name: 'without its ledger a runbook refused, or failed for want of it',
  applies: (without, functions) => actingWithout(without, functions, 'refuse').size > 0,
  seen: ({ plan, result }) =>
    plan.ledgerLost && result.results.some(({ result: { outcome } }) => outcome === 'refused' || outcome === 'failed'),
};

const LOCK_CONFLICT: Sometimes = {
  name: 'a lock conflict was lost and got over',
  applies: (without) => without.requests.some(({ call }) => call === 'ledger:acquire'),
  seen: (witness) =>
    struck(witness, ({ fault, call }) => fault === 'lock-conflict' && call === 'ledger:acquire').length > 0,
};

const LAMBDA_RETRY: Sometimes = {
  name: 'a failed run was repeated by Lambda',
  applies: (without, functions) =>
    acts(without) && without.invocations.some(({ runbook, delivery }) => delivery >= 0 && isPlain(runbook, functions)),
  seen: ({ result: { invocations } }) => {
    const failed = invocations.filter(({ ended }) => ended !== 'returned');
    const isRepeated = ({ index, requestId }: Invocation): boolean =>
      invocations.some((again) => again.index > index && again.requestId === requestId);
    return failed.some(isRepeated);
  },
};

const REFUSED: Sometimes = {
  name: 'a refused call was told, or what it was for was reached another way',
  applies: acts,
  seen: (witness) =>
    struck(witness, (request) => changesTheAccount(request) && request.fault === 'refused').some(({ index }) =>
      witness.result.results.some(
        ({ invocation, result: { outcome } }) =>
          invocation >= (witness.result.requests[index]?.invocation ?? 0) && outcome !== 'nothing',
      ),
    ),
};

const WORLD_MOVED: Sometimes = {
  name: 'the account had moved when a call met it',
  applies: ({ requests }) => requests.some(({ moves = [] }) => moves.length > 0),
  seen: (witness) => struck(witness, ({ fault }) => fault === 'world-moves').length > 0,
};

const EFFECT_THREW: Sometimes = {
  name: 'an effect threw what is no answer of AWS',
  applies: () => false,
  seen: (witness) => struck(witness, ({ fault }) => fault === 'effect-throws').length > 0,
};

const LEASE_STOLEN: Sometimes = {
  name: 'a lease was taken behind the back of a run',
  applies: (without) => requestsUnderLease(without).size > 0,
  seen: (witness) => struck(witness, ({ fault }) => fault === 'lease-stolen').length > 0,
};

const FULL_LEDGER: Sometimes = {
  name: 'a full ledger was read',
  applies: (without) => without.requests.some(({ call, error }) => call === 'ledger:resources' && error === undefined),
  seen: ({ plan, result: { requests } }) =>
    plan.ledgerFull === true && requests.some(({ call, error }) => call === 'ledger:resources' && error === undefined),
};

function canAsk(functions: readonly DeployedFunction[]): boolean {
  return functions.every(({ summary }) => summary.host === 'durable');
}

const NOT_APPROVED: Sometimes = {
  name: 'nobody approved, and nothing was done',
  applies: (without, functions) => acts(without) && canAsk(functions),
  seen: ({ plan, result }) =>
    plan.approval !== undefined &&
    result.results.some((one) => /^(?:not-approved|drifted)$/u.test(codeOf(one.result))) &&
    !acts(result),
};

const APPROVED: Sometimes = {
  name: 'an approval was given, and the plan carried out',
  applies: (without, functions) => acts(without) && canAsk(functions),
  seen: ({ plan, result }) => (plan.approval === 'given' || plan.approval === 'twice') && acts(result),
};

/** Every `sometimes` by its name; a drill's `expect.json` may demand one by it. */
const SOMETIMES: readonly Sometimes[] = [
  LOST_REPLY,
  RESUMED,
  DUPLICATE,
  THROTTLED_READ,
  LEDGER_LOST_ACTED,
  LEDGER_LOST_REFUSED,
  LOCK_CONFLICT,
  LAMBDA_RETRY,
  REFUSED,
  WORLD_MOVED,
  EFFECT_THREW,
  LEASE_STOLEN,
  FULL_LEDGER,
  NOT_APPROVED,
  APPROVED,
];

/** A drill may also demand an outcome: `reassign-elastic-ip refused`, `reassign-elastic-ip refused (leased)`. */
function outcomeNamed(name: string): Sometimes | undefined {
  const [, runbook, outcome, code] = /^([a-z-]+) ([a-z-]+)(?: \(([a-z-]+)\))?$/u.exec(name) ?? [];
  if (runbook === undefined || outcome === undefined) return undefined;
  return {
    name,
    applies: () => true,
    seen: ({ result: { results } }) =>
      results.some(
        ({ result }) =>
          result.runbook === runbook && result.outcome === outcome && (code === undefined || codeOf(result) === code),
      ),
  };
}

/**
 * The `sometimes` of an exploration: those that apply by themselves, and those the drill demands.
 * `unknown` are demanded names that nobody knows. `needsLedger`: without its ledger this drill is another story.
 */
export function sometimesOf(
  demanded: readonly string[],
  without: SimulationResult,
  functions: readonly DeployedFunction[],
  needsLedger: boolean,
): { readonly wanted: readonly Sometimes[]; readonly unknown: readonly string[] } {
  const own = SOMETIMES.filter((one) => one.applies(without, functions) && !(needsLedger && one === LEDGER_LOST_ACTED));
  const asked = demanded.map((name) => ({
    name,
    found: SOMETIMES.find((one) => one.name === name) ?? outcomeNamed(name),
  }));
  const added = asked.flatMap(({ found }) =>
    found === undefined || own.some(({ name }) => name === found.name) ? [] : [found],
  );
  return {
    wanted: [...own, ...added],
    unknown: asked.filter(({ found }) => found === undefined).map(({ name }) => name),
  };
}
