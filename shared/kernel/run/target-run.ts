/**
 * One run on one target: observe, decide, lease, limit, apply, verify, until there is an end to report.
 *
 * The order differs from the textbook's in one place: the lease is taken after the first decision, in the same conditional
 * write that books the budget and announces the intent. A run that has nothing to do writes nothing, and the hot path is
 * two round trips. What the lease would have protected is made good behind it: the history that comes back with the lease
 * tells whether somebody acted since the facts were read, and then they are read again.
 */

import type {
  Act,
  Decision,
  Evidence,
  HistoryReading,
  Json,
  JsonObject,
  KernelFacts,
  Outcome,
  PlannedCall,
} from '../decision.ts';
import { applyPlan } from './apply-plan.ts';
import type { Io, Limits, Located } from '../definition.ts';
import { codeOf, type Fault } from '../errors.ts';
import { attempt, type Attempt, type Host } from '../hosts/host.ts';
import { makeIo } from './io.ts';
import type { KillSwitch, Lease, LeaseAnswer, LeaseRequest } from '../ledger/ledger.ts';
import {
  keepLease,
  laterBy,
  LEASE_SECONDS,
  readHistory,
  readSwitch,
  takeLease,
  type SwitchReading,
} from '../ledger/access.ts';
import { publishOutcome } from '../report/outcome.ts';
import { planHash, tokenOf } from '../plan.ts';
import { ENDED_KEY } from './memory-keys.ts';
import type { Phase, RunResult } from '../report/result.ts';
import type { End, RunContext } from './end.ts';

/** Waits inside the loop before it looks again after a retryable error: doubling from here, with jitter by run and look. */
const BACKOFF_SECONDS = 1;
/** Turns of the loop in one run: a plan that never ends must not become a bill. With at most five steps a turn, a durable run stays under 500 operations. */
const MAX_TURNS = 90;

/** What the ledger knew of a target when the run began. `heldUntil`: another run held its lease. */
export type Known = Pick<KernelFacts, 'history' | 'heldUntil'>;

type Step = End | 'again';

export class TargetRun<Request extends JsonObject, Seen extends object, L extends Limits> {
  readonly #context: RunContext<Request, Seen, L>;
  readonly #host: Host;
  readonly #target: string;
  readonly #heldUntil: Pick<KernelFacts, 'heldUntil'>;
  #facts: Seen | undefined;
  #seenAt: string;
  #history: HistoryReading;
  #lease: { readonly held: Lease; readonly intent: string; readonly booked: boolean } | undefined;
  #switches: SwitchReading;
  #lost = false;
  #looks = 0;
  #contended = 0;
  #turn = 0;
  #waitedSeconds = 0;
  #approved: { readonly hash: string; readonly intent: string } | undefined;
  #setback: KernelFacts['setback'];
  #done: Act | undefined;
  /** Decisions of which a request has left, the last one perhaps not to its end. */
  readonly #applied: Act[] = [];
  #begun = false;
  #resumed = false;
  readonly #sent: PlannedCall[] = [];
  readonly #notes: { [key: string]: Json } = {};
  readonly #phases: Phase[];

  constructor(context: RunContext<Request, Seen, L>, host: Host, located: Located<Seen>, { history, ...held }: Known) {
    this.#context = context;
    this.#host = host;
    this.#target = located.target;
    this.#facts = located.facts;
    this.#seenAt = context.locatedAt;
    this.#heldUntil = held;
    this.#history = history;
    this.#lost = history === 'lost';
    this.#switches = context.switches;
    this.#phases = [...context.phases];
  }

  /** Runs to an end; never throws for an AWS failure. */
  async run(): Promise<End> {
    for (this.#turn = 0; this.#turn < MAX_TURNS; this.#turn += 1) {
      const step = await this.#look();
      if (step !== 'again') return step;
    }
    return this.#failed({ class: 'retryable', name: 'TooManyTurns', message: `no end after ${MAX_TURNS} looks` });
  }

