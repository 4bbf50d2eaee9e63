/** What a run has from its beginning to its end. Nothing here changes on the way: what changes is the state (`state.ts`). */

import type { Config } from '../config.ts';
import type { Decision, JsonObject, KernelFacts, PlannedCall, WorkDone } from '../decision.ts';
import type { Doing, Io, Limits, Located, RunbookDefinition, Verification } from '../definition.ts';
import type { Host, HostAdapter } from '../hosts/host.ts';
import type { ModeReading, SwitchReading } from '../ledger/access.ts';
import type { ApprovalKey, Ledger } from '../ledger/ledger.ts';
import type { UndoRequest } from '../report/outcome.ts';
import type { Phase } from '../report/result.ts';
import type { ConditionalWrite } from './conditional-write.ts';
import type { Hindered } from './hindered.ts';
import { tallyOf, type Tally } from './tally.ts';

/** A runbook's functions with the request and the limits of one run settled, so that a run need not carry their types along. */
export interface BoundRunbook<Seen extends object> {
  readonly name: string;
  readonly ledgerLost: 'refuse' | 'proceed';
  readonly timeoutSeconds: number;
  readonly hindered?: Hindered;
  readonly safety?: ConditionalWrite;
  readonly host: HostAdapter;
  readonly observe: (target: string, io: Io, work?: WorkDone) => Promise<Seen>;
  readonly decide: (facts: Seen & KernelFacts, now: string) => Decision;
  readonly apply: { readonly [call: string]: Doing };
  readonly verify: (target: string, plan: readonly PlannedCall[], io: Io) => Promise<Verification>;
  readonly undoRequest?: UndoRequest;
}

/** Binds a definition to one run. */
function bind<Request extends JsonObject, Seen extends object, L extends Limits>(
  definition: RunbookDefinition<Request, Seen, L>,
  request: Request,
  limits: L,
): BoundRunbook<Seen> {
  return {
    ...definition,
    observe: (target, io, work) => definition.observe(target, request, io, work),
    decide: (facts, now) => definition.decide(facts, limits, now),
    verify: (target, plan, io) => definition.verify(target, plan, request, io),
  };
}

/** What the ledger knew when the run began: of a target, and (`announced`) of all. `heldUntil`: another run held its lease. */
export type Known = Pick<KernelFacts, 'history' | 'heldUntil' | 'announced'>;

/** A target, and what is known of it before its run begins. */
export interface Place<Seen extends object> {
  readonly located: Located<Seen>;
  readonly known: Known;
  /** Operations that its run should have. */
  readonly operations: number;
}

/** What all targets of a run share. */
export interface RunContext<Seen extends object> {
  readonly runbook: BoundRunbook<Seen>;
  readonly limits: Limits;
  readonly config: Config;
  readonly ledger: Ledger;
  readonly dryRun: boolean;
  /** A schedule has started it, and will again: it leaves waiting, and what it has told, to the next. */
  readonly isTick: boolean;
  /** A person has started it, and wants to hear what it came to, also where that is nothing. */
  readonly isAsked: boolean;
  /** Whose word on what may be in the ledger, as whoever has started it says. */
  readonly hint?: ApprovalKey | undefined;
  /** What has started it, for its records. */
  readonly trigger: JsonObject;
  readonly tally: Tally;
  /** By whose word it only plans, or acts. */
  readonly mode: ModeReading;
  /** The kill switch as it was read at the door. */
  readonly switches: SwitchReading;
  /** When the run began. */
  readonly begunAt: string;
  /** When the facts that `locate` handed over were read. */
  readonly locatedAt: string;
  /** Phases up to here: every target's timeline begins with them. */
  readonly phases: readonly Phase[];
}

/** The run on one target. */
export interface TargetRun<Seen extends object> extends RunContext<Seen> {
  /** Its own: on the durable host every target is a context with steps of its own. */
  readonly host: Host;
  readonly target: string;
  /** No look at everything finds it any more: nobody else will ever settle what was announced about it. */
  readonly left: boolean | undefined;
  /** What `decide` is told of another run's lease. */
  readonly held: Omit<Known, 'history'>;
}

/** What a run is made of, as far as its targets share it. */
type Parts<Request extends JsonObject, Seen extends object, L extends Limits> = Pick<
  RunContext<Seen>,
  'config' | 'ledger'
> & {
  readonly definition: RunbookDefinition<Request, Seen, L>;
  readonly limits: L;
  readonly startedAt: string;
};

/** What all targets of a run share, once it is known what there is. */
export function contextOf<Request extends JsonObject, Seen extends object, L extends Limits>(
  { definition, limits, config, ledger, startedAt }: Parts<Request, Seen, L>,
  request: Request,
  reading: Pick<
    RunContext<Seen>,
    'mode' | 'isTick' | 'isAsked' | 'hint' | 'trigger' | 'switches' | 'locatedAt' | 'phases'
  >,
): RunContext<Seen> {
  return {
    runbook: bind(definition, request, limits),
    limits,
    config,
    ledger,
    begunAt: startedAt,
    tally: tallyOf(limits.maxTargets),
    dryRun: reading.mode.mode === 'plan',
    ...reading,
  };
}

/** The run on one of the targets. */
export function targetRun<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  { located, known: { history: _begins, ...held } }: Place<Seen>,
): TargetRun<Seen> {
  return { ...context, host, target: located.target, left: located.left, held };
}
