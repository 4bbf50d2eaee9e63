/** How hosts stand in other target groups than that of their fleet. */

import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Host } from '../decide.ts';
import { nameOf, readHealth } from './target-groups.ts';

/** How a host stands there. */
type Standing = Pick<Host, 'lastIn' | 'untoldIn' | 'drainsIn'>;

/** What is so in other target groups. */
export interface Elsewhere {
  readonly of: (host: string) => Standing;
  /** Those that do not exist any more: their ARNs. */
  readonly gone: ReadonlySet<string>;
}

/** Who is in a state at one port at least. */
function idsThat(health: readonly TargetHealthDescription[], state: string): ReadonlySet<string> {
  const found = health.filter(({ TargetHealth: said }) => said?.State === state);
  return new Set(found.flatMap(({ Target: target }) => target?.Id ?? []));
}

/** A target group, and who is what in it; `undefined`: nobody says it. */
interface Told {
  readonly name: string;
  readonly healthy: ReadonlySet<string>;
  readonly draining: ReadonlySet<string>;
  /** Their own health is not told. */
  readonly unavailable: ReadonlySet<string>;
}

function toldOf(name: string, health: readonly TargetHealthDescription[]): Told {
  return {
    name,
    healthy: idsThat(health, 'healthy'),
    draining: idsThat(health, 'draining'),
    unavailable: idsThat(health, 'unavailable'),
  };
}

function standingOf(host: string, all: readonly Told[], untold: readonly string[]): Standing {
  const namesOf = (holds: (one: Told) => boolean): readonly string[] => all.filter(holds).map(({ name }) => name);
  const isElseHealthy = ({ healthy }: Told): boolean => [...healthy].some((id) => id !== host);
  return {
    lastIn: namesOf((one) => one.healthy.has(host) && !isElseHealthy(one)),
    untoldIn: [
      ...untold,
      ...namesOf((one) => one.unavailable.has(host) && !one.healthy.has(host) && !isElseHealthy(one)),
    ],
    drainsIn: namesOf(({ draining }) => draining.has(host)),
  };
}

/**
 * Reads how hosts stand in these. Where nobody says how the targets of one are, any host may be the last healthy one there; where it does
 * not exist any more, none is.
 */
export async function readElsewhere(arns: readonly string[], io: Io): Promise<Elsewhere> {
  // Traffic sources of other kinds are none of Elastic Load Balancing's.
  const others = [...new Set(arns)].filter(
    (arn) => arn.includes(':targetgroup/') && arn.includes(':elasticloadbalancing:'),
  );
  const read = await Promise.all(others.map(async (arn) => ({ arn, health: await readHealth(arn, io) })));
  const told: Told[] = [];
  const untold: string[] = [];
  const gone = new Set<string>();
  for (const { arn, health } of read)
    if (!('unavailable' in health)) told.push(toldOf(nameOf(arn), health));
    else if (health.isGone) gone.add(arn);
    else untold.push(nameOf(arn));
  return { of: (host) => standingOf(host, told, untold), gone };
}