  async #look(): Promise<Step> {
    if (this.#facts === undefined) {
      const { definition, request } = this.#context;
      const reading = await this.#attempt(`observe:${this.#turn}`, (io) =>
        definition.observe(this.#target, request, io),
      );
      if (!reading.ok) return this.#again(reading.fault);
      this.#facts = reading.value;
      this.#seenAt = reading.startedAt;
    }
    const facts = this.#facts;
    let decision = this.#judge(facts);
    if (decision.needsHistory === true && this.#history === 'unread') {
      this.#history = await readHistory(this.#host, this.#context.ledger, `history:${this.#turn}`, this.#target);
      this.#lost = this.#history === 'lost';
      decision = this.#judge(facts);
    }
    if (this.#lost && this.#context.definition.ledgerLost === 'refuse' && decision.kind !== 'nothing') {
      return this.#end('refused', {
        ...decision,
        code: 'ledger-lost',
        because: 'the ledger does not answer, and this runbook does not act without it',
        attention: true,
      });
    }
    return this.#follow(decision, facts);
  }

  #follow(decision: Decision, facts: Seen): Promise<Step> | Step {
    if (decision.kind === 'act') return this.#act(decision, facts);
    if (decision.kind === 'wait') return this.#wait(decision);
    if (decision.kind === 'nothing') return this.#rest(decision);
    return this.#setback === undefined ? this.#end('refused', decision) : this.#setbackEnd(decision);
  }

  /**
   * Nothing (more) to do: the goal stood from the beginning, or is reached now. What was begun and broke off is looked at
   * before it is called done: "nothing to do" may also be a stale read.
   */
  async #rest(decision: Decision): Promise<Step> {
    if (this.#setback !== undefined) return this.#setbackEnd(decision);
    const broken = this.#applied.at(-1);
    if (this.#done === undefined && broken !== undefined) {
      const { definition, request } = this.#context;
      const verified = await this.#attempt(`verify:${this.#turn}`, (io) =>
        definition.verify(this.#target, broken.plan, request, io),
      );
      if (!verified.ok) return this.#again(verified.fault, broken.evidence);
      if (!verified.value.ok)
        return this.#again(
          { class: 'retryable', name: 'NotReached', message: `${verified.value.why}, yet ${decision.because}` },
          broken.evidence,
        );
    }
    const acted = this.#done ?? broken;
    if (acted === undefined) return this.#end('nothing', decision);
    return this.#end('done', { ...decision, code: acted.code, because: acted.because, evidence: acted.evidence });
  }

  #setbackEnd(decision: Pick<Decision, 'code' | 'because' | 'evidence'>): End {
    const why = this.#setback?.why ?? '';
    const end = this.#failed(
      { class: 'terminal', name: 'VerificationFailed', message: `${why}; then ${decision.code}: ${decision.because}` },
      decision.evidence,
    );
    // Nothing is left for the next run to resume: what comes now is for a person.
    return { ...end, intent: 'settle' };
  }

  #judge(facts: Seen): Decision {
    const { definition, limits } = this.#context;
    const added: KernelFacts = {
      history: this.#history,
      ...this.#heldUntil,
      ...(this.#setback === undefined ? {} : { setback: this.#setback }),
    };
    return definition.decide({ ...facts, ...added }, limits, this.#phases.at(-1)?.endedAt ?? this.#seenAt);
  }

  async #wait(decision: Extract<Decision, { kind: 'wait' }>): Promise<Step> {
    const { limits, ledger } = this.#context;
    if (this.#context.dryRun || this.#host.kind === 'plain') return this.#end('waiting', decision);
    if (this.#waitedSeconds + decision.seconds > limits.maxWaitSeconds) {
      return this.#failed(
        {
          class: 'terminal',
          name: 'WaitedTooLong',
          message: `${decision.code}: ${decision.because}; gave up after ${this.#waitedSeconds} s`,
        },
        decision.evidence,
      );
    }
    if (this.#lease !== undefined) {
      const { held } = this.#lease;
      const kept = await attempt(
        this.#host,
        `hold:${this.#turn}`,
        async () => (await keepLease(ledger, held, decision.seconds)) ?? null,
      );
      if (kept.ok) this.#lease = kept.value === null ? undefined : { ...this.#lease, held: kept.value };
    }
    await this.#host.wait(`wait:${this.#turn}`, decision.seconds);
    this.#waitedSeconds += decision.seconds;
    this.#facts = undefined;
    return 'again';
  }

  async #act(decision: Act, facts: Seen): Promise<Step> {
    const { limits, dryRun, config } = this.#context;
    if (decision.plan.length > limits.maxCalls) {
      return this.#end(
        'refused',
        {
          ...decision,
          code: 'too-many-calls',
          because: `the plan has ${decision.plan.length} calls, the limit is ${limits.maxCalls}`,
          attention: true,
        },
        decision.plan,
      );
    }
    if (dryRun) return this.#end('planned', decision, decision.plan);
    const stop =
      this.#refuseRepeat() ??
      (await this.#gate(decision)) ??
      (config.approval === 'always' ? await this.#approve(decision) : undefined);
    if (stop !== undefined) return stop;
    const locked = await this.#lock(decision, facts);
    return locked !== 'again' && 'kind' in locked ? this.#carryOut(locked) : locked;
  }

  /** The kill switch: off, or nothing is done. An unreadable one is read once more; then it is off only for a runbook that proceeds without the ledger. */
  async #gate(decision: Act): Promise<Step | undefined> {
    const { ledger, definition } = this.#context;
    if (this.#switches.lost && !this.#lost) this.#switches = await readSwitch(this.#host, ledger, definition.name);
    const { on, lost } = this.#switches;
    if (on !== undefined) return this.#killed(decision, on);
    if (!lost) return undefined;
    if (definition.ledgerLost === 'refuse')
      return this.#end(
        'refused',
        { ...decision, code: 'ledger-lost', because: 'the kill switch cannot be read', attention: true },
        decision.plan,
      );
    if (this.#lost) return undefined;
    // Known only now: the decision was made as if there were a ledger behind it, so it is made again.
    this.#lost = true;
    this.#history = 'lost';
    return 'again';
  }

  #killed(decision: Act, on: KillSwitch): End {
    const because = `switched off for ${on.scope} by ${on.by} at ${on.at}: ${on.reason}`;
    return this.#end(
      'refused',
      { ...decision, code: 'kill-switch', because, ...(this.#begun ? { attention: true } : {}) },
      decision.plan,
    );
  }

  /**
   * A person's word on exactly this plan; afterwards the facts are read again. Once the approved plan has begun, the word
   * covers what is still to be done for the same intent: a retry or a next stage must not wait for somebody to wake up.
   */
  async #approve(decision: Act): Promise<Step | undefined> {
    const { config } = this.#context;
    const hash = planHash(decision.plan);
    if (this.#approved?.hash === hash || (this.#begun && this.#approved?.intent === decision.intent)) return undefined;
    if (this.#approved !== undefined) {
      return this.#end(
        'refused',
        { ...decision, code: 'drifted', because: 'what was approved is no longer what would be done' },
        decision.plan,
      );
    }
    const expires = `${config.approvalSeconds} s`;
    const ask = async (callbackId: string): Promise<void> => {
      const pending = this.#end(
        'awaiting-approval',
        { ...decision, because: `waits ${expires} for a person: ${decision.because}` },
        decision.plan,
      );
      await publishOutcome(config, this.resultOf(pending), undefined, {
        approval: { callbackId, planHash: hash, expiresInSeconds: config.approvalSeconds },
      });
    };
    const answer = await this.#host.approval(`approve:${this.#turn}`, ask, config.approvalSeconds);
    if (answer === undefined)
      return this.#end(
        'refused',
        { ...decision, code: 'not-approved', because: `nobody approved within ${expires}` },
        decision.plan,
      );
    if (!answer.approve)
      return this.#end(
        'refused',
        { ...decision, code: 'not-approved', because: `${answer.by || 'a person'} said no` },
        decision.plan,
      );
    if (answer.planHash !== hash)
      return this.#end(
        'refused',
        { ...decision, code: 'drifted', because: 'another plan was approved' },
        decision.plan,
      );
    this.#approved = { hash, intent: decision.intent };
    this.#facts = undefined;
    this.#switches = { ...this.#switches, at: new Date(0).toISOString() };
    return 'again';
  }

  /** Takes the lease for this decision, if it is not held already. An `Act`: go on and apply that. */
  async #lock(decision: Act, facts: Seen): Promise<Step | Act> {
    const { limits, ledger, definition } = this.#context;
    const counted = decision.budget === 'counted';
    if (this.#lost || (this.#lease?.intent === decision.intent && (this.#lease.booked || !counted))) return decision;
    const before = this.#history;
    const now = this.#phases.at(-1)?.endedAt ?? this.#seenAt;
    const request: LeaseRequest = {
      resource: this.#target,
      runbook: definition.name,
      owner: `${this.#host.run}|${this.#target}`,
      now,
      until: laterBy(now, LEASE_SECONDS),
      intent: { key: decision.intent, note: decision.note ?? {} },
      ...(counted
        ? {
            budget: {
              lastBefore: laterBy(now, -limits.cooldownSeconds),
              windowFrom: laterBy(now, -limits.windowSeconds),
              max: limits.maxActionsPerWindow,
            },
          }
        : {}),
    };
    const answer = await takeLease(this.#host, ledger, `lease:${this.#turn}`, request);
    this.#note('lease', answer);
    if (!answer.ok) return this.#withoutLedger(decision, answer.fault);
    return answer.value.granted
      ? this.#granted(decision, facts, answer.value, before)
      : this.#denied(decision, answer.value);
  }

  #withoutLedger(decision: Act, fault: Fault): Step {
    this.#lost = true;
    this.#history = 'lost';
    if (this.#context.definition.ledgerLost === 'proceed') return 'again';
    return this.#end(
      'refused',
      { ...decision, code: 'ledger-lost', because: `the ledger does not answer (${fault.name})`, attention: true },
      decision.plan,
    );
  }

  #granted(
    decision: Act,
    facts: Seen,
    answer: Extract<LeaseAnswer, { granted: true }>,
    before: HistoryReading,
  ): Step | Act {
    const first = this.#lease === undefined;
    this.#history = answer.history;
    this.#lease = { held: answer.lease, intent: decision.intent, booked: decision.budget === 'counted' };
    this.#resumed ||= answer.resumed;
    if (!first) return decision;
    const repeat = this.#refuseRepeat();
    if (repeat !== undefined) return repeat;
    const previous = answer.history.actions[decision.budget === 'counted' && !answer.resumed ? 1 : 0] ?? '';
    const overtaken =
      previous > this.#seenAt || (typeof before === 'object' && answer.history.epoch > before.epoch + 1);
    if (overtaken) {
      this.#facts = undefined;
      return 'again';
    }
    // What the history adds may change the judgement; the same facts are judged again, and the lease is there already.
    const second = this.#judge(facts);
    return second.kind === 'act' &&
      second.intent === decision.intent &&
      planHash(second.plan) === planHash(decision.plan)
      ? second
      : 'again';
  }

  /** This very run acted before and ended in a failure for a person: the event is delivered again, the action is not. */
  #refuseRepeat(): End | undefined {
    if (this.#begun || typeof this.#history !== 'object' || this.#history.memory[ENDED_KEY] !== this.#host.run)
      return undefined;
    return {
      ...this.#failed({
        class: 'terminal',
        name: 'AlreadyFailed',
        message: 'this run has acted and failed already; its record says how',
      }),
      repeat: true,
    };
  }

  async #denied(decision: Act, answer: Extract<LeaseAnswer, { granted: false }>): Promise<Step> {
    if (answer.why !== 'leased') {
      return this.#end(
        'refused',
        { ...decision, code: answer.why, because: `${decision.because}; but ${answer.detail}`, attention: true },
        decision.plan,
      );
    }
    // Counted by themselves: waiting for another run's lease is no failure of what comes after it.
    this.#contended += 1;
    this.#facts = undefined;
    const again = this.#contended < this.#context.limits.maxLooks && (await this.#pause(this.#contended));
    return again
      ? 'again'
      : this.#end('refused', { ...decision, code: 'leased', because: answer.detail }, decision.plan);
  }

  async #carryOut(decision: Act): Promise<Step> {
    const { definition, ledger, request } = this.#context;
    const guards = { switches: this.#switches, lease: this.#lease?.held };
    const applied = await applyPlan(
      { definition, host: this.#host, ledger, io: (signal) => this.#io(signal), turn: this.#turn },
      decision.plan,
      guards,
    );
    for (const { name, attempt: made } of applied.steps) this.#note(name, made);
    Object.assign(this.#notes, applied.tolerated);
    this.#switches = applied.guards.switches;
    if (this.#lease !== undefined && applied.guards.lease !== undefined)
      this.#lease = { ...this.#lease, held: applied.guards.lease };
    this.#sent.push(...applied.sent);
    this.#begun ||= applied.begun;
    if (applied.begun) this.#applied.push(decision);
    if (applied.begun || decision.plan.length === 0) this.#announce(decision);
    if (applied.stopped?.by === 'kill-switch') return this.#killed(decision, applied.stopped.on);
    if (applied.stopped !== undefined) {
      if (applied.stopped.fault.name === 'LeaseLost') this.#lease = undefined;
      return this.#again(applied.stopped.fault, decision.evidence);
    }
    this.#facts = undefined;
    if (decision.plan.length > 0) {
      const verified = await this.#attempt(`verify:${this.#turn}`, (io) =>
        definition.verify(this.#target, decision.plan, request, io),
      );
      if (!verified.ok) return this.#again(verified.fault, decision.evidence);
      if (!verified.value.ok) return await this.#unverified(decision, verified.value.why);
    }
    this.#done = decision;
    if (this.#setback !== undefined) return this.#setbackEnd({ ...decision, code: 'went-back' });
    return decision.more === true ? 'again' : this.#end('done', decision);
  }

  /** From the first request on, what was announced may be true: the next look must know. */
  #announce(decision: Act): void {
    if (typeof this.#history !== 'object' || this.#lease === undefined) return;
    this.#history = {
      ...this.#history,
      pending: { intent: decision.intent, at: this.#seenAt, note: decision.note ?? {} },
    };
  }

  /** Back at most once: a second failed verification is for a person. */
  async #unverified(decision: Act, why: string): Promise<Step> {
    if (this.#setback !== undefined)
      return this.#failed(
        { class: 'terminal', name: 'VerificationFailed', message: `${this.#setback.why}; going back: ${why}` },
        decision.evidence,
      );
    this.#setback = { plan: decision.plan, why };
    const { ledger, definition } = this.#context;
    // Before going back: should this run die on the way, Lambda's repeat of it must not make the same move again.
    await attempt(this.#host, `setback:${this.#turn}`, () =>
      ledger.remember(this.#target, definition.name, { [ENDED_KEY]: this.#host.run }),
    );
    return 'again';
  }

  /** Looks again after a failure, never sends the same request again by itself. */
  async #again(fault: Fault, evidence: Evidence = {}): Promise<Step> {
    this.#looks += 1;
    this.#facts = undefined;
    if (fault.class === 'terminal' || this.#looks >= this.#context.limits.maxLooks)
      return this.#failed(fault, evidence);
    return (await this.#pause(this.#looks)) ? 'again' : this.#failed(fault, evidence);
  }

  /** Backs off before look number `count`; false when a plain run has no time left for another. */
  async #pause(count: number): Promise<boolean> {
    const jitter = Number.parseInt(tokenOf(this.#host.run, this.#target, String(count)).slice(0, 4), 16) / 0xffff;
    const seconds = BACKOFF_SECONDS * 2 ** (count - 1) * (0.5 + jitter / 2);
    if (this.#host.kind === 'plain' && this.#host.remainingMs() < seconds * 1_000 + LEASE_SECONDS * 1_000) return false;
    await this.#host.wait(`backoff:${this.#turn}`, seconds);
    return true;
  }

  #failed(fault: Fault, evidence: Evidence = {}): End {
    const judgement = { code: codeOf(fault), because: fault.message, evidence, attention: true as const };
    return { ...this.#end('failed', judgement), fault };
  }

  #end(
    outcome: Outcome,
    decision: Partial<Decision> & Pick<Decision, 'code' | 'because' | 'evidence'>,
    plan: readonly PlannedCall[] = this.#sent,
  ): End {
    const evidence =
      Object.keys(this.#notes).length === 0 ? decision.evidence : { ...decision.evidence, notes: { ...this.#notes } };
    return {
      outcome,
      code: decision.code,
      because: decision.because,
      evidence,
      plan: this.#sent.length > 0 ? [...this.#sent] : plan,
      phases: [...this.#phases],
      attention:
        [decision, ...this.#applied].some(({ attention }) => attention === true) ||
        (this.#lost && outcome !== 'nothing'),
      remember: decision.remember ?? {},
      metrics: decision.metrics ?? {},
      history: this.#history,
      ...(this.#lease === undefined ? {} : { lease: this.#lease.held }),
      // Begun, here or by a run before, and not known to have ended well: the next run must find what was announced.
      intent: (this.#begun || this.#resumed) && outcome !== 'done' && outcome !== 'nothing' ? 'keep' : 'settle',
      refund: !this.#begun,
      ledgerLost: this.#lost,
    };
  }

  /** The result as it is reported. */
  resultOf(end: End): RunResult {
    const { outcome, code, because, evidence, plan, phases } = end;
    return {
      runbook: this.#context.definition.name,
      run: this.#host.run,
      target: this.#target,
      outcome,
      reason: `${code}: ${because}`,
      evidence,
      plan,
      phases,
    };
  }

  #io(signal: AbortSignal): Io {
    const { run, account, region } = this.#host;
    const io = makeIo({ run, account, region, signal, target: this.#target });
    const sleep = async (milliseconds: number): Promise<void> => {
      await this.#holdWhile(milliseconds);
      return io.sleep(milliseconds);
    };
    return { ...io, sleep };
  }

  /** A runbook that is patient inside a step (verifying takes up to a minute) must not find its lease taken behind its back. */
  async #holdWhile(milliseconds: number): Promise<void> {
    if (this.#lease === undefined) return;
    const kept = await keepLease(this.#context.ledger, this.#lease.held, milliseconds / 1_000).catch(
      () => this.#lease?.held,
    );
    this.#lease = kept === undefined ? undefined : { ...this.#lease, held: kept };
  }

  async #attempt<T>(name: string, effect: (io: Io) => Promise<T>): Promise<Attempt<T>> {
    const made = await attempt(this.#host, name, (signal) => effect(this.#io(signal)));
    this.#note(name.split(':')[0] ?? name, made);
    return made;
  }

  #note(name: string, { startedAt, endedAt }: Attempt<unknown>): void {
    this.#phases.push({ name, startedAt, endedAt });
  }
}
