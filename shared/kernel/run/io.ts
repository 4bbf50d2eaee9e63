/** What a runbook's own code may use besides its clients. */

import type { Io } from '../definition.ts';
import type { Aside } from '../hosts/attempt.ts';
import { keepLease } from '../ledger/access.ts';
import type { Lease } from '../ledger/ledger.ts';
import { tokenOf } from '../plan.ts';
import type { TargetRun } from './context.ts';

/** What an `Io` is made of. Without `begunAt` it is of no run that has begun before: now. */
type Parts = Pick<Io, 'run' | 'account' | 'region' | 'signal'> &
  Partial<Pick<Io, 'begunAt'>> & { readonly target: string };

/** Makes the `Io` of one effect. `target` makes its tokens differ from another target's. */
export function makeIo(parts: Parts): Io {
  const { target, begunAt = new Date().toISOString(), ...rest } = parts;
  return {
    ...rest,
    begunAt,
    now: () => new Date().toISOString(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    token: (purpose) => tokenOf(parts.run, target, purpose),
  };
}

/** The `Io` of an effect that may sleep, and what its sleep has come to. */
export interface PatientIo {
  readonly io: (signal: AbortSignal) => Io;
  /** To be asked inside the step, when the effect has ended: what the sleep has done to the lease is in the step's own value. */
  readonly aside: () => Aside;
}

/**
 * Makes the `Io` of an effect that may sleep. A runbook that is patient inside a step (verifying takes up to a minute) must not
 * find its lease taken behind its back, so the lease is kept while it sleeps. For one step only: a replay does not run it again.
 */
export function patientIo(
  {
    host,
    ledger,
    target,
    begunAt,
  }: Pick<TargetRun<object>, 'host' | 'ledger' | 'target'> & Partial<Pick<TargetRun<object>, 'begunAt'>>,
  lease: Lease | undefined,
): PatientIo {
  const { run, account, region } = host;
  let kept = lease;
  let hasSlept = false;
  const keepFor = async (milliseconds: number): Promise<void> => {
    hasSlept = true;
    if (kept === undefined) return;
    const held = kept;
    // A ledger that does not answer now has not taken the lease away.
    kept = await keepLease(ledger, held, milliseconds / 1_000).catch(() => held);
  };
  return {
    io: (signal) => {
      const io = makeIo({ run, account, region, signal, target, ...(begunAt === undefined ? {} : { begunAt }) });
      return {
        ...io,
        sleep: async (milliseconds) => {
          await keepFor(milliseconds);
          return io.sleep(milliseconds);
        },
      };
    },
    aside: () => (hasSlept ? { slept: { leaseUntil: kept?.until ?? null } } : {}),
  };
}
