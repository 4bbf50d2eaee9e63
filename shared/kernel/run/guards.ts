/** What guards each call of a plan: before it leaves, the kill switch is off and the lease ours. */

import { classify, type Fault } from '../errors.ts';
import { isFresh, keepLease, rereadSwitch, type SwitchReading } from '../ledger/access.ts';
import type { KillSwitch, Lease, Ledger } from '../ledger/ledger.ts';
import type { BoundRunbook } from './context.ts';

/** What guards the calls of a plan; as it stands after the last of them. */
export interface Guards {
  readonly switches: SwitchReading;
  /** `undefined`: a runbook that proceeds without its ledger holds none. */
  readonly lease: Lease | undefined;
}

/** What the guards said before a call. JSON, since the step of the call keeps it. */
export interface Checked {
  readonly guards: { readonly switches: SwitchReading; readonly lease: Lease | null };
  readonly killed: KillSwitch | null;
  readonly leaseLost: boolean;
  /** Why the guards could not be asked: nothing was sent. */
  readonly unguarded: Fault | null;
}

type Guarded = Pick<BoundRunbook<object>, 'name' | 'ledgerLost'>;

/** Checks the guards inside the step of the call. A ledger that does not answer stops a runbook that refuses without it. */
export async function checkGuards(ledger: Ledger, runbook: Guarded, run: string, guards: Guards): Promise<Checked> {
  try {
    return await askGuards(ledger, runbook, run, guards);
  } catch (error) {
    return {
      guards: { switches: guards.switches, lease: guards.lease ?? null },
      killed: null,
      leaseLost: false,
      unguarded: classify(error),
    };
  }
}

/** The call may leave. */
export function letsPass({ killed, leaseLost, unguarded }: Checked): boolean {
  return killed === null && !leaseLost && unguarded === null;
}

async function askGuards(ledger: Ledger, { name, ledgerLost }: Guarded, run: string, guards: Guards): Promise<Checked> {
  const tolerate = async <T>(read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (ledgerLost === 'proceed') return otherwise;
      throw error;
    }
  };
  const { lease } = guards;
  // A ledger that is lost is asked again as seldom as one that answers: each question costs its time-out.
  const unanswered = { ...guards.switches, lost: true, at: new Date().toISOString() };
  const switches = isFresh(guards.switches)
    ? guards.switches
    : await tolerate(() => rereadSwitch(ledger, name, run), unanswered);
  const kept = lease === undefined ? undefined : await tolerate(() => keepLease(ledger, lease), lease);
  return {
    guards: { switches, lease: kept ?? null },
    killed: switches.on ?? null,
    leaseLost: lease !== undefined && kept === undefined,
    unguarded: null,
  };
}
