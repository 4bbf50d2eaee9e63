/** What people have at stake where AWS would not end a host: that it is not taken out again and again. */

import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { Interest } from '../../worlds/interest.ts';
import { ENDS } from './diary.ts';
import { RUNBOOK } from './scene.ts';

/** The hosts that a request to end would end. */
function hostsOf({ input }: LoggedRequest): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(input['InstanceIds']) ? input['InstanceIds'] : [];
  return [...ids, input['InstanceId']].flatMap((id) => (typeof id === 'string' ? [id] : []));
}

/** No world lasts for six hours. */
const notAgain: Interest = {
  name: 'what-cannot-end-is-left-alone',
  quotes: 'it is not tried again for six hours unless a person asks',
  end: ({ requests }, given) => {
    const { arrivals, surroundings } = given.case;
    // Without the ledger, or where a run died before it could remember, nobody knows.
    const allowed = 1 + surroundings.faults.length + surroundings.switched.length;
    const refused = requests
      .filter(({ runbook, call, error }) => runbook === RUNBOOK && ENDS.has(call) && error === 'OperationNotPermitted')
      .flatMap(hostsOf);
    const asked = (host: string): number => arrivals.filter(({ event }) => JSON.stringify(event).includes(host)).length;
    return [...Map.groupBy(refused, (host) => host)]
      .filter(([host, tries]) => tries.length > allowed + asked(host))
      .map(([host, tries]) => `AWS would not end ${host}, and was asked ${tries.length} times`);
  },
};

/** What people have at stake where AWS would not end a host. */
export const OF_REFUSED_ENDS: readonly Interest[] = [notAgain];
