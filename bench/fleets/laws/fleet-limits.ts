/** The limits of `scale-hpc-fleet` as its `handler.ts` has them; a test holds the two together, for the handler brings the SDK along. */

import type { FleetLimits } from '../../../functions/scale-hpc-fleet/decide.ts';

export const FLEET_LIMITS: FleetLimits = {
  maxAgeSeconds: 300,
  maxTargets: 50,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 300,
  maxLooks: 10,
  maxWaitSeconds: 600,
  maxCalls: 60,
  maxGangs: 200,
  maxFactsBytes: 240_000,
  maxGangsAtOnce: 10,
  countLagSeconds: 60,
  unseenSeconds: 300,
  orphanSeconds: 600,
  keptSeconds: 600,
  maxBootSeconds: 1_800,
  bootSeconds: 300,
  backOffSeconds: 55,
  maxBackOffSeconds: 955,
  maxFailures: 2,
  stageBackOffSeconds: 55,
  stageAgainSeconds: 3_600,
  maxStageAgainSeconds: 28_800,
  longStageSeconds: 14_400,
  untakenSeconds: 900,
  longBusySeconds: 3_600,
  drySeconds: 1_800,
};
