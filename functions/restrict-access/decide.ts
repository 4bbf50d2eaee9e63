/**
 * What `restrict-access` does about one security group, or about one distribution; and about the account's own addresses at
 * CloudFront, which may never be blocked. Pure.
 *
 * A person shuts it, for a time; what was there before is noted, and comes back. Each kind has its own file in `decide/`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { keepAnycast } from './decide/anycast.ts';
import { decideDistribution } from './decide/distribution.ts';
import type { AnycastFacts, DistributionFacts, GroupFacts, RestrictLimits } from './decide/facts.ts';
import { decideGroup } from './decide/security-group.ts';

export type {
  AllowListReading,
  AnycastFacts,
  Ask,
  Asker,
  Distribution,
  DistributionFacts,
  GroupFacts,
  LockdownNote,
  Noted,
  SecurityGroup,
} from './decide/facts.ts';
export { restriction, restrictionType, isSame, type Restriction } from './decide/countries.ts';
export { geoIn, isStanding, lockdownIn } from './decide/note-reader.ts';
export { isDue, RESTRICTION } from './decide/notes.ts';
export { among, permissionsOf, rulesIn, without, type Rule } from './decide/rules.ts';

/** One of any kind. */
export type Facts = GroupFacts | DistributionFacts | AnycastFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: RestrictLimits, now: string): Decision {
  if (facts.kind === 'anycast-ip-lists') return keepAnycast(facts, now);
  return facts.kind === 'distribution' ? decideDistribution(facts, limits, now) : decideGroup(facts, limits, now);
}
