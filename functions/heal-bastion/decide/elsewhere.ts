/** Whether a host is needed in other target groups. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import type { HostVerdict } from './host-verdict.ts';
import type { View } from './view.ts';

/** It is the last healthy one somewhere else. */
export function lastElsewhere({ host: { lastIn } }: HostVerdict): string | undefined {
  return lastIn.length === 0 ? undefined : `is the last healthy host of ${lastIn.join(', ')}`;
}

/** It may be. */
export function untoldElsewhere({ host: { untoldIn } }: HostVerdict): string | undefined {
  return untoldIn.length === 0
    ? undefined
    : `may be the last healthy host of ${untoldIn.join(', ')}, whose health nobody tells`;
}

/** Nobody is taken from those who have nobody else, nor where that is not known. */
export function neededElsewhere({ evidence }: View, verdict: HostVerdict, why: string): Decision | undefined {
  const { id } = verdict.host;
  const last = lastElsewhere(verdict);
  if (last !== undefined) return refuse(evidence, 'last-healthy', `${id} ${why}, and ${last}`);
  const untold = untoldElsewhere(verdict);
  return untold === undefined ? undefined : refuse(evidence, 'unknown-elsewhere', `${id} ${why}, and ${untold}`);
}
