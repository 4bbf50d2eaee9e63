/** The limits of the small runbooks. */

import type { Limits } from '../../shared/kernel/definition.ts';

export const LIMITS: Limits = {
  maxAgeSeconds: 900,
  maxTargets: 10,
  cooldownSeconds: 60,
  maxActionsPerWindow: 4,
  windowSeconds: 3_600,
  maxLooks: 8,
  maxWaitSeconds: 3_600,
  maxCalls: 5,
};
