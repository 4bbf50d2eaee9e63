/** What a runbook's own code may use besides its clients. */

import { surroundings } from '../../aws/clients.ts';
import type { Io } from '../definition.ts';
import { tokenOf } from '../plan.ts';

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
