/** Where requests go: to the Region of the client that sends them. */

import { NotSimulatedError } from './model.ts';
import type { LoggedRequest } from './run-types.ts';
import type { SimulatedWorld } from './world.ts';

/** A request as far as it says where it goes. */
interface Placed {
  readonly call: string;
  /** Its Region, once that is known. Absent: it is none of the world's. */
  readonly region?: () => string | undefined;
}

/** The Region of a request for the log: named only where it is not home. */
export function awayFrom(home: SimulatedWorld, { region }: Placed): Pick<LoggedRequest, 'region'> {
  const there = region?.();
  return there === undefined || there === home.region ? {} : { region: there };
}

/**
 * The account in the Region that a request has reached.
 * @throws NotSimulatedError when the world has no such Region: that nothing is there is for the world file to say
 */
export function destination(home: SimulatedWorld, { call, region }: Placed): SimulatedWorld {
  if (region === undefined) return home;
  const there = region();
  if (there === undefined) throw new NotSimulatedError(`${call} by a client whose Region takes time to find out`);
  const found = home.regions.get(there);
  const isServed = ({ services }: SimulatedWorld): boolean =>
    services.some(({ prefix }) => call.startsWith(`${prefix}:`));
  if (found !== undefined && (found.services === home.services || isServed(found))) return found;
  throw new NotSimulatedError(
    `${call} in ${there}: the world has home alone, ${home.region}, and what its file holds in "regions"; write "regions": { "${there}": {} } into it, and there what the account has in ${there}`,
  );
}
