/** What a runbook's own code may use besides its clients. */

import { surroundings } from '../../aws/clients.ts';
import type { Io } from '../definition.ts';
import { keepLease } from '../ledger/access.ts';
import { tokenOf } from '../plan.ts';
import type { TargetRun } from './context.ts';
import type { HeldLease } from './state.ts';

/** Makes the `Io` of one effect. `target` makes its tokens differ from another target's. */
export function makeIo(parts: Pick<Io, 'run' | 'account' | 'region' | 'signal'> & { readonly target: string }): Io {
  const { target, ...rest } = parts;
  return {
    ...rest,
    probe: surroundings().probe,
    now: () => new Date().toISOString(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    token: (purpose) => tokenOf(parts.run, target, purpose),
  };
}

/** The `Io` of an effect that may be patient, and the lease as the effect has left it. */
export interface PatientIo {
  readonly io: (signal: AbortSignal) => Io;
  /** To be asked when the effect has ended: `undefined` when the lease was lost on the way, or was never there. */
  readonly lease: () => HeldLease | undefined;
}

/**
 * Makes the `Io` of an effect that may sleep. A runbook that is patient inside a step (verifying takes up to a minute) must not
 * find its lease taken behind its back, so the lease is kept while it sleeps.
 */
export function patientIo(
  { host, ledger, target }: Pick<TargetRun<object>, 'host' | 'ledger' | 'target'>,
  lease: HeldLease | undefined,
): PatientIo {
  const { run, account, region } = host;
  let kept = lease;
  const keepFor = async (milliseconds: number): Promise<void> => {
    if (kept === undefined) return;
    const { held } = kept;
    // A ledger that does not answer now has not taken the lease away.
    const renewed = await keepLease(ledger, held, milliseconds / 1_000).catch(() => held);
    kept = lease === undefined || renewed === undefined ? undefined : { ...lease, held: renewed };
  };
  return {
    io: (signal) => {
      const io = makeIo({ run, account, region, signal, target });
      return {
        ...io,
        sleep: async (milliseconds) => {
          await keepFor(milliseconds);
          return io.sleep(milliseconds);
        },
      };
    },
    lease: () => kept,
  };
}
