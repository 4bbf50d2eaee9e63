/**
 * `scale-hpc-fleet` itself: the `decide` that is deployed, over facts made from the model, each minute. What the kernel does around it is done
 * here in short: a plan is carried out call by call, what EC2 refuses comes back to `decide` in the same run, what is to be remembered is,
 * a claim is held until the run ends, and launching runs are counted. A look and its plan are some seconds apart, in which jobs begin.
 */

import {
  decide,
  LAUNCH,
  TERMINATE,
  type FleetLimits,
  type Settings,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Act, Decision, History, JsonObject, PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { DATA_WRITE } from '../../../shared/kernel/ledger/planned-write.ts';
import type { Law, Model, ModelNode } from '../model.ts';
import { every } from './every.ts';
import { factsOf, instanceId, templateOf, timeOf } from './fleet-facts.ts';
import { FleetLedger } from './fleet-ledger.ts';
import { FLEET_LIMITS } from './fleet-limits.ts';

const LOOK_SECONDS = 60;
/** From a look to the calls of its plan. Assumed. */
const ACTS_AFTER_SECONDS = 2;
/** Of the runbook's page: eight requests and three queries of the ledger. */
const CALLS_A_LOOK = 11;
/** Lease and release of a run that acts. */
const CALLS_A_LEASE = 2;
/** More turns a run has no operations for. */
const MOST_TURNS = 60;
/** No fleet is at its maximum here: capacity is what is scarce. */
const MAX_NODES = 1_000;

/** As fleets are set. */
interface FleetOptions {
  readonly limits: FleetLimits;
  readonly idleSeconds: Settings['idleSeconds'];
}

/** What a fleet has from run to run. */
interface Fleet {
  readonly size: number;
  history: History;
  isRunning: boolean;
}

/** A run. */
interface Run {
  readonly id: string;
  readonly fleet: Fleet;
  readonly refusals: Refusal[];
  readonly claims: Set<string>;
  turns: number;
  askedInRun: number;
  isBooked: boolean;
  hasLease: boolean;
}

function textOf(input: JsonObject, member: string): string {
  const value = input[member];
  if (typeof value !== 'string') throw new Error(`a planned call without ${member}`);
  return value;
}

function numberOf(input: JsonObject, member: string): number {
  const value = input[member];
  if (typeof value !== 'number') throw new Error(`a planned call without ${member}`);
  return value;
}

/** The zone that a launch names by its placement group. */
function zoneOf({ Placement }: JsonObject): string {
  const group =
    typeof Placement === 'object' && Placement !== null && 'GroupName' in Placement ? Placement['GroupName'] : '';
  return typeof group === 'string' ? group.replace('group-', '') : '';
}

/** All fleets of an account over a model. */
class Fleets {
  readonly #model: Model;
  readonly #limits: FleetLimits;
  readonly #idleSeconds: Settings['idleSeconds'];
  readonly #ledger = new FleetLedger();
  readonly #gangs = new Map<string, readonly ModelNode[]>();
  readonly #nodes = new Map<string, ModelNode>();
  /** By the claim the fleet that has it. */
  readonly #claims = new Map<string, number>();

  constructor(model: Model, { limits, idleSeconds }: FleetOptions) {
    this.#model = model;
    this.#limits = limits;
    this.#idleSeconds = idleSeconds;
  }

  /** A tick: a fleet that is at it still is left alone. */
  tick(fleet: Fleet): void {
    if (fleet.isRunning) return;
    fleet.isRunning = true;
    const id = `run-${this.#model.now}`;
    this.#look({
      id,
      fleet,
      refusals: [],
      claims: new Set(),
      turns: 0,
      askedInRun: 0,
      isBooked: false,
      hasLease: false,
    });
  }

  #look(run: Run): void {
    const { fleet, refusals, id, askedInRun } = run;
    const model = this.#model;
    const kept = this.#ledger.read(templateOf(fleet.size));
    const state = {
      run: id,
      size: fleet.size,
      maxNodes: MAX_NODES,
      idleSeconds: this.#idleSeconds,
      kept,
      history: fleet.history,
      refusals,
      askedInRun,
    };
    const { facts, asked } = factsOf(model, this.#gangs, state);
    model.calls.all += CALLS_A_LOOK + asked;
    const decision = decide(facts, this.#limits, timeOf(model.now));
    if (decision.kind === 'refuse' || decision.kind === 'wait')
      throw new Error(`${decision.code}: ${decision.because}`);
    this.#remember(fleet, decision);
    run.turns += 1;
    if (decision.kind === 'nothing' || run.turns > MOST_TURNS || !this.#books(run, decision)) return this.#over(run);
    if (!this.#claim(run, decision)) return this.#look(run);
    model.events.at(model.now + ACTS_AFTER_SECONDS, () => {
      this.#apply(run, decision);
      this.#look(run);
    });
  }

  #remember(fleet: Fleet, { remember = {} }: Decision): void {
    const memory = Object.entries({ ...fleet.history.memory, ...remember }).flatMap(([key, value]) =>
      value === null ? [] : [[key, value] as const],
    );
    fleet.history = { ...fleet.history, memory: Object.fromEntries(memory) };
  }

  /** A run is booked once, and only so many in a window are. */
  #books(run: Run, { budget }: Act): boolean {
    if (!run.hasLease) this.#model.calls.all += CALLS_A_LEASE;
    run.hasLease = true;
    if (budget === 'free' || run.isBooked) return true;
    const { maxActionsPerWindow, windowSeconds } = this.#limits;
    const { history } = run.fleet;
    const now = this.#model.now;
    const recent = history.actions.filter((at) => at > timeOf(now - windowSeconds));
    if (recent.length >= maxActionsPerWindow) return false;
    run.isBooked = true;
    run.fleet.history = { ...history, actions: [timeOf(now), ...history.actions].slice(0, maxActionsPerWindow) };
    return true;
  }

  /** `false`: another fleet has it, and the run decides once more. */
  #claim(run: Run, { claims = [] }: Act): boolean {
    const taken = claims.find((claim) => (this.#claims.get(claim) ?? run.fleet.size) !== run.fleet.size);
    if (taken !== undefined) {
      const [input, at] = [{ claim: taken }, timeOf(this.#model.now)];
      const message = 'another fleet has it';
      run.refusals.push({ call: 'ledger:claim', input, meaning: 'refused', name: 'Claimed', message, at });
      return false;
    }
    for (const claim of claims) {
      run.claims.add(claim);
      this.#claims.set(claim, run.fleet.size);
    }
    return true;
  }

  #over({ fleet, claims }: Run): void {
    for (const claim of claims) this.#claims.delete(claim);
    fleet.isRunning = false;
  }

  /** Call by call; the first that AWS does not carry out ends the plan. */
  #apply(run: Run, { plan }: Act): void {
    for (const planned of plan) {
      const refusal = this.#send(run, planned);
      if (refusal === undefined) continue;
      run.refusals.push({ ...planned, ...refusal, message: refusal.name, at: timeOf(this.#model.now) });
      return;
    }
  }

  #send(run: Run, { call, input }: PlannedCall): Pick<Refusal, 'meaning' | 'name'> | undefined {
    if (call === LAUNCH) return this.#launch(run, input);
    if (call === TERMINATE) return this.#terminate(input);
    if (call !== DATA_WRITE) throw new Error(`the model knows no ${call}`);
    this.#model.calls.all += 1;
    return this.#ledger.write(input) ? undefined : { meaning: 'conflict', name: 'ConditionalCheckFailedException' };
  }

  #launch(run: Run, input: JsonObject): Pick<Refusal, 'meaning' | 'name'> | undefined {
    const [token, least, most] = [
      textOf(input, 'ClientToken'),
      numberOf(input, 'MinCount'),
      numberOf(input, 'MaxCount'),
    ];
    run.askedInRun += 1;
    const place = this.#model.place(token, zoneOf(input), run.fleet.size);
    const nodes = this.#model.launch(place, { least, most });
    if (nodes.length === 0) return { meaning: 'capacity', name: 'InsufficientInstanceCapacity' };
    this.#gangs.set(token, nodes);
    for (const node of nodes) this.#nodes.set(instanceId(node), node);
    return undefined;
  }

  /** All or none: one that is protected saves all. */
  #terminate({ InstanceIds }: JsonObject): Pick<Refusal, 'meaning' | 'name'> | undefined {
    const ids: readonly unknown[] = Array.isArray(InstanceIds) ? InstanceIds : [];
    const nodes = ids.flatMap((id) => (typeof id === 'string' ? (this.#nodes.get(id) ?? []) : []));
    const isProtected = nodes.some(({ job, place }) => job !== null && place.size === nodes.length);
    if (isProtected) {
      this.#model.calls.all += 1;
      return { meaning: 'refused', name: 'OperationNotPermitted' };
    }
    this.#model.end(nodes);
    return undefined;
  }
}

/** The law; other than as deployed is for looking what that would do. */
export function scaleHpcFleet({ limits = FLEET_LIMITS, idleSeconds = 'auto' }: Partial<FleetOptions> = {}): Law {
  return {
    name: 'scale-hpc-fleet',
    begin: (model) => {
      const fleets = new Fleets(model, { limits, idleSeconds });
      for (const size of model.queues.keys()) {
        const fleet: Fleet = { size, history: { epoch: 1, actions: [], memory: {} }, isRunning: false };
        every(model, LOOK_SECONDS, () => fleets.tick(fleet));
      }
    },
  };
}
