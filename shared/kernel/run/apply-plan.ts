/** Carries out a plan, one step per call; before each call the kill switch is off and the lease ours. */

import type { Json, JsonObject, PlannedCall } from '../decision.ts';
import type { Io, Limits, RunbookDefinition } from '../definition.ts';
import { classify, TerminalError, type Fault } from '../errors.ts';
import { attempt, type Attempt, type Host } from '../hosts/host.ts';
import type { KillSwitch, Lease, Ledger } from '../ledger/ledger.ts';
import { keepLease, rereadSwitch, SWITCH_READING_SECONDS, type SwitchReading } from '../ledger/access.ts';
import { resolveInput } from '../plan.ts';

/** What guards the calls of a plan; as it stands after the last of them. */
export interface Guards {
  readonly switches: SwitchReading;
  /** `undefined`: a runbook that proceeds without its ledger holds none. */
  readonly lease: Lease | undefined;
}

/** How far a plan got. */
export interface Applied {
  /** Calls that were sent and succeeded, in order. */
  readonly sent: readonly PlannedCall[];
  /** At least one request left: the announced intent may have had its effect. */
  readonly begun: boolean;
  readonly guards: Guards;
  readonly steps: readonly { readonly name: string; readonly attempt: Attempt<unknown> }[];
  /** Why it stopped before the end. */
  readonly stopped?:
    | { readonly by: 'kill-switch'; readonly on: KillSwitch }
    | { readonly by: 'fault'; readonly fault: Fault };
  /** Failures of optional calls, by call. */
  readonly tolerated: { readonly [call: string]: string };
}

/** What one call's step keeps. */
interface CallStep {
  readonly guards: { readonly switches: SwitchReading; readonly lease: Lease | null };
  readonly killed: KillSwitch | null;
  readonly leaseLost: boolean;
  /** Why the guards could not be asked: nothing was sent. */
  readonly unguarded: Fault | null;
  readonly result: Json;
}

/** The parts of a run that applying needs. */
export interface ApplyContext<Request extends JsonObject, Seen extends object, L extends Limits> {
  readonly definition: RunbookDefinition<Request, Seen, L>;
  readonly host: Host;
  readonly ledger: Ledger;
  readonly io: (signal: AbortSignal) => Io;
  /** Distinguishes this plan's steps from an earlier plan's of the same run. */
  readonly turn: number;
}

function isOld(reading: SwitchReading): boolean {
  return Date.now() - Date.parse(reading.at) > SWITCH_READING_SECONDS * 1_000;
}

type Checked = Omit<CallStep, 'result'>;

/** Checks the guards inside the step of the call. A ledger that does not answer stops a runbook that refuses without it. */
async function checkGuards(ledger: Ledger, runbook: string, proceeds: boolean, guards: Guards): Promise<Checked> {
  try {
    return await askGuards(ledger, runbook, proceeds, guards);
  } catch (error) {
    return {
      guards: { switches: guards.switches, lease: guards.lease ?? null },
      killed: null,
      leaseLost: false,
      unguarded: classify(error),
    };
  }
}

async function askGuards(ledger: Ledger, runbook: string, proceeds: boolean, guards: Guards): Promise<Checked> {
  const tolerate = async <T>(read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (proceeds) return otherwise;
      throw error;
    }
  };
  const switches = isOld(guards.switches)
    ? await tolerate(() => rereadSwitch(ledger, runbook), guards.switches)
    : guards.switches;
  const { lease } = guards;
  const kept = lease === undefined ? undefined : await tolerate(() => keepLease(ledger, lease), lease);
  return {
    guards: { switches, lease: kept ?? null },
    killed: switches.on ?? null,
    leaseLost: lease !== undefined && kept === undefined,
    unguarded: null,
  };
}

/** Applies `plan` from its first call. Never throws for an AWS failure. */
export async function applyPlan<Request extends JsonObject, Seen extends object, L extends Limits>(
  context: ApplyContext<Request, Seen, L>,
  plan: readonly PlannedCall[],
  initial: Guards,
): Promise<Applied> {
  const { definition, host, ledger } = context;
  const proceeds = definition.ledgerLost === 'proceed';
  const results: Json[] = [];
  const sent: PlannedCall[] = [];
  const steps: { readonly name: string; readonly attempt: Attempt<unknown> }[] = [];
  const tolerated: { [call: string]: string } = {};
  let guards = initial;
  let begun = false;
  const stop = (stopped: NonNullable<Applied['stopped']>): Applied => ({
    sent,
    begun,
    guards,
    steps,
    tolerated,
    stopped,
  });
  for (const [index, planned] of plan.entries()) {
    const send = definition.apply[planned.call];
    if (send === undefined)
      return stop({
        by: 'fault',
        fault: { class: 'terminal', name: 'UnknownCall', message: `the runbook cannot send ${planned.call}` },
      });
    const step = await attempt<CallStep>(host, `apply:${context.turn}:${index}:${planned.call}`, async (signal) => {
      const checked = await checkGuards(ledger, definition.name, proceeds, guards);
      if (checked.killed !== null || checked.leaseLost || checked.unguarded !== null)
        return { ...checked, result: null };
      return { ...checked, result: (await send(resolveInput(planned.input, results), context.io(signal))) ?? null };
    });
    steps.push({ name: planned.call, attempt: step });
    if (!step.ok) {
      begun = true;
      if (planned.optional !== true || step.fault.class === 'retryable')
        return stop({ by: 'fault', fault: step.fault });
      tolerated[planned.call] = `${step.fault.name}: ${step.fault.message}`;
      results.push(null);
      continue;
    }
    const { killed, leaseLost, unguarded, result } = step.value;
    if (unguarded !== null) return stop({ by: 'fault', fault: unguarded });
    guards = {
      switches: { ...step.value.guards.switches, on: step.value.guards.switches.on },
      lease: step.value.guards.lease ?? undefined,
    };
    if (killed !== null) return stop({ by: 'kill-switch', on: killed });
    if (leaseLost)
      return stop({
        by: 'fault',
        fault: { class: 'retryable', name: 'LeaseLost', message: 'another run took the lease' },
      });
    begun = true;
    sent.push(planned);
    results.push(result);
  }
  return { sent, begun, guards, steps, tolerated };
}

/** Thrown for a definition that cannot work; found when the module is loaded, not at 3 a.m. */
export function assertDefinition(definition: {
  readonly name: string;
  readonly limits: Limits;
  readonly timeoutSeconds: number;
}): void {
  if (!/^[a-z]+(?:-[a-z]+)+$/u.test(definition.name))
    throw new TerminalError(`runbook ${definition.name}: the name must be verb-object in kebab case`);
  if (definition.timeoutSeconds < 1 || definition.timeoutSeconds > 900)
    throw new TerminalError(`runbook ${definition.name}: timeoutSeconds must be 1 to 900, Lambda's limit`);
}
